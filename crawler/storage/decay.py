"""What the pages of each outlet usually show, and the alarms that stand because they show it no more."""

import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import attrs
from sqlalchemy import Connection, Engine, RowMapping, select, update

from crawler.storage.database import transact, upsert
from crawler.storage.schema import alarms, baselines

_LEVEL: Final = 6
_MAX_PAGE: Final = 8_000_000  # characters, as many as a page may have that is read


@attrs.frozen(kw_only=True)
class Alarm:
    """That an outlet was redesigned, as far as its pages tell.

    `since` is when it was noticed, `url` the page at which it was, which is kept as evidence in the folder
    `evidence` (below the data folder; None where it could not be kept), `share` the part of the
    pages that are struck (0.0 to 1.0). `signals` say what is missing, in words, worst first.
    """

    id: int
    outlet: str
    run_id: int
    since: datetime
    url: str
    share: float
    signals: tuple[str, ...]
    evidence: str | None
    ruleset: str
    ended_at: datetime | None = None
    ended_why: str | None = None


@attrs.frozen(kw_only=True)
class GoodPage:
    """The last page of an outlet that showed all it usually does."""

    url: str
    at: datetime
    html: str


@attrs.frozen(kw_only=True)
class Baseline:
    """What is known of an outlet's pages: counts as `crawler.decay` keeps them, for one ruleset."""

    ruleset: str
    state: Mapping[str, Any]
    good: GoodPage | None = None


def standing_alarm(connection: Connection, outlet: str) -> Alarm | None:
    """Return the alarm that stands for *outlet*; None where its pages read as they use to."""
    query = select(alarms).where(alarms.c.outlet == outlet, alarms.c.ended_at.is_(None))
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else _alarm(row)


def standing_alarms(connection: Connection) -> dict[str, Alarm]:
    """Return all alarms that stand, by outlet."""
    query = select(alarms).where(alarms.c.ended_at.is_(None)).order_by(alarms.c.outlet)
    return {row["outlet"]: _alarm(row) for row in connection.execute(query).mappings()}


def alarms_of(connection: Connection, outlet: str) -> list[Alarm]:
    """Return every alarm of an outlet, newest first."""
    query = select(alarms).where(alarms.c.outlet == outlet).order_by(alarms.c.id.desc())
    return [_alarm(row) for row in connection.execute(query).mappings()]


def raise_alarm(  # noqa: PLR0913 keyword-only, each is a column
    engine: Engine,
    outlet: str,
    *,
    run_id: int,
    since: datetime,
    url: str,
    share: float,
    signals: tuple[str, ...],
    evidence: str | None,
    ruleset: str,
) -> None:
    """Let an alarm stand; one that stands already keeps its beginning and its evidence, and is told anew."""
    told = {"share": share, "signals": list(signals), "ruleset": ruleset}
    values = {"outlet": outlet, "run_id": run_id, "since": since, "url": url, "evidence": evidence, **told}

    def work(connection: Connection) -> None:
        standing = (alarms.c.outlet == outlet) & alarms.c.ended_at.is_(None)
        if not connection.execute(update(alarms).where(standing).values(**told)).rowcount:
            connection.execute(alarms.insert().values(**values))

    transact(engine, work)


def end_alarm(engine: Engine, outlet: str, why: str, *, now: datetime) -> None:
    """Let the alarm of an outlet stand no longer, if one does."""
    query = update(alarms).where(alarms.c.outlet == outlet, alarms.c.ended_at.is_(None))
    transact(engine, lambda connection: connection.execute(query.values(ended_at=now, ended_why=why)))


def baseline_of(connection: Connection, outlet: str) -> Baseline | None:
    """Return what is known of an outlet's pages; None before its first run."""
    row = connection.execute(select(baselines).where(baselines.c.outlet == outlet)).one_or_none()
    if row is None:
        return None
    good = None
    if row.good_page is not None:
        html = zlib.decompressobj().decompress(row.good_page, 4 * _MAX_PAGE).decode("utf-8", "replace")
        good = GoodPage(url=row.good_url, at=row.good_at, html=html)
    return Baseline(ruleset=row.ruleset, state=row.state, good=good)


def keep_baseline(engine: Engine, outlet: str, found: Baseline, *, run_id: int, now: datetime) -> None:
    """Keep what is known of an outlet's pages, in place of what was known before."""
    good = found.good
    page = zlib.compress(good.html.encode("utf-8", "replace"), _LEVEL) if good else None
    values = {
        "ruleset": found.ruleset,
        "run_id": run_id,
        "updated_at": now,
        "state": found.state,
        "good_url": good.url if good else None,
        "good_at": good.at if good else None,
        "good_page": page,
    }
    transact(
        engine,
        lambda connection: connection.execute(
            upsert(connection, baselines)
            .values(outlet=outlet, **values)
            .on_conflict_do_update(index_elements=["outlet"], set_=values)
        ),
    )


def _alarm(row: RowMapping) -> Alarm:
    return Alarm(**{**row, "signals": tuple(row["signals"])})
