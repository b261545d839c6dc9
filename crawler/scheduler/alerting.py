"""Keeps the process that sends alerts at work: a child of the service, which no receiver can hold up.

It is killed without more ado, also in the middle: what it was about stands in the store.
"""

import contextlib
import logging
import os
import subprocess
import sys
import time
from typing import Final

import attrs

from crawler.config import Config
from crawler.errors import StoreError
from crawler.scheduler.child import child_environ, new_log

logger = logging.getLogger(__name__)

RENEWED_S: Final = 6 * 3600.0
"""How long one process works before another one takes over: whatever it hangs on, or has piled up, ends."""

STOP_S: Final = 3.0
FIRST_PAUSE_S: Final = 5.0
LONGEST_PAUSE_S: Final = 300.0
_NAME: Final = "alerts"
_SOUND_S: Final = 60.0


@attrs.define
class Alerting:
    """The sending process of one service; it ends by itself when the service does, killed or not."""

    config: Config
    _process: "subprocess.Popen[bytes] | None" = None
    _lifeline: int | None = None
    _began_s: float = 0.0
    _pause_s: float = FIRST_PAUSE_S
    _next_s: float = 0.0

    def tend(self) -> None:
        """Have the process at work, where there is anything to tell; one that keeps ending is not hurried."""
        if not self.config.alerts.configured:
            return
        now_s = time.monotonic()
        if self._process is not None:
            if self._process.poll() is None:
                if now_s - self._began_s > RENEWED_S:
                    self.stop()
                return
            logger.warning("the process that sends alerts ended with status %d", self._process.returncode)
            self.stop()
            sound = now_s - self._began_s > _SOUND_S
            self._pause_s = FIRST_PAUSE_S if sound else min(2 * self._pause_s, LONGEST_PAUSE_S)
            self._next_s = now_s + self._pause_s
        if now_s >= self._next_s:
            self._begin(now_s)

    def stop(self) -> None:
        """Let the process end what it is about, if that is soon; the next one takes up what it left."""
        if self._lifeline is not None:
            os.close(self._lifeline)
            self._lifeline = None
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_S)
            self._process.kill()
            self._process.wait()
            self._process = None

    def _begin(self, now_s: float) -> None:
        try:
            log = new_log(self.config.data_dir / "logs", _NAME)
        except StoreError as error:
            logger.warning("%s", error)
            self._next_s = now_s + self._pause_s
            return
        theirs, self._lifeline = os.pipe()
        try:
            with log.open("ab") as output:
                self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and command, no shell
                    [sys.executable, "-P", "-m", "crawler.cli.main", _NAME, "attend"],
                    stdin=theirs,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=child_environ(self.config),
                    process_group=0,
                )
        finally:
            os.close(theirs)
        self._began_s = now_s
