"""Turns due times into plans. APScheduler keeps the next one of each outlet and says when it has come.

The truth is the table of plans. The job store can be emptied at any time: `reconcile` makes it anew, and
plans what was missed. A job is only changed when it is wrong, since to replace one forgets a missed time.
"""

import logging
import math
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import attrs
from apscheduler.executors.base import BaseExecutor
from apscheduler.job import Job
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.base import BaseScheduler
from apscheduler.triggers.base import BaseTrigger
from sqlalchemy.exc import SQLAlchemyError

from crawler.clock import Clock
from crawler.dates import WIB, wib
from crawler.errors import StoreError
from crawler.health import probe_at
from crawler.scheduler.cadence import Cadence
from crawler.scheduler.decisions import owed, reason_at, recheck_is_due
from crawler.storage import plans
from crawler.storage.coverage import past_runs
from crawler.storage.database import reading, writing
from crawler.storage.plans import Leadership, Standing
from crawler.storage.schema import schedule_jobs

logger = logging.getLogger(__name__)

EXECUTOR = "plans"
# What goes wrong there is said by us, in a line; here it would be a traceback.
logging.getLogger("apscheduler").setLevel(logging.CRITICAL + 1)


def due() -> None:
    """Stand for what a job does, since APScheduler wants a name; what is done is `_Planner`'s."""


@attrs.frozen
class DueTrigger(BaseTrigger):  # type: ignore[misc] # APScheduler has no types
    """The due times of a cadence; `shift` is how far a rehearsal's clock is ahead of the machine's."""

    cadence: Cadence
    shift: timedelta

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        """Return the first due time to come: those that were missed are found by `reconcile`."""
        latest = now if previous is None else max(previous, now)
        return self.cadence.due_after(latest + self.shift).astimezone(WIB) - self.shift


class _Planner(BaseExecutor):  # type: ignore[misc] # APScheduler has no types
    def __init__(self, plan: Callable[[str], None]) -> None:
        super().__init__()
        self._plan = plan

    def _do_submit_job(self, job: Job, run_times: list[datetime]) -> None:  # noqa: ARG002 - as APScheduler calls it
        self._plan(job.id)
        self._run_job_success(job.id, [])


class _Scheduler(BaseScheduler):  # type: ignore[misc] # APScheduler has no types
    """A scheduler without a thread: the service's loop steps it, and only while it leads."""

    def wakeup(self) -> None:
        """Do nothing: the next step comes by itself."""

    def shutdown(self, wait: bool = True) -> None:  # noqa: FBT001, FBT002 - as APScheduler calls it
        """Stop; nothing of it runs by itself."""
        super().shutdown(wait)

    def step(self) -> float | None:
        """Plan what is due and return the seconds to the next due time, None without any."""
        seconds: float | None = self._process_jobs()
        return seconds


