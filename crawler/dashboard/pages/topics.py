"""The topics: what each is made of, how much of it was found week by week, by which words."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import attrs
from sqlalchemy import Connection, and_, func, select
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crawler.dashboard.charts import Chart, bars
from crawler.dashboard.desk import Page, desk_of, show
from crawler.dashboard.words import day
from crawler.dates import WIB
from crawler.errors import ConfigError
from crawler.storage.columns import WibDay
from crawler.storage.database import reading
from crawler.storage.schema_analysis import catalogue, verdicts
from crawler.text.topics import Topic, load_topic

WEEKS: Final = 12
MOST_READ: Final = 1000
"""Of how many of the newest articles the evidence is counted."""

MOST_TERMS: Final = 12
WEEK: Final = timedelta(days=7)
_KINDS: Final[Mapping[str, str]] = {
    "name": "names",
    "place": "places",
    "short": "only where a name is there too",
    "hint": "hints, never enough alone",
}


@attrs.frozen(kw_only=True)
class Side:
    """One side of a topic: its terms by kind, and those found most often, each with the articles it is in."""

    name: str
    terms: Mapping[str, Sequence[str]]
    found: Sequence[tuple[str, int]]


@attrs.frozen(kw_only=True)
class Told:
    """A topic as the page shows it; without `topic` its file cannot be read, and `fault` says why."""

    name: str
    topic: Topic | None
    fault: str | None
    sides: Sequence[Side]
    chart: Chart | None
    on_topic: int
    judged: int


def show_topics(request: Request) -> Response:
    """Return the page of all configured topics."""
    desk = desk_of(request)
    with reading(desk.engine) as connection:
        told = [_told(connection, name, desk.now()) for name in desk.config.topics]
    return show(request, "topics.html", topics=told, weeks=WEEKS, most=MOST_READ)


def _told(connection: Connection, name: str, now: datetime) -> Told:
    topic, fault = None, None
    try:
        topic = load_topic(name)
    except ConfigError as error:
        fault = str(error)
    own = topic.name if topic else name
    of_topic = verdicts.c.topic == own
    judged = connection.execute(select(func.count()).select_from(verdicts).where(of_topic)).scalar_one()
    on = and_(of_topic, verdicts.c.on_topic.is_(True))
    number = connection.execute(select(func.count()).select_from(verdicts).where(on)).scalar_one()
    weeks = _by_week(connection, own, now)
    found = _evidence(connection, own)
    return Told(
        name=own,
        topic=topic,
        fault=fault,
        sides=[_side(topic, side, found.get(side, Counter())) for side in topic.sides] if topic else [],
        chart=bars(
            "Articles a week",
            description=f"Articles on the topic by the week of their publication, the last {WEEKS} weeks",
            label="Week from",
            labels=[day(monday).rpartition(" ")[0] for monday in weeks],
            series={"on the topic": list(weeks.values())},
        ),
        on_topic=number,
        judged=judged,
    )


def _by_week(connection: Connection, topic: str, now: datetime) -> dict[date, int]:
    """Return how many articles on a topic came out in each of the last weeks, by its Monday in WIB."""
    today = now.astimezone(WIB).date()
    monday = today - timedelta(days=today.weekday())
    weeks = {monday - ago * WEEK: 0 for ago in range(WEEKS - 1, -1, -1)}
    since = datetime.combine(min(weeks), time.min, WIB).astimezone(UTC)
    of_day = func.coalesce(catalogue.c.day, WibDay(catalogue.c.sorted_at)).label("day")
    query = (
        select(of_day, func.count().label("number"))
        .select_from(catalogue)
        .join(verdicts, verdicts.c.article_id == catalogue.c.article_id)
        .where(catalogue.c.sorted_at >= since, verdicts.c.topic == topic, verdicts.c.on_topic.is_(True))
        .group_by(of_day)
    )
    for row in connection.execute(query):
        on = date.fromisoformat(row.day)
        begin = on - timedelta(days=on.weekday())
        if begin in weeks:
            weeks[begin] += row.number
    return weeks


def _evidence(connection: Connection, topic: str) -> dict[str, Counter[str]]:
    """Return in how many of the newest articles on a topic each term counted, by side."""
    query = (
        select(verdicts.c.evidence)
        .where(verdicts.c.topic == topic, verdicts.c.on_topic.is_(True))
        .order_by(verdicts.c.article_id.desc())
        .limit(MOST_READ)
    )
    found: dict[str, Counter[str]] = {}
    for evidence in connection.execute(query).scalars():
        for term, side in {(each[0], each[1]) for each in evidence}:
            found.setdefault(side, Counter())[term] += 1
    return found


def _side(topic: Topic, name: str, found: Counter[str]) -> Side:
    terms: dict[str, list[str]] = {}
    for term in {*topic.terms.values(), *(term for _, term in topic.openings)}:
        if term.owner == name:
            terms.setdefault(_KINDS.get(term.kind, term.kind), []).append(term.text)
    order = list(_KINDS.values())
    by_kind = sorted(terms.items(), key=lambda each: order.index(each[0]) if each[0] in order else len(order))
    return Side(
        name=name,
        terms={kind: sorted(each, key=str.casefold) for kind, each in by_kind},
        found=sorted(found.items(), key=lambda each: (-each[1], each[0]))[:MOST_TERMS],
    )


PAGE = Page(label="Topics", path="/topics", routes=[Route("/topics", show_topics)])
