"""Republika, national daily; its channel and regional hosts share one template.

Discovery: the feed, keyword search with dates, and the dated index of everything.
Quirks: robots.txt bars Scrapy's own token, so the project's own is what it must meet; the ``h1`` can be
empty; paragraphs come as a ``<p>`` in a ``<p>``; "Rep:" is the reporter and "Red:" the editor, whom JSON-LD
calls the author; below an article the page goes on with others; until 2017 addresses held section and date.
"""

from crawler.discovery.base import ArticleSpider
from crawler.discovery.feed import Feed
from crawler.discovery.pages import DatedIndex, Search
from crawler.items import Expect
from crawler.pages.article import ArticlePage


class RepublikaPage(ArticlePage):
    headline_css = (".max-card__title h1", ".wrap_detail h1")
    standfirst_css = ("p.max-card__teaser",)
    published_css = ("div.date.date-item__headline", ".date_detail")
    byline_css = (".max-card__title > div:last-child",)
    body_css = (
        ":not(#next-article) > .article-content article",
        ".main-content__left article",
        "div.content-detail",
        "div.txt-detailberita",
        ".artikel",
    )
    drop_css = (
        ".picked-article, .baca-juga, #next-article",
        ".parallax__container, .scrollToRead, .footnote-wrap",
        "[id^=div-gpt-ad], [id^=bn_]",
    )


class RepublikaSpider(ArticleSpider):
    name = "republika"
    allowed_domains = ["republika.co.id"]
    article_pattern = (
        r"https?://(?!static|files)(?:[a-z0-9-]+\.)?republika\.co\.id/berita/"
        r"(?:[a-z0-9]{6,14}/|(?:[a-z-]+/)*\d\d/\d\d/\d\d/[a-z0-9]{6,14}-)[^/?#]+$"
    )
    page_class = RepublikaPage
    expect = Expect(coverage={"published_at": 0.95, "editors": 0.7})
    sample_url = "https://internasional.republika.co.id/berita/qxvote313/20-pengungsi-rohingya-hilang-di-teluk-benggala"
    discovery = (
        Feed(url="https://www.republika.co.id/rss"),
        Search(
            template="https://republika.co.id/search/v3/all/{page}/?q={keyword}&latest_date=custom"
            "&startdate={since:%Y-%m-%d}&enddate={until:%Y-%m-%d}",
            item=".news-item, .results-section li",
            link=".news-title a, a[href*='/berita/']",
            time=".date",
        ),
        DatedIndex(
            template="https://republika.co.id/index/{offset}/{day:%Y}/{day:%m}/{day:%d}",
            item="li.list-group-item",
            link="a[href*='/berita/']",
            headline="h3",
            time=".date",
            step=50,
        ),
    )
