"""Makes a child process of the crawler fail where a test says; Python imports it when it starts.

`tests.sabotage.orders` puts this folder on the child's PYTHONPATH and the orders, as JSON, into SABOTAGE:

    kill    [POINT, N]   SIGKILL to itself at the N-th passing of a point of `POINTS`
    once    PATH         ... in one process only: the one that makes this file first
    role    crawl|other  ... only in a crawl, or only in what is none: the service
    count   PATH         write there, at the end, how often each point was passed
    full    [PART, N]    no space is left for the archive after N writes, or for N pages of the database
    broken  N            the disk fails when the archive is synced for the N-th time
    busy_s  S            how long the process waits for a locked database
    step    [N, DELTA]   the system's clock jumps by DELTA seconds at the N-th request

A point is passed when the named function begins (`before`) or has returned (`after`), when a statement that
matches has been executed, when Scrapy sends a signal. Nothing of this is known to the product.
"""

# ruff: noqa: PLC0415 - Scrapy and SQLAlchemy are there only once the product has imported them

import atexit
import contextlib
import errno
import functools
import importlib.util
import inspect
import json
import os
import re
import signal
import sys
from collections import Counter
from datetime import timedelta
from importlib.abc import Loader, MetaPathFinder
from pathlib import Path

CALLS = {
    "run looked for": ("before", "crawler.storage.runs:start_run"),
    "run written": ("after", "crawler.storage.runs:start_run"),
    "frontier seeded": ("after", "crawler.storage.frontier:offer"),
    "leftovers read": ("after", "crawler.storage.frontier:pending"),
    "request sent": ("after", "crawler.handlers:_CappedProtocol.request"),
    "record written": ("after", "crawler.storage.archive:ArchiveWriter.write"),
    "archive synced": ("after", "crawler.storage.archive:ArchiveWriter.sync"),
    "save begun": ("before", "crawler.storage.articles:save"),
    "save open": ("after", "crawler.storage.articles:hold_run"),
    "save committed": ("after", "crawler.storage.articles:save"),
    "settling begun": ("before", "crawler.storage.frontier:settle"),
    "settling committed": ("after", "crawler.storage.frontier:settle"),
    "robots kept": ("after", "crawler.storage.sources:keep_robots"),
    "heartbeat": ("after", "crawler.storage.runs:heartbeat"),
    "records added": ("after", "crawler.storage.frontier:add_records"),
    "summary begun": ("before", "crawler.storage.runs:finish_run"),
    "summary committed": ("after", "crawler.storage.runs:finish_run"),
    "session closed": ("after", "crawler.session:Session.close"),
    "before a commit": ("before", "sqlalchemy.engine.default:DefaultDialect.do_commit"),
    "after a commit": ("after", "sqlalchemy.engine.default:DefaultDialect.do_commit"),
    "lists kept": ("after", "crawler.storage.lists:keep_lists"),
    "turn taken": ("after", "crawler.storage.turns:take"),
    "migration step begun": ("before", "crawler.storage.upgrade:take"),
    "migration step written": ("after", "crawler.storage.upgrade:take"),
}
SERVICE_CALLS = {
    "lease taken": ("after", "crawler.storage.leases:acquire"),
    "dead runs closed": ("after", "crawler.storage.runs:close_dead_runs"),
    "plan made": ("after", "crawler.storage.plans:plan_due"),
    "plan about to be taken": ("before", "crawler.storage.plans:take"),
    "plan taken": ("after", "crawler.storage.plans:take"),
    "child started": ("after", "crawler.scheduler.crew:Crew._start_one"),
    "child ended": ("before", "crawler.storage.plans:settle"),
    "plan settled": ("after", "crawler.storage.plans:settle"),
}
STATEMENTS = {
    "run inserted": r"INSERT INTO runs\b",
    "address inserted": r"INSERT INTO urls\b",
    "article inserted": r"INSERT INTO articles\b",
    "look written": r"UPDATE articles\b",
    "revision inserted": r"INSERT INTO revisions\b",
    "search row inserted": r"INSERT INTO search\b",
    "ledger written": r"INSERT INTO visits\b",
    "record indexed": r"INSERT INTO records\b",
    "address settled": r"UPDATE urls\b",
    "schema statement": r"(CREATE|ALTER|DROP) |UPDATE alembic_version|INSERT INTO alembic_version",
}
SIGNALS = {
    "request queued": "request_reached_downloader",
    "headers in": "headers_received",
    "body half in": "bytes_received",
    "body in": "response_downloaded",
    "item done": "item_scraped",
    "crawl idle": "spider_idle",
    "crawl closing": "spider_closed",
}
HALF_RECORD = "record half written"
POINTS = (*CALLS, *STATEMENTS, *SIGNALS, HALF_RECORD)
SERVICE_POINTS = tuple(SERVICE_CALLS)

HEARTBEAT_S = 0.1  # a short crawl would never come to its first one


