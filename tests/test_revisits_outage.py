"""Looks while an outlet is down: nothing is confirmed, and nothing is put off for longer than it must be."""

from datetime import UTC, datetime, timedelta

import pytest

from crawler.reasons import Reason
from crawler.storage.looks import after_failure
from tests.test_revisits import DAY, Watched, watched

__all__ = ["watched"]  # the fixture


def test_an_outage_puts_off_no_look_at_a_suspected_article(watched: Watched) -> None:
    entry, world = watched.entry(1), watched.world
    world.delete(entry.url, world.now)
    watched.recheck(2 * DAY)
    watched.recheck(DAY + timedelta(minutes=5))
    world.outage("kontan", world.now + timedelta(hours=1), world.now + 4 * DAY, "404")
    for _ in range(3):
        watched.recheck(DAY + timedelta(minutes=5))
        stored, events = watched.of(entry.url)
        assert [event.kind for event in events] == ["suspected"]
        assert stored.due_at is not None
        assert stored.due_at <= world.now + DAY + timedelta(minutes=5)


@pytest.mark.parametrize("attempts", range(1, 7))
def test_what_failed_is_due_again_by_the_next_daily_crawl(attempts: int) -> None:
    now = datetime(2026, 3, 10, 3, tzinfo=UTC)
    again = after_failure([30 * DAY], now - 10 * DAY, now, Reason.TIMEOUT, attempts)
    assert again is not None
    assert now < again < now + DAY
