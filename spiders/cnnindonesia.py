"""CNN Indonesia, the news channel's site; everything on one host.

Discovery: the foreign desk's feed, the index of all channels for a day, and tag pages. Search is drawn by
script and often empty.
Quirks: the address holds when work on a story began, not when it came out; lists print "5 menit yang lalu"
and keep the exact time in a comment; linked data names no author; a split article goes on under ``/2`` and is
whole nowhere; addresses of videos look like those of articles but for ``video-``.
"""

import re

from crawler.discovery.base import ArticleSpider
from crawler.discovery.feed import Feed
from crawler.discovery.pages import DatedIndex, TagPages
from crawler.items import Expect
from crawler.pages.detik_group import DetikGroupPage

SITE = "https://www.cnnindonesia.com"
# Boxes of popular stories are made of the same entries, but have no times.
ITEM, TIME = (
    "article.flex-grow:has(.text-cnn_black_light3), .list article:has(.date)",
    ".text-cnn_black_light3, .date",
)


class CnnIndonesiaPage(DetikGroupPage):
    headline_css = ("h1.text-cnn_black", "h1.title")
    published_css = ("div.text-cnn_grey.text-sm", ".detail_wrap .date", ".content_detail .date")
    byline_css = ("div.text-cnn_black_light3.text-sm",)
    tags_css = ("aside .flex-wrap a[href*='/tag/']", ".list-topik-terkait a")


class CnnIndonesiaSpider(ArticleSpider):
    name = "cnnindonesia"
    allowed_domains = ["cnnindonesia.com"]
    article_pattern = r"https?://www\.cnnindonesia\.com/(?!tv/)[a-z0-9-]+/\d{14}-\d+-\d+/(?!video-)[^/?#]+/?$"
    foreign_pattern = r"\.com/internasional/"
    page_class = CnnIndonesiaPage
    expect = Expect(coverage={"published_at": 0.95})
    sample_url = (
        f"{SITE}/internasional/20260802205550-134-1387794/ukraina-serang-berbagai-wilayah-rusia-8-tewas"
    )
    discovery = (
        Feed(url=f"{SITE}/internasional/rss", names_all=False),
        DatedIndex(
            template=SITE + "/indeks/2?date={day:%Y/%m/%d}&page={page}", item=ITEM, headline="h2", time=TIME
        ),
        TagPages(
            first=SITE + "/tag/{tag}",
            template=SITE + "/tag/{tag}/{page}",
            item=ITEM,
            headline="h2",
            time=TIME,
        ),
    )

    def article_url(self, url: str) -> str | None:
        return super().article_url(
            re.sub(r"(/\d{14}-[^/?#]+/[^/?#]+)/(?:\d{1,2}|amp)/?(?=$|[?#])", r"\1", url)
        )
