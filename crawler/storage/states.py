"""The closed list of what can become of an address; the reasons of a fetch are in `crawler.reasons`."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from crawler.reasons import SENTENCES, TRY_AGAIN, Reason


class State(StrEnum):
    """What became of an address. Every address is in exactly one of these states."""

    PENDING = "pending"
    STORED = "stored"
    REVISED = "revised"
    UNCHANGED = "unchanged"
    OFF_TOPIC = "off-topic"
    DUPLICATE = "duplicate"
    NOT_AN_ARTICLE = "not-an-article"
    OUT_OF_WINDOW = "out-of-window"
    ROBOTS = "robots"
    BLOCKED = "blocked"
    FAILED = "failed"


KEPT: Final = frozenset({State.STORED, State.REVISED, State.UNCHANGED})
"""States of an address whose article is in the store."""

HEADLINE: Final = "headline"
LISTED: Final = "listed"
ADDRESS: Final = "address"
REOPENED: Final = "reopened"
SAME_TEXT: Final = "same-text"
NOT_MODIFIED: Final = "not-modified"
REDIRECT: Final = "redirect"
TYPOGRAPHY: Final = "typography"
OTHER_ADDRESS: Final = "other-address"
PART_MISSING: Final = "part-missing"
LESS_SURE: Final = "less-sure"
LESS_TOLD: Final = "less-told"
NO_HEADLINE: Final = "no-headline"
NO_BODY: Final = "no-body"

UNFETCHED: Final = frozenset({HEADLINE, LISTED, ADDRESS})
"""Reasons that rest on a list alone: the page itself was never looked at."""

OWN_REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        HEADLINE: "The headline in the list names neither side, so the page was not fetched.",
        LISTED: "The list dates it outside the window of the run, so the page was not fetched.",
        REOPENED: "Settled before, and to be looked at again.",
        SAME_TEXT: "Another address of the outlet carries the same text.",
        TYPOGRAPHY: "Only spaces, quotation marks or breaks between paragraphs differ from what is stored.",
        OTHER_ADDRESS: "Another address of a stored article; only its own shows whether it was edited.",
        PART_MISSING: "A part of the article could not be read, so the whole text that is stored stays.",
        LESS_SURE: "The page was read less surely than before, so what differs is not taken for an edit.",
        LESS_TOLD: "The page tells less than what is stored; believed if the next look finds the same.",
        "published": "The page dates it outside the window of the run.",
        NOT_MODIFIED: "The server says that nothing changed since the last visit.",
        REDIRECT: "The address leads elsewhere: to another article, or to what is none.",
        NO_HEADLINE: "The page has no headline.",
        NO_BODY: "The page has no text of an article.",
        ADDRESS: "The address has not the form of the outlet's articles.",
        "kind": "The page is a list, a gallery, a video or something else that is no article.",
    }
)

RETRIED: Final = frozenset({State.FAILED, State.BLOCKED, State.ROBOTS})

_STATES: Final[Mapping[str, State]] = MappingProxyType(
    {
        Reason.ROBOTS: State.ROBOTS,
        Reason.ROBOTS_UNAVAILABLE: State.ROBOTS,
        Reason.BLOCKED: State.BLOCKED,
        Reason.BLOCKED_ADDRESS: State.BLOCKED,
        Reason.RATE_LIMITED: State.BLOCKED,
        Reason.CHALLENGE: State.BLOCKED,
        Reason.CONSENT: State.BLOCKED,
        Reason.CAPTIVE_PORTAL: State.BLOCKED,
        Reason.OFFSITE: State.BLOCKED,
        Reason.OFFSITE_REDIRECT: State.BLOCKED,
        Reason.NOT_ARTICLE: State.NOT_AN_ARTICLE,
        Reason.NOT_HTML: State.NOT_AN_ARTICLE,
        Reason.EMPTY: State.NOT_AN_ARTICLE,
    }
)

# A bit less than whole days, so that a daily run that starts some minutes early still finds them due.
RETRY_AFTER: Final = tuple(timedelta(hours=hours) for hours in (1, 6, 20, 44, 164, 332))


def sentence(reason: str | None) -> str | None:
    """Return what *reason* means in one sentence, None for none; a verdict's own reason as it is."""
    if reason is None:
        return None
    if reason in SENTENCES:
        return SENTENCES[Reason(reason)]
    return OWN_REASONS.get(reason, reason)


def is_known_reason(state: str, reason: str | None) -> bool:
    """Tell whether *reason* is one of the closed list; off-topic ones are the topic's own words."""
    return reason is None or state == State.OFF_TOPIC or reason in OWN_REASONS or reason in SENTENCES


def state_of(reason: Reason) -> State:
    """Return the state of an address that was not read for *reason*."""
    return _STATES.get(reason, State.FAILED)


def retry_delay(state: State, reason: str | None, attempts: int) -> timedelta | None:
    """Return how long to wait after the *attempts*-th failure (from 1), None for no further try."""
    if state not in RETRIED or reason not in TRY_AGAIN or attempts > len(RETRY_AFTER):
        return None
    return RETRY_AFTER[max(attempts, 1) - 1]
