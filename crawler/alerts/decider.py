"""Decides what is told: facts and conditions of the store become messages in the outbox.

Everything that one step reads, makes and marks is one transaction, made under the sender's lease: a kill
before its end leaves all of it to be done again, one after it leaves nothing to be done.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import attrs
from sqlalchemy import Connection, Engine, Row, delete, select, update

from crawler.alert_rules import AlertRule, AlertsConfig
from crawler.alerts import deciding
from crawler.alerts.deciding import Condition, Entry, Happened, Seen
from crawler.alerts.wording import content_of, subject_of
from crawler.health import Declared, Known, Word, judge, usual_crawls
from crawler.storage import outbox
from crawler.storage.database import clock, transact, upsert
from crawler.storage.facts import REVISED, Fact, forget_facts, mark_decided, undecided
from crawler.storage.leases import hold
from crawler.storage.pulses import SCHEDULE, pulse_of
from crawler.storage.schema import articles, revisions
from crawler.storage.schema_analysis import (
    alert_conditions,
    alert_entries,
    alert_messages,
    alert_rules,
    verdicts,
)

logger = logging.getLogger(__name__)

REACH: Final = timedelta(days=1)
"""How far back a new rule looks."""

KEPT: Final = timedelta(days=90)
_BATCH: Final = 100
_TROUBLE: Final = frozenset({Word.SILENT, Word.REDESIGNED, Word.LATE})
_UNWATCHED: Final = frozenset({Word.OFF, Word.QUARANTINED, Word.PAUSED, Word.NEW})


@attrs.frozen(kw_only=True)
class Decider:
    """What decides for one configuration, as the holder of the sender's lease with that *token*."""

    engine: Engine
    config: AlertsConfig
    token: str
    declared: Mapping[str, Declared] = attrs.field(factory=dict)

    def articles(self, now: datetime) -> int:
        """Hold the new facts against the rules and return how many there were.

        Raises:
            LeaseLostError: another process decides by now.
        """
        number = 0
        while True:
            held = transact(self.engine, lambda connection: self._facts(connection, now))
            number += held
            if held < _BATCH:
                return number

    def conditions(self, now: datetime, *, health: bool = True) -> None:
        """See how the schedule is, and with *health* the outlets, and note what changed.

        Raises:
            LeaseLostError: another process decides by now.
        """
        transact(self.engine, lambda connection: self._conditions(connection, now, health=health))

    def messages(self, now: datetime) -> list[str]:
        """Put what is due into the outbox and return the ids of the messages made.

        Raises:
            LeaseLostError: another process decides by now.
        """
        return transact(self.engine, lambda connection: self._messages(connection, now))

    def forget(self, now: datetime) -> None:
        """Delete what was over long ago."""

        def clear(connection: Connection) -> None:
            hold(connection, outbox.SENDER, self.token)
            outbox.forget(connection, now - KEPT)
            forget_facts(connection, now - KEPT)

        transact(self.engine, clear)

    # --- Articles

    def _facts(self, connection: Connection, now: datetime) -> int:
        hold(connection, outbox.SENDER, self.token)
        facts = undecided(connection, _BATCH)
        if not facts:
            return 0
        since = {name: _since(connection, name, now) for name in self.config.rules}
        for happened in _happened(connection, facts):
            for name, rule in self.config.rules.items():
                entry = deciding.entry_of(rule, happened, since[name])
                if entry is not None:
                    _write_entry(connection, name, entry)
        mark_decided(connection, [fact.id for fact in facts], now)
        return len(facts)

    # --- Conditions

    def _conditions(self, connection: Connection, now: datetime, *, health: bool) -> None:
        hold(connection, outbox.SENDER, self.token)
        outlets: list[Seen] | None = None
        schedule: Seen | None = None
        for name, rule in self.config.rules.items():
            _since(connection, name, now)
            known = _known(connection, name)
            if "silence" in rule.on:
                schedule = schedule or _schedule(connection, self.config)
                if schedule is not None:
                    _take_step(connection, name, rule, known.get(SCHEDULE), schedule, now)
            if health and "health" in rule.on:
                if outlets is None:
                    outlets = []
                    found = Known.of_all(connection)
                for outlet, declared in self.declared.items():
                    if rule.outlets and outlet not in rule.outlets:
                        continue
                    seen = seen_of(outlet, rule, declared, found.get(outlet, Known()), now)
                    _take_step(connection, name, rule, known.get(outlet), seen, now)

    # --- Messages

    def _messages(self, connection: Connection, now: datetime) -> list[str]:
        hold(connection, outbox.SENDER, self.token)
        made = []
        for name, rule in self.config.rules.items():
            due = deciding.due(
                name,
                rule,
                entries=_pending(connection, name),
                conditions=list(_known(connection, name).values()),
                sent=_sent(connection, name, now),
                now=now,
            )
            if due is None:
                continue
            content = content_of(name, due)
            outbox.put(connection, due.id, name, subject_of(content), content, rule.channels, now)
            for entry in due.entries:
                mine = update(alert_entries).where(alert_entries.c.id == entry.id)
                connection.execute(mine, {"message_id": due.id})
            for condition in due.conditions:
                _write_condition(connection, name, condition)
            connection.execute(update(alert_rules).where(alert_rules.c.rule == name), {"last_at": now})
            made.append(due.id)
        return made


