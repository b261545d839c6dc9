"""What earlier crawls saw of an outlet's lists, and what this crawl adds to it.

A list is asked conditionally where its validators have proved themselves, and followed only until it meets
what the last walk without a hole has seen of it. What a walk learned is kept once its part of the outlet is
covered: a crawl that is killed or cut short leaves things as they were, and so proves nothing.
"""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

import attrs
from scrapy.http import Request, Response

from crawler.conditional import Ask, Memory, Validators
from crawler.discovery.fetching import NOT_MODIFIED
from crawler.discovery.ladder import Ladder, Past, part_of
from crawler.discovery.listing import (
    END,
    LATE,
    Fetch,
    Listed,
    ListPage,
    Quest,
    Rung,
    RungError,
    Watch,
    is_chronological,
    order_of,
)
from crawler.session import Session
from crawler.storage import lists, sources
from crawler.storage.lists import WatchedList, series_key

logger = logging.getLogger(__name__)

FEW = 5  # no outlet has so few entries on a page that is not its last
MAX_VALIDATOR = 1000
SEARCH_TRUSTED_FOR = timedelta(days=7)
SHUT_FOR = timedelta(days=3)  # so long a closed interface is not asked again
SHORTEST_S, LONGEST_S = 3600.0, 22 * 3600.0
MOSTLY_KNOWN, MOSTLY_NEW = 0.67, 0.33

AddressOf = Callable[[str], str]


@attrs.define
class _Walk:
    """A series as it is walked in this crawl: how it was asked, its first page, its length so far."""

    url: str
    memory: Memory
    asked: Ask
    seen: Validators
    first: ListPage | None = None
    paged: bool = True
    entries: int = 0


