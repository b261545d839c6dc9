"""`pantau explain`, `show`, `search`: looking into the store, by address, number or words."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine

from crawler.cli.articles import (
    described_cause,
    described_event,
    described_gone,
    event_record,
    show_article,
)
from crawler.cli.diff import print_steps, steps_of
from crawler.cli.output import print_json, say
from crawler.cli.relevance import marked, show_verdict, verdict_record
from crawler.cli.store import check_outlet, opened
from crawler.cli.tables import print_table
from crawler.cli.window import read_bounds
from crawler.config import Config
from crawler.dates import wib
from crawler.errors import ConfigError
from crawler.exports.records import stored_record
from crawler.items import Verdict
from crawler.storage.articles import Stored, find, revisions_of
from crawler.storage.database import read
from crawler.storage.explain import AddressStory, ArticleStory, as_data, explain
from crawler.storage.revisits import events_of
from crawler.storage.search import Hit, search
from crawler.storage.topics import verdicts_of

LARGEST_ID = 2**31 - 1  # of the column


def explain_url(config: Config, url: str, *, as_json: bool = False) -> int:
    """Print the whole story of an address.

    Raises:
        ConfigError: nothing is known of it.
    """
    with opened(config) as engine:
        explanation = explain(engine, url)
    if not explanation.known:
        raise ConfigError(f"nothing is known of {url}: no list ever offered it; see `pantau search`")
    if as_json:
        print_json(as_data(explanation))
        return 0
    for story in explanation.addresses:
        _tell_address(story)
    return 0


def show_stored(
    config: Config,
    which: str,
    *,
    revision: int | None = None,
    show_removed: bool = False,
    as_json: bool = False,
) -> int:
    """Print a stored article, found by its number or by any address it is known by.

    Raises:
        ConfigError: there is none, or no such revision of it.
    """
    with opened(config) as engine:
        stored = found_article(engine, which)
        if revision is not None:
            chosen = find(engine, stored.id, revision=revision)
            if chosen is None:
                raise ConfigError(f"article {which} has no revision {revision}, only 1 to {stored.revisions}")
            stored = chosen
        happened = events_of(engine, stored.id)
        verdicts = _verdicts(engine, stored)
    if as_json:
        told = {
            "verdicts": [verdict_record(verdict) for verdict in verdicts],
            "events": [event_record(event) for event in happened],
        }
        print_json({**stored_record(stored), **told})
        return 0
    article = stored.article
    show_article(article, show_removed=show_removed)
    whose = described_cause(stored.cause)
    say(
        f"number {stored.id}, revision {stored.revision} of {stored.revisions}{whose}, run {stored.run_id}",
        indent=2,
    )
    say(f"first seen {wib(stored.first_seen_at)}, last seen {wib(stored.last_seen_at)}", indent=2)
    if stored.gone:
        say(f"gone: {described_gone(stored.gone, stored.gone_at)}", indent=2)
    if stored.due_at:
        say(f"looked at again after {wib(stored.due_at)}", indent=2)
    for event in happened:
        say(f"{wib(event.at)}  {described_event(event)}", indent=2)
    for verdict in verdicts:
        say(marked(verdict), indent=2)
        show_verdict(verdict, indent=4)
    say(f"body from: {article.body_from}", indent=2)
    for record_id in article.record_ids:
        say(f"archived: {record_id}", indent=2)
    return 0


def show_changes(config: Config, which: str, *, revision: int | None = None, as_json: bool = False) -> int:
    """Print what changed in a stored article, from each revision to the next or to the one told.

    Raises:
        ConfigError: there is no such article or revision.
    """
    with opened(config) as engine:
        steps = steps_of(revisions_of(engine, found_article(engine, which).id), revision)
    print_steps(steps, as_json=as_json)
    return 0


def search_words(  # noqa: PLR0913 - keyword-only, each is an option
    config: Config,
    words: str,
    *,
    outlet: str | None = None,
    since: str | None = None,
    until: str | None = None,
    limit: int = 20,
    as_json: bool = False,
) -> int:
    """Print the stored articles that have all the words, best first."""
    first, last = read_bounds(since, until)
    with opened(config) as engine:
        if outlet is not None:
            check_outlet(engine, outlet)
        hits = search(engine, words, outlet=outlet, since=first, until=last, limit=limit)
    if as_json:
        for hit in hits:
            print_json(_hit_record(hit))
    elif hits:
        print_table(
            ["id", "published", "outlet", "headline", "found"],
            [
                [hit.article_id, wib(hit.published_at), hit.outlet, hit.headline, _snippet(hit)]
                for hit in hits
            ],
        )
    else:
        say("nothing found")
    return 0


def _verdicts(engine: Engine, stored: Stored) -> Sequence[Verdict]:
    """Return what each topic says of the current revision; of an earlier one, what it was kept for."""
    kept = stored.article.verdict
    if stored.revision == stored.revisions and (
        found := read(engine, lambda connection: verdicts_of(connection, [stored.id]))
    ):
        return found[stored.id]
    return [kept] if kept else []


def found_article(engine: Engine, which: str) -> Stored:
    """Return the stored article of a number or of an address.

    Raises:
        ConfigError: there is none.
    """
    stored = _find(engine, which)
    if stored is None:
        raise ConfigError(f"there is no article {which}; `pantau search` finds the stored ones by words")
    return stored


def _find(engine: Engine, which: str) -> Stored | None:
    if which.isdecimal():
        number = int(which) if len(which) <= len(str(LARGEST_ID)) else LARGEST_ID + 1
        return find(engine, number) if number <= LARGEST_ID else None
    return find(engine, which)


def _hit_record(hit: Hit) -> dict[str, Any]:
    return {
        "id": hit.article_id,
        "outlet": hit.outlet,
        "url": hit.url,
        "headline": hit.headline,
        "published_at": hit.published_at.isoformat() if hit.published_at else None,
        "snippet": "".join(text for text, _ in hit.snippet),
        "found": [text for text, found in hit.snippet if found],
    }


def _snippet(hit: Hit) -> str:
    return "".join(f"«{text}»" if found else text for text, found in hit.snippet)


def _tell_address(story: AddressStory) -> None:
    reason = f": {story.sentence or story.reason}" if story.reason else ""
    say(story.url)
    say(f"{story.outlet}: {story.state}{reason}", indent=2)
    if story.next_try_at:
        say(f"tried {story.attempts} times, next try after {wib(story.next_try_at)}", indent=2)
    for sighting in story.sightings:
        say(f"{wib(sighting.at)}  run {sighting.run_id}  listed by {sighting.source}", indent=2)
        if sighting.headline:
            dated = f" ({wib(sighting.published_at)})" if sighting.published_at else ""
            say(f"as: {sighting.headline}{dated}", indent=6)
        say(f"on: {sighting.list_url}", indent=6)
    for visit in story.visits:
        why = f": {visit.sentence or visit.reason}" if visit.reason else ""
        verdict = visit.run_verdict or "still going"
        say(f"{wib(visit.at)}  run {visit.run_id} ({verdict})  {visit.outcome}{why}", indent=2)
        for key, value in (visit.detail or {}).items():
            say(f"{key}: {value}", indent=6)
    for record in story.records:
        place = f"{record.file} at {record.offset}, {record.length} bytes"
        if record.pruned_at:
            place = f"taken out of the archive on {wib(record.pruned_at)}"
        say(f"{wib(record.fetched_at)}  archived {record.kind}, HTTP {record.status}: {place}", indent=2)
    if story.article:
        _tell_article(story.article)


def _tell_article(story: ArticleStory) -> None:
    say(f"article {story.id}: {story.canonical_url}", indent=2)
    for address in story.addresses:
        say(f"also at {address}", indent=6)
    if story.gone:
        say(f"gone: {described_gone(story.gone, story.gone_at)}", indent=6)
    if story.due_at:
        say(f"looked at again after {wib(story.due_at)}", indent=6)
    for event in story.events:
        say(f"{wib(event.at)}  run {event.run_id}  {described_event(event)}", indent=6)
    for revision in story.revisions:
        seen = wib(revision.article.fetched_at)
        say(
            f"revision {revision.number}{described_cause(revision.cause)}, run {revision.run_id}, {seen}: "
            f"{revision.article.headline}",
            indent=6,
        )
        for rule, cuts in revision.removed.items():
            say(f"cut by {rule}: {len(cuts)} lines", indent=10)
        if revision.verdict:
            say(
                f"{revision.verdict.topic} {revision.verdict.score:.2f}: {revision.verdict.reason}", indent=10
            )
