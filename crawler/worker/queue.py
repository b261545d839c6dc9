"""The jobs of the workers: procrastinate on the store's own PostgreSQL, in a schema beside the tables.

A job carries the number of a plan and nothing else, and the plans are the truth: the queue may be emptied or
dropped at any time. procrastinate gives the locks (one job an outlet at a time), the order, and what becomes
of the jobs of a worker that fell silent.
"""

import importlib.metadata
import re
from collections.abc import Callable, Coroutine, Iterable
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

import attrs
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager
from procrastinate.schema import SchemaManager
from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.exc import ProgrammingError

from crawler.errors import StoreError
from crawler.storage.database import read, transact
from crawler.storage.plans import Plan
from crawler.worker.connector import StoreConnector

T = TypeVar("T")

TASK: Final = "look"
SCHEMA_OF_ANY: Final = "procrastinate_"
_LOCK: Final = 0x6A6F6273  # "jobs"; only the number counts
_MANUAL, _SCHEDULED, _RE_EXTRACTION = 2, 1, 0  # what is taken first


def schema_name() -> str:
    """Return the schema of the installed procrastinate: another version has another one, and no migration."""
    return SCHEMA_OF_ANY + re.sub(r"\W", "_", importlib.metadata.version("procrastinate"))


@attrs.frozen
class Queued:
    """A job that waits, or that a worker has: its number, its plan, the queue it is in."""

    id: int
    plan_id: int
    queue: str
    waits: bool


class Queue:
    """The queue of one store. Each outlet has a queue of its own for each version of pantau."""

    def __init__(self, engine: Engine, version: str) -> None:
        self._engine = engine
        self._version = version
        self._schema = schema_name()
        self._connector = StoreConnector(engine, self._schema)
        self._manager = JobManager(self._connector)

    # --- Its tables

    def prepare(self) -> None:
        """Make the queue's tables where they are not there yet, by however many processes at once.

        Raises:
            StoreError: the user of the database may not make a schema.
        """
        if self.exists():
            return
        try:
            transact(self._engine, self._prepare)
        except StoreError as error:
            if isinstance(error.__cause__, ProgrammingError) and "permission" in str(error):
                name = self._engine.url.database
                raise StoreError(
                    f"workers need a schema for their jobs; let the user of {name!r} make it: "
                    f"GRANT CREATE ON DATABASE {name} TO {self._engine.url.username}"
                ) from error
            raise

    def exists(self) -> bool:
        """Tell whether the tables are there."""
        return read(self._engine, self._is_there)

    def _is_there(self, connection: Connection) -> bool:
        query = select(func.to_regclass(f"{self._schema}.procrastinate_jobs"))
        return connection.execute(query).scalar() is not None

    def _prepare(self, connection: Connection) -> None:
        # First of all: a transaction that looked before would not see what another one made meanwhile.
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        if self._is_there(connection):
            return
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {self._schema}"))
        # Alone in the path: nothing of it may come to lie among the store's tables.
        connection.execute(text(f"SET LOCAL search_path TO {self._schema}"))
        # Many statements at once, which a driver takes only without parameters.
        connection.exec_driver_sql(SchemaManager.get_schema(), execution_options={"no_parameters": True})

    # --- Making jobs

    def queue_of(self, outlet: str) -> str:
        """Return the name of an outlet's queue; a worker asks for those that it can do."""
        return f"{self._version} {outlet}"

    def put(self, connection: Connection, plan: Plan) -> None:
        """Make the job of a plan, in a transaction that is open."""
        priority = _MANUAL if plan.reason == "manual" else _SCHEDULED
        job = Job(
            id=None,
            queue=self.queue_of(plan.outlet),
            lock=plan.outlet,
            queueing_lock=f"{plan.outlet} {plan.id}",
            task_name=TASK,
            priority=_RE_EXTRACTION if plan.look == "replay" else priority,
            task_kwargs={"plan": plan.id},
        )
        with self._connector.joined(connection):
            if not self._manager.list_jobs(queueing_lock=job.queueing_lock, status=Status.TODO.value):
                self._manager.defer_job(job)

    def jobs(self) -> list[Queued]:
        """Return the jobs that wait or are being done."""
        found = []
        for status in (Status.TODO, Status.DOING):
            for job in self._manager.list_jobs(status=status.value):
                plan_id = int(str(job.task_kwargs["plan"]))
                found.append(Queued(job.id or 0, plan_id, job.queue, status is Status.TODO))
        return found

    def cancel(self, job: Queued) -> None:
        """Take out a job that waits."""
        self._manager.cancel_job_by_id(job.id, delete_job=True)

    # --- Doing jobs

    def sign_in(self) -> int:
        """Return the number by which the queue knows a new worker."""
        return _at_once(self._manager.register_worker())

    def beat(self, queue_id: int) -> None:
        """Note that a worker lives."""
        _at_once(self._manager.update_heartbeat(queue_id))

    def sign_out(self, queue_id: int) -> None:
        """Forget a worker; what it has not done is there to be had again after `rescue`."""
        _at_once(self._manager.unregister_worker(queue_id))

    def fetch(self, queue_id: int, outlets: Iterable[str]) -> Job | None:
        """Return the next job of one of the *outlets*, which is the worker's from now on; None for none."""
        queues = [self.queue_of(outlet) for outlet in outlets]
        return _at_once(self._manager.fetch_job(queues=queues, worker_id=queue_id))

    def finish(self, job: Job, queue_id: int) -> None:
        """Take out a job that was done; one that another worker has by now is left to it."""
        self._if_mine(job, queue_id, lambda: self._manager.finish_job(job, Status.SUCCEEDED, delete_job=True))

    def give_back(self, job: Job, queue_id: int) -> None:
        """Leave a job to the next worker."""
        self._if_mine(job, queue_id, lambda: self._manager.retry_job(job, retry_at=datetime.now(UTC)))

    def rescue(self, silent_s: float) -> list[int]:
        """Let others have the jobs of workers that are gone or silent; return the plans of these jobs."""

        def rescue(connection: Connection) -> list[int]:
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))  # each job is given back once
            with self._connector.joined(connection):
                stalled = list(_at_once(self._manager.get_stalled_jobs(seconds_since_heartbeat=silent_s)))
                for job in stalled:
                    _at_once(self._manager.retry_job(job))
                return [int(str(job.task_kwargs["plan"])) for job in stalled]

        return transact(self._engine, rescue)

    def _if_mine(self, job: Job, queue_id: int, act: Callable[[], Coroutine[Any, Any, None]]) -> None:
        def look_and_act(connection: Connection) -> None:
            with self._connector.joined(connection):
                found = self._manager.list_jobs(id=job.id, status=Status.DOING.value, worker_id=queue_id)
                if list(found):
                    _at_once(act())

        transact(self._engine, look_and_act)


def _at_once(coroutine: Coroutine[Any, Any, T]) -> T:
    """Return what a coroutine gives that never waits: our connector answers at once."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        given: T = end.value
        return given
    raise RuntimeError("procrastinate waits for something that is not its connector")
