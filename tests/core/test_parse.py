"""Bytes become text in the encoding they have, and pages beyond the limits are refused before a tree is built."""

# ruff: noqa: E501 - markup and cases stay on one line each

import time

import pytest

from crawler.errors import CrawlerError
from crawler.pages.parse import MAX_CHARS, MAX_TAGS, NotAnArticle, decode, parse_html
from crawler.reasons import Reason

TEXT = "Kafé “Sariwangi” © 2026 – 30°C"


@pytest.mark.parametrize(
    "declared", [None, "utf-8", "iso-8859-1", "windows-1252", "utf-16", "rot13", "klingon"]
)
def test_utf8_is_read_as_utf8_whatever_is_declared(declared: str | None) -> None:
    page = f'<meta charset="iso-8859-1"><p>{TEXT}</p>'
    found = decode(page.encode(), declared)
    assert (found.text, found.encoding, found.lossy) == (page, "utf-8", False)


@pytest.mark.parametrize(
    "label",
    [
        "rot13",
        "hex",
        "zlib",
        "base64",
        "unicode_escape",
        "raw_unicode_escape",
        "punycode",
        "idna",
        "undefined",
        "\0",
    ],
)
def test_a_label_that_is_no_text_encoding_is_not_obeyed(label: str) -> None:
    body = b"<p>caf\xe9 \\u0041 \x80</p>"
    assert decode(body, label).text == "<p>café \\u0041 €</p>"
    meta = b'<meta charset="' + label.encode() + b'">' + body
    assert decode(meta).text.endswith("<p>café \\u0041 €</p>")


@pytest.mark.parametrize(
    ("encoding", "declared", "text"),
    [
        ("cp1252", "iso-8859-1", "Kafé “kutip” – 30°"),
        ("cp1251", "windows-1251", "Москва и Пхеньян"),
        ("koi8-r", "KOI8-R", "Москва и Пхеньян"),
        ("gb18030", "gb2312", "平壤新闻"),
        ("cp949", "euc-kr", "평양 소식"),
        ("shift_jis", "Shift_JIS", "平壌のニュース"),
    ],
)
def test_declared_encodings_are_read(encoding: str, declared: str, text: str) -> None:
    assert decode(text.encode(encoding), declared).text == text
    page = f'<meta http-equiv="Content-Type" content="text/html; charset={declared}"><p>{text}</p>'
    assert text in decode(page.encode(encoding)).text


def test_marks_of_byte_order_win_over_declarations() -> None:
    assert decode(TEXT.encode("utf-16"), "utf-8").text == TEXT
    assert decode(b"\xef\xbb\xbf" + TEXT.encode(), "windows-1251").text == TEXT


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_unmarked_utf16_is_recognised(encoding: str) -> None:
    page = f"<html><p>{TEXT}</p></html>"
    assert decode(page.encode(encoding), "utf-8").text == page


def test_latin1_declared_as_utf8_is_readable() -> None:
    assert decode("Kafé di Denpasar".encode("cp1252"), "utf-8").text == "Kafé di Denpasar"


def test_a_few_broken_bytes_leave_utf8_and_are_flagged() -> None:
    found = decode(("Kafé — " * 50).encode() + b"\xff" + TEXT.encode(), "utf-8")
    assert found.encoding == "utf-8"
    assert found.lossy
    assert TEXT in found.text


def test_a_character_cut_off_at_the_end_is_no_other_encoding() -> None:
    found = decode("Kafé — Café".encode()[:-1])
    assert (found.encoding, found.lossy) == ("utf-8", False)
    assert found.text == "Kafé — Caf"


@pytest.mark.parametrize("html", ["", "  \n\t "])
def test_nothing_is_refused_as_empty(html: str) -> None:
    with pytest.raises(NotAnArticle) as refusal:
        parse_html(html)
    assert refusal.value.reason is Reason.EMPTY
    assert isinstance(refusal.value, CrawlerError)


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        ("x" * (MAX_CHARS + 1), Reason.TOO_LARGE),
        ("<i>x</i>" * (MAX_TAGS // 2 + 1), Reason.TOO_COMPLEX),
        ("<div>" * 60_000, Reason.TOO_COMPLEX),
    ],
)
def test_what_would_take_too_long_is_refused_before_it_is_read(html: str, reason: Reason) -> None:
    started = time.process_time()
    with pytest.raises(NotAnArticle) as refusal:
        parse_html(html)
    assert refusal.value.reason is reason
    assert time.process_time() - started < 5  # 200,000 nested elements took the parser 80 s


def test_many_flat_or_unclosed_elements_are_read() -> None:
    assert len(parse_html("<p>x<li>y" * 15_000).css("p")) == 15_000


def test_lone_surrogates_do_not_stop_the_parser() -> None:
    assert "a" in parse_html("<p>a\ud800b</p>").css("p")[0].text()
