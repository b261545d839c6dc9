"""`pantau export`: three formats, whole files only, nothing replaced unasked, and what is missing."""

import csv
import json
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from crawler.cli import export
from crawler.exports.csvcells import COLUMNS, disarm, rearm
from crawler.storage.runs import start_run
from crawler.stories.update import group_new
from tests.cli.conftest import Run, refused
from tests.cli.stores import article, crawled, store_at
from tests.cli.test_output import HOSTILE, assert_inert
from tests.core import storing

FORMULAS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "a;=1", 'b",=1', "'=1", "＝1"]
FORMULA_SIGN = re.compile(r"(^|[\",;|\t\r\n])[=+\-@\t\r＝＋－＠]")


def rfc4180(text: str) -> Iterator[list[str]]:
    """Yield the rows of a CSV text by a reader of our own, so that writer and reader share no code."""
    row: list[str] = []
    cell, quoted, position = "", False, 0
    while position < len(text):
        char = text[position]
        if quoted:
            if text.startswith('""', position):
                cell += '"'
                position += 1
            elif char == '"':
                quoted = False
            else:
                cell += char
        elif char == '"':
            quoted = True
        elif char == ",":
            row.append(cell)
            cell = ""
        elif text.startswith("\r\n", position):
            yield [*row, cell]
            row, cell = [], ""
            position += 1
        else:
            raise AssertionError(f"text outside quotation marks at {position}")
        position += 1
    assert not row
    assert not cell


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    crawled(tmp_path, "kontan", [article("kontan", number) for number in (2, 1)])
    crawled(tmp_path, "republika", [article("republika", 3, published_at=None)], failed=2, verdict="degraded")
    return tmp_path


