"""What an oracle would have asked that knows when each article is published, and when it is edited.

It keeps the project's rules, but wastes nothing. For each daily run of an outlet it asks

- robots.txt of each host that it asks anything else, once;
- each list that a daily look needs, once (`LISTS`): per section of the outlet a listing and a search, in the
  order in which the outlet's ladder declares them, the next one only where what is new does not fit into it;
- further pages of a list only where what is new does not fit on those before;
- each article that is new to it and passes the loose headline filter or is found by a search, once, and its
  other pages where it is on the topic;
- each look that is due (`expected`), once, and the other pages of the article where the look finds an edit,
  or where the outlet's validators cannot tell that there is none.

It knows when articles are published, not when an outlet is down: then too it asks its lists once, and
looks once at what is due. After a kill it asks nothing twice, and it asks nothing to be sure.
"""

import hashlib
import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from crawler.text.relevance import load_topic, names_a_side
from tests.newsworld.model import Entry
from tests.newsworld.outlets.base import Outlet
from tests.newsworld.outlets.kontan import HOSTS as KONTAN_CHANNELS
from tests.newsworld.outlets.tribun_editions import EDITIONS
from tests.newsworld.outlets.tribunnews import SECTIONS
from tests.yearly.expected import History, Moment

SAMPLE_SHARE = 0.02  # of what the headline rules out, fetched all the same
WHOLE_PAGE = {"kontan", "tribunnews"}  # a split article has an address that shows everything
FOREIGN = re.compile(r"\.tribunnews\.com/internasional/")
TOPIC = load_topic("russia-north-korea")
WORDS = len(TOPIC.search)

Listings = Callable[[int, int], int]
"""From how many entries are new, and over how many days, to the requests for listings."""


def pages(entries: int, size: int) -> int:
    """Return how many pages of *size* show that many entries; one shows that there are none."""
    return max(1, -(-entries // size))


# For each outlet: requests for listings, and how many found entries a page of its search shows.
LISTS: dict[str, tuple[Listings, int]] = {
    # The index of the news sitemaps, which alone says what there is, and the map of each channel.
    "kontan": (lambda _new, _days: 1 + len(KONTAN_CHANNELS), 20),
    # By edition: index and maps of the sections, and the dated index, for a tenth stands in no map.
    "tribunnews": (lambda _new, days: len(EDITIONS) * (1 + len(set(SECTIONS.values())) + days), 0),
    # The feed holds 15; what does not fit is in the index of the days.
    "republika": (lambda new, days: 1 if new <= 15 else 1 + max(days, pages(new, 50)), 20),
    "mercinews": (lambda new, _days: 1 if new <= 10 else 1 + pages(new, 100), 100),
    "lintasdunia": (lambda new, _days: 1 if new <= 10 else 1 + pages(new, 100), 100),
    # The interface is closed: the days' archives, ten a page.
    "kabarnusa": (lambda new, days: 1 if new <= 10 else 1 + max(days, pages(new, 10)), 10),
}


@dataclass(slots=True)
class Need:
    """What one daily run needs, in requests; `new` is how many articles have appeared since the last one."""

    new: int = 0
    robots: int = 0
    lists: int = 0
    articles: int = 0
    looked_at: set[str] = field(default_factory=set)

    @property
    def total(self) -> int:
        """All of them."""
        return self.robots + self.lists + self.articles


def needs(outlet: Outlet, runs: Sequence[Moment], owed: Sequence[History]) -> Iterator[Need]:
    """Return what each run of an outlet needs."""
    arrivals = _arrivals(outlet, runs)
    found = _searched(outlet)
    looks = _looks(owed)
    last: datetime | None = None
    for number, run in enumerate(runs):
        new = arrivals[number]
        need = Need(new=len(new))
        hosts = {outlet.hosts[0]}
        listings, page_size = LISTS[outlet.name]
        days = 2 if last is None else (run.at.date() - last.date()).days + 1
        need.lists = listings(len(new), days)
        if page_size:
            need.lists += sum(
                pages(sum(entry.key in keys for entry in new), page_size) for keys in found.values()
            )
        if outlet.name == "tribunnews":
            hosts.update(EDITIONS)
        hits = set().union(*found.values()) if page_size else set()
        for entry in new:
            if entry.key in hits or worth_reading(entry):
                need.articles += _pages(outlet, entry) if entry.on_topic else 1
                hosts.add(entry.host)
        for owes, changed in looks.get(run.at, ()):
            told = outlet.validators("articles", run.at) == "honest" and not changed
            need.articles += 1 if told or run.outage else _pages(outlet, owes.entry)
            need.looked_at.add(owes.entry.url)
            hosts.add(owes.entry.host)
        need.robots = len(hosts)
        last = run.at if run.outage is None else last
        yield need


def worth_reading(entry: Entry) -> bool:
    """Tell whether the loose filter lets an entry of a list pass, or the sample draws it."""
    slug = re.sub(r"[-_/.]+", " ", entry.url.partition("://")[2])
    keywords = "" if entry.outlet == "republika" else " ".join(entry.tags)
    if FOREIGN.search(entry.url) or names_a_side(TOPIC, f"{entry.headline} | {keywords} | {slug}"):
        return True
    return int.from_bytes(hashlib.sha256(entry.url.encode()).digest()[:4]) / 2**32 < SAMPLE_SHARE


def _arrivals(outlet: Outlet, runs: Sequence[Moment]) -> list[list[Entry]]:
    """Return, for each run, what lists show then for the first time."""
    arrivals: list[list[Entry]] = [[] for _ in runs]
    up = [(run.at, number) for number, run in enumerate(runs) if run.outage is None]
    for entry in outlet.entries:
        if entry.plan.archive:
            continue
        begin = bisect_left(up, outlet.timeline.appears_at(entry), key=lambda run: run[0])
        shown = (number for at, number in up[begin:] if outlet.timeline.row(entry, at) is not None)
        first = next(shown, None)
        if first is not None:
            arrivals[first].append(entry)
    return arrivals


def _searched(outlet: Outlet) -> dict[str, set[str]]:
    """Return the keys of the stories that each of the topic's words finds."""
    return {word: {entry.key for entry in outlet.holding(word)} for word in TOPIC.search}


def _looks(owed: Sequence[History]) -> dict[datetime, list[tuple[History, bool]]]:
    looks: dict[datetime, list[tuple[History, bool]]] = {}
    for each in owed:
        changed = {at for at, _ in each.versions}
        for at in (*each.looks, *each.tried):
            looks.setdefault(at, []).append((each, at in changed))
    return looks


def _pages(outlet: Outlet, entry: Entry) -> int:
    parts = outlet.split(entry, outlet.copy(entry))
    return min(parts, 2) if outlet.name in WHOLE_PAGE else parts
