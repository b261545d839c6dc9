"""An outlet whose search and articles only scripts draw, and what serves it, for `SPIDER_MODULES`."""

from crawler.dates import WIB
from crawler.discovery.base import ArticleSpider
from crawler.discovery.pages import DatedIndex, Search
from crawler.pages.article import ArticlePage
from tests.newsworld.messages import Request, Response, html
from tests.rendering import DOMAIN, HOST, Site, data, page, script

DRAWN = "#isi a, #isi .kosong"
HEADLINE = "Rusia dan Korea Utara Buka Jalur Pelayaran Baru"
TEXT = (
    "Pemerintah Rusia mengumumkan jalur pelayaran dengan Korea Utara yang dibuka mulai pekan depan.",
    "Kapal pertama berangkat dari Vladivostok menuju Rajin dengan muatan hasil laut beku.",
)

_FRAME = """
addEventListener('DOMContentLoaded', () => ask(location));
"""
_SEARCH = """
function ask(at) {
    fetch('/api/cari' + at.search).then(r => r.json()).then(found => draw(found.length
        ? found.map(one => `<p><a href="${one.url}">${one.judul}</a> <time>${one.waktu}</time></p>`).join('')
        : '<p class="kosong">Tidak ada hasil</p>'));
}
"""
_ARTICLE = """
function ask(at) {
    fetch('/api' + at.pathname).then(r => r.json()).then(one => draw(
        `<h1>${one.judul}</h1><time>${one.waktu}</time><div class="teks">${
            one.isi.map(text => `<p>${text}</p>`).join('')}</div>`));
}
"""


class DrawnPage(ArticlePage):
    headline_css = ("#isi h1",)
    published_css = "#isi time"
    body_css = ("#isi .teks",)


class DrawnSpider(ArticleSpider):
    name = "drawn"
    allowed_domains = [DOMAIN]
    article_pattern = rf"https://www\.{DOMAIN}/berita/\d+$"
    page_class = DrawnPage
    zone = WIB
    render = True
    article_awaits = "#isi .teks"
    sample_url = f"https://{HOST}/berita/1"
    discovery = (
        DatedIndex(template=f"https://{HOST}/indeks/{{day:%Y-%m-%d}}", item="li", may_be_absent=True),
        Search(template=f"https://{HOST}/cari?q={{keyword}}", item="#isi p", time="time", awaits=DRAWN),
    )


def served(day: str) -> Site:
    """Return the site with one article of *day* (`YYYY-MM-DD`), which search alone names."""
    one = {"url": "/berita/1", "judul": HEADLINE, "waktu": f"{day} 09:15 WIB", "isi": TEXT}

    def search(request: Request) -> Response:
        asked = request.query.get("q", "").lower()
        return data([one] if asked in {"korea utara", "korut"} else [])

    return Site(
        {
            f"/indeks/{day}": html("<ul><li><a href='/berita/2'>Panen padi di Klaten</a></li></ul>"),
            "/cari": page("", "<script src='/kerangka.js'></script><script src='/cari.js'></script>"),
            "/berita/1": page("", "<script src='/kerangka.js'></script><script src='/berita.js'></script>"),
            "/kerangka.js": script(_FRAME),
            "/cari.js": script(_SEARCH),
            "/berita.js": script(_ARTICLE),
            "/api/cari": search,
            "/api/berita/1": data(one),
        }
    )
