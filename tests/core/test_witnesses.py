"""Who agrees with whom: each field's witnesses as a page object notes them."""

import json

from crawler.items import Witness
from crawler.pages.article import ArticlePage
from crawler.pages.witnesses import share_in, tags_witness, text_witness

URL = "https://www.contoh.example/berita/dermaga-baru"
BODY = (
    "Dermaga baru di muara sungai mulai dipakai nelayan sejak awal pekan ini tanpa upacara.",
    "Panjangnya dua ratus meter, cukup untuk tiga puluh perahu yang bersandar bersamaan.",
    "Pengelola pelabuhan menyebut pendangkalan sebagai pekerjaan rumah yang belum selesai.",
    "“Kami masih menunggu kapal keruk,” kata Suharti, kepala tempat pelelangan ikan.",
)


class ExamplePage(ArticlePage):
    body_css = ("div.isi-baru", "div.isi")
    drop_css = (".iklan",)
    standfirst_css = ("p.ringkas",)
    tags_css = (".topik a",)


def page(*, carried: str = "", inside: str = "", outside: str = "", canonical: str = URL) -> ArticlePage:
    linked = {
        "@type": "NewsArticle",
        "headline": "Dermaga Baru Dipakai Nelayan",
        "description": "Nelayan mulai memakai dermaga baru di muara",
        "keywords": ["dermaga", "nelayan"],
        "url": URL,
        **({"articleBody": carried} if carried else {}),
    }
    paragraphs = "".join(f"<p>{text}</p>" for text in BODY)
    return ExamplePage(
        f"""<html><head><link rel="canonical" href="{canonical}"><meta property="og:url" content="{URL}">
<meta property="og:description" content="Nelayan mulai memakai dermaga baru …">
<meta name="keywords" content="kapal"><script type="application/ld+json">{json.dumps(linked)}</script></head>
<body><h1>Dermaga Baru Dipakai Nelayan</h1><p class="ringkas">Nelayan mulai memakai dermaga baru di muara.</p>
<div class="isi">{paragraphs}{inside}</div>{outside}
<div class="topik"><a>Dermaga</a><a>Nelayan</a><a>Muara</a></div></body></html>""",
        URL,
    )


def test_the_selector_that_read_the_body_is_told_as_its_layout() -> None:
    witnesses = page().read().witnesses
    assert witnesses["layout"] == Witness(by="div.isi")
    assert witnesses["body"] == Witness(by="selector", agree=("generic",))


def test_linked_data_that_carries_the_body_agrees_or_differs() -> None:
    assert page(carried="\n".join(BODY)).read().witnesses["body"].agree == ("generic", "json-ld")
    told = page(carried=BODY[0]).read().witnesses["body"]
    assert told.agree == ("generic",)
    assert told.differ["json-ld"].endswith("100% of it in the body")


def test_a_container_that_holds_only_a_part_is_contradicted_by_the_finder() -> None:
    more = "".join(
        f"<p>Bagian ke-{number} dari laporan panjang tentang muara. {BODY[1]}</p>" for number in range(2)
    )
    found = page()
    found.html = found.html.replace('<div class="isi">', '<div class="semua"><div class="isi">').replace(
        '</div>\n<div class="topik"', f'</div>{more}</div>\n<div class="topik"'
    )
    told = found.read().witnesses["body"]
    assert told.by == "selector"
    assert "generic" in told.differ


def test_summaries_that_are_cut_short_agree() -> None:
    told = page().read().witnesses["standfirst"]
    assert told == Witness(by="selector", agree=("json-ld", "og:description"))
    assert text_witness("printed", "Hujan turun.", {"json-ld": "Kemarau tiba"}).differ == {
        "json-ld": "Kemarau tiba"
    }


def test_tags_agree_where_one_names_all_of_the_other() -> None:
    told = page().read().witnesses["tags"]
    assert (told.by, told.agree, told.differ) == ("selector", ("json-ld",), {"keywords": "kapal"})
    assert tags_witness({}) is None


def test_a_canonical_link_that_leads_elsewhere_is_no_agreement() -> None:
    assert page().read().witnesses["canonical_url"].agree == ("og:url", "json-ld", "address")
    other = "https://www.contoh.example/berita/lain"
    told = page(canonical=other).read().witnesses["canonical_url"]
    assert (told.by, told.agree) == ("link", ())
    assert set(told.differ) == {"og:url", "json-ld", "address"}


def test_the_share_is_of_characters_and_short_lines_are_no_proof() -> None:
    assert share_in(BODY, BODY) == 1.0
    assert share_in(BODY, BODY[:2]) < 0.6
    assert share_in(("Ya.",), ()) == 1.0
