"""What came of each crawl: read from the store, shown as a table or as JSON lines."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import attrs
from sqlalchemy import Engine, func, select

from crawler.cli.output import print_json, say
from crawler.cli.tables import print_table
from crawler.scheduler.child import Child
from crawler.storage.database import reading
from crawler.storage.runs import Run, close_dead_runs, list_runs
from crawler.storage.schema import visits
from crawler.storage.states import State

SETTLED = tuple(state.value for state in State if state is not State.PENDING)
NOT_READ = (State.ROBOTS, State.BLOCKED, State.FAILED)
WHOLE_LOG_BYTES = 64 * 1024 * 1024
NOTHING_NEW = "nothing new"
MOST_SAID = 8  # reasons that a person reads of one outlet; `--json` has all
# A line of the rehearsal's log: what would become of an address, the address, the headline of the list.
REHEARSED = re.compile(r"INFO: (?:(would fetch)|([a-z-]+) \(([^)]*)\)): (\S+) \| (.*)")
UNUSABLE = re.compile(r"WARNING: (Cannot use .+)")
UNCOVERED = re.compile(r"WARNING: ([Tt]he window is not covered .+)")
# What a child says last when it could not begin: a log line, a usage error, or the end of a traceback.
MISTAKE = re.compile(r"(?:(?:ERROR|CRITICAL): |^pantau: |: error: |^(?=[\w.]*(?:Error|Exception): ))(.+)")


@attrs.frozen(kw_only=True)
class Report:
    """What came of one outlet's crawl; `listed` is None where it is not known."""

    outlet: str
    verdict: str
    why: tuple[str, ...] = ()
    run: Run | None = None
    counts: dict[str, int] = attrs.field(factory=dict)
    rehearsed: tuple[dict[str, Any], ...] = ()
    log: str | None = None

    @property
    def healthy(self) -> bool:
        """Tell whether everything was looked at."""
        return self.verdict == "healthy"

    @property
    def new(self) -> int:
        """Return how many addresses were learned of."""
        return self.run.learned if self.run else 0

    @property
    def quiet(self) -> bool:
        """Tell whether a healthy run met nothing that the store did not know."""
        changed = self.counts.get(State.STORED) or self.counts.get(State.REVISED)
        return self.healthy and self.run is not None and not self.new and not changed

    @property
    def said(self) -> list[str]:
        """Return what a person should know beside the counts, the most important first."""
        if self.quiet:
            return [NOTHING_NEW, *self.why]
        more = len(self.why) - MOST_SAID
        return [*self.why[:MOST_SAID], *([f"and {more} more reasons, see the log"] if more > 0 else [])]

    @property
    def summary(self) -> str:
        """Return the end of a run in a few words."""
        if self.quiet:
            return f"{self.verdict}, {NOTHING_NEW}"
        kept = [f"{self.counts.get(state, 0)} {state}" for state in (State.STORED, State.REVISED)]
        return ", ".join([self.verdict, *([] if self.rehearsed else kept), *self.why[:1]])


def read_report(engine: Engine, child: Child) -> Report:
    """Return what came of a run whose process has ended.

    Raises:
        StoreError: the store cannot be read.
    """
    run = _run_of(engine, child)
    if run is not None and run.ended_at is None:  # the child died, so nobody else closes its run
        close_dead_runs(engine)
        run = _run_of(engine, child)
    if run is None or run.verdict is None:
        mistake = _last_mistake(child) or child.ending
        return Report(outlet=child.outlet, verdict="failed", why=(mistake,), log=str(child.log))
    why = (*run.why, *failures_of(engine, run))
    # A spider for any site names its outlet after the site.
    return Report(
        outlet=run.outlet, verdict=run.verdict, why=why, run=run, counts=run.counts, log=str(child.log)
    )


def rehearsal_report(child: Child) -> Report:
    """Return what a dry run found, from its log: it writes nothing else."""
    lines = child.log_lines(WHOLE_LOG_BYTES)
    why = [match[1] for line in lines if (match := UNCOVERED.search(line))]
    failed = child.process.returncode != 0
    if why or failed:  # as in a run: what cannot be used counts where nothing else covers the window
        why += [match[1] for line in lines if (match := UNUSABLE.search(line))]
    if failed and not why:
        why.append(_last_mistake(child) or child.ending)
    by_url: dict[str, dict[str, Any]] = {}
    for line in lines:
        if match := REHEARSED.search(line):
            entry = _rehearsed(match)
            # As in the frontier: what one list rules out is fetched when another list wants it.
            known = by_url.get(entry["url"], entry)
            entry["headline"] = entry["headline"] or known["headline"]
            by_url[entry["url"]] = entry if entry["state"] == State.PENDING else known
    rehearsed = tuple(by_url.values())
    return Report(
        outlet=child.outlet,
        verdict="failed" if failed else "degraded" if why else "healthy",
        why=tuple(why),
        counts=dict(Counter(entry["state"] for entry in rehearsed)),
        rehearsed=rehearsed,
        log=str(child.log),
    )


