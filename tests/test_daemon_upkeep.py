"""What the service does besides crawling: it prunes once a day, and shows its metrics."""

import os
import sys
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from crawler.storage import frontier
from crawler.storage.archive import ArchiveWriter
from crawler.storage.runs import finish_run, start_run
from tests.core.test_metrics import free_port
from tests.crawling import DECLARED
from tests.daemon import later
from tests.serving import Services, leader, wait_until

FAR = f"kontan={(later(0) + timedelta(hours=1)).isoformat()}"


pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


def keep_old_list(store: Engine, folder: Path) -> Path:
    """Archive a list of ten days ago and return its file."""
    run = start_run(store, "kontan")
    with ArchiveWriter(folder / "archive", "kontan", run.id) as writer:
        at = datetime.now(UTC) - timedelta(days=10)
        ref = writer.write("https://www.kontan.example/rss", 200, [], b"daftar", fetched_at=at, kind="list")
        writer.sync()
        frontier.add_records(store, run.id, [ref])
    finish_run(store, run.id, "healthy")
    return folder / "archive" / ref.file


def prunings(folder: Path) -> list[Path]:
    return sorted((folder / "logs").glob("prune-*.log"))


def test_it_prunes_once_a_day_also_when_it_is_started_again(
    daemons: Services, store: Engine, tmp_path: Path
) -> None:
    old = keep_old_list(store, tmp_path)
    first = daemons.start(FAR, archive_other_days="5")
    wait_until(lambda: not old.exists())
    wait_until(lambda: "1 records went: 1 lists" in prunings(tmp_path)[0].read_text())
    daemons.stop(first)
    old = keep_old_list(store, tmp_path)
    second = daemons.start(FAR, archive_other_days="5")
    wait_until(lambda: leader(store) == second.pid)
    daemons.stop(second)
    assert len(prunings(tmp_path)) == 1
    assert old.exists()
    yesterday = datetime.now(UTC).timestamp() - 90_000
    os.utime(prunings(tmp_path)[0], (yesterday, yesterday))
    daemons.start(FAR, archive_other_days="5")
    wait_until(lambda: not old.exists())


def test_without_terms_it_prunes_nothing(daemons: Services, store: Engine, tmp_path: Path) -> None:
    old = keep_old_list(store, tmp_path)
    first = daemons.start(FAR)
    wait_until(lambda: leader(store) == first.pid)
    daemons.stop(first)
    assert old.exists()
    assert not prunings(tmp_path)


def test_it_shows_its_metrics_while_it_runs(daemons: Services, store: Engine, tmp_path: Path) -> None:
    finish_run(store, start_run(store, "kontan").id, "healthy")
    port = str(free_port())
    command = [sys.executable, "-m", "crawler.cli.main", "schedule"]
    switched_off = tmp_path / "pantau.toml"
    switched_off.write_text("".join(f"[outlets.{name}]\nenabled = false\n" for name in DECLARED))
    service = daemons.begin(command, {"metrics_port": port, "config": str(switched_off)})

    def scraped() -> str:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
                text: str = answer.read().decode()
                return text
        except urllib.error.URLError:
            return ""

    wait_until(lambda: "pantau_schedule_led 1.0" in scraped())
    assert 'pantau_runs_total{outlet="kontan",verdict="healthy"} 1.0' in scraped()
    daemons.stop(service)
    assert scraped() == ""
