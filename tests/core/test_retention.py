"""Pruning the archive: what is past its term goes, nothing else does, and no kill leaves a contradiction."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import attrs
import pytest
from sqlalchemy import Engine, select

from crawler.errors import StoreError
from crawler.storage import articles, disk, frontier, retention
from crawler.storage.archive import ArchiveWriter, RecordRef
from crawler.storage.audit import audit
from crawler.storage.backup import make_backup
from crawler.storage.database import reading
from crawler.storage.explain import explain
from crawler.storage.frontier import Settlement
from crawler.storage.replay import archive_files, read_record
from crawler.storage.restore import restore
from crawler.storage.retention import Pruned, Terms, prune, tidy
from crawler.storage.runs import finish_run, start_run
from crawler.storage.schema import records
from crawler.storage.states import State
from tests.core import storing
from tests.core.archiving import read_by_warcio
from tests.core.storing import NOON, address, article


@attrs.define
class Kept:
    """A store with its archive, written by runs on several days."""

    store: Engine
    archive: Path
    days: int = 0

    def run(
        self, day: int, *, pages: tuple[int, ...] = (), off: tuple[int, ...] = (), **changes: str
    ) -> None:
        """Let a run of that day keep a list, article pages and pages off the topic, in one file."""
        at = NOON + timedelta(days=day)
        run = start_run(self.store, "kontan", now=at)
        with ArchiveWriter(self.archive, "kontan", run.id) as writer:

            def put(number: int, kind: str = "article") -> RecordRef:
                body = f"<html>{kind} {number} hari {day}</html>".encode() * 20
                return writer.write(address(number), 200, [], body, fetched_at=at, kind=kind)

            frontier.add_records(self.store, run.id, [put(0, "list"), put(0, "robots")])
            for number in pages:
                frontier.offer(self.store, run.id, [storing.entry(number)], now=at)
                ref = put(number)
                url_id = storing.frontier.pending(self.store, run.id, now=at)
                one = article(number, record_ids=(ref.id,), fetched_at=at, **changes)
                work = url_id[0].url_id if url_id else self.url_id(number)
                articles.save(self.store, one, run.id, work, [ref], now=at)
            for number in off:
                [work] = frontier.offer(self.store, run.id, [storing.entry(number)], now=at).fetch
                settled = Settlement(
                    url_id=work.url_id, state=State.OFF_TOPIC, reason="text", records=[put(number)]
                )
                frontier.settle(self.store, run.id, settled, now=at)
            writer.sync()
        finish_run(self.store, run.id, "healthy", now=at)

    def url_id(self, number: int) -> int:
        found = articles.find(self.store, address(number))
        assert found is not None
        assert found.article.url_id is not None
        return found.article.url_id

    def prune(self, day: int, *, dry_run: bool = False, **terms: object) -> Pruned:
        now = NOON + timedelta(days=day, minutes=1)
        return prune(self.store, self.archive, Terms(**terms), now=now, dry_run=dry_run)  # type: ignore[arg-type]

    def there(self) -> dict[str, str]:
        """Return the bodies of all records that the index says are there, checked, by what was written."""
        names = [field.name for field in attrs.fields(RecordRef)]
        with reading(self.store) as connection:
            rows = connection.execute(select(records).where(records.c.pruned_at.is_(None))).all()
        refs = [RecordRef(**{name: getattr(row, name) for name in names}) for row in rows]
        return {ref.id: read_record(self.archive, ref).body[6:30].decode().split("<")[0] for ref in refs}

    def sound(self) -> bool:
        report = audit(self.store, self.archive)
        assert report.ok, report.faults
        return not report.notes


@pytest.fixture
def kept(store: Engine, tmp_path: Path) -> Kept:
    """Return a store of three days: two articles, one of them revised on the third, and one off the topic."""
    kept = Kept(store, tmp_path / "data" / "archive")
    kept.run(0, pages=(1,), off=(3,))
    kept.run(1, pages=(2,))
    kept.run(2, pages=(1,), headline="Judul yang baru")
    return kept


def said(kept: Kept) -> list[str]:
    return sorted(kept.there().values())


FIRST = ["article 1 hari 0", "article 3 hari 0", "list 0 hari 0", "robots 0 hari 0"]
SECOND = ["article 2 hari 1", "list 0 hari 1", "robots 0 hari 1"]
THIRD = ["article 1 hari 2", "list 0 hari 2", "robots 0 hari 2"]


class TestTerms:
    def test_by_default_everything_stays(self, kept: Kept):
        before = archive_files(kept.archive)
        assert kept.prune(5000) == Pruned()
        assert archive_files(kept.archive) == before
        assert said(kept) == sorted(FIRST + SECOND + THIRD)

    def test_lists_and_pages_without_an_article_go_first(self, kept: Kept):
        done = kept.prune(1, other_days=1)
        assert said(kept) == sorted(["article 1 hari 0", *SECOND, *THIRD])
        assert done.records == {"lists": 1, "robots": 1, "other pages": 1}
        assert (done.files_removed, done.files_rewritten) == (0, 1)
        assert kept.sound()

    def test_the_page_of_an_earlier_revision_has_a_term_that_of_the_current_one_none(self, kept: Kept):
        kept.prune(5000, days=30)
        assert said(kept) == ["article 1 hari 2", "article 2 hari 1"]
        assert kept.sound()

    def test_everything_means_the_current_pages_too(self, kept: Kept):
        done = kept.prune(31, days=30, everything=True)
        assert said(kept) == sorted(THIRD)
        assert (done.files_removed, done.files_rewritten) == (2, 0)
        assert kept.sound()
        kept.prune(5000, days=30, everything=True)
        assert archive_files(kept.archive) == []
        assert list(kept.archive.iterdir()) == []
        assert articles.find(kept.store, address(1)) is not None

    def test_lists_may_stay_longer_than_pages(self, kept: Kept):
        kept.prune(31, days=30, other_days=400)
        assert "list 0 hari 0" in said(kept)
        assert "article 1 hari 0" not in said(kept)

    def test_a_rehearsal_counts_the_same_and_touches_nothing(self, kept: Kept):
        before = {path: path.read_bytes() for path in kept.archive.rglob("*.gz")}
        planned = kept.prune(40, dry_run=True, days=30, other_days=30)
        assert {path: path.read_bytes() for path in kept.archive.rglob("*.gz")} == before
        assert said(kept) == sorted(FIRST + SECOND + THIRD)
        done = kept.prune(40, days=30, other_days=30)
        assert planned.records == done.records
        assert (planned.files_removed, planned.files_rewritten) == (done.files_removed, done.files_rewritten)
        assert 0 < done.bytes <= planned.bytes

    def test_the_bytes_are_those_that_became_free(self, kept: Kept):
        def size() -> int:
            return sum(path.stat().st_size for path in kept.archive.rglob("*.gz"))

        before = size()
        done = kept.prune(40, days=30, other_days=30)
        assert done.bytes == before - size()

    def test_pruning_again_finds_nothing(self, kept: Kept):
        kept.prune(40, days=30, other_days=30)
        assert kept.prune(40, days=30, other_days=30) == Pruned()

    def test_a_rewritten_file_can_be_rewritten_again_and_read_by_others(self, kept: Kept):
        kept.prune(1, other_days=1)
        kept.prune(40, days=30)
        kept.run(40, pages=(1,), headline="Judul ketiga")
        kept.prune(80, days=30)
        assert said(kept) == ["article 1 hari 40", "article 2 hari 1"]
        for file in archive_files(kept.archive):
            first, *pages = read_by_warcio(kept.archive, file)
            assert first["type"] == "warcinfo"
            assert pages
        assert kept.sound()


class TestWhatItLeavesAlone:
    def test_the_files_of_a_run_that_goes_on(self, kept: Kept):
        run = start_run(kept.store, "kontan", now=NOON)
        with ArchiveWriter(kept.archive, "kontan", run.id) as writer:
            ref = writer.write(address(9), 200, [], b"halaman", fetched_at=NOON)
            writer.sync()
            frontier.add_records(kept.store, run.id, [ref])
            kept.prune(5000, days=1, everything=True)
            assert archive_files(kept.archive) == [ref.file]
        assert read_record(kept.archive, ref).body == b"halaman"

    def test_files_of_a_store_that_it_does_not_know(self, kept: Kept):
        path = kept.archive / "2026-01-01" / "kontan-run99-0001.warc.gz"
        path.parent.mkdir()
        path.write_bytes((kept.archive / archive_files(kept.archive)[0]).read_bytes())
        done = kept.prune(5000, days=1, everything=True)
        assert path.exists()
        assert "does not know" in done.left[0]

    def test_a_file_in_which_something_that_stays_is_damaged(self, kept: Kept):
        [file] = kept.archive.glob("2026-03-04/*.gz")
        ref = next(ref for ref in refs_in(kept, file) if ref.kind == "article")
        data = bytearray(file.read_bytes())
        data[ref.offset + ref.length // 2] ^= 1
        file.write_bytes(data)
        done = kept.prune(1, other_days=1)
        assert file.read_bytes() == data
        assert any("left as it is" in note for note in done.left)

    def test_what_a_killed_run_left_goes_with_its_term(self, kept: Kept):
        run = start_run(kept.store, "kontan", now=NOON)
        with ArchiveWriter(kept.archive, "kontan", run.id) as writer:
            ref = writer.write(address(9), 200, [], b"tanpa baris", fetched_at=NOON)
        finish_run(kept.store, run.id, "failed")
        kept.prune(0, other_days=1)
        assert ref.file in archive_files(kept.archive)
        done = kept.prune(1, other_days=1)
        assert ref.file not in archive_files(kept.archive)
        assert done.records["unindexed"] == 1


def refs_in(kept: Kept, file: Path) -> list[RecordRef]:
    return [
        response.ref for response in retention.iterate_file(kept.archive, f"{file.parent.name}/{file.name}")
    ]


class _KillError(Exception):
    """Stands for a kill at the point where it is raised."""


def before(_call: Callable[..., object]) -> Callable[..., object]:
    def kill(*_: object, **__: object) -> None:
        raise _KillError

    return kill


def after(call: Callable[..., object]) -> Callable[..., object]:
    def kill(*arguments: object, **options: object) -> None:
        call(*arguments, **options)
        raise _KillError

    return kill


@pytest.mark.parametrize("when", [before, after])
@pytest.mark.parametrize("point", ["disk.writing", "transact", "Path.rename", "Path.unlink", "disk.sync"])
def test_a_kill_at_any_step_leaves_row_and_page_together_and_the_next_pruning_ends_it(
    kept: Kept, point: str, when: Callable[..., Callable[..., object]], monkeypatch: pytest.MonkeyPatch
):
    owner, name = {
        "disk.writing": (disk, "writing"),
        "transact": (retention, "transact"),
        "Path.rename": (Path, "rename"),
        "Path.unlink": (Path, "unlink"),
        "disk.sync": (disk, "sync"),
    }[point]
    for _ in range(3):  # each kill falls into another file
        with monkeypatch.context() as broken:
            broken.setattr(owner, name, when(getattr(owner, name)))
            with pytest.raises(_KillError):
                kept.prune(40, days=30, other_days=30)
        report = audit(kept.store, kept.archive)
        assert report.ok, report.faults
        assert {"article 1 hari 2", "article 2 hari 1"} <= set(said(kept))
    kept.prune(40, days=30, other_days=30)
    assert said(kept) == ["article 1 hari 2", "article 2 hari 1"]
    assert kept.sound()
    assert len(archive_files(kept.archive)) == 2
    assert list(kept.archive.glob("*/.*")) == []


def test_a_pruned_store_is_backed_up_and_restored(kept: Kept, other_url: str, tmp_path: Path):
    kept.prune(40, days=30, other_days=30)
    made = make_backup(kept.store, kept.archive, tmp_path / "backups", version="0")
    assert restore(made.folder, other_url, tmp_path / "elsewhere" / "archive")[1].ok


def test_it_keeps_out_of_the_way_of_a_backup(kept: Kept):
    with disk.alone(kept.archive.parent), pytest.raises(StoreError, match="already at work"):
        kept.prune(40, days=30)


def test_a_store_without_an_archive_has_nothing_to_prune(store: Engine, tmp_path: Path):
    assert prune(store, tmp_path / "none", Terms(days=1), now=NOON) == Pruned()


def test_tidying_changes_nothing_that_is_kept(kept: Kept):
    before = said(kept)
    tidy(kept.store)
    assert said(kept) == before


def test_the_story_of_an_address_tells_what_was_pruned(kept: Kept):
    kept.prune(40, days=30)
    [story] = explain(kept.store, address(1)).addresses
    assert [record.pruned_at is None for record in story.records] == [False, True]
