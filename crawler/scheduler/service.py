"""The background service: leads or waits to, plans what is due, starts it, watches it, and stops in order.

One thread, and no page is read here: every crawl is a process of its own. What is owed and what became of it
stands in the store, so a service that dies is made good by the next one.
"""

import logging
import uuid
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Final

from sqlalchemy import Engine

from crawler.config import Config
from crawler.errors import StoreError
from crawler.scheduler.alerting import Alerting
from crawler.scheduler.cadence import Cadence
from crawler.scheduler.child import Child
from crawler.scheduler.crew import Hands, Start
from crawler.scheduler.grouping import Grouping
from crawler.scheduler.loop import NEVER, Loop, Rhythm
from crawler.scheduler.notify import Notifier
from crawler.scheduler.signals import Signals
from crawler.scheduler.timetable import Timetable
from crawler.scheduler.upkeep import Upkeep
from crawler.storage import leases, pulses
from crawler.storage.leases import LeaseLostError
from crawler.storage.plans import SCHEDULER, Leadership
from crawler.storage.runs import close_dead_runs

logger = logging.getLogger(__name__)

CLOCK_STEP_S: Final = 2.0


class Service(Loop):
    """One `pantau schedule`. `known` are all outlets that there are, `cadences` those that have due times.

    Without *hands* it starts every crawl itself, and so it does what no worker takes.
    """

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
        hands: Hands | None = None,
    ) -> None:
        super().__init__(config, engine, known=known, start=start, rhythm=rhythm, notifier=notifier)
        self._cadences = cadences
        self._hands = hands
        self._token = uuid.uuid4().hex
        self._lead: Leadership | None = None
        self._timetable: Timetable | None = None
        self._upkeep = Upkeep(config)
        self._alerting = Alerting(config)
        self._grouping = Grouping(config, engine)
        self._offset_s = self._offset()
        self._next_step_s = NEVER
        self._leader: int | None = None
        self._led_s = NEVER

    def _greeting(self) -> str:
        return f"the schedule has started: {len(self._cadences)} outlets"

    # --- One turn of the loop

    def _work(self) -> None:
        self._alerting.tend()
        try:
            self._keep_lease()
            self._crew.reap(self._lead)
            if self._is_time("watch", self._rhythm.watch_s):
                self._crew.guard()
            if self._lead is not None and self._timetable is not None:
                self._lead_on(self._lead, self._timetable)
        except LeaseLostError as error:
            self._yield(str(error))

    def _failed(self) -> None:
        self._next_step_s = NEVER
        for task in ("adopt", "look", "tend"):  # may be what failed
            self._done_s.pop(task, None)

    def _lead_on(self, lead: Leadership, timetable: Timetable) -> None:
        if self._is_time("adopt", self._rhythm.watch_s):
            self._crew.adopt(lead)
        stepped = self._clock_was_set()
        if stepped or self._is_time("look", self._rhythm.look_s):
            close_dead_runs(self._engine)
            timetable.reconcile()
            timetable.plan_rechecks(timedelta(hours=self._config.recheck_min_h))
        if stepped or self._clock.seconds() >= self._next_step_s:
            self._next_step_s = self._clock.seconds() + min(timetable.step(), self._rhythm.step_s)
        if self._hands is not None and self._is_time("tend", self._rhythm.watch_s):
            self._hands.tend(lead)
        self._crew.begin(lead, self._hands)
        self._upkeep.tend()
        self._grouping.tend()

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
            pulses.beat(self._engine, pulses.SCHEDULE)
        elif leading:
            self._yield(f"process {holder.pid} on {holder.host} leads now")
        elif holder.pid != self._leader:
            logger.info("waiting: process %d on %s leads the schedule", holder.pid, holder.host)
        self._leader = holder.pid

    def _begin_to_lead(self) -> None:
        lead = Leadership(self._engine, self._token)
        self._timetable, self._lead = Timetable(lead, self._cadences, self._clock), lead
        self._next_step_s = NEVER
        for task in ("adopt", "look"):
            self._done_s.pop(task, None)
        logger.info("this service leads the schedule")
        self._notifier.send("STATUS=leading")

    def _yield(self, why: str) -> None:
        self._lead = self._timetable = None
        logger.warning("this service no longer leads the schedule: %s", why)
        self._notifier.send("STATUS=waiting")

    # --- Stopping

    def _stop(self, signals: Signals) -> None:
        self._upkeep.stop()
        self._grouping.stop()
        self._alerting.stop()
        super()._stop(signals)

    def _let_go(self) -> None:
        self._crew.reap(self._lead, stopping=True)
        if self._lead is not None:
            pulses.end(self._engine, pulses.SCHEDULE)
        leases.release(self._engine, SCHEDULER, self._token)
