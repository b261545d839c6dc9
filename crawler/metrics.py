"""What a Prometheus asks: figures of the store, read when it asks. Reads only, and serves loopback only.

Labels are names of outlets and words of our own; no text from the web ever becomes one.
"""

import contextlib
import importlib.metadata
import shutil
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import attrs
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Connection, Engine, and_, case, func, select, text

from crawler.clock import Clock
from crawler.config import Config
from crawler.errors import ConfigError, StoreError
from crawler.health import Declared, Health, Word, healths
from crawler.storage.alerts import STATES
from crawler.storage.database import check, clock, connect, reading
from crawler.storage.plans import SCHEDULER, UNBEGUN
from crawler.storage.schema import HEAD, articles, leases, plans, records, revisions, runs
from crawler.storage.schema_analysis import alert_deliveries

LOOPBACK: Final = "127.0.0.1"
VERDICTS: Final = ("healthy", "degraded", "failed")
GONE: Final = ("suspected", "confirmed")
_BUSY_S: Final = 2.0


class MetricsServer:
    """A running exporter. Made by `start_metrics`."""

    def __init__(self, config: Config, declared: Mapping[str, Declared]) -> None:
        try:
            self._server, self._thread = start_http_server(
                config.metrics_port, addr=LOOPBACK, registry=registry_of(config, declared, with_process=True)
            )
        except OSError as error:
            raise ConfigError(
                f"no metrics on port {config.metrics_port}: {error.strerror}; set another `metrics_port`"
            ) from error

    @property
    def port(self) -> int:
        """Return the port it listens on."""
        return int(self._server.server_port)

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def start_metrics(config: Config, declared: Mapping[str, Declared]) -> MetricsServer | None:
    """Serve the metrics on loopback, in threads of their own; None where no port is configured.

    Raises:
        ConfigError: the port is taken.
    """
    return MetricsServer(config, declared) if config.metrics_port else None


def exposition(config: Config, declared: Mapping[str, Declared]) -> bytes:
    """Return all metrics once, in Prometheus' text format; *declared* are the outlets that there are."""
    return generate_latest(registry_of(config, declared))


def registry_of(
    config: Config, declared: Mapping[str, Declared], *, with_process: bool = False
) -> CollectorRegistry:
    """Return a registry of the store's metrics; *with_process* also those of this very process."""
    registry = CollectorRegistry()
    registry.register(StoreCollector(config, declared))
    if with_process:
        ProcessCollector(namespace="pantau", registry=registry)
    return registry


@attrs.define(eq=False)  # the registry knows it by its identity
class StoreCollector(Collector):
    """Reads the store at every scrape, in one transaction that sees one moment of it."""

    config: Config
    declared: Mapping[str, Declared]

    def describe(self) -> list[Metric]:
        """Return nothing: what there is to tell depends on the store, which need not be there yet."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield the families; where the store cannot be read, that `pantau_store_up` is 0."""
        families: list[Metric] = []
        with contextlib.suppress(StoreError), _opened(self.config) as engine:
            check(engine)
            with reading(engine) as connection:
                now = Clock.starting_at(self.config.now).now()
                families += [*_health(healths(connection, self.declared, now))]
                families += [*_runs(connection, now), *_articles(connection), *_schedule(connection, now)]
                families += [_alerts(connection), *_sizes(connection, engine, self.config)]
        yield _gauge("pantau_store_up", "Whether the store could be read.", int(bool(families)))
        yield from families
        version = {"version": importlib.metadata.version("pantau"), "schema": HEAD}
        yield InfoMetricFamily("pantau", "The version at work.", value=version)
        free = shutil.disk_usage(_existing(self.config.data_dir)).free
        yield _gauge("pantau_disk_free_bytes", "Free space on the disk of the data folder.", free)


@contextlib.contextmanager
def _opened(config: Config) -> Iterator[Engine]:
    engine = connect(config.database_url, busy_s=_BUSY_S, create=False)
    try:
        yield engine
    finally:
        engine.dispose()