class KeptWatch(Watch):
    """The lists of one rung, with what the store knows of them."""

    def __init__(
        self, rung: Rung, session: Session, quest: Quest, known: dict[str, WatchedList], address_of: AddressOf
    ) -> None:
        self.rung = rung
        self.not_modified = 0
        self._session = session
        self._quest = quest
        self._known = known
        self._address_of = address_of
        self._walks: dict[str, _Walk] = {}
        self._unchanged: list[WatchedList] = []

    async def first(
        self, fetch: Fetch, series: str, request: Request, *, believe: bool = True
    ) -> Response | None:
        key = series_key(self.rung.name, series)
        known = self._known.get(key)
        memory = known.memory if known else Memory()
        if known and known.url != request.url:
            memory = memory.moved()
        asked, validators = memory.next_poll(believe=believe and known is not None and self._is_enough(known))
        if request.method != "GET":
            # What a form is answered has no validators of its own: it is read each time, and none are kept.
            asked, validators = "plain", Validators()
        for name, value in validators.headers().items():
            request.headers[name] = value
        response = await fetch(request)
        if response.status == NOT_MODIFIED and asked == "conditional" and known:
            self._unchanged.append(
                attrs.evolve(known, memory=memory.unchanged(asked), polled_at=self._quest.now)
            )
            self.not_modified += 1
            return None
        if response.status == NOT_MODIFIED and asked == "challenge":
            logger.info(
                "%s says that nothing changed when it did: it is always read from now on", request.url
            )
            memory, asked = memory.unchanged(asked), "plain"
            response = await fetch(request.replace(headers={}))
        if response.status == NOT_MODIFIED:
            raise RungError(f"HTTP 304 to a request without conditions from {request.url}")
        seen = _validators(response) if request.method == "GET" else Validators()
        self._walks[key] = _Walk(request.url, memory, asked, seen)
        return response

    async def meets(self, series: str, page: ListPage, *, paged: bool = True) -> bool:
        key = series_key(self.rung.name, series)
        walk, known = self._walks[key], self._known.get(key)
        is_first = walk.first is None
        if is_first:
            walk.first, walk.paged = page, paged
        walk.entries += len(page.entries)
        if known is None or not self._reaches(known):
            return False
        if is_first and known.telling and self._digest(page) == known.memory.digest:
            return True
        last = self._end(page.entries, paged=paged)
        end = {self._address_of(entry.url) for entry in last}
        if not end or (self.rung.kind == "search" and not _is_older(last, known.walked_at - LATE)):
            return False
        session, until = self._session, known.walked_run_id
        seen = await session.in_store(lists.seen_by, session.run.outlet, self.rung.name, until, sorted(end))
        return seen == end

    async def is_settled(self, series: str, over_at: datetime) -> bool:
        known = self._known.get(series_key(self.rung.name, series))
        return known is not None and known.walked_at >= over_at

    def learned(self) -> list[WatchedList]:
        """Return what is known now of each list that was asked, given that nothing is missing.

        A listing that names nothing at all may be an excuse, under whatever status: it proves nothing.
        """
        if self.rung.kind == "listing" and not any(walk.entries for walk in self._walks.values()):
            return self._unchanged
        walked = [
            self._walked(key, walk, walk.first) for key, walk in self._walks.items() if walk.first is not None
        ]
        return [*self._unchanged, *walked]

    def _walked(self, key: str, walk: _Walk, first: ListPage) -> WatchedList:
        known, since, now = self._known.get(key), self._quest.window.since, self._quest.now
        if known and known.covered_since < since <= known.walked_at:
            since = known.covered_since
        return WatchedList(
            key=key,
            url=walk.url,
            source=self.rung.name,
            memory=walk.memory.read(walk.asked, walk.seen, self._digest(first)),
            polled_at=now,
            walked_run_id=self._session.run.id,
            walked_at=now,
            covered_since=since,
            telling=self._tells(walk, first.entries),
        )

    def _reaches(self, known: WatchedList) -> bool:
        """Tell whether what was known of a list goes back to the start of this crawl's window."""
        return known.covered_since <= self._quest.window.since

    def _is_enough(self, known: WatchedList) -> bool:
        """Tell whether a list that is as it was needs no look: it was last walked within the window.

        So what a server hides by a false 304 is still in the window when the list is read the next time.
        """
        return known.telling and self._reaches(known) and self._quest.window.since <= known.walked_at

    def _tells(self, walk: _Walk, entries: Sequence[Listed]) -> bool:
        """Tell whether what is new would show on the first page."""
        if not walk.paged:
            return True
        if self.rung.kind == "search":
            whole = walk.entries == len(entries)
            in_order = is_chronological(entries) or (whole and len(entries) < FEW)
            return in_order and (whole or _is_older(entries, self._quest.now - LATE))
        return order_of(entries) in {"newest first", "unknown"}

    def _end(self, entries: Sequence[Listed], *, paged: bool) -> Sequence[Listed]:
        """Return the entries below which nothing is newer than they are; none where that cannot be told.

        What is pinned to the top of a list was seen long ago: only its end shows how far it reaches.
        """
        if self.rung.kind == "search" and not is_chronological(entries):
            return ()
        order = order_of(entries)
        if order in {"newest first", "unknown"}:
            return entries[-END:]
        return entries[:END] if order == "oldest first" and not paged else ()

    def _digest(self, page: ListPage) -> str:
        digest = sha256()
        for entry in page.entries:
            line = f"{self._address_of(entry.url)}\t{entry.headline or ''}\n"
            digest.update(line.encode("utf-8", "surrogatepass"))
        return digest.hexdigest()


