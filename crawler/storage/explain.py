"""The whole story of one address: who offered it, what each run did, what was kept and what was cut."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import attrs
from sqlalchemy import Connection, Engine, Row, select

from crawler.items import Article, Removed, Verdict
from crawler.storage.articles import revisions_of
from crawler.storage.database import reading
from crawler.storage.frontier import address_key
from crawler.storage.revisits import Event, events_of
from crawler.storage.schema import articles, records, runs, sightings, urls, visits
from crawler.storage.states import sentence


@attrs.frozen(kw_only=True)
class Sighting:
    """The first time a source (a rung of the ladder) listed the address, and what its list said."""

    source: str
    list_url: str
    run_id: int
    at: datetime
    headline: str | None
    published_at: datetime | None


@attrs.frozen(kw_only=True)
class ArchivedRecord:
    """Where a response that a visit or a revision rests on is archived, and when it was pruned, if it was."""

    id: str
    kind: str
    url: str
    status: int
    fetched_at: datetime
    file: str
    offset: int
    length: int
    sha256: str
    pruned_at: datetime | None


@attrs.frozen(kw_only=True)
class Visit:
    """What one run did with the address, and why; `sentence` is the reason in words."""

    run_id: int
    run_started_at: datetime
    run_verdict: str | None
    outcome: str
    reason: str | None
    sentence: str | None
    at: datetime
    detail: dict[str, Any] | None
    record_ids: tuple[str, ...]


@attrs.frozen(kw_only=True)
class RevisionStory:
    """One revision: whose it is, from what, what it says, what was cut (lines by rule) and the verdict."""

    number: int
    run_id: int
    cause: str
    content_hash: str
    article: Article
    removed: dict[str, tuple[Removed, ...]]
    verdict: Verdict | None


@attrs.frozen(kw_only=True)
class ArticleStory:
    """The article that an address led to, with all its revisions and its other addresses."""

    id: int
    canonical_url: str
    first_seen_at: datetime
    last_seen_at: datetime
    gone: str | None
    gone_at: datetime | None
    due_at: datetime | None
    events: tuple[Event, ...]
    addresses: tuple[str, ...]
    revisions: tuple[RevisionStory, ...]


@attrs.frozen(kw_only=True)
class AddressStory:
    """One address in the frontier of one outlet."""

    url_id: int
    outlet: str
    url: str
    state: str
    reason: str | None
    sentence: str | None
    headline: str | None
    published_at: datetime | None
    attempts: int
    next_try_at: datetime | None
    first_seen_at: datetime
    sightings: tuple[Sighting, ...]
    visits: tuple[Visit, ...]
    records: tuple[ArchivedRecord, ...]
    article: ArticleStory | None


@attrs.frozen(kw_only=True)
class Explanation:
    """All that is known of an address: most often one story, none when no list ever offered it."""

    url: str
    key: str
    addresses: tuple[AddressStory, ...]

    @property
    def known(self) -> bool:
        """Tell whether any list ever offered the address, or an article has it as its canonical one."""
        return bool(self.addresses)

    @property
    def summary(self) -> str:
        """Return one sentence for people."""
        if not self.addresses:
            return "No list of any outlet has offered this address so far, and no article is kept under it."
        states = Counter(f"{story.outlet}: {story.state}" for story in self.addresses)
        return "; ".join(states) + (f" ({self.addresses[0].sentence})" if self.addresses[0].sentence else "")


def explain(engine: Engine, url: str) -> Explanation:
    """Return the story of an address, in any spelling that names the same article."""
    key = address_key(url)
    with reading(engine) as connection:
        rows = connection.execute(select(urls).where(urls.c.key == key).order_by(urls.c.id)).all()
        if not rows:
            kept = select(articles.c.id).where(articles.c.key == key)
            rows = connection.execute(
                select(urls).where(urls.c.article_id.in_(kept)).order_by(urls.c.id)
            ).all()
        parts = [_facts(connection, row) for row in rows]
    stories = (_story(engine, row, *facts) for row, facts in zip(rows, parts, strict=True))
    return Explanation(url=url, key=key, addresses=tuple(stories))


def as_data(explanation: Explanation) -> dict[str, Any]:
    """Return an explanation as JSON values; times as ISO text in UTC."""
    data = attrs.asdict(explanation, value_serializer=_plain)
    return {**data, "known": explanation.known, "summary": explanation.summary}


def _plain(_instance: object, _field: object, value: Any) -> Any:  # noqa: ANN401 any value of the classes above
    return value.isoformat() if isinstance(value, datetime) else value


def _facts(
    connection: Connection, row: Row[Any]
) -> tuple[tuple[Sighting, ...], tuple[Visit, ...], tuple[str, ...]]:
    """Return sightings and visits of an address, and the other addresses of its article."""
    seen = select(sightings).where(sightings.c.url_id == row.id).order_by(sightings.c.at, sightings.c.source)
    visited = (
        select(visits, runs.c.started_at, runs.c.verdict)
        .join_from(visits, runs, runs.c.id == visits.c.run_id)
        .where(visits.c.url_id == row.id)
        .order_by(visits.c.run_id)
    )
    others = (
        select(urls.c.url).where(urls.c.article_id == row.article_id, urls.c.id != row.id).order_by(urls.c.id)
    )
    return (
        tuple(
            Sighting(
                source=each.source,
                list_url=each.list_url,
                run_id=each.run_id,
                at=each.at,
                headline=each.headline,
                published_at=each.published_at,
            )
            for each in connection.execute(seen)
        ),
        tuple(
            Visit(
                run_id=each.run_id,
                run_started_at=each.started_at,
                run_verdict=each.verdict,
                outcome=each.outcome,
                reason=each.reason,
                sentence=sentence(each.reason),
                at=each.at,
                detail=each.detail,
                record_ids=tuple(each.record_ids or ()),
            )
            for each in connection.execute(visited)
        ),
        tuple(connection.execute(others).scalars()),
    )


def _story(
    engine: Engine,
    row: Row[Any],
    seen: tuple[Sighting, ...],
    visited: tuple[Visit, ...],
    others: tuple[str, ...],
) -> AddressStory:
    article = None if row.article_id is None else _article(engine, row.article_id, others)
    ids = {record_id for visit in visited for record_id in visit.record_ids}
    if article is not None:
        ids |= {record_id for revision in article.revisions for record_id in revision.article.record_ids}
    return AddressStory(
        url_id=row.id,
        outlet=row.outlet,
        url=row.url,
        state=row.state,
        reason=row.reason,
        sentence=sentence(row.reason),
        headline=row.headline,
        published_at=row.published_at,
        attempts=row.attempts,
        next_try_at=row.next_try_at,
        first_seen_at=row.first_seen_at,
        sightings=seen,
        visits=visited,
        records=_records(engine, sorted(ids)),
        article=article,
    )


def _article(engine: Engine, article_id: int, others: tuple[str, ...]) -> ArticleStory:
    stored = revisions_of(engine, article_id)
    last = stored[-1]
    return ArticleStory(
        id=article_id,
        canonical_url=last.article.canonical_url,
        first_seen_at=last.first_seen_at,
        last_seen_at=last.last_seen_at,
        gone=last.gone,
        gone_at=last.gone_at,
        due_at=last.due_at,
        events=tuple(events_of(engine, article_id)),
        addresses=others,
        revisions=tuple(
            RevisionStory(
                number=each.revision,
                run_id=each.run_id,
                cause=each.cause,
                content_hash=each.content_hash,
                article=each.article,
                removed=_by_rule(each.article.removed),
                verdict=each.article.verdict,
            )
            for each in stored
        ),
    )


def _by_rule(removed: Sequence[Removed]) -> dict[str, tuple[Removed, ...]]:
    rules: dict[str, list[Removed]] = {}
    for line in removed:
        rules.setdefault(line.rule, []).append(line)
    return {rule: tuple(lines) for rule, lines in rules.items()}


def _records(engine: Engine, ids: Sequence[str]) -> tuple[ArchivedRecord, ...]:
    if not ids:
        return ()
    query = select(records).where(records.c.id.in_(ids)).order_by(records.c.fetched_at, records.c.id)
    names = [field.name for field in attrs.fields(ArchivedRecord)]
    with reading(engine) as connection:
        return tuple(
            ArchivedRecord(**{name: getattr(row, name) for name in names})
            for row in connection.execute(query)
        )
