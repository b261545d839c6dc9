"""What a rule tells of, and when: pure functions over facts, the rule and what it told before.

Nothing here reads a clock or a store. `crawler.alerts.decider` gives the facts in and keeps what comes out.
"""

import hashlib
import re
import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import attrs

from crawler.alert_rules import AlertRule, minutes_of
from crawler.dates import WIB
from crawler.storage.facts import CONFIRMED, NEW, RESTORED, REVISED, Fact
from crawler.storage.pulses import SCHEDULE

DAY: Final = timedelta(days=1)
ILL: Final = "ill"
WELL: Final = "well"
STILL: Final = "still"
STOPPED: Final = "stopped"
WORKS: Final = "works"
LASTING: Final = frozenset({ILL, WELL, STILL, STOPPED, WORKS})
_NAMESPACE: Final = uuid.UUID("8f0b7c7e-57a5-4b53-9c3e-0d8f3f0c2a61")


@attrs.frozen(kw_only=True)
class Happened:
    """A fact, with what rules look at. `text` is headline and body; `before` is that of the last revision.

    `topics` are those that the article is on, or was when it was kept. Times are UTC.
    """

    fact: Fact
    headline: str
    url: str
    published_at: datetime | None
    topics: Collection[str]
    text: str
    before: str | None = None


@attrs.frozen(kw_only=True)
class Entry:
    """One thing that a rule wants told, once for each key; not before `ready_at`."""

    key: str
    kind: str
    at: datetime
    ready_at: datetime
    detail: Mapping[str, Any]
    id: int = 0


@attrs.frozen(kw_only=True)
class Condition:
    """What is known of one subject under a rule; `told` is true from when it is told until its end is."""

    subject: str
    ill: bool
    since: datetime
    told: bool = False
    repeats: int = 0
    next_at: datetime | None = None
    cause: str | None = None
    notices: tuple[datetime, ...] = ()


@attrs.frozen(kw_only=True)
class Seen:
    """How a subject is now: `ill` begins a condition, only `sound` or no `watched` ends one."""

    subject: str
    ill: bool
    sound: bool
    cause: str
    since: datetime | None = None
    watched: bool = True


@attrs.frozen
class Step:
    """What seeing a subject comes to: how it stands, what to tell, and kinds not to be told any more."""

    condition: Condition
    entry: Entry | None = None
    cancelled: frozenset[str] = frozenset()


@attrs.frozen(kw_only=True)
class Due:
    """A message that is due: what it tells, and the conditions as they stand once it is in the outbox."""

    id: str
    entries: tuple[Entry, ...]
    repeated: tuple[Condition, ...]
    conditions: tuple[Condition, ...]


# --- What happened to articles


def entry_of(rule: AlertRule, happened: Happened, since: datetime) -> Entry | None:
    """Return what *rule* tells of a fact, None where it does not; what was before *since* is the past."""
    fact = happened.fact
    if fact.at < since or (rule.outlets and fact.outlet not in rule.outlets):
        return None
    words = _words(rule, happened)
    kind = _kind(rule, happened, words)
    if kind is None:
        return None
    detail = {
        "article": fact.article_id,
        "revision": fact.revision,
        "outlet": fact.outlet,
        "headline": happened.headline,
        "url": happened.url,
        "published_at": happened.published_at and happened.published_at.isoformat(),
        "words": words,
        **{key: fact.detail[key] for key in ("kinds", "signal", "since", "was") if fact.detail.get(key)},
    }
    key = f"{fact.kind}:{fact.outlet}:{fact.article_id}:{fact.revision}:{fact.at.isoformat()}"
    return Entry(key=key, kind=kind, at=fact.at, ready_at=fact.at, detail=detail)


def _kind(rule: AlertRule, happened: Happened, words: Sequence[str]) -> str | None:
    fact = happened.fact
    on_topic = bool(set(happened.topics) & set(rule.topics) if rule.topics else happened.topics)
    if fact.kind == NEW:
        if not _fresh(rule, happened):
            return None
        return NEW if NEW in rule.on and on_topic else "keyword" if words else None
    if fact.kind == REVISED:
        edited = fact.detail.get("cause") != "rules"
        if "edit" in rule.on and edited and (on_topic or not rule.topics):
            return "edit"
        return "keyword" if words and edited else None
    told = fact.kind == CONFIRMED or (fact.kind == RESTORED and fact.detail.get("was") == "confirmed")
    if "gone" in rule.on and told and (on_topic or not rule.topics):
        return "gone" if fact.kind == CONFIRMED else "back"
    return None


