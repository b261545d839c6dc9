"""Stories: what outlets copied from each other, who had it first, what each one changed. Read from here.

`crawler.stories.update.group_new` keeps them up to date; what is told here is as of its last run.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import attrs
from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, select

from crawler.items import Precision
from crawler.storage.frontier import address_key
from crawler.storage.schema import articles, revisions, urls
from crawler.storage.schema_analysis import prints, story_members
from crawler.storage.schema_analysis import stories as _stories
from crawler.text.changes import Change, text_changes
from crawler.text.sentences import same_form

Role = Literal["first", "copy", "rewrite", "partial", "unclear"]
Order = Literal["newest", "oldest", "largest"]


@attrs.frozen(kw_only=True)
class Story:
    """One text in several places. Times are UTC, None where no member has one.

    `headline` and `origin` are the earliest article's. `outlets` and `agencies` are in the order of their
    members; `sources` counts the independent ones: copies of one wire count once.
    """

    id: str
    headline: str
    origin: int
    first_at: datetime | None
    last_at: datetime | None
    outlets: tuple[str, ...]
    members: int
    agencies: tuple[str, ...]
    sources: int


@attrs.frozen(kw_only=True)
class Member:
    """An article of a story.

    `share` of its words (0.0 to 1.0) stand in the article `copied_from`, None where the direction is not
    clear. `partial` is who took a part and has more of its own, or of another story. `lag` is since the
    story's first article, negative where an agency's copy is dated before the agency's own. `agencies` are
    those that its text is credited to, `pictures` those whose pictures it shows. `changes` is how it differs
    from what it copied, headline first; empty where the members were asked for without.
    """

    article_id: int
    outlet: str
    url: str
    headline: str
    published_at: datetime | None
    precision: Precision | None
    gone: str | None
    role: Role
    copied_from: int | None
    share: float
    lag: timedelta | None
    agencies: tuple[str, ...]
    pictures: tuple[str, ...]
    changes: tuple[Change, ...] = ()


@attrs.frozen(kw_only=True)
class Told:
    """A story with its members, earliest first."""

    story: Story
    members: tuple[Member, ...]


def stories(  # noqa: PLR0913 keyword-only, each is a choice
    connection: Connection,
    *,
    outlet: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    least: int = 2,
    order: Order = "newest",
    limit: int = 50,
    offset: int = 0,
) -> list[Story]:
    """Return the stories of at least *least* outlets that began in the window, ends included.

    *outlet* is one of those that have it. Undated stories are in any window, and come last.
    """
    query = select(_stories).where(_wanted(outlet, since, until, least))
    last = _stories.c.first_at.is_(None)
    by: dict[Order, tuple[ColumnElement[Any], ...]] = {
        "newest": (last, _stories.c.first_at.desc()),
        "oldest": (last, _stories.c.first_at),
        "largest": (
            _stories.c.outlet_count.desc(),
            _stories.c.members.desc(),
            last,
            _stories.c.first_at.desc(),
        ),
    }
    query = query.order_by(*by[order], _stories.c.id).limit(limit).offset(offset)
    return [_story(row) for row in connection.execute(query)]


def count_stories(
    connection: Connection,
    *,
    outlet: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    least: int = 2,
) -> int:
    """Return how many stories there are of those that `stories` returns."""
    query = select(func.count()).select_from(_stories).where(_wanted(outlet, since, until, least))
    return connection.execute(query).scalar_one()


def story(connection: Connection, which: str, *, changes: bool = True) -> Told | None:
    """Return a story with its members, and what each changed, by what `find_story` takes; None for none."""
    found = find_story(connection, which)
    if found is None:
        return None
    rows = connection.execute(_MEMBERS.where(story_members.c.story_id == found.id))
    members = [_member(each) for each in rows]
    members.sort(key=lambda each: (each.article_id != found.origin, *_moment(each), each.outlet, each.url))
    if changes:
        bodies = _bodies(connection, members)
        members = [attrs.evolve(each, changes=_changes(each, members, bodies)) for each in members]
    return Told(story=found, members=tuple(members))


def story_of(connection: Connection, article_id: int) -> Story | None:
    """Return the story that an article is in, None where nobody shares its text.

    Of several, for an article that was merged from some, the one that it has most of.
    """
    found = stories_of(connection, article_id)
    return found[0] if found else None


def stories_of(connection: Connection, article_id: int) -> list[Story]:
    """Return every story that an article is in: first the one that it is wholly of, else has most of."""
    query = (
        select(_stories, story_members.c.role, story_members.c.share)
        .join_from(_stories, story_members, story_members.c.story_id == _stories.c.id)
        .where(story_members.c.article_id == article_id)
    )
    rows = sorted(
        connection.execute(query).all(), key=lambda row: (row.role == "partial", -row.share, row.id)
    )
    return [_story(row) for row in rows]


def find_story(connection: Connection, which: str) -> Story | None:
    """Return the story of a number, present or former, or of an article's address; None for none."""
    row = connection.execute(select(_stories).where(_stories.c.id == which)).one_or_none()
    if row is not None:
        return _story(row)
    article_id = _of_address(connection, which) if "/" in which else _once_first(connection, which)
    return None if article_id is None else story_of(connection, article_id)


