"""Watches the process of a crawl, ours or one of a service that died: whether it lives, within limits."""

import contextlib
import os
import signal
from datetime import datetime

import attrs
import psutil

from crawler.config import Config
from crawler.scheduler.child import Child
from crawler.storage.plans import Plan
from crawler.storage.process import Process

MB = 1024 * 1024
SILENT_S = 300.0
"""A crawl notes every 20 seconds that it lives; after this it hangs."""


@attrs.frozen(kw_only=True)
class Limits:
    """How much a crawl may take."""

    run_s: float
    memory_mb: float
    silent_s: float = SILENT_S

    @classmethod
    def of(cls, config: Config) -> "Limits":
        """Return the limits that the operator chose."""
        return cls(run_s=config.run_hours * 3600, memory_mb=config.run_memory_mb)

    def complaint(self, ran_s: float, silent_s: float, memory_mb: float) -> str | None:
        """Return what a crawl has overstepped, in words; None for nothing."""
        if ran_s > self.run_s:
            return f"ended by the watchdog: it ran for more than {self.run_s / 3600:g} hours"
        if memory_mb > self.memory_mb:
            return f"ended by the watchdog: it took {memory_mb:.0f} MB, more than {self.memory_mb:g}"
        if silent_s > self.silent_s:
            return f"ended by the watchdog: it gave no sign of life for {silent_s:.0f} seconds"
        return None


@attrs.define(kw_only=True)
class Watch:
    """A plan that was taken and the process that works on it. Times are of the monotonic clock, in seconds.

    `child` is None where an earlier service started the process. `after_run` is the last run of the plan
    before this attempt. `ended` says why this service ended the process; `over` that its run is closed.
    """

    plan: Plan
    process: Process
    child: Child | None = None
    after_run: int = 0
    began_s: float
    heard_s: float
    heartbeat_at: datetime | None = None
    over: bool = False
    ended: str | None = None
    term_s: float | None = None

    @property
    def alive(self) -> bool:
        """Tell whether the process runs; one on another machine does until its run is closed."""
        if self.child is not None:
            return self.child.process.poll() is None
        dead = self.process.is_dead()
        return not (self.over if dead is None else dead)

    @property
    def here(self) -> bool:
        """Tell whether the process is one of this machine, which a signal can reach."""
        return self.child is not None or self.process.is_dead() is not None

    @property
    def how(self) -> str:
        """Return in words how the process ended."""
        return self.ended or (self.child.ending if self.child else "its process was lost")

    def heard(self, heartbeat_at: datetime | None, now_s: float) -> None:
        """Note the run's last sign of life; only that it changed counts, whatever the clock says."""
        if heartbeat_at != self.heartbeat_at:
            self.heartbeat_at, self.heard_s = heartbeat_at, now_s

    def memory_mb(self) -> float:
        """Return what the process and all that it started take.

        Of those only what is theirs alone counts: a browser's processes share most of what they have.
        """
        total = 0
        with contextlib.suppress(psutil.Error):
            own = psutil.Process(self.process.pid)
            total = own.memory_info().rss
            for each in own.children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    total += each.memory_full_info().uss
        return total / MB

    def end(self, why: str, now_s: float) -> None:
        """Ask the process to stop in order; the first reason stands."""
        if self.term_s is None:
            self.ended, self.term_s = why, now_s
            self._signal(signal.SIGTERM, group=False)

    def kill(self) -> None:
        """End the process and all that it started."""
        self._signal(signal.SIGKILL, group=True)

    def _signal(self, number: int, *, group: bool) -> None:
        # The number of a process that has ended may be another's by now: only what surely runs here is meant.
        if not self.alive or (self.child is None and self.process.is_dead() is not False):
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if group and os.getpgid(self.process.pid) == self.process.pid:
                os.killpg(self.process.pid, number)
            else:
                os.kill(self.process.pid, number)
