"""The drill: a backup while a real crawl runs, restored elsewhere, and the next crawl goes on from there."""

import json
import subprocess
import sys
import time
from pathlib import Path

from crawler.errors import StoreError
from tests.crawling import (
    against_truth,
    audited,
    crawl,
    crawl_command,
    crawl_environ,
    run,
    small_world,
    stored,
)
from tests.newsworld.running import ROOT, Running, on_air

PANTAU = [sys.executable, "-m", "crawler.cli.main"]
WAIT_S = 60.0


def pantau(running: Running, data: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return run([*PANTAU, *arguments], crawl_environ(running, data))


def some_are_stored(data: Path, number: int) -> bool:
    """Tell whether the crawl has stored so many articles; before it made its tables it has not."""
    try:
        return len(stored(data)) >= number
    except StoreError:
        return False


def test_a_backup_of_a_running_crawl_is_taken_up_elsewhere(tmp_path: Path) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy"
    with on_air(small_world("kontan")) as running:
        environ = crawl_environ(running, data, delay_s="0.25")
        process = subprocess.Popen(
            crawl_command(running),
            env=environ,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + WAIT_S
        while not some_are_stored(data, 2):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        acknowledged = {article.canonical_url for article in stored(data)}
        made = pantau(running, data, "backup", "--to", str(tmp_path / "backups"), "--json")
        still_crawling = process.poll() is None
        process.kill()
        process.wait()
        assert made.returncode == 0, made.stderr
        assert still_crawling, "the crawl ended before the backup, which proves nothing"

        back = pantau(running, copy, "restore", json.loads(made.stdout)["folder"])
        assert back.returncode == 0, back.stdout + back.stderr
        had = {article.canonical_url for article in stored(copy)}
        assert acknowledged <= had
        assert audited(copy).ok

        asked = len(running.log)
        done = crawl(running, copy)
        assert done.returncode == 0, done.stderr[-3000:]
        assert against_truth(running, copy).faults() == {}
        again = {request.url for request in list(running.log)[asked:]}
        assert not had & again, "what the backup holds was fetched anew"
        assert audited(copy).ok