class Sabotage:
    """What this process is to suffer."""

    def __init__(self, orders):
        self.orders = orders
        self.passed = Counter()
        self.synced = 0
        self.wanted = {}  # module: [(what to do with it)]

    def pass_by(self, point):
        """Note that the process is at a point; end it there if that was ordered."""
        self.passed[point] += 1
        if self.orders.get("kill") == [point, self.passed[point]]:
            if point == "request sent":  # it is on its way once the event loop has turned
                from twisted.internet import reactor

                reactor.callLater(0.002, self.die)
            else:
                self.die()

    def die(self):
        with contextlib.suppress(FileExistsError):
            if "once" in self.orders:
                os.close(os.open(self.orders["once"], os.O_CREAT | os.O_EXCL))
            os.kill(os.getpid(), signal.SIGKILL)

    def install(self):
        self.want("crawler.session", lambda module: setattr(module, "HEARTBEAT_S", HEARTBEAT_S))
        if "kill" in self.orders or "count" in self.orders:
            for point, (when, place) in (CALLS | SERVICE_CALLS).items():
                module, _, name = place.partition(":")
                self.want(module, functools.partial(self.wrap, point=point, when=when, name=name))
            self.want("crawler.storage.database", self.watch_statements)
            self.want("scrapy.signalmanager", self.watch_signals)
        if "count" in self.orders:
            atexit.register(self.report)
        os.write = self.writing(os.write)
        os.fsync = self.syncing(os.fsync)
        self.want("crawler.storage.database", self.limit_database)
        if "step" in self.orders:
            self.want("scrapy.signalmanager", self.watch_signals)
            self.want("crawler.clock", lambda module: self.step(module.Clock, "now"))
            self.want("crawler.storage.database", lambda module: self.step(module, "clock"))
        if "busy_s" in self.orders:
            self.want("crawler.storage.database", self.shorten_waiting)
        sys.meta_path.insert(0, AfterImport(self.wanted))

    def want(self, module, then):
        self.wanted.setdefault(module, []).append(then)

    def wrap(self, module, *, point, when, name):
        holder, _, attribute = name.rpartition(".")
        holder = getattr(module, holder) if holder else module
        function = getattr(holder, attribute)
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def wrapped(*args, **kwargs):
                if when == "before":
                    self.pass_by(point)
                result = await function(*args, **kwargs)
                if when == "after":
                    self.pass_by(point)
                return result
        else:

            @functools.wraps(function)
            def wrapped(*args, **kwargs):
                if when == "before":
                    self.pass_by(point)
                result = function(*args, **kwargs)
                if when == "after":
                    self.pass_by(point)
                return result

        setattr(holder, attribute, wrapped)

    def watch_statements(self, _module):
        from sqlalchemy import Engine, event

        patterns = [(point, re.compile(pattern)) for point, pattern in STATEMENTS.items()]

        @event.listens_for(Engine, "after_cursor_execute")
        def executed(_connection, _cursor, statement, *_):
            for point, pattern in patterns:
                if pattern.match(statement.lstrip()):
                    self.pass_by(point)

    def watch_signals(self, module):
        from scrapy import signals

        points = {getattr(signals, name): point for point, name in SIGNALS.items()}
        for name in ("send_catch_log", "send_catch_log_async"):
            self.wrap_signal(module.SignalManager, name, points)

    def wrap_signal(self, manager, name, points):
        sending = getattr(manager, name)

        @functools.wraps(sending)
        def send(this, signal, **kwargs):
            if signal in points:
                self.pass_by(points[signal])
            return sending(this, signal, **kwargs)

        setattr(manager, name, send)

    def writing(self, write):
        def checked(descriptor, data):
            if not _is_archive(descriptor):
                return write(descriptor, data)
            part, least = self.orders.get("full", ("", 0))
            if part == "archive" and self.passed[HALF_RECORD] >= least:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self.passed[HALF_RECORD] += 1
            if self.orders.get("kill") == [HALF_RECORD, self.passed[HALF_RECORD]]:
                write(descriptor, data[: len(data) // 2])
                self.die()
            return write(descriptor, data)

        return checked

    def syncing(self, sync):
        def checked(descriptor):
            if _is_archive(descriptor):
                self.synced += 1
                if self.synced == self.orders.get("broken"):
                    raise OSError(errno.EIO, os.strerror(errno.EIO))
            return sync(descriptor)

        return checked

    def limit_database(self, module):
        from sqlalchemy import event

        part, pages = self.orders.get("full", ("", 0))
        if part == "store":

            @event.listens_for(module.Engine, "connect")
            def limit(connection, _record):
                (used,) = connection.execute("PRAGMA page_count").fetchone()
                connection.execute(f"PRAGMA max_page_count = {max(used, pages)}")

    def step(self, holder, name):
        clock = getattr(holder, name)

        @functools.wraps(clock)
        def stepped(*args):
            number, delta_s = self.orders["step"]
            jumped = self.passed["request queued"] >= number
            return clock(*args) + timedelta(seconds=delta_s if jumped else 0)

        setattr(holder, name, stepped)

    def shorten_waiting(self, module):
        for function in (module.connect, module.open_database):
            function.__kwdefaults__["busy_s"] = self.orders["busy_s"]

    def report(self):
        Path(self.orders["count"]).write_text(json.dumps(self.passed), encoding="ascii")


class AfterImport(MetaPathFinder):
    """Calls back when a module has been executed."""

    def __init__(self, wanted):
        self.wanted = wanted

    def find_spec(self, name, _path=None, _target=None):
        if name not in self.wanted:
            return None
        sys.meta_path.remove(self)
        try:
            spec = importlib.util.find_spec(name)
        finally:
            sys.meta_path.insert(0, self)
        if spec is not None:
            spec.loader = Executed(spec.loader, self.wanted[name])
        return spec


class Executed(Loader):
    """A module's loader, and what follows it."""

    def __init__(self, loader, then):
        self.loader, self.then = loader, then

    def create_module(self, spec):
        return self.loader.create_module(spec)

    def exec_module(self, module):
        self.loader.exec_module(module)
        for each in self.then:
            each(module)

    def __getattr__(self, name):
        return getattr(self.loader, name)


def _is_archive(descriptor):
    return str(Path(f"/proc/self/fd/{descriptor}").readlink()).endswith(".warc.gz")


def _role():
    return "crawl" if {"scrapy", "child"} & set(sys.orig_argv) else "other"


if "SABOTAGE" in os.environ:
    _orders = json.loads(os.environ["SABOTAGE"])
    if _orders.get("role", _role()) == _role():
        Sabotage(_orders).install()
