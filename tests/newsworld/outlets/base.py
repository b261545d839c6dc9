"""What all outlets share: their articles, what is published by now, search, and the truth about each.

A subclass names its hosts, gives every story a place (`place`), says what it prints of a story's credits
(`printed`) and answers requests (`respond`). One file an outlet. Which version of a story is shown, and
whether it is, is `timeline`'s business; an outlet only ever sees the entries of now.
"""

from abc import ABC, abstractmethod
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from random import Random
from typing import ClassVar

from tests.newsworld.happenings import VALIDATORS, Absence, Change, Happenings, Lie, Outage
from tests.newsworld.markup import cut
from tests.newsworld.messages import Request, Response, html, plain, redirect
from tests.newsworld.model import Article, Copy, Entry, Headline, Plan
from tests.newsworld.outlets import conduct
from tests.newsworld.outlets.search import TextIndex
from tests.newsworld.outlets.shown import Printed, Shown
from tests.newsworld.printed import WIB
from tests.newsworld.prose import desk
from tests.newsworld.prose.kinds import by_name
from tests.newsworld.redesign import Redesign
from tests.newsworld.timeline import Timeline

KEPT_COPIES = 20_000
COMMON_OPTIONS = {"validators": VALIDATORS, "article-validators": VALIDATORS}


