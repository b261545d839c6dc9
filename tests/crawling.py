"""Runs the real crawler as a child process against a news world, and reads back what it stored."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

from crawler.items import Article
from crawler.storage.articles import iterate
from crawler.storage.audit import AuditReport, audit
from crawler.storage.database import connect
from crawler.storage.runs import Run, list_runs
from tests.newsworld.compare import Comparison, compare
from tests.newsworld.outlets.all import ALL
from tests.newsworld.printed import WIB
from tests.newsworld.running import ROOT, Running
from tests.newsworld.world import World

SEED, START, DAYS, PER_DAY = 11, date(2026, 3, 2), 2, 8
CRAWL_S = 90
DECLARED = sorted(
    path.stem for path in (ROOT / "spiders").glob("*.py") if path.stem not in {"__init__", "wordpress"}
)


def crawl_command(running: Running, **arguments: str) -> list[str]:
    """Return the command that crawls the world's only outlet over the world's days."""
    (outlet,) = running.world.outlets
    span = {"since": START.isoformat(), "until": (START + timedelta(days=DAYS - 1)).isoformat()}
    name = outlet.name if outlet.name in DECLARED else "wordpress"
    site = {} if name in DECLARED else {"url": f"https://{outlet.hosts[0]}"}
    options = [
        part for key, value in {**span, **site, **arguments}.items() for part in ("-a", f"{key}={value}")
    ]
    return [sys.executable, "-m", "scrapy", "crawl", name, *options]


def small_world(name: str, **options: str) -> World:
    """Return a world of that outlet alone, over a few days."""
    outlets = [outlet for outlet in ALL if outlet.name == name]
    return World(SEED, START, DAYS, PER_DAY, outlets, archive=6, options=options)


def crawl_environ(running: Running, data: Path, **settings: str) -> dict[str, str]:
    """Return the environment of a crawler that reaches the world at the world's time, without delays."""
    kept = {name: value for name, value in running.environ().items() if not name.startswith("PANTAU_")}
    ours = {"data_dir": str(data), "now": running.world.now.isoformat(), "delay_s": "0"} | settings
    return kept | {f"PANTAU_{name.upper()}": value for name, value in ours.items()}


def crawl(running: Running, data: Path, **arguments: str) -> "subprocess.CompletedProcess[str]":
    """Crawl the world's only outlet to the end and return the process with its log in `stderr`."""
    return run(crawl_command(running, **arguments), crawl_environ(running, data))


def run(command: list[str], environ: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    """Run a command of the project to its end."""
    return subprocess.run(
        command, env=environ, cwd=ROOT, capture_output=True, text=True, timeout=CRAWL_S, check=False
    )


def stored(data: Path) -> list[Article]:
    """Return the current revision of every stored article."""
    engine = connect(_url(data), create=False)
    try:
        return [each.article for each in iterate(engine)]
    finally:
        engine.dispose()


def runs_of(data: Path) -> list[Run]:
    """Return all runs, newest first."""
    engine = connect(_url(data), create=False)
    try:
        return list_runs(engine)
    finally:
        engine.dispose()


def audited(data: Path) -> AuditReport:
    """Return what the audit says of the store and its archive."""
    engine = connect(_url(data), create=False)
    try:
        return audit(engine, data / "archive")
    finally:
        engine.dispose()


def against_truth(running: Running, data: Path) -> Comparison:
    """Return how the store differs from the truth of the world's days."""
    return held_against(running, stored(data))


def held_against(running: Running, kept: Sequence[Article]) -> Comparison:
    """Return how articles differ from the truth of the world's days."""
    since = datetime.combine(START, datetime.min.time(), WIB)
    return compare(running.world.truth(), kept, since, since + timedelta(days=DAYS))


def _url(data: Path) -> str:
    return f"sqlite:///{os.fspath(data)}/pantau.db"
