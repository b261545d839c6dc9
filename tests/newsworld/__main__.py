"""`python -m tests.newsworld serve|truth`: the news world as a process of its own; its truth as JSON lines.

While it serves, `http://control.newsworld/` sets its time, plants events and tells of its log (`control`).

`serve` writes {"proxy": "http://127.0.0.1:PORT", "ca": "/path/ca.pem"} to the ready file once it listens. It
ends on SIGTERM or SIGINT, when its parent process is gone, or after its longest life.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
import tempfile
import time
from datetime import date, datetime
from pathlib import Path

from tests.newsworld.certificates import Authority
from tests.newsworld.control import Control
from tests.newsworld.faults import Fault, FaultScript
from tests.newsworld.happenings import Eventful
from tests.newsworld.log import RequestLog
from tests.newsworld.outlets.all import ALL
from tests.newsworld.printed import WIB
from tests.newsworld.proxy import Proxy
from tests.newsworld.world import ARCHIVE, World

WATCH_S = 0.5


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=WIB)


def _parser() -> argparse.ArgumentParser:
    names = [outlet.name for outlet in ALL]
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--seed", type=int, default=7)
    shared.add_argument("--start", type=date.fromisoformat, default=date(2026, 3, 2), help="first day")
    shared.add_argument("--days", type=int, default=7)
    shared.add_argument("--articles-per-day", type=int, default=20, help="for each outlet")
    shared.add_argument(
        "--archive", type=int, default=ARCHIVE, help="articles of former years for each outlet"
    )
    shared.add_argument(
        "--now", type=_moment, help="world time, WIB unless it says otherwise; default: the end"
    )
    shared.add_argument(
        "--eventful", action="store_true", help="with edits, deletions, outages, lies, bursts"
    )
    shared.add_argument("--outlet", action="append", choices=names, help="only this one; may be repeated")
    shared.add_argument("--option", action="append", default=[], metavar="OUTLET.NAME=VALUE")
    parser = argparse.ArgumentParser(prog="python -m tests.newsworld", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", parents=[shared], help="serve the world through a proxy")
    serve.add_argument("--ready-file", type=Path, required=True)
    serve.add_argument("--log", type=Path, help="write every request there, one JSON object a line")
    serve.add_argument("--faults", type=Path, help="a JSON list of faults")
    serve.add_argument("--warm", action="store_true", help="write all article pages before being ready")
    serve.add_argument("--max-lifetime-s", type=float, default=3600.0)
    truth = commands.add_parser("truth", parents=[shared], help="print the truth, one JSON object a line")
    truth.add_argument("--all-times", action="store_true", help="also what is not published yet")
    truth.add_argument("--on-topic", action="store_true", help="only stories on the topic")
    return parser


def _world(given: argparse.Namespace) -> World:
    options = dict(text.split("=", 1) for text in given.option)
    chosen = tuple(outlet for outlet in ALL if not given.outlet or outlet.name in given.outlet)
    return World(
        given.seed,
        given.start,
        given.days,
        given.articles_per_day,
        chosen,
        now=given.now,
        archive=given.archive,
        options=options,
        happenings=Eventful(given.seed, given.start, given.days) if given.eventful else None,
    )


async def _serve(given: argparse.Namespace, world: World, folder: Path) -> None:
    parent, began = os.getppid(), time.monotonic()
    faults = json.loads(given.faults.read_text(encoding="utf-8")) if given.faults else []
    authority, log = Authority(), RequestLog(given.log)
    world.add_site(Control(world, log))
    proxy = Proxy(world, authority, log, FaultScript(Fault.from_dict(values) for values in faults))
    if given.warm:
        world.index()
        proxy.warm(world.addresses(), "Mozilla/5.0 (newsworld) Chrome/140.0.0.0")
    authority.write(folder / "ca.pem")
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await proxy.start()
    ready = json.dumps({"proxy": proxy.url, "ca": str(folder / "ca.pem")})
    part = given.ready_file.with_name(given.ready_file.name + ".part")
    part.write_text(ready, encoding="utf-8")
    part.replace(given.ready_file)
    while not stop.is_set():
        if os.getppid() != parent:
            sys.stderr.write(f"newsworld: ended, for its parent process {parent} is gone\n")
            break
        if time.monotonic() - began > given.max_lifetime_s:
            sys.stderr.write(f"newsworld: ended after {given.max_lifetime_s:.0f} s (--max-lifetime-s)\n")
            break
        try:
            async with asyncio.timeout(WATCH_S):
                await stop.wait()
        except TimeoutError:
            continue
    await proxy.stop()
    log.close()


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit code."""
    given = _parser().parse_args(arguments)
    try:
        world = _world(given)
    except ValueError as wrong:
        sys.stderr.write(f"newsworld: {wrong}\n")
        return 2
    if given.command == "truth":
        on_topic = True if given.on_topic else None
        for article in world.truth(all_times=given.all_times, on_topic=on_topic):
            sys.stdout.write(json.dumps(article.as_dict(), ensure_ascii=False) + "\n")
        return 0
    with tempfile.TemporaryDirectory(prefix="newsworld-") as folder:
        asyncio.run(_serve(given, world, Path(folder)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
