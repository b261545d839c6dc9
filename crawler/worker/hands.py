"""The workers as the leading service uses them: it hands plans to them, and takes back what none can do."""

import logging

import attrs
from sqlalchemy import Engine

from crawler.config import Config
from crawler.storage import deferrals, workers
from crawler.storage.plans import Leadership, Plan
from crawler.storage.workers import Worker
from crawler.worker.queue import Queue

logger = logging.getLogger(__name__)


@attrs.define
class WorkersHands:
    """Hands plans to workers: where `workers` is set always, else while there is one that takes them.

    What is told of the workers is as old as the last `look`.
    """

    config: Config
    engine: Engine
    version: str
    silent_s: float
    _known: list[Worker] = attrs.field(factory=list, init=False)
    _queue: Queue | None = attrs.field(default=None, init=False)

    def look(self) -> None:
        """See which workers there are."""
        self._known = [each for each in workers.list_workers(self.engine) if each.alive]

    def take(self, outlet: str) -> bool:
        """Tell whether the plans of *outlet* are for workers."""
        return self.config.workers or any(each.takes(outlet, self.version) for each in self._known)

    def hand_over(self, lead: Leadership, plan: Plan) -> None:
        """Make a job of a plan that waits, where nothing else of its outlet is under way."""
        if deferrals.defer(lead, plan, self._prepared().put):
            logger.info("%s: %s is for the workers (%s)", plan.outlet, plan.look, plan.reason)

    def tend(self, lead: Leadership) -> None:
        """Free the jobs of the dead, and put right what queue and plans differ in."""
        self.look()
        held = deferrals.in_hands(self.engine)
        if not (held or self._known or self.config.workers):
            return
        queue = self._prepared()
        rescue(self.engine, queue, self.silent_s)
        jobs = {job.plan_id: job for job in queue.jobs()}
        alive = {each.name for each in self._known}
        for plan in held:
            job = jobs.pop(plan.id, None)
            if plan.state == "taken" and plan.taken_by in alive:
                continue
            elsewhere = job is not None and job.waits and job.queue != queue.queue_of(plan.outlet)
            if job is not None and job.waits and (elsewhere or not self.take(plan.outlet)):
                queue.cancel(job)
                job = None
            if not self.take(plan.outlet):
                logger.warning("%s: no worker is left that takes it", plan.outlet)
                deferrals.take_back(lead, plan)
            elif job is None:
                deferrals.put_again(lead, plan, queue.put)
        for job in jobs.values():
            if job.waits:  # of a plan that has ended, or waits
                queue.cancel(job)

    def _prepared(self) -> Queue:
        if self._queue is None:
            queue = Queue(self.engine, self.version)
            queue.prepare()
            self._queue = queue
        return self._queue


def rescue(engine: Engine, queue: Queue, silent_s: float) -> None:
    """Sign out the workers that are dead, and let others have their jobs."""
    for gone in workers.forget_dead(engine):
        logger.warning("worker %s (process %d on %s) is dead", gone.name, gone.pid, gone.host)
        queue.sign_out(gone.queue_id)
    plans = queue.rescue(silent_s)
    if plans:
        logger.warning("jobs are free again: of the plans %s", ", ".join(map(str, sorted(plans))))
