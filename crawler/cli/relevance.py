"""`pantau relevance`: a verdict, a score and the evidence for each article of a JSON Lines file."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from crawler.cli.articles import evidence_record
from crawler.cli.output import complain, print_json, say
from crawler.errors import ConfigError, CrawlerError
from crawler.items import Verdict
from crawler.text.relevance import judge, load_topic

MOST_COMPLAINTS = 20  # lines named one by one; beyond that the file is of another kind
STANDARD_INPUT = "-"


class BadLineError(CrawlerError):
    """A line is not an article; the others are still judged."""


def judge_file(path: str, *, topic: str, as_json: bool = False) -> int:
    """Print the verdict on each line; return 1 where a line could not be judged, else 0."""
    chosen = load_topic(topic)
    bad = 0
    for number, line in _lines(path):
        if not line.strip():
            continue
        try:
            identifier, headline, body, standfirst = article_of(line)
        except BadLineError as error:
            bad += 1
            if bad <= MOST_COMPLAINTS:
                complain(f"{path}, line {number}: {error}")
            continue
        verdict = judge(chosen, headline, body, standfirst)
        if as_json:
            print_json(record_of(identifier, verdict))
        else:
            _show(identifier, headline, verdict)
    if bad > MOST_COMPLAINTS:
        complain(f"{path}: {bad - MOST_COMPLAINTS} more lines could not be judged; give JSON Lines")
    return int(bad > 0)


def article_of(line: bytes) -> tuple[str | int | None, str | None, list[str], str | None]:
    """Return (id, headline, paragraphs, standfirst) of one line; a body may be a list or one text.

    Raises:
        BadLineError: it is not a JSON object with texts in these keys.
    """
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadLineError(f"not JSON ({error}); give one object a line") from error
    if not isinstance(record, dict):
        raise BadLineError("not a JSON object; give `id`, `headline` and `body`")
    identifier, headline, body = record.get("id"), record.get("headline"), record.get("body")
    standfirst = record.get("standfirst")
    if isinstance(identifier, bool) or not isinstance(identifier, str | int | None):
        raise BadLineError("`id` must be a text or a whole number")
    for key, value in (("headline", headline), ("standfirst", standfirst)):
        if value is not None and not isinstance(value, str):
            raise BadLineError(f"`{key}` must be a text")
    if isinstance(body, str):
        body = body.splitlines()
    elif body is None:
        body = []
    if not isinstance(body, list) or not all(isinstance(paragraph, str) for paragraph in body):
        raise BadLineError("`body` must be a text or a list of texts")
    if headline is None and not body:
        raise BadLineError("neither `headline` nor `body` is there")
    return identifier, headline, body, standfirst


def record_of(identifier: str | int | None, verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as JSON values."""
    return {
        "id": identifier,
        "topic": verdict.topic,
        "verdict": "on" if verdict.on_topic else "off",
        "score": verdict.score,
        "reason": verdict.reason,
        "evidence": [evidence_record(one) for one in verdict.evidence],
    }


def _show(identifier: str | int | None, headline: str | None, verdict: Verdict) -> None:
    say(f"{'on' if verdict.on_topic else 'off':3} {verdict.score:.2f}  {identifier}  {headline or ''}")
    say(verdict.reason, indent=4)
    places: dict[str, list[str]] = {}
    for one in verdict.evidence:
        places.setdefault(f"{one.term} ({one.side})", []).append(one.place)
    for term, where in places.items():
        say(f"{term}: {', '.join(dict.fromkeys(where))}", indent=4)


def _lines(path: str) -> Iterator[tuple[int, bytes]]:
    if path == STANDARD_INPUT:
        yield from enumerate(sys.stdin.buffer, start=1)
        return
    try:
        with Path(path).open("rb") as file:
            yield from enumerate(file, start=1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = error.strerror if isinstance(error, OSError) else "no file can have this name"
        raise ConfigError(f"cannot read {path}: {reason}") from error
