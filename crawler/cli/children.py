"""The child processes of `pantau crawl`: signals are passed on to them, and none is left behind."""

import contextlib
import signal
from collections.abc import Iterator, Sequence
from types import FrameType

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
