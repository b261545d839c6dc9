"""The crawls that are under way: starts their processes, watches them, and notes how their plans end."""

import logging
from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Engine

from crawler.clock import Clock
from crawler.config import Config
from crawler.errors import StoreError
from crawler.scheduler.child import Child, replay_command
from crawler.scheduler.decisions import OUTLET_BUSY, after_process, may_start, reason_at
from crawler.scheduler.watch import Limits, Watch
from crawler.storage import deferrals, plans
from crawler.storage.plans import Ending, Leadership, Plan, Standing
from crawler.storage.process import Process
from crawler.storage.runs import Run, close_dead_runs

logger = logging.getLogger(__name__)

Start = Callable[..., Child]
"""`Child.start`, or what a test has in its place."""

STOPPED_WITH_SERVICE = "the service was stopped"


class Hands(Protocol):
    """The workers, as the leading service sees them."""

    def look(self) -> None:
        """See which workers there are."""

    def take(self, outlet: str) -> bool:
        """Tell whether there is one that takes the plans of *outlet*."""

    def hand_over(self, lead: Leadership, plan: Plan) -> None:
        """Make a job of a plan that waits."""

    def tend(self, lead: Leadership) -> None:
        """See that nothing is lost with a worker or a job."""


def startable(lead: Leadership, known: Collection[str], busy: set[str], now: datetime) -> Iterator[Plan]:
    """Yield the waiting plans that may be begun, one an outlet; drop those of outlets that there are not."""
    found = plans.waiting(lead.engine)
    if not found:
        return
    held, engaged = plans.standings(lead.engine), busy | plans.busy_outlets(lead.engine)
    for plan in found:
        if plan.outlet not in known:
            plans.drop(lead, plan, "there is no such outlet", now=now)
        elif plan.outlet not in engaged and may_start(plan, held.get(plan.outlet, Standing()), now):
            engaged = engaged | {plan.outlet}
            yield plan


