"""Invented articles, and what child processes of the storage tests do."""

import os
import signal
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from crawler.dates import WIB
from crawler.errors import StoreError
from crawler.items import Article, Evidence, Instant, Removed, Verdict, Witness
from crawler.storage import articles, frontier, runs
from crawler.storage.archive import ArchiveWriter, RecordRef
from crawler.storage.backup import make_backup
from crawler.storage.database import connect, migrate, open_database
from crawler.storage.frontier import Entry, Settlement, Work
from crawler.storage.places import Place
from crawler.storage.states import State

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=WIB)

# A server that has imported all this once forks children within milliseconds, and without our threads.
processes = get_context("forkserver")
processes.set_forkserver_preload([__name__])


def address(number: int, host: str = "www.kontan.example") -> str:
    return f"https://{host}/berita/kunjungan-pejabat-{number}"


def entry(number: int, **changes: Any) -> Entry:
    values = {
        "url": address(number),
        "source": "feed",
        "list_url": "https://www.kontan.example/rss",
        "headline": f"Kunjungan pejabat ke-{number}",
        "published_at": Instant(NOON + timedelta(minutes=number)),
    }
    return Entry(**values | changes)


def article(number: int, **changes: Any) -> Article:
    """Return an article with every field filled."""
    text = f"Delegasi nomor {number} dari Moskwa mendarat di Pyongyang dan disambut barisan kehormatan."
    values = {
        "outlet": "kontan",
        "url": address(number) + "?page=all",
        "canonical_url": address(number),
        "headline": f"Kunjungan pejabat ke-{number}",
        "body": (
            text,
            "Perundingan berlangsung tertutup selama dua hari penuh.",
            "Kedua pihak meneken nota. " * 12,
        ),
        "fetched_at": NOON.astimezone(UTC) + timedelta(hours=1, microseconds=123),
        "standfirst": "Rombongan tiba pagi hari.",
        "published_at": Instant(NOON + timedelta(minutes=number), precision="minute", zone_assumed=True),
        "byline": ("Wulan Rahmadani",),
        "editors": ("Bagas Prakoso", "Ningsih"),
        "dateline": "PYONGYANG",
        "source": "Kantor berita rekaan",
        "captions": ("Tamu turun dari pesawat",),
        "tags": ("Rusia", "Korea Utara"),
        "page_text": f"• Beranda\nKunjungan pejabat ke-{number}\n{text}\n",
        "removed": (Removed(1, "menu", "• Beranda"), Removed(9, "crosslink", "Baca pula kabar lain")),
        "witnesses": {
            "headline": Witness("json-ld", ("og",), {"list": "Kunjungan"}),
            "published_at": Witness("meta"),
        },
        "body_from": "generic",
        "partial": True,
        "verdict": Verdict(
            topic="russia-north-korea",
            on_topic=True,
            score=0.75,
            reason="both sides meet",
            evidence=(Evidence("Moskwa", "russia", "lead", "Moskwa"),),
        ),
    }
    return Article(**values | changes)


def offered(store: Engine, run_id: int, *numbers: int) -> list[Work]:
    return list(frontier.offer(store, run_id, [entry(number) for number in numbers]).fetch)


def saved(store: Engine, run_id: int, number: int, **changes: Any) -> articles.Outcome:
    """Offer and save an invented article."""
    [work] = offered(store, run_id, number)
    return articles.save(store, article(number, **changes), run_id, work.url_id, now=NOON)


def ref(number: int, **changes: Any) -> RecordRef:
    values = {
        "id": f"urn:uuid:00000000-0000-4000-8000-{number:012d}",
        "file": "2026-03-04/kontan-run1-0001.warc.gz",
        "offset": number * 1000,
        "length": 900,
        "sha256": f"{number:064x}",
        "url": address(number),
        "status": 200,
        "fetched_at": NOON.astimezone(UTC),
        "content_type": "text/html",
    }
    return RecordRef(**values | changes)


def started(target: Callable[..., None], *arguments: object) -> tuple[BaseProcess, Connection]:
    """Start *target* in a process of its own; its first argument is a pipe to the connection returned."""
    ours, theirs = processes.Pipe()
    child = processes.Process(target=target, args=(theirs, *arguments))
    child.start()
    theirs.close()
    return child, ours


def take_outlet(pipe: Connection, url: str, outlet: str) -> None:
    """Child: say "ready", wait for the signal, start a run, tell the outcome, stay until told to end."""
    engine = open_database(url)
    pipe.send("ready")
    pipe.recv()
    try:
        pipe.send(("won", runs.start_run(engine, outlet).id))
    except StoreError as error:
        pipe.send(("lost", str(error)))
    pipe.recv()
    engine.dispose()


def open_store(pipe: Connection, url: str) -> None:
    """Child: open a store, migrating it if need be, and say so."""
    pipe.send("going")
    open_database(url).dispose()
    pipe.send("open")


def migrate_until(pipe: Connection, url: str, number: int) -> None:  # noqa: ARG001 every child has a pipe
    """Child: migrate a store, and kill this process before its statement of that number."""
    engine = connect(url)
    left = [number]

    @event.listens_for(engine, "before_cursor_execute")
    def _count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.split(maxsplit=1)[0] in {"CREATE", "ALTER", "DROP", "UPDATE", "INSERT"}:
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)

    migrate(engine)
    engine.dispose()


def back_up(pipe: Connection, url: str, archive: Path, folder: Path) -> None:
    """Child: make a backup."""
    engine = open_database(url)
    pipe.send("going")
    make_backup(engine, archive, folder, version="0.1.0")
    engine.dispose()


def crawl(pipe: Connection, url: str, archive: Path | Place, ledger: Path, numbers: Sequence[int]) -> None:
    """Child: a crawl without a network. Writes a line to *ledger* for each thing acknowledged."""
    engine = open_database(url)
    acknowledged = os.open(ledger, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def note(*words: object) -> None:
        os.write(acknowledged, (" ".join(map(str, words)) + "\n").encode())

    pipe.send("going")
    run_id = runs.start_run(engine, "kontan").id
    note("run", run_id)
    with ArchiveWriter(archive, "kontan", run_id, roll_bytes=20_000) as writer:
        for work in frontier.pending(engine, run_id):
            _visit(engine, writer, run_id, work, note)
        for start in range(0, len(numbers), 4):
            listed = [entry(number) for number in numbers[start : start + 4]]
            fetch = frontier.offer(engine, run_id, listed).fetch
            for one in listed:
                note("offered", one.url)
            for work in fetch:
                _visit(engine, writer, run_id, work, note)
    runs.finish_run(engine, run_id, "healthy")
    note("finished", run_id)
    engine.dispose()
    pipe.send("done")


def _visit(engine: Engine, writer: ArchiveWriter, run_id: int, work: Work, note: Callable[..., None]) -> None:
    number = int(work.url.rpartition("-")[2])
    page = f"<html>halaman {number}</html>".encode() * 20
    record = writer.write(work.url, 200, [("Content-Type", "text/html")], page, fetched_at=NOON)
    writer.sync()
    note("archived", record.id, record.file, record.offset)
    if number % 5 == 0:
        settlement = Settlement(
            url_id=work.url_id, state=State.OFF_TOPIC, reason="text", detail={"score": 0.1}, records=[record]
        )
        frontier.settle(engine, run_id, settlement)
        note("settled", work.url)
    else:
        outcome = articles.save(
            engine, article(number, record_ids=(record.id,)), run_id, work.url_id, [record]
        )
        note("saved", work.url, outcome.article_id, outcome.revision)
