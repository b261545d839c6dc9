"""Random arguments: every command ends with 0, 1 or 2 and never with a traceback."""

import random
from pathlib import Path

import pytest
from typer.main import get_command

from crawler.cli import alerts, crawl, doctor, replay, schedule, serve, worker
from crawler.cli.main import app
from tests.cli.conftest import Run
from tests.cli.stores import article, crawled
from tests.cli.test_output import FORBIDDEN

CALLS = 500
# For each command: options that take a value, flags, and how many words it may be given besides.
COMMANDS: dict[str, tuple[list[str], list[str], int]] = {
    "crawl": (["--since", "--until", "--limit", "--url"], ["--dry-run", "--json"], 3),
    "extract": (["--url", "--outlet", "--list"], ["--removed", "--json"], 3),
    "relevance": (["--topic"], ["--json"], 1),
    "explain": ([], ["--json"], 1),
    "show": (["--revision"], ["--removed", "--diff", "--json"], 1),
    "search": (["--outlet", "--since", "--until", "--limit"], ["--json"], 2),
    "audit": ([], ["--json"], 0),
    "export": (["--format", "--outlet", "--since", "--until", "--output"], ["--force", "--raw", "--all"], 0),
    "outlets": ([], ["--json"], 0),
    "doctor": ([], ["--json"], 0),
    "migrate": ([], ["--json"], 0),
    "recheck": (["--limit", "--url"], ["--json"], 3),
    "schedule": (["--why"], ["--json"], 2),
    "status": ([], ["--json"], 2),
    "runs": (["--outlet", "--since", "--limit"], ["--json"], 1),
    "gaps": (["--outlet", "--since", "--until"], ["--json"], 0),
    "replay": (["--outlet", "--since", "--until"], ["--all", "--diff", "--write", "--json"], 0),
    "backup": (["--to", "--keep"], ["--json"], 0),
    "restore": ([], ["--force", "--json"], 1),
    "prune": ([], ["--dry-run", "--everything", "--json"], 0),
    "metrics": (["--to"], ["--json"], 0),
    "alerts": ([], ["--json"], 2),
    "bundle": (["--output"], ["--revisions", "--force", "--json"], 3),
    "verify": ([], ["--json"], 1),
    "coverage": (["--outlet", "--since", "--until", "--by"], ["--json", "--csv"], 0),
    "stories": (["--outlet", "--since", "--until", "--least", "--limit"], ["--update", "--json"], 1),
    "move": (["--to", "--archive"], ["--undo", "--json"], 0),
    "serve": (["--port", "--host"], [], 0),
    "worker": (["--outlet", "--side-by-side", "--metrics-port"], ["--once", "--list", "--json"], 0),
}
ACTIONS = {
    "schedule": ["list", "pause", "resume", "run-now", "stop"],
    "alerts": ["list", "show", "test", "again", "forget", "send", "watch", "attend"],
}
GLOBAL = ["--data-dir", "--database", "--log-level"]
STRAY = ["--version", "-h", "--help", "-", "--", "-x", "--jsn", "--no-such"]
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
    *("page.html", "a.jsonl", "pages.tsv", "data", ".", "/dev/null", "out.csv", "no/such/out"),
    *("2026-03-04", "2026-02-31", "9999-12-31", "0001-01-01", "yesterday", "jsonl", "csv", "txt", "JSONL"),
    *(
        "https://www.kontan.co.id/news/delegasi-ke-1",
        "http://[",
        "javascript:alert(1)",
        "sqlite:///x.db",
        "sqlite://",
    ),
    *("postgresql://127.0.0.1:9/x", "%s%n{}", "\x1b]0;x\x07", "\u202eabc", "\udcff", "💥" * 50, "a" * 5000),
    *(
        "DEBUG",
        "delegasi",
        '"',
        "*",
        "russia-north-korea",
        "../../etc/passwd",
        "=1+1",
        "\n\n",
        "'; DROP",
        "NUL",
    ),
]


def arguments(random_: random.Random) -> list[str]:
    command = random_.choice(list(COMMANDS))
    options, flags, words = COMMANDS[command]
    given = [random_.choice(STRAY)] if random_.random() < 0.05 else []
    if random_.random() < 0.2:
        given += [random_.choice(GLOBAL), random_.choice(VALUES)]
    given.append(command)
    for option in options:
        if random_.random() < 0.3:
            given += [option, random_.choice(VALUES)]
    if command in ACTIONS:
        return [*given, random_.choice(ACTIONS[command]), random_.choice(VALUES)][: random_.randint(1, 4)]
    if command == "export" and "--format" not in given:
        given += ["--format", random_.choice(["jsonl", "csv", "txt"])]
    given += [flag for flag in flags if random_.random() < 0.3]
    if random_.random() < 0.1:
        given.append(random_.choice(STRAY))
    return given + [random_.choice(VALUES) for _ in range(random_.randint(min(words, 1), words))]


def test_the_fuzz_knows_every_command() -> None:
    assert set(COMMANDS) == set(get_command(app).commands)


@pytest.fixture
def furnished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a store and files to name; crawls, replays and what serves are never started."""
    crawled(tmp_path, "kontan", [article("kontan", 1)])
    (tmp_path / "text.txt").write_text("Judul Berita\n\nSatu paragraf.\n", encoding="utf-8")
    (tmp_path / "page.html").write_text("<html><p>Satu paragraf.</p></html>", encoding="utf-8")
    (tmp_path / "a.jsonl").write_text('{"id": 1, "headline": "Judul"}\n{\n', encoding="utf-8")
    (tmp_path / "pages.tsv").write_text("page.html\t\n", encoding="utf-8")
    monkeypatch.setattr(crawl, "crawl_outlets", lambda *_arguments, **_options: 0)
    monkeypatch.setattr(replay, "replay_archive", lambda *_arguments, **_options: 0)
    monkeypatch.setattr(schedule, "serve_schedule", lambda *_arguments: 0)
    monkeypatch.setattr(alerts, "_watch", lambda *_arguments, **_options: 0)
    monkeypatch.setattr(serve, "_run", lambda *_arguments: None)
    monkeypatch.setattr(worker, "work", lambda *_arguments, **_options: 0)
    monkeypatch.setattr(doctor, "find_browser", lambda _configured: None)
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
