"""The audit of what watching keeps: plans and their runs, coverage, lists, and what happened to articles."""

from typing import Any, Final

from sqlalchemy import ColumnElement, and_, exists, func, not_, or_, select

from crawler.storage.checks import Checker, asked
from crawler.storage.schema import articles, events, lists, plans, revisions, runs

_PLAN_STATES: Final = ("waiting", "deferred", "taken", "done", "failed", "dropped")
_LOOKS: Final = ("crawl", "recheck", "replay")
_TRUST: Final = ("unproven", "changed", "proven", "liar")
_VANISHING: Final = ("suspected", "confirmed", "restored")
_NEW_TEXT: Final = ("revised", "re-extracted")


def _is_none(*columns: Any) -> ColumnElement[bool]:  # noqa: ANN401 columns
    return and_(*(column.is_(None) for column in columns))


_last = (
    select(events.c.article_id, func.max(events.c.id).label("id"))
    .where(events.c.kind.in_(_VANISHING))
    .group_by(events.c.article_id)
    .subquery("last_event")
)
_happened = events.alias("happened")
# Without NULL, of which no comparison is true or false.
_gone, _last_kind = func.coalesce(articles.c.gone, ""), func.coalesce(_happened.c.kind, "")
_FITTING: Final = (("", ""), ("", "restored"), ("suspected", "suspected"), ("confirmed", "confirmed"))
_ITS_REVISION = exists().where(
    revisions.c.article_id == events.c.article_id, revisions.c.run_id == events.c.run_id
)
_OPEN_RUN = exists().where(runs.c.plan_id == plans.c.id, runs.c.ended_at.is_(None))
_ENDED_RUN = exists().where(runs.c.plan_id == plans.c.id, runs.c.ended_at.is_not(None))
_also = plans.alias("also")
_ENDED: Final = ("done", "failed", "dropped")

WATCHING: Final[tuple[tuple[str, str, Checker], ...]] = (
    (
        "plans",
        "every plan is in one known state, with the times and runs that go with it",
        asked(
            plans,
            select(plans.c.id, plans.c.outlet, plans.c.state)
            .where(
                or_(
                    plans.c.state.not_in(_PLAN_STATES),
                    plans.c.look.not_in(_LOOKS),
                    plans.c.attempts < 0,
                    and_(plans.c.state == "taken", plans.c.taken_at.is_(None)),
                    and_(plans.c.state.in_(_ENDED), plans.c.ended_at.is_(None)),
                    and_(plans.c.state != "taken", _OPEN_RUN),
                    and_(plans.c.state == "done", not_(_ENDED_RUN)),
                    and_(
                        plans.c.state == "taken",
                        exists().where(
                            _also.c.outlet == plans.c.outlet,
                            _also.c.state == "taken",
                            _also.c.id < plans.c.id,
                        ),
                    ),
                )
            )
            .order_by(plans.c.id),
            "plan {id} of {outlet} is {state}, and its times or runs say otherwise",
        ),
    ),
    (
        "planned",
        "every run that was planned is of its plan",
        asked(
            runs,
            select(runs.c.id, runs.c.outlet, runs.c.plan_id)
            .join_from(runs, plans, plans.c.id == runs.c.plan_id)
            .where(
                or_(
                    runs.c.outlet != plans.c.outlet,
                    runs.c.look != plans.c.look,
                    runs.c.planned_at.is_(None),
                    runs.c.planned_at != plans.c.planned_at,
                )
            )
            .order_by(runs.c.id),
            "run {id} of {outlet} differs from its plan {plan_id}",
        ),
    ),
    (
        "coverage",
        "what a run covered has a beginning and an end, in this order",
        asked(
            runs,
            select(runs.c.id, runs.c.outlet)
            .where(
                or_(
                    runs.c.covered_since > runs.c.covered_until,
                    _is_none(runs.c.covered_since) != _is_none(runs.c.covered_until),
                )
            )
            .order_by(runs.c.id),
            "run {id} of {outlet} covered no stretch of time",
        ),
    ),
    (
        "lists",
        "every list was walked by a run of its outlet, and its standing is a known one",
        asked(
            lists,
            select(lists.c.url, lists.c.outlet)
            .join_from(lists, runs, runs.c.id == lists.c.walked_run_id)
            .where(
                or_(
                    runs.c.outlet != lists.c.outlet,
                    lists.c.trust.not_in(_TRUST),
                    lists.c.unasked < 0,
                )
            )
            .order_by(lists.c.outlet, lists.c.key),
            "the list {url} of {outlet} is not what a run of it left",
        ),
    ),
    (
        "vanished",
        "whether an article is gone is what last happened to it",
        asked(
            articles,
            select(articles.c.id, articles.c.gone, _happened.c.kind)
            .join_from(articles, _last, _last.c.article_id == articles.c.id, isouter=True)
            .join(_happened, _happened.c.id == _last.c.id, isouter=True)
            .where(
                or_(
                    _is_none(articles.c.gone) != _is_none(articles.c.gone_at),
                    not_(or_(*(and_(_gone == state, _last_kind == kind) for state, kind in _FITTING))),
                )
            )
            .order_by(articles.c.id),
            "article {id} is noted as {gone}, what last happened to it is {kind}",
        ),
    ),
    (
        "events",
        "every event that tells of a new text has its revision",
        asked(
            events,
            select(events.c.id, events.c.article_id, events.c.kind, events.c.run_id)
            .where(events.c.kind.in_(_NEW_TEXT), not_(_ITS_REVISION))
            .order_by(events.c.id),
            "event {id}: article {article_id} is said to be {kind} in run {run_id}, which left no revision",
        ),
    ),
)