def seen_of(outlet: str, rule: AlertRule, declared: Declared, known: Known, now: datetime) -> Seen:
    """Return how an outlet is under a rule: ill when k of its last n crawls were not healthy."""
    health = judge(outlet, declared, known, now)
    crawls = usual_crawls(known.runs)
    bad = sum(run.verdict != "healthy" for run in crawls[-rule.n :])
    ill = health.word is not Word.HEALTHY and (health.word in _TROUBLE or bad >= rule.k)
    sound = health.word is Word.HEALTHY and all(run.verdict == "healthy" for run in crawls[-rule.well :])
    return Seen(
        subject=outlet,
        ill=ill,
        sound=sound,
        watched=health.word not in _UNWATCHED,
        cause=str(health),
        since=health.since,
    )


def _schedule(connection: Connection, config: AlertsConfig) -> Seen | None:
    """Return whether the schedule stands still, None where none ever ran."""
    pulse = pulse_of(connection, SCHEDULE)
    if pulse is None:
        return None
    still = clock(connection) - pulse.at
    silent = still > timedelta(seconds=config.silence_s)
    how = "it was stopped in order" if pulse.ended else "it fell silent"
    cause = f"{how} (process {pulse.pid} on {pulse.host}); start it again: `pantau schedule`"
    return Seen(
        subject=SCHEDULE,
        ill=silent,
        sound=not silent and not pulse.ended,
        cause=cause if silent else "it is at work",
        since=pulse.at,
    )


# --- Rows


def _since(connection: Connection, rule: str, now: datetime) -> datetime:
    """Return from when on a rule tells; one that is seen for the first time looks back a little."""
    known = select(alert_rules.c.since).where(alert_rules.c.rule == rule)
    found: datetime | None = connection.execute(known).scalar()
    if found is None:
        found = now - REACH
        made = upsert(connection, alert_rules).values(rule=rule, since=found)
        connection.execute(made.on_conflict_do_nothing())
    return found


def _happened(connection: Connection, facts: Sequence[Fact]) -> Iterator[Happened]:
    ids = {fact.article_id for fact in facts}
    addresses = {
        row.id: row.canonical_url
        for row in connection.execute(
            select(articles.c.id, articles.c.canonical_url).where(articles.c.id.in_(ids))
        )
    }
    topics: dict[int, set[str]] = {}
    for table, where in ((verdicts, verdicts.c.article_id), (revisions, revisions.c.article_id)):
        on = select(where, table.c.topic).where(where.in_(ids), table.c.on_topic.is_(True)).distinct()
        for article_id, topic in connection.execute(on):
            topics.setdefault(article_id, set()).add(topic)
    for fact in facts:
        row = _revision(connection, fact.article_id, fact.revision)
        if row is None:
            continue
        before = None
        if fact.kind == REVISED and fact.revision > 1:
            before = _revision(connection, fact.article_id, fact.revision - 1)
        yield Happened(
            fact=fact,
            headline=row.headline,
            url=addresses.get(fact.article_id, row.url),
            published_at=row.published_at,
            topics=topics.get(fact.article_id, ()),
            text=_text(row),
            before=None if before is None else _text(before),
        )


def _revision(connection: Connection, article_id: int, number: int) -> Any:  # noqa: ANN401 - a row, or None
    wanted = (revisions.c.headline, revisions.c.url, revisions.c.published_at, revisions.c.body)
    mine = (revisions.c.article_id == article_id) & (revisions.c.number == number)
    row: Any = connection.execute(select(*wanted).where(mine)).one_or_none()
    return row


def _text(row: Row[Any]) -> str:
    return "\n".join([row.headline, *row.body])


def _write_entry(connection: Connection, rule: str, entry: Entry) -> None:
    values = {name: getattr(entry, name) for name in ("key", "kind", "at", "ready_at")}
    made = upsert(connection, alert_entries).values(rule=rule, detail=dict(entry.detail), **values)
    connection.execute(made.on_conflict_do_nothing())


def _pending(connection: Connection, rule: str) -> list[Entry]:
    mine = select(alert_entries).where(alert_entries.c.rule == rule, alert_entries.c.message_id.is_(None))
    names = [field.name for field in attrs.fields(Entry)]
    return [
        Entry(**{name: getattr(row, name) for name in names})
        for row in connection.execute(mine.order_by(alert_entries.c.id))
    ]


def _known(connection: Connection, rule: str) -> dict[str, Condition]:
    found = connection.execute(select(alert_conditions).where(alert_conditions.c.rule == rule))
    names = [field.name for field in attrs.fields(Condition) if field.name != "notices"]
    return {
        row.subject: Condition(
            **{name: getattr(row, name) for name in names},
            notices=tuple(datetime.fromisoformat(one) for one in row.notices),
        )
        for row in found
    }


def _take_step(  # noqa: PLR0913, PLR0917 - what a step is made of
    connection: Connection, name: str, rule: AlertRule, known: Condition | None, seen: Seen, now: datetime
) -> None:
    taken = deciding.step(rule, known, seen, now)
    if taken is None:
        return
    for row in _pending(connection, name):
        if row.kind in taken.cancelled and row.detail["subject"] == seen.subject:
            connection.execute(delete(alert_entries).where(alert_entries.c.id == row.id))
    _write_condition(connection, name, taken.condition)
    if taken.entry is not None:
        _write_entry(connection, name, taken.entry)


def _write_condition(connection: Connection, rule: str, condition: Condition) -> None:
    values = attrs.asdict(condition) | {"notices": [one.isoformat() for one in condition.notices]}
    del values["subject"]
    made = upsert(connection, alert_conditions).values(rule=rule, subject=condition.subject, **values)
    connection.execute(made.on_conflict_do_update(index_elements=["rule", "subject"], set_=values))


def _sent(connection: Connection, rule: str, now: datetime) -> list[datetime]:
    lately = (alert_messages.c.rule == rule) & (alert_messages.c.made_at > now - deciding.DAY)
    return list(connection.execute(select(alert_messages.c.made_at).where(lately)).scalars())