def _fresh(rule: AlertRule, happened: Happened) -> bool:
    published = happened.published_at
    if published is None or not rule.newest_days:
        return True
    return happened.fact.at - published <= timedelta(days=rule.newest_days)


def _words(rule: AlertRule, happened: Happened) -> list[str]:
    """Return the keywords that the text has, and had not before."""
    if happened.fact.kind not in {NEW, REVISED}:
        return []
    return [
        word
        for word in rule.keywords
        if has_word(happened.text, word) and not (happened.before and has_word(happened.before, word))
    ]


def has_word(text: str, keyword: str) -> bool:
    """Tell whether *text* has the keyword as whole words, in any case, its spaces of any length."""
    parts = r"\s+".join(map(re.escape, keyword.split()))
    return re.search(rf"(?<!\w){parts}(?!\w)", text, re.IGNORECASE) is not None


# --- What lasts


def step(rule: AlertRule, known: Condition | None, seen: Seen, now: datetime) -> Step | None:
    """Return what changes for a subject, None where nothing does."""
    standing = known is not None and known.ill
    if not standing:
        if not seen.ill or not seen.watched:
            return None
        return _begins(rule, known, seen, now)
    assert known is not None  # noqa: S101 - for the type checker
    if seen.watched and not seen.sound:
        return Step(attrs.evolve(known, cause=seen.cause)) if seen.cause != known.cause else None
    kinds = _kinds(seen.subject)
    over = attrs.evolve(known, ill=False, next_at=None, cause=None)
    if not known.told:  # nobody heard of it: neither of its end
        return Step(over, cancelled=frozenset({kinds[0]}))
    detail = {"subject": seen.subject, "cause": seen.cause, "since": known.since.isoformat()}
    return Step(over, _lasting(rule, over, kinds[1], detail, now))


def _begins(rule: AlertRule, known: Condition | None, seen: Seen, now: datetime) -> Step:
    ill, well = _kinds(seen.subject)
    if known is not None and known.told:  # its end was never told, so it goes on for whoever heard of it
        goes_on = attrs.evolve(known, ill=True, cause=seen.cause, next_at=now + rule.pause_before(0))
        return Step(goes_on, cancelled=frozenset({well}))
    since = min(seen.since or now, now)
    made = Condition(
        subject=seen.subject,
        ill=True,
        since=since,
        cause=seen.cause,
        notices=known.notices if known else (),
    )
    detail = {"subject": seen.subject, "cause": seen.cause, "since": since.isoformat()}
    return Step(made, _lasting(rule, made, ill, detail, now))


def _lasting(
    rule: AlertRule, condition: Condition, kind: str, detail: Mapping[str, Any], now: datetime
) -> Entry:
    """Return the entry of a change; of a subject that flaps it is held until a day has passed."""
    lately = [one for one in condition.notices if one > now - DAY]
    gather = timedelta(0) if condition.subject == SCHEDULE else timedelta(hours=rule.gather_h)
    ready_at = now + gather
    if len(lately) >= rule.flaps:
        ready_at = max(ready_at, sorted(lately)[-rule.flaps] + DAY)
    key = f"{kind}:{condition.subject}:{now.isoformat()}"
    return Entry(key=key, kind=kind, at=now, ready_at=ready_at, detail=detail)


def _kinds(subject: str) -> tuple[str, str]:
    return (STOPPED, WORKS) if subject == SCHEDULE else (ILL, WELL)


# --- When it is told


