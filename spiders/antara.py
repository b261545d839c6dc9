"""Antara, the national news agency; provincial and channel hosts share its system and its templates.

Discovery: the feed of foreign news, then the feed and the pages of all that is new; search, and tags in its
place. There is no index by day.
Quirks: text stands between line breaks, seldom in paragraphs; a small paragraph at its end says who wrote,
translated and edited it; addresses hold a number and no date.
"""

import re
from typing import Any

from crawler.discovery.base import ArticleSpider
from crawler.discovery.feed import Feed
from crawler.discovery.pages import NewestPages, Search, TagPages
from crawler.items import Expect
from crawler.pages.article import ArticlePage

SITE = "https://www.antaranews.com"
# The column beside a list has cards of what is popular.
CARDS: dict[str, Any] = {
    "item": ".card__post-list:not(.col-md-4 *, aside *), .main-content article.simple-post",
    "link": ":is(h2, h3, h4, h5, .card__post__title) a",
    "time": ".card__post__author-info .text-secondary, .simple-share span",
}


class AntaraPage(ArticlePage):
    headline_css = (".wrap__article-detail-title h1", "h1.post-title", ".bjbrt h1.title")
    published_css = (".wrap__article-detail-info .list-inline-item", ".article-date", ".bjbrt .date")
    body_css = (".wrap__article-detail-content", "div.post-content", "#content_news")
    drop_css = (".baca-juga, .share-wrapper, .blog-tags, .quote_old", "ins, [class^=ads], [id^=div-gpt-ad]")
    tags_css = (".blog-tags a", ".tags-widget a")
    whole_query = "page=all"
    refuse_paths = (r"^/(?:foto|video|infografik|tag|search|terkini)(?:/|$)",)


class AntaraSpider(ArticleSpider):
    name = "antara"
    allowed_domains = ["antaranews.com"]
    article_pattern = r"https?://(?!en\.|m\.|cdn|img)(?:[a-z0-9-]+\.)?antaranews\.com/berita/\d+/[^/?#]+$"
    page_class = AntaraPage
    expect = Expect(coverage={"published_at": 0.95, "editors": 0.7})
    sample_url = f"{SITE}/berita/1826992/dlh-dki-targetkan-550-tempat-uji-emisi-hingga-akhir-2020"
    discovery = (
        Feed(url=f"{SITE}/rss/dunia.xml", names_all=False),
        Feed(url=f"{SITE}/rss/terkini.xml"),
        NewestPages(template=f"{SITE}/terkini?page={{page}}", **CARDS),
        Search(template=f"{SITE}/search?q={{keyword}}&page={{page}}", **CARDS),
        TagPages(template=f"{SITE}/tag/{{tag}}/{{page}}", **CARDS),
    )

    def article_url(self, url: str) -> str | None:
        desktop = re.sub(r"^https?://m\.antaranews\.com/(?:amp/)?", f"{SITE}/", url)
        return super().article_url(desktop)
