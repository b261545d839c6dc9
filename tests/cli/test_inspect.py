"""`pantau explain`, `show`, `search`, `audit` on real stores, and the stores they refuse."""

import json
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import update

from crawler.items import Article
from crawler.storage.articles import find, save
from crawler.storage.frontier import Entry, offer
from crawler.storage.runs import finish_run, start_run
from crawler.storage.schema import articles
from tests.cli.conftest import Run, refused
from tests.cli.stores import NOON, article, crawled, store_at, url_of
from tests.cli.test_output import HOSTILE, assert_inert


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """Return a folder whose store has a healthy run with two articles, and a degraded one with a failure."""
    crawled(tmp_path, "kontan", [article("kontan", 1), article("kontan", 2)])
    crawled(tmp_path, "republika", [article("republika", 3)], failed=1, verdict="degraded")
    return tmp_path


@pytest.mark.usefixtures("filled")
def test_an_address_is_explained_from_list_to_archive(run: Run) -> None:
    result = run("explain", url_of("kontan", 1) + "?utm_source=x")
    assert result.exit_code == 0
    for said in (
        "kontan: stored",
        "listed by feed",
        "run 1 (healthy)",
        "HTTP 200",
        "revision 1",
        "cut by masthead",
    ):
        assert said in result.stdout
    record = json.loads(run("explain", url_of("kontan", 1), "--json").stdout)
    assert record["addresses"][0]["state"] == "stored"
    assert record["known"] is True


@pytest.mark.usefixtures("filled")
def test_a_failure_is_explained_in_words(run: Run) -> None:
    result = run("explain", url_of("republika", 900))
    assert "republika: failed: The whole answer did not arrive" in result.stdout
    assert "next try after" in result.stdout


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("which", ["1", url_of("kontan", 1), url_of("kontan", 1) + "#atas"])
def test_an_article_is_shown_by_number_and_address(run: Run, which: str) -> None:
    result = run("show", which)
    assert "Delegasi Ke-1 Tiba di Pyongyang" in result.stdout
    assert "json-ld" in result.stdout
    for said in (
        "on  0.80",
        "both sides meet in the lead",
        "Moskwa (russia): lead",
        "Pyongyang (north-korea): lead",
    ):
        assert said in result.stdout
    record = json.loads(run("show", which, "--json").stdout)
    assert (record["id"], record["revision"], record["outlet"]) == (1, 1, "kontan")
    assert [(one["verdict"], one["round_up"]) for one in record["verdicts"]] == [("on", False)]
    assert record["published_at"] == "2026-03-04T12:01+07:00"
    assert record["removed"] == [{"line": 1, "rule": "masthead", "text": "Beranda"}]
    assert record["evidence"][0] == {"term": "Moskwa", "side": "russia", "place": "lead", "text": "moskwa"}
    assert "masthead: Beranda" in run("show", which, "--removed").stdout


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    "which", ["99", "9" * 30, "٣٣", "https://tidak.example/ada", "\x1b[2J", "0", "-1", ""]
)
def test_what_is_not_there_is_refused(run: Run, which: str) -> None:
    assert_inert(refused(run("show", "--", which)))


@pytest.mark.usefixtures("filled")
def test_words_find_articles(run: Run) -> None:
    result = run("search", "delegasi", "pyongyang")
    assert result.exit_code == 0
    assert all(f"Delegasi Ke-{number} Tiba" in result.stdout for number in (1, 2, 3))
    hits = [json.loads(line) for line in run("search", '"pertemuan ke 2"', "--json").stdout.splitlines()]
    assert [hit["id"] for hit in hits] == [2]
    assert "Pertemuan" in hits[0]["found"][0]


