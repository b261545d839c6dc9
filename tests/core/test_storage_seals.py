"""The seal of a revision: one flipped bit anywhere in what is kept of an article is found."""

import contextlib
import random
import re
import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, literal_column, select, text

from crawler.storage import articles
from crawler.storage.audit import audit
from crawler.storage.database import connect
from crawler.storage.runs import Run, finish_run
from crawler.storage.schema import revisions
from tests.core import storing

FLIPS = 300
SEALED = [column.name for column in revisions.c if column.name not in {"id", "seal"}]


def content_fault(engine: Engine) -> bool:
    return any(check.name == "content" for check in audit(engine).faults)


def changed(value: object) -> object:
    """Return another value of the same type that its column can hold."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 98  # names no row, so that no key of the database speaks first
    if isinstance(value, datetime):
        return value.replace(microsecond=(value.microsecond + 1) % 1_000_000)
    assert isinstance(value, str)
    return value + " "


def damage(engine: Engine, statement: str, **values: object) -> None:
    """Change the store without its own check of keys, as a failing disk would."""
    if engine.dialect.name == "sqlite":
        with contextlib.closing(sqlite3.connect(engine.url.database)) as plain, plain:
            plain.execute(statement, values)
    else:
        with engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            connection.execute(text(statement), values)


@pytest.mark.parametrize("column", SEALED)
def test_a_change_in_any_column_is_found(store: Engine, run: Run, column: str):
    storing.saved(store, run.id, 1)
    assert not content_fault(store)
    with store.connect() as connection:
        value = connection.execute(select(literal_column(column)).select_from(revisions)).scalar_one()
    new = "x" if value is None else changed(value)
    damage(store, f"UPDATE revisions SET {column} = :new", new=new)  # noqa: S608 a name of our own
    assert content_fault(store)


def test_a_seal_that_is_missing_or_another_is_found(store: Engine, run: Run):
    storing.saved(store, run.id, 1)
    for seal in (None, "0" * 64):
        damage(store, "UPDATE revisions SET seal = :seal", seal=seal)
        assert content_fault(store)


def test_odd_values_are_sealed_as_they_are_stored(store: Engine, run: Run):
    odd = {"headline": "nol \0 dan \ud800 lepas", "captions": ("\ud83d", "é–“"), "verdict": None}
    storing.saved(store, run.id, 1, **odd, published_at=None, standfirst=None)
    assert not content_fault(store)


def places_of_content(path: Path) -> list[int]:
    """Return where in a database file the values of the revisions are, texts and numbers alike."""
    with contextlib.closing(sqlite3.connect(path)) as plain:
        try:
            pages = plain.execute("SELECT pageno, pgsize FROM dbstat WHERE name = 'revisions'").fetchall()
        except sqlite3.OperationalError as error:
            pytest.skip(f"this SQLite does not tell where its tables are: {error}")
        texts = {
            value.encode()
            for row in plain.execute("SELECT * FROM revisions")
            for value in row
            if isinstance(value, str) and len(value) > 1
        }
    data, found = path.read_bytes(), set()
    for number, size in pages:
        page = data[(number - 1) * size : number * size]
        for sought in texts:
            for match in re.finditer(re.escape(sought), page):
                found.update(range((number - 1) * size + match.start(), (number - 1) * size + match.end()))
    return sorted(found)


def test_each_of_300_flipped_bits_is_found(tmp_path: Path, empty_sqlite: Path):
    drawn = random.Random(31)
    path, damaged = tmp_path / "sound.db", tmp_path / "damaged.db"
    shutil.copy(empty_sqlite, path)
    engine = connect(f"sqlite:///{path}")
    run = storing.runs.start_run(engine, "kontan", now=datetime(2026, 3, 4, tzinfo=UTC))
    for number in range(1, 9):
        storing.saved(engine, run.id, number)
    for number in range(1, 4):
        [work] = storing.frontier.offer(engine, run.id, [storing.entry(90 + number)]).fetch
        again = storing.article(number, headline=f"Judul baru {number}")
        articles.save(engine, again, run.id, work.url_id)
    finish_run(engine, run.id, "healthy")
    assert audit(engine).ok
    engine.dispose()
    places, sound = places_of_content(path), path.read_bytes()
    found = 0
    for _ in range(FLIPS):
        data = bytearray(sound)
        data[drawn.choice(places)] ^= 1 << drawn.randrange(8)
        damaged.write_bytes(data)
        engine = connect(f"sqlite:///{damaged}")
        found += not audit(engine).ok
        engine.dispose()
    assert found == FLIPS
