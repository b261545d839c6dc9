"""Media Indonesia, national daily.

Discovery: the site's search, which is a form; the foreign section newest first, which for this topic is a
listing of all that matters, and the sitemap where that is closed.
Quirks: the printed time is `21/7/2026 22:42`, day first, and JSON-LD has another one and names the editor as
author; a story opens with a word in capitals instead of a place and ends in a sign-off such as `(H-2)`; no
article is split. Addresses were `/read/detail/{number}-…` until 2020. `sample_url` is made of a headline.
"""

from crawler.discovery.base import ArticleSpider
from crawler.discovery.pages import NewestPages, Search
from crawler.discovery.sitemap import Sitemap
from crawler.items import Expect
from crawler.pages.article import ArticlePage

SITE = "https://mediaindonesia.com"


class MediaindonesiaPage(ArticlePage):
    headline_css = (".post-header h1",)
    published_css = (".post-header .datetime", "span.datetime")
    byline_css = (".post-header .author-2", ".author-2")
    editors_css = (".info-author a.author", ".info-author")
    body_css = ("section.detail div.article", ".post-header + div.article", "[itemprop=articleBody]")
    drop_css = (".related-news", ".ext-channel", ".info-author", ".flying-carpet", "._ap_apex_ad", ".dfp-ad")
    refuse_paths = (r"^/(?:video|galleries|foto|infografis|streaming)/",)


class MediaindonesiaSpider(ArticleSpider):
    name = "mediaindonesia"
    allowed_domains = ["mediaindonesia.com"]
    article_pattern = (
        r"https?://(?:www\.)?mediaindonesia\.com/"
        r"(?!(?:video|galleries|foto|infografis|streaming|tag|author|indeks|search)/)"
        r"(?:[a-z-]+/\d+/[a-z0-9-]*[a-z][a-z0-9-]*|(?:news/read|read/detail)/\d+[-/][^?#]+)$"
    )
    foreign_pattern = r"/internasional/\d"
    page_class = MediaindonesiaPage
    expect = Expect(coverage={"published_at": 0.95, "byline": 0.6, "editors": 0.6})
    sample_url = f"{SITE}/internasional/613804/putin-dan-kim-jong-un-bertemu-di-kosmodrom-vostochny"
    discovery = (
        Search(
            template=f"{SITE}/search",
            form={"q": "{keyword}"},
            form_beyond={"next": "{page}"},
            first_page=0,
            item="ul.list-3 > li",
            link=".text a[href]",
            time=".text span",
        ),
        NewestPages(
            template=f"{SITE}/internasional/20/{{offset}}",
            item="ul.list-3 > li",
            link=".text a[href]",
            time=".text span",
            step=20,
        ),
        Sitemap(url=f"{SITE}/sitemap.xml"),
    )
