"""`pantau status`: how each outlet is, what it brought, and whether the background service runs."""

from collections.abc import Container, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import attrs
from sqlalchemy import Connection, Engine, case, func, select

from crawler.cli.declared import declared_of, health_record, longest_pause
from crawler.cli.gaps import outlets_asked_for
from crawler.cli.output import print_json, say
from crawler.cli.progress import OpenRun, open_runs
from crawler.cli.spiders import load_spiders
from crawler.cli.store import opened
from crawler.cli.tables import print_table
from crawler.cli.workers import progress_lines, waiting_for_workers, workers_line
from crawler.clock import Clock
from crawler.config import Config
from crawler.dates import WIB, wib
from crawler.health import Declared, Health, Known, Word, covered_until, judge, owed_until
from crawler.scheduler.cadence import Cadence
from crawler.storage import plans
from crawler.storage.coverage import Day, Past, Tally, judge_day, span_of
from crawler.storage.database import reading
from crawler.storage.leases import Holder, holder_of
from crawler.storage.parts import re_extractions
from crawler.storage.plans import SCHEDULER, Plan
from crawler.storage.schema import articles, revisions
from crawler.storage.tallies import tallies
from crawler.storage.workers import list_workers

DAY, WEEK = timedelta(days=1), timedelta(days=7)


@attrs.frozen(kw_only=True)
class Holdings:
    """What is stored of an outlet, in articles."""

    stored: int = 0
    on_topic: int = 0
    new_day: int = 0
    new_week: int = 0
    suspected: int = 0
    confirmed: int = 0


@attrs.frozen(kw_only=True)
class Status:
    """How one outlet is. `yesterday` is the last whole day; with `counts` the exit status heeds it."""

    outlet: str
    counts: bool
    health: Health
    last: Past | None
    covered_until: datetime | None
    yesterday: Day
    holdings: Holdings
    going: OpenRun | None
    plan: Plan | None
    next_at: datetime | None


def show_status(config: Config, names: Sequence[str] = (), *, as_json: bool = False) -> int:
    """Print how outlets are; return 1 where one that is crawled is not healthy or was not looked at in time.

    Raises:
        ConfigError: an outlet is unknown.
    """
    spiders = load_spiders()
    now = Clock.starting_at(config.now).now()
    with opened(config) as engine:
        chosen = outlets_asked_for(config, spiders, engine, names)
        if not names:  # those in quarantine are told of, though nothing is owed of them
            enabled = {name for name, spider in spiders.items() if declared_of(config, spider).enabled}
            chosen = sorted({*chosen, *(name for name in enabled if spiders[name].quarantine)})
        declared = {
            name: declared_of(config, spiders[name]) if name in spiders else Declared() for name in chosen
        }
        by_hand = set(declared) - set(spiders)
        found = _statuses(config, engine, declared, by_hand, now)
        leader = holder_of(engine, SCHEDULER)
        workers, deferred = list_workers(engine), waiting_for_workers(engine)
        progress = [one for one in re_extractions(engine) if one.ended_at is None]
    if as_json:
        for status in found:
            print_json(_record(status))
        working = {"alive": sum(each.alive for each in workers), "plans_waiting": deferred}
        print_json({"service": _service(leader, found) | {"workers": working}})
    else:
        _print(found, now)
        say(_service_line(leader, found))
        for line in filter(None, [workers_line(workers, deferred), *progress_lines(progress)]):
            say(line)
    return int(any(status.counts and status.health.word is not Word.HEALTHY for status in found))


def _statuses(
    config: Config, engine: Engine, declared: Mapping[str, Declared], by_hand: Container[str], now: datetime
) -> list[Status]:
    waiting = plans.looks_to_come(engine)
    yesterday = now.astimezone(WIB).date() - DAY
    with reading(engine) as connection:
        every = Known.of_all(connection)
        stored, going = _holdings(connection, now), open_runs(connection)
        tallied = tallies(connection, *span_of(yesterday))
    found = []
    for name, one in declared.items():
        known = every.get(name, Known())
        runs, counts = known.runs, one.crawled and name not in by_hand
        owed = owed_until(longest_pause(config, name), now)
        due = counts and known.standing.paused_at is None
        found.append(
            Status(
                outlet=name,
                counts=counts,
                health=judge(name, one, known, now),
                last=next((run for run in reversed(runs) if run.look == "crawl"), None),
                covered_until=covered_until(runs),
                yesterday=judge_day(name, yesterday, runs, tallied.get((name, yesterday), Tally()), owed),
                holdings=stored.get(name, Holdings()),
                going=next((one for one in going if one.outlet == name), None),
                plan=next((plan for plan in waiting if plan.outlet == name), None),
                next_at=Cadence.of(name, config.outlets.get(name)).due_after(now) if due else None,
            )
        )
    return found