@pytest.mark.usefixtures("filled")
def test_a_search_keeps_to_outlet_window_and_limit(run: Run) -> None:
    def found(*options: str) -> set[str]:
        return {
            json.loads(line)["outlet"]
            for line in run("search", "delegasi", "--json", *options).stdout.splitlines()
        }

    assert found("--outlet", "republika") == {"republika"}
    assert found("--since", "2026-03-04", "--until", "2026-03-04") == {"kontan", "republika"}
    assert found("--since", "2026-03-05") == found("--until", "2026-03-03") == set()
    assert len(run("search", "delegasi", "--json", "--limit", "1").stdout.splitlines()) == 1
    assert "nothing found" in run("search", "cabai").stdout


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["delegasi", "--outlet", "kontn"], "did you mean 'kontan'"),
        (["delegasi", "--since", "kemarin"], "as in 2026-03-02"),
        (["delegasi", "--since", "2026-03-05", "--until", "2026-03-04"], "swap"),
        (["delegasi", "--until", "9999-12-31"], "2100"),
        (["!!!"], "no word"),
        (["delegasi", "--limit", "0"], "--limit"),
        ([" ".join(["kata"] * 40)], "fewer"),
    ],
)
def test_a_search_that_makes_no_sense_is_refused(run: Run, arguments: list[str], said: str) -> None:
    assert said in refused(run("search", *arguments))


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    "words", ["' OR 1=1 --", "NEAR(a b", "delegasi*", "\ud800 delegasi", 'a" b"', "ke-1"]
)
def test_a_search_is_words_and_never_a_query(run: Run, words: str) -> None:
    assert run("search", words).exit_code == 0


@pytest.mark.usefixtures("filled")
def test_a_sound_store_passes_its_audit(run: Run) -> None:
    result = run("audit")
    assert result.exit_code == 0, result.output
    assert "FAULTS" not in result.stdout
    checks = [json.loads(line) for line in run("audit", "--json").stdout.splitlines()]
    assert len(checks) > 5
    assert all(check["ok"] for check in checks)


def test_an_audit_finds_what_was_changed_behind_its_back(run: Run, filled: Path) -> None:
    (record,) = (filled / "data" / "archive").rglob("kontan*.warc.gz")
    record.write_bytes(b"\0" * record.stat().st_size)
    with sqlite3.connect(filled / "data" / "pantau.db") as connection:
        connection.execute("UPDATE revisions SET headline = 'Lain' WHERE id = 1")
        connection.execute("UPDATE runs SET learned = 77 WHERE id = 1")
    connection.close()
    result = run("audit")
    assert result.exit_code == 1
    assert "2 FAULTS  archive" in result.stdout
    faulty = {
        check["name"]
        for check in map(json.loads, run("audit", "--json").stdout.splitlines())
        if not check["ok"]
    }
    assert {"archive", "content", "runs"} <= faulty


def test_hostile_articles_are_printed_inert(run: Run, tmp_path: Path) -> None:
    text = "delegasi ".join(HOSTILE)
    kept = article("kontan", 1, headline=text, body=(text,), byline=(text,), source=text, dateline=text)
    crawled(tmp_path, "kontan", [kept])
    for command in (
        ["show", "1"],
        ["show", "1", "--json"],
        ["search", "delegasi"],
        ["explain", url_of("kontan", 1)],
    ):
        result = run(*command)
        assert result.exit_code == 0
        assert "]52;c;" in result.stdout
        assert_inert(result.output)


COMMANDS = [
    ["audit"],
    ["show", "1"],
    ["explain", "https://kabar.example/1"],
    ["search", "kata"],
    ["export", "--format", "jsonl"],
]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_missing_store_is_not_made_by_looking(run: Run, tmp_path: Path, command: list[str]) -> None:
    assert "pantau crawl" in refused(run(*command))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", COMMANDS)
def test_a_file_that_is_no_store_is_refused_and_untouched(
    run: Run, tmp_path: Path, command: list[str]
) -> None:
    path = tmp_path / "notes.db"
    for content in (b"catatan saya\n" * 50, _foreign(tmp_path)):
        path.write_bytes(content)
        assert str(path) in refused(run("--database", f"sqlite:///{path}", *command))
        assert path.read_bytes() == content


@pytest.mark.parametrize("command", [*COMMANDS, ["migrate"]])
def test_a_newer_store_is_refused(run: Run, tmp_path: Path, command: list[str]) -> None:
    _set_version(tmp_path, "9999")
    assert "newer version" in refused(run(*command))


@pytest.mark.parametrize("url", ["mysql://kabar.example/x", "pantau.db", "sqlite://", "postgresql://"])
def test_an_address_of_no_store_is_refused(run: Run, url: str) -> None:
    refused(run("--database", url, "audit"))


def test_a_password_is_not_printed(run: Run) -> None:
    url = "postgresql+psycopg://pantau:rahasia@127.0.0.1:9/pantau"
    for command in (["audit"], ["doctor"], ["migrate"]):
        assert "rahasia" not in run("--database", url, *command).output


