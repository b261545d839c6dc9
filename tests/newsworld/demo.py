"""`make demo`: crawls the bundled news world over real sockets and holds the store against the truth.

Everything is real but the outlets: the proxy, TLS, the crawler's processes, the store, the archive. It prints
what was stored, then a line `figure NAME VALUE UNIT` for each promise, and fails when one is broken.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

from rich.console import Console
from rich.table import Table

from crawler.cli.spiders import load_spiders
from crawler.rendering.finding import find_browser
from crawler.storage.articles import iterate
from crawler.storage.database import connect
from tests.newsworld.compare import Comparison, compare
from tests.newsworld.outlets.all import ALL
from tests.newsworld.printed import WIB
from tests.newsworld.running import ROOT, proxied_environ, serving_process
from tests.newsworld.world import World

PANTAU = (sys.executable, "-m", "crawler.cli.main")
START, DAYS, PER_DAY, SEED = date(2026, 3, 2), 7, 20, 7
console = Console(soft_wrap=True)


def main() -> int:
    """Run the demo and return its exit status."""
    given = _arguments()
    data = ROOT / "data" / "demo"
    shutil.rmtree(data, ignore_errors=True)
    began = time.monotonic()
    outlets = [outlet for outlet in ALL if outlet.name not in left_out()]
    world = World(given.seed, START, given.days, given.per_day, outlets)
    span = f"{START:%d %B} to {START + timedelta(days=given.days - 1):%d %B %Y}"
    console.print(
        f"[bold]pantau demo[/bold]: {len(world.outlets)} invented copies of outlets, {given.per_day} "
        f"articles each a day from {span}, behind a proxy on loopback. Nothing leaves this machine.\n"
    )
    if left_out():
        console.print(f"Left out, since this machine has no browser: {', '.join(sorted(left_out()))}.\n")
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "requests.jsonl"
        named = [f"--outlet={outlet.name}" for outlet in outlets]
        arguments = [*world_arguments(given.seed, given.days, given.per_day), *named, "--log", str(log)]
        with serving_process(arguments) as ready:
            environ = crawl_environ(ready, data, world.now)
            first = crawl_everything(world, environ)
            requests = _articles_asked_for(log, world)
            again = crawl_everything(world, environ)
            repeated = _articles_asked_for(log, world) - requests
        found = held_against_truth(world, data)
        _show_store(world, data, found)
        audited = subprocess.run([*PANTAU, "audit"], env=environ, cwd=ROOT, check=False).returncode
    figures = {
        "demo_recall": (round(found.recall, 4), "share"),
        "demo_expected": (found.expected, "articles"),
        "demo_stored": (found.stored, "articles"),
        **{f"demo_{kind}": (len(getattr(found, kind)), "articles") for kind in COMPLAINTS},
        "demo_second_crawl_article_requests": (repeated, "requests"),
        "demo_unhealthy_crawls": (first + again, "crawls"),
        "demo_audit_failed": (int(audited != 0), "audits"),
        "demo_seconds": (round(time.monotonic() - began, 1), "s"),
    }
    console.print()
    for name, (value, unit) in figures.items():
        console.print(f"figure {name} {value} {unit}", markup=False, highlight=False)
    for kind, addresses in found.faults().items():
        console.print(f"{kind}: {', '.join(addresses[:5])}", markup=False, highlight=False)
    broken = bool(found.faults()) or repeated or first or again or audited
    if not broken:
        _say_what_next(data, world.now)
    return int(bool(broken))


COMPLAINTS = (
    "missing",
    "doubled",
    "unexpected",
    "wrong_body",
    "wrong_time",
    "wrong_headline",
    "wrong_byline",
)


def world_arguments(seed: int, days: int, per_day: int) -> list[str]:
    """Return what the news world's own process is started with."""
    return [
        f"--seed={seed}",
        f"--start={START.isoformat()}",
        f"--days={days}",
        f"--articles-per-day={per_day}",
    ]


