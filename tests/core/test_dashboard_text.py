"""What the pages make of texts: removed lines in their places, marks, archived pages, spread over time."""

import gzip
import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from crawler.dashboard.archived import decoded, inert_page, is_markup
from crawler.dashboard.queries.article import marked
from crawler.dashboard.queries.stories import spread
from crawler.dashboard.removed import in_place
from crawler.items import Evidence, Removed
from crawler.storage.replay import ArchivedResponse
from crawler.storage.stories import Member
from crawler.text.clean import read_page_text
from crawler.unpack import unpack
from tests.core.storing import article, ref

texts = st.text(alphabet="ab cd.\n<é", min_size=1, max_size=30)


@given(
    st.lists(texts.filter(str.strip), min_size=1, max_size=6),
    st.lists(st.builds(Removed, st.integers(1, 12), st.sampled_from(["menu", "promo"]), texts), max_size=6),
    st.text(alphabet="ab cd.\n<é", max_size=120),
)
def test_kept_and_removed_are_all_there_once_and_in_order(
    body: list[str], removed: list[Removed], page_text: str
) -> None:
    parts = in_place(article(1, body=tuple(body), removed=tuple(removed), page_text=page_text))
    assert [part.text for part in parts if part.rule is None] == body
    cuts = sorted(removed, key=lambda cut: cut.line)
    assert [(part.line, part.rule, part.text) for part in parts if part.rule is not None] == [
        (cut.line, cut.rule, cut.text) for cut in cuts
    ]


def test_what_was_removed_stands_where_the_page_had_it() -> None:
    page = (
        "Rombongan tiba di pelabuhan pada pagi hari dan disambut barisan kehormatan.\n"
        "Baca juga: Harga cabai merangkak naik menjelang hari raya\n"
        "Perundingan berlangsung tertutup selama dua hari penuh tanpa keterangan pers.\n"
        "Simak berita lainnya di saluran kami setiap hari"
    )
    draft = read_page_text(page)
    kept = article(1, body=draft.body, removed=draft.removed, page_text=page)
    assert [part.text for part in in_place(kept)] == page.split("\n")
    numbered = article(1, body=draft.body, removed=draft.removed, page_text="")
    assert [part.text for part in in_place(numbered)] == page.split("\n"), "by line alone"


def test_terms_are_marked_with_their_side_whatever_their_case() -> None:
    evidence = [
        Evidence("Korea Utara", "korea", "lead", "Korea Utara"),
        Evidence("Korea", "korea", "lead", "Korea"),
        Evidence("Rusia", "rusia", "lead", "RUSIA"),
        Evidence("", "rusia", "lead", ""),
        Evidence("x", "rusia", "lead", "(a+)+$"),
    ]
    assert marked("Utusan korea utara ke Rusia, bukan Prusia.", evidence) == [
        ("Utusan ", None), ("korea utara", "korea"), (" ke ", None), ("Rusia", "rusia"),
        (", bukan Prusia.", None),
    ]  # fmt: skip
    assert marked("", evidence) == []
    assert "".join(text for text, _ in marked("a" * 5000 + "!", evidence)) == "a" * 5000 + "!"


PAGE = """<!doctype html><html lang=id><head><base href=https://jahat.example/><meta http-equiv=refresh
content="0;url=https://jahat.example"><link rel=preconnect href=https://jahat.example><title>Judul</title>
<style>p { color: #333 }</style><script>alert(1)</script></head>
<body onload=alert(1) background=https://jahat.example/b>
<h1 class=judul onclick=alert(1)>Kapal merapat</h1><a href="https://jahat.example/x"
ping=https://jahat.example>tautan</a>
<img src=https://jahat.example/p.png srcset="https://jahat.example/q 2x" alt="Sebuah kapal">
<img src="data:image/png;base64,AAAA" alt=titik>
<img src="data:image/svg+xml,<svg onload=alert(1)>" alt=vektor>
<form action=https://jahat.example><input name=a formaction=https://jahat.example value=isi></form>
<iframe srcdoc="<script>alert(1)</script>"></iframe>
<svg><a xlink:href=https://jahat.example>
<set attributeName=href to=javascript:1 /></a>
<use href=https://jahat.example#x /></svg>
<video poster=https://jahat.example/v></video><p>Isi berita.</p></body></html>"""


