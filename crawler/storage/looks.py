"""What a look at a stored article is: what was known, how its page came, and when the next one is due."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import attrs

from crawler.conditional import Ask, Validators
from crawler.items import Hint, Instant
from crawler.reasons import TRY_AGAIN, Reason
from crawler.storage.states import LESS_SURE, LESS_TOLD, PART_MISSING, RETRY_AFTER
from crawler.storage.vanishing import Standing

# Of our own: what stood there was no reason to change the article, and may pass.
_PASSING: Final = frozenset({LESS_SURE, LESS_TOLD, PART_MISSING, *TRY_AGAIN})


NONE: Final = Validators()
_PLAIN_EVERY: Final = 3
_BY_TOMORROW: Final = timedelta(hours=20)


@attrs.frozen(kw_only=True)
class Look:
    """A stored article to be looked at again, at the address that it was read from."""

    article_id: int
    url_id: int
    url: str
    hint: Hint
    anchor_at: datetime
    looks: int = 0
    standing: Standing = attrs.field(factory=Standing)
    validators: Validators = NONE
    stale: Validators = NONE

    def next_ask(self, *, honest: bool | None) -> tuple[Ask, Validators]:
        """Return how to ask, and with which validators; *honest* is what the outlet's have proved so far.

        They prove themselves when, after an edit, the stale ones are answered with the page. Every third look
        at an article asks without them all the same.
        """
        if honest is None and self.stale.effective and not self.standing.gone:
            return "challenge", self.stale
        usable = honest and self.validators.effective and not self.standing.gone
        if usable and (self.looks + 1) % _PLAIN_EVERY:
            return "conditional", self.validators
        return "plain", NONE


@attrs.frozen(kw_only=True)
class Fetched:
    """How an article's page came: with which validators, whether to its end, and which look it was, if any.

    *ages* are those, from publication, at which the article is to be looked at again.
    """

    ages: Sequence[timedelta] = ()
    validators: Validators = NONE
    look: Look | None = None
    ended: bool = True


FIRST: Final = Fetched()


def looked(
    fetched: Fetched,
    published_at: Instant | None,
    first_seen_at: datetime,
    now: datetime,
    *,
    revised: bool = False,
) -> dict[str, Any]:
    """Return the values of an article whose own address was just read, and is there."""
    anchor = anchor_of(published_at.utc if published_at else None, first_seen_at)
    values: dict[str, Any] = {
        "looked_at": now,
        "due_at": next_age(fetched.ages, anchor, now),
        "gone": None,
        "gone_at": None,
        "gone_looks": 0,
        "etag": fetched.validators.etag,
        "last_modified": fetched.validators.last_modified,
    }
    if fetched.look is not None:
        values["looks"] = fetched.look.looks + 1
        before, came = fetched.look.validators, fetched.validators
        if revised and before.effective and came.effective and before.effective != came.effective:
            values |= {"stale_etag": before.etag, "stale_last_modified": before.last_modified}
    return values


def anchor_of(published_at: datetime | None, first_seen_at: datetime) -> datetime:
    """Return the moment that ages count from; a date in the future would put the looks off."""
    return first_seen_at if published_at is None else min(published_at, first_seen_at)


def next_age(ages: Sequence[timedelta], anchor: datetime, now: datetime) -> datetime | None:
    """Return when the article reaches the next of the ages, None when it has passed them all.

    A look counts for all ages already passed, so that several that passed together are one visit.
    """
    return min((anchor + age for age in ages if anchor + age > now), default=None)


def after_failure(
    ages: Sequence[timedelta], anchor: datetime, now: datetime, reason: str | None, attempts: int
) -> datetime | None:
    """Return when to look again after a look that told nothing, the *attempts*-th in a row (from 1).

    What may pass is tried again after growing delays, at the latest at the next age, and always soon enough
    for the next daily crawl: an outage of days would else put off a look that is due beyond its end.
    """
    planned = next_age(ages, anchor, now)
    passing = reason in _PASSING or reason in {Reason.NOT_FOUND, Reason.NOT_ARTICLE, Reason.EMPTY}
    if not passing or attempts > len(RETRY_AFTER):
        return planned
    retried = now + min(RETRY_AFTER[max(attempts, 1) - 1], _BY_TOMORROW)
    return min(retried, planned) if planned else retried
