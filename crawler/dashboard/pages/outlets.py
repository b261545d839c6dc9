"""The outlets: how each is and why, when it is crawled; and the three things that one may ask of it."""

from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from crawler.dashboard.charts import bars
from crawler.dashboard.desk import Desk, Outlet, Page, desk_of, show
from crawler.dashboard.grid import RANGES, USUAL_RANGE, grid_of
from crawler.dashboard.standing import Holdings, going, holdings, on_topic_of, planned, sources_of, states_of
from crawler.dashboard.words import day
from crawler.health import NOT_CRAWLED, Known, Word, covered_until, judge
from crawler.storage import plans
from crawler.storage.database import reading
from crawler.storage.decay import alarms_of
from crawler.storage.leases import holder_of
from crawler.storage.plans import SCHEDULER
from crawler.storage.runs import list_runs

MOST_WHY: Final = 300
RUNS_SHOWN: Final = 10


def show_outlets(request: Request) -> Response:
    """Return the list of all outlets."""
    desk = desk_of(request)
    now = desk.now()
    with reading(desk.engine) as connection:
        known = Known.of_all(connection)
        stored, at_work, owed = holdings(connection, now), going(connection), planned(connection)
    rows: list[dict[str, Any]] = [
        {
            "outlet": outlet,
            "health": judge(name, outlet.declared, known.get(name, Known()), now),
            "known": known.get(name, Known()),
            "last": next(
                (run for run in reversed(known.get(name, Known()).runs) if run.look == "crawl"), None
            ),
            "covered_until": covered_until(known.get(name, Known()).runs),
            "holdings": stored.get(name, Holdings()),
            "going": at_work.get(name),
            "planned": owed.get(name),
            "next_due": _next_due(desk, outlet, known.get(name, Known())),
        }
        for name, outlet in desk.outlets.items()
    ]
    rows.sort(key=_order)
    leader = holder_of(desk.engine, SCHEDULER)
    return show(request, "outlets.html", rows=rows, leader=leader, moving=bool(at_work or owed))


def show_outlet(request: Request) -> Response:
    """Return all of one outlet."""
    desk, outlet = desk_of(request), _asked_for(request)
    now, name = desk.now(), outlet.name
    asked = request.query_params.get("days", "")
    length = int(asked) if asked in {str(one) for one in RANGES} else USUAL_RANGE
    with reading(desk.engine) as connection:
        grid = grid_of(connection, desk, [name], length)
        row = grid.rows[0]
        found: dict[str, Any] = {
            "holdings": holdings(connection, now).get(name, Holdings()),
            "on_topic": on_topic_of(connection, name),
            "going": going(connection).get(name),
            "planned": planned(connection).get(name),
            "sources": sources_of(connection, name),
            "states": states_of(connection, name),
            "alarms": alarms_of(connection, name)[:RUNS_SHOWN],
        }
    chart = bars(
        "Articles a day",
        description=f"Articles of {name} on the topic, and addresses that its lists named, by day",
        label="Day",
        labels=[day(one.on).rpartition(" ")[0] for one in row.days],
        series={"on the topic": [one.tally.on_topic for one in row.days]},
    )
    return show(
        request,
        "outlet.html",
        outlet=outlet,
        row=row,
        grid=grid,
        length=length,
        ranges=RANGES,
        chart=chart if row.days else None,
        runs=list_runs(desk.engine, name, limit=RUNS_SHOWN),
        covered_until=covered_until(row.known.runs),
        next_due=_next_due(desk, outlet, row.known),
        paused=row.known.standing.paused_at is not None,
        **found,
    )


def run_now(request: Request) -> Response:
    """Ask the schedule for a crawl, as `pantau schedule run-now` does."""
    desk, outlet = desk_of(request), _asked_for(request)
    if not outlet.declared.enabled:
        raise HTTPException(400, f"{outlet.name} is switched off in the configuration.")
    asked = plans.ask_now(desk.engine, outlet.name, now=desk.now())
    if asked is None:
        return _back(request, outlet, "waiting")
    return _back(request, outlet, "asked" if holder_of(desk.engine, SCHEDULER) else "asked-alone")


def pause(request: Request) -> Response:
    """Keep the schedule from crawling an outlet, as `pantau schedule pause` does."""
    desk, outlet = desk_of(request), _asked_for(request)
    why = " ".join(request.state.form.get("why", "").split())[:MOST_WHY]
    plans.pause(desk.engine, outlet.name, why or None, now=desk.now())
    return _back(request, outlet, "paused")


def resume(request: Request) -> Response:
    """End a pause, as `pantau schedule resume` does."""
    desk, outlet = desk_of(request), _asked_for(request)
    plans.resume(desk.engine, outlet.name)
    return _back(request, outlet, "resumed")


def _order(row: dict[str, Any]) -> int:
    """Put first what somebody should look at, last what nobody crawls."""
    word = row["health"].word
    return 2 if word in NOT_CRAWLED else int(word is Word.HEALTHY)


def _asked_for(request: Request) -> Outlet:
    outlet = desk_of(request).outlets.get(request.path_params["name"])
    if outlet is None:
        raise HTTPException(404, "There is no outlet of that name; the list of outlets has them all.")
    return outlet


def _back(request: Request, outlet: Outlet, done: str) -> Response:
    where = "/outlets" if request.state.form.get("from") == "list" else f"/outlets/{outlet.name}"
    return RedirectResponse(f"{where}?done={done}", 303)


def _next_due(desk: Desk, outlet: Outlet, known: Known) -> object:
    return None if known.standing.paused_at is not None else outlet.due_after(desk.now())


PAGE = Page(
    label="Outlets",
    path="/outlets",
    routes=[
        Route("/outlets", show_outlets),
        Route("/outlets/{name}", show_outlet),
        Route("/outlets/{name}/run", run_now, methods=["POST"]),
        Route("/outlets/{name}/pause", pause, methods=["POST"]),
        Route("/outlets/{name}/resume", resume, methods=["POST"]),
    ],
)
