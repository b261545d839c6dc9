"""Random arguments: every command ends with 0, 1 or 2 and never with a traceback."""

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from crawler.cli import crawl, doctor
from crawler.cli.main import app
from tests.cli.conftest import Run
from tests.cli.stores import article, crawled
from tests.cli.test_output import FORBIDDEN

CALLS = 300
COMMANDS = [command.callback.__name__ for command in app.registered_commands if command.callback]
OPTIONS = [
    *(
        "--json",
        "--since",
        "--until",
        "--limit",
        "--outlet",
        "--url",
        "--list",
        "--topic",
        "--format",
        "--output",
    ),
    *(
        "--force",
        "--raw",
        "--all",
        "--removed",
        "--dry-run",
        "--help",
        "--data-dir",
        "--database",
        "--log-level",
    ),
    *("--version", "-h", "-", "--", "-x", "--jsn"),
]
VALUES = [
    *(
        "",
        " ",
        "0",
        "1",
        "-1",
        "99999999999999999999",
        "1e9",
        "NaN",
        "kontan",
        "kontn",
        "wordpress",
        "text.txt",
    ),
    *("page.html", "a.jsonl", "pages.tsv", "data", ".", "/", "..", "/dev/null", "/nonexistent/x", "out.csv"),
    *("2026-03-04", "2026-02-31", "9999-12-31", "0001-01-01", "yesterday", "jsonl", "csv", "txt", "JSONL"),
    *(
        "https://www.kontan.co.id/news/delegasi-ke-1",
        "http://[",
        "javascript:alert(1)",
        "sqlite:///x.db",
        "sqlite://",
    ),
    *(
        "postgresql://127.0.0.1:9/x",
        "%s%n{}",
        "\x1b]0;x\x07",
        "\u202eabc",
        "\udcff",
        "💥" * 50,
        "a" * 5000,
        "'; DROP",
    ),
    *("DEBUG", "delegasi", '"', "*", "russia-north-korea", "../../etc/passwd", "=1+1", "\n\n", "--", "NUL"),
]


def arguments(random_: random.Random) -> list[str]:
    words: Sequence[str] = [*OPTIONS, *VALUES]
    before = [random_.choice(words) for _ in range(random_.choice([0, 0, 0, 1, 2]))]
    after = [random_.choice(words) for _ in range(random_.randrange(6))]
    return [*before, random_.choice(COMMANDS), *after]


@pytest.fixture
def furnished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a store and files to name; crawls are planned and never started."""
    crawled(tmp_path, "kontan", [article("kontan", 1)])
    (tmp_path / "text.txt").write_text("Judul Berita\n\nSatu paragraf.\n", encoding="utf-8")
    (tmp_path / "page.html").write_text("<html><p>Satu paragraf.</p></html>", encoding="utf-8")
    (tmp_path / "a.jsonl").write_text('{"id": 1, "headline": "Judul"}\n{\n', encoding="utf-8")
    (tmp_path / "pages.tsv").write_text("page.html\t\n", encoding="utf-8")
    monkeypatch.setattr(crawl, "crawl_outlets", lambda *_arguments, **_options: 0)
    monkeypatch.setattr(doctor, "_playwright_chromium", lambda: None)
    return tmp_path


def test_no_arguments_whatever_give_a_traceback(run: Run, furnished: Path) -> None:
    random_ = random.Random(20260304)
    met = set()
    for number in range(CALLS):
        given = arguments(random_)
        result = run(*given, stdin="{}\n")
        assert result.exit_code in {0, 1, 2}, (number, given, result.output)
        assert "Traceback" not in result.output, (number, given)
        if result.exit_code == 2 and result.stderr:
            assert len(result.stderr.splitlines()) == 1, (number, given, result.stderr)
            assert result.stderr.startswith("pantau: "), (number, given, result.stderr)
        assert not FORBIDDEN & set(result.stderr), (number, given)
        met.add(result.exit_code)
    assert met == {0, 1, 2}
    assert (furnished / "text.txt").read_text(encoding="utf-8").startswith("Judul")