class Timetable:
    """The due times of all outlets, for the leading service."""

    def __init__(self, lead: Leadership, cadences: Mapping[str, Cadence], clock: Clock) -> None:
        self._lead = lead
        self._cadences = cadences
        self._clock = clock
        store = SQLAlchemyJobStore(engine=writing(lead.engine), tablename=schedule_jobs.name)
        self._scheduler = _Scheduler(
            timezone=WIB,  # Asia/Jakarta, which has no summer time
            jobstores={"default": store},
            executors={EXECUTOR: _Planner(self._plan_one)},
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        )
        try:
            self._scheduler.start()
        except SQLAlchemyError as error:
            raise _unusable(error) from error

    def step(self) -> float:
        """Plan every outlet whose next due time has come, and return the seconds to the next one.

        Raises:
            StoreError: the store cannot be used.
        """
        try:
            seconds = self._scheduler.step()
        except SQLAlchemyError as error:
            raise _unusable(error) from error
        return math.inf if seconds is None else seconds

    def reconcile(self) -> None:
        """Plan what is owed, whatever the job store says, and put the job store right.

        Raises:
            StoreError: the store cannot be used.
        """
        now = self._clock.now()
        try:
            self._mend_jobs(now)
        except SQLAlchemyError as error:
            raise _unusable(error) from error
        last, held = plans.last_due(self._lead.engine, now=now), plans.standings(self._lead.engine)
        for outlet in self._cadences:
            self._plan(outlet, last.get(outlet), held.get(outlet, Standing()), now)

    def plan_rechecks(self, least_pause: timedelta) -> None:
        """Plan a look at the articles whose revisit is due, where no crawl is about to do it."""
        now, engine = self._clock.now(), self._lead.engine
        revisits = plans.due_revisits(engine, now=now).keys() & self._cadences.keys()
        if not revisits:
            return
        engaged = {plan.outlet for plan in plans.looks_to_come(engine)}
        looks, held = plans.last_looks(engine, now=now), plans.standings(engine)
        for outlet in sorted(revisits - engaged):
            cadence, standing = self._cadences[outlet], held.get(outlet, Standing())
            is_due = recheck_is_due(cadence, standing, looks.get(outlet), least_pause, now)
            if is_due and self._probe_at(outlet) is None:
                plans.plan_recheck(self._lead, outlet, now=now)

    def _plan_one(self, outlet: str) -> None:
        if outlet not in self._cadences:
            return
        now, engine = self._clock.now(), self._lead.engine
        try:
            held = plans.standings(engine).get(outlet, Standing())
            self._plan(outlet, plans.last_due(engine, now=now).get(outlet), held, now)
        except StoreError as error:
            logger.warning("%s: its due time was not planned yet: %s", outlet, error)

    def _plan(self, outlet: str, last_due: datetime | None, standing: Standing, now: datetime) -> None:
        cadence = self._cadences[outlet]
        if last_due is None:
            plans.pass_over(self._lead, outlet, cadence.due_by(now), "due before the schedule began", now=now)
            return
        due_at = owed(cadence, last_due, now)
        if due_at is None or standing.paused_at is not None:
            return
        probe = self._probe_at(outlet)
        if probe is not None and now < probe:
            why = f"the outlet turns crawls away: it is left alone until {wib(probe)}"
            plans.pass_over(self._lead, outlet, due_at, why, now=now)
            logger.info("%s: %s", outlet, why)
            return
        reason = reason_at("scheduled", due_at, now)
        if plans.plan_due(self._lead, outlet, due_at, reason, now=now):
            logger.info("%s: due at %s WIB (%s)", outlet, f"{due_at.astimezone(WIB):%Y-%m-%d %H:%M}", reason)

    def _probe_at(self, outlet: str) -> datetime | None:
        with reading(self._lead.engine) as connection:
            return probe_at(past_runs(connection, outlet))

    def _mend_jobs(self, now: datetime) -> None:
        jobs = {job.id: job for job in self._scheduler.get_jobs()}  # drops what it cannot read
        for outlet in jobs.keys() - self._cadences.keys():
            self._scheduler.remove_job(outlet)
        for outlet, cadence in self._cadences.items():
            job = jobs.get(outlet)
            trigger = DueTrigger(cadence, self._clock.shift)
            next_at = trigger.get_next_fire_time(None, now - self._clock.shift)
            right: dict[str, Any] = {"trigger": trigger, "next_run_time": next_at}
            if job is None:
                self._scheduler.add_job(due, id=outlet, name=outlet, executor=EXECUTOR, **right)
            elif job.trigger != trigger:
                if job.trigger.cadence != cadence and job.next_run_time > now - self._clock.shift:
                    why = "due before the cadence was changed"
                    plans.pass_over(self._lead, outlet, cadence.due_by(now), why, now=now)
                job.modify(**right)
            elif job.next_run_time is None or job.next_run_time > next_at:  # the clock was set back
                job.modify(next_run_time=next_at)


def _unusable(error: SQLAlchemyError) -> StoreError:
    return StoreError(f"the schedule's jobs cannot be read or written: {' '.join(str(error).split())[:200]}")
