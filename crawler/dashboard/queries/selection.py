"""What is asked for of the stored articles, as the address of a page says it."""

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final, Literal, Self, cast

import attrs

from crawler.errors import StoreError
from crawler.storage.columns import storable
from crawler.storage.search import parse_terms

Sort = Literal["newest", "oldest", "found", "best"]
Flag = Literal["gone", "revised", "partial", "generic"]

SORTS: Final[Mapping[Sort, str]] = {
    "newest": "newest first",
    "oldest": "oldest first",
    "found": "as they were found, latest first",
    "best": "best match first",
}
FLAGS: Final[Mapping[Flag, str]] = {
    "gone": "taken down, or missing",
    "revised": "edited since",
    "partial": "not read to its end",
    "generic": "text found without the outlet’s selector",
}
NONE: Final = "none"
"""What a filter says that asks for articles without: on no topic, of no known day, in no story."""

MOST_OUTLETS: Final = 40
_LONGEST: Final = 200  # characters of a value; a search may be longer
_LONGEST_SEARCH: Final = 1_000
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_STORY = re.compile(r"[A-Za-z0-9_.:-]{1,64}", re.ASCII)


@attrs.frozen(kw_only=True)
class Selection:
    """Which articles, in which order. Days are those of publication, ends included, in WIB.

    A window leaves out articles without a known day; `undated` asks for only these. `topic` and `story` may
    be "none". `problems` are what could not be understood and is left out, in words.
    """

    words: str = ""
    outlets: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    undated: bool = False
    topic: str = ""
    story: str = ""
    flags: tuple[Flag, ...] = ()
    byline: str = ""
    sort: Sort = "newest"
    problems: tuple[str, ...] = attrs.field(default=(), eq=False)

    @classmethod
    def of(cls, asked: Iterable[tuple[str, str]]) -> Self:
        """Return what the parameters of an address ask for; those of other things are overlooked."""
        given: dict[str, list[str]] = {}
        for name, value in asked:
            given.setdefault(name, []).append(storable(value).strip())
        problems: list[str] = []
        since, until = (_day(given, name, problems) for name in ("since", "until"))
        if since and until and since > until:
            problems.append(f"the first day, {since}, is after the last, {until}")
            since = until = None
        words = _last(given, "q")[:_LONGEST_SEARCH]
        if words:
            try:
                parse_terms(words)
            except StoreError as error:
                problems.append(str(error))
                words = ""
        sort = _last(given, "sort") or ("best" if words else "newest")
        if sort not in SORTS:
            problems.append(f"there is no order {sort!r}; there are {', '.join(SORTS)}")
            sort = "newest"
        story = _last(given, "story")
        if story and not _STORY.fullmatch(story):
            problems.append(f"there can be no story {story[:_LONGEST]!r}")
            story = ""
        outlets = tuple(dict.fromkeys(filter(None, given.get("outlet", ()))))[:MOST_OUTLETS]
        return cls(
            words=words,
            outlets=tuple(outlet[:_LONGEST] for outlet in outlets),
            since=since,
            until=until,
            undated=_last(given, "day") == NONE,
            topic=_last(given, "topic")[:_LONGEST],
            story=story,
            flags=tuple(flag for flag in FLAGS if _last(given, flag)),
            byline=_last(given, "byline")[:_LONGEST],
            sort="newest" if sort == "best" and not words else cast("Sort", sort),
            problems=tuple(problems),
        )

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Return the parameters that `of` reads this selection from; what is not asked for has none."""
        return list(self._pairs())

    @property
    def usual_sort(self) -> Sort:
        """Return the order that holds where the address names none."""
        return "best" if self.words else "newest"

    def _pairs(self) -> Iterator[tuple[str, str]]:
        if self.words:
            yield "q", self.words
        yield from (("outlet", outlet) for outlet in self.outlets)
        for name in ("since", "until"):
            day: date | None = getattr(self, name)
            if day:
                yield name, day.isoformat()
        if self.undated:
            yield "day", NONE
        for name in ("topic", "story", "byline"):
            value: str = getattr(self, name)
            if value:
                yield name, value
        yield from ((flag, "1") for flag in self.flags)
        if self.sort != self.usual_sort:
            yield "sort", self.sort


def _last(given: Mapping[str, Sequence[str]], name: str) -> str:
    return given.get(name, ("",))[-1]


def _day(given: Mapping[str, Sequence[str]], name: str, problems: list[str]) -> date | None:
    text = _last(given, name)
    if not text:
        return None
    if _DAY.fullmatch(text):
        with contextlib.suppress(ValueError):
            return date.fromisoformat(text)
    problems.append(f"{text[:_LONGEST]!r} is no day; write it as 2026-03-04")
    return None
