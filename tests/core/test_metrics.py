"""The metrics: what the store says, in names that hold, cheap, read only, and on loopback only."""

import socket
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine, text, update

from crawler import metrics
from crawler.config import Config
from crawler.errors import ConfigError
from crawler.health import Declared, Word
from crawler.items import Quarantine
from crawler.metrics import exposition, start_metrics
from crawler.storage import leases, plans
from crawler.storage.archive import ArchiveWriter
from crawler.storage.runs import Looked, finish_run, start_run
from crawler.storage.schema import articles
from crawler.storage.schema import plans as plans_table
from crawler.storage.schema import runs as runs_table
from tests.core import storing
from tests.core.storing import NOON, address

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture
def config(store_url: str, tmp_path: Path) -> Config:
    return Config(data_dir=tmp_path, database=store_url, now=NOON + timedelta(hours=5))


def read(data: bytes) -> Samples:
    found: Samples = {}
    for family in text_string_to_metric_families(data.decode()):
        assert family.documentation
        for sample in family.samples:
            found[sample.name, tuple(sorted(sample.labels.items()))] = sample.value
    return found


def value(samples: Samples, name: str, **labels: str) -> float:
    return samples[f"pantau_{name}", tuple(sorted(labels.items()))]


DECLARED = {
    "kontan": Declared(longest=timedelta(days=1)),
    "republika": Declared(quarantine=Quarantine(on=date(2026, 3, 1), reason="rebuilt")),
}


@pytest.fixture
def told(config: Config) -> Callable[[], Samples]:
    return lambda: read(exposition(config, DECLARED))


def test_what_runs_came_to(store: Engine, told: Callable[[], Samples]):
    for hours, verdict in enumerate(("healthy", "failed", "degraded")):
        run = start_run(store, "kontan", now=NOON + timedelta(hours=hours))
        finish_run(store, run.id, verdict, now=NOON + timedelta(hours=hours, seconds=90))
    with store.begin() as connection:
        spent = {"requests": 10, "bytes_received": 1000, "fetching_s": 1.5, "listed": 7, "not_modified": 4}
        connection.execute(update(runs_table).values(**spent, covered_until=NOON))
    start_run(store, "republika")
    samples = told()
    assert value(samples, "requests_total", outlet="kontan") == 30
    assert value(samples, "received_bytes_total", outlet="kontan") == 3000
    assert value(samples, "fetching_seconds_total", outlet="kontan") == 4.5
    assert value(samples, "not_modified_total", outlet="kontan") == 12
    assert value(samples, "listed_total", outlet="kontan") == 21
    assert [value(samples, "runs_total", outlet="kontan", verdict=each) for each in metrics.VERDICTS] == [
        1,
        1,
        1,
    ]
    last = {
        each: value(samples, "last_run_verdict", outlet="kontan", verdict=each) for each in metrics.VERDICTS
    }
    assert last == {"healthy": 0, "degraded": 1, "failed": 0}
    assert value(samples, "last_run_duration_seconds", outlet="kontan") == 90
    ended_at = NOON + timedelta(hours=2, seconds=90)
    assert value(samples, "last_run_end_timestamp_seconds", outlet="kontan") == ended_at.timestamp()
    assert 5 * 3600 <= value(samples, "coverage_age_seconds", outlet="kontan") < 5 * 3600 + 60
    assert value(samples, "runs_total", outlet="republika", verdict="healthy") == 0
    assert ("pantau_last_run_verdict", (("outlet", "republika"), ("verdict", "healthy"))) not in samples


def test_what_is_stored(store: Engine, told: Callable[[], Samples], tmp_path: Path):
    run = start_run(store, "kontan")
    for number in range(4):
        storing.saved(store, run.id, number, **({"verdict": None} if number == 3 else {}))
    with store.begin() as connection:
        connection.execute(update(articles).where(articles.c.id == 1).values(gone="suspected"))
    with ArchiveWriter(tmp_path / "archive", "kontan", run.id) as writer:
        ref = writer.write(address(1), 200, [], b"halaman", fetched_at=NOON)
    samples = told()
    assert value(samples, "articles", outlet="kontan") == 4
    assert value(samples, "articles_on_topic", outlet="kontan") == 3
    assert value(samples, "articles_gone", outlet="kontan", state="suspected") == 1
    assert value(samples, "articles_gone", outlet="kontan", state="confirmed") == 0
    assert value(samples, "archive_bytes") == ref.offset + ref.length
    assert value(samples, "database_bytes") > 10_000
    assert value(samples, "disk_free_bytes") > 0


