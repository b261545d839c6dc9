"""Stores to test with: SQLite always, PostgreSQL where a server listens."""

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, Integer, make_url, text

from crawler.rendering.finding import find_browser
from crawler.storage.database import connect, migrate
from crawler.storage.runs import Run, start_run
from crawler.storage.schema_analysis import metadata
from tests.serving import Services, services

SERVER = os.environ.get("PANTAU_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/test")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests of whole crawls: they take longest, and the others fill what time is left."""
    items.sort(key=lambda item: item.path.parent.name != "tests")
    if find_browser() is None:
        missing = pytest.mark.skip(reason="no Chromium or Chrome on this machine; `make setup` brings one")
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(missing)


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a migrated SQLite file without a row, to be copied: a migration takes longer than most tests."""
    path = tmp_path_factory.mktemp("store") / "empty.db"
    engine = connect(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Return the address of a migrated PostgreSQL database that lives as long as this session."""
    url = make_url(SERVER)
    name = f"pantau_test_{uuid.uuid4().hex[:12]}"
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        server = psycopg.connect(plain, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        pytest.skip(f"no PostgreSQL at {url.host}:{url.port}: {error}")
    with server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            address = url.set(database=name).render_as_string(hide_password=False)
            engine = connect(address)
            migrate(engine)
            engine.dispose()
            yield address
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def empty_postgres(postgres_url: str) -> Iterator[Callable[[], str]]:
    """Return a function that takes all rows out of the PostgreSQL database and returns its address."""
    # Not TRUNCATE, which takes ten times as long on small tables.
    tables = [table.name for table in reversed(metadata.sorted_tables)]
    numbered = [
        name
        for name in tables
        if "id" in metadata.tables[name].c and isinstance(metadata.tables[name].c.id.type, Integer)
    ]
    statements = [f"DELETE FROM {name}" for name in ("search", *tables)]  # noqa: S608 names of our own
    statements += [f"ALTER SEQUENCE {name}_id_seq RESTART" for name in numbered]
    engine = connect(postgres_url)

    def empty() -> str:
        with engine.begin() as connection:
            connection.execute(text("; ".join(["SET LOCAL synchronous_commit = off", *statements])))
        return postgres_url

    yield empty
    engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of a migrated store without a row, once on each database."""
    if request.param == "sqlite":
        path = tmp_path / "pantau.db"
        shutil.copy(request.getfixturevalue("empty_sqlite"), path)
        return f"sqlite:///{path}"
    address: str = request.getfixturevalue("empty_postgres")()
    return address


@pytest.fixture
def other_url(store_url: str, tmp_path: Path) -> Iterator[str]:
    """Return the address of a database of the same kind in which there is nothing at all."""
    url = make_url(store_url)
    if url.get_backend_name() == "sqlite":
        yield f"sqlite:///{tmp_path / 'elsewhere' / 'pantau.db'}"
        return
    name = f"{url.database}_other"
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            yield url.set(database=name).render_as_string(hide_password=False)
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def store(store_url: str) -> Iterator[Engine]:
    """Return an engine for an empty store."""
    engine = connect(store_url, busy_s=5)
    yield engine
    engine.dispose()


@pytest.fixture
def run(store: Engine) -> Run:
    """Return a run of the outlet "kontan" that has just started."""
    return start_run(store, "kontan")


@pytest.fixture
def daemons(tmp_path: Path, store: Engine) -> Iterator[Services]:
    """Return what starts services on the store, and ends those that are left."""
    with services(tmp_path, store) as made:
        yield made