def test_migrate_says_from_where_to_where(run: Run, tmp_path: Path) -> None:
    first = run("migrate")
    assert first.exit_code == 0
    assert "from empty to" in first.stdout
    assert "already" in run("migrate").stdout
    record = json.loads(run("migrate", "--json").stdout)
    assert record["from"] == record["to"]
    assert (tmp_path / "data" / "pantau.db").exists()


def _foreign(folder: Path) -> bytes:
    path = folder / "foreign.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE catatan (isi TEXT)")
    connection.commit()
    connection.close()
    return path.read_bytes()


def _set_version(folder: Path, version: str) -> None:
    store_at(folder).dispose()
    connection = sqlite3.connect(folder / "data" / "pantau.db")
    connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
    connection.commit()
    connection.close()


@pytest.fixture
def edited(tmp_path: Path) -> Path:
    """Return a folder whose store has an article with three revisions."""
    first = article("kontan", 1)
    changed = first.body[0].replace("nomor 1", "nomor 7")
    noted = (changed, first.body[1], "Ralat: nomor delegasi semula keliru.")
    for version in (
        {},
        {"body": (changed, first.body[1])},
        {"body": noted, "headline": "Delegasi Ketujuh Tiba"},
    ):
        revised(tmp_path, article("kontan", 1, **version))
    return tmp_path


def revised(folder: Path, version: Article) -> None:
    engine = store_at(folder)
    run_id = start_run(engine, "kontan").id
    work = offer(
        engine, run_id, [Entry(url=version.url, source="feed", list_url="https://www.kontan.co.id/")]
    )
    url_id = work.fetch[0].url_id if work.fetch else find(engine, version.url).article.url_id
    save(engine, version, run_id, url_id)
    finish_run(engine, run_id, "healthy")
    engine.dispose()


@pytest.mark.usefixtures("edited")
def test_edits_are_shown_with_their_kinds(run: Run) -> None:
    said = run("show", "1", "--diff").stdout
    assert said.index("revision 1 → 2") < said.index("revision 2 → 3")
    assert "number, changed" in said
    assert "    - Delegasi nomor [1] dari Moskwa" in said
    assert "    + Delegasi nomor [7] dari Moskwa" in said
    assert "    + Ralat: nomor delegasi semula keliru." in said
    only = run("show", "1", "--diff", "--revision", "3").stdout
    assert "number" not in only.partition("correction")[0]
    assert "headline, changed" in only
    assert "revision 3 of 3" in run("show", "1").stdout
    assert "nomor 1 dari" in run("show", "1", "--revision", "1").stdout


@pytest.mark.usefixtures("edited")
def test_edits_are_data_for_programs(run: Run) -> None:
    records = [json.loads(line) for line in run("show", "1", "--diff", "--json").stdout.splitlines()]
    assert [(record["from"], record["to"]) for record in records] == [(1, 2), (2, 3)]
    assert [change["kind"] for change in records[0]["changes"]] == ["number"]
    assert [change["kind"] for change in records[1]["changes"]] == ["headline", "correction"]
    assert ["1", True] in records[0]["changes"][0]["spans"][0]
    shown = json.loads(run("show", "1", "--json").stdout)
    assert [event["detail"]["kinds"] for event in shown["events"]] == [["number"], ["headline", "correction"]]


@pytest.mark.usefixtures("edited")
def test_a_revision_that_is_not_there_is_refused(run: Run) -> None:
    for command in (("show", "1", "--revision", "9"), ("show", "1", "--diff", "--revision", "9")):
        assert "revision" in refused(run(*command))


@pytest.mark.usefixtures("filled")
def test_an_article_of_one_revision_has_no_edits(run: Run) -> None:
    assert "nothing changed so far" in run("show", "1", "--diff").stdout


@pytest.mark.usefixtures("filled")
def test_a_vanished_article_tells_since_when(run: Run, filled: Path) -> None:
    engine = store_at(filled)
    with engine.begin() as connection:
        connection.execute(update(articles).values(gone="confirmed", gone_at=NOON))
    engine.dispose()
    assert "gone: yes, first missed 2026-03-04 12:00 WIB" in run("show", "1").stdout
    assert "gone: yes, first missed 2026-03-04 12:00 WIB" in run("explain", url_of("kontan", 1)).stdout