def crawl_environ(ready: Mapping[str, str], data: Path, now: datetime) -> dict[str, str]:
    """Return the environment of a crawler that reaches the world, at the world's time, without delays."""
    environ = proxied_environ(ready["proxy"], ready["ca"])
    kept = {name: value for name, value in environ.items() if not name.startswith("PANTAU_")}
    settings = {"PANTAU_DATA_DIR": str(data), "PANTAU_NOW": now.isoformat(), "PANTAU_DELAY_S": "0"}
    return kept | settings


def crawl_everything(world: World, environ: Mapping[str, str]) -> int:
    """Crawl all outlets of the world over its days; return how many of the crawls were not healthy."""
    last = world.start + timedelta(days=world.days - 1)
    span = ("--since", world.start.isoformat(), "--until", last.isoformat())
    declared = sorted(outlet.name for outlet in world.outlets if outlet.name in declared_outlets())
    commands: list[Sequence[str]] = [(*PANTAU, "crawl", *declared, *span)]
    sites = [outlet for outlet in world.outlets if outlet.name not in declared_outlets()]
    commands += [
        (*PANTAU, "crawl", "wordpress", "--url", f"https://{site.hosts[0]}", *span) for site in sites
    ]
    return sum(subprocess.run(each, env=environ, cwd=ROOT, check=False).returncode != 0 for each in commands)


@cache
def left_out() -> frozenset[str]:
    """Return the names of the outlets that cannot be crawled whole here: scripts draw lists of theirs."""
    if find_browser() is not None:
        return frozenset()
    return frozenset(name for name, spider in load_spiders().items() if spider.render)


def declared_outlets() -> set[str]:
    """Return the names of the outlets that have a file of their own."""
    return {path.stem for path in (ROOT / "spiders").glob("*.py")} - {"__init__", "wordpress"}


def held_against_truth(world: World, data: Path) -> Comparison:
    """Return how the store in *data* differs from the world's truth over the world's days."""
    engine = connect(f"sqlite:///{data / 'pantau.db'}", create=False)
    try:
        kept = [stored.article for stored in iterate(engine)]
    finally:
        engine.dispose()
    since = datetime.combine(world.start, datetime.min.time(), WIB)
    return compare(world.truth(), kept, since, since + timedelta(days=world.days))


def _articles_asked_for(log: Path, world: World) -> int:
    pages = {
        url.partition("://")[2] for article in world.truth() for url in (article.url, *article.page_urls)
    }
    lines = (json.loads(line) for line in log.read_text(encoding="utf-8").splitlines())
    return sum(f"{each['host']}{each['path']}".partition("?")[0] in pages for each in lines)


def _show_store(world: World, data: Path, found: Comparison) -> None:
    engine = connect(f"sqlite:///{data / 'pantau.db'}", create=False)
    try:
        kept = [stored.article for stored in iterate(engine)]
    finally:
        engine.dispose()
    table = Table(title="What was stored", box=None, header_style="bold", title_justify="left")
    for heading in ("outlet", "articles", "paragraphs", "newest headline"):
        table.add_column(heading, justify="right" if heading in {"articles", "paragraphs"} else "left")
    for outlet in sorted({article.outlet for article in kept}):
        own = [article for article in kept if article.outlet == outlet]
        newest = max(own, key=lambda article: article.published_at.utc if article.published_at else world.now)
        table.add_row(outlet, str(len(own)), str(sum(len(each.body) for each in own)), newest.headline)
    console.print(table)
    console.print(f"{found.stored} articles; the world published {found.expected} on the topic.\n")


def _say_what_next(data: Path, now: datetime) -> None:
    shown = data.relative_to(ROOT)
    console.print(
        "\nEvery promise held. Look inside:\n"
        f"  .venv/bin/pantau --data-dir {shown} search Vladivostok\n"
        f"  .venv/bin/pantau --data-dir {shown} show 1 --removed\n"
        f"  .venv/bin/pantau --data-dir {shown} export --format jsonl\n"
        f"  PANTAU_NOW={now.isoformat()} .venv/bin/pantau --data-dir {shown} serve\n"
        "and on the live web: .venv/bin/pantau crawl kontan",
        highlight=False,
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--per-day", type=int, default=PER_DAY)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
