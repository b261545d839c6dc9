"""The child processes of `pantau crawl`: signals are passed on, time is limited, none is left behind."""

import contextlib
import os
import signal
from collections.abc import Iterator, Sequence
from types import FrameType

from crawler.clock import Clock
from crawler.config import Config
from crawler.scheduler.child import Child


class Interruption:
    """What became of SIGINT and SIGTERM while children ran: `received` is the last one, None for none."""

    def __init__(self) -> None:
        self.received: int | None = None
        self.children: Sequence[Child] = ()

    @contextlib.contextmanager
    def watching(self, children: Sequence[Child]) -> Iterator[None]:
        """Pass both signals on to *children*, a list that may grow, instead of dying of them."""
        self.children = children
        before = {number: signal.signal(number, self._pass_on) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def pass_on_to(self, child: Child) -> None:
        """Send a signal on to a child that was being started when it came."""
        if self.received is not None:
            child.send(self.received)

    def _pass_on(self, number: int, _frame: FrameType | None) -> None:
        self.received = number
        for child in self.children:
            child.send(number)


class Deadline:
    """Ends children that take longer than `run_hours`: in order, and at once after `stop_s` more seconds."""

    def __init__(self, config: Config) -> None:
        self._run_s, self._stop_s = config.run_hours * 3600, config.stop_s
        self._began_s: dict[int, float] = {}
        self._told_s: dict[int, float] = {}
        self._why = f"ended: it ran for more than the {config.run_hours:g} hours of `run_hours`"

    def look(self, children: Sequence[Child]) -> None:
        """End those whose time is over."""
        now_s = Clock.seconds()
        for child in children:
            pid = child.process.pid
            began_s = self._began_s.setdefault(pid, now_s)
            if pid in self._told_s:
                if now_s - self._told_s[pid] > self._stop_s:
                    child.kill()
            elif now_s - began_s > self._run_s:
                self._told_s[pid] = now_s
                child.send(signal.SIGTERM)

    def why(self, child: Child) -> str | None:
        """Return that a child was ended, None for one that was not."""
        return self._why if child.process.pid in self._told_s else None


@contextlib.contextmanager
def lifeline() -> Iterator[int]:
    """Yield the end of a pipe that children read to know that this process is there: only it has the other.

    It goes with the process, whatever ends that.
    """
    reading, writing = os.pipe()
    try:
        yield reading
    finally:
        os.close(reading)
        os.close(writing)


@contextlib.contextmanager
def none_left(children: Sequence[Child]) -> Iterator[None]:
    """End the children that still run when the block ends, which they only do when it fails."""
    try:
        yield
    finally:
        for child in children:
            child.send(signal.SIGTERM)
        for child in children:
            child.process.wait()
