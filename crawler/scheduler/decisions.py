"""What the schedule decides, as functions of what is known: no clock is read here and nothing is written."""

from datetime import datetime, timedelta

from crawler.scheduler.cadence import Cadence
from crawler.storage.coverage import Cause, cause_in
from crawler.storage.plans import Ending, Plan, Standing
from crawler.storage.runs import KILLED, STOPPED, Run

LATE = timedelta(minutes=15)
ATTEMPTS = 3
PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
)  # after the first attempt that broke off, and the second
OUTLET_BUSY = timedelta(seconds=30)
OUTLET_DOWN = timedelta(hours=1)
LOOKS_WHEN_DOWN = 2
# A time further ahead than anything here sets: the clock was set back after it was written.
FURTHEST_PAUSE = 2 * OUTLET_DOWN
FURTHEST_WISH = timedelta(days=8)


def owed(cadence: Cadence, last_due: datetime, now: datetime) -> datetime | None:
    """Return the due time that a crawl is owed for, None where the last one was planned.

    *last_due* is the latest one up to *now* that was planned. However many were missed since, the last one
    stands for all: a crawl looks back to where the outlet was last covered.
    """
    due = cadence.due_by(now)
    return due if last_due < due else None


def reason_at(reason: str, planned_at: datetime, now: datetime) -> str:
    """Return the reason that a plan has when it is made or taken at *now*."""
    return "catch-up" if reason == "scheduled" and now - planned_at > LATE else reason


def may_start(plan: Plan, standing: Standing, now: datetime) -> bool:
    """Tell whether a waiting plan may be taken; a pause does not hold what was asked for by hand.

    A re-extraction asks the outlet nothing, so that nothing but its own time holds it.
    """
    if plan.look == "replay":
        return not _ahead(plan.not_before, now, FURTHEST_PAUSE)
    if standing.paused_at is not None and plan.reason != "manual":
        return False
    return not (
        _ahead(plan.not_before, now, FURTHEST_PAUSE) or _ahead(standing.not_before, now, FURTHEST_WISH)
    )


def recheck_is_due(
    cadence: Cadence, standing: Standing, last_look: datetime | None, least_pause: timedelta, now: datetime
) -> bool:
    """Tell whether an outlet with articles to look at again gets a recheck, or its next crawl will do."""
    if standing.paused_at is not None or _ahead(standing.not_before, now, FURTHEST_WISH):
        return False
    if last_look is not None and now - last_look < least_pause:
        return False
    return cadence.due_after(now) - now > timedelta(hours=1)


def after_process(plan: Plan, run: Run | None, *, how: str, at_once: bool = False, now: datetime) -> Ending:
    """Return what becomes of a plan whose process has ended; *run* is what it recorded, None for nothing.

    What broke off is begun again, three times at most, with a growing pause (*at_once*: without). A run that
    came to its end and could not look is repeated once, an hour later: the outlet may be up again. One that
    was turned away is not: to insist makes nothing better.
    """
    if run is not None and run.complete:
        return Ending(state="done")
    broke_off = run is None or KILLED in run.why or any(reason.startswith(STOPPED) for reason in run.why)
    why = "; ".join(run.why[:2]) if run is not None and run.why else how
    refused = run is not None and not broke_off and cause_in(run.traits.get("unusable", {})) is Cause.BLOCKED
    if refused or plan.attempts >= (ATTEMPTS if broke_off else LOOKS_WHEN_DOWN):
        return Ending(state="failed", why=why)
    pause = PAUSES[min(plan.attempts, len(PAUSES)) - 1] if broke_off else OUTLET_DOWN
    return Ending(state="waiting", why=why, not_before=None if at_once and broke_off else now + pause)


def _ahead(moment: datetime | None, now: datetime, furthest: timedelta) -> bool:
    return moment is not None and now < moment <= now + furthest
