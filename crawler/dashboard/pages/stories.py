"""Stories: who had a text first, who copied it, when, how much of it, and what they changed."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crawler.dashboard import charts
from crawler.dashboard.desk import Page, desk_of, show
from crawler.dashboard.queries.selection import Selection
from crawler.dashboard.queries.stories import lags_of, spread
from crawler.dates import WIB
from crawler.storage import stories
from crawler.storage.database import reading
from crawler.text.changes import spans

PATH = "/stories"
ORDERS: Mapping[stories.Order, str] = {
    "newest": "newest first",
    "oldest": "oldest first",
    "largest": "most outlets first",
}
_PAGE = 25
_LAST_PAGE = 400
_LEAST = (2, 3, 5)
_MOST_CHANGES = 12


def show_stories(request: Request) -> Response:
    """Return the stories that the address asks for."""
    desk = desk_of(request)
    given = request.query_params
    # The same days and outlets as articles are asked by.
    asked = Selection.of([(name, given.get(name, "")) for name in ("since", "until", "outlet")])
    order: stories.Order = next((one for one in ORDERS if one == given.get("order")), "newest")
    least = next((number for number in _LEAST if str(number) == given.get("least")), _LEAST[0])
    page = _page(given.get("page", "1"))
    outlet = asked.outlets[0] if asked.outlets else None
    since = datetime.combine(asked.since, time.min, WIB) if asked.since else None
    until = datetime.combine(asked.until, time.max, WIB) if asked.until else None
    with reading(desk.engine) as connection:
        found = stories.stories(
            connection, outlet=outlet, since=since, until=until, least=least, order=order,
            limit=_PAGE, offset=(page - 1) * _PAGE,
        )  # fmt: skip
        total = stories.count_stories(connection, outlet=outlet, since=since, until=until, least=least)
        lags = lags_of(connection, [story.id for story in found])
    usual = {"order": "newest", "least": str(_LEAST[0])}
    pairs = {**dict(asked.pairs), "order": order, "least": str(least)}
    kept = [(name, value) for name, value in pairs.items() if usual.get(name) != value]

    def address(number: int) -> str:
        asked_for = [*kept, *([("page", str(number))] if number > 1 else [])]
        return f"{PATH}?{urlencode(asked_for)}" if asked_for else PATH

    return show(
        request,
        "stories.html",
        status=400 if asked.problems else 200,
        problems=asked.problems,
        asked=asked,
        outlet_name=outlet or "",
        outlets=sorted(desk.outlets),
        order=order,
        orders=ORDERS,
        least=least,
        leasts=_LEAST,
        found=found,
        total=total,
        dots={story.id: _dots(lags.get(story.id, [])) for story in found},
        longest={story.id: timedelta(seconds=max(lags.get(story.id, [0.0]))) for story in found},
        earlier=address(page - 1) if page > 1 else None,
        later=address(page + 1) if page * _PAGE < total and page < _LAST_PAGE else None,
    )


def show_story(request: Request) -> Response:
    """Return the page about one story."""
    desk = desk_of(request)
    with reading(desk.engine) as connection:
        told = stories.story(connection, request.path_params["story"])
    if told is None:
        raise HTTPException(404, "There is no such story in this store.")
    unit, labels, numbers = spread(told.members)
    chart = charts.bars(
        f"Articles that had appeared, by {unit} since the first",
        description=f"{told.story.members} articles of {len(told.story.outlets)} outlets",
        label=f"{unit} since the first",
        labels=labels,
        series={"articles": numbers},
    )
    changes = {
        member.article_id: [(change, *spans(change)) for change in member.changes[:_MOST_CHANGES]]
        for member in told.members
    }
    return show(
        request,
        "story.html",
        story=told.story,
        members=told.members,
        by_id={member.article_id: member for member in told.members},
        changes=changes,
        most_changes=_MOST_CHANGES,
        chart=chart if len(told.members) > 1 and len(set(numbers)) > 1 else None,
    )


def _page(text: str) -> int:
    if text.isascii() and text.isdecimal() and len(text) <= len(str(_LAST_PAGE)):
        return min(max(1, int(text)), _LAST_PAGE)
    return 1


def _dots(lags: list[float]) -> list[float]:
    """Return where on a line of 100 the articles of a story stand, the first at 0."""
    last = max(lags, default=0.0)
    return [round(100 * max(0.0, lag) / last, 1) if last > 0 else 0.0 for lag in lags]


PAGE = Page(
    label="Stories", path=PATH, routes=[Route(PATH, show_stories), Route("/stories/{story}", show_story)]
)
