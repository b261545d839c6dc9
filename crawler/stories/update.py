"""Keeps the stories up to date: compares what is new in the store with what is near it in time.

Each batch is one transaction under one lock, so any number of processes may do this at once. Nothing depends
on the order in which articles came: a pair is a matter of two texts and two times, a story one of the pairs.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any, Final

import attrs
from sqlalchemy import Connection, Engine

from crawler.storage import prints
from crawler.storage.database import read, transact
from crawler.storage.prints import Kept, Pair
from crawler.stories import grouping
from crawler.stories.grouping import Facts, Group, Shared
from crawler.text import agencies, similarity
from crawler.text.similarity import MEETINGS, Text

WINDOW: Final = timedelta(days=7)
"""Articles that were published further apart are not compared: what is retold a week later is another story.

One without a date counts as published when it was first seen.
"""

BATCH: Final = 5_000
"""Articles in one transaction, which holds the lock of the store for some seconds.

Each batch looks through the signatures of all articles near it in time, so that small ones cost more.
"""

VERSION: Final = f"{similarity.VERSION}-{agencies.VERSION}-{grouping.VERSION}"
_STORY_ID_CHARS: Final = 16


@attrs.frozen(kw_only=True)
class Updated:
    """What an update came to: articles that were new or changed, and the pairs that they are in."""

    articles: int
    pairs: int


def group_new(engine: Engine, *, batch: int = BATCH) -> Updated:
    """Bring the stories up to date with every article's present text; return what there was to do.

    Costs one query where nothing is new. It can be broken off at any time and goes on from there.

    Raises:
        StoreError: the store cannot be read or written.
    """
    done, found = 0, 0
    tried: set[int] = set()
    # What comes in meanwhile is taken too; an article that is edited again and again waits for the next time.
    while waiting := [
        each
        for each in read(engine, lambda connection: prints.pending(connection, VERSION))
        if each not in tried
    ]:
        tried.update(waiting)
        for start in range(0, len(waiting), batch):
            made = _made(engine, waiting[start : start + batch])
            articles, pairs = transact(engine, partial(_take, made=made))
            done += articles
            found += pairs
    return Updated(articles=done, pairs=found)


def _made(engine: Engine, ids: Sequence[int]) -> list[Kept]:
    """Return the prints of articles; nobody waits for it, since no lock is held."""

    def work(connection: Connection) -> list[Kept]:
        return [
            Kept(
                article_id=each.id,
                revision=each.revision,
                at=each.at,
                story_id=sha256(f"{each.outlet} {each.key}".encode()).hexdigest()[:_STORY_ID_CHARS],
                made=similarity.print_of(each.body),
                agencies=agencies.credited_in(each),
                pictures=agencies.pictured_in(each),
            )
            for each in prints.texts(connection, ids)
        ]

    return read(engine, work)


def _take(connection: Connection, made: Sequence[Kept]) -> tuple[int, int]:
    """Keep new prints, find their pairs, and group anew what they touch; return how many of both."""
    prints.hold(connection)
    new = prints.still_pending(connection, made, VERSION)
    ids = [each.article_id for each in new]
    touched = prints.forget_pairs(connection, ids) | set(ids)
    prints.keep(connection, new, VERSION)
    pairs = _pairs(connection, new)
    prints.keep_pairs(connection, pairs)
    for pair in pairs:
        touched |= {pair.low_id, pair.high_id}
    _group(connection, touched)
    return len(new), len(pairs)


def _pairs(connection: Connection, new: Sequence[Kept]) -> list[Pair]:
    """Return all pairs that one of the new articles is in."""
    signed = {each.article_id: each for each in new if each.made.minhash}
    if not signed:
        return []
    holders: dict[int, list[int]] = defaultdict(list)
    for article_id, each in signed.items():
        for value in each.made.minhash:
            holders[value].append(article_id)
    times = [each.at for each in signed.values()]
    near: dict[int, list[int]] = {}
    for other, at, minhash in prints.signatures(connection, min(times) - WINDOW, max(times) + WINDOW):
        values = holders.keys() & minhash
        if len(values) < MEETINGS:
            continue
        met = Counter(article for value in values for article in holders[value])
        candidates = [
            article
            for article, times_met in met.items()
            if times_met >= MEETINGS
            and abs(signed[article].at - at) <= WINDOW
            and (other not in signed or other < article)
        ]
        if candidates:
            near[other] = candidates
    return _compared(connection, signed, near)


def _compared(connection: Connection, signed: dict[int, Kept], near: dict[int, list[int]]) -> list[Pair]:
    texts = {article_id: Text(each.made) for article_id, each in signed.items()}
    pairs = []
    for other, kept in prints.load(connection, near):
        text = texts.get(other) or Text(kept)
        for article in near[other]:
            like = similarity.compare(text, texts[article])
            if like is None:
                continue
            sides = [(other, like.first, like.first_own), (article, like.second, like.second_own)]
            low, high = sorted(sides)
            pairs.append(Pair(low[0], high[0], low[1], high[1], low[2], high[2]))
    return pairs


def _group(connection: Connection, touched: Collection[int]) -> None:
    """Group anew all articles that are linked with those that were touched."""
    around, pairs = prints.pairs_around(connection, touched)
    linked = {each for pair in pairs for each in (pair.low_id, pair.high_id)}
    rows = {row.id: row for row in prints.facts(connection, linked)}
    known = [
        Facts(
            id=row.id,
            key=row.key,
            outlet=row.outlet,
            at=row.published_at,
            precision=row.published_precision,
            agencies=tuple(row.agencies),
            own_agency=agencies.OWN_OUTLETS.get(row.outlet),
        )
        for row in rows.values()
    ]
    found = grouping.groups(known, [Shared(*attrs.astuple(pair)) for pair in pairs])
    members = [
        {
            "story_id": rows[group.origin].story_id,
            "article_id": place.article_id,
            "role": place.role,
            "copied_from": place.copied_from,
            "share": place.share,
            "lag_s": None if place.lag is None else place.lag.total_seconds(),
        }
        for group in found
        for place in group.places
    ]
    prints.replace_stories(connection, around, [_story(group, rows) for group in found], members)


def _story(group: Group, rows: dict[int, Any]) -> dict[str, Any]:
    members = [rows[place.article_id] for place in group.places]
    times: list[datetime] = [row.published_at for row in members if row.published_at is not None]
    origin = rows[group.origin]
    outlets = list(dict.fromkeys(row.outlet for row in members))
    return {
        "id": origin.story_id,
        "origin_id": group.origin,
        "headline": origin.headline,
        "first_at": min(times, default=None),
        "last_at": max(times, default=None),
        "members": len(members),
        "outlets": outlets,
        "outlet_count": len(outlets),
        "agencies": list(group.agencies),
        "sources": group.sources,
    }
