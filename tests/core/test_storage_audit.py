"""The audit: silent on a sound store, and each fault that is planted is found by the check meant for it."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from crawler.storage import articles, frontier, runs
from crawler.storage.archive import ArchiveWriter
from crawler.storage.audit import AuditReport, audit
from crawler.storage.frontier import Settlement
from crawler.storage.runs import Run
from crawler.storage.states import HEADLINE, LISTED, State
from tests.core import storing
from tests.core.storing import NOON, address, article, entry


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "archive"


@pytest.fixture
def sound(store: Engine, run: Run, archive: Path) -> Engine:
    """Return a store with most states in it, of two runs and a third that still goes."""
    with ArchiveWriter(archive, "kontan", run.id) as writer:

        def page(number: int):
            return writer.write(address(number), 200, [], b"halaman %d" % number, fetched_at=NOON)

        refs = {number: page(number) for number in range(1, 9)}
        listed = [entry(number) for number in range(1, 7)]
        listed += [
            entry(11, state=State.OFF_TOPIC, reason=HEADLINE),
            entry(12, state=State.OUT_OF_WINDOW, reason=LISTED),
            entry(13, state=State.OUT_OF_WINDOW, reason=LISTED),
        ]
        works = frontier.offer(store, run.id, listed, now=NOON).fetch
        for number, work in enumerate(works[:3], start=1):
            given = article(number, record_ids=(refs[number].id,))
            articles.save(store, given, run.id, work.url_id, [refs[number]], now=NOON)
        articles.save(store, article(4, body=article(1).body), run.id, works[3].url_id, [refs[4]], now=NOON)
        failed = Settlement(url_id=works[4].url_id, state=State.FAILED, reason="timeout")
        frontier.settle(store, run.id, failed, now=NOON)
        frontier.add_records(store, run.id, [refs[7], refs[8]])
    runs.finish_run(store, run.id, "healthy")
    later = runs.start_run(store, "kontan")
    articles.save(store, article(1, headline="Diganti"), later.id, works[0].url_id)
    articles.save(store, article(2), later.id, works[1].url_id)
    frontier.pending(store, later.id)
    frontier.offer(store, later.id, [entry(13)])
    runs.finish_run(store, later.id, "degraded", ["x"])
    last = runs.start_run(store, "kontan")
    storing.offered(store, last.id, 20)
    return store


def faulty(report: AuditReport) -> set[str]:
    return {check.name for check in report.faults}


def test_a_sound_store_passes_every_check(sound: Engine, archive: Path):
    report = audit(sound, archive)
    assert report.ok, report.faults
    looked_at = {check.name: check.looked_at for check in report.checks}
    for name, number in {
        "states": 10,
        "ledger": 10,
        "runs": 2,
        "reachable": 3,
        "revisions": 3,
        "content": 4,
        "search": 3,
        "catalogue": 3,
        "archive": 6,
    }.items():
        assert looked_at[name] == number, name
    assert report.notes == (
        "2 archived responses are in no index: runs were killed before they settled them",
    )


def test_an_empty_store_passes(store: Engine, archive: Path):
    assert audit(store, archive).ok


FAULTS = {
    "unknown state": ("UPDATE urls SET state = 'lost' WHERE id = 6", {"states", "ledger"}),
    "unknown reason": ("UPDATE urls SET reason = 'because' WHERE id = 5", {"states"}),
    "state without a visit": ("UPDATE urls SET state = 'off-topic', reason = 'x' WHERE id = 6", {"ledger"}),
    "state unlike the visit": ("UPDATE urls SET state = 'unchanged' WHERE id = 1", {"ledger"}),
    "pending after a visit": ("UPDATE urls SET state = 'pending', reason = NULL WHERE id = 3", {"ledger"}),
    "visit gone": ("DELETE FROM visits WHERE url_id = 3", {"ledger", "runs"}),
    "counts": ("UPDATE runs SET counts = '{\"stored\": 9}' WHERE id = 1", {"runs"}),
    "learned": ("UPDATE runs SET learned = 0 WHERE id = 1", {"runs"}),
    "no verdict": ("UPDATE runs SET verdict = NULL WHERE id = 2", {"runs"}),
    "no article named": ("UPDATE urls SET article_id = NULL WHERE id = 2", {"kept", "reachable"}),
    "article of another outlet": (
        "UPDATE articles SET outlet = 'republika' WHERE id = 2",
        {"kept", "catalogue"},
    ),
    "no sighting": ("DELETE FROM sightings WHERE url_id = 4", {"listed"}),
    "current is ahead": ("UPDATE articles SET current = 2 WHERE id = 2", {"revisions"}),
    "current is behind": ("UPDATE articles SET current = 1 WHERE id = 1", {"revisions", "search"}),
    "revision gone": ("DELETE FROM revisions WHERE article_id = 1 AND number = 1", {"revisions"}),
    "revision twice": (
        "UPDATE revisions SET content_hash = 'x' WHERE article_id = 1",
        {"doubled", "content"},
    ),
    "headline": ("UPDATE revisions SET headline = 'Palsu' WHERE article_id = 2", {"content", "search"}),
    "body": ("UPDATE revisions SET body = '[\"Palsu\"]' WHERE article_id = 2", {"content", "search"}),
    "byline": ("UPDATE revisions SET byline = '[]' WHERE article_id = 1 AND number = 1", {"content"}),
    "date": ("UPDATE revisions SET published_at = NULL WHERE article_id = 2", {"content", "catalogue"}),
    "hash": ("UPDATE revisions SET body_hash = 'x' WHERE article_id = 2", {"content"}),
    "record not indexed": (
        'DELETE FROM records WHERE id = (SELECT id FROM records ORDER BY "offset" LIMIT 1)',
        {"records"},
    ),
    "record misplaced": ('UPDATE records SET "offset" = "offset" + 1', {"archive"}),
    "record changed": ("UPDATE records SET sha256 = 'x'", {"archive"}),
    "not in the catalogue": ("DELETE FROM catalogue WHERE article_id = 2", {"catalogue"}),
    "otherwise in the catalogue": (
        "UPDATE catalogue SET day = '2001-01-01' WHERE article_id = 2",
        {"catalogue"},
    ),
    "not in the search index": ("DELETE FROM search WHERE rowid = 2", {"search"}),
    "stale in the search index": ("UPDATE search SET body = 'lama' WHERE rowid = 2", {"search"}),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found_by_its_check(sound: Engine, archive: Path, fault: str):
    statement, expected = FAULTS[fault]
    with sound.begin() as connection:
        assert connection.execute(text(statement)).rowcount > 0
    report = audit(sound, archive)
    assert not report.ok
    assert faulty(report) == expected
    assert all(check.examples and check.faults for check in report.faults)


def test_rows_without_what_they_name_are_found_on_sqlite(sound: Engine):
    if sound.dialect.name != "sqlite":
        pytest.skip("PostgreSQL does not let them come about")
    connection = sound.raw_connection()
    connection.execute("PRAGMA foreign_keys = OFF")
    for table, column, row in (("articles", "id", 3), ("runs", "id", 2)):
        connection.execute(f"DELETE FROM {table} WHERE {column} = {row}")  # noqa: S608 names of our own
    connection.execute("INSERT INTO search (rowid, headline, body) VALUES (99, 'a', 'b')")
    connection.commit()
    connection.close()
    report = audit(sound)
    assert {"file", "kept", "search"} <= faulty(report)
    [check] = [check for check in report.faults if check.name == "file"]
    assert any("names a row of articles that is not there" in example for example in check.examples)


def test_a_page_of_the_file_overwritten_is_found(sound: Engine, archive: Path):
    if sound.dialect.name != "sqlite":
        pytest.skip("the files of a server are not ours to write")
    path = Path(str(sound.url.database))
    with sound.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        root = connection.exec_driver_sql(
            "SELECT rootpage FROM sqlite_master WHERE name = 'ix_revisions_body'"
        ).scalar()
        size = connection.exec_driver_sql("PRAGMA page_size").scalar()
    sound.dispose()
    content = bytearray(path.read_bytes())
    content[(root - 1) * size + 100 : root * size] = b"\x55" * (size - 100)
    path.write_bytes(content)
    assert "file" in faulty(audit(sound, archive))


class TestArchive:
    def test_a_damaged_record_is_named_and_the_others_are_not(self, sound: Engine, archive: Path):
        [path] = archive.glob("*/*.warc.gz")
        with sound.connect() as connection:
            row = connection.execute(text('SELECT id, "offset" FROM records ORDER BY "offset"')).all()[2]
        content = bytearray(path.read_bytes())
        content[row.offset + 60] ^= 0xFF
        path.write_bytes(content)
        report = audit(sound, archive)
        [check] = report.faults
        assert (check.name, check.faults) == ("archive", 1)
        assert row.id in check.examples[0]
        assert any("damaged" in note for note in report.notes)

    def test_a_missing_file_is_named(self, sound: Engine, archive: Path):
        next(archive.glob("*/*.warc.gz")).unlink()
        [check] = audit(sound, archive).faults
        assert (check.name, check.faults, check.looked_at) == ("archive", 6, 6)

    def test_a_tail_that_a_kill_cut_is_a_note_and_no_fault(self, sound: Engine, archive: Path):
        with ArchiveWriter(archive, "kontan", 3) as writer:
            ref = writer.write(address(1), 200, [], b"x" * 500, fetched_at=NOON)
        path = archive / ref.file
        path.write_bytes(path.read_bytes()[:-5])
        report = audit(sound, archive)
        assert report.ok
        assert any(f"cut at byte {ref.offset}" in note for note in report.notes)

    def test_without_the_folder_it_is_not_read(self, sound: Engine, archive: Path):
        next(archive.glob("*/*.warc.gz")).unlink()
        report = audit(sound)
        assert report.ok
        assert "archive" not in {check.name for check in report.checks}


def test_many_faults_are_counted_and_a_few_shown(store: Engine, run: Run):
    storing.offered(store, run.id, *range(40))
    with store.begin() as connection:
        connection.execute(text("DELETE FROM sightings"))
    [check] = audit(store).faults
    assert (check.name, check.faults, len(check.examples)) == ("listed", 40, 10)
