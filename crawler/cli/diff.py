"""`pantau show ID --diff`: what the outlet changed, revision by revision."""

import sys
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import attrs
from rich.text import Text

from crawler.cli.articles import described_cause
from crawler.cli.output import print_json, say
from crawler.cli.tables import console_for
from crawler.dates import wib
from crawler.errors import ConfigError
from crawler.logs import inert
from crawler.storage.articles import Stored
from crawler.text.changes import Change, Span, changes, spans

_OLD, _NEW = "red strike", "green"


@attrs.frozen
class Step:
    """The way from one revision to the next."""

    before: Stored
    after: Stored
    changes: tuple[Change, ...]


def steps_of(revisions: Sequence[Stored], revision: int | None) -> list[Step]:
    """Return the steps between the revisions, oldest first; only the one that led to *revision* where told.

    Raises:
        ConfigError: there is no such revision, or nothing before it.
    """
    steps = [
        Step(before, after, changes(before.article, after.article)) for before, after in pairwise(revisions)
    ]
    if revision is None:
        return steps
    chosen = [step for step in steps if step.after.revision == revision]
    if not chosen:
        last = len(revisions)
        raise ConfigError(f"no change led to revision {revision}; there are revisions 1 to {last}")
    return chosen


def print_steps(steps: Sequence[Step], *, as_json: bool) -> None:
    """Print steps for a person, or one JSON object for each."""
    if not as_json and not steps:
        say("the article has one revision: nothing changed so far")
    for step in steps:
        if as_json:
            print_json(_record(step))
        else:
            _tell(step)


def _record(step: Step) -> dict[str, Any]:
    return {
        "article": step.after.id,
        "from": step.before.revision,
        "to": step.after.revision,
        "at": step.after.article.fetched_at.isoformat(),
        "cause": step.after.cause,
        "changes": [
            {**attrs.asdict(change), "spans": [_spans_record(side) for side in spans(change)]}
            for change in step.changes
        ],
    }


def _spans_record(side: Sequence[Span]) -> list[list[object]]:
    return [[span.text, span.changed] for span in side]


def _tell(step: Step) -> None:
    before, after = step.before, step.after
    seen, by = wib(after.article.fetched_at), described_cause(after.cause)
    say(f"revision {before.revision} → {after.revision}, seen {seen}{by}")
    if not step.changes:
        say("only the order of the text, its punctuation or its paragraphs", indent=2)
    for change in step.changes:
        say(f"{change.kind}, {change.action}", indent=2)
        old, new = spans(change)
        _line("- ", old, _OLD)
        _line("+ ", new, _NEW)
    say()


def _line(mark: str, side: Sequence[Span], style: str) -> None:
    """Print one side of a change; what differs is in colour on a terminal, in brackets elsewhere."""
    if not side:
        return
    console = console_for(sys.stdout)
    text, plain = Text("    " + mark), not console.is_terminal
    whole = all(span.changed for span in side)
    for span in side:
        words = inert(span.text)
        if span.changed and plain and not whole:
            words = f"[{words}]"
        text.append(words, style=style if span.changed else "")
    console.print(text, soft_wrap=True)
