"""`pantau relevance`: a verdict, a score and the evidence for each article of a file, or of the store."""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from crawler.cli.output import complain, print_json, say
from crawler.cli.store import opened
from crawler.clock import Clock
from crawler.config import Config
from crawler.errors import ConfigError, CrawlerError
from crawler.exports.records import evidence_record
from crawler.items import Verdict
from crawler.storage.articles import Stored
from crawler.storage.frontier import count_states
from crawler.storage.judging import Judged, judge_store
from crawler.storage.states import State
from crawler.text.relevance import Topic, judge, load_topics

MOST_COMPLAINTS = 20  # lines named one by one; beyond that the file is of another kind
STANDARD_INPUT = "-"


class BadLineError(CrawlerError):
    """A line is not an article; the others are still judged."""


def judge_articles(
    config: Config, path: str | None, *, topic: str | None, store: bool, as_json: bool = False
) -> int:
    """Judge the articles of a file, or with *store* those that are stored; return the exit status.

    Raises:
        ConfigError: both were given, or neither; a stored article is judged by all topics at once.
    """
    if store == (path is not None):
        raise ConfigError("give a FILE.jsonl to judge, or --store for what is stored")
    if store and topic is not None:
        raise ConfigError("--store judges by the topics of the configuration; leave --topic out")
    topics = load_topics(config.topics if topic is None else (topic,))
    if path is None:
        return judge_stored(config, topics, as_json=as_json)
    return judge_file(path, topics, as_json=as_json)


def judge_stored(config: Config, topics: Sequence[Topic], *, as_json: bool = False) -> int:
    """Judge the stored articles anew and tell which came onto a topic, and which left it.

    Raises:
        StoreError: the store cannot be read or written.
    """
    now = Clock.starting_at(config.now).now()
    with opened(config) as engine:
        judged = judge_store(engine, topics, now=now)
        passed_by = sum(by_state.get(State.OFF_TOPIC, 0) for by_state in count_states(engine).values())
    changes = [(now_on, each) for now_on in (True, False) for each in _changes(judged, on=now_on)]
    if as_json:
        for now_on, (name, stored) in changes:
            print_json({"id": stored.id, "topic": name, "verdict": "on" if now_on else "off"})
        return 0
    for now_on, (name, stored) in changes:
        say(f"{'on ' if now_on else 'off'} {name}  {stored.id}  {stored.article.headline}")
    say(f"{judged.articles} articles judged by {len(topics)} topics, {len(changes)} verdicts changed")
    if passed_by:
        say(
            f"{passed_by} addresses were off the topics when they were read; "
            "`pantau replay --all --write` reads their archived pages again"
        )
    return 0


def _changes(judged: Judged, *, on: bool) -> Iterator[tuple[str, Stored]]:
    for name, several in (judged.now_on if on else judged.now_off).items():
        for stored in several:
            yield name, stored


def judge_file(path: str, topics: Sequence[Topic], *, as_json: bool = False) -> int:
    """Print the verdict of each topic on each line; return 1 where a line could not be judged, else 0."""
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
        for chosen in topics:
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
    """Return a verdict on an article as JSON values."""
    return {"id": identifier, **verdict_record(verdict)}


def verdict_record(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as JSON values."""
    return {
        "topic": verdict.topic,
        "verdict": "on" if verdict.on_topic else "off",
        "round_up": verdict.round_up,
        "score": verdict.score,
        "reason": verdict.reason,
        "evidence": [evidence_record(one) for one in verdict.evidence],
    }


def show_verdict(verdict: Verdict, *, indent: int) -> None:
    """Print what a topic says of an article: the reason, then each term with its places and found words."""
    say(f"{verdict.topic}: {verdict.reason}", indent=indent)
    places: dict[str, list[str]] = {}
    for one in verdict.evidence:
        found = "" if one.text == one.term.lower() else f' "{one.text}"'
        places.setdefault(f"{one.term} ({one.side})", []).append(one.place + found)
    for term, where in places.items():
        say(f"{term}: {', '.join(dict.fromkeys(where))}", indent=indent)


def marked(verdict: Verdict) -> str:
    """Return `on 0.80`, with a mark where the article is a round-up of several stories."""
    mark = " round-up" if verdict.round_up else ""
    return f"{'on' if verdict.on_topic else 'off':3} {verdict.score:.2f}{mark}"


def _show(identifier: str | int | None, headline: str | None, verdict: Verdict) -> None:
    say(f"{marked(verdict)}  {identifier}  {headline or ''}")
    show_verdict(verdict, indent=4)


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