def test_an_archived_page_keeps_what_it_says_and_nothing_that_acts() -> None:
    shown = inert_page(PAGE)
    for kept in (
        "Kapal merapat", "Isi berita.", "tautan", 'alt="Sebuah kapal"', "color: #333", "data:image/png",
        'class="judul"',
    ):  # fmt: skip
        assert kept in shown
    for gone in (
        "<script", "<base", "http-equiv", "<link", "onload", "onclick", "<iframe", "href=", 'src="https',
        "srcset", "ping", "action", "poster", "background", "image/svg",
    ):  # fmt: skip
        assert gone not in shown.lower(), gone
    assert shown.count("jahat.example") == shown.count('title="https://jahat.example'), "only as words"
    assert shown.startswith('<!doctype html><meta charset="utf-8">')


@pytest.mark.parametrize(
    "page", ["", "\0", "<", "<!--", "<svg><style><a title='</style><img src=x onerror=1>'>"]
)
def test_no_page_is_too_odd(page: str) -> None:
    assert not LexborHTMLParser(inert_page(page)).css("[onerror]")


@pytest.mark.parametrize(
    "css",
    [
        "a{background:url(//jahat.example)}", "a{background:U\\52 L(//jahat.example)}",
        "@import '//jahat.example';", "a{background:u/**/rl(//jahat.example)}",
        "a{background:-webkit-image-set('//jahat.example' 1x)}",
        "@font-face{src:url(//jahat.example)}", "a{x:uurl(rl(//jahat.example)}",
        "@imp\\ort '//jahat.example'",
    ],
)  # fmt: skip
def test_its_styles_load_nothing(css: str) -> None:
    for page in (f"<style>{css}</style><p>x", f'<p style="{css}">x', f"<svg><style>{css}</style></svg>"):
        shown = inert_page(page).lower()
        assert not re.search(r"(?<!\w)(?:url|image-set|src)\s*\(|@import|\\", shown), shown


def response(body: bytes, *headers: tuple[bytes, bytes]) -> ArchivedResponse:
    return ArchivedResponse(ref=ref(1, content_type=None), reason="OK", headers=headers, body=body)


def test_an_archived_text_is_unpacked_and_read_in_its_own_letters() -> None:
    kind = (b"Content-Type", b"text/html; charset=windows-1252")
    assert decoded(response("café".encode("cp1252"), kind)) == "café"
    packed = gzip.compress(b"kabar")
    assert unpack(packed, ["gzip"], 100).body == b"kabar"
    assert decoded(response(packed, kind, (b"content-encoding", b"GZIP"))) == "kabar"
    assert decoded(response(b"kabar", (b"Content-Type", b"text/html"), (b"Content-Encoding", b"rot13"))) == ""


def test_what_is_no_page_is_shown_as_text() -> None:
    assert is_markup(response(b"", (b"Content-Type", b"Text/HTML;charset=x")), "")
    assert not is_markup(response(b"", (b"Content-Type", b"application/json")), "<html>")
    assert is_markup(response(b""), "\n<!DOCTYPE html>")
    assert not is_markup(response(b""), '{"a": 1}')


def member(hours: float | None, **changes: object) -> Member:
    values = {
        "article_id": 1, "outlet": "kontan", "url": "https://www.kontan.example/1", "headline": "Judul",
        "published_at": datetime(2026, 3, 4, tzinfo=UTC), "precision": "minute", "gone": None, "role": "copy",
        "copied_from": None, "share": 1.0, "lag": None if hours is None else timedelta(hours=hours),
        "agencies": (), "pictures": (),
    }  # fmt: skip
    return Member(**values | changes)  # type: ignore[arg-type] # of a test


@pytest.mark.parametrize("hours", [[], [0.0], [0.1, 0.4], [1, 5, 9.5], [30, 200], [20_000], [-3, None, 2]])
def test_the_spread_ends_with_every_dated_article(hours: list[float | None]) -> None:
    unit, labels, numbers = spread([member(None, role="first"), *map(member, hours)])
    assert unit in {"minutes", "hours", "days"}
    assert len(labels) == len(numbers) == len(set(labels)) <= 30
    assert numbers == sorted(numbers)
    assert numbers[0] >= 1
    assert numbers[-1] == 1 + sum(hour is not None for hour in hours)
