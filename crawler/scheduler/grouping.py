"""Brings the stories up to date after crawls: as a process of its own, which the service only starts."""

import logging
import subprocess
import sys
import time
from typing import Final

import attrs
from sqlalchemy import Engine

from crawler.config import Config
from crawler.errors import StoreError
from crawler.scheduler.child import child_environ, new_log
from crawler.storage.database import read
from crawler.storage.stories import waiting

logger = logging.getLogger(__name__)

EVERY_S: Final = 60.0
"""How often it is looked whether there is anything new."""

_NAME: Final = "stories"


@attrs.define
class Grouping:
    """What keeps the stories of one service up to date; the next process makes up for one that is killed."""

    config: Config
    engine: Engine
    _process: "subprocess.Popen[bytes] | None" = None
    _next_s: float = 0.0

    def tend(self) -> None:
        """Begin an update when articles are new, and see how the last one ended.

        Raises:
            StoreError: the store cannot be read.
        """
        if self._process is not None:
            if self._process.poll() is None:
                return
            if self._process.returncode:
                logger.warning(
                    "grouping ended with status %d, see `pantau stories`", self._process.returncode
                )
            self._process = None
        now_s = time.monotonic()
        if now_s >= self._next_s:
            self._next_s = now_s + EVERY_S
            if read(self.engine, waiting):
                self._begin()

    def stop(self) -> None:
        """End an update that goes on: the next one takes it up."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _begin(self) -> None:
        try:
            log = new_log(self.config.data_dir / "logs", _NAME)
        except StoreError as error:
            logger.warning("%s", error)
            return
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "crawler.cli.main", "stories", "--update"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=child_environ(self.config),
                process_group=0,
            )
