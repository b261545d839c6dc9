"""`pantau runs`: the history of crawls, and one of them in full."""

from datetime import datetime, timedelta
from typing import Any

import attrs

from crawler.cli.output import print_json, say
from crawler.cli.report import failures_of
from crawler.cli.store import check_outlet, opened
from crawler.cli.tables import print_table
from crawler.cli.window import read_bounds
from crawler.config import Config
from crawler.dates import WIB, wib
from crawler.storage.runs import Run, get_run, list_runs
from crawler.storage.states import State

SHOWN = 20
GOING = "going"


def show_runs(
    config: Config,
    *,
    outlet: str | None = None,
    since: str | None = None,
    limit: int = SHOWN,
    as_json: bool = False,
) -> int:
    """Print the last runs, newest first: of one outlet or of all.

    Raises:
        ConfigError: the outlet or the day is none.
    """
    first, _ = read_bounds(since, None)
    with opened(config) as engine:
        if outlet is not None:
            check_outlet(engine, outlet)
        found = list_runs(engine, outlet, since=first, limit=limit)
    if as_json:
        for run in found:
            print_json(run_record(run))
        return 0
    if not found:
        say("no run is recorded for that")
        return 0
    print_table(
        ["run", "outlet", "look", "began", "took", "verdict", "new", "stored", "revised", "requests", "why"],
        [
            [
                run.id,
                run.outlet,
                f"{run.reason} {run.look}",
                wib(run.started_at),
                took(run),
                run.verdict or GOING,
                run.learned,
                run.counts.get(State.STORED, 0),
                run.counts.get(State.REVISED, 0),
                run.requests,
                run.why[0] if run.why else None,
            ]
            for run in found
        ],
    )
    return 0


def show_run(config: Config, number: int, *, as_json: bool = False) -> int:
    """Print all that is kept of one run.

    Raises:
        StoreError: there is none of that number.
    """
    with opened(config) as engine:
        run = get_run(engine, number)
        failures = failures_of(engine, run)
    if as_json:
        print_json(run_record(run) | {"failures": failures})
        return 0
    say(f"run {run.id} of {run.outlet}: {run.verdict or GOING}")
    for line in _lines(run, failures):
        say(line, indent=2)
    return 0


def took(run: Run) -> str | None:
    """Return how long a run took, as in 1:02:03; None while it is going."""
    if run.ended_at is None:
        return None
    return str(timedelta(seconds=round((run.ended_at - run.started_at).total_seconds())))


def run_record(run: Run) -> dict[str, Any]:
    """Return a run as JSON values; times in WIB."""
    return {
        name: value.astimezone(WIB).isoformat(timespec="seconds") if isinstance(value, datetime) else value
        for name, value in attrs.asdict(run).items()
    }


def _lines(run: Run, failures: list[str]) -> list[str]:
    planned = f", due {wib(run.planned_at)}" if run.planned_at else ""
    asked = "asked for" if run.asked else "reaching back to what was covered"
    traits = run.traits
    lines = [
        f"{run.reason} {run.look}{planned}",
        f"began {wib(run.started_at)}, ended {wib(run.ended_at) or 'not yet'}, took {took(run) or '-'}",
        f"after {wib(run.since)} to {wib(run.until)} ({asked})" if run.since else "",
        f"at most {run.article_limit} articles" if run.article_limit else "",
        f"covered {wib(run.covered_since)} to {wib(run.covered_until)}"
        if run.covered_since
        else "covered nothing",
        *(f"why: {reason}" for reason in run.why),
        f"lists: {run.listed} entries, {run.not_modified} lists unchanged, {run.learned} new addresses",
        *(f"lists: {number} by {rung}" for rung, number in traits.get("listed", {}).items()),
        *(f"lists: {number} could not be had ({why})" for why, number in traits.get("unusable", {}).items()),
        f"addresses: {', '.join(f'{number} {state}' for state, number in run.counts.items()) or 'none'}",
        *(f"addresses: {failure}" for failure in failures),
        _pages(traits),
        *(f"witnesses: {line}" for line in _heard(traits.get("witnesses", {}))),
        *(f"pages: rule {rule} refused on {number}" for rule, number in traits.get("refused", {}).items()),
        f"spent: {run.requests} requests, {run.bytes_received} bytes, {run.fetching_s:.1f} s of waiting",
        f"log: {run.log}" if run.log else "",
    ]
    return [line for line in lines if line]


def _pages(traits: Any) -> str:  # noqa: ANN401 - as the store keeps it
    read = traits.get("read", 0)
    if not read:
        return ""
    filled = ", ".join(f"{name} on {number}" for name, number in traits.get("filled", {}).items() if number)
    return f"pages: {read} read as articles; {filled or 'no field beside headline and body'}"


def _heard(witnesses: Any) -> list[str]:  # noqa: ANN401 - as the store keeps it
    """Return a line a field: `byline: selector won 20; json-ld agreed 18, differed 1, absent 1`."""
    words = ("won", "agreed", "differed", "absent")
    lines = []
    for field, said in witnesses.items():
        order = sorted(said.items(), key=lambda entry: (-entry[1][0], -entry[1][1], entry[0]))
        told = []
        for name, numbers in order:
            counted = zip(words, numbers, strict=True)
            told.append(f"{name} {', '.join(f'{word} {number}' for word, number in counted if number)}")
        lines.append(f"{field}: {'; '.join(told)}")
    return lines
