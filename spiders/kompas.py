"""Kompas, national daily: channels on hosts of their own or below www, one template for all.

Discovery: search by weeks, as it shows only so many results; the index of each day; tags. Foreign news is
read whatever its headline.
Quirks: metadata is in UTC, print in WIB; of two names under "Tim Redaksi" the last is the editor's; split
articles are whole under ``?page=all``; AMP pages are other names of the same articles.
"""

import re
from typing import Any

from crawler.discovery.base import ArticleSpider
from crawler.discovery.pages import DatedIndex, Search, TagPages
from crawler.items import Expect
from crawler.pages.article import ArticlePage

ON_WWW = "global|tren|edu|hype|food|sains|properti|stori|skola"  # channels without a host of their own
ARTICLES: dict[str, Any] = {
    "item": ".articleItem, .article__list",
    "link": "a.article-link, a.article__link",
    "headline": ".articleTitle, .article__title",
    "time": ".articlePost-date, .article__date",
}
FOUND = (
    "https://search.kompas.com/search?q={keyword}&sort=latest&start_date={since}&end_date={until}&page={page}"
)


class KompasPage(ArticlePage):
    headline_css = ("h1.read__title", ".kcm-read-top h2", ".baca-content h1")
    published_css = (".read__time", ".kcm-date")
    byline_css = (".credit-title-name h6:not(:last-child)",)
    editors_css = (".credit-title-name h6:last-child:not(:first-child)",)
    byline_order = ("content_author", "credits", "selector", "printed", "element", "signature")
    body_css = (".read__content", ".kcm-read-text", ".content-text .div-read")
    drop_css = (
        "[class^=inject-], [class^=kompasidRec], [class^=ads-], .kgnw-player, .gate-kgplus, .native-wrap",
        "[class*=paging]",
    )
    tags_css = (".tagsCloud-tag a", ".tag__article__wrap a")
    whole_query = "page=all"


class KompasSpider(ArticleSpider):
    name = "kompas"
    allowed_domains = ["kompas.com"]
    article_pattern = r"https?://(?!video|biz|foto|amp)[a-z]+\.kompas\.com/([a-z-]+/)*read/(\d+/){4}[^/?#]+$"
    foreign_pattern = r"kompas\.com/global/read/|//internasional\."
    page_class = KompasPage
    expect = Expect(coverage={"published_at": 0.95, "byline": 0.6})
    sample_url = "https://internasional.kompas.com/read/2018/01/12/12141241/putin-kim-jong-un-menang-ronde-pertama-dari-trump"
    discovery = (
        Search(template=FOUND, most_days=7, **ARTICLES),
        DatedIndex(template="https://indeks.kompas.com/?site=all&date={day}&page={page}", **ARTICLES),
        TagPages(template="https://www.kompas.com/tag/{tag}?page={page}", **ARTICLES),
    )

    def article_url(self, url: str) -> str | None:
        own = re.sub(rf"//amp\.kompas\.com/(?!{ON_WWW})([a-z]+)/read/", r"//\1.kompas.com/read/", url)
        return super().article_url(own.replace("//amp.kompas.com/", "//www.kompas.com/"))
