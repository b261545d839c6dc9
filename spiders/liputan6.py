"""Liputan6, news portal of the KLY group.

Discovery: the dated index of the foreign channel, of which every story is read whatever its headline; the
topic's tags, whose pages scripts draw in the browser; the news feed besides. robots.txt closes search.
Quirks: all parts of a long story are in one page, between labels such as "2 dari 5 halaman"; of an updated
story only that time is printed, the first is in metadata; galleries have addresses of articles; old stories
are on channel hosts, and mobile addresses are other names. `sample_url` is made of a headline.
"""

from crawler.discovery.base import ArticleSpider
from crawler.discovery.feed import Feed
from crawler.discovery.pages import DatedIndex, TagPages
from crawler.items import Expect
from crawler.pages.article import ArticlePage

SITE = "https://www.liputan6.com"


class Liputan6Page(ArticlePage):
    headline_css = ("h1.read-page--header--title", "h1.article-header__title", "h1.read-page--header__title")
    byline_css = (".read-page-box__author__name", ".article-header__author-link", "[itemprop=author]")
    body_css = ("div.article-content-body", ".article-content-body__item-content", ".read-page__content-body")
    drop_css = (
        "[class*=baca-juga], .article-ad, .seamless-ads, .article-content-body__load-more",
        "[class*=body__item]:not(:has(p, li, td)) > h2",  # a graphic's or a video's, with no text
        "[class*=gallery--item__button], [class*=gallery--item__content-share], [class*=video-gallery]",
    )
    refuse_css = ("body:not(:has(.article-content-body)) .article-gallery-slider",)


class Liputan6Spider(ArticleSpider):
    name = "liputan6"
    allowed_domains = ["liputan6.com"]
    article_pattern = r"https?://(?!feed\.)[a-z0-9-]+\.liputan6\.com/(?:[a-z0-9-]+/)?read/\d+/[^/?#]+$"
    foreign_pattern = r"//global\.|/global/read/"
    page_class = Liputan6Page
    render = True
    expect = Expect(coverage={"published_at": 0.95, "byline": 0.7})
    sample_url = f"{SITE}/global/read/5396021/kim-jong-un-naik-kereta-ke-rusia-untuk-bertemu-putin"
    discovery = (
        Feed(url="https://feed.liputan6.com/rss/news", names_all=False),
        DatedIndex(
            template=f"{SITE}/global/indeks/{{day:%Y/%m/%d}}?page={{page}}",
            item="article.articles--rows--item",
            link="a[href*='/read/']:not(:has(img))",
            time="time",
            may_be_absent=True,
        ),
        TagPages(
            template=f"{SITE}/tag/{{tag}}?type=text&page={{page}}",
            item="article[class^=articles--]",
            link="a[href*='/read/']:not(:has(img))",
            time="time",
            awaits="article[class^=articles--], [class*=articles--empty]",
            may_be_absent=True,
        ),
    )

    def article_url(self, url: str) -> str | None:
        return super().article_url(url.replace("//m.liputan6.com/", "//www.liputan6.com/"))
