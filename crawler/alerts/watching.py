"""The loop of whoever watches: decides and sends, and lets an outside watcher hear of the schedule."""

import contextlib
import logging
import os
import select
import sys
from datetime import timedelta
from typing import Final

import attrs
import requests
from sqlalchemy import Engine

from crawler.alert_rules import AlertsConfig
from crawler.alerts.sender import Sender
from crawler.errors import CrawlerError, StoreError
from crawler.storage.database import clock, read
from crawler.storage.pulses import SCHEDULE, pulse_of

logger = logging.getLogger(__name__)

EVERY_S: Final = 3.0
_OK: Final = range(200, 300)
_NEVER: Final = float("-inf")


@attrs.define(kw_only=True)
class Watch:
    """One watching process. With a *lifeline* it ends when its standard input is closed."""

    sender: Sender
    lifeline: bool = False
    _pinged_s: float = _NEVER
    _said: str = ""

    def run(self) -> None:
        """Work until the lifeline is cut, or for ever."""
        while True:
            try:
                self.turn()
            except CrawlerError as error:
                self._tell(str(error))
            else:
                self._said = ""
            if self._is_over():
                return

    def turn(self) -> None:
        """Do once what is due.

        Raises:
            StoreError: the store cannot be used, or another process leads by now.
        """
        if not self.sender.leads():
            return
        self._ping()
        self.sender.pass_once()

    def _ping(self) -> None:
        config, now_s = self.sender.config, self.sender.clock.seconds()
        if not config.heartbeat_url.get_secret_value() or now_s - self._pinged_s < config.heartbeat_s:
            return
        if not is_at_work(self.sender.engine, config):
            return
        self._pinged_s = now_s
        error = ping(config)
        if error:
            logger.warning("the heartbeat was not heard: %s", error)

    def _tell(self, problem: str) -> None:
        if problem != self._said:  # once, however long it lasts
            self._said = problem
            logger.warning("%s", problem)

    def _is_over(self) -> bool:
        """Wait for the next turn; tell whether whoever started this is gone."""
        ready, _, _ = select.select([sys.stdin] if self.lifeline else [], [], [], EVERY_S)
        return bool(ready) and not os.read(sys.stdin.fileno(), 1)


def is_at_work(engine: Engine, config: AlertsConfig) -> bool:
    """Tell whether the leading service gave a sign of life lately."""
    with contextlib.suppress(StoreError):
        pulse, now = read(engine, lambda connection: (pulse_of(connection, SCHEDULE), clock(connection)))
        if pulse is not None and not pulse.ended:
            return now - pulse.at <= timedelta(seconds=config.silence_s)
    return False


def ping(config: AlertsConfig) -> str | None:
    """Ask for the address of the heartbeat; return why it was not heard, None where it was."""
    url = config.heartbeat_url.get_secret_value()
    try:
        # Streamed, and only its status is read: an answer of any size costs nothing.
        with requests.get(url, timeout=(5, 10), allow_redirects=False, stream=True) as response:
            return None if response.status_code in _OK else f"answered {response.status_code}"
    except (requests.RequestException, ValueError) as error:
        return type(error).__name__
