"""Detik, the largest news portal: a host for each channel (news, finance, sport, hot, …) on one system.

Discovery: the foreign desk's news map and dated index; over all channels search by keyword and date, and tag
pages besides, since search is known to come back empty. The index wants its date encoded and in front.
Quirks: the place stands before the first paragraph, outside of it; a paragraph announces the video below it;
a split article (``/2``) is whole under ``?single=1``. 20.detik.com shows videos, "foto" channels pictures.
"""

import re

from crawler.discovery.base import ArticleSpider
from crawler.discovery.pages import DatedIndex, Search, TagPages
from crawler.discovery.sitemap import Sitemap
from crawler.items import Expect
from crawler.pages.detik_group import DetikGroupPage

FOREIGN = "https://news.detik.com/internasional"
TAG = "https://www.detik.com/tag/{tag}/?sortby=time&page={page}"
# Boxes of popular stories are made of the same entries, but have no times.
ITEM, TIME = "article.list-content__item:has(.media__date), .list-berita article", ".media__date, .date"


class DetikPage(DetikGroupPage):
    headline_css = ("h1.detail__title", ".jdl h1")
    published_css = (".detail__date", ".jdl .date", ".detail_profil .date")
    byline_css = (".detail__author", ".jdl .author", "article .date")
    caption_css = (".detail__media-caption", ".gal_rating .text")
    whole_query = "single=1"


class DetikSpider(ArticleSpider):
    name = "detik"
    allowed_domains = ["detik.com"]
    article_pattern = (
        r"https?://(?!20\.|rss\.)[a-z0-9]+\.detik\.com/(?![^?#]*(?:foto|photo|video|detiktv|infografis)[^/?#]*/)"
        r"(?:[a-z0-9-]+/)*(?:d-\d{5,}|\d{7}|read/\d{4}/\d\d/\d\d/\d{6}/\d+/\d+)/[^/?#]+/?$"
    )
    foreign_pattern = r"\.detik\.com/internasional/"
    page_class = DetikPage
    expect = Expect(coverage={"published_at": 0.95, "byline": 0.5})
    sample_url = "https://news.detik.com/internasional/d-6942037/mesranya-putin-sambut-kim-jong-un-di-rusia-lalu-bertandang-ke-china"
    discovery = (
        Sitemap(url=f"{FOREIGN}/sitemap_news.xml", names_all=False),
        DatedIndex(
            template=FOREIGN + "/indeks?date={day:%m}%2F{day:%d}%2F{day:%Y}&page={page}", item=ITEM, time=TIME
        ),
        Search(
            template="https://www.detik.com/search/searchall?query={keyword}&siteid=2&sortby=time&result_type=latest"
            "&fromdatex={since:%d/%m/%Y}&todatex={until:%d/%m/%Y}&page={page}",
            item=ITEM,
            time=TIME,
        ),
        TagPages(template=TAG, item=ITEM, time=TIME, section="tags"),
    )

    def article_url(self, url: str) -> str | None:
        whole = re.sub(r"(/d-\d+/[^/?#]+)/(?:\d{1,2}|amp)/?(?=$|[?#])", r"\1", url)
        return super().article_url(whole)
