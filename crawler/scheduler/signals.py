"""Signals of a service: a first one asks to stop, a second stops at once, a child's end wakes the loop."""

import contextlib
import select
import signal
import socket
from collections.abc import Callable, Iterator
from types import FrameType

STOPPING = (signal.SIGTERM, signal.SIGINT)


class Signals:
    """Waits like `sleep`, but no longer than until the next signal."""

    def __init__(self, first: Callable[[], None], second: Callable[[], None]) -> None:
        self.stopping = False
        self._first, self._second = first, second
        self._bell, self._ear = socket.socketpair()

    @contextlib.contextmanager
    def handled(self) -> Iterator[None]:
        """Handle the signals in this block; afterwards they do what they did before."""
        self._bell.settimeout(0)
        self._ear.settimeout(0)
        handlers = dict.fromkeys(STOPPING, self._stop) | {signal.SIGCHLD: _nothing}
        before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        woken = signal.set_wakeup_fd(self._bell.fileno(), warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(woken)
            for number, handler in before.items():
                signal.signal(number, handler)
            self._bell.close()
            self._ear.close()

    def wait(self, timeout_s: float) -> None:
        """Return after *timeout_s* seconds, or when a signal has come."""
        select.select([self._ear], [], [], timeout_s)
        with contextlib.suppress(BlockingIOError):
            while self._ear.recv(64):
                pass

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        if self.stopping:
            self._second()
        self.stopping = True
        self._first()


def _nothing(_number: int, _frame: FrameType | None) -> None:
    """Let a child's end ring the bell: an ignored signal would not."""
