"""Runs the days of a simulated year: every outlet daily at its hour, two side by side, some killed."""

import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from random import Random

from tests.newsworld.outlets.base import Outlet
from tests.newsworld.printed import WIB
from tests.newsworld.running import Running
from tests.yearly.crawls import Crawl, Starter, crawl, starter
from tests.yearly.expected import Moment

SIDE_BY_SIDE = 2
FIRST_HOUR, APART = timedelta(hours=1, minutes=10, seconds=30), timedelta(hours=3, minutes=20)
# Each day's run begins a little later than that of the day before: what is due whole days after a look would
# else fall to the run or to the next one by the seconds that a crawl takes.
LATER_A_DAY = timedelta(minutes=3)
AGAIN_AFTER = timedelta(minutes=2)  # what the daemon waits before it starts a killed crawl again


@dataclass(slots=True)
class Day:
    """One outlet's daily run: the crawls that it took, the last of which went to its end."""

    outlet: str
    number: int
    at: datetime
    outage: str | None
    crawls: list[Crawl] = field(default_factory=list)

    @property
    def kills(self) -> int:
        """How many of its crawls were killed."""
        return sum(each.killed for each in self.crawls)

    @property
    def looked(self) -> bool:
        """Whether anything but robots.txt was asked for."""
        return any(request.kind != "robots" for each in self.crawls for request in each.requests)

    @property
    def moment(self) -> Moment:
        """The run as expectations know it; where a kept robots.txt still served, there was no outage."""
        spared = self.outage == "robots-5xx" and self.looked
        return Moment(self.at, None if spared else self.outage)


class Rehearsal:
    """The daily runs of a world's outlets. `days` holds those that are done, by outlet."""

    def __init__(  # noqa: PLR0913 - the arguments are the rehearsal
        self,
        running: Running,
        data: Path,
        *,
        days: int,
        seed: int,
        kill_every: int = 3,
        forking: bool = True,
        delay_s: float = 0.0,
    ) -> None:
        self.running, self.data = running, data
        self.days: dict[str, list[Day]] = {outlet.name: [] for outlet in running.world.outlets}
        self._last, self._forking, self._delay_s = days, forking, delay_s
        self._seconds: dict[str, float] = {}
        self._told, self._lock = 0, threading.Lock()
        self._kills = _kills(seed, running.world.outlets, days, kill_every)

    def run(self, each_day: Callable[[int], None]) -> None:
        """Run all days; *each_day* hears of every day that all outlets have finished.

        Raises:
            Exception: whatever ended one of the crawling threads.
        """
        turns: queue.Queue[Outlet] = queue.Queue()
        for outlet in self.running.world.outlets:
            turns.put(outlet)
        failed: list[BaseException] = []

        def work() -> None:
            try:
                with starter(forking=self._forking) as start:
                    while not failed and self._left():
                        self._turn(start, turns)
                        self._tell(each_day)
            except BaseException as error:  # noqa: BLE001 - raised again by the thread that waits
                failed.append(error)

        threads = [threading.Thread(target=work, name=f"crawls-{n}") for n in range(SIDE_BY_SIDE)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failed:
            raise failed[0]

    def _left(self) -> bool:
        return any(len(done) < self._last for done in self.days.values())

    def _turn(self, start: Starter, turns: "queue.Queue[Outlet]") -> None:
        """Run the next day of the outlet whose turn it is: those furthest behind come first."""
        try:
            outlet = turns.get(timeout=0.2)
        except queue.Empty:
            return
        self._day(start, outlet)
        if len(self.days[outlet.name]) < self._last:
            turns.put(outlet)

    def _tell(self, each_day: Callable[[int], None]) -> None:
        with self._lock:
            while self._told < min(map(len, self.days.values())):
                self._told += 1
                each_day(self._told)

    def _day(self, start: Starter, outlet: Outlet) -> None:
        number = len(self.days[outlet.name]) + 1
        at = self._hour(outlet, number)
        down = outlet.outage(at)
        day = Day(outlet.name, number, at, down.how if down else None)
        share = self._kills.get((outlet.name, number))
        kill_after_s = None if share is None else share * self._seconds.get(outlet.name, 1.0)
        while True:
            told = at + AGAIN_AFTER * len(day.crawls)
            done = crawl(
                self.running,
                start,
                outlet,
                self.data,
                at,
                told,
                kill_after_s=kill_after_s,
                delay_s=self._delay_s,
            )
            day.crawls.append(done)
            if not done.killed:
                break
            kill_after_s = None
        if kill_after_s is None and day.kills == 0:
            self._seconds[outlet.name] = done.seconds
        self.days[outlet.name].append(day)

    def _hour(self, outlet: Outlet, number: int) -> datetime:
        place = self.running.world.outlets.index(outlet)
        start = datetime.combine(self.running.world.start, time(), WIB)
        return start + number * (timedelta(days=1) + LATER_A_DAY) + FIRST_HOUR + APART * place


def _kills(seed: int, outlets: Sequence[Outlet], days: int, every: int) -> dict[tuple[str, int], float]:
    """Return which crawls are killed, and after which share of the time that one takes.

    A share near nothing hits the start of the process; one beyond 1 may come too late, as kills do.
    """
    rng = Random(f"{seed}/kills")
    chosen = range(every, days + 1, every) if every else ()
    return {(rng.choice(outlets).name, day): rng.uniform(0.02, 1.02) for day in chosen}
