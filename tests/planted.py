"""A store in which every text that came from outside tries to act when it is shown."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, insert, update

from crawler.config import Config
from crawler.items import Evidence, Instant, Removed, Verdict, Witness
from crawler.storage import articles, decay, frontier, runs
from crawler.storage.archive import ArchiveWriter
from crawler.storage.columns import storable
from crawler.storage.database import connect, migrate, transact
from crawler.storage.frontier import address_key
from crawler.storage.ledger import write_event
from crawler.storage.schema import articles as article_rows
from crawler.storage.schema import plans, records, revisions, schedules, sightings, urls, visits
from crawler.storage.schema_analysis import prints, stories, story_members, verdicts
from tests.core.storing import article, entry
from tests.pictured import NOW, Pictured, described

OUTLET = "kontan"
_OTHER = "detik"


def planted(folder: Path, chunks: Sequence[Sequence[str]]) -> Pictured:
    """Return a store with one article, run and story for each of *chunks*, all of them made of its texts."""
    config = Config(data_dir=folder, now=NOW)
    engine = connect(config.database_url)
    migrate(engine)
    for number, chunk in enumerate(chunks, 1):
        for outlet in (OUTLET, _OTHER):
            _crawl(config, engine, outlet, number, chunk)
        transact(engine, lambda connection, at=number, texts=chunk: _tell(connection, at, texts))
    transact(engine, lambda connection: _settle(connection, [text for chunk in chunks for text in chunk]))
    return Pictured(config, engine, described())


def _crawl(config: Config, engine: Engine, outlet: str, number: int, chunk: Sequence[str]) -> None:
    log = config.data_dir / "logs" / f"{outlet}-{number}.log"
    log.parent.mkdir(exist_ok=True)
    log.write_text("\n".join(chunk), encoding="utf-8", errors="replace")
    began = NOW - timedelta(hours=30 - number)
    run = runs.start_run(engine, outlet, now=began, log=str(log))
    host = f"www.{outlet}.example"
    listed = entry(number, url=f"https://{host}/berita/{number}")
    [work] = frontier.offer(engine, run.id, [listed], now=began).fetch
    with ArchiveWriter(config.archive_dir, outlet, run.id) as writer:
        page = "<!doctype html><title>x</title>\n" + "\n".join(chunk)
        kind = ("Content-Type", "text/html; charset=utf-8")
        record = writer.write(work.url, 200, [kind], page.encode(errors="replace"), fetched_at=began)
        writer.sync()
    one = _hostile(outlet, number, chunk, work.url, (record.id,))
    articles.save(engine, one, run.id, work.url_id, [record], now=began)
    edited = _hostile(outlet, number, [text[::-1] + text for text in chunk], work.url, (record.id,))
    articles.save(engine, edited, run.id, work.url_id, cause="outlet", now=began + timedelta(minutes=3))
    traits = {"unusable": dict.fromkeys(chunk, 2), "unread": dict.fromkeys(chunk, 1), "read": 1}
    traits |= {"listed": dict.fromkeys(chunk, 3), "refused": dict.fromkeys(chunk, 1)}
    looked = runs.Looked(covered=(began - timedelta(days=1), began), traits=traits)
    runs.finish_run(engine, run.id, "degraded", list(chunk), looked=looked, now=began + timedelta(minutes=5))
    decay.raise_alarm(
        engine, outlet, run_id=run.id, since=began, url=chunk[0], share=0.5, signals=tuple(chunk),
        evidence=chunk[-1], ruleset="x",
    )  # fmt: skip


def _hostile(outlet: str, number: int, chunk: Sequence[str], url: str, record_ids: tuple[str, ...]) -> Any:
    joined = " ".join(chunk)
    evidence = tuple(Evidence(text, text, text, text) for text in chunk if text)
    return article(
        number,
        outlet=outlet, url=url, canonical_url=url,
        headline=joined, standfirst=joined, dateline=joined, source=joined,
        body=(f"Gandum {number} tiba di pelabuhan.", *chunk), captions=tuple(chunk), tags=tuple(chunk),
        byline=tuple(chunk), editors=tuple(chunk), page_text="\n".join(chunk),
        removed=tuple(Removed(at, text, text) for at, text in enumerate(chunk, 1)),
        witnesses={text: Witness(text, (text,), {text: text}) for text in chunk},
        published_at=Instant(NOW - timedelta(hours=40 - number)),
        verdict=Verdict(chunk[0], on_topic=True, score=0.5, reason=joined, evidence=evidence),
        record_ids=record_ids,
    )  # fmt: skip


def _tell(connection: Connection, number: int, chunk: Sequence[str]) -> None:
    """Put the texts where no article leads them: addresses, lists, visits, verdicts, a story."""
    ids = (2 * number - 1, 2 * number)
    joined, first = " ".join(chunk), chunk[0]
    for each, address in zip(ids, chunk, strict=False):
        connection.execute(
            update(article_rows).where(article_rows.c.id == each).values(gone="suspected", gone_at=NOW)
        )
        connection.execute(update(revisions).where(revisions.c.article_id == each).values(url=address))
        connection.execute(
            update(article_rows)
            .where(article_rows.c.id == each)
            .values(canonical_url=address, key=address_key(storable(address)))
        )
        connection.execute(
            update(urls).where(urls.c.article_id == each).values(url=joined, headline=joined, reason=first)
        )
        of_url = sightings.c.url_id == each
        connection.execute(
            update(sightings).where(of_url).values(list_url=joined, headline=joined, source=first)
        )
        connection.execute(
            update(visits)
            .where(visits.c.url_id == each)
            .values(reason=first, detail={text: text for text in chunk})
        )
        rows = [
            {
                "article_id": each, "topic": text, "revision": 2, "on_topic": True, "score": 0.5,
                "reason": text,
                "evidence": [[text, text, text, text]], "fingerprint": "", "judged_at": NOW,
            }
            for text in chunk[1:4]
        ]  # fmt: skip
        connection.execute(insert(verdicts), rows)
        write_event(connection, each, each, "revised", {text: [text] for text in chunk}, NOW)
    connection.execute(update(records).values(url=joined, content_type=joined))
    story = f"kisah{number}"
    connection.execute(
        insert(stories).values(
            id=story, origin_id=ids[0], headline=joined, first_at=NOW, last_at=NOW, members=2,
            outlets=[OUTLET, *chunk], outlet_count=2, agencies=list(chunk), sources=1,
        )
    )  # fmt: skip
    for each in ids:
        connection.execute(
            insert(prints).values(
                article_id=each, revision=2, version="x", at=NOW, story_id=f"{story}-{each}", minhash=b"",
                shingles=b"", quoted=b"", slots=b"", agencies=list(chunk), pictures=list(chunk),
            )
        )  # fmt: skip
        copied = ids[0] if each != ids[0] else None
        values = {"story_id": story, "article_id": each, "copied_from": copied, "share": 0.9, "lag_s": 60.0}
        connection.execute(insert(story_members).values(role="copy" if copied else "first", **values))


def _settle(connection: Connection, texts: Sequence[str]) -> None:
    joined = " ".join(texts)
    connection.execute(insert(schedules).values(outlet=OUTLET, paused_at=NOW, paused_why=joined))
    connection.execute(
        insert(plans).values(
            outlet=OUTLET, look="crawl", planned_at=NOW, reason="manual", state="dropped", why=joined,
            attempts=1,
            made_at=NOW, ended_at=NOW,
        )
    )  # fmt: skip
