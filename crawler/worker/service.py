"""The worker: takes the jobs that a service deferred, does them as the service would, and stops in order."""

import logging
import uuid
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Engine, text

from crawler.config import Config
from crawler.scheduler.child import Child
from crawler.scheduler.crew import Start
from crawler.scheduler.loop import Loop, Rhythm
from crawler.scheduler.notify import Notifier
from crawler.storage import leases
from crawler.storage.database import read
from crawler.storage.plans import Leadership
from crawler.storage.schema import HEAD
from crawler.storage.workers import PREFIX
from crawler.worker.hands import rescue
from crawler.worker.queue import Queue

if TYPE_CHECKING:
    from procrastinate.jobs import Job

logger = logging.getLogger(__name__)

NOBODY: Final = 0
_REVISION: Final = text("SELECT version_num FROM alembic_version")


class WorkerService(Loop):
    """One `pantau worker`. `outlets` are those whose jobs it takes; with *once* it ends when it has none.

    It holds a lease in its own name for as long as it lives: who does not renew that is dead to the others,
    and they take over what it had. Comes it back, it finds its plans in other hands, and notes nothing.
    """

    def __init__(  # noqa: PLR0913 - keyword-only, what a test replaces
        self,
        config: Config,
        engine: Engine,
        *,
        outlets: Collection[str],
        version: str,
        restricted: bool = False,
        once: bool = False,
        start: Start = Child.start,
        rhythm: Rhythm | None = None,
        notifier: Notifier | None = None,
    ) -> None:
        super().__init__(config, engine, known=outlets, start=start, rhythm=rhythm, notifier=notifier)
        self._outlets = sorted(outlets)
        self._restricted = restricted
        self._once = once
        self._version = version
        self._queue = Queue(engine, version)
        self._me = Leadership(engine, uuid.uuid4().hex, f"{PREFIX}{uuid.uuid4().hex[:12]}")
        self._queue_id = NOBODY
        self._since: Any = None
        self._refuses: str | None = None
        self._jobs: dict[int, Job] = {}

    def _greeting(self) -> str:
        outlets = ", ".join(self._outlets) if self._restricted else f"{len(self._outlets)} outlets"
        return f"the worker has started: {outlets}, {self._config.side_by_side} side by side"

    # --- One turn of the loop

    def _work(self) -> None:
        if self._is_time("presence", self._rhythm.renew_s):
            self._show_presence()
        self._crew.reap(self._me)
        if self._is_time("watch", self._rhythm.watch_s):
            self._crew.guard()
            self._crew.adopt(self._me)
            rescue(self._engine, self._queue, self._rhythm.lease_s)
        self._finish_jobs()
        fetched = self._take_jobs()
        self._over = self._once and not fetched and not self._crew.watches

    def _failed(self) -> None:
        for task in ("presence", "watch"):  # may be what failed
            self._done_s.pop(task, None)

    def _show_presence(self) -> None:
        """Prolong the lease; with one that is new, make itself known to the queue."""
        self._refuses = self._misfit()
        if self._queue_id == NOBODY:
            self._queue.prepare()
            self._queue_id = self._queue.sign_in()
        holder = leases.acquire(
            self._engine, self._me.name, self._me.token, self._rhythm.lease_s, about=self._about()
        )
        if self._since not in {None, holder.since}:
            logger.warning("this worker was taken for dead; what it had, others may have now")
            self._queue.sign_out(self._queue_id)
            self._queue_id = self._queue.sign_in()
            leases.acquire(
                self._engine, self._me.name, self._me.token, self._rhythm.lease_s, about=self._about()
            )
        self._since = holder.since
        self._queue.beat(self._queue_id)

    def _about(self) -> dict[str, Any]:
        return {
            "version": self._version,
            "side_by_side": self._config.side_by_side,
            "outlets": self._outlets if self._restricted else None,
            "refuses": self._refuses,
            "queue_id": self._queue_id,
        }

    def _misfit(self) -> str | None:
        """Return why this worker must not begin anything in this store, None where it may."""
        revision = read(self._engine, lambda connection: connection.execute(_REVISION).scalar())
        if revision == HEAD:
            return None
        why = f"the store is of version {revision}, this pantau is made for {HEAD}; upgrade it"
        if why != self._refuses:
            logger.warning("no more jobs are taken: %s", why)
        return why

    # --- Jobs

    def _take_jobs(self) -> bool:
        """Take as many jobs as there is room for; return whether there was any."""
        fetched = False
        while self._refuses is None and len(self._crew.watches) < self._config.side_by_side:
            job = self._queue.fetch(self._queue_id, self._outlets)
            if job is None:
                break
            fetched = True
            plan_id = int(str(job.task_kwargs["plan"]))
            self._jobs[plan_id] = job
            self._crew.take_up(self._me, plan_id)
            self._finish_jobs()
        return fetched

    def _finish_jobs(self) -> None:
        """Take out the jobs whose plans this worker is done with, or has nothing to do with."""
        watched = {watch.plan.id for watch in self._crew.watches}
        for plan_id in self._jobs.keys() - watched:
            self._queue.finish(self._jobs[plan_id], self._queue_id)
            del self._jobs[plan_id]

    # --- Stopping

    def _let_go(self) -> None:
        self._crew.reap(self._me, stopping=True)
        if self._queue_id == NOBODY:
            return
        watched = {watch.plan.id for watch in self._crew.watches}  # on other machines
        for plan_id, job in self._jobs.items():
            if plan_id in watched:
                self._queue.give_back(job, self._queue_id)
            else:
                self._queue.finish(job, self._queue_id)
        leases.release(self._engine, self._me.name, self._me.token)
        self._queue.sign_out(self._queue_id)
