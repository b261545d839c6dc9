"""A page with every field declared, and the story that the tests of page objects change."""

# ruff: noqa: E501 - markup and cases stay on one line each

from crawler.dates import WIB
from crawler.pages.article import ArticlePage
from tests.core.layouts import (
    CAPTION,
    CREDIT,
    HEADLINE,
    STANDFIRST,
    page,
    paragraphs,
)

URL = "https://www.contohkabar.id/daerah/2026/03/04/festival-layang-layang"
PRINTED = "Rabu, 4 Maret 2026 | 09:15 WIB"


class DeclaredPage(ArticlePage):
    headline_css = ("h1.judul",)
    standfirst_css = ".ringkas"
    published_css = ".waktu"
    byline_css = ("#penulis a",)
    editors_css = "#editor a"
    source_css = ".asal"
    tags_css = ".topik a"
    caption_css = ".ket"
    body_css = ("div.isi-baru", "div.isi-lama")
    drop_css = (".sisipan", "p:has(> a.rujuk)")
    whole_query = "page=all"


def story(
    *,
    head: str = "",
    body: str = "isi-baru",
    time: str = PRINTED,
    more: str = "",
    byline: str = "Tara Wiratama",
) -> str:
    return page(
        f"""<div class="kiri"><h1 class="judul">{HEADLINE}</h1><p class="ringkas">{STANDFIRST}</p><span class="waktu">{time}</span>
        <div id="penulis">Penulis: <a>{byline}</a></div><div id="editor">Editor: <a>Laksmi Paramita</a></div>
        <figure><img><figcaption class="ket">{CAPTION} {CREDIT}</figcaption></figure>
        <div class="{body}">{paragraphs(between={0: '<p><a class="rujuk">Baca ini juga</a></p>', 2: '<div class="sisipan">Kuis</div>'})}</div>
        <div class="asal">Sumber: Kabar Pesisir</div><div class="topik"><a>#angin</a><a>layang-layang</a></div>{more}</div>""",
        head=head,
        og=f"{HEADLINE} - Contoh Kabar",
    )


def minute(draft: object) -> str:
    found = draft.published_at
    assert found is not None
    return found.at.astimezone(WIB).strftime("%Y-%m-%d %H:%M")
