"""`pantau schedule`: the background service, and what is known and asked of it."""

import contextlib
import importlib.metadata
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from crawler.cli.declared import declared_in, declared_outlets, health_record, outlets_from_afar
from crawler.cli.output import prepare_logging, print_json, say
from crawler.cli.store import opened
from crawler.cli.tables import print_table
from crawler.clock import Clock
from crawler.config import Config, nearest, service_manager
from crawler.dates import WIB
from crawler.errors import ConfigError, StoreError
from crawler.health import Declared, Health, Known, judge, probe_at
from crawler.metrics import start_metrics
from crawler.scheduler.cadence import Cadence
from crawler.scheduler.crew import Hands
from crawler.scheduler.loop import BUSY_S, Rhythm
from crawler.scheduler.notify import Notifier
from crawler.scheduler.service import Service
from crawler.storage import plans
from crawler.storage.database import open_database, reading
from crawler.storage.leases import holder_of
from crawler.storage.plans import SCHEDULER, Plan
from crawler.storage.runs import Run, list_runs


def act(
    config: Config, action: str | None, outlet: str | None, *, why: str | None = None, as_json: bool = False
) -> int:
    """Do what was asked of the schedule, and without an action run it.

    Raises:
        ConfigError: that cannot be asked, or not of this outlet.
    """
    if why is not None and action != "pause":
        raise ConfigError("--why goes with `pantau schedule pause OUTLET`")
    if action in {None, "list"}:
        if outlet is not None:
            raise ConfigError(f"`pantau schedule list` is of all outlets; leave out {outlet!r}")
        return serve_schedule(config) if action is None else list_schedule(config, as_json=as_json)
    if outlet is None:
        raise ConfigError(f"`pantau schedule {action}` needs an outlet; `pantau outlets` lists them")
    if action == "pause":
        return pause_outlet(config, outlet, why=why, as_json=as_json)
    if action == "resume":
        return resume_outlet(config, outlet, as_json=as_json)
    return run_outlet_now(config, outlet, as_json=as_json)


def serve_schedule(config: Config) -> int:
    """Run the service until a signal stops it, and return the exit status.

    Raises:
        ConfigError: an outlet in the configuration is unknown, or the port for metrics is taken.
        StoreError: the store cannot be used.
    """
    prepare_logging(config.log_level, config.log_format)  # the log is what a service has to say
    declared = declared_from_afar(config)
    engine = open_database(config.database_url, busy_s=BUSY_S)
    exporter = None
    try:
        hands = hands_of(config, engine)
        exporter = start_metrics(config, declared)
        return Service(
            config,
            engine,
            cadences=cadences_of(config, declared),
            known=declared,
            notifier=Notifier(service_manager()),
            hands=hands,
        ).run()
    finally:
        if exporter is not None:
            exporter.close()
        engine.dispose()


def declared_from_afar(config: Config) -> dict[str, Declared]:
    """Return what is declared of every outlet, asked of another process.

    The service runs for months: it keeps no code that reads pages, and none of what that code takes.

    Raises:
        ConfigError: the configuration names an outlet that there is not.
    """
    return declared_in(config, outlets_from_afar(config))


def hands_of(config: Config, engine: Engine, rhythm: Rhythm | None = None) -> Hands | None:
    """Return what hands plans to workers; None where the store is one that only this machine has.

    Raises:
        StoreError: workers are wanted there all the same.
    """
    if engine.dialect.name == "sqlite":
        if config.workers:
            raise StoreError(
                "`workers` needs a store on PostgreSQL; run `pantau move --to postgresql+psycopg://…`"
            )
        return None
    # Not for services without workers' store: they run for months and keep what they load.
    from crawler.worker.hands import WorkersHands  # noqa: PLC0415

    version = importlib.metadata.version("pantau")
    return WorkersHands(config, engine, version, (rhythm or Rhythm()).lease_s)


def cadences_of(config: Config, declared: Mapping[str, Declared]) -> dict[str, Cadence]:
    """Return when each outlet is due that is switched on and not in quarantine."""
    return {name: Cadence.of(name, config.outlets.get(name)) for name, one in declared.items() if one.crawled}


def list_schedule(config: Config, *, as_json: bool = False) -> int:
    """Print when each outlet is crawled, when next, how it is, and what holds it back."""
    declared = declared_outlets(config)
    cadences = cadences_of(config, declared)
    now = Clock.starting_at(config.now).now()
    with opened(config) as engine:
        with reading(engine) as connection:
            known = Known.of_all(connection)
        open_plans = plans.looks_to_come(engine)
        records = [
            _record(
                outlet,
                judge(outlet, one, known.get(outlet, Known()), now),
                cadences.get(outlet),
                known.get(outlet, Known()),
                next((plan for plan in open_plans if plan.outlet == outlet), None),
                next(iter(list_runs(engine, outlet, limit=1)), None),
                now,
            )
            for outlet, one in declared.items()
        ]
        leader = _leader(engine)
    if as_json:
        for record in records:
            print_json(record)
        return 0
    print_table(
        ["outlet", "health", "cadence", "next (WIB)", "last run (WIB)", "verdict", "held back"],
        [
            [
                record["outlet"],
                record["health"],
                record["cadence"],
                record["state"] or _wib(record["next_at"]),
                _wib(record["last_run_at"]),
                record["verdict"],
                record["held"],
            ]
            for record in records
        ],
    )
    say(leader)
    return 0


