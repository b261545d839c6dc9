"""`pantau extract`: files in, clean articles out, without store or network."""

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run, refused

KEYS = {
    "file",
    "outlet",
    "url",
    "headline",
    "standfirst",
    "published_at",
    "published_precision",
    "byline",
    "editors",
    "dateline",
    "source",
    "body",
    "captions",
    "page_text",
    "removed",
    "witnesses",
    "body_from",
}
KONTAN = "https://internasional.kontan.co.id/news/delegasi-moskwa-mendarat"
PARAGRAPHS = [
    "Rombongan pejabat dari Moskwa mendarat pada pagi hari dan disambut barisan kehormatan di landasan pacu.",
    "Kedua pihak menjadwalkan tiga pertemuan tertutup mengenai jalur kereta api yang lama terbengkalai.",
    "Seorang juru bicara mengatakan hasil perundingan akan diumumkan setelah kunjungan berakhir pekan depan.",
]
HTML = f"""<!DOCTYPE html>
<html lang="id"><head><meta charset="utf-8"><title>Delegasi Moskwa Mendarat di Pyongyang</title>
<meta property="og:title" content="Delegasi Moskwa Mendarat di Pyongyang">
<link rel="canonical" href="{KONTAN}">
</head><body>
<nav><a href="/">Beranda</a> <a href="/nasional">Nasional</a></nav>
<h1 class="detail-desk">Delegasi Moskwa Mendarat di Pyongyang</h1>
<div class="fs14 ff-opensans font-gray">Rabu, 04 Maret 2026 / 12:05 WIB</div>
<div class="tmpt-desk-kon" itemprop="articleBody">
<p>{PARAGRAPHS[0]}</p>
<p><strong>Baca Juga: <a href="/news/lain">Kabar lain dari ibu kota</a></strong></p>
<p>{PARAGRAPHS[1]}</p>
<p>{PARAGRAPHS[2]}</p>
</div>
<footer>Hak cipta redaksi</footer></body></html>
"""
TEXT = (
    "Delegasi Moskwa Mendarat di Pyongyang\n\nRabu, 04 Maret 2026 - 12:05 WIB\n\n"
    + "\n\n".join(PARAGRAPHS)
    + "\n"
)


def records(stdout: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stdout.splitlines()]


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    path.write_text(HTML, encoding="utf-8")
    return path


def test_a_page_becomes_a_clean_article(run: Run, page: Path) -> None:
    result = run("extract", str(page), "--url", KONTAN, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    (record,) = records(result.stdout)
    assert set(record) == KEYS
    assert record["file"] == str(page)
    assert (record["outlet"], record["url"], record["body_from"]) == ("kontan", KONTAN, "selector")
    assert record["headline"] == "Delegasi Moskwa Mendarat di Pyongyang"
    assert record["published_at"] == "2026-03-04T12:05+07:00"
    assert record["body"] == PARAGRAPHS
    assert any("Baca Juga" in cut["text"] for cut in record["removed"])
    assert set(record["removed"][0]) == {"line", "rule", "text"}
    assert record["witnesses"]["headline"]["by"]
    assert record["standfirst"] is None
    assert record["byline"] == []


def test_text_is_told_from_markup_by_what_it_holds(run: Run, tmp_path: Path) -> None:
    (tmp_path / "text.html").write_text(TEXT, encoding="utf-8")
    (tmp_path / "markup.txt").write_text(HTML, encoding="utf-8")
    result = run("extract", "text.html", "markup.txt", "--json")
    assert result.exit_code == 0
    text, markup = records(result.stdout)
    assert (text["body_from"], text["page_text"]) == ("text", TEXT)
    assert markup["body_from"] != "text"
    assert text["body"] == markup["body"] == PARAGRAPHS


def test_the_page_class_comes_from_the_host_or_the_name(run: Run, page: Path) -> None:
    def outlet(*options: str) -> tuple[str | None, str | None]:
        (record,) = records(run("extract", str(page), "--json", *options).stdout)
        return record["outlet"], record["body_from"]

    assert outlet("--outlet", "kontan") == ("kontan", "selector")
    assert outlet("--url", "https://KONTAN.co.id./news/x") == ("kontan", "selector")
    assert outlet("--url", "https://kontan.co.id.jahat.example/news/x") == (None, "generic")
    assert outlet("--url", "https://bukankontan.co.id/news/x") == (None, "generic")
    assert outlet() == (None, "generic")


def test_a_list_names_paths_and_addresses(run: Run, page: Path, tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "pages.tsv").write_text(
        f"\ufeff{page}\t{KONTAN}\r\n\r\ntext.txt\t\r\ntext.txt\n", encoding="utf-8"
    )
    result = run("extract", "--list", "pages.tsv", "--json")
    assert result.exit_code == 0
    assert [(one["file"], one["url"]) for one in records(result.stdout)] == [
        (str(page), KONTAN),
        ("text.txt", None),
        ("text.txt", None),
    ]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("missing.html", None, "No such file"),
        ("empty.html", b"", "empty"),
        ("blank.html", b" \n\xef\xbb\xbf\n", "empty"),
        ("picture.html", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0" * 9, "binary"),
        ("large.html", b"<p>" + b"x" * (33 * 2**20), "MB"),
    ],
)
def test_an_unreadable_file_is_named_and_the_rest_goes_on(
    run: Run, page: Path, name: str, content: bytes | None, said: str
) -> None:
    if content is not None:
        (page.parent / name).write_bytes(content)
    result = run("extract", name, str(page), "--json")
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"pantau: {name}: ")
    assert said in line
    assert [record["file"] for record in records(result.stdout)] == [str(page)]


