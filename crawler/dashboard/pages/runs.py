"""The runs: the history of crawls, and one of them with its ledger, its lists and its log."""

from typing import Final
from urllib.parse import urlencode

import attrs
from sqlalchemy import func, select
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crawler.dashboard.charts import bars
from crawler.dashboard.desk import Page, desk_of, show
from crawler.dashboard.ledgers import VERDICTS, ledger_of, log_tail, verdicts_by_day
from crawler.dashboard.words import day
from crawler.storage.database import reading
from crawler.storage.runs import get_run
from crawler.storage.schema import runs

SHOWN: Final = 50
CHARTED_DAYS: Final = 28
LARGEST: Final = 2**31 - 1
_GOING: Final = "going"


def show_runs(request: Request) -> Response:
    """Return the history, newest first; `outlet`, `verdict` and `before` of the address choose from it."""
    desk = desk_of(request)
    asked = request.query_params
    outlet = asked.get("outlet", "")
    verdict = asked.get("verdict", "") if asked.get("verdict") in {*VERDICTS, _GOING} else ""
    before = _number(asked.get("before", ""))
    wanted = []
    if outlet:
        wanted.append(runs.c.outlet == outlet)
    if verdict:
        wanted.append(runs.c.verdict.is_(None) if verdict == _GOING else runs.c.verdict == verdict)
    with reading(desk.engine) as connection:
        total = connection.execute(select(func.count()).select_from(runs).where(*wanted)).scalar_one()
        older = [] if before is None else [runs.c.id < before]
        query = select(runs.c.id).where(*wanted, *older).order_by(runs.c.id.desc()).limit(SHOWN + 1)
        ids = list(connection.execute(query).scalars())
        rows = connection.execute(
            select(runs).where(runs.c.id.in_(ids[:SHOWN])).order_by(runs.c.id.desc())
        ).mappings()
        found = [dict(row) for row in rows]
        by_day = verdicts_by_day(connection, desk.now(), CHARTED_DAYS)
    chart = bars(
        "Runs a day, by verdict",
        description=f"How many runs of each of the last {CHARTED_DAYS} days ended with which verdict",
        label="Day",
        labels=[day(on).rpartition(" ")[0] for on in by_day],
        series={verdict: [numbers[verdict] for numbers in by_day.values()] for verdict in VERDICTS},
        stacked=True,
    )
    chosen = {"outlet": outlet, "verdict": verdict}
    return show(
        request,
        "runs.html",
        runs=found,
        total=total,
        chosen=chosen,
        outlets=sorted({*desk.outlets, *([outlet] if outlet else [])}),
        verdicts=(*VERDICTS, _GOING),
        newest=_address(chosen) if before is not None else None,
        older=_address(chosen, before=ids[SHOWN - 1]) if len(ids) > SHOWN else None,
        chart=attrs.evolve(chart, palette="verdicts"),
        moving=any(run["ended_at"] is None for run in found),
    )


def show_run(request: Request) -> Response:
    """Return all that is kept of one run."""
    desk = desk_of(request)
    number = request.path_params["number"]
    with reading(desk.engine) as connection:
        known = number <= LARGEST and connection.execute(select(runs.c.id).where(runs.c.id == number)).first()
    if not known:
        raise HTTPException(404, f"There is no run {number}; the list of runs has them all.")
    run = get_run(desk.engine, number)
    with reading(desk.engine) as connection:
        ledger = ledger_of(connection, run)
        same = select(runs.c.id).where(runs.c.outlet == run.outlet)
        after = (
            connection.execute(same.where(runs.c.id > number).order_by(runs.c.id).limit(1)).scalars().first()
        )
        newest_first = same.where(runs.c.id < number).order_by(runs.c.id.desc())
        before = connection.execute(newest_first.limit(1)).scalars().first()
    return show(
        request,
        "run.html",
        run=run,
        ledger=ledger,
        traits=run.traits,
        next_run=after,
        last_run=before,
        log=log_tail(run, desk.config.data_dir / "logs"),
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST)) else None


def _address(chosen: dict[str, str], **more: int) -> str:
    query = urlencode({name: value for name, value in chosen.items() if value} | more)
    return f"/runs?{query}" if query else "/runs"


PAGE = Page(
    label="Runs",
    path="/runs",
    routes=[Route("/runs", show_runs), Route("/runs/{number:int}", show_run)],
)
