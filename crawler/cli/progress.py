"""What a person sees while crawls run: bars on a terminal, plain lines elsewhere; both on standard error."""

import sys
from types import TracebackType
from typing import Self

import attrs
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from sqlalchemy import Connection, Engine, func, select

from crawler.cli.output import complain
from crawler.cli.tables import console_for
from crawler.clock import Clock
from crawler.errors import StoreError
from crawler.logs import inert
from crawler.scheduler.child import Child
from crawler.storage.database import reading
from crawler.storage.schema import runs, urls, visits
from crawler.storage.states import State

LOOK_EVERY_S = 1.0
LINE_EVERY_S = 30.0


@attrs.define
class Watched:
    """A child whose run is looked up: how many addresses it settled, and how many wait."""

    child: Child
    task: TaskID | None
    settled: int = 0
    waiting: int = 0
    told_at: float = attrs.field(factory=Clock.seconds)


@attrs.frozen
class OpenRun:
    """A run that is going: how many addresses it settled, and how many of its outlet wait."""

    run_id: int
    outlet: str
    pid: int
    settled: int
    waiting: int


class Progress:
    """Follows the runs of child processes in the store; without a store it only tells start and end."""

    def __init__(self, engine: Engine | None, *, quiet: bool) -> None:
        self._engine = engine
        self._quiet = quiet
        self._watched: dict[int, Watched] = {}
        self._looked_at = Clock.seconds()
        self._bars = Bars(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console_for(sys.stderr),
            transient=True,
            disable=quiet or not sys.stderr.isatty(),
        )

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bars.stop()

    def started(self, child: Child) -> None:
        """Show a child that has just been started."""
        task = None if self._bars.disable else self._bars.add_task(child.outlet, total=None)
        self._watched[child.process.pid] = Watched(child, task)
        self._tell(f"{child.outlet}: started, log in {child.log}")

    def ended(self, child: Child, summary: str) -> None:
        """Show that a child has ended, and how."""
        watched = self._watched.pop(child.process.pid)
        if watched.task is not None:
            self._bars.remove_task(watched.task)
        self._tell(f"{child.outlet}: {summary}")

    def look(self) -> None:
        """Bring what is shown up to date, once a second at most."""
        now = Clock.seconds()
        if self._engine is None or self._quiet or now - self._looked_at < LOOK_EVERY_S:
            return
        self._looked_at = now
        try:
            self._count(self._engine)
        except StoreError:
            return  # a bar is not worth ending a crawl for; the report at the end reads the same store
        for watched in self._watched.values():
            total = watched.settled + watched.waiting
            if watched.task is not None:
                self._bars.update(watched.task, completed=watched.settled, total=total or None)
            elif now - watched.told_at >= LINE_EVERY_S and total:
                watched.told_at = now
                self._tell(f"{watched.child.outlet}: {watched.settled} of {total} addresses settled")

    def _count(self, engine: Engine) -> None:
        with reading(engine) as connection:
            for one in open_runs(connection):
                if one.pid in self._watched:
                    self._watched[one.pid].settled, self._watched[one.pid].waiting = one.settled, one.waiting

    def _tell(self, line: str) -> None:
        if not self._quiet:
            complain(line) if self._bars.disable else self._bars.console.print(inert(line), soft_wrap=True)


def open_runs(connection: Connection) -> list[OpenRun]:
    """Return the runs that are going."""
    settled = select(func.count()).select_from(visits).where(visits.c.run_id == runs.c.id)
    waiting = (
        select(func.count())
        .select_from(urls)
        .where(urls.c.outlet == runs.c.outlet, urls.c.state == State.PENDING)
    )
    query = select(
        runs.c.id, runs.c.outlet, runs.c.pid, settled.scalar_subquery(), waiting.scalar_subquery()
    ).where(runs.c.ended_at.is_(None))
    return [OpenRun(*row) for row in connection.execute(query)]
