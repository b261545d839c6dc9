"""The overview: coverage by outlet and day, what is new, how the outlets are."""

from datetime import UTC, datetime, timedelta
from typing import Final

import attrs
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crawler.dashboard import news
from crawler.dashboard.desk import Page, desk_of, show
from crawler.dashboard.grid import RANGES, USUAL_RANGE, grid_of
from crawler.health import NOT_CRAWLED, Word
from crawler.storage.database import reading
from crawler.storage.leases import holder_of
from crawler.storage.plans import SCHEDULER
from crawler.storage.stories import stories

COOKIE: Final = "pantau_visit"
VISIT: Final = timedelta(minutes=30)
"""Who loads the page again within it is still on the same visit."""

DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(days=7)
STORIES_SHOWN: Final = 6
LONGEST: Final = timedelta(days=30)
_YEAR_S: Final = 365 * 86_400


@attrs.frozen
class Visit:
    """What the cookie keeps: when the last visit ended, when this page was last loaded."""

    since: datetime | None
    loaded_at: datetime

    @classmethod
    def of(cls, cookie: str, now: datetime) -> "Visit":
        """Return this visit, from the cookie that the browser sent, whatever stands in it."""
        before, _, loaded = cookie.partition(".")
        last = _moment(loaded, now)
        if last is None:
            return cls(None, now)
        return cls(last if now - last > VISIT else _moment(before, now), now)

    def __str__(self) -> str:
        """Return the cookie to keep."""
        since = int(self.since.timestamp()) if self.since else ""
        return f"{since}.{int(self.loaded_at.timestamp())}"


def show_overview(request: Request) -> Response:
    """Return the first page."""
    desk = desk_of(request)
    now = desk.now()
    asked = request.query_params.get("days", "")
    length = int(asked) if asked in {str(one) for one in RANGES} else USUAL_RANGE
    visit = Visit.of(request.cookies.get(COOKIE, ""), now)
    since = max(visit.since or now - DAY, now - LONGEST)
    leader = holder_of(desk.engine, SCHEDULER)
    with reading(desk.engine) as connection:
        grid = grid_of(connection, desk, desk.outlets, length)
        fresh = news.new_since(connection, since)
        edited = news.happened_since(connection, since, ("revised",))
        gone = news.happened_since(connection, since, news.GONE_KINDS)
        spread = stories(connection, since=now - WEEK, order="largest", limit=STORIES_SHOWN)
        undelivered = news.undelivered(connection)
    crawled = [row for row in grid.rows if row.health.word not in NOT_CRAWLED]
    due = [outlet.due_after(now) for outlet in desk.outlets.values()]
    answer = show(
        request,
        "overview.html",
        grid=grid,
        length=length,
        ranges=RANGES,
        since=since,
        is_visit=visit.since is not None,
        fresh=fresh,
        edited=edited,
        gone=gone,
        spread=spread,
        undelivered=undelivered,
        leader=leader,
        next_due=min((at for at in due if at is not None), default=None),
        crawled=len(crawled),
        healthy=sum(row.health.word is Word.HEALTHY for row in crawled),
        ailing=[row for row in grid.rows if row.health.word not in {Word.HEALTHY, *NOT_CRAWLED}],
    )
    answer.set_cookie(COOKIE, str(visit), max_age=_YEAR_S, httponly=True, samesite="strict")
    return answer


def _moment(seconds: str, now: datetime) -> datetime | None:
    """Return a moment of the past from a cookie; None for anything else."""
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= len(str(int(now.timestamp())))):
        return None
    moment = datetime.fromtimestamp(int(seconds), UTC)
    return moment if moment <= now else None


PAGE = Page(label="Overview", path="/", routes=[Route("/", show_overview)])