def _holdings(connection: Connection, now: datetime) -> Mapping[str, Holdings]:
    def number(condition: Any) -> Any:  # noqa: ANN401 - SQL expressions
        return func.sum(case((condition, 1), else_=0))

    query = (
        select(
            articles.c.outlet,
            func.count().label("stored"),
            number(revisions.c.on_topic).label("on_topic"),
            number(articles.c.first_seen_at >= now - DAY).label("new_day"),
            number(articles.c.first_seen_at >= now - WEEK).label("new_week"),
            number(articles.c.gone == "suspected").label("suspected"),
            number(articles.c.gone == "confirmed").label("confirmed"),
        )
        .join(
            revisions,
            (revisions.c.article_id == articles.c.id) & (revisions.c.number == articles.c.current),
        )
        .group_by(articles.c.outlet)
    )
    return {
        row["outlet"]: Holdings(**{name: value for name, value in row.items() if name != "outlet"})
        for row in connection.execute(query).mappings()
    }


def _print(found: Sequence[Status], now: datetime) -> None:
    print_table(
        [
            "outlet",
            "health",
            "last crawl",
            "looked at until",
            "stored",
            "last day",
            "last week",
            "gone",
            "next",
        ],
        [
            [
                status.outlet,
                status.health.name,
                _last(status.last),
                _covered(status.covered_until, now),
                status.holdings.stored,
                status.holdings.new_day,
                status.holdings.new_week,
                _gone(status.holdings),
                _next(status),
            ]
            for status in found
        ],
    )
    for status in found:
        if status.health.cause:
            say(f"{status.outlet}: {status.health}")
        day = status.yesterday
        if day.cause and not day.holes:
            detail = f": {day.detail}" if day.detail else ""
            say(f"{status.outlet}: nothing on the topic of {day.on}: {day.cause}{detail}")


def _last(run: Past | None) -> str:
    return f"{wib(run.started_at)}, {run.verdict or 'going'}" if run else "never"


def _covered(until: datetime | None, now: datetime) -> str:
    return f"{wib(until)}, {_age(now - until)} ago" if until else "never"


def _age(length: timedelta) -> str:
    return f"{length.days} days" if length >= 2 * DAY else f"{length / timedelta(hours=1):.0f} h"


def _gone(holdings: Holdings) -> str | None:
    parts = [(holdings.suspected, "suspected"), (holdings.confirmed, "confirmed")]
    return ", ".join(f"{number} {word}" for number, word in parts if number) or None


def _next(status: Status) -> str | None:
    if status.going is not None:
        one = status.going
        return f"run {one.run_id} going: {one.settled} of {one.settled + one.waiting} settled"
    if status.plan is not None:
        return f"{status.plan.reason} {status.plan.look}, due {wib(status.plan.planned_at)}"
    return wib(status.next_at) or None


def _service(leader: Holder | None, found: Sequence[Status]) -> dict[str, Any]:
    due = [status.next_at for status in found if status.next_at is not None]
    return {
        "running": leader is not None,
        "host": leader.host if leader else None,
        "pid": leader.pid if leader else None,
        "since": _text(leader.since) if leader else None,
        "next_due": _text(min(due, default=None)) if leader else None,
    }


def _service_line(leader: Holder | None, found: Sequence[Status]) -> str:
    if leader is None:
        return "no service runs; `pantau schedule` starts it"
    due = min(((one.next_at, one.outlet) for one in found if one.next_at is not None), default=None)
    following = f", next due {due[1]} at {wib(due[0])}" if due else ""
    return f"the service is process {leader.pid} on {leader.host} since {wib(leader.since)}{following}"


def _record(status: Status) -> dict[str, Any]:
    last, plan, going = status.last, status.plan, status.going
    return {
        "outlet": status.outlet,
        **health_record(status.health),
        "crawled": status.counts,
        "last_run": last.id if last else None,
        "last_run_at": _text(last.started_at) if last else None,
        "verdict": last.verdict if last else None,
        "why": list(last.why) if last else [],
        "covered_until": _text(status.covered_until),
        **attrs.asdict(status.holdings),
        "yesterday": {
            "day": status.yesterday.on.isoformat(),
            "candidates": status.yesterday.tally.candidates,
            "read": status.yesterday.tally.read,
            "on_topic": status.yesterday.tally.on_topic,
            "cause": status.yesterday.cause,
            "detail": status.yesterday.detail,
        },
        "going": attrs.asdict(going) if going else None,
        "planned_at": _text(plan.planned_at) if plan else None,
        "planned": plan.reason if plan else None,
        "next_due": _text(status.next_at),
    }


def _text(moment: datetime | None) -> str | None:
    return moment.astimezone(WIB).isoformat(timespec="seconds") if moment else None