def not_started(outlet: str) -> Report:
    """Return the report of a crawl that an interruption came before."""
    return Report(outlet=outlet, verdict="failed", why=("not started: interrupted",))


def print_reports(reports: Sequence[Report], *, as_json: bool = False) -> None:
    """Print all reports: one JSON line each, or one table."""
    if as_json:
        for report in reports:
            for entry in report.rehearsed:
                print_json({"outlet": report.outlet} | entry)
            print_json(record_of(report))
        return
    if any(report.rehearsed for report in reports):
        _print_rehearsals(reports)
    else:
        _print_runs(reports)
    for report in reports:
        for reason in report.said:
            say(f"{report.outlet}: {reason}")
        if not report.healthy and report.log:
            say(f"{report.outlet}: log in {report.log}")


def _print_runs(reports: Sequence[Report]) -> None:
    counted = [state for state in SETTLED if state not in NOT_READ]
    print_table(
        ["outlet", "verdict", "listed", "new", *map(_in_words, counted), "failed"],
        [
            [
                report.outlet,
                report.verdict,
                report.run.listed if report.run else None,
                report.new,
                *(report.counts.get(state, 0) for state in counted),
                sum(report.counts.get(state, 0) for state in NOT_READ),
            ]
            for report in reports
        ],
    )


def _print_rehearsals(reports: Sequence[Report]) -> None:
    for report in reports:
        for entry in report.rehearsed:
            if entry["state"] == State.PENDING:
                say(f"{report.outlet}: {entry['url']}  {entry['headline'] or ''}")
    counted = [State.OFF_TOPIC, State.NOT_AN_ARTICLE, State.OUT_OF_WINDOW]
    print_table(
        ["outlet", "verdict", "would fetch", *map(_in_words, counted)],
        [
            [
                report.outlet,
                report.verdict,
                *(report.counts.get(state, 0) for state in (State.PENDING, *counted)),
            ]
            for report in reports
        ],
    )


def record_of(report: Report) -> dict[str, Any]:
    """Return a report as JSON values."""
    run = report.run
    return {
        "outlet": report.outlet,
        "verdict": report.verdict,
        "why": list(report.why),
        "run": run.id if run else None,
        "since": run.since.isoformat() if run and run.since else None,
        "until": run.until.isoformat() if run and run.until else None,
        "covered_since": run.covered_since.isoformat() if run and run.covered_since else None,
        "covered_until": run.covered_until.isoformat() if run and run.covered_until else None,
        "listed": run.listed if run else None,
        "new": report.new,
        "counts": report.counts,
        "requests": run.requests if run else None,
        "log": report.log,
    }


def _in_words(state: str) -> str:
    return state.replace("-", " ")


def _run_of(engine: Engine, child: Child) -> Run | None:
    """Return the newest run that the child's process opened, None where it opened none."""
    return next((run for run in list_runs(engine, limit=50) if run.pid == child.process.pid), None)


def failures_of(engine: Engine, run: Run) -> list[str]:
    """Return what kept addresses from being read, as `3 failed (timeout)`, most frequent first."""
    query = (
        select(visits.c.outcome, visits.c.reason, func.count().label("times"))
        .where(visits.c.run_id == run.id, visits.c.outcome.in_(NOT_READ))
        .group_by(visits.c.outcome, visits.c.reason)
        .order_by(func.count().desc(), visits.c.outcome, visits.c.reason)
    )
    with reading(engine) as connection:
        return [f"{times} {outcome} ({reason})" for outcome, reason, times in connection.execute(query)]


def _rehearsed(match: re.Match[str]) -> dict[str, Any]:
    fetch, state, reason, url, headline = match.groups()
    return {
        "url": url,
        "headline": None if headline in ("", "None") else headline,
        "state": State.PENDING.value if fetch else state,
        "reason": reason,
    }


def _last_mistake(child: Child) -> str | None:
    found = [match[1] for line in child.log_lines() if (match := MISTAKE.search(line))]
    return found[-1] if found else None
