"""`pantau worker`: does what the schedule defers; and what is known of all workers and of their work."""

import importlib.metadata
from collections.abc import Sequence
from typing import Any

import attrs

from crawler.cli.output import prepare_logging, print_json, say
from crawler.cli.schedule import declared_from_afar
from crawler.cli.store import opened
from crawler.cli.tables import print_table
from crawler.cli.workers import plans_by_worker, progress_lines, worker_record
from crawler.config import Config, nearest, service_manager
from crawler.dates import WIB, wib
from crawler.errors import ConfigError, StoreError
from crawler.metrics import start_metrics
from crawler.scheduler.loop import BUSY_S
from crawler.scheduler.notify import Notifier
from crawler.storage.database import open_database, read_address
from crawler.storage.parts import Progress, re_extractions
from crawler.storage.workers import Worker, list_workers

PROGRESS_SHOWN = 3  # re-extractions, the newest first


def work(config: Config, outlets: Sequence[str], *, once: bool = False) -> int:
    """Work until a signal stops it, with *once* until there is nothing to do, and return the exit status.

    Raises:
        ConfigError: an outlet is unknown, or the port for metrics is taken.
        StoreError: the store cannot be used, or is not on PostgreSQL.
    """
    prepare_logging(config.log_level, config.log_format)
    refuse_sqlite(config)
    declared = declared_from_afar(config)
    for name in outlets:
        if name not in declared:
            hint = nearest(name, declared) or "; `pantau outlets` lists them"
            raise ConfigError(f"unknown outlet {name!r}{hint}")
    # Costs a tenth of a second that no other command needs.
    from crawler.worker.service import WorkerService  # noqa: PLC0415

    engine = open_database(config.database_url, busy_s=BUSY_S)
    exporter = None
    try:
        exporter = start_metrics(config, declared)
        return WorkerService(
            config,
            engine,
            outlets=outlets or declared,
            restricted=bool(outlets),
            version=importlib.metadata.version("pantau"),
            once=once,
            notifier=Notifier(service_manager()),
        ).run()
    finally:
        if exporter is not None:
            exporter.close()
        engine.dispose()


def refuse_sqlite(config: Config) -> None:
    """Refuse a store that other machines cannot reach.

    Raises:
        StoreError: it is one SQLite file.
    """
    if read_address(config.database_url).get_backend_name() == "sqlite":
        raise StoreError(
            "workers need a store on PostgreSQL, and this one is a SQLite file; "
            "run `pantau move --to postgresql+psycopg://…`, and set `database`"
        )


def show_workers(config: Config, *, as_json: bool = False) -> int:
    """Print the workers, what each does, and how far re-extractions are; 1 where one refuses or is dead."""
    with opened(config) as engine:
        found, going = list_workers(engine), plans_by_worker(engine)
        progress = re_extractions(engine)[:PROGRESS_SHOWN]
    if as_json:
        for each in found:
            print_json({"worker": worker_record(each, going.get(each.name, []))})
        for one in progress:
            print_json({"re_extraction": _progress_record(one)})
    else:
        print_table(
            ["worker", "version", "since (WIB)", "state", "side by side", "takes", "at work on"],
            [
                [
                    f"process {each.pid} on {each.host}",
                    each.version,
                    wib(each.since),
                    _state(each),
                    each.side_by_side,
                    "all" if each.outlets is None else ", ".join(each.outlets),
                    ", ".join(sorted(plan.outlet for plan in going.get(each.name, []))) or "nothing",
                ]
                for each in found
            ],
        )
        if not found:
            say("no worker is signed in; `pantau worker` starts one")
        for line in progress_lines(progress):
            say(line)
    return int(any(not each.alive or each.refuses for each in found))


def _state(each: Worker) -> str:
    if not each.alive:
        return "dead"
    return f"refuses: {each.refuses}" if each.refuses else "alive"


def _progress_record(one: Progress) -> dict[str, Any]:
    record = attrs.asdict(one)
    return record | {
        name: record[name] and record[name].astimezone(WIB).isoformat(timespec="seconds")
        for name in ("asked_at", "ended_at")
    }