def _alerts(connection: Connection) -> Metric:
    found = GaugeMetricFamily("pantau_alerts", "Deliveries of alerts, by their state.", labels=("state",))
    tally = select(alert_deliveries.c.state, func.count()).group_by(alert_deliveries.c.state)
    numbers = dict.fromkeys(STATES, 0)
    for state, number in connection.execute(tally):
        numbers[state] = number
    for state, number in numbers.items():
        found.add_metric((state,), number)
    return found


def _health(found: Mapping[str, Health]) -> Iterator[Metric]:
    word = GaugeMetricFamily(
        "pantau_outlet_health",
        "1 for the word that `pantau status` has for the outlet.",
        labels=("outlet", "health"),
    )
    since = []
    for outlet, health in found.items():
        for each in Word:
            word.add_metric((outlet, each.value), int(health.word is each))
        if health.since is not None:
            since.append((outlet, health.since.timestamp()))
    yield word
    what = "Since when the outlet is as it is."
    yield _by_outlet(GaugeMetricFamily, "outlet_health_since_timestamp_seconds", what, since)


def _runs(connection: Connection, now: datetime) -> Iterator[Metric]:
    rows = connection.execute(_RUN_SUMS).all()
    for name, what in _SPENT.items():
        yield _by_outlet(CounterMetricFamily, name, what, [(row.outlet, getattr(row, name)) for row in rows])
    ended = CounterMetricFamily("pantau_runs", "Runs that ended, by verdict.", labels=("outlet", "verdict"))
    last = GaugeMetricFamily(
        "pantau_last_run_verdict",
        "1 for the verdict of the last run that ended.",
        labels=("outlet", "verdict"),
    )
    for row in rows:
        for verdict in VERDICTS:
            ended.add_metric((row.outlet, verdict), getattr(row, verdict))
    at, took = [], []
    for row in connection.execute(_LAST_RUN):
        for verdict in VERDICTS:
            last.add_metric((row.outlet, verdict), int(row.verdict == verdict))
        at.append((row.outlet, row.ended_at.timestamp()))
        took.append((row.outlet, (row.ended_at - row.started_at).total_seconds()))
    yield from (ended, last)
    yield _by_outlet(GaugeMetricFamily, "last_run_end_timestamp_seconds", "When the last run ended.", at)
    yield _by_outlet(GaugeMetricFamily, "last_run_duration_seconds", "How long the last run took.", took)
    covered = [
        (row.outlet, max(0.0, (now - row.until).total_seconds())) for row in connection.execute(_COVERED)
    ]
    yield _by_outlet(
        GaugeMetricFamily,
        "coverage_age_seconds",
        "How far back it is to where the lists were covered.",
        covered,
    )


def _articles(connection: Connection) -> Iterator[Metric]:
    rows = connection.execute(_ARTICLES).all()
    stored = [(row.outlet, row.stored) for row in rows]
    yield _by_outlet(GaugeMetricFamily, "articles", "Articles stored.", stored)
    on_topic = [(row.outlet, row.on_topic) for row in rows]
    yield _by_outlet(
        GaugeMetricFamily, "articles_on_topic", "Articles whose current revision is on the topic.", on_topic
    )
    gone = GaugeMetricFamily("pantau_articles_gone", "Articles that vanished.", labels=("outlet", "state"))
    for row in rows:
        for state in GONE:
            gone.add_metric((row.outlet, state), getattr(row, state))
    yield gone


def _schedule(connection: Connection, now: datetime) -> Iterator[Metric]:
    waiting = dict.fromkeys(("crawl", "recheck", "replay"), 0)
    oldest = dict.fromkeys(waiting, 0.0)
    for row in connection.execute(_WAITING):
        waiting[row.look], oldest[row.look] = row.number, max(0.0, (now - row.first).total_seconds())
    number = GaugeMetricFamily("pantau_plans_waiting", "Due looks that have not begun.", labels=("look",))
    age = GaugeMetricFamily(
        "pantau_oldest_waiting_plan_age_seconds",
        "For how long the oldest of them has been due.",
        labels=("look",),
    )
    for look in waiting:
        number.add_metric((look,), waiting[look])
        age.add_metric((look,), oldest[look])
    yield from (number, age)
    lead = connection.execute(select(leases.c.until).where(leases.c.name == SCHEDULER)).scalar()
    led = int(lead is not None and lead > clock(connection))
    yield _gauge("pantau_schedule_led", "Whether a service leads the schedule.", led)