def jsonl(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_json_lines_hold_every_article_in_stored_order(run: Run, filled: Path) -> None:
    result = run("export", "--format", "jsonl", "--all")
    assert result.exit_code == 0
    exported = jsonl(result.stdout)
    assert [one["id"] for one in exported] == [1, 2, 3]
    assert exported[0]["body"][0].startswith("Delegasi nomor 2")
    assert (exported[0]["topic"], exported[0]["score"]) == ("russia-north-korea", 0.8)
    assert run("export", "--format", "jsonl").stdout == result.stdout
    assert sorted(path.name for path in filled.iterdir()) == ["data"]


@pytest.mark.usefixtures("filled")
def test_outlet_and_window_choose(run: Run) -> None:
    def ids(*options: str) -> list[int]:
        return [one["id"] for one in jsonl(run("export", "--format", "jsonl", *options).stdout)]

    assert ids("--outlet", "kontan") == [1, 2]
    assert ids("--since", "2026-03-05") == [3]  # whatever has no date may belong to any window
    assert ids("--since", "2026-03-04", "--until", "2026-03-04") == [1, 2, 3]


@pytest.mark.usefixtures("filled")
def test_a_file_comes_with_a_statement_of_what_it_lacks(run: Run, filled: Path) -> None:
    result = run(
        "export",
        "--format",
        "jsonl",
        "--output",
        "out.jsonl",
        "--since",
        "2026-02-20",
        "--until",
        "2026-03-04",
    )
    assert (result.exit_code, result.stdout) == (0, "")
    assert "3 articles of 2 outlets in out.jsonl" in result.stderr
    assert len(jsonl((filled / "out.jsonl").read_text(encoding="utf-8"))) == 3
    said = json.loads((filled / "out.jsonl.coverage.json").read_text(encoding="utf-8"))
    assert (said["articles"], said["undated"]) == (3, 1)
    outlets = {one["outlet"]: one for one in said["outlets"]}
    assert outlets["kontan"]["gaps"] == [
        ["2026-02-20T00:00:00+07:00", "2026-03-02T00:00:00+07:00"],
        ["2026-03-04T12:00:00+07:00", "2026-03-04T23:59:59+07:00"],
    ]
    assert outlets["republika"]["runs"] == {"degraded": 1}
    assert outlets["republika"]["unread"] == {"failed": 2}
    assert outlets["mercinews"]["runs"] == {}
    for lack in ("mercinews was never crawled", "republika: 2 addresses are failed"):
        assert lack in said["missing"]
    assert "missing: kontan: nobody looked at 2026-02-20 00:00 WIB" in result.stderr


@pytest.mark.usefixtures("filled")
def test_csv_reads_back_with_a_second_parser(run: Run) -> None:
    text = run("export", "--format", "csv").stdout_bytes.decode()
    rows = list(rfc4180(text))
    assert rows[0] == list(COLUMNS)
    assert [row[:2] for row in rows[1:]] == [["1", "1"], ["1", "2"], ["1", "3"]]
    assert rows == list(csv.reader(text.splitlines(keepends=True)))
    record = dict(zip(rows[0], rows[1], strict=True))
    assert record["byline"] == "Wulan Rahmadani"
    assert record["body"].split("\n\n")[0] == article("kontan", 2).body[0]


def test_csv_cells_run_nothing_and_lose_nothing(run: Run, tmp_path: Path) -> None:
    texts = [*FORMULAS, *(text.encode("utf-8", "replace").decode() for text in HOSTILE)]
    kept = [article("kontan", number, headline=text, dateline=text) for number, text in enumerate(texts, 1)]
    crawled(tmp_path, "kontan", kept)
    result = run("export", "--format", "csv")
    rows = list(rfc4180(result.stdout_bytes.decode()))
    headline = rows[0].index("headline")
    for row in rows:
        for cell in row:
            assert not FORMULA_SIGN.search(cell), cell
    assert [rearm(row[headline]) for row in rows[1 : len(FORMULAS) + 1]] == FORMULAS
    assert not set(result.stdout) & {"\x1b", "\x07", "\x9b", "\x00", "\x7f"}
    raw = list(rfc4180(run("export", "--format", "csv", "--raw").stdout_bytes.decode()))
    assert [row[headline] for row in raw[1 : len(FORMULAS) + 1]] == FORMULAS


@given(st.text(st.sampled_from("'=+-@\t\r\n\",;| a＝"), max_size=20))
def test_a_disarmed_cell_is_harmless_and_can_be_rearmed(text: str) -> None:
    assert not FORMULA_SIGN.search(disarm(text))
    assert rearm(disarm(text)) == text


def test_json_lines_with_hostile_text_are_valid_and_inert(run: Run, tmp_path: Path) -> None:
    crawled(tmp_path, "kontan", [article("kontan", n, headline=text) for n, text in enumerate(HOSTILE, 1)])
    result = run("export", "--format", "jsonl")
    assert [one["headline"] for one in jsonl(result.stdout)][:3] == HOSTILE[:3]
    assert_inert(result.output)


def test_page_texts_go_into_a_folder_under_names_of_their_own(run: Run, tmp_path: Path) -> None:
    nasty = "https://www.kontan.co.id/news/../../../etc/passwd%00CON" + "x" * 400
    crawled(
        tmp_path,
        "kontan",
        [
            article("kontan", 1, canonical_url=nasty, headline="../../CON"),
            article("kontan", 2, page_text="", headline="Tanpa Halaman"),
        ],
    )
    result = run("export", "--format", "txt", "--output", "texts")
    assert result.exit_code == 0
    names = sorted(path.name for path in (tmp_path / "texts").iterdir())
    assert names[-1] == "coverage.json"
    assert all(re.fullmatch(r"00000[12]_[0-9a-f]{16}\.txt", name) for name in names[:-1])
    assert (tmp_path / "texts" / names[0]).read_text(encoding="utf-8") == article("kontan", 1).page_text
    assert (
        (tmp_path / "texts" / names[1])
        .read_text(encoding="utf-8")
        .startswith("Tanpa Halaman\n\nDelegasi nomor 2")
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "texts"]


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("form", ["jsonl", "csv", "txt"])
def test_an_earlier_export_is_replaced_only_by_force_and_whole(run: Run, filled: Path, form: str) -> None:
    arguments = ["export", "--format", form, "--output", "out", "--outlet", "kontan"]
    assert run(*arguments).exit_code == 0
    before = snapshot(filled)
    assert "--force" in refused(run(*arguments))
    assert snapshot(filled) == before
    assert run(*arguments, "--force").exit_code == 0
    again = snapshot(filled)
    assert {name: text for name, text in again.items() if "coverage" not in name} == {
        name: text for name, text in before.items() if "coverage" not in name
    }


@pytest.mark.usefixtures("filled")
def test_nothing_else_is_ever_replaced(run: Run, filled: Path) -> None:
    (filled / "mine").mkdir()
    (filled / "mine" / "catatan.txt").write_text("milik saya", encoding="utf-8")
    (filled / "target.jsonl").write_text("milik saya", encoding="utf-8")
    (filled / "link.jsonl").symlink_to("target.jsonl")
    (filled / "folder").mkdir()
    (filled / "link").symlink_to("folder")
    before = snapshot(filled)
    for form, output in [
        ("txt", "mine"),
        ("txt", "target.jsonl"),
        ("txt", "link"),
        ("jsonl", "link.jsonl"),
        ("jsonl", "folder"),
        ("csv", "no-folder/out.csv"),
        ("jsonl", "/dev/null"),
    ]:
        refused(run("export", "--format", form, "--output", output, "--force"))
    assert snapshot(filled) == before


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("form", ["jsonl", "txt"])
def test_an_export_that_breaks_off_leaves_nothing(
    run: Run, filled: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = snapshot(filled)

    def full(*_arguments: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(export, "statement", full)
    assert "No space left" in refused(run("export", "--format", form, "--output", "out"))
    assert snapshot(filled) == before


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--format", "txt"], "--output"),
        (["--format", "jsonl", "--all", "--outlet", "kontan"], "--all"),
        (["--format", "jsonl", "--raw"], "--raw"),
        (["--format", "jsonl", "--outlet", "kontn"], "did you mean 'kontan'"),
        (["--format", "jsonl", "--since", "2026-03-05", "--until", "2026-03-04"], "swap"),
        ([], "--format"),
    ],
)
def test_contradictions_are_refused(run: Run, options: list[str], said: str) -> None:
    assert said in refused(run("export", *options))


def snapshot(folder: Path) -> dict[str, str]:
    """Return every file outside the store with its text, links and folders by name."""
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8") if path.is_file() else ""
        for path in sorted(folder.rglob("*"))
        if "data" not in path.relative_to(folder).parts
    }


