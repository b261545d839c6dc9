"""Okezone, portal of the MNC group; each channel is a sub-domain on one system.

Discovery: tag pages by topic (a tag without stories gets the front page), and by channel two archive indexes
of its days. Foreign news (section 18) is read whatever its headline. Search answers now and then.
Quirks: the byline holds the date, which need not be that of the address; metadata of old layouts says 2014; a
split article is whole under ``?page=all``; mpi shows articles of SINDOnews; AMP addresses are other names.
"""

from functools import partial

from crawler.discovery.base import ArticleSpider
from crawler.discovery.pages import DatedIndex, TagPages
from crawler.items import Expect
from crawler.pages.article import ArticlePage

NEWS = (("news", 1), ("economy", 11), ("ototekno", 630), ("edukasi", 623), ("muslim", 613), ("women", 12))
CHANNELS = (*NEWS, ("celebrity", 13), ("sports", 2), ("bola", 14))  # hosts, and their numbers in the index
INDEX = "https://index.okezone.com/bydate/channel/{{day:%Y}}/{{day:%m}}/{{day:%d}}/{1}/{{offset}}/"
OWN = "https://{0}.okezone.com/indeks/{{day:%Y}}/{{day:%m}}/{{day:%d}}/{{offset}}"
days = partial(DatedIndex, item=".content-hardnews,.subgroup", link="h4 a,.desc-text", time="time,.time-text")


class OkezonePage(ArticlePage):
    headline_css = (".title-article h1", ".title > h1", ".titles > h1")
    published_css = (".journalist span", ".namerep b", ".meta-post time")
    byline_css = (".journalist a[title]", ".namerep", ".nmreporter")
    body_css = (".c-detail.read", "#contentx", "div.read")
    drop_css = "#baca-juga, .vicon, [class^=inject-], .box-ads-konten, [class^=detads], .detail-tag"
    distrusted = frozenset({"datepublished"})
    whole_query = "page=all"


class OkezoneSpider(ArticleSpider):
    name = "okezone"
    allowed_domains = ["okezone.com"]
    article_pattern = (
        r"https?://(?!mpi|img|cdn|redaksi|index|m\.)[a-z]+\.okezone\.com/read/(?:\d+/){5}[^/?#]+$"
    )
    foreign_pattern = r"/read/\d{4}/\d\d/\d\d/18/"
    page_class = OkezonePage
    expect = Expect(coverage={"published_at": 0.95, "byline": 0.6})
    sample_url = "https://economy.okezone.com/read/2020/07/08/320/2243366/6-rekomendasi-bisnis-dengan-tingkat-kerugian-kecil-tertarik-mencoba"
    discovery = (
        TagPages(
            template="https://www.okezone.com/tag/{tag}/{page}",
            first="https://www.okezone.com/tag/{tag}",
            item=".tag-wrapper, .subgroup, body:not(:has(.tag-wrapper, .subgroup)) a[href*='/read/']",
            link="a[href*='/read/']",
            headline=".quotes, .desc-text",
            time=".media-time, .time-text",
            absent='title:lexbor-contains("Berita Terkini dan Informasi Terbaru")',
            may_be_absent=True,
        ),
        *(days(template=INDEX.format(*channel), step=15, section=channel[0]) for channel in CHANNELS),
        *(days(template=OWN.format(*channel), step=10, section=channel[0]) for channel in CHANNELS),
    )

    def article_url(self, url: str) -> str | None:
        return super().article_url(url.replace(".okezone.com/amp/", ".okezone.com/read/"))