def _sizes(connection: Connection, engine: Engine, config: Config) -> Iterator[Metric]:
    if engine.dialect.name == "postgresql":
        size = connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
    else:
        file = Path(str(engine.url.database))
        size = sum(_size(file.with_name(file.name + end)) for end in ("", "-wal"))
    yield _gauge("pantau_database_bytes", "Size of the database.", size)
    if config.archive_url is None:
        archived = sum(_size(path) for path in config.archive_dir.glob("*/*.warc.gz"))
    else:  # listing a store at each scrape would cost more than the figure is worth
        archived = connection.execute(_INDEXED).scalar_one()
    yield _gauge("pantau_archive_bytes", "Size of the archive's files.", archived)


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(name, what, value=value)


def _by_outlet(
    kind: type[CounterMetricFamily] | type[GaugeMetricFamily],
    name: str,
    what: str,
    values: Sequence[tuple[str, float]],
) -> Metric:
    family = kind(f"pantau_{name}", what, labels=("outlet",))
    for outlet, value in values:
        family.add_metric((outlet,), value)
    return family


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # it went in between, or was never there
        return 0


def _existing(folder: Path) -> Path:
    return next(one for one in (folder, *folder.absolute().parents) if one.exists())


def _number(condition: Any) -> Any:  # noqa: ANN401 SQL expressions
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


_SPENT: Final = {
    "requests": "Requests sent.",
    "received_bytes": "Bytes received.",
    "fetching_seconds": "Seconds spent fetching.",
    "not_modified": "Answers that said nothing had changed (304).",
    "listed": "Entries seen on lists.",
}
_RUN_SUMS = (
    select(
        runs.c.outlet,
        func.sum(runs.c.requests).label("requests"),
        func.sum(runs.c.bytes_received).label("received_bytes"),
        func.sum(runs.c.fetching_s).label("fetching_seconds"),
        func.sum(runs.c.not_modified).label("not_modified"),
        func.sum(runs.c.listed).label("listed"),
        *(_number(runs.c.verdict == verdict).label(verdict) for verdict in VERDICTS),
    )
    .group_by(runs.c.outlet)
    .order_by(runs.c.outlet)
)
_LAST = select(func.max(runs.c.id)).where(runs.c.ended_at.is_not(None)).group_by(runs.c.outlet)
_LAST_RUN = (
    select(runs.c.outlet, runs.c.verdict, runs.c.started_at, runs.c.ended_at)
    .where(runs.c.id.in_(_LAST))
    .order_by(runs.c.outlet)
)
_COVERED = (
    select(runs.c.outlet, func.max(runs.c.covered_until).label("until"))
    .where(runs.c.covered_until.is_not(None))
    .group_by(runs.c.outlet)
    .order_by(runs.c.outlet)
)
_ARTICLES = (
    select(
        articles.c.outlet,
        func.count().label("stored"),
        _number(revisions.c.on_topic.is_(True)).label("on_topic"),
        *(_number(articles.c.gone == state).label(state) for state in GONE),
    )
    .join_from(
        articles,
        revisions,
        and_(revisions.c.article_id == articles.c.id, revisions.c.number == articles.c.current),
    )
    .group_by(articles.c.outlet)
    .order_by(articles.c.outlet)
)
_INDEXED = select(func.coalesce(func.sum(records.c.length), 0)).where(records.c.pruned_at.is_(None))
_WAITING = (
    select(plans.c.look, func.count().label("number"), func.min(plans.c.planned_at).label("first"))
    .where(plans.c.state.in_(UNBEGUN))
    .group_by(plans.c.look)
)
