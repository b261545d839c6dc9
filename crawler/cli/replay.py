"""`pantau replay`: archived pages read again by the present rules, an outlet a process, and what changes."""

import difflib
import json
import os
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from crawler.cli.children import Interruption, none_left
from crawler.cli.output import complain, print_json, say
from crawler.cli.spiders import ANY_SITE, load_spiders
from crawler.cli.store import check_outlet, opened, outlets_in
from crawler.cli.tables import print_table
from crawler.cli.window import read_bounds
from crawler.config import Config
from crawler.replay.run import CHANGED, DAMAGED, FOUND, IDENTICAL, LACKING, PRUNED, REFUSED, TURNED
from crawler.scheduler.child import Child
from crawler.text.changes import text_changes

POLL_S = 0.1
FAILED, SUM = "failed", "sum"
COLUMNS = (IDENTICAL, CHANGED, FOUND, TURNED, REFUSED, LACKING, DAMAGED, PRUNED)

Finding = Mapping[str, Any]


@attrs.frozen(kw_only=True)
class Wanted:
    """What was asked for, as options of the command."""

    outlet: str | None = None
    since: str | None = None
    until: str | None = None
    everything: bool = False
    diff: bool = False
    write: bool = False


def replay_archive(config: Config, wanted: Wanted, *, as_json: bool = False) -> int:
    """Replay one outlet or all that were ever crawled, and print what changes.

    Return 0 where every page is read as it is stored, or *write* stored what is not; 1 where anything
    changes, or cannot be read.

    Raises:
        ConfigError: a day cannot be read, or the outlet was never crawled.
        StoreError: the store or the logs cannot be used.
    """
    since, until = read_bounds(wanted.since, wanted.until)
    with opened(config) as engine:
        if wanted.outlet is not None:
            check_outlet(engine, wanted.outlet)
        outlets = [wanted.outlet] if wanted.outlet is not None else outlets_in(engine)
    bounds = {"--since": since, "--until": until}
    options = [f"{name}={moment.isoformat()}" for name, moment in bounds.items() if moment is not None]
    options += ["--all"] * wanted.everything + ["--write"] * wanted.write
    status, sums = 0, []
    with tempfile.TemporaryDirectory(prefix="pantau-replay-") as folder:
        for outlet, child in _replayed(config, outlets, options, Path(folder)):
            status |= int(child.process.returncode != 0)
            for finding in _findings(_report(Path(folder), outlet), outlet, child):
                if as_json:
                    print_json(finding)
                elif finding["kind"] == SUM:
                    sums.append(finding)
                else:
                    _tell(finding, diff=wanted.diff)
    if sums and not as_json:
        print_table(
            ["outlet", "read", *COLUMNS],
            [[each["outlet"], each["read"], *(each[name] for name in COLUMNS)] for each in sums],
        )
    return status


def _replayed(
    config: Config, outlets: Sequence[str], options: Sequence[str], folder: Path
) -> Iterator[tuple[str, Child]]:
    """Yield each outlet's child when it has ended; as many run at once as there are processors."""
    spiders, waiting = load_spiders(), list(outlets)
    running: dict[str, Child] = {}
    children: list[Child] = []
    interruption = Interruption()
    most = min(config.side_by_side, os.cpu_count() or 1)
    with interruption.watching(children), none_left(children):
        while running or (waiting and not interruption.received):
            while waiting and len(running) < most and not interruption.received:
                outlet = waiting.pop(0)
                known = outlet in spiders
                running[outlet] = Child.start(
                    config,
                    outlet if known else ANY_SITE,
                    {} if known else {"url": f"https://{outlet}"},
                    command=("replay", *options, f"--report={_report(folder, outlet)}"),
                )
                children.append(running[outlet])
                interruption.pass_on_to(running[outlet])
            time.sleep(POLL_S)
            for outlet in [name for name, child in running.items() if child.process.poll() is not None]:
                children.remove(running[outlet])
                yield outlet, running.pop(outlet)
    for outlet in waiting:
        complain(f"{outlet}: interrupted before it began")


def _report(folder: Path, outlet: str) -> Path:
    return folder / f"{outlet.encode().hex()}.jsonl"


def _findings(report: Path, outlet: str, child: Child) -> Iterator[Finding]:
    """Yield what a child found; where it could not tell, that it failed."""
    last = ""
    if report.exists():
        with report.open(encoding="utf-8") as lines:
            for line in lines:
                finding = json.loads(line)
                last = finding["kind"]
                yield finding
    if last not in {SUM, FAILED}:
        yield {"kind": FAILED, "outlet": outlet, "why": f"{child.ending}, see {child.log}"}


def _tell(finding: Finding, *, diff: bool) -> None:
    kind = finding["kind"]
    if kind == FAILED:
        complain(f"{finding['outlet']}: {finding['why']}")
        return
    number = f"article {finding['id']}: " if "id" in finding else ""
    say(f"{finding['outlet']}, {number}{_words(finding)}")
    say(f"{finding.get('headline') or ''} {finding['url']}".strip(), indent=2)
    if diff and kind == CHANGED:
        for name, (old, new) in finding["fields"].items():
            say(f"{name}:", indent=2)
            told = _sentences(old, new) if name == "body" else []
            for line in told or _difference(old, new):
                say(line, indent=4)


def _words(finding: Finding) -> str:
    kind = finding["kind"]
    if kind == CHANGED:
        written = f", stored as revision {finding['written']}" if finding["written"] else ""
        return f"{', '.join(finding['fields'])} changed{written}"
    if kind == FOUND:
        return f"was {finding['was']}, would be an article{', stored' if finding['written'] else ''}"
    if kind == TURNED:
        return f"was {finding['was']}, would be {finding['now']} ({finding['reason']})"
    if kind == REFUSED:
        return f"would be no article any more: {finding['now']} ({finding['reason']})"
    if kind == LACKING:
        return f"asks for pages that were never archived: {', '.join(finding['missing'])}"
    return str(finding["why"])


def _sentences(old: Sequence[str], new: Sequence[str]) -> list[str]:
    """Return the sentences that went, came or changed; none where only typography did."""
    return [
        f"{sign} {text}"
        for change in text_changes(old, new)
        for sign, text in (("-", change.old), ("+", change.new))
        if text is not None
    ]


def _difference(old: Any, new: Any) -> Iterator[str]:  # noqa: ANN401 - JSON values
    """Yield the lines that went with `- `, those that came with `+ `."""
    for line in difflib.unified_diff(_lines(old), _lines(new), n=0, lineterm=""):
        if not line.startswith(("---", "+++", "@@")):
            yield f"{line[0]} {line[1:]}"


def _lines(value: Any) -> list[str]:  # noqa: ANN401 - a JSON value
    if value is None:
        return []
    if isinstance(value, str):
        return value.splitlines()
    if isinstance(value, Mapping):
        return [f"{name}: {json.dumps(each, ensure_ascii=False)}" for name, each in value.items()]
    if isinstance(value, Sequence):
        return [each if isinstance(each, str) else json.dumps(each, ensure_ascii=False) for each in value]
    return [json.dumps(value)]