def pause_outlet(config: Config, outlet: str, *, why: str | None = None, as_json: bool = False) -> int:
    """Keep the service from crawling *outlet* until it is resumed."""
    _check_known(config, outlet)
    with _store(config) as engine:
        plans.pause(engine, outlet, why, now=Clock.starting_at(config.now).now())
    return _answer(
        outlet, "paused", f"{outlet} is paused; `pantau schedule resume {outlet}` ends that", as_json=as_json
    )


def resume_outlet(config: Config, outlet: str, *, as_json: bool = False) -> int:
    """End a pause; what was missed meanwhile is made up for by one crawl."""
    _check_known(config, outlet)
    with _store(config) as engine:
        plans.resume(engine, outlet)
    return _answer(
        outlet, "resumed", f"{outlet} is crawled again; what was missed is made up for", as_json=as_json
    )


def run_outlet_now(config: Config, outlet: str, *, as_json: bool = False) -> int:
    """Ask for a crawl of *outlet* as soon as can be."""
    _check_known(config, outlet)
    with _store(config) as engine:
        asked = plans.ask_now(engine, outlet, now=Clock.starting_at(config.now).now())
        running = holder_of(engine, SCHEDULER) is not None
    what = "is asked for" if asked else "was asked for already"
    when = "the service begins it" if running else "no service runs; it begins when `pantau schedule` does"
    return _answer(
        outlet, "asked" if asked else "waiting", f"a crawl of {outlet} {what}: {when}", as_json=as_json
    )


def _record(  # noqa: PLR0913, PLR0917 - what a line of the list is made of
    outlet: str,
    health: Health,
    cadence: Cadence | None,
    known: Known,
    plan: Plan | None,
    run: Run | None,
    now: datetime,
) -> dict[str, Any]:
    standing, probe = known.standing, probe_at(known.runs)
    held = None if cadence else str(health).partition("; ")[0]
    if standing.paused_at is not None:
        held = f"paused since {_wib(standing.paused_at)}"
        held += f": {standing.paused_why}" if standing.paused_why else ""
    elif standing.not_before is not None and standing.not_before > now:
        held = f"the outlet asked to be left alone until {_wib(standing.not_before)}"
    elif held is None and probe is not None and probe > now:
        held = f"{health.name}: left alone until {_wib(probe)}"
    state = None if plan is None else "running" if plan.state == "taken" else "waiting"
    next_at = cadence.due_after(now) if cadence and standing.paused_at is None else None
    return {
        "outlet": outlet,
        **health_record(health),
        "cadence": str(cadence) if cadence else None,
        "next_at": next_at and next_at.astimezone(WIB).isoformat(),
        "state": state,
        "planned_at": plan and plan.planned_at.astimezone(WIB).isoformat(),
        "why": plan and plan.why,
        "last_run": run and run.id,
        "last_run_at": run and run.started_at.astimezone(WIB).isoformat(),
        "verdict": run and (run.verdict or "running"),
        "held": held,
    }


def _wib(moment: datetime | str | None) -> str | None:
    if moment is None:
        return None
    moment = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return f"{moment.astimezone(WIB):%Y-%m-%d %H:%M}"


def _leader(engine: Engine) -> str:
    holder = holder_of(engine, SCHEDULER)
    if holder is None:
        return "no service runs: start it with `pantau schedule`"
    return f"led by process {holder.pid} on {holder.host} since {_wib(holder.since)} WIB"


def _check_known(config: Config, outlet: str) -> None:
    known = declared_outlets(config)
    if outlet not in known:
        hint = nearest(outlet, known) or "; `pantau outlets` lists them"
        raise ConfigError(f"unknown outlet {outlet!r}{hint}")
    if not known[outlet].enabled:
        raise ConfigError(f"outlet {outlet!r} is switched off in the configuration; set `enabled = true`")


@contextlib.contextmanager
def _store(config: Config) -> Iterator[Engine]:
    engine = open_database(config.database_url)
    try:
        yield engine
    finally:
        engine.dispose()


def _answer(outlet: str, state: str, text: str, *, as_json: bool) -> int:
    if as_json:
        print_json({"outlet": outlet, "state": state, "message": text})
    else:
        say(text)
    return 0
