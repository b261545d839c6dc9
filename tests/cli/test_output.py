"""What reaches the terminal is inert, and what reaches a program reads back."""

import io
import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.cli.output import complain, json_line, print_json, say
from crawler.cli.tables import print_table
from crawler.logs import inert

# Window title, clipboard, clear, 8-bit CSI, status request, hyperlink, backspaces, fake lines, direction.
HOSTILE = [
    "\x1b]0;milik saya\x07Judul",
    "\x1b]52;c;cm0gLXJm\x07",
    "\x1b[2J\x1b[H",
    "\x9b31mmerah",
    "\x1b[6n",
    "\x1b]8;;https://jahat.test\x1b\\klik\x1b]8;;\x1b\\",
    "a\x08\x08\x08b\x00c\x7f",
    "baris\r\npantau: semua sehat\u2028lagi\u0085lagi",
    "\u202eabc\u2066def\u200f",
    "[bold red]markup[/] :rocket: [link=https://jahat.test]x[/link]",
    "\ud800 separuh",
]
FORBIDDEN = {
    chr(code) for code in (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, 0x202E, 0x2066, 0x200F)
} - {"\n"}


def assert_inert(printed: str) -> None:
    assert not FORBIDDEN & set(printed)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_cannot_drive_a_terminal(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    say(text)
    complain(text)
    print_table(["headline", "url"], [[text, text]])
    print_json({"headline": text})
    printed = capsys.readouterr()
    assert_inert(printed.out + printed.err)
    assert printed.err.count("\n") == 1


def test_markup_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(["headline"], [["[bold]Judul[/bold] :rocket:"]])
    assert "[bold]Judul[/bold] :rocket:" in capsys.readouterr().out


@given(st.text(st.characters(), max_size=200))
def test_json_reads_back_as_the_same_text(text: str) -> None:
    line = json_line({"text": text})
    assert json.loads(line) == {"text": text}
    assert "\n" not in line
    assert_inert(line)
    assert_inert(inert(text))


def test_json_is_ascii_where_the_stream_is(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    print_json({"headline": "Владимир"})
    sys.stdout.flush()
    assert json.loads(raw.getvalue()) == {"headline": "Владимир"}


def test_a_narrow_terminal_gets_a_line_a_row(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = ["outlet", "verdict", "stored"]
    monkeypatch.setenv("COLUMNS", "20")
    print_table(columns, [["kontan", "healthy", 3]])
    assert capsys.readouterr().out == "outlet: kontan, verdict: healthy, stored: 3\n"
    monkeypatch.setenv("COLUMNS", "80")
    print_table(columns, [["kontan", "healthy", None]])
    assert any({"kontan", "healthy"} <= set(line.split()) for line in capsys.readouterr().out.splitlines())


def test_a_table_loses_nothing_of_a_long_value(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    word = "".join(chr(ord("a") + number % 26) for number in range(200))
    print_table(["outlet", "why"], [["kontan", word]])
    printed = capsys.readouterr().out
    assert word in "".join(line.replace("kontan", "").strip() for line in printed.splitlines()[2:])


@pytest.mark.parametrize("width", [20, 60, 97, 98, 99, 100, 104, 110, 113, 114, 130, 240])
def test_no_width_loses_a_count(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    counts = [str(1000 + number) for number in range(9)]
    columns = [
        "outlet",
        "verdict",
        "new",
        "stored",
        "revised",
        "unchanged",
        "off topic",
        "duplicate",
        "not an article",
    ]
    print_table([*columns, "out of window", "failed"], [["tribunnews", "degraded", *counts]])
    printed = capsys.readouterr().out
    for value in ("tribunnews", "degraded", *counts, "window", "failed", "article"):
        assert value in printed
    if "tribunnews," not in printed:
        assert max(map(len, printed.splitlines())) <= width
