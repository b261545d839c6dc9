"""A store that is moved is the same store elsewhere; until all of it is there, it stays where it was."""

import os
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, make_url, select, text

from crawler.errors import StoreError
from crawler.storage import articles, leases, moving, runs
from crawler.storage.audit import audit
from crawler.storage.database import connect, open_database, reading, transact
from crawler.storage.moves import FROM, MovedError, marked
from crawler.storage.moving import move_store, stay
from crawler.storage.plans import SCHEDULER
from crawler.storage.schema import robots, sources
from crawler.storage.schema_analysis import metadata
from crawler.storage.search import search
from tests.conftest import SERVER
from tests.core import storing
from tests.core.storing import NOON, article

pytestmark = pytest.mark.postgres


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "archive"


@pytest.fixture(params=["sqlite", "postgres"])
def ways(request: pytest.FixtureRequest, tmp_path: Path, new_postgres: Callable[[], str]) -> tuple[str, str]:
    """Return the addresses of two empty databases: the store's, and the one that it is moved to."""
    sqlite = f"sqlite:///{tmp_path / 'data' / 'pantau.db'}"
    return (sqlite, new_postgres()) if request.param == "sqlite" else (new_postgres(), sqlite)


@pytest.fixture
def crawled(ways: tuple[str, str], archive: Path) -> str:
    """Return the address of a store that a crawl wrote."""
    crawl(ways[0], archive, range(12))
    return ways[0]


def crawl(url: str, archive: Path, numbers: range) -> None:
    """Crawl as the tests of the storage do, in this process."""

    class Deaf:
        def send(self, _: object) -> None: ...

    storing.crawl(Deaf(), url, archive, archive.parent / "ledger", numbers)  # type: ignore[arg-type]


