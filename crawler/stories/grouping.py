"""Groups articles that share text into stories, and tells who had what first. Pure.

The same articles give the same stories, whatever order they came in:

- Articles are ranked by when they were published, an agency's own article never behind one that credits the
  agency. What shares text with an article and ranks before it is one of its sources.
- An article joins the story of the source that accounts for most of it, where that accounts for all but a
  part of it (a copy, trimmed or rewritten), or is itself contained in it (a first short version); not where
  another article, though it came later, has far more of it: idioms would chain two stories.
- An article that no single source accounts for is merged from several, or adds a story of its own to a
  passage that it took over. It joins no story, and is a member of each one that it took from: so two stories
  never become one by it. Those who copied it in turn form a story with it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

import attrs

Role = Literal["first", "copy", "rewrite", "partial", "unclear"]

VERSION: Final = "1"
"""Changes with whatever changes how the same articles are grouped."""

OWN: Final = 0.35
"""With more of its words in long stretches of its own, an article is not accounted for by a source."""

NEW: Final = 0.75
"""With more of its own than this, a contained text is a passage of it, and no first version."""

RIVAL: Final = 0.6
"""A source that has less than this part of what some other article has, earlier or later, is not the one."""

PASSAGE: Final = 0.3
"""Who has less of an article than this is no source of it, unless most of the source is in it: `MOST`."""

MOST: Final = 0.7

VERBATIM: Final = 0.85
"""From this share of its words on, an article is a copy; below, it was rewritten."""

_Rank: TypeAlias = tuple[float, int, str, str]
_SAME_SHARE: Final = 0.05
_LONG: Final = {"second": timedelta(seconds=1), "minute": timedelta(minutes=1), "day": timedelta(days=1)}


@attrs.frozen(kw_only=True)
class Facts:
    """What grouping needs of an article: `agencies` it is credited to, `own_agency` is the outlet's."""

    id: int
    key: str
    outlet: str
    at: datetime | None = None
    precision: str | None = None
    agencies: tuple[str, ...] = ()
    own_agency: str | None = None


@attrs.frozen
class Shared:
    """What two articles share: the share of each one's words, and how much of each is its own."""

    first: int
    second: int
    first_share: float
    second_share: float
    first_own: float
    second_own: float


@attrs.frozen(kw_only=True)
class Place:
    """An article's place in a story."""

    article_id: int
    role: Role
    copied_from: int | None = None
    share: float = 1.0
    lag: timedelta | None = None


@attrs.frozen(kw_only=True)
class Group:
    """A story: its key is that of its earliest article, its places are in order of rank.

    `sources` counts the independent ones: copies of one text count once.
    """

    key: str
    origin: int
    places: tuple[Place, ...]
    agencies: tuple[str, ...]
    sources: int


@attrs.frozen
class _Part:
    """What one article has of another."""

    other: int
    share: float
    own: float
    other_share: float
    other_own: float


def groups(articles: Iterable[Facts], pairs: Iterable[Shared]) -> list[Group]:
    """Return the stories among *articles*, those of at least two; by the rank of their first article."""
    facts = {each.id: each for each in articles}
    parts: dict[int, list[_Part]] = defaultdict(list)
    for pair in pairs:
        first, second = (pair.first_share, pair.first_own), (pair.second_share, pair.second_own)
        parts[pair.first].append(_Part(pair.second, *first, *second))
        parts[pair.second].append(_Part(pair.first, *second, *first))
    return _Grouping(facts, parts).groups()


