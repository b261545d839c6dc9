"""Daily crawls of an outlet over real sockets: only what is new is asked for, whatever its validators say."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

import attrs
import pytest

from crawler.storage.runs import Run
from tests.crawling import audited, crawl_command, crawl_environ, run, runs_of, stored
from tests.newsworld.log import Logged
from tests.newsworld.outlets.all import ALL
from tests.newsworld.printed import WIB
from tests.newsworld.running import Running, on_air
from tests.newsworld.world import World

START, DAYS, PER_DAY = date(2026, 3, 2), 3, 10
LIARS = ("constant-etag", "always-304")  # the others: tests/core/test_conditional.py


@attrs.frozen
class Day:
    """A crawl and what it asked for."""

    run: Run
    asked: tuple[Logged, ...]

    def lists(self) -> list[Logged]:
        return [each for each in self.asked if each.kind in {"list", "other"} and each.method != "CONNECT"]

    def articles(self) -> list[Logged]:
        return [each for each in self.asked if each.kind == "article"]


@attrs.frozen
class Watched:
    """An outlet that is crawled day by day."""

    running: Running
    data: Path

    def crawl(self, **advance: float) -> Day:
        """Crawl at the world's time, then let time go on by a day or by *advance*."""
        before = len(self.running.log)
        command = daily(crawl_command(self.running))
        done = run(command, crawl_environ(self.running, self.data))
        assert done.returncode == 0, done.stderr[-3000:]
        day = Day(runs_of(self.data)[0], tuple(self.running.log.entries()[before:]))
        self.running.world.advance(**(advance or {"days": 1}))
        return day

    def missing(self) -> set[str]:
        """Return what was published on the topic up to the last crawl and is not stored."""
        last = runs_of(self.data)[0].started_at
        since = datetime.combine(START, datetime.min.time(), WIB)
        wanted = self.running.world.truth(on_topic=True, since=since)
        return {each.url for each in wanted if each.published_at < last} - {
            each.url for each in stored(self.data)
        }


def daily(command: list[str]) -> list[str]:
    """Return a crawl's command without the days that it names."""
    named = {at for at, part in enumerate(command) if part.startswith(("since=", "until="))}
    return [part for at, part in enumerate(command) if not {at, at + 1} & named]


@contextmanager
def watched(name: str, data: Path, **options: str) -> Iterator[Watched]:
    outlets = [outlet for outlet in ALL if outlet.name == name]
    now = datetime.combine(START, datetime.min.time(), WIB) + timedelta(days=1, hours=3)
    world = World(11, START, DAYS, PER_DAY, outlets, archive=6, now=now, options=options)
    with on_air(world) as running:
        yield Watched(running, data)


def lists_per_poll(day: Day) -> int:
    return len({each.url for each in day.lists()})


def test_days_without_news_ask_each_list_once_and_no_article(tmp_path: Path) -> None:
    with watched("mercinews", tmp_path, **{"mercinews.validators": "honest"}) as outlet:
        for _ in range(DAYS + 1):
            outlet.crawl()
        assert outlet.missing() == set()
        outlet.crawl(hours=1)
        quiet = outlet.crawl()
        assert quiet.run.verdict == "healthy"
        assert len(quiet.lists()) == lists_per_poll(quiet)
        assert quiet.run.not_modified == sum(each.status == 304 for each in quiet.lists()) > 0
        assert not [each for each in quiet.articles() if not each.conditional]  # revisits at most
        assert quiet.run.covered_until == pytest.approx(quiet.run.started_at, abs=timedelta(minutes=5))
        assert audited(tmp_path).ok


@pytest.mark.parametrize("lie", LIARS)
def test_no_lie_of_a_validator_costs_an_article(lie: str, tmp_path: Path) -> None:
    with watched("mercinews", tmp_path, **{"mercinews.validators": lie}) as outlet:
        for _ in range(DAYS):
            day = outlet.crawl()
            assert outlet.missing() == set()
            assert day.run.not_modified == 0


def test_a_burst_longer_than_a_list_is_followed_to_its_end(tmp_path: Path) -> None:
    with watched("kontan", tmp_path) as outlet:
        outlet.crawl()
        outlet.running.world.advance(days=DAYS - 2)  # two days were missed, and came at once
        late = outlet.crawl()
        assert late.run.verdict == "healthy"
        assert outlet.missing() == set()


def test_a_host_that_fails_covers_nothing_and_the_next_day_makes_up_for_it(tmp_path: Path) -> None:
    with watched("mercinews", tmp_path) as outlet:
        outlet.crawl()
        now = outlet.running.world.now
        outlet.running.world.outage(
            "mercinews", now - timedelta(hours=2), now + timedelta(hours=2), "maintenance"
        )
        with pytest.raises(AssertionError):
            outlet.crawl()
        failed = runs_of(tmp_path)[0]
        assert (failed.verdict, failed.covered_until) == ("failed", None)
        outlet.running.world.advance(days=1)
        outlet.crawl()
        assert outlet.missing() == set()
