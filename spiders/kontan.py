"""Kontan, business daily.

Discovery: the news sitemap holds the newest items; the dated archive index reaches any day.
Quirks: the byline is the first paragraph of the body ("Reporter: A | Editor: B"); cross links stand in
paragraphs of their own whose link is classed ``track-…``; the address has neither number nor date; a split
article is whole under ``?page=all``. Its robots.txt closed search and index in 2024 and did not in 2026.
"""

from crawler.discovery.base import ArticleSpider
from crawler.discovery.pages import DatedIndex, Search, TagPages
from crawler.discovery.sitemap import Sitemap
from crawler.items import Expect
from crawler.pages.article import ArticlePage


class KontanPage(ArticlePage):
    headline_css = ("h1.detail-desk", ".bag-kiri h1")
    published_css = ("div.fs14.ff-opensans.font-gray",)
    byline_css = ("div.fs13.font-gray.ff-knowledge-l",)
    body_css = ("div.tmpt-desk-kon[itemprop=articleBody]", ".detail-content")
    drop_css = (":is(p, h2):has(> a[class^=track-])", "[class*=heightads]", ".pagination")
    whole_query = "page=all"


class KontanSpider(ArticleSpider):
    name = "kontan"
    allowed_domains = ["kontan.co.id"]
    article_pattern = r"https?://(?!asset|foto|insight|rss)[a-z]+\.kontan\.co\.id/news/[a-z0-9-]+$"
    page_class = KontanPage
    expect = Expect(coverage={"published_at": 0.95, "editors": 0.7})
    sample_url = "https://internasional.kontan.co.id/news/kondisi-lee-kwan-yew-buruk-dollar-singapura-lemah"
    discovery = (
        Sitemap(url="https://www.kontan.co.id/sitemap.xml"),
        DatedIndex(
            template="https://www.kontan.co.id/search/indeks?kanal=&tanggal={day:%d}&bulan={day:%m}"
            "&tahun={day.year}&pos=indeks&per_page={offset}",
            item="li[data-offset], div.list-berita > ul > li",
            link="h1 a",
            time=".font-gray",
            step=20,
        ),
        Search(
            template="https://www.kontan.co.id/search/?search={keyword}&per_page={offset}",
            item=".list-berita ul li, li.search--list",
            link="h1 a, a[href*='/news/']",
            time=".font-gray",
            step=20,
        ),
        TagPages(
            template="https://www.kontan.co.id/tag/{tag}",
            item="#load_berita > li",
            link="h1 a",
            time=".font-gray",
        ),
    )