class Crew:
    """The processes that this service watches, its own and those it found."""

    def __init__(
        self, config: Config, engine: Engine, clock: Clock, known: Collection[str], start: Start
    ) -> None:
        self._config = config
        self._engine = engine
        self._clock = clock
        self._known = known
        self._start = start
        self._limits = Limits.of(config)
        self.watches: list[Watch] = []

    # --- Starting

    def begin(self, lead: Leadership, hands: Hands | None = None) -> None:
        """Begin the plans that wait, one an outlet: by *hands*, where those take it, else by a process here.

        Only so many processes run here at a time.
        """
        room = self._config.side_by_side - len(self.watches)
        if room <= 0 and hands is None:
            return
        now, busy = self._clock.now(), {watch.plan.outlet for watch in self.watches}
        if hands is not None:
            hands.look()
            busy |= {plan.outlet for plan in deferrals.in_hands(self._engine)}
        for plan in startable(lead, self._known, busy, now):
            if hands is not None and hands.take(plan.outlet):
                hands.hand_over(lead, plan)
            elif room > 0:
                room -= self._start_one(lead, plan)

    def take_up(self, worker: Leadership, plan_id: int) -> None:
        """Begin a plan that was deferred, or go on with that of a worker that died; or do nothing.

        There is nothing to do for a plan that has ended, waits again, or is in the hands of another.
        """
        plan, now = plans.get_plan(self._engine, plan_id), self._clock.now()
        if plan is not None and plan.state == "taken":
            mine = deferrals.take_over(worker, plan)
            if mine is not None:
                logger.warning("%s: %s taken over from a worker that died", plan.outlet, plan.look)
                self._resume(worker, mine)
        elif plan is not None and plan.state == "deferred":
            standing = plans.standings(self._engine).get(plan.outlet, Standing())
            before = plans.run_of(self._engine, plan)
            reason = reason_at(plan.reason, plan.planned_at, now)
            if not may_start(plan, standing, now):
                deferrals.give_back(worker, plan, None)
            elif (mine := deferrals.take_up(worker, plan, reason, now=now)) is not None:
                self._launch(worker, mine, before)
            else:
                deferrals.give_back(worker, plan, now + OUTLET_BUSY)

    def _start_one(self, lead: Leadership, plan: Plan) -> bool:
        now, before = self._clock.now(), plans.run_of(self._engine, plan)
        taken = plans.take(lead, plan, reason_at(plan.reason, plan.planned_at, now), now=now)
        return taken is not None and self._launch(lead, taken, before)

    def _launch(self, lead: Leadership, plan: Plan, before: tuple[Run, Process] | None) -> bool:
        """Start the process for a plan that was taken; return whether it runs."""
        now = self._clock.now()
        config = self._config.model_copy(update={"now": now}) if self._config.now else self._config
        try:
            if plan.look == "replay":
                child = self._start(config, plan.outlet, {}, command=replay_command(plan))
            else:
                arguments = {"plan": str(plan.id)} | ({"recheck": "1"} if plan.look == "recheck" else {})
                child = self._start(config, plan.outlet, arguments)
        except (StoreError, OSError) as error:
            self._settle(lead, plan, after_process(plan, None, how=f"cannot be started: {error}", now=now))
            return False
        now_s = self._clock.seconds()
        watch = Watch(
            plan=plan,
            process=Process.running(child.process.pid),
            child=child,
            after_run=before[0].id if before else 0,
            began_s=now_s,
            heard_s=now_s,
        )
        self.watches.append(watch)
        logger.info("%s: %s begun (%s), log in %s", plan.outlet, plan.look, plan.reason, child.log)
        return True

    # --- Ending

    def reap(self, lead: Leadership | None, *, stopping: bool = False) -> None:
        """Note how the plans ended whose processes have; without leadership only let go of them."""
        for watch in [watch for watch in self.watches if not watch.alive]:
            if lead is not None:
                self._note_end(lead, watch, stopping=stopping)
            self.watches.remove(watch)

    def adopt(self, lead: Leadership) -> None:
        """Watch the processes that an earlier service started for plans, and note which have gone."""
        watched = {watch.plan.id for watch in self.watches}
        for plan in plans.taken(self._engine):
            if plan.id not in watched and plan.taken_by == lead.worker:
                self._resume(lead, plan)

    def _resume(self, lead: Leadership, plan: Plan) -> None:
        """Watch the run that goes on for a plan. Where none does, note that; a worker begins again."""
        close_dead_runs(self._engine)
        found = plans.run_of(self._engine, plan)
        if found is not None and found[0].ended_at is None:
            run, process = found
            now_s = self._clock.seconds()
            began_s = now_s - process.age_s()
            self.watches.append(Watch(plan=plan, process=process, began_s=began_s, heard_s=now_s))
            logger.info("%s: run %d goes on, begun by an earlier service", plan.outlet, run.id)
            return
        lost, run_ended = "its process was lost", found[0] if found else None
        ending = after_process(plan, run_ended, how=lost, at_once=True, now=self._clock.now())
        again = None
        if lead.worker is not None and ending.state == "waiting":
            again = deferrals.begin_again(lead, plan, now=self._clock.now())
        if again is not None:
            self._launch(lead, again, found)
        else:
            self._settle(lead, plan, ending)

    def _note_end(self, lead: Leadership, watch: Watch, *, stopping: bool) -> None:
        plan, now = watch.plan, self._clock.now()
        found = plans.run_of(self._engine, plan, after=watch.after_run)
        if found is not None and found[0].ended_at is None:
            close_dead_runs(self._engine)  # who was killed closes no run
            found = plans.run_of(self._engine, plan, after=watch.after_run)
        run = found[0] if found else None
        if run is not None and run.ended_at is None:
            return  # a process of an earlier service was quicker: `adopt` takes it up
        if run is not None and watch.ended and not run.complete:
            plans.remark_on(lead, run, watch.ended)
        ending = after_process(plan, run, how=watch.how, now=now)
        if stopping and ending.state != "done":
            ending = Ending(state="waiting", why=STOPPED_WITH_SERVICE, counted=False)
        elif run is None and plan.outlet in plans.busy_outlets(self._engine):
            why = "another run of the outlet is going"
            ending = Ending(state="waiting", why=why, not_before=now + OUTLET_BUSY, counted=False)
        self._settle(lead, plan, ending)

    def _settle(self, lead: Leadership, plan: Plan, ending: Ending) -> None:
        if not plans.settle(lead, plan, ending, now=self._clock.now()) and ending.state != "done":
            return  # it is known already, or a run of it has begun after all
        level = logging.INFO if ending.state == "done" else logging.WARNING
        again = ending.not_before - self._clock.now() if ending.not_before else timedelta(0)
        further = {"waiting": f", again in {again.total_seconds():.0f} s"}.get(ending.state, "")
        why = f": {ending.why}" if ending.why else ""
        logger.log(level, "%s: %s %s%s%s", plan.outlet, plan.look, ending.state, further, why)

    # --- Watching

    def guard(self) -> None:
        """End the processes that take too long or too much, or that hang."""
        now_s = self._clock.seconds()
        for watch in self.watches:
            if watch.term_s is not None:
                if now_s - watch.term_s > self._config.stop_s:
                    watch.kill()
                continue
            if watch.child is None and watch.process.is_dead() is None:
                close_dead_runs(self._engine)  # on another machine: only its silence tells
            found = plans.run_of(self._engine, watch.plan, after=watch.after_run)
            if found is not None:
                watch.heard(found[0].heartbeat_at, now_s)
                watch.over = found[0].ended_at is not None
            ran_s, silent_s = now_s - watch.began_s, now_s - watch.heard_s
            why = self._limits.complaint(ran_s, silent_s, watch.memory_mb())
            if why is not None:
                logger.warning("%s: %s", watch.plan.outlet, why)
                watch.end(why, now_s)

    def working(self) -> bool:
        """Tell whether any process of this machine still runs."""
        return any(watch.alive and watch.here for watch in self.watches)

    def stop(self) -> None:
        """Ask all of them to stop in order."""
        now_s = self._clock.seconds()
        for watch in list(self.watches):
            watch.end(STOPPED_WITH_SERVICE, now_s)

    def kill(self) -> None:
        """End all of them."""
        for watch in list(self.watches):
            watch.kill()