def test_what_is_owed_and_by_whom(store: Engine, told: Callable[[], Samples]):
    assert value(told(), "schedule_led") == 0
    assert value(told(), "plans_waiting", look="crawl") == 0
    with store.begin() as connection:
        for hours, look in ((1, "crawl"), (3, "crawl"), (4, "recheck")):
            connection.execute(
                plans_table.insert().values(
                    outlet="kontan",
                    look=look,
                    planned_at=NOON + timedelta(hours=hours),
                    reason="scheduled",
                    state="waiting",
                    attempts=0,
                    made_at=NOON,
                )
            )
    leases.acquire(store, plans.SCHEDULER, "token", 30)
    samples = told()
    assert value(samples, "schedule_led") == 1
    assert value(samples, "plans_waiting", look="crawl") == 2
    assert 4 * 3600 <= value(samples, "oldest_waiting_plan_age_seconds", look="crawl") < 4 * 3600 + 60
    assert value(samples, "plans_waiting", look="recheck") == 1


def test_names_and_labels_hold_nothing_from_the_web(store: Engine, told: Callable[[], Samples]):
    run = start_run(store, "kontan")
    storing.saved(store, run.id, 1, headline='Judul "aneh"\n{x="y"} 1')
    labels = {
        name: {value for name_, value in pairs if name_ == name} for _, pairs in told() for name, _ in pairs
    }
    assert set(labels) <= {"outlet", "verdict", "health", "state", "look", "version", "schema"}
    assert labels["outlet"] == {"kontan"}


def test_the_health_is_that_of_the_status(store: Engine, told: Callable[[], Samples]):
    run = start_run(store, "kontan", now=NOON)
    looked = Looked(traits={"unusable": {"challenge": 3}})
    finish_run(store, run.id, "failed", ["no list could be read"], looked=looked, now=NOON)
    samples = told()
    for outlet, word in (("kontan", "blocked"), ("republika", "quarantined")):
        found = {each for each in Word if value(samples, "outlet_health", outlet=outlet, health=each)}
        assert found == {word}
    assert value(samples, "outlet_health_since_timestamp_seconds", outlet="kontan") == NOON.timestamp()


def test_a_scrape_writes_nothing(store: Engine, config: Config):
    storing.saved(store, start_run(store, "kontan").id, 1)
    if store.dialect.name == "postgresql":
        pytest.skip("other databases of the server write to the same log")
    with store.connect() as connection:
        version = connection.execute(text("PRAGMA data_version")).scalar()
        exposition(config, DECLARED)
        assert connection.execute(text("PRAGMA data_version")).scalar() == version


@pytest.mark.parametrize("present", [True, False])
def test_a_store_that_cannot_be_read_is_a_metric_not_an_error(tmp_path: Path, *, present: bool):
    if present:
        (tmp_path / "pantau.db").write_bytes(b"bukan basis data")
    samples = read(exposition(Config(data_dir=tmp_path), DECLARED))
    assert value(samples, "store_up") == 0
    assert value(samples, "disk_free_bytes") > 0


class TestServing:
    def test_it_serves_on_loopback_until_closed(self, store: Engine, config: Config):
        start_run(store, "kontan")
        server = start_metrics(config.model_copy(update={"metrics_port": free_port()}), DECLARED)
        assert server is not None
        address = f"http://{metrics.LOOPBACK}:{server.port}/metrics"
        with urllib.request.urlopen(address, timeout=10) as answer:
            samples = read(answer.read())
        assert value(samples, "store_up") == 1
        assert value(samples, "process_open_fds") > 0
        assert server._server.server_address[0] == metrics.LOOPBACK  # noqa: SLF001
        server.close()
        with pytest.raises(urllib.error.URLError):
            urllib.request.urlopen(address, timeout=10)

    def test_without_a_port_it_serves_nothing(self, config: Config):
        assert start_metrics(config, DECLARED) is None

    def test_a_port_that_is_taken_is_told(self, config: Config):
        with socket.socket() as taken:
            taken.bind((metrics.LOOPBACK, 0))
            taken.listen()
            port = taken.getsockname()[1]
            with pytest.raises(ConfigError, match=f"no metrics on port {port}: .*set another `metrics_port`"):
                start_metrics(config.model_copy(update={"metrics_port": port}), DECLARED)


def free_port() -> int:
    with socket.socket() as door:
        door.bind((metrics.LOOPBACK, 0))
        port: int = door.getsockname()[1]
        return port
