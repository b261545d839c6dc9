"""`pantau schedule`: the background service, and what is known and asked of it."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from crawler.cli.output import prepare_logging, print_json, say
from crawler.cli.store import opened
from crawler.cli.tables import print_table
from crawler.clock import Clock
from crawler.config import Config, nearest, service_manager
from crawler.dates import WIB
from crawler.errors import ConfigError
from crawler.scheduler.cadence import Cadence
from crawler.scheduler.child import child_environ
from crawler.scheduler.notify import Notifier
from crawler.scheduler.service import BUSY_S, Service
from crawler.storage import plans
from crawler.storage.database import open_database
from crawler.storage.leases import holder_of
from crawler.storage.metrics import start_metrics
from crawler.storage.plans import SCHEDULER, Plan, Standing
from crawler.storage.runs import Run, list_runs

HEALTHY = "healthy"


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
    statuses = statuses_from_afar(config)
    engine = open_database(config.database_url, busy_s=BUSY_S)
    exporter = None
    try:
        exporter = start_metrics(config)
        return Service(
            config,
            engine,
            cadences=cadences_of(config, statuses),
            known=statuses,
            notifier=Notifier(service_manager()),
        ).run()
    finally:
        if exporter is not None:
            exporter.close()
        engine.dispose()


def statuses_from_afar(config: Config) -> dict[str, str]:
    """Return the status of every outlet, asked of another process.

    The service runs for months: it keeps no code that reads pages, and none of what that code takes.

    Raises:
        ConfigError: the configuration names an outlet that there is not.
    """
    command = [sys.executable, "-P", "-m", "crawler.cli.main", "outlets", "--json"]
    environment = child_environ(config)
    asked = subprocess.run(  # noqa: S603 - our own interpreter, no shell
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if asked.returncode:
        said = asked.stderr.strip().splitlines() or ["`pantau outlets` failed; run it"]
        raise ConfigError(said[-1].removeprefix("pantau: "))
    return _statuses(json.loads(line) for line in asked.stdout.splitlines())


def outlet_statuses(config: Config) -> dict[str, str]:
    """Return the status of every outlet that has a site of its own, as `pantau outlets` tells it.

    Raises:
        ConfigError: the configuration names an outlet that there is not.
    """
    from crawler.cli.outlets import outlet_records  # noqa: PLC0415 - the service never loads it

    return _statuses(outlet_records(config))


def _statuses(records: Iterable[dict[str, Any]]) -> dict[str, str]:
    return {record["outlet"]: record["status"] for record in records if record["hosts"]}


def cadences_of(config: Config, statuses: Mapping[str, str]) -> dict[str, Cadence]:
    """Return when each outlet is due that is switched on and not in quarantine."""
    return {
        name: Cadence.of(name, config.outlets.get(name))
        for name, status in statuses.items()
        if status == HEALTHY
    }


def list_schedule(config: Config, *, as_json: bool = False) -> int:
    """Print when each outlet is crawled, when next, how the last crawl went, and what holds it back."""
    statuses = outlet_statuses(config)
    cadences = cadences_of(config, statuses)
    now = Clock.starting_at(config.now).now()
    with opened(config) as engine:
        held = plans.standings(engine)
        open_plans = [*plans.taken(engine), *plans.waiting(engine)]
        records = [
            _record(
                outlet,
                status,
                cadences.get(outlet),
                held.get(outlet, Standing()),
                next((plan for plan in open_plans if plan.outlet == outlet), None),
                next(iter(list_runs(engine, outlet, limit=1)), None),
                now,
            )
            for outlet, status in statuses.items()
        ]
        leader = _leader(engine)
    if as_json:
        for record in records:
            print_json(record)
        return 0
    print_table(
        ["outlet", "cadence", "next (WIB)", "last run (WIB)", "verdict", "held back"],
        [
            [
                record["outlet"],
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
    status: str,
    cadence: Cadence | None,
    standing: Standing,
    plan: Plan | None,
    run: Run | None,
    now: datetime,
) -> dict[str, Any]:
    held = None if cadence else status
    if standing.paused_at is not None:
        held = f"paused since {_wib(standing.paused_at)}"
        held += f": {standing.paused_why}" if standing.paused_why else ""
    elif standing.not_before is not None and standing.not_before > now:
        held = f"the outlet asked to be left alone until {_wib(standing.not_before)}"
    state = None if plan is None else "running" if plan.state == "taken" else "waiting"
    next_at = cadence.due_after(now) if cadence and standing.paused_at is None else None
    return {
        "outlet": outlet,
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
    known = outlet_statuses(config)
    if outlet not in known:
        hint = nearest(outlet, known) or "; `pantau outlets` lists them"
        raise ConfigError(f"unknown outlet {outlet!r}{hint}")
    if known[outlet] == "switched off":
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
