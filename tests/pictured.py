"""A store with a month of invented watching: what screenshots and tests of the dashboard show.

The same rows for the same arguments. All went well on most days; what did not is in `TROUBLES`.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from random import Random
from typing import Any

import attrs
from sqlalchemy import Engine, event, update

from crawler.config import Config
from crawler.dashboard.desk import Outlet
from crawler.dates import WIB
from crawler.health import Declared
from crawler.items import Article, Instant, Quarantine, Removed, Witness
from crawler.scheduler.cadence import Cadence
from crawler.storage import articles, decay, frontier, leases, plans, runs
from crawler.storage.archive import ArchiveWriter
from crawler.storage.database import connect, migrate, transact
from crawler.storage.frontier import Entry, Settlement
from crawler.storage.ledger import write_event
from crawler.storage.schema import articles as article_rows
from crawler.storage.schema import leases as lease_rows
from crawler.storage.states import State
from crawler.stories.update import group_new
from crawler.text.relevance import judge, load_topic
from tests.newsworld.model import Plan
from tests.newsworld.prose.desk import headline, write
from tests.newsworld.prose.kinds import ON_TOPIC

NOW = datetime(2026, 3, 29, 10, 12, tzinfo=WIB)
DAYS = 35
TOPIC = "russia-north-korea"
DAY = timedelta(days=1)

# Articles on the topic a day, on average, and candidates in the lists.
OUTLETS: Mapping[str, tuple[float, int]] = {
    "antara": (2.6, 26),
    "cnbcindonesia": (0.9, 18),
    "cnnindonesia": (1.8, 22),
    "detik": (2.4, 30),
    "kompas": (2.0, 24),
    "kontan": (0.7, 14),
    "liputan6": (1.3, 20),
    "mediaindonesia": (0.8, 15),
    "mercinews": (0.2, 6),
    "okezone": (1.1, 18),
    "republika": (1.2, 16),
    "sindonews": (2.9, 28),
    "suara": (0.9, 17),
    "tribunnews": (2.2, 34),
}

# What went wrong: (outlet or *, first day and last day before NOW, what).
TROUBLES = (
    ("*", 21, 17, "down"),
    ("kontan", 9, 6, "failed"),
    ("suara", 3, 0, "blocked"),
    ("cnbcindonesia", 14, 13, "unread"),
    ("mercinews", 27, 22, "silent"),
    ("liputan6", 1, 0, "redesigned"),
    ("okezone", 5, 5, "limited"),
)


@attrs.frozen
class Pictured:
    """A filled store: the configuration that names it, and what is declared of its outlets."""

    config: Config
    engine: Engine
    outlets: tuple[Outlet, ...]


def filled(folder: Path, *, days: int = DAYS, share: float = 1.0) -> Pictured:
    """Return a store in *folder* over the last *days*; *share* of the articles of each day are there."""
    config = Config(data_dir=folder, now=NOW)
    engine = connect(config.database_url)
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
    engine.dispose()
    migrate(engine)
    _Filler(config, engine, share).fill(days)
    return Pictured(config, engine, described())


def described() -> tuple[Outlet, ...]:
    """Return what is declared of the outlets of this store, and of one that is not in it."""
    found = [_described(name, Declared(longest=DAY + timedelta(minutes=30))) for name in OUTLETS]
    quarantine = Quarantine(on=(NOW - 40 * DAY).date(), reason="its archive pages ask for a login")
    return (*found, _described("kabarnusa", Declared(quarantine=quarantine)))


def _described(name: str, declared: Declared) -> Outlet:
    cadence = Cadence.of(name)
    return Outlet(
        name=name,
        declared=declared,
        hosts=(f"www.{name}.example",),
        found_by="sitemap, feed, search" if len(name) % 2 else "feed, tag pages, dated index",
        rendered=name == "suara",
        cadence=str(cadence) if declared.crawled else None,
        due_after=cadence.due_after if declared.crawled else lambda _moment: None,
    )


def trouble_of(outlet: str, ago: int) -> str | None:
    """Return what went wrong with an outlet so many days before NOW."""
    return next(
        (what for name, first, last, what in TROUBLES if name in {"*", outlet} and last <= ago <= first), None
    )


class _Filler:
    def __init__(self, config: Config, engine: Engine, share: float) -> None:
        self._config, self._engine, self._share = config, engine, share
        self._topic = load_topic(TOPIC)
        self._saved: list[tuple[str, Article]] = []

    def fill(self, days: int) -> None:
        for ago in range(days - 1, -1, -1):
            for outlet in OUTLETS:
                trouble = trouble_of(outlet, ago)
                if trouble != "down":
                    self._crawl(outlet, ago, trouble)
        self._edit()
        self._miss()
        self._schedule()
        group_new(self._engine)

    def _crawl(self, outlet: str, ago: int, trouble: str | None) -> None:
        rng = Random(f"{outlet}/{ago}")
        began = (NOW - ago * DAY).replace(hour=5, minute=rng.randint(0, 59), second=rng.randint(0, 59))
        since = (began - 3 * DAY).replace(hour=0, minute=0, second=0)
        missed = trouble_of(outlet, ago + 1) in {"down", "failed"}
        run = runs.start_run(
            self._engine,
            outlet,
            reason="catch-up" if missed else "scheduled",
            planned_at=began - timedelta(seconds=40),
            since=since,
            until=began,
            now=began,
            log=str(self._log(outlet, began)),
        )
        spent = runs.Spent(
            requests=rng.randint(30, 160),
            bytes_received=rng.randint(2, 9) * 1_000_000,
            fetching_s=40 + 90 * rng.random(),
        )
        ended = began + timedelta(minutes=2, seconds=rng.randint(10, 400))
        if trouble in {"failed", "blocked"}:
            reason = "timeout" if trouble == "failed" else "challenge"
            sentence = "none of its lists could be read"
            looked = runs.Looked(traits={"unusable": {reason: 3}})
            runs.finish_run(
                self._engine,
                run.id,
                "failed",
                [sentence, f"feed: {reason}"],
                spent=spent,
                looked=looked,
                now=ended,
            )
            return
        found = [] if trouble == "silent" else self._candidates(outlet, ago, rng)
        kept = self._read(outlet, run.id, found, began, trouble)
        why = []
        if trouble == "unread":
            why = [f"{len(found) - kept} articles could not be read"]
        if trouble == "redesigned":
            why = ["the body's selector finds nothing on 9 of 11 pages"]
        if trouble == "limited":
            why = ["its feed wants to be asked less often"]
        traits = {
            "listed": {"sitemap": len(found) * 2, "feed": len(found), "search": max(0, len(found) - 4)},
            "unusable": {"rate_limited": 1} if trouble == "limited" else {},
            "unread": {"timeout": len(found) - kept} if trouble == "unread" else {},
            "read": kept,
            "filled": {"published_at": kept, "byline": max(0, kept - 1), "dateline": kept // 2},
            "witnesses": {"headline": {"json-ld": [kept, 0, 0, 0], "og": [0, kept, 0, 0]}},
        }
        looked = runs.Looked(covered=(since, began), listed=len(found) * 3, not_modified=2, traits=traits)
        verdict = "degraded" if why else "healthy"
        runs.finish_run(self._engine, run.id, verdict, why, spent=spent, looked=looked, now=ended)
        if trouble == "redesigned" and kept:
            decay.raise_alarm(
                self._engine,
                outlet,
                run_id=run.id,
                since=began,
                url=f"https://www.{outlet}.example/berita/{ago}-0",
                share=0.82,
                signals=("the body's selector finds nothing", "the build of the page is new"),
                evidence=f"decay/{outlet}",
                ruleset="invented",
            )

    def _log(self, outlet: str, began: datetime) -> Path:
        folder = self._config.data_dir / "logs"
        folder.mkdir(mode=0o700, exist_ok=True)
        path = folder / f"{outlet}-{began:%Y%m%d}.log"
        lines = (
            f"[crawler.session] INFO: Run of {outlet} begins, back to where it was covered",
            "[crawler.discovery.ladder] INFO: sitemap: 3 pages, met what was seen",
            "[crawler.discovery.ladder] INFO: feed: 1 page, met what was seen",
            "[crawler.extensions.run_recorder] INFO: The run ends",
        )
        stamped = (
            f"{began + timedelta(seconds=at):%Y-%m-%d %H:%M:%S} {line}" for at, line in enumerate(lines)
        )
        path.write_text("\n".join(stamped) + "\n", encoding="utf-8")
        return path

    def _candidates(self, outlet: str, ago: int, rng: Random) -> list[tuple[Plan, Entry]]:
        on_topic, listed = OUTLETS[outlet]
        day = (NOW - ago * DAY).replace(hour=0, minute=0, second=0)
        weekend = day.weekday() >= 5
        wanted = on_topic * self._share * (0.6 if weekend else 1.0) * (1.9 if ago in {8, 9, 10} else 1.0)
        number = int(wanted) + (rng.random() < wanted % 1) + (rng.random() < 0.25 * self._share)
        found = []
        for at in range(number):
            story = Random(f"story/{ago}/{at}/{rng.randint(0, 3)}")
            kind = story.choice(ON_TOPIC).name
            # Written by the wire: outlets that print the same story have its key.
            shared = at == 0 and story.random() < 0.7
            key = f"wire/{ago}/{kind}" if shared else f"{outlet}/{ago}/{at}"
            moment = day - timedelta(hours=rng.randint(0, 15), minutes=rng.randint(0, 59))
            found.append((Plan(key, at, kind, moment), self._entry(outlet, f"{ago}-{at}", moment)))
        for at in range(round(listed * self._share * rng.uniform(0.7, 1.1))):
            moment = day - timedelta(hours=rng.randint(0, 22))
            settled = {"state": State.OFF_TOPIC, "reason": "headline"}
            entry = self._entry(
                outlet, f"{ago}-lain-{at}", moment, headline=f"Kabar kota nomor {at}", **settled
            )
            found.append((Plan("", at, "", moment), entry))
        return found

    def _entry(self, outlet: str, name: str, moment: datetime, **changes: Any) -> Entry:
        values = {
            "url": f"https://www.{outlet}.example/berita/{name}",
            "source": "feed",
            "list_url": f"https://www.{outlet}.example/rss",
            "published_at": Instant(moment),
        }
        return Entry(**values | changes)

    def _read(
        self,
        outlet: str,
        run_id: int,
        found: Sequence[tuple[Plan, Entry]],
        began: datetime,
        trouble: str | None,
    ) -> int:
        fetch = frontier.offer(self._engine, run_id, [entry for _, entry in found], now=began).fetch
        plans_by_url = {entry.url: plan for plan, entry in found}
        kept = 0
        with ArchiveWriter(self._config.archive_dir, outlet, run_id) as writer:
            for work in fetch:
                if trouble == "unread":
                    lost = Settlement(url_id=work.url_id, state=State.FAILED, reason="timeout")
                    frontier.settle(self._engine, run_id, lost, now=began)
                    continue
                one = self._article(outlet, plans_by_url[work.url], work.url, began)
                if trouble == "redesigned":
                    one = attrs.evolve(one, body_from="generic")
                record = writer.write(
                    one.url,
                    200,
                    [("Content-Type", "text/html; charset=utf-8")],
                    page_of(one),
                    fetched_at=began,
                )
                writer.sync()
                one.record_ids = (record.id,)
                articles.save(
                    self._engine, one, run_id, work.url_id, [record], now=began + timedelta(minutes=1)
                )
                self._saved.append((outlet, one))
                kept += 1
        return kept

    def _article(self, outlet: str, plan: Plan, url: str, began: datetime) -> Article:
        named = headline(plan)
        story = write(plan, named.memo)
        body = tuple(block.text.strip() for block in story.blocks)
        # Outlets put headlines of their own above what the wire sends.
        text = (
            named.text
            if plan.key.startswith(outlet) or len(outlet) % 2
            else f"{named.text}, Ini Kata Pengamat"
        )
        verdict = judge(self._topic, text, body, story.standfirst)
        removed = (
            Removed(1, "masthead", "Beranda"),
            Removed(3, "crosslink", "Baca juga: Kabar lain dari kawasan"),
            Removed(len(body) + 4, "follow-us", f"Ikuti {outlet} di saluran kami"),
        )
        return Article(
            outlet=outlet,
            url=url,
            canonical_url=url,
            headline=text,
            standfirst=story.standfirst,
            body=body,
            fetched_at=began.astimezone(UTC),
            published_at=Instant(plan.published_at, precision="minute"),
            byline=(story.reporter,),
            editors=(story.editor,),
            dateline=story.dateline,
            captions=story.captions,
            tags=named.tags,
            page_text="\n".join(["• Beranda", text, *body]),
            removed=removed,
            witnesses={
                "headline": Witness("json-ld", ("og",), {"list": text[:40]}),
                "published_at": Witness("json-ld", ("meta",)),
                "body": Witness("selector", ("json-ld",)),
            },
            verdict=verdict,
            verdicts=(verdict,),
        )

    def _edit(self) -> None:
        """Let outlets change some articles of the last days."""
        for number, (outlet, one) in enumerate(self._saved[-160:-40:17]):
            edited = attrs.evolve(
                one,
                headline=one.headline.replace("Bahas", "Bicarakan") + " (Diperbarui)",
                body=(
                    *one.body[:-1],
                    "Hingga berita ini diturunkan, kedua pihak belum memberi keterangan tambahan.",
                ),
                fetched_at=(NOW - timedelta(hours=33 - 4 * number)).astimezone(UTC),
            )
            moment = edited.fetched_at + timedelta(seconds=20)
            run = runs.start_run(self._engine, outlet, look="recheck", reason="scheduled", now=moment)
            offered = Entry(url=one.url, source="revisit", list_url=one.url)
            frontier.offer(self._engine, run.id, [offered], now=moment)
            with self._engine.connect() as connection:
                key = frontier.address_key(one.url)
                url_id = connection.exec_driver_sql(
                    "SELECT id FROM urls WHERE outlet = ? AND key = ?", (outlet, key)
                ).scalar_one()
            articles.save(self._engine, edited, run.id, url_id, now=moment)
            runs.finish_run(
                self._engine,
                run.id,
                "healthy",
                spent=runs.Spent(requests=2),
                now=moment + timedelta(seconds=30),
            )

    def _miss(self) -> None:
        """Let some articles vanish."""
        vanished = [*self._saved[-40::19], *self._saved[:60:25]]
        for number, (outlet, one) in enumerate(vanished):
            state = "suspected" if number < 2 else "confirmed"
            key = frontier.address_key(one.canonical_url)
            at = NOW - timedelta(hours=9 + 11 * number)

            def write_it(
                connection: Any, outlet: str = outlet, key: str = key, state: str = state, at: datetime = at
            ) -> None:
                mine = (article_rows.c.outlet == outlet) & (article_rows.c.key == key)
                row = connection.execute(article_rows.select().where(mine)).one()
                values = {"gone": state, "gone_at": at, "gone_looks": 1}
                connection.execute(update(article_rows).where(mine), values)
                write_event(connection, _run_of(connection, outlet), row.id, state, {"status": 404}, at)

            transact(self._engine, write_it)

    def _schedule(self) -> None:
        plans.pause(self._engine, "mediaindonesia", "moves to another system until Monday", now=NOW - 2 * DAY)
        leases.acquire(self._engine, plans.SCHEDULER, "pictured", 86_400)
        since = {"since": NOW - 12 * DAY - timedelta(hours=3)}
        transact(self._engine, lambda connection: connection.execute(update(lease_rows), since))


def _run_of(connection: Any, outlet: str) -> int:
    query = "SELECT max(id) FROM runs WHERE outlet = ?"
    number: int = connection.exec_driver_sql(query, (outlet,)).scalar_one()
    return number


def page_of(one: Article) -> bytes:
    """Return the page that an article was read from."""
    paragraphs = "".join(f"<p>{escape(text)}</p>" for text in one.body)
    html = f"<!doctype html><html><head><title>{escape(one.headline)}</title></head><body><nav>Beranda</nav>"
    html += f"<h1>{escape(one.headline)}</h1><article>{paragraphs}</article></body></html>"
    return html.encode()
