"""The background service: leads or waits to, plans what is due, starts it, watches it, and stops in order.

One thread, and no page is read here: every crawl is a process of its own. What is owed and what became of it
stands in the store, so a service that dies is made good by the next one.
"""

import logging
import os
import threading
import uuid
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Final

import attrs
from sqlalchemy import Engine

from crawler.clock import Clock
from crawler.config import Config
from crawler.errors import StoreError
from crawler.scheduler.cadence import Cadence
from crawler.scheduler.child import Child
from crawler.scheduler.crew import Crew, Start
from crawler.scheduler.notify import Notifier
from crawler.scheduler.signals import Signals
from crawler.scheduler.timetable import Timetable
from crawler.scheduler.upkeep import Upkeep
from crawler.storage import leases
from crawler.storage.leases import LeaseLostError
from crawler.storage.plans import SCHEDULER, Leadership
from crawler.storage.runs import close_dead_runs

logger = logging.getLogger(__name__)

BUSY_S: Final = 3.0
"""How long the service waits for a lock of the database: it must be able to stop in time."""

CLOCK_STEP_S: Final = 2.0
LAST_WORDS_S: Final = 3.0
_NEVER: Final = float("-inf")


@attrs.frozen(kw_only=True)
class Rhythm:
    """How often the service does what, in seconds."""

    turn_s: float = 1.0
    lease_s: float = 30.0
    renew_s: float = 10.0
    ask_s: float = 3.0
    step_s: float = 30.0
    watch_s: float = 5.0
    look_s: float = 60.0


class Service:
    """One `pantau schedule`. `known` are all outlets that there are, `cadences` those that have due times."""

    def __init__(  # noqa: PLR0913 - keyword-only, what a test replaces
        self,
        config: Config,
        engine: Engine,
        *,
        cadences: Mapping[str, Cadence],
        known: Collection[str],
        start: Start = Child.start,
        rhythm: Rhythm | None = None,
        notifier: Notifier | None = None,
    ) -> None:
        self._config = config
        self._engine = engine
        self._cadences = cadences
        self._rhythm = rhythm or Rhythm()
        self._notifier = notifier or Notifier(None)
        self._clock = Clock.starting_at(config.now)
        self._token = uuid.uuid4().hex
        self._lead: Leadership | None = None
        self._timetable: Timetable | None = None
        self._crew = Crew(config, engine, self._clock, known, start)
        self._upkeep = Upkeep(config)
        self._done_s: dict[str, float] = {}
        self._offset_s = self._offset()
        self._next_step_s = _NEVER
        self._said = ""
        self._leader: int | None = None
        self._led_s = _NEVER
        self._stop_s = 0.0

    def run(self) -> int:
        """Work until a signal asks to stop, and return the exit status."""
        signals = Signals(self._asked_to_stop, self._stop_at_once)
        with signals.handled():
            logger.info("the schedule has started: %d outlets, process %d", len(self._cadences), os.getpid())
            self._notifier.send("READY=1")
            while not signals.stopping:
                self._turn()
                signals.wait(self._rhythm.turn_s)
            self._stop(signals)
        return 0

    # --- One turn of the loop

    def _turn(self) -> None:
        self._notifier.send("WATCHDOG=1")
        try:
            self._keep_lease()
            self._crew.reap(self._lead)
            if self._is_time("watch", self._rhythm.watch_s):
                self._crew.guard()
            if self._lead is not None and self._timetable is not None:
                self._work(self._lead, self._timetable)
        except LeaseLostError as error:
            self._yield(str(error))
        except StoreError as error:
            self._next_step_s = _NEVER
            for task in ("adopt", "look"):  # may be what failed
                self._done_s.pop(task, None)
            if str(error) != self._said:  # once, however long it lasts
                self._said = str(error)
                logger.warning("%s", error)
        else:
            self._said = ""

    def _work(self, lead: Leadership, timetable: Timetable) -> None:
        if self._is_time("adopt", self._rhythm.watch_s):
            self._crew.adopt(lead)
        stepped = self._clock_was_set()
        if stepped or self._is_time("look", self._rhythm.look_s):
            close_dead_runs(self._engine)
            timetable.reconcile()
            timetable.plan_rechecks(timedelta(hours=self._config.recheck_min_h))
        if stepped or self._clock.seconds() >= self._next_step_s:
            self._next_step_s = self._clock.seconds() + min(timetable.step(), self._rhythm.step_s)
        self._crew.begin(lead)
        self._upkeep.tend()

    def _is_time(self, task: str, every_s: float) -> bool:
        """Tell whether a task's time has come again, and note that it is done now."""
        now_s = self._clock.seconds()
        if now_s - self._done_s.get(task, _NEVER) < every_s:
            return False
        self._done_s[task] = now_s
        return True

    def _offset(self) -> float:
        return self._clock.now().timestamp() - self._clock.seconds()

    def _clock_was_set(self) -> bool:
        """Tell whether the clock made a step: it was set, or the machine slept."""
        step_s = self._offset() - self._offset_s
        self._offset_s += step_s
        if abs(step_s) < CLOCK_STEP_S:
            return False
        logger.warning("the clock went %+.0f s: all due times are looked at anew", step_s)
        return True

    # --- Leading

    def _keep_lease(self) -> None:
        leading = self._lead is not None
        if not self._is_time("lease", self._rhythm.renew_s if leading else self._rhythm.ask_s):
            return
        asked_s = self._clock.seconds()
        try:
            holder = leases.acquire(self._engine, SCHEDULER, self._token, self._rhythm.lease_s)
        except StoreError:
            self._done_s.pop("lease")
            if leading and asked_s - self._led_s > self._rhythm.lease_s:
                self._yield("the store cannot be reached, so another service may lead by now")
            raise
        if holder.mine:
            self._led_s = asked_s
            if not leading:
                self._begin_to_lead()
        elif leading:
            self._yield(f"process {holder.pid} on {holder.host} leads now")
        elif holder.pid != self._leader:
            logger.info("waiting: process %d on %s leads the schedule", holder.pid, holder.host)
        self._leader = holder.pid

    def _begin_to_lead(self) -> None:
        lead = Leadership(self._engine, self._token)
        self._timetable, self._lead = Timetable(lead, self._cadences, self._clock), lead
        self._next_step_s = _NEVER
        for task in ("adopt", "look"):
            self._done_s.pop(task, None)
        logger.info("this service leads the schedule")
        self._notifier.send("STATUS=leading")

    def _yield(self, why: str) -> None:
        self._lead = self._timetable = None
        logger.warning("this service no longer leads the schedule: %s", why)
        self._notifier.send("STATUS=waiting")

    # --- Stopping

    def _asked_to_stop(self) -> None:
        self._stop_s = self._clock.seconds()
        self._crew.stop()

    def _stop(self, signals: Signals) -> None:
        """Let the crawls stop in order, end what is left, and note what is owed still."""
        logger.info("stopping: %d crawls are told to stop", len(self._crew.watches))
        self._notifier.send("STOPPING=1")
        self._upkeep.stop()
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
            self._crew.reap(self._lead, stopping=True)
            leases.release(self._engine, SCHEDULER, self._token)
        except StoreError as error:
            logger.warning("what is owed is noted at the next start: %s", error)
        last_words.cancel()
        logger.info("stopped")

    def _stop_at_once(self) -> None:
        self._crew.kill()
        logger.warning("stopped at once; the next start goes on from here")
        os._exit(1)