def test_an_address_that_is_none_costs_only_its_page(run: Run, page: Path, tmp_path: Path) -> None:
    (tmp_path / "pages.tsv").write_text(f"{page}\thttp://[\n{page}\t{KONTAN}\n", encoding="utf-8")
    result = run("extract", "--list", "pages.tsv", "--json")
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    assert [record["url"] for record in records(result.stdout)] == [KONTAN]


def test_a_page_that_is_no_article_says_so_and_keeps_its_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "gallery.html").write_text(
        "<!doctype html><html><head><title>Foto</title>"
        '<script type="application/ld+json">{"@type": "ImageGallery", "name": "Foto"}</script></head>'
        "<body><h1>Foto</h1><p>Satu.</p></body></html>",
        encoding="utf-8",
    )
    result = run("extract", "gallery.html", "--json", "--url", "https://kabar.example/foto/1")
    assert result.exit_code == 0
    assert "not an article" in result.stderr
    (record,) = records(result.stdout)
    assert set(record) == KEYS
    assert (record["headline"], record["body"], record["url"]) == (None, [], "https://kabar.example/foto/1")


def test_a_fault_in_one_page_costs_only_that_page(
    run: Run, page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*_arguments: object, **_options: object) -> None:
        raise RecursionError("too deep")

    monkeypatch.setattr("crawler.cli.extract.read_html", stumble)
    (page.parent / "text.txt").write_text(TEXT, encoding="utf-8")
    result = run("extract", str(page), "text.txt", "--json")
    assert result.exit_code == 1
    assert "reading failed (RecursionError: too deep)" in result.stderr
    assert len(records(result.stdout)) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "--list"),
        (["a.html", "--list", "b.tsv"], "not both"),
        (["a.html", "b.html", "--url", "https://kabar.example"], "one file"),
        (["--list", "b.tsv", "--url", "https://kabar.example"], "one file"),
        (["a.html", "--outlet", "kontn"], "did you mean 'kontan'"),
        (["--list", "no-such.tsv"], "no-such.tsv"),
        (["a.html", "--url", "http://["], "http://["),
        (["a.html", "--url", "javascript:alert(1)"], "javascript"),
        (["--list", "wide.tsv"], "line 2"),
        (["--list", "latin.tsv"], "UTF-8"),
    ],
)
def test_wrong_use_is_refused(run: Run, tmp_path: Path, arguments: list[str], said: str) -> None:
    (tmp_path / "wide.tsv").write_text("a.html\t\na.html\tb\tc\n", encoding="utf-8")
    (tmp_path / "latin.tsv").write_bytes(b"caf\xe9.html\t\n")
    assert said in refused(run("extract", *arguments))


def test_a_person_reads_fields_and_on_request_what_was_cut(run: Run, page: Path) -> None:
    result = run("extract", str(page), "--url", KONTAN)
    assert "Delegasi Moskwa Mendarat di Pyongyang" in result.stdout
    assert PARAGRAPHS[2] in result.stdout
    assert "Baca Juga" not in result.stdout
    assert "Baca Juga" in run("extract", str(page), "--url", KONTAN, "--removed").stdout


def test_standard_input_is_a_page_too(run: Run) -> None:
    result = run("extract", "-", "--json", "--url", KONTAN, stdin=HTML)
    (record,) = records(result.stdout)
    assert (record["file"], record["outlet"], record["body"]) == ("-", "kontan", PARAGRAPHS)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_other_encodings_are_read(run: Run, tmp_path: Path, encoding: str) -> None:
    (tmp_path / "page.html").write_bytes(
        HTML.replace("utf-8", encoding).replace("Rombongan", "«Rombongan»").encode(encoding)
    )
    (record,) = records(run("extract", "page.html", "--json").stdout)
    assert record["body"][0].startswith("«Rombongan»")


def test_a_day_without_a_clock_says_how_exact_it_is(run: Run, tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text(TEXT.replace(" - 12:05 WIB", ""), encoding="utf-8")
    (record,) = records(run("extract", "text.txt", "--json").stdout)
    assert (record["published_at"], record["published_precision"]) == ("2026-03-04T00:00+07:00", "day")


def test_nothing_is_written_and_no_connection_made(
    run: Run, page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object) -> None:
        raise AssertionError("a connection was attempted")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    before = sorted(tmp_path.rglob("*"))
    assert run("extract", str(page), "--url", KONTAN, "--json").exit_code == 0
    assert sorted(tmp_path.rglob("*")) == before
