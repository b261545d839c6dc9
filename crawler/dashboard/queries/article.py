"""All that the store knows of one article, for the page about it."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

import attrs
from sqlalchemy import Engine

from crawler.items import Evidence, Verdict
from crawler.storage.articles import Stored, revisions_of
from crawler.storage.database import reading
from crawler.storage.explain import AddressStory, ArchivedRecord, explain
from crawler.storage.revisits import Event, events_of
from crawler.storage.stories import Story, stories_of
from crawler.storage.topics import verdicts_of
from crawler.text.changes import Change, Span, changes, kinds_of, spans

MOST_STEPS = 30
"""Revisions that are compared: an article with more shows the newest."""


@attrs.frozen
class ShownChange:
    """One edit with its text before and after in stretches, those that differ marked; empty for none."""

    change: Change
    old: tuple[Span, ...]
    new: tuple[Span, ...]


@attrs.frozen
class Step:
    """The way from one revision to the next."""

    before: Stored
    after: Stored
    kinds: tuple[str, ...]
    changes: tuple[ShownChange, ...]


@attrs.frozen(kw_only=True)
class Whole:
    """An article at one of its revisions, with everything that belongs to it.

    `steps` are newest first. `addresses` are all that led to it, `records` the responses it was read from,
    and those of later looks, oldest first.
    """

    shown: Stored
    revisions: tuple[Stored, ...]
    steps: tuple[Step, ...]
    verdicts: tuple[Verdict, ...]
    events: tuple[Event, ...]
    addresses: tuple[AddressStory, ...]
    records: tuple[ArchivedRecord, ...]
    stories: tuple[Story, ...]


def whole_article(engine: Engine, article_id: int, revision: int | None = None) -> Whole | None:
    """Return the article of that number at *revision*, its current one without; None for none."""
    revisions = revisions_of(engine, article_id)
    shown = next((one for one in reversed(revisions) if revision in {None, one.revision}), None)
    if shown is None:
        return None
    with reading(engine) as connection:
        verdicts = verdicts_of(connection, [article_id]).get(article_id, [])
        stories = stories_of(connection, article_id)
    known = explain(engine, shown.article.canonical_url).addresses
    own = tuple(story for story in known if story.article is not None and story.article.id == article_id)
    records = {record.id: record for story in own for record in story.records}
    return Whole(
        shown=shown,
        revisions=tuple(revisions),
        steps=tuple(_steps(revisions)),
        verdicts=tuple(sorted(verdicts, key=lambda verdict: (not verdict.on_topic, -verdict.score))),
        events=tuple(events_of(engine, article_id)),
        addresses=own,
        records=tuple(sorted(records.values(), key=lambda record: (record.fetched_at, record.id))),
        stories=tuple(stories),
    )


def _steps(revisions: Sequence[Stored]) -> Iterator[Step]:
    for before, after in reversed(list(pairwise(revisions))[-MOST_STEPS:]):
        found = changes(before.article, after.article)
        shown = tuple(ShownChange(change, *spans(change)) for change in found)
        yield Step(before, after, tuple(kinds_of(found)), shown)


def marked(text: str, evidence: Sequence[Evidence]) -> list[tuple[str, str | None]]:
    """Return *text* in stretches, each with the side whose term it is, None for all else.

    Marks every place where the words of some evidence stand, whatever their case, the longest first.
    """
    sides = {one.text.casefold(): one.side for one in evidence if one.text}
    if not sides:
        return [(text, None)]
    words = "|".join(re.escape(each) for each in sorted(sides, key=len, reverse=True))
    found: list[tuple[str, str | None]] = []
    at = 0
    for match in re.finditer(rf"(?<!\w)(?:{words})(?!\w)", text, re.IGNORECASE):
        found += [(text[at : match.start()], None), (match[0], sides.get(match[0].casefold()))]
        at = match.end()
    found.append((text[at:], None))
    return [(part, side) for part, side in found if part]
