"""Tribunnews, the national edition and its regional ones, which are sub-domains on one system.

Discovery: by edition, the news sitemaps, whose keywords name the topic where a headline does not, and the
dated index, which has what they leave out. Foreign news is read whatever its headline. Search, tags and
topics are closed by robots.txt.
Quirks: bare clients are refused, so the agent is browser-shaped and still names itself; a split article is
whole under ``?page=all``; mobile and AMP addresses are other names of the same article.
"""

import re

from crawler.discovery.base import ArticleSpider
from crawler.discovery.listing import Rung
from crawler.discovery.pages import DatedIndex
from crawler.discovery.sitemap import Sitemap
from crawler.items import Expect
from crawler.pages.article import ArticlePage

EDITIONS = (
    *("www", "jakarta", "wartakota", "jabar", "jateng", "jogja", "solo", "surabaya", "bali", "medan", "aceh"),
    *("makassar", "belitung", "pos-kupang"),
)


class TribunnewsPage(ArticlePage):
    headline_css = ("h1#arttitle",)
    published_css = ("#article time", "time[datetime]", "time.grey")
    byline_css = ("#penulis a", "#penulis")
    editors_css = ("#editor a", "#editor")
    source_css = ("div.sources h6 a", "div.sources h6")
    body_css = ("div.side-article.txt-article .editcontent", "div.side-article.txt-article")
    drop_css = ("p.baca", "blockquote.summary-article", ".ads-placeholder", "div.side-article.mb5", ".paging")
    tags_css = ("h5.tagcloud3 a.rd2", "[itemprop=keywords] a")
    whole_query = "page=all"


def rungs(host: str) -> tuple[Rung, Rung]:
    day = "{day.year}-{day.month}-{day.day}"
    maps, index = f"https://{host}/sitemap.xml", f"https://{host}/index-news?date={day}&page={{page}}"
    return (
        Sitemap(url=maps, follow=r"/sitemap-news\.xml", section=host, names_all=False),
        DatedIndex(template=index, item="ul.lsi > li", link="h3 a", time="time", section=host),
    )


class TribunnewsSpider(ArticleSpider):
    name = "tribunnews"
    allowed_domains = ["tribunnews.com"]
    article_pattern = (
        r"https?://(?!video|m\.)[a-z-]+\.tribunnews\.com/"
        r"(?!penulis|editor|topic|tag|images|video|webstories|foto|epaper|index-news)"
        r"(?:[a-z-]+/)?(?:\d{4}/\d{2}/\d{2}|\d{5,})/[^/?#]+$"
    )
    foreign_pattern = r"\.tribunnews\.com/internasional/"
    page_class = TribunnewsPage
    browser_shaped = True
    expect = Expect(coverage={"published_at": 0.95, "byline": 0.6})
    sample_url = (
        "https://jateng.tribunnews.com/2023/09/19/jet-tempur-siluman-f-35-hilang-militer-amerika-dicemooh"
    )
    discovery = tuple(rung for edition in EDITIONS for rung in rungs(f"{edition}.tribunnews.com"))

    def article_url(self, url: str) -> str | None:
        desktop = re.sub(r"^https?://m\.tribunnews\.com/(?:amp/)?", "https://www.tribunnews.com/", url)
        return super().article_url(desktop)
