"""SINDOnews, portal of the MNC group; each channel is a sub-domain on one system.

Discovery: the feed, the dated index of all channels, and keyword search.
Quirks: a body has line breaks in place of paragraphs, and cross links run on in it; nearly every article is
split, its parts are named by an offset (``/5``, ``/10``), and it is whole under ``?showpage=all``, without
linked data; some hosts are other products; ``/newsread/`` is another name of an article.
"""

import re

from crawler.discovery.base import ArticleSpider
from crawler.discovery.feed import Feed
from crawler.discovery.pages import DatedIndex, Search
from crawler.items import Expect
from crawler.pages.article import ArticlePage

INDEX = "https://www.sindonews.com/indeks/0/{offset}?t={day:%Y-%m-%d}"
SEARCH = "https://www.sindonews.com/search/go?q={keyword}&type=artikel&p={page}"
ITEM = ".warp-title-article, .news-search > li, .indeks-rows"
LINK, TIME = ".title-article a, .news-title a, .indeks-title a", ".date-article, .news-date, .indeks-date"


class SindonewsPage(ArticlePage):
    headline_css = ("h1.detail-title", ".detail-title h1", ".article > h1")
    published_css = (".detail-date-artikel", ".article time", "article time")
    byline_css = (".detail-nama-redaksi", ".auth-detail a", ".reporter .author a", ".reporter")
    body_css = (
        *("#detail-desc", ".detail-desc", ".desc-artikel-detail", "#content[itemprop=articleBody]"),
        *("[itemprop=articleBody]", ".article #content", "section.article"),
    )
    drop_css = (
        "[class^=v-], .editor, .reporter, [class^=baca-inline], .box-outlink, .content-show, .social-embed"
    )
    whole_query = "showpage=all"


class SindonewsSpider(ArticleSpider):
    name = "sindonews"
    allowed_domains = ["sindonews.com"]
    article_pattern = (
        r"https?://(?!scope|media|video|photo|pict|index|e\.|m\.)[a-z]+\.sindonews\.com/(?:read|berita)/"
        r"(?:\d{4}/\d\d/\d\d/)?\d+/\d+/[a-z0-9-]+$"
    )
    page_class = SindonewsPage
    expect = Expect(coverage={"published_at": 0.95, "byline": 0.6})
    sample_url = "https://international.sindonews.com/read/773467/41/rusia-gunakan-senjata-laser-di-ukraina-zelensky-meledek-senjata-ajaib-1652933124"
    discovery = (
        Feed(url="https://www.sindonews.com/feed"),
        DatedIndex(template=INDEX, item=ITEM, link=LINK, time=TIME, step=20),
        Search(template=SEARCH, item=ITEM, link=LINK, time=TIME),
    )

    def article_url(self, url: str) -> str | None:
        first_part = re.sub(r"(?<=[a-z0-9])/\d{1,3}(?=/?(?:[?#]|$))", "", url)
        return super().article_url(first_part.replace("/newsread/", "/read/"))
