"""CNBC Indonesia, the business channel's site; everything on one host.

Discovery: the news channel's feed, the index of all channels for a day, and tag pages; search is drawn by
script, and the feed that is asked for a tag gives the general one.
Quirks: the address holds when work on a story began, not when it came out; months are printed in English,
without a zone; foreign news has no section of its own; a split article is whole under ``?page=all``, and
``?page=komentar`` shows it with its readers' comments; "Next Article" and a video follow the sign-off.
"""

from crawler.discovery.base import ArticleSpider
from crawler.discovery.feed import Feed
from crawler.discovery.pages import DatedIndex, TagPages
from crawler.items import Expect
from crawler.pages.detik_group import DetikGroupPage

SITE = "https://www.cnbcindonesia.com"
ITEM, TIME = "article:not(aside *, [class*=sidebar] *, footer *)", ".text-gray, .date"


class CnbcIndonesiaPage(DetikGroupPage):
    headline_css = ("h1.text-32", ".jdl h1")
    published_css = ("div.text-cm.text-gray", ".jdl .date")
    byline_css = ("div.mb-1.text-base.font-semibold:has(+ div.text-gray)", ".jdl .author")
    whole_query = "page=all"


class CnbcIndonesiaSpider(ArticleSpider):
    name = "cnbcindonesia"
    allowed_domains = ["cnbcindonesia.com"]
    article_pattern = r"https?://www\.cnbcindonesia\.com/[a-z-]+/\d{14}-\d+-\d+/(?!video-)[^/?#]+/?$"
    page_class = CnbcIndonesiaPage
    expect = Expect(coverage={"published_at": 0.95})
    sample_url = (
        f"{SITE}/news/20250605085853-4-638739/korut-rusia-bersatu-kim-jong-un-proklamasikan-ini-ke-putin"
    )
    discovery = (
        Feed(url=f"{SITE}/news/rss", names_all=False),
        DatedIndex(
            template=SITE + "/indeks?date={day:%Y/%m/%d}&page={page}", item=ITEM, headline="h2", time=TIME
        ),
        TagPages(
            template=SITE + "/tag/{tag}/{page}?kanal=&tipe=",
            item=ITEM,
            headline="h2",
            time=TIME,
            may_be_absent=True,
        ),
    )
