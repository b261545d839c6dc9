"""An article that lists show hours after its stated time is found by the next crawl, a burst or not."""

import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tests.crawling import crawl_environ, run, stored
from tests.newsworld.happenings import Burst, Happenings, Weather
from tests.newsworld.outlets.republika import Republika
from tests.newsworld.printed import WIB
from tests.newsworld.running import on_air
from tests.newsworld.world import World
from tests.year import START


@dataclass(frozen=True)
class OneBurst(Happenings):
    at: datetime

    def weather(self, outlet: str) -> Weather:
        del outlet
        return Weather(bursts=(Burst(self.at, 150),))


def test_what_is_dated_back_into_a_burst_is_found_the_next_day(tmp_path: Path) -> None:
    burst = datetime(2026, 3, 3, 5, 30, tzinfo=WIB)
    world = World(7, START, 4, 6, (Republika,), archive=4, happenings=OneBurst(burst))
    world.now = burst + timedelta(hours=2)
    hidden = [entry for entry in world.entries() if entry.on_topic and entry.neutral]
    late = next(entry for entry in hidden if entry.published_at >= burst)  # below a screen of others
    world.hold_back(late.url, world.now + timedelta(hours=7))
    with on_air(world) as running:
        command = [sys.executable, "-m", "scrapy", "crawl", "republika"]
        for wait in (timedelta(0), timedelta(days=1)):
            world.advance(wait)
            done = run(command, crawl_environ(running, tmp_path))
            assert done.returncode == 0, done.stderr[-3000:]
            found = late.url in {article.canonical_url for article in stored(tmp_path)}
            assert found == bool(wait)