def everything(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of all tables, as they are read."""
    engine = connect(url)
    with reading(engine) as connection:
        found = {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
            if table.name != "moves"
        }
    engine.dispose()
    return found


def test_all_of_it_is_there_afterwards(crawled: str, ways: tuple[str, str], archive: Path) -> None:
    before, steps = everything(crawled), []
    moved = move_store(*ways, steps.append)
    assert everything(ways[1]) == before
    assert moved.rows["articles"] == len(before["articles"]) == 9
    assert steps[-1] == "committed"
    engine = connect(ways[1])
    report = audit(engine, archive)
    assert (report.ok, report.notes) == (True, ())
    assert len(search(engine, "moskwa mendarat", limit=100)) == 9
    engine.dispose()


def test_the_old_store_says_where_it_went_and_can_be_taken_back(crawled: str, ways: tuple[str, str]) -> None:
    opened = connect(crawled)
    move_store(*ways)
    for use in (open_database, lambda url: move_store(url, ways[1])):
        with pytest.raises(MovedError, match=r"this store was moved to .* .*; set `database` to that"):
            use(crawled)
    with pytest.raises(MovedError):  # what had it open already
        runs.start_run(opened, "kontan")
    with pytest.raises(MovedError):
        leases.acquire(opened, SCHEDULER, "token", 30)
    opened.dispose()
    assert stay(crawled) == make_url(ways[1]).render_as_string(hide_password=True)
    assert stay(crawled) is None
    open_database(crawled).dispose()


def test_the_next_crawl_goes_on_where_the_last_one_ended(
    crawled: str, ways: tuple[str, str], archive: Path
) -> None:
    before = everything(crawled)
    move_store(*ways)
    crawl(ways[1], archive, range(14))
    after = everything(ways[1])
    assert [row for row in after["articles"] if row in before["articles"]] == before["articles"]
    assert len(after["articles"]) == len(before["articles"]) + 2
    assert len(after["records"]) == len(before["records"]) + 2  # what was known was not fetched again
    assert {row[0] for row in after["runs"]} == {1, 2}
    engine = connect(ways[1])
    assert audit(engine, archive).ok
    engine.dispose()


def test_numbers_of_rows_that_are_gone_are_not_given_again(crawled: str, ways: tuple[str, str]) -> None:
    engine = connect(crawled)
    for outlet in ("republika", "suara"):
        run = runs.start_run(engine, outlet)
        runs.finish_run(engine, run.id, "healthy")
    transact(engine, lambda connection: connection.execute(text("DELETE FROM runs WHERE id > 1")))
    engine.dispose()
    move_store(*ways)
    engine = connect(ways[1])
    assert runs.start_run(engine, "kontan").id == 4
    engine.dispose()


def test_a_store_in_use_stays(crawled: str, ways: tuple[str, str]) -> None:
    engine = connect(crawled)
    run = runs.start_run(engine, "suara")
    with pytest.raises(
        StoreError, match=rf"run {run.id} of suara is at work \(process {os.getpid()} on .*stop"
    ):
        move_store(*ways)
    runs.finish_run(engine, run.id, "healthy")
    leases.acquire(engine, SCHEDULER, "token", 30)
    with pytest.raises(StoreError, match=r"`pantau schedule` is at work .* stop it first"):
        move_store(*ways)
    leases.release(engine, SCHEDULER, "token")
    engine.dispose()
    move_store(*ways)


def test_only_an_empty_database_is_written_to(crawled: str, ways: tuple[str, str]) -> None:
    with pytest.raises(StoreError, match="there already"):
        move_store(crawled, crawled)
    engine = open_database(ways[1])  # tables without a row are as good as none
    runs.start_run(engine, "kontan")
    with pytest.raises(StoreError, match="is not empty: it has rows of runs; give that of a new"):
        move_store(*ways)
    transact(engine, lambda connection: connection.execute(text("DELETE FROM runs")))
    engine.dispose()
    assert move_store(*ways).rows["runs"] == 1


def test_another_programs_database_is_left_alone(crawled: str, ways: tuple[str, str]) -> None:
    engine = connect(ways[1])
    transact(engine, lambda connection: connection.execute(text("CREATE TABLE belonging (id integer)")))
    engine.dispose()
    with pytest.raises(StoreError, match="belongs to another program"):
        move_store(*ways)
    open_database(crawled).dispose()


def move_until(pipe: Connection, source: str, target: str, number: int) -> None:
    """Child: move a store, and kill this process at its step of that number; tell how many there are."""
    steps = []

    def tell(step: str) -> None:
        steps.append(step)
        if len(steps) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    move_store(source, target, tell)
    pipe.send(len(steps))


def test_killed_anywhere_the_same_command_does_the_rest(crawled: str, ways: tuple[str, str]) -> None:
    before = everything(crawled)
    number, killed = 0, 0
    while True:
        number += 1 if number < 3 else 17  # some of the steps; the last one is between the two commits
        child, pipe = storing.started(move_until, *ways, number)
        child.join(60)
        if child.exitcode == 0:
            steps = pipe.recv()
            break
        killed += 1
        assert child.exitcode == -signal.SIGKILL
        assert everything(crawled) == before  # and nothing says that it was moved
        open_database(crawled).dispose()
    assert killed >= 4
    assert number > steps
    assert everything(ways[1]) == before


def test_killed_between_the_two_commits_the_mark_is_what_is_left(crawled: str, ways: tuple[str, str]) -> None:
    before = everything(crawled)

    def die(step: str) -> None:
        if step == "committed":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        move_store(*ways, die)
    open_database(crawled).dispose()
    assert everything(ways[1]) == before
    engine = connect(ways[1])
    with reading(engine) as connection:
        assert marked(connection, FROM) is not None
    engine.dispose()
    assert move_store(*ways).again
    with pytest.raises(MovedError):
        open_database(crawled)


def test_a_store_that_went_on_is_another_one(crawled: str, ways: tuple[str, str], archive: Path) -> None:
    move_store(*ways)
    stay(crawled)
    crawl(crawled, archive, range(20, 22))
    with pytest.raises(StoreError, match="holds another store; give the address of an empty database"):
        move_store(*ways)
    open_database(crawled).dispose()


@pytest.mark.usefixtures("crawled")
def test_a_row_that_does_not_arrive_as_it_was_is_noticed(
    ways: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = moving._rows  # noqa: SLF001 - the one that is broken

    def bent(connection: Any, table: Any) -> Iterator[Any]:
        for row in real(connection, table):
            there = connection.engine.url.render_as_string(hide_password=False) == ways[1]
            broken = there and table.name == "sightings"
            yield (*row[:-1], NOON) if broken else row

    monkeypatch.setattr(moving, "_rows", bent)
    with pytest.raises(StoreError, match=r"sightings in .* is not what was sent there; nothing was moved"):
        move_store(*ways)
    monkeypatch.undo()
    engine = open_database(ways[1])
    with reading(engine) as connection:
        assert not connection.execute(text("SELECT count(*) FROM runs")).scalar()
    engine.dispose()


def test_damage_in_the_old_store_is_named(
    tmp_path: Path, archive: Path, new_postgres: Callable[[], str]
) -> None:
    url = f"sqlite:///{tmp_path / 'pantau.db'}"
    crawl(url, archive, range(3))
    engine = connect(url)
    spoil = text("UPDATE urls SET headline = CAST(x'ff00ff' AS TEXT) WHERE id = 2")
    transact(engine, lambda connection: connection.execute(spoil))
    engine.dispose()
    with pytest.raises(StoreError, match=r"a row of urls cannot be read .*run `pantau audit`"):
        move_store(url, new_postgres())
    open_database(url).dispose()


HOSTILE = st.text(
    st.one_of(st.characters(codec=None), st.sampled_from("\0\ud800\udfff\t\n\\'\"\u2028é\U0001f6f0")),
    max_size=60,
)
TIMES = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 given by timezones


@given(
    headlines=st.lists(HOSTILE.filter(str.strip), min_size=1, max_size=4, unique=True),
    body=HOSTILE,
    tags=st.lists(HOSTILE, max_size=3),
    page=st.binary(max_size=300),
    at=TIMES,
    number=st.floats(allow_nan=False),
    offset=st.integers(-900, 900),
)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_value_arrives_as_it_was(  # noqa: PLR0913, PLR0917 - what can be in a row
    tmp_path_factory: pytest.TempPathFactory,
    empty_sqlite: Path,
    empty_postgres: Callable[[], str],
    headlines: list[str],
    body: str,
    tags: list[str],
    page: bytes,
    at: datetime,
    number: float,
    offset: int,
) -> None:
    folder = tmp_path_factory.mktemp("hostile")
    urls = [f"sqlite:///{folder / 'one.db'}", empty_postgres(), f"sqlite:///{folder / 'two.db'}"]
    (folder / "one.db").write_bytes(empty_sqlite.read_bytes())
    engine = connect(urls[0])
    run = runs.start_run(engine, "kontan", now=NOON)
    for position, headline in enumerate(headlines):
        [work] = storing.offered(engine, run.id, position)
        kept = article(position, headline=headline, body=(body, "isi"), tags=tuple(tags), page_text=body * 50)
        articles.save(engine, kept, run.id, work.url_id, now=NOON.replace(microsecond=1))
    runs.finish_run(engine, run.id, "healthy", now=NOON + timedelta(hours=1))

    def write(connection: Any) -> None:
        connection.execute(
            insert(robots), {"host": "h" * 9, "status": offset, "body": page, "fetched_at": at}
        )
        connection.execute(
            insert(sources), {"outlet": "kontan", "source": "feed", "interval_s": number, "polled_at": at}
        )

    transact(engine, write)
    seals = audit(engine)
    engine.dispose()
    before = everything(urls[0])
    for source, target in pairwise(urls):
        move_store(source, target)
        assert everything(target) == before
        engine = connect(target)
        assert audit(engine).ok == seals.ok
        engine.dispose()


@pytest.fixture
def new_postgres() -> Iterator[Callable[[], str]]:
    """Return what makes a new PostgreSQL database and returns its address."""
    url = make_url(SERVER)
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    made: list[str] = []
    try:
        server = psycopg.connect(plain, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        pytest.skip(f"no PostgreSQL at {url.host}:{url.port}: {error}")
    with server:

        def make() -> str:
            made.append(f"pantau_moved_{os.getpid()}_{len(made)}")
            server.execute(f'CREATE DATABASE "{made[-1]}"')
            return url.set(database=made[-1]).render_as_string(hide_password=False)

        yield make
        for name in made:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