class KeptPast(Past):
    """What the store has of an outlet's rungs, for one crawl.

    With *planned_at*, the due time of a scheduled crawl, rungs that were polled lately are left out; a crawl
    that somebody starts asks them all.
    """

    def __init__(
        self, session: Session, quest: Quest, address_of: AddressOf, planned_at: datetime | None = None
    ) -> None:
        self._session = session
        self._outlet = session.run.outlet
        self._quest = quest
        self._address_of = address_of
        self._planned_at = planned_at
        self._watches: list[KeptWatch] = []
        self._entries: Counter[str] = Counter()
        self._known: Counter[str] = Counter()
        self.not_due = 0

    @property
    def not_modified(self) -> int:
        """Return how many lists were answered by a 304."""
        return sum(watch.not_modified for watch in self._watches)

    @property
    def read(self) -> set[str]:
        """Return the names of the rungs of which every list that was asked was read."""
        return set(self._entries) - {watch.rung.name for watch in self._watches if watch.not_modified}

    async def standing(self, rung: Rung) -> bool | None:
        since = self._quest.now - SEARCH_TRUSTED_FOR
        return await self._session.in_store(sources.standing, self._outlet, rung.name, since)

    async def judged(self, rung: Rung, *, honest: bool) -> None:
        now = self._quest.now
        await self._session.in_store(sources.judge, self._outlet, rung.name, honest=honest, now=now)

    async def shut(self, interface: str) -> bool:
        since = self._quest.now - SHUT_FOR
        return await self._session.in_store(sources.standing, self._outlet, interface, since) is False

    async def found_shut(self, interface: str) -> None:
        now = self._quest.now
        await self._session.in_store(sources.judge, self._outlet, interface, honest=False, now=now)

    async def looked_until(self, rung: Rung) -> datetime | None:
        if self._planned_at is None:
            return None
        last = await self._session.in_store(sources.polled, self._outlet, rung.name)
        if last is None or last.next_poll_at <= self._planned_at or last.covered_since is None:
            return None
        if last.covered_since > self._quest.window.since:
            return None
        self.not_due += 1
        return last.covered_until

    async def watch(self, rung: Rung) -> Watch:
        if self._quest.window.until < self._quest.now:
            return Watch()  # days long over: what is seen of them says nothing about today's lists
        known = await self._session.in_store(lists.lists_of, self._outlet, rung.name)
        watch = KeptWatch(rung, self._session, self._quest, known, self._address_of)
        self._watches.append(watch)
        return watch

    def count(self, rung: Rung, entries: int, known: int) -> None:
        """Count the entries of a list, and those that an earlier crawl had learned of."""
        self._entries[rung.name] += entries
        self._known[rung.name] += known

    async def keep(self, ladder: Ladder) -> None:
        """Keep what was learned of the lists of each part that is covered.

        Listings name the same articles: where one of them covers its part, nothing is missing below what the
        others showed. Of searches only the one that covers is known to be complete.
        """
        covering = {part_of(watch.rung): watch for watch in self._watches}
        for watch in self._watches:
            part = part_of(watch.rung)
            covers = part in ladder.covered and watch is covering[part]
            if covers or (part in ladder.covered and watch.rung.kind == "listing"):
                await self._session.in_store(lists.keep_lists, self._session.run.id, watch.learned())
            await self._keep_polled(watch.rung, covers=covers)

    async def _keep_polled(self, rung: Rung, *, covers: bool) -> None:
        name, now, since = rung.name, self._quest.now, self._quest.window.since
        last = await self._session.in_store(sources.polled, self._outlet, name)
        entries = self._entries[name]
        share = self._known[name] / entries if entries else 1.0
        interval_s = next_interval(last.interval_s if last else None, share)
        if last and covers and last.covered_since and last.covered_until and since <= last.covered_until:
            since = min(since, last.covered_since)
        found = sources.Polled(
            polled_at=now,
            interval_s=interval_s,
            next_poll_at=(self._planned_at or now) + timedelta(seconds=interval_s),
            covered_since=since if covers else None,
            covered_until=now if covers else None,
        )
        await self._session.in_store(sources.keep_polled, self._outlet, name, found)


def next_interval(interval_s: float | None, known_share: float) -> float:
    """Return after how long a source is worth another look, given how much of it was known this time.

    It stays below a day, so that a daily crawl asks everything.
    """
    if interval_s is None:
        return SHORTEST_S
    factor = 1.5 if known_share > MOSTLY_KNOWN else 0.5 if known_share < MOSTLY_NEW else 1.0
    return min(max(interval_s * factor, SHORTEST_S), LONGEST_S)


def _is_older(entries: Sequence[Listed], moment: datetime) -> bool:
    """Tell whether some entry is from before *moment*, or none says when it is from.

    What an outlet dates back shows among entries of its stated time, which the last walk has seen already: a
    burst can have pushed it off the first page.
    """
    times = [entry.published_at.at for entry in entries if entry.published_at is not None]
    return not times or min(times) < moment


def _validators(response: Response) -> Validators:
    values = []
    for name in ("ETag", "Last-Modified"):
        value = (response.headers.get(name) or b"").decode("latin-1").strip()
        values.append(value if 0 < len(value) <= MAX_VALIDATOR else None)
    return Validators(*values)