class _Grouping:
    def __init__(self, facts: Mapping[int, Facts], parts: Mapping[int, Sequence[_Part]]) -> None:
        self._facts, self._parts = facts, parts
        self._ranks = self._ranked()
        self._heads: dict[int, int] = {}  # article -> first article of the story that it joined
        self._parents: dict[int, _Part] = {}

    def groups(self) -> list[Group]:
        taken: dict[int, dict[int, _Part]] = defaultdict(dict)  # head -> article that took from it -> what
        mixed: set[int] = set()  # those that joined a story and took from others besides
        for article in sorted(self._ranks, key=self._ranks.__getitem__):
            self._join(article)
            mine = self._heads[article]
            for part in self._preferred(article):
                if part.share < PASSAGE and part.other_share < MOST:
                    continue
                head = self._heads[part.other]
                # Who took over the same passage in turn is no source of it, and what is shared with one
                # that has text of several stories may be of another one than it joined.
                if head != mine and part.other not in taken[mine] and part.other not in mixed:
                    taken[head].setdefault(article, part)
                    if article != mine:
                        mixed.add(article)
        joined: dict[int, list[int]] = defaultdict(list)
        for article, head in self._heads.items():
            joined[head].append(article)
        heads = sorted(joined, key=self._ranks.__getitem__)
        return [
            self._group(head, joined[head], taken[head])
            for head in heads
            if len(joined[head]) + len(taken[head]) > 1
        ]

    # --- Who comes before whom

    def _ranked(self) -> dict[int, _Rank]:
        ranks = {}
        for article, facts in self._facts.items():
            latest, wire = _latest(facts), 1
            if facts.own_agency:
                crediting = [
                    self._facts[part.other]
                    for part in self._parts.get(article, ())
                    if self._credits(part.other, article)
                ]
                if crediting:
                    latest, wire = min(latest, *map(_latest, crediting)), 0
            ranks[article] = (latest, wire, facts.outlet, facts.key)
        return ranks

    def _credits(self, article: int, wire: int) -> bool:
        """Tell whether an article is credited to the agency whose own article *wire* is."""
        agency = self._facts[wire].own_agency
        return (
            agency is not None
            and agency in self._facts[article].agencies
            and self._facts[article].own_agency != agency
        )

    def _sources(self, article: int) -> Iterator[_Part]:
        rank = self._ranks[article]
        return (part for part in self._parts.get(article, ()) if self._ranks[part.other] < rank)

    def _preferred(self, article: int) -> list[_Part]:
        """Return an article's sources: the agency it credits, then who has most of it, then the earliest."""
        sources = list(self._sources(article))
        best = max((part.share for part in sources), default=0.0) - _SAME_SHARE

        def order(part: _Part) -> tuple[bool, float, _Rank]:
            near = part.share >= best
            credited = near and self._credits(article, part.other)
            return (not credited, 0.0 if near else 1.0 - part.share, self._ranks[part.other])

        return sorted(sources, key=order)

    def _join(self, article: int) -> None:
        """Note which story an article joins: its own, if no source accounts for it."""
        sources = self._preferred(article)
        least = RIVAL * self._closest(article)
        whole = [part for part in sources if part.own < OWN and part.share >= least]
        held = [
            part
            for part in sources
            if part.own >= OWN
            and part.other_own < OWN
            and part.other_share >= RIVAL * self._closest(part.other)
        ]
        among = {self._heads[part.other] for part in held}
        if whole:
            chosen = whole[0]
        elif len(among) == 1 and held[0].own <= NEW:
            chosen = held[0]
        else:
            self._heads[article] = article
            return
        self._heads[article] = self._heads[chosen.other]
        self._parents[article] = chosen

    def _closest(self, article: int) -> float:
        """Return the share that some other article, earlier or later, has of this one."""
        return max((part.share for part in self._parts.get(article, ())), default=0.0)

    # --- Stories

    def _group(self, head: int, joined: Sequence[int], taken: Mapping[int, _Part]) -> Group:
        members = sorted([*joined, *taken], key=self._ranks.__getitem__)
        places = [self._place(article, head, taken.get(article)) for article in members]
        named = dict.fromkeys(
            agency
            for article in members
            for agency in (self._facts[article].own_agency, *self._facts[article].agencies)
            if agency is not None and article not in taken
        )
        return Group(
            key=self._facts[head].key,
            origin=head,
            places=tuple(places),
            agencies=tuple(named),
            sources=self._sources_of(head, places),
        )

    def _place(self, article: int, head: int, part: _Part | None) -> Place:
        if article == head:
            certain = all(
                self._is_before(head, other)
                for other, joined in self._heads.items()
                if joined == head and other != head
            )
            return Place(article_id=article, role="first" if certain else "unclear")
        chosen = part or self._parents[article]
        source = chosen.other
        if not self._is_before(source, article):
            return Place(article_id=article, role="unclear", share=chosen.share)
        role: Role = (
            "partial" if part or chosen.own >= OWN else "copy" if chosen.share >= VERBATIM else "rewrite"
        )
        return Place(
            article_id=article,
            role=role,
            copied_from=source,
            share=chosen.share,
            lag=self._lag(head, article),
        )

    def _is_before(self, one: int, other: int) -> bool:
        """Tell whether *one* was certainly there first: by a credit, or by what is printed of both times."""
        if self._credits(other, one):
            return True
        first, second = self._facts[one], self._facts[other]
        if first.at is None or second.at is None:
            return False
        return first.at + _LONG[first.precision or "minute"] <= second.at

    def _lag(self, head: int, article: int) -> timedelta | None:
        first, second = self._facts[head], self._facts[article]
        return None if first.at is None or second.at is None else second.at - first.at

    def _sources_of(self, head: int, places: Sequence[Place]) -> int:
        """Return of how many independent sources a story is: who adds to what was copied is one more."""
        own = self._facts[head]
        found = {own.own_agency or next(iter(own.agencies), own.outlet)}
        for place in places:
            if place.role == "partial":
                facts = self._facts[place.article_id]
                others = [name for name in facts.agencies if name not in found]
                found.add(others[0] if others else facts.own_agency or facts.outlet)
        return len(found)


def _latest(facts: Facts) -> float:
    """Return the last moment at which it may have been published, in seconds; without a date: the end."""
    if facts.at is None:
        return float("inf")
    return (facts.at + _LONG[facts.precision or "minute"]).timestamp()
