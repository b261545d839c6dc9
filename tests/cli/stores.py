"""Stores with invented articles, made through the storage's own functions."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from crawler.dates import WIB
from crawler.items import Article, Evidence, Instant, Removed, Verdict, Witness
from crawler.storage import articles, frontier, runs
from crawler.storage.archive import ArchiveWriter
from crawler.storage.database import connect, migrate
from crawler.storage.frontier import Entry, Settlement
from crawler.storage.states import State

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=WIB)
WINDOW = (NOON.replace(hour=0) - timedelta(days=2), NOON.replace(hour=0) + timedelta(days=1))


def store_at(folder: Path) -> Engine:
    """Return the engine of a migrated store in the data folder of the test."""
    (folder / "data").mkdir(exist_ok=True)
    engine = connect(f"sqlite:///{folder / 'data' / 'pantau.db'}")
    migrate(engine)
    return engine


def url_of(outlet: str, number: int) -> str:
    return f"https://www.{outlet}.co.id/news/delegasi-ke-{number}"


def article(outlet: str, number: int, **changes: Any) -> Article:
    """Return an invented article on the topic."""
    text = f"Delegasi nomor {number} dari Moskwa mendarat di Pyongyang dan disambut barisan kehormatan."
    values: dict[str, Any] = {
        "outlet": outlet,
        "url": url_of(outlet, number),
        "canonical_url": url_of(outlet, number),
        "headline": f"Delegasi Ke-{number} Tiba di Pyongyang",
        "body": (text, f"Pertemuan ke-{number} berlangsung tertutup selama dua hari penuh. " * 6),
        "fetched_at": NOON.astimezone(UTC) + timedelta(hours=1),
        "published_at": Instant(NOON + timedelta(minutes=number)),
        "byline": ("Wulan Rahmadani",),
        "page_text": f"Beranda\n\nDelegasi Ke-{number} Tiba di Pyongyang\n\n{text}\n",
        "removed": (Removed(1, "masthead", "Beranda"),),
        "witnesses": {"headline": Witness("json-ld", ("og:title",), {"list": "Delegasi Tiba"})},
        "verdict": Verdict(
            topic="russia-north-korea",
            on_topic=True,
            score=0.8,
            reason="both sides meet in the lead",
            evidence=(
                Evidence("Moskwa", "russia", "lead", "moskwa"),
                Evidence("Pyongyang", "north-korea", "lead", "pyongyang"),
            ),
        ),
    }
    return Article(**values | changes)


def crawled(  # noqa: PLR0913 - what a run comes to
    folder: Path,
    outlet: str = "kontan",
    kept: Sequence[Article] = (),
    *,
    failed: int = 0,
    verdict: runs.RunVerdict = "healthy",
    started_at: datetime = NOON,
) -> int:
    """Record a run that kept these articles and could not reach *failed* addresses; return its number."""
    engine = store_at(folder)
    run = runs.start_run(engine, outlet, since=WINDOW[0], until=WINDOW[1], now=started_at)
    entries = [
        Entry(url=one.url, source="feed", list_url=f"https://www.{outlet}.co.id/rss", headline=one.headline)
        for one in kept
    ]
    lost = [
        Entry(url=url_of(outlet, 900 + number), source="feed", list_url=f"https://www.{outlet}.co.id/rss")
        for number in range(failed)
    ]
    found = frontier.offer(engine, run.id, [*entries, *lost], now=started_at).fetch
    ids = {work.url: work.url_id for work in found}
    with ArchiveWriter(folder / "data" / "archive", outlet, run.id) as writer:
        for one in kept:
            page = f"<html>{one.headline}</html>".encode("utf-8", "replace")
            record = writer.write(one.url, 200, [("Content-Type", "text/html")], page, fetched_at=NOON)
            writer.sync()
            one.record_ids = (record.id,)
            articles.save(engine, one, run.id, ids[one.url], [record], now=started_at)
    for entry in lost:
        settlement = Settlement(url_id=ids[entry.url], state=State.FAILED, reason="timeout")
        frontier.settle(engine, run.id, settlement, now=started_at)
    looked = runs.Looked(covered=(WINDOW[0], started_at) if verdict == "healthy" else None)
    runs.finish_run(engine, run.id, verdict, looked=looked, now=started_at + timedelta(minutes=5))
    engine.dispose()
    return run.id