def due(  # noqa: PLR0913 - keyword-only, what the decision rests on
    name: str,
    rule: AlertRule,
    *,
    entries: Sequence[Entry],
    conditions: Sequence[Condition],
    sent: Sequence[datetime],
    now: datetime,
) -> Due | None:
    """Return the message that *rule* sends now, None for none; *sent* are when its last ones were made."""
    if _is_quiet(rule, now) or sum(one > now - DAY for one in sent) >= rule.most_a_day:
        return None
    chosen = [*_news(rule, entries, now), *_changes(rule, entries, now)]
    told = {entry.detail["subject"] for entry in chosen if entry.kind in LASTING}
    repeated = _repeats(rule, conditions, told, now)
    if not chosen and not repeated:
        return None
    keys = [entry.key for entry in chosen]
    keys += [f"{STILL}:{one.subject}:{one.since.isoformat()}:{one.repeats}" for one in repeated]
    again = {one.subject for one in repeated}
    after = [
        _noticed(rule, one, now, repeated=one.subject in again)
        for one in conditions
        if one.subject in told or one.subject in again
    ]
    return Due(
        id=message_id(name, keys),
        entries=tuple(sorted(chosen, key=lambda entry: (entry.at, entry.id))),
        repeated=repeated,
        conditions=tuple(after),
    )


def message_id(rule: str, keys: Sequence[str]) -> str:
    """Return the id of the message that tells these things: the same whoever makes it, and how often."""
    digest = hashlib.sha256("\n".join([rule, *sorted(keys)]).encode("utf-8", "surrogatepass")).hexdigest()
    return str(uuid.uuid5(_NAMESPACE, digest))


def _news(rule: AlertRule, entries: Sequence[Entry], now: datetime) -> list[Entry]:
    news = [entry for entry in entries if entry.kind not in LASTING]
    if not news:
        return []
    if rule.at:
        slot = last_slot(rule.at, now)
        return [entry for entry in news if entry.at <= slot]
    # At once means at once: the clock of a rehearsal begins anew in each process, so a fact may be ahead.
    ready = not rule.every_h or min(entry.at for entry in news) + timedelta(hours=rule.every_h) <= now
    return news if ready else []


def _changes(rule: AlertRule, entries: Sequence[Entry], now: datetime) -> list[Entry]:
    """Return what began or ended, if any of it is ready: then all that was to be ready soon."""
    changes = [entry for entry in entries if entry.kind in LASTING]
    if rule.at:
        slot = last_slot(rule.at, now)
        changes = [entry for entry in changes if entry.at <= slot or entry.kind in {STOPPED, WORKS}]
    if not any(entry.ready_at <= now for entry in changes):
        return []
    return [entry for entry in changes if entry.ready_at <= now + timedelta(hours=rule.gather_h)]


def _repeats(
    rule: AlertRule, conditions: Sequence[Condition], told: Collection[str], now: datetime
) -> tuple[Condition, ...]:
    standing = [one for one in conditions if one.ill and one.told and one.next_at and one.subject not in told]
    if not any(one.next_at is not None and one.next_at <= now for one in standing):
        return ()
    soon = now + timedelta(hours=min(rule.gather_h, rule.repeat_h / 2))
    return tuple(one for one in standing if one.next_at is not None and one.next_at <= soon)


def _noticed(rule: AlertRule, condition: Condition, now: datetime, *, repeated: bool) -> Condition:
    repeats = condition.repeats + 1 if repeated else 0
    notices = (*(one for one in condition.notices if one > now - DAY), now)
    if not condition.ill:
        return attrs.evolve(condition, told=False, notices=notices, repeats=0)
    next_at = now + rule.pause_before(repeats)
    return attrs.evolve(condition, told=True, repeats=repeats, next_at=next_at, notices=notices)


def last_slot(times: Sequence[str], now: datetime) -> datetime:
    """Return the last of these times of day (WIB) that is not after *now*."""
    here = now.astimezone(WIB)
    slots = [
        datetime.combine(here.date() - timedelta(days=back), minutes_of(each), WIB)
        for back in (0, 1)
        for each in times
    ]
    return max(slot for slot in slots if slot <= now)


def _is_quiet(rule: AlertRule, now: datetime) -> bool:
    if not rule.quiet:
        return False
    begin, end = map(minutes_of, rule.quiet)
    here = now.astimezone(WIB).time()
    return begin <= here < end if begin < end else here >= begin or here < end
