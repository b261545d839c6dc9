"""Mercinews, regional news site on WordPress with the theme "nomina".

Discovery: as any WordPress site.
Quirks: two share bars above the body; "Baca Juga:" lines lead to unrelated stories; the picture's alternative
text repeats the caption; a split article goes on under ``/2/``. No address of an article is known for sure:
`sample_url` is made of a headline.
"""

from crawler.discovery.base import ArticleSpider
from crawler.discovery.wordpress import ARTICLE_PATTERN, wordpress_ladder
from crawler.items import Expect
from crawler.pages.wordpress import WordPressPage


class MercinewsPage(WordPressPage):
    headline_css = ("#single-content h1",)
    published_css = (".tanggal-single",)
    byline_css = (".nama-penulis",)
    editors_css = (".editor-bawah",)
    source_css = (".sumber-berita-bawah",)
    caption_css = ("p.caption-photo", ".caption-photo-buka-tutup")
    body_css = ("#single-article-text", ".single-article-text")
    drop_css = (
        ".penulis-bawah",
        ".editor-bawah",
        ".sumber-berita-bawah",
        ".page-link-wrap",
        "#berlangganan-whatsapp",
        *WordPressPage.drop_css,
    )


class MercinewsSpider(ArticleSpider):
    name = "mercinews"
    allowed_domains = ["mercinews.com"]
    article_pattern = ARTICLE_PATTERN
    page_class = MercinewsPage
    expect = Expect(coverage={"published_at": 0.95})
    sample_url = "https://mercinews.com/moskow-berjanji-akan-dukung-pyongyang-melawan-amerika-serikat/"
    discovery = wordpress_ladder("https://mercinews.com")
