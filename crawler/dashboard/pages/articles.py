"""The articles: searched, filtered, counted by outlet, date, topic and story."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from urllib.parse import urlencode

import attrs
from sqlalchemy import Engine
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crawler.dashboard import words
from crawler.dashboard.desk import Page, desk_of, show
from crawler.dashboard.queries.articles import (
    CursorError,
    Facets,
    count_facets,
    list_articles,
    story_headlines,
)
from crawler.dashboard.queries.selection import FLAGS, NONE, SORTS, Selection

PATH = "/articles"
_MOST_VALUES = 24
_YEAR, _MONTH, _DAY = len("2026"), len("2026-03"), len("2026-03-04")
_SHARED = {_MONTH: _YEAR, _DAY: _MONTH}


@attrs.frozen
class Choice:
    """One value of a facet: its name, how many articles have it, where it leads, how it compares."""

    label: str
    number: int
    address: str
    chosen: bool = False
    share: float = 0.0


@attrs.frozen
class Facet:
    """Values to narrow a list down by; `hidden` is how many are not shown."""

    name: str
    choices: tuple[Choice, ...]
    hidden: int = 0


@attrs.frozen
class Chip:
    """One filter that is on: what it says, and the address without it."""

    label: str
    address: str


def show_articles(request: Request) -> Response:
    """Return the list that the address asks for."""
    desk = desk_of(request)
    selection = Selection.of(request.query_params.multi_items())
    after = request.query_params.get("after")
    problems = list(selection.problems)
    try:
        listing = list_articles(desk.engine, selection, after=after)
    except CursorError as error:
        problems.append(str(error))
        after, listing = None, list_articles(desk.engine, selection)
    facets = count_facets(desk.engine, selection)
    names = story_headlines(desk.engine, [*facets.stories, selection.story])
    answer = show(
        request,
        "articles.html",
        status=400 if problems else 200,
        query=selection.words,
        selection=selection,
        problems=problems,
        listing=listing,
        facets=list(_facets(selection, facets, names)),
        total=facets.total,
        chips=list(_chips(selection, names)),
        flags=FLAGS,
        sorts={sort: said for sort, said in SORTS.items() if sort != "best" or selection.words},
        start=address(selection) if after else None,
        older=address(selection, after=listing.after) if listing.after else None,
        undated_address=address(attrs.evolve(selection, since=None, until=None, undated=True)),
        undated=facets.undated if selection.since or selection.until else 0,
        stored=_stored(desk.engine) if not facets.total else None,
    )
    if "hx-request" in request.headers:
        answer.headers["HX-Push-Url"] = address(selection, after=after)
    return answer


def address(selection: Selection, *, after: str | None = None) -> str:
    """Return the address of a list."""
    pairs = [*selection.pairs, *([("after", after)] if after else [])]
    return f"{PATH}?{urlencode(pairs)}" if pairs else PATH


def _stored(engine: Engine) -> int:
    return count_facets(engine, Selection()).total


def _chips(selection: Selection, names: Mapping[str, str]) -> Iterator[Chip]:
    without = attrs.evolve
    if selection.words:
        yield Chip(f"“{selection.words}”", address(without(selection, words="", sort=_unranked(selection))))
    for outlet in selection.outlets:
        rest = tuple(one for one in selection.outlets if one != outlet)
        yield Chip(outlet, address(without(selection, outlets=rest)))
    if selection.since or selection.until:
        yield Chip(_window(selection), address(without(selection, since=None, until=None)))
    if selection.undated:
        yield Chip("no known date", address(without(selection, undated=False)))
    if selection.topic:
        label = "on no topic" if selection.topic == NONE else f"topic: {selection.topic}"
        yield Chip(label, address(without(selection, topic="")))
    if selection.story:
        said = names.get(selection.story, selection.story)
        label = "in no story" if selection.story == NONE else f"story: {said}"
        yield Chip(label, address(without(selection, story="")))
    if selection.byline:
        yield Chip(f"byline: {selection.byline}", address(without(selection, byline="")))
    for flag in selection.flags:
        rest_of_flags = tuple(one for one in selection.flags if one != flag)
        yield Chip(FLAGS[flag], address(without(selection, flags=rest_of_flags)))


def _unranked(selection: Selection) -> str:
    return "newest" if selection.sort == "best" else selection.sort


def _window(selection: Selection) -> str:
    since, until = selection.since, selection.until
    if since and until:
        return words.day(since) if since == until else f"{words.day(since)} to {words.day(until)}"
    return f"since {words.day(since)}" if since else f"until {words.day(until)}" if until else ""


def _facets(selection: Selection, facets: Facets, names: Mapping[str, str]) -> Iterator[Facet]:
    outlets = []
    for outlet, number in facets.outlets.items():
        chosen = outlet in selection.outlets
        rest = tuple(one for one in selection.outlets if one != outlet)
        toggled = attrs.evolve(selection, outlets=rest if chosen else (*selection.outlets, outlet))
        outlets.append((outlet, number, toggled, chosen))
    yield _facet("Outlet", outlets)
    yield _facet("Date", list(_dates(selection, facets)), keep_order=True)
    topics = [
        (topic, number, attrs.evolve(selection, topic="" if chosen else topic), chosen)
        for topic, number in facets.topics.items()
        for chosen in [selection.topic == topic]
    ]
    if facets.off_topic:
        chosen = selection.topic == NONE
        off = attrs.evolve(selection, topic="" if chosen else NONE)
        topics.append(("on no topic", facets.off_topic, off, chosen))
    yield _facet("Topic", topics)
    stories = [
        (names.get(story, story), number, attrs.evolve(selection, story="" if chosen else story), chosen)
        for story, number in facets.stories.items()
        for chosen in [selection.story == story]
    ]
    if stories:
        yield _facet("Story", stories)


def _facet(name: str, values: list[tuple[str, int, Selection, bool]], *, keep_order: bool = False) -> Facet:
    most = max((number for _, number, _, _ in values), default=0)
    shown = values[-_MOST_VALUES:] if keep_order else values[:_MOST_VALUES]
    choices = (
        Choice(label, number, address(asked), chosen, number / most if most else 0.0)
        for label, number, asked, chosen in shown
    )
    return Facet(name, tuple(choices), len(values) - len(shown))


def _dates(selection: Selection, facets: Facets) -> Iterator[tuple[str, int, Selection, bool]]:
    """Yield the years; within one year its months, within one month its days; oldest first."""
    since, until = selection.since, selection.until
    days = list(facets.days)
    first, last = (
        (since.isoformat(), until.isoformat())
        if since and until
        else (days[0], days[-1])
        if days
        else ("", "")
    )
    length = _DAY if first[:_MONTH] == last[:_MONTH] else _MONTH if first[:_YEAR] == last[:_YEAR] else _YEAR
    numbers: dict[str, int] = {}
    for day, number in facets.days.items():
        if length == _YEAR or day[: _SHARED[length]] == first[: _SHARED[length]]:
            numbers[day[:length]] = numbers.get(day[:length], 0) + number
    for part, number in numbers.items():
        whole = _bounds(part)
        chosen = whole == (since, until)
        bounds = (None, None) if chosen else whole
        asked = attrs.evolve(selection, since=bounds[0], until=bounds[1], undated=False)
        yield _said(part), number, asked, chosen
    if facets.undated:
        asked = attrs.evolve(selection, since=None, until=None, undated=not selection.undated)
        yield "no known date", facets.undated, asked, selection.undated


def _bounds(part: str) -> tuple[date, date]:
    """Return the first and the last day of a year, a month or a day in ISO form."""
    if len(part) == _YEAR:
        return date(int(part), 1, 1), date(int(part), 12, 31)
    if len(part) == _MONTH:
        first = date.fromisoformat(f"{part}-01")
        return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return date.fromisoformat(part), date.fromisoformat(part)


def _said(part: str) -> str:
    if len(part) == _YEAR:
        return part
    if len(part) == _MONTH:
        return words.day(date.fromisoformat(f"{part}-01")).partition(" ")[2]
    return words.day(date.fromisoformat(part))


PAGE = Page(label="Articles", path=PATH, routes=[Route(PATH, show_articles)])