class Outlet(ABC):
    """One outlet of the world.

    `options` maps each option of its own to its values, the first of which is the default; all outlets have
    `COMMON_OPTIONS` besides. Hosts in `plain_hosts` answer over http as well; all others send the visitor to
    https.
    """

    name: ClassVar[str]
    hosts: ClassVar[tuple[str, ...]]
    zone: ClassVar[timezone] = WIB
    plain_hosts: ClassVar[frozenset[str]] = frozenset()
    options: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    def __init__(
        self,
        plans: Iterable[Plan],
        now: Callable[[], datetime],
        options: Mapping[str, str] | None = None,
        happenings: Happenings | None = None,
    ) -> None:
        self._now = now
        happenings = happenings or Happenings()
        weather = happenings.weather(self.name)
        self.outages: list[Outage] = list(weather.outages)
        self.lies: list[Lie] = list(weather.lies)
        self.redesigns: list[Redesign] = []
        self._noise = happenings.noise
        self._validators = conduct.Validators()
        self.chosen = {name: values[0] for name, values in self.all_options().items()} | dict(options or {})
        self._addresses: dict[tuple[str, str], Entry] = {}
        entries = []
        for plan in plans:
            entry = self.place(plan, desk.headline(plan))
            self._addresses[entry.host, entry.path] = entry
            entries.append(entry)
        self.entries: tuple[Entry, ...] = tuple(sorted(entries, key=lambda entry: entry.published_at))
        self._times = [entry.published_at for entry in self.entries]
        self._on_topic = [at for at, entry in enumerate(self.entries) if entry.on_topic]
        self._words: TextIndex | None = None
        self._first_copy: Callable[[Entry], Copy] = lru_cache(KEPT_COPIES)(self.write)
        self.timeline = Timeline(
            self.entries,
            happenings,
            self._first_copy,
            lambda entry, copy: self.printed(entry, copy).byline,
        )
        self._rows: tuple[datetime, Sequence[Entry]] | None = None

    @classmethod
    def all_options(cls) -> dict[str, tuple[str, ...]]:
        """Return the options of this outlet with their values, the default first."""
        return {**cls.options, **COMMON_OPTIONS}

    # What a subclass says

    @abstractmethod
    def place(self, plan: Plan, headline: Headline) -> Entry:
        """Return where the story goes: address, section, layout, lists."""

    @abstractmethod
    def printed(self, entry: Entry, copy: Copy) -> Printed:
        """Return what the outlet prints about the story."""

    @abstractmethod
    def respond(self, request: Request) -> Response | None:
        """Return the answer to a request for one of the hosts; None means not found."""

    def refuse(self, request: Request) -> Response | None:
        """Return a refusal where the outlet does not serve this client at all."""
        del request
        return None

    def template(self, host: str, title: str, main: str) -> Response:
        """Return a page in the outlet's own dress, around *main*."""
        head = f"<!DOCTYPE html><html lang='id'><head><title>{title} - {host}</title></head>"
        return html(f"{head}<body>{main}</body></html>")

    def story_path(self, path: str) -> str:
        """Return the path of the story that a path is a page of; the path itself for all others."""
        return path

    def write(self, entry: Entry) -> Copy:
        """Return the text of a story as it is first published, in the outlet's own habit of writing."""
        return desk.write(entry.plan, entry.memo)

    def split(self, entry: Entry, copy: Copy) -> int:
        """Return the number of pages the story is cut into."""
        del entry, copy
        return 1

    def page_urls(self, entry: Entry, parts: int) -> tuple[str, ...]:
        """Return the addresses of the pages of a story, first page first."""
        return (entry.url, *(f"{entry.url}?page={number}" for number in range(2, parts + 1)))

    def whole_url(self, entry: Entry, parts: int) -> str | None:
        """Return the address that shows the whole story."""
        return f"{entry.url}?page=all" if parts > 1 else entry.url

    # What it gets

    @property
    def now(self) -> datetime:
        """The world's time in the outlet's zone."""
        return self._now().astimezone(self.zone)

    def copy(self, entry: Entry) -> Copy:
        """Return the text of a story, in the version that *entry* is."""
        return self.timeline.copy(entry) or self._first_copy(entry)

    def plant(self, happens: Outage | Lie | Redesign) -> None:
        """Let something more happen to the outlet."""
        if isinstance(happens, Outage):
            self.outages.append(happens)
        elif isinstance(happens, Redesign):
            self.redesigns.append(happens)
        else:
            self.lies.append(happens)

    def happen(self, url: str, *happens: Change | Absence, appears_at: datetime | None = None) -> None:
        """Let something more happen to the story at *url*."""
        entry = self.story(Request.of("GET", url))
        if entry is None:
            raise ValueError(f"no story at {url}")
        self.timeline.plant(entry, *happens, appears_at=appears_at)
        self._rows = None

    def outage(self, at: datetime) -> Outage | None:
        """Return how the outlet is down at that moment, None while it is up."""
        return next((outage for outage in self.outages if outage.holds(at)), None)

    def validators(self, where: str, at: datetime) -> str:
        """Return of which kind the validators of `lists` or `articles` are at that moment."""
        lie = next((lie for lie in self.lies if lie.where == where and lie.since <= at < lie.until), None)
        option = "validators" if where == "lists" else "article-validators"
        return lie.how if lie is not None else self.chosen[option]

    def story(self, request: Request) -> Entry | None:
        """Return the story that a request is for, whether it is there or not."""
        return self._addresses.get((request.host, self.story_path(request.path)))

    def steady(self, request: Request) -> bool:
        """Tell whether equal requests get equal answers as long as the time stands still."""
        where = "lists" if self.story(request) is None else "articles"
        return self.validators(where, self._now()) != "changing-etag"

    def kind(self, request: Request) -> str:
        """Return what a request is for: robots, article or list."""
        if request.path == "/robots.txt":
            return "robots"
        return "list" if self.story(request) is None else "article"

    def answer(self, request: Request) -> Response:
        """Answer a request as the outlet does at the time: down, gone, or its page with its validators."""
        now = self._now()
        outage = self.outage(now)
        answer = conduct.down(request, outage.how, self.template) if outage is not None else None
        if answer is not None:
            return answer
        story = self.story(request)
        absence = self.timeline.absence(story, now) if story is not None else None
        if absence is not None and request.scheme == "https":
            return conduct.gone(request, absence.how, self.template)
        answer = self._dressed(self._served(request), story, now)
        if self._noise:
            answer = conduct.noisy(answer, request, now, lambda rng: self._drawn(rng, 5))
        if request.path == "/robots.txt":
            return answer
        how = self.validators("lists" if story is None else "articles", now)
        return self._validators.put(answer, request, how, now)

    def _dressed(self, answer: Response, story: Entry | None, at: datetime) -> Response:
        """Return an answer in the dress of the time."""
        redesign = next((each for each in reversed(self.redesigns) if each.since <= at), None)
        if redesign is None:
            return answer
        struck = redesign.lists if story is None else redesign.strikes(story.url)
        return redesign.dress(answer) if struck else answer

    def _drawn(self, rng: Random, count: int) -> list[Entry]:
        known = self.published()
        return rng.sample(known, min(count, len(known)))

    def _served(self, request: Request) -> Response:
        """Answer a request: refusals and the move to https first."""
        refusal = self.refuse(request)
        if refusal is not None:
            return refusal
        if request.scheme == "http" and request.host not in self.plain_hosts:
            return redirect(f"https://{request.host}{request.target}")
        response = self.respond(request)
        return response if response is not None else self.not_found(request)

    def not_found(self, request: Request) -> Response:
        """Return the outlet's page for addresses that lead nowhere."""
        if request.path == "/robots.txt":
            return plain("User-agent: *\nDisallow:\n")
        return html(
            f"<!DOCTYPE html><html lang='id'><head><title>404 - {request.host}</title></head><body>"
            "<h1>404</h1><p>Halaman tidak ditemukan.</p></body></html>",
            status=404,
        )

    def new_entry(  # noqa: PLR0913 - one value a fact of the entry
        self,
        plan: Plan,
        headline: Headline,
        *,
        host: str,
        path: str,
        slug: str,
        section: str,
        layout: str,
        lists: tuple[str, ...],
    ) -> Entry:
        """Return the entry of a story at its place."""
        return Entry(
            outlet=self.name,
            plan=plan,
            headline=headline.text,
            neutral=headline.neutral,
            on_topic=by_name()[plan.kind].on_topic,
            host=host,
            path=path,
            section=section,
            slug=slug,
            tags=headline.tags,
            layout=layout,
            lists=lists,
            memo=headline.memo,
        )

    def free_slug(self, slug: str, taken: Callable[[str], tuple[str, str]]) -> str:
        """Return *slug*, numbered where *taken* (host and path of a slug) is in use already."""
        candidate, number = slug, 1
        while taken(candidate) in self._addresses:
            number += 1
            candidate = f"{slug}-{number}"
        return candidate

    # Articles

    def published(self) -> Sequence[Entry]:
        """Return what lists show at present, oldest first."""
        now = self._now()
        if self._rows is None or self._rows[0] != now:
            self._rows = (now, self.timeline.rows(self.entries[: bisect_right(self._times, now)], now))
        return self._rows[1]

    def newest(self, count: int | None = None, where: Callable[[Entry], bool] | None = None) -> list[Entry]:
        """Return the newest entries that are published by now, newest first."""
        out: list[Entry] = []
        for entry in reversed(self.published()):
            if where is None or where(entry):
                out.append(entry)
                if count is not None and len(out) == count:
                    break
        return out

    def on_day(self, day: date, where: Callable[[Entry], bool] | None = None) -> list[Entry]:
        """Return what was published on *day* (in the outlet's zone) and by now, newest first."""
        start = datetime(day.year, day.month, day.day, tzinfo=self.zone)
        first = bisect_left(self._times, start)
        last = bisect_left(self._times, start + timedelta(days=1))
        last = min(last, bisect_right(self._times, self._now()))
        entries = self.timeline.rows(self.entries[first:last], self._now())
        return [entry for entry in reversed(entries) if where is None or where(entry)]

    def search(self, words: str) -> list[Entry]:
        """Return what is published by now and holds every one of *words*, newest first."""
        found = [entry for entry in self.holding(words) if entry.published_at <= self._now()]
        return list(self.timeline.rows(found, self._now()))

    def holding(self, words: str) -> list[Entry]:
        """Return every story, of any time, whose text holds every one of *words*, newest first."""
        if self._words is None:
            self._words = TextIndex(self._text(entry) for entry in self.entries)
        return [self.entries[at] for at in reversed(self._words.find(words))]

    def _text(self, entry: Entry) -> str:
        copy = self.copy(entry)
        return " ".join(
            (entry.headline, copy.standfirst, *(block.text for block in copy.blocks), *entry.tags)
        )

    def at(self, host: str, path: str) -> Entry | None:
        """Return the published entry at an address."""
        entry = self._addresses.get((host, path))
        return self.timeline.page(entry, self._now()) if entry is not None else None

    def shown(self, entry: Entry, page: str) -> Shown:
        """Return the part that *page* names: a number or "all"; page 1 for a number beyond the end."""
        copy = self.copy(entry)
        pages = cut(copy.blocks, self.split(entry, copy))
        if page == "all" or len(pages) == 1:
            return Shown(copy.blocks, 0, last=True, label="all", pages=len(pages))
        number = int(page) if page.isascii() and page.isdigit() and 0 < int(page[:4]) <= len(pages) else 1
        start = sum(len(part) for part in pages[: number - 1])
        return Shown(pages[number - 1], start, last=number == len(pages), label=str(number), pages=len(pages))

    def earlier(self, entry: Entry, count: int, salt: str = "") -> list[Entry]:
        """Return *count* entries published before *entry*: what cross links and related lists point to.

        The first one is on the topic for stories whose furniture is to name it, and now and then for others.
        """
        rng = Random(f"{entry.key}/earlier/{salt}")
        last = bisect_left(self._times, entry.published_at)
        window = range(max(0, last - 300), last)
        picked = [self.entries[at] for at in rng.sample(window, min(count, len(window)))]
        if picked and (by_name()[entry.kind].about_topic or rng.random() < 0.25):
            topical = self._on_topic[: bisect_left(self._on_topic, last)]
            if topical:
                picked[0] = self.entries[rng.choice(topical[-40:])]
        first_shown = self.timeline.appears_at(entry)
        return [other for other in picked if self.timeline.appears_at(other) <= first_shown]

    def article(self, entry: Entry, at: datetime | None = None) -> Article:
        """Return the truth about *entry*, in the version that it is; *at* is when it may be gone."""
        absence = self.timeline.absence(entry, at or self._now())
        copy = self.copy(entry)
        printed = self.printed(entry, copy)
        split = self.split(entry, copy)
        return Article(
            outlet=self.name,
            url=entry.url,
            host=entry.host,
            headline=entry.headline,
            standfirst=printed.standfirst,
            body=tuple(block.text for block in copy.blocks),
            subheadings=tuple(block.text for block in copy.blocks if block.kind == "heading"),
            byline=printed.byline,
            editors=printed.editors,
            dateline=printed.dateline,
            source=printed.source,
            captions=printed.captions,
            credits=printed.credits,
            tags=entry.tags,
            published_at=entry.published_at,
            zone=entry.published_at.tzname() or "WIB",
            on_topic=entry.on_topic,
            kind=entry.kind,
            neutral_headline=entry.neutral,
            archive=entry.plan.archive,
            split=split,
            page_urls=self.page_urls(entry, split),
            whole_url=self.whole_url(entry, split),
            layout=entry.layout,
            lists=entry.lists,
            appeared_at=self.timeline.appears_at(entry),
            version=entry.version,
            gone=absence.how if absence is not None else None,
        )


def day_of(text: str) -> date | None:
    """Return the day that `2026-03-02` or `2026-3-2` names, None where it names none."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day, not an instant
    except ValueError:
        return None
