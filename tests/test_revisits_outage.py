"""Looks while an outlet is down: nothing is confirmed, and nothing is put off for longer than it must be."""

from datetime import timedelta

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
