"""Any WordPress site: ``scrapy crawl wordpress -a url=https://example.org``.

Discovery: the REST interface by keyword and date; where a site closes it, the site's search and its feed.
Quirks: themes differ; the page object knows the common ones, and reads others by the generic finder.
"""

from typing import Any
from urllib.parse import urlsplit

from crawler.discovery.base import ArticleSpider
from crawler.discovery.listing import Rung
from crawler.discovery.wordpress import ARTICLE_PATTERN, wordpress_ladder
from crawler.errors import ConfigError
from crawler.pages.wordpress import WordPressPage


class WordPressSpider(ArticleSpider):
    name = "wordpress"
    article_pattern = ARTICLE_PATTERN
    page_class = WordPressPage
    sample_url = "https://wordpress.org/news/2024/07/dorsey/"

    def __init__(self, url: str = "", **kwargs: Any) -> None:  # noqa: ANN401 - whatever else -a names
        super().__init__(**kwargs)
        parts = urlsplit(url or self.sample_url)
        self.site = f"{parts.scheme}://{parts.netloc}" if url else ""
        self.allowed_domains = [(parts.hostname or "").removeprefix("www.")]

    @property
    def outlet(self) -> str:
        return self.allowed_domains[0]

    def rungs(self) -> tuple[Rung, ...]:
        if not self.site:
            raise ConfigError("which site? add -a url=https://example.org")
        return wordpress_ladder(self.site)
