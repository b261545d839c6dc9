"""What an export covers, and what is missing from it: by outlet, by window, by what could not be read."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import attrs
from sqlalchemy import Engine

from crawler.cli.articles import wib
from crawler.dates import WIB
from crawler.storage.articles import Stored
from crawler.storage.coverage import coverage_of, past_runs
from crawler.storage.database import reading
from crawler.storage.frontier import count_states
from crawler.storage.spans import Span, gaps_in
from crawler.storage.states import State

UNREAD = (State.PENDING, State.FAILED, State.BLOCKED, State.ROBOTS)


@attrs.define
class Tally:
    """Counts the articles while they are written."""

    articles: int = 0
    undated: int = 0
    partial: int = 0
    generic: int = 0
    gone: int = 0
    by_outlet: dict[str, int] = attrs.field(factory=dict)

    def watch(self, stored: Iterable[Stored]) -> Iterator[Stored]:
        """Yield the same articles, counting them."""
        for one in stored:
            article = one.article
            self.articles += 1
            self.undated += article.published_at is None
            self.partial += article.partial
            self.generic += article.body_from == "generic"
            self.gone += one.gone is not None
            self.by_outlet[article.outlet] = self.by_outlet.get(article.outlet, 0) + 1
            yield one


@attrs.frozen(kw_only=True)
class OutletCoverage:
    """One outlet: its runs by verdict, what they looked at, what of the window they did not."""

    outlet: str
    runs: dict[str, int]
    covered: tuple[Span, ...]
    gaps: tuple[Span, ...]
    unread: dict[str, int]


def survey(
    engine: Engine, outlets: Iterable[str], since: datetime | None, until: datetime | None
) -> list[OutletCoverage]:
    """Return the coverage of each outlet; an open window reaches as far as its runs do."""
    states = count_states(engine)
    surveyed = []
    with reading(engine) as connection:
        history = past_runs(connection)
    for outlet in outlets:
        runs = [run for run in history if run.outlet == outlet]
        covered = coverage_of(runs)
        verdicts: dict[str, int] = {}
        for run in runs:
            verdict = run.verdict or "still going"
            verdicts[verdict] = verdicts.get(verdict, 0) + 1
        start = since or min((run.since for run in runs if run.since), default=None)
        end = until or max((run.started_at for run in runs), default=None)
        unread = {state.value: states.get(outlet, {}).get(state, 0) for state in UNREAD}
        surveyed.append(
            OutletCoverage(
                outlet=outlet,
                runs=verdicts,
                covered=tuple(covered),
                gaps=tuple(gaps_in(covered, start, end)) if start and end else (),
                unread={state: number for state, number in unread.items() if number},
            )
        )
    return surveyed


def missing(surveyed: Iterable[OutletCoverage], tally: Tally) -> list[str]:
    """Return one sentence for each thing that the export may lack."""
    said = []
    for one in surveyed:
        if not one.runs:
            said.append(f"{one.outlet} was never crawled")
            continue
        said.extend(f"{one.outlet}: nobody looked at {wib(start)} to {wib(end)}" for start, end in one.gaps)
        said.extend(f"{one.outlet}: {number} addresses are {state}" for state, number in one.unread.items())
    if tally.partial:
        said.append(f"{tally.partial} articles lack a part that could not be read")
    if tally.generic:
        said.append(f"{tally.generic} bodies were found without the outlet's own selector")
    return said


def statement(
    surveyed: Iterable[OutletCoverage],
    tally: Tally,
    *,
    since: datetime | None,
    until: datetime | None,
    now: datetime,
) -> dict[str, Any]:
    """Return the coverage as JSON values; times in WIB."""
    surveyed = list(surveyed)
    return {
        "written_at": _text(now),
        "window": {"since": _text(since), "until": _text(until)},
        "articles": tally.articles,
        "undated": tally.undated,
        "partial": tally.partial,
        "body_generic": tally.generic,
        "gone": tally.gone,
        "outlets": [
            {
                "outlet": one.outlet,
                "articles": tally.by_outlet.get(one.outlet, 0),
                "runs": one.runs,
                "covered": [[_text(start), _text(end)] for start, end in one.covered],
                "gaps": [[_text(start), _text(end)] for start, end in one.gaps],
                "unread": one.unread,
            }
            for one in surveyed
        ],
        "missing": missing(surveyed, tally),
    }


def _text(moment: datetime | None) -> str | None:
    return moment.astimezone(WIB).isoformat(timespec="seconds") if moment else None