@pytest.mark.parametrize("form", ["jsonl", "csv", "parquet", "txt", "atom"])
def test_every_format_comes_from_either_database(run: Run, store: Engine, store_url: str, form: str) -> None:
    begun = start_run(store, "kontan")
    for number in (1, 2):
        storing.saved(store, begun.id, number)
    off = storing.article(3).verdict
    assert off
    storing.saved(store, begun.id, 3, verdict=attrs.evolve(off, on_topic=False))
    store.dispose()
    result = run("--database", store_url, "export", "--format", form, "--output", "out")
    assert result.exit_code == 0, result.output
    assert "1 stored articles are not on the topics" in result.stderr
    place = Path("out") / "coverage.json" if form == "txt" else Path("out.coverage.json")
    said = json.loads(place.read_text(encoding="utf-8"))
    assert (said["articles"], said["left_out"]) == (2, {"off_topic": 1, "unjudged": 0})
    if form != "txt":
        data = Path("out").read_bytes()
        assert (said["bytes"], said["sha256"]) == (len(data), sha256(data).hexdigest())
        assert run("--database", store_url, "export", "--format", form, "--topic", "all", "--output", "all")
        assert json.loads(Path("all.coverage.json").read_text(encoding="utf-8"))["articles"] == 3


@pytest.mark.usefixtures("filled")
def test_a_topic_that_never_judged_is_said_to(run: Run, tmp_path: Path) -> None:
    (tmp_path / "lain.toml").write_text('[topic]\nname = "x"\n', encoding="utf-8")
    result = run("export", "--format", "jsonl", "--topic", "lain.toml")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "3 stored articles were never judged by these topics" in result.stderr
    assert "there is no topic" in refused(run("export", "--format", "jsonl", "--topic", "rusia"))


def run_manifest(run: Run, name: str) -> str:
    told: str = json.loads(run("verify", name, "--json").stdout)["manifest_sha256"]
    return told


@pytest.mark.usefixtures("filled")
def test_a_bundle_is_written_once_and_verified_without_a_store(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = run("bundle", "3", article("kontan", 1).url, "--output", "b.zip")
    assert written.exit_code == 0, written.output
    (manifest,) = re.findall(r"manifest SHA-256: ([0-9a-f]{64})", written.stdout)
    assert "--force" in refused(run("bundle", "1", "--output", "b.zip"))
    again = run("bundle", "1", "3", "--output", "again.zip", "--json")
    assert json.loads(again.stdout)["manifest_sha256"] == run_manifest(run, "again.zip")
    assert "no article 99" in refused(run("bundle", "99", "--output", "c.zip"))
    assert not (tmp_path / "c.zip").exists()
    (tmp_path / "data").rename(tmp_path / "gone")
    monkeypatch.setenv("PANTAU_TOPICS", "none-such")
    good = run("verify", "b.zip")
    assert (good.exit_code, manifest in good.stdout, "b.zip: OK" in good.stdout) == (0, True, True)
    told = json.loads(run("verify", "b.zip", "--json").stdout)
    assert (told["ok"], told["manifest_sha256"], [one["id"] for one in told["articles"]]) == (
        True,
        manifest,
        [2, 3],
    )
    data = bytearray((tmp_path / "b.zip").read_bytes())
    data[data.index(b"Wulan")] ^= 1
    (tmp_path / "b.zip").write_bytes(data)
    bad = run("verify", "b.zip")
    assert bad.exit_code == 1
    assert "article.json: damaged" in bad.stderr
    assert "NOT OK" in bad.stdout
    assert "no file" in refused(run("verify", "none.zip"))


def test_one_story_is_exported(run: Run, tmp_path: Path) -> None:
    shared = article("kontan", 1).body
    other = ("Menteri pertanian Rusia meninjau kebun percobaan di pinggiran ibu kota Korea Utara. " * 4,)
    crawled(tmp_path, "kontan", [article("kontan", 1), article("kontan", 2, body=other)])
    crawled(tmp_path, "antara", [article("antara", 3, body=shared)])
    engine = store_at(tmp_path)
    group_new(engine)
    engine.dispose()
    result = run("export", "--format", "jsonl", "--story", article("antara", 3).url, "--output", "out")
    assert result.exit_code == 0, result.output
    told = [json.loads(line)["id"] for line in (tmp_path / "out").read_text(encoding="utf-8").splitlines()]
    assert told == [1, 3]
    assert "there is no story" in refused(run("export", "--format", "jsonl", "--story", "none"))
