"""The archive beyond the machine: the same on a folder and on an object store, whatever the store does."""

import os
import signal
import zlib
from collections.abc import Iterator
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from warcio.archiveiterator import ArchiveIterator

from crawler.config import Config, load_config
from crawler.errors import ConfigError, StoreError
from crawler.storage import frontier, objects, runs
from crawler.storage.archive import ArchiveWriter
from crawler.storage.audit import audit
from crawler.storage.backup import make_backup
from crawler.storage.database import open_database, reading
from crawler.storage.objects import ObjectStore
from crawler.storage.places import Place, archive_of, place_at
from crawler.storage.replay import LostRecordError, archive_files, iterate_file, read_record
from crawler.storage.restore import restore
from crawler.storage.retention import Terms, prune
from crawler.storage.schema import records
from tests.core import storing
from tests.core.archiving import HEADERS, PAGE, put
from tests.core.storing import NOON
from tests.objects import KEYS, Bucket, bucket, s3_server


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with s3_server() as address:
        yield address


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(objects, "PAUSES_S", (0, 0, 0))


@pytest.fixture
def ember(server: str, tmp_path: Path) -> Iterator[Bucket]:
    with bucket(server, tmp_path / "data") as made:
        yield made


@pytest.fixture(params=["folder", "s3", "memory"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Return an archive that nothing was written to, once at each kind of place."""
    if request.param == "folder":
        return place_at(tmp_path / "data" / "archive")
    if request.param == "s3":
        made: Bucket = request.getfixturevalue("ember")
        return made.store()
    return ObjectStore(f"memory://{tmp_path.name}/arsip", {}, beside=tmp_path / "data")


class TestAnyPlace:
    def test_what_is_written_comes_back(self, place: Place):
        assert archive_files(place) == []
        with ArchiveWriter(place, "kontan", 7) as writer:
            first = [put(writer), put(writer, 2, request_headers=[("Accept", "*/*")])]
            drawn = writer.write_rendering("https://a.example/", b"<p>x</p>", refers_to=None, fetched_at=NOON)
            writer.sync()
            last = put(writer, 3, body=b"")
        for ref in (*first, last, drawn):
            assert read_record(place, ref).ref == ref
        assert (read_record(place, first[0]).body, list(read_record(place, first[0]).headers)) == (
            PAGE,
            HEADERS,
        )
        found = [one.ref for file in archive_files(place) for one in iterate_file(place, file)]
        assert found == [*first, drawn, last]
        for file in archive_files(place):
            with place.open(file) as stream:
                kinds = [one.rec_type for one in ArchiveIterator(stream, check_digests="raise")]
                assert kinds[:2] == ["warcinfo", "response"]

    def test_two_writers_of_one_run_share_no_file(self, place: Place):
        with ArchiveWriter(place, "kontan", 1) as one, ArchiveWriter(place, "kontan", 1) as other:
            refs = [put(writer, number) for number in range(4) for writer in (one, other)]
        assert not {ref.file for ref in refs[::2]} & {ref.file for ref in refs[1::2]}
        assert all(read_record(place, ref).ref == ref for ref in refs)

    def test_a_file_that_is_gone_and_one_that_is_cut_are_named(self, place: Place):
        with ArchiveWriter(place, "kontan", 1) as writer:
            ref = put(writer)
        data = place.read(ref.file, 0, ref.offset + ref.length)
        with place.replacing(ref.file) as file:
            file.write(data[:-1])
        with pytest.raises(
            LostRecordError, match=rf"{ref.id} at byte \d+ of .*{ref.file} is lost: cut short"
        ):
            read_record(place, ref)
        with place.replacing(ref.file) as file:
            file.write(data[:5])
        with pytest.raises(LostRecordError, match="cut short"):
            read_record(place, ref)
        with pytest.raises(StoreError, match="cut at byte 0"):
            list(iterate_file(place, ref.file))
        place.remove(ref.file)
        with pytest.raises(LostRecordError, match="is lost: No such file; restore it"):
            read_record(place, ref)
        assert archive_files(place) == []

    def test_what_is_past_its_term_goes_and_the_rest_stays(self, store: Engine, place: Place):
        run = runs.start_run(store, "kontan", now=NOON)
        with ArchiveWriter(place, "kontan", run.id) as writer:
            old = [put(writer, 1, kind="list"), put(writer, 2)]
            young = put(writer, 3, fetched_at=NOON + timedelta(days=9))
            writer.sync()
            alone = put(writer, 4)
        frontier.add_records(store, run.id, [*old, young, alone])
        runs.finish_run(store, run.id, "healthy", now=NOON)
        done = prune(store, place, Terms(days=5), now=NOON + timedelta(days=10))
        assert done.records.total() == 3
        assert prune(store, place, Terms(days=5), now=NOON + timedelta(days=10)).records.total() == 0
        [file] = archive_files(place)
        assert "-0001-p1.warc.gz" in file
        assert [one.ref.id for one in iterate_file(place, file)] == [young.id]
        assert audit(store, place).ok

    def test_a_backup_of_it_is_restored_elsewhere(
        self, store: Engine, place: Place, tmp_path: Path, other_url: str
    ):
        run = runs.start_run(store, "kontan", now=NOON)
        with ArchiveWriter(place, "kontan", run.id) as writer:
            frontier.add_records(store, run.id, [put(writer)])
        runs.finish_run(store, run.id, "healthy", now=NOON)
        first = make_backup(store, place, tmp_path / "b", version="0.1.0")
        second = make_backup(store, place, tmp_path / "b", version="0.1.0")
        assert ((first.copied, first.linked), (second.copied, second.linked)) == ((1, 0), (0, 1))
        if store.dialect.name == "postgresql":
            return
        elsewhere = place_at(tmp_path / "again" / "archive")
        if place.folder is None:
            elsewhere = type(place)(f"{place.name}-lagi", getattr(place, "options", {}), beside=tmp_path)
        _, report = restore(second.folder, other_url, elsewhere)
        assert report.ok
        assert archive_files(elsewhere) == archive_files(place)


class TestObjects:
    def test_each_sync_makes_one_and_none_is_there_before(self, ember: Bucket):
        store = ember.store()
        with ArchiveWriter(store, "kontan", 12) as writer:
            ref = put(writer)
            assert archive_files(store) == []
            writer.sync()
            writer.sync()
            assert archive_files(store) == [ref.file]
            put(writer, 2)
        names = archive_files(store)
        assert [name.rpartition("-")[2] for name in names] == ["0001.warc.gz", "0002.warc.gz"]
        assert all(name.startswith("2026-03-04/kontan-run12-") for name in names)

    def test_what_another_wrote_is_not_replaced(self, ember: Bucket):
        store = ember.store()
        store.create("2026-03-04/kontan-run1-0001.warc.gz", b"satu")
        store.create("2026-03-04/kontan-run1-0001.warc.gz", b"satu")  # by an attempt whose answer was lost
        with pytest.raises(
            StoreError, match=r"run1-0001.warc.gz is not what was sent there; check that nobody"
        ):
            store.create("2026-03-04/kontan-run1-0001.warc.gz", b"dua!")
        assert store.read("2026-03-04/kontan-run1-0001.warc.gz", 0, 9) == b"satu"

    @pytest.mark.parametrize("fault", ["500", "reset", "half", "lost answer"])
    def test_a_fault_that_passes_loses_nothing(self, ember: Bucket, fault: str):
        ember.faults += [fault] * 3
        with ArchiveWriter(ember.store(), "kontan", 1) as writer:
            ref = put(writer)
        assert ember.faults == []
        assert read_record(ember.store(), ref).ref == ref
        assert len(archive_files(ember.store())) == 1

    @pytest.mark.parametrize("fault", ["500", "reset", "half"])
    def test_a_fault_that_stays_is_an_error_in_one_line(self, ember: Bucket, fault: str):
        ember.faults += [fault] * 50
        writer = ArchiveWriter(ember.store(), "kontan", 1)
        ref = put(writer)
        with pytest.raises(
            StoreError, match=rf"the archive {ember.url} cannot be used: .*start again"
        ) as caught:
            writer.sync()
        assert "\n" not in str(caught.value)
        assert archive_files(ember.store()) == []
        with pytest.raises(LostRecordError):
            read_record(ember.store(), ref)
        ember.faults.clear()  # the store is back
        after = put(writer, 2)
        writer.sync()
        assert [read_record(ember.store(), one).ref for one in (ref, after)] == [ref, after]

    def test_what_could_not_be_uploaded_is_dropped_at_the_end(self, ember: Bucket):
        ember.faults += ["reset"] * 50
        writer = ArchiveWriter(ember.store(), "kontan", 1)
        put(writer)
        with pytest.raises(StoreError):
            writer.sync()
        ember.faults.clear()
        writer.close()
        assert archive_files(ember.store()) == []

    def test_a_store_that_cannot_be_used_says_what_to_do(
        self, ember: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        missing = ObjectStore("s3://tidak-ada/arsip", ember.options, beside=tmp_path)
        nobody = ObjectStore(ember.url, {"endpoint_url": "http://127.0.0.1:1"}, beside=tmp_path)
        for store, said in ((missing, "make the bucket"), (nobody, "check the address, the network")):
            for use in (
                store.files,
                store.probe,
                lambda store=store: store.read("2026-03-04/a.warc.gz", 0, 1),
            ):
                with pytest.raises(StoreError, match=rf"{store.name} cannot be used: .*{said}"):
                    use()
        ember.faults.append("403")
        with pytest.raises(
            StoreError, match="check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and what"
        ) as no:
            ember.store().probe()
        assert KEYS["AWS_SECRET_ACCESS_KEY"] not in str(no.value)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.delenv(name)
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        monkeypatch.setenv("HOME", str(tmp_path))
        with pytest.raises(StoreError, match="set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"):
            ObjectStore(ember.url, ember.options, beside=tmp_path).probe()

    def test_a_probe_leaves_nothing(self, ember: Bucket):
        ember.store().probe()
        assert ember.keys() == []

    def test_a_damaged_and_a_lost_object_are_named_by_the_audit(self, store: Engine, ember: Bucket):
        run = runs.start_run(store, "kontan", now=NOON)
        place = ember.store()
        refs = []
        with ArchiveWriter(place, "kontan", run.id) as writer:
            for number in range(3):
                refs.append(put(writer, number))
                writer.sync()
        frontier.add_records(store, run.id, refs)
        runs.finish_run(store, run.id, "healthy", now=NOON)
        assert audit(store, place).ok
        data = bytearray(place.read(refs[0].file, 0, 10**6))
        data[-20] ^= 1
        ember.put(refs[0].file, bytes(data))
        place.remove(refs[1].file)
        [check] = audit(store, place).faults
        assert (check.name, check.faults) == ("archive", 2)
        assert all(any(ref.id in words for words in check.examples) for ref in refs[:2])

    def test_a_backup_may_leave_it_where_it_is(
        self, store: Engine, ember: Bucket, tmp_path: Path, other_url: str
    ):
        run = runs.start_run(store, "kontan", now=NOON)
        place = ember.store()
        with ArchiveWriter(place, "kontan", run.id) as writer:
            ref = put(writer)
            frontier.add_records(store, run.id, [ref])
        runs.finish_run(store, run.id, "healthy", now=NOON)
        made = make_backup(store, place, tmp_path / "b", version="0.1.0", with_archive=False)
        assert (made.manifest.archive, made.manifest.archive_at) == ((), place.name)
        assert [(each.file, each.bytes) for each in made.manifest.left_out] == [
            (ref.file, ref.offset + ref.length)
        ]
        assert restore(made.folder, other_url, place)[1].ok
        if store.dialect.name == "postgresql":
            return
        whole = make_backup(store, ember.store("kosong"), tmp_path / "c", version="0.1.0")
        with pytest.raises(StoreError, match="holds 1 other objects, and none is moved aside"):
            restore(whole.folder, f"sqlite:///{tmp_path / 'x.db'}", place, force=True)


def crawl_until(pipe: Connection, url: str, ember: tuple, number: int, *, after: bool) -> None:
    """Child: crawl into an object store, and kill this process at its upload of that number."""
    os.environ |= KEYS  # it is forked from a process that began before they were set
    store, real, left = ObjectStore(ember[0], ember[1], beside=ember[2]), ObjectStore.create, [number]

    def create(self: ObjectStore, file: str, data: bytes) -> None:
        left[0] -= 1
        if after or left[0]:
            real(self, file, data)
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)

    ObjectStore.create = create  # type: ignore[method-assign]
    storing.crawl(pipe, url, store, ember[2] / "ledger", range(8))


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_at_an_upload_no_row_names_what_is_not_there(
    ember: Bucket, tmp_path: Path, *, after: bool
) -> None:
    (tmp_path / "data").mkdir()
    store_url = f"sqlite:///{tmp_path / 'data' / 'pantau.db'}"
    for number in (1, 4):
        child, _ = storing.started(
            crawl_until_with(after=after), store_url, (ember.url, ember.options, tmp_path / "data"), number
        )
        child.join(60)
        assert child.exitcode == -signal.SIGKILL
        engine = open_database(store_url)
        runs.close_dead_runs(engine)
        report = audit(engine, ember.store())
        assert report.ok, report.faults
        assert bool(report.notes) == after  # what was uploaded and never named is told
        engine.dispose()
    storing.crawl(_Deaf(), store_url, ember.store(), tmp_path / "data" / "ledger", range(8))  # type: ignore[arg-type]
    engine = open_database(store_url)
    assert audit(engine, ember.store()).ok
    with reading(engine) as connection:
        named = connection.execute(select(records.c.id)).scalars().all()
    assert len(named) == 8
    engine.dispose()


class _Deaf:
    def send(self, _: object) -> None: ...


def crawl_until_with(*, after: bool):
    return _after if after else _before


def _before(pipe: Connection, url: str, ember: tuple, number: int) -> None:
    crawl_until(pipe, url, ember, number, after=False)


def _after(pipe: Connection, url: str, ember: tuple, number: int) -> None:
    crawl_until(pipe, url, ember, number, after=True)


class TestConfiguration:
    def test_where_the_archive_is(self, tmp_path: Path):
        assert archive_of(Config(data_dir=tmp_path)).name == str(tmp_path / "archive")
        shared = tmp_path / "bersama"
        with pytest.raises(ConfigError, match="is not there; mount its disk, or make it"):
            archive_of(Config(archive=str(shared)))
        shared.mkdir()
        assert archive_of(Config(archive=str(shared))).folder == shared
        assert archive_of(Config(archive="s3://ember/arsip/")).name == "s3://ember/arsip"

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"archive": "s3://"}, "give a folder, or a bucket and a prefix"),
            ({"archive": "https://ember.example/x"}, "give a folder, or a bucket and a prefix"),
            ({"archive": "s3://kunci:rahasia@ember/x"}, "keys come from the environment"),
            (
                {"archive": "s3://e/x", "archive_options": {"secret": "rahasia"}},
                "keys come from the environment",
            ),
        ],
    )
    def test_what_cannot_be_is_refused_without_a_secret(self, given: dict, said: str):
        with pytest.raises(ConfigError, match=said) as caught:
            load_config(given, {})
        assert "rahasia" not in str(caught.value)

    def test_options_of_another_store_and_a_missing_package_are_named(self, monkeypatch: pytest.MonkeyPatch):
        with pytest.raises(ConfigError, match=r"tiada://ember/x cannot be set up .*; see `archive`"):
            archive_of(Config(archive="tiada://ember/x"))
        monkeypatch.setattr(
            objects.fsspec, "filesystem", lambda *_, **__: (_ for _ in ()).throw(ImportError())
        )
        with pytest.raises(ConfigError, match=r"needs a package that is not here; install pantau\[s3\]"):
            archive_of(Config(archive="s3://ember/x"))


def test_a_record_is_a_gzip_member_in_an_object_too(ember: Bucket) -> None:
    store = ember.store()
    with ArchiveWriter(store, "kontan", 1) as writer:
        put(writer)
        ref = put(writer, 2)
    member = store.read(ref.file, ref.offset, ref.length)
    assert zlib.decompress(member, zlib.MAX_WBITS | 16).startswith(b"WARC/1.1\r\n")
