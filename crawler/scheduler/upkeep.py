"""Prunes the archive once a day, where terms are set: as a process of its own, like every crawl."""

import logging
import subprocess
import sys
import time
from typing import Final

import attrs

from crawler.config import Config
from crawler.errors import StoreError
from crawler.scheduler.child import child_environ, new_log

logger = logging.getLogger(__name__)

DAY_S: Final = 86_400.0
_NAME: Final = "prune"


@attrs.define
class Upkeep:
    """The daily pruning of one service. Its logs tell when the last one was, so no restart repeats it."""

    config: Config
    _process: "subprocess.Popen[bytes] | None" = None

    def tend(self) -> None:
        """Begin a pruning when one is due, and see how the last one ended."""
        if self._process is not None:
            if self._process.poll() is None:
                return
            if self._process.returncode:
                logger.warning("pruning ended with status %d, see `pantau prune`", self._process.returncode)
            self._process = None
        if (self.config.archive_days or self.config.archive_other_days) and self._is_due():
            self._begin()

    def stop(self) -> None:
        """End a pruning that goes on: the next one takes it up."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _is_due(self) -> bool:
        folder = self.config.data_dir / "logs"
        last = max((path.stat().st_mtime for path in folder.glob(f"{_NAME}-*.log")), default=0.0)
        # A last time in the future is none: the clock was set back after it.
        return not 0 <= time.time() - last < DAY_S

    def _begin(self) -> None:
        try:
            log = new_log(self.config.data_dir / "logs", _NAME)
        except StoreError as error:
            logger.warning("%s", error)
            return
        with log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and command, no shell
                [sys.executable, "-P", "-m", "crawler.cli.main", _NAME],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=child_environ(self.config),
                process_group=0,
            )
