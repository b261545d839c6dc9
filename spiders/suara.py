"""Suara, news portal of Arkadia; regional editions are sub-domains on one system.

Discovery: the index of all that is new and the feed; the search, which scripts draw in the browser, and the
topic's tags in its place. Lists print no times: those in the addresses serve.
Quirks: a split article is whole under ``?page=all``; AMP pages are other names of the same article; the text
opens with the outlet's name and no place, and ends in a box of related stories. What is known of the lists'
markup is little. `sample_url` is made of a headline.
"""

from crawler.discovery.base import ArticleSpider
from crawler.discovery.feed import Feed
from crawler.discovery.pages import NewestPages, Search, TagPages
from crawler.items import Expect
from crawler.pages.article import ArticlePage

SITE = "https://www.suara.com"
ITEM, LINK = ".item:not(aside *, [class*=sidebar] *, footer *)", ":is(h2, h3, h4, .title) a"
DATED = r"/(\d{4})/(\d\d)/(\d\d)/(\d\d)(\d\d)(\d\d)/"


class SuaraPage(ArticlePage):
    body_css = (".article-content", ".detail-content", "[itemprop=articleBody]")
    drop_css = (".ten-second, .article-read, [class*=baca-juga], [id*=div-ad], [class^=placeholder_]",)
    whole_query = "page=all"
    refuse_paths = (r"^/(?:foto|video|tv)/",)


class SuaraSpider(ArticleSpider):
    name = "suara"
    allowed_domains = ["suara.com"]
    article_pattern = (
        r"https?://(?!amp\.|media\.)[a-z0-9-]+\.suara\.com/"
        r"(?!foto/|video/|tv/)[a-z-]+/\d{4}/\d\d/\d\d/\d{6}/[^/?#]+$"
    )
    page_class = SuaraPage
    render = True
    expect = Expect(coverage={"published_at": 0.95, "byline": 0.6})
    sample_url = f"{SITE}/news/2023/09/13/131500/putin-dan-kim-jong-un-bertemu-di-vostochny"
    discovery = (
        Feed(url=f"{SITE}/rss/news", names_all=False),
        NewestPages(template=f"{SITE}/indeks?page={{page}}", item=ITEM, link=LINK, dated=DATED),
        Search(
            template=f"{SITE}/search?q={{keyword}}&page={{page}}",
            item=ITEM,
            link=LINK,
            dated=DATED,
            awaits=f"{ITEM} {LINK}, .not-found",
        ),
        TagPages(
            template=f"{SITE}/tag/{{tag}}?page={{page}}",
            item=ITEM,
            link=LINK,
            dated=DATED,
            may_be_absent=True,
        ),
    )

    def article_url(self, url: str) -> str | None:
        return super().article_url(url.replace("//amp.suara.com/", "//www.suara.com/"))
