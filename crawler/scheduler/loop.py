"""A process that works in turns until a signal stops it, and that watches crawls: the service, a worker."""

import abc
import logging
import os
import threading
from collections.abc import Collection
from typing import Final

import attrs
from sqlalchemy import Engine

from crawler.clock import Clock
from crawler.config import Config
from crawler.errors import StoreError
from crawler.scheduler.child import Child
from crawler.scheduler.crew import Crew, Start
from crawler.scheduler.notify import Notifier
from crawler.scheduler.signals import Signals

logger = logging.getLogger(__name__)

BUSY_S: Final = 3.0
"""How long it waits for a lock of the database: it must be able to stop in time."""

LAST_WORDS_S: Final = 3.0
NEVER: Final = float("-inf")


@attrs.frozen(kw_only=True)
class Rhythm:
    """How often what is done, in seconds."""

    turn_s: float = 1.0
    lease_s: float = 30.0
    renew_s: float = 10.0
    ask_s: float = 3.0
    step_s: float = 30.0
    watch_s: float = 5.0
    look_s: float = 60.0


class Loop(abc.ABC):
    """The turns of one process. What a turn does, and what its last words are, its kind says."""

    def __init__(  # noqa: PLR0913 - keyword-only, what a test replaces
        self,
        config: Config,
        engine: Engine,
        *,
        known: Collection[str],
        start: Start = Child.start,
        rhythm: Rhythm | None = None,
        notifier: Notifier | None = None,
    ) -> None:
        self._config = config
        self._engine = engine
        self._rhythm = rhythm or Rhythm()
        self._notifier = notifier or Notifier(None)
        self._clock = Clock.starting_at(config.now)
        self._crew = Crew(config, engine, self._clock, known, start)
        self._done_s: dict[str, float] = {}
        self._said = ""
        self._stop_s = 0.0
        self._over = False

    def run(self) -> int:
        """Work until a signal asks to stop, or there is nothing left to do, and return the exit status."""
        signals = Signals(self._asked_to_stop, self._stop_at_once)
        with signals.handled():
            logger.info("%s, process %d", self._greeting(), os.getpid())
            self._notifier.send("READY=1")
            while not signals.stopping:
                self._turn()
                if self._over:
                    self._asked_to_stop()
                    break
                signals.wait(self._rhythm.turn_s)
            self._stop(signals)
        return 0

    @abc.abstractmethod
    def _greeting(self) -> str:
        """Return what the log begins with."""

    @abc.abstractmethod
    def _work(self) -> None:
        """Do what a turn is for."""

    @abc.abstractmethod
    def _failed(self) -> None:
        """Forget what may have been left half done by a turn that the store broke off."""

    @abc.abstractmethod
    def _let_go(self) -> None:
        """Note what is owed, and give up what is held: the crawls have ended."""

    def _turn(self) -> None:
        self._notifier.send("WATCHDOG=1")
        try:
            self._work()
        except StoreError as error:
            self._failed()
            if str(error) != self._said:  # once, however long it lasts
                self._said = str(error)
                logger.warning("%s", error)
        else:
            self._said = ""

    def _is_time(self, task: str, every_s: float) -> bool:
        """Tell whether a task's time has come again, and note that it is done now."""
        now_s = self._clock.seconds()
        if now_s - self._done_s.get(task, NEVER) < every_s:
            return False
        self._done_s[task] = now_s
        return True

    # --- Stopping

    def _asked_to_stop(self) -> None:
        self._stop_s = self._clock.seconds()
        self._crew.stop()

    def _stop(self, signals: Signals) -> None:
        """Let the crawls stop in order, end what is left, and note what is owed still."""
        logger.info("stopping: %d crawls are told to stop", len(self._crew.watches))
        self._notifier.send("STOPPING=1")
        self._crew.stop()  # one may have been started while the signal came
        deadline_s = self._stop_s + self._config.stop_s
        last_words = threading.Timer(deadline_s + LAST_WORDS_S - self._clock.seconds(), self._stop_at_once)
        last_words.daemon = True
        last_words.start()
        while self._crew.working() and self._clock.seconds() < deadline_s:
            signals.wait(min(self._rhythm.turn_s, 0.5))
        self._crew.kill()
        while self._crew.working():
            signals.wait(0.05)
        try:
            self._let_go()
        except StoreError as error:
            logger.warning("what is owed is noted at the next start: %s", error)
        last_words.cancel()
        logger.info("stopped")

    def _stop_at_once(self) -> None:
        self._crew.kill()
        logger.warning("stopped at once; the next start goes on from here")
        os._exit(1)