def waiting(connection: Connection) -> bool:
    """Tell whether an article was stored or changed since the stories were last brought up to date."""
    query = (
        select(articles.c.id)
        .outerjoin(prints, prints.c.article_id == articles.c.id)
        .where(prints.c.article_id.is_(None) | (prints.c.revision != articles.c.current))
        .limit(1)
    )
    return connection.execute(query).scalar() is not None


def _wanted(
    outlet: str | None, since: datetime | None, until: datetime | None, least: int
) -> ColumnElement[bool]:
    wanted = [_stories.c.outlet_count >= least]
    if outlet is not None:
        has_it = (
            select(story_members.c.story_id)
            .join_from(story_members, articles, articles.c.id == story_members.c.article_id)
            .where(articles.c.outlet == outlet)
        )
        wanted.append(_stories.c.id.in_(has_it))
    bounds = [_stories.c.first_at >= since] if since is not None else []
    bounds += [_stories.c.first_at <= until] if until is not None else []
    if bounds:
        wanted.append(_stories.c.first_at.is_(None) | and_(*bounds))
    return and_(*wanted)


def _story(row: Row[Any]) -> Story:
    return Story(
        id=row.id,
        headline=row.headline,
        origin=row.origin_id,
        first_at=row.first_at,
        last_at=row.last_at,
        outlets=tuple(row.outlets),
        members=row.members,
        agencies=tuple(row.agencies),
        sources=row.sources,
    )


def _once_first(connection: Connection, story_id: str) -> int | None:
    """Return the article by which a story of that number is, or was, numbered."""
    query = select(prints.c.article_id).where(prints.c.story_id == story_id)
    return connection.execute(query).scalars().first()


def _of_address(connection: Connection, url: str) -> int | None:
    key = address_key(url)
    query = select(articles.c.id).where(articles.c.key == key)
    found = connection.execute(query).scalars().first()
    return found or connection.execute(select(urls.c.article_id).where(urls.c.key == key)).scalars().first()


def _member(row: Row[Any]) -> Member:
    return Member(
        article_id=row.id,
        outlet=row.outlet,
        url=row.canonical_url,
        headline=row.headline,
        published_at=row.published_at,
        precision=row.published_precision,
        gone=row.gone,
        role=row.role,
        copied_from=row.copied_from,
        share=row.share,
        lag=None if row.lag_s is None else timedelta(seconds=row.lag_s),
        agencies=tuple(row.agencies),
        pictures=tuple(row.pictures),
    )


def _moment(member: Member) -> tuple[bool, datetime | int]:
    return (member.published_at is None, member.published_at or 0)


def _bodies(connection: Connection, members: Sequence[Member]) -> Mapping[int, Sequence[str]]:
    wanted = {each.article_id for each in members} | {each.copied_from for each in members} - {None}
    found: dict[int, Sequence[str]] = defaultdict(tuple)
    for row in connection.execute(_BODIES.where(articles.c.id.in_(wanted))):
        found[row.id] = row.body
    return found


def _changes(
    member: Member, members: Sequence[Member], bodies: Mapping[int, Sequence[str]]
) -> tuple[Change, ...]:
    source = next((each for each in members if each.article_id == member.copied_from), None)
    if source is None:
        return ()
    found = []
    if same_form(source.headline) != same_form(member.headline):
        found.append(Change("headline", "changed", source.headline, member.headline))
    return (*found, *text_changes(bodies[source.article_id], bodies[member.article_id]))


_CURRENT = and_(revisions.c.article_id == articles.c.id, revisions.c.number == articles.c.current)
_MEMBERS: Final[Select[Any]] = (
    select(
        articles.c.id,
        articles.c.outlet,
        articles.c.canonical_url,
        articles.c.gone,
        revisions.c.headline,
        revisions.c.published_at,
        revisions.c.published_precision,
        story_members.c.role,
        story_members.c.copied_from,
        story_members.c.share,
        story_members.c.lag_s,
        prints.c.agencies,
        prints.c.pictures,
    )
    .join_from(story_members, articles, articles.c.id == story_members.c.article_id)
    .join(revisions, _CURRENT)
    .join(prints, prints.c.article_id == articles.c.id)
)
_BODIES: Final[Select[Any]] = select(articles.c.id, revisions.c.body).join_from(articles, revisions, _CURRENT)
