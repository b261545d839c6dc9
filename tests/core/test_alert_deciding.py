"""What a rule tells, and when: facts and conditions in, messages out, by an injected clock."""

from datetime import datetime, timedelta
from typing import Any

import attrs
import pytest

from crawler.alert_rules import AlertRule
from crawler.alerts import deciding
from crawler.alerts.deciding import ILL, SCHEDULE, STOPPED, WELL, WORKS, Condition, Entry, Happened, Seen
from crawler.storage.facts import Fact
from tests.core.storing import NOON

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
PAST = NOON - DAY


def rule(*on: str, **changes: Any) -> AlertRule:
    return AlertRule.model_validate({"channel": "json://127.0.0.1/", "on": on, **changes})


def happened(kind: str = "new", **changes: Any) -> Happened:
    detail = changes.pop("detail", {})
    fact = Fact(
        id=1, kind=kind, article_id=7, revision=changes.pop("revision", 1), run_id=1,
        outlet=changes.pop("outlet", "kontan"), at=changes.pop("at", NOON), detail=detail,
    )  # fmt: skip
    values: dict[str, Any] = {
        "headline": "Delegasi tiba",
        "url": "https://www.kontan.example/berita/1",
        "published_at": NOON - HOUR,
        "topics": {"russia-north-korea"},
        "text": "Delegasi tiba\nDi Pyongyang, rombongan  dari\nMoskwa disambut.",
    }
    return Happened(fact=fact, **(values | changes))


def kind_of(wanted: AlertRule, one: Happened, since: datetime = PAST) -> str | None:
    entry = deciding.entry_of(wanted, one, since)
    return entry and entry.kind


# --- Articles


@pytest.mark.parametrize(
    ("wanted", "one", "kind"),
    [
        (rule("new"), happened(), "new"),
        (rule("new"), happened(topics=()), None),
        (rule("new", topics=("lain",)), happened(), None),
        (rule("new", outlets=("detik",)), happened(), None),
        (rule("new", outlets=("kontan",)), happened(), "new"),
        (rule("new"), happened(at=PAST - HOUR), None),
        (rule("new"), happened(published_at=NOON - 8 * DAY), None),
        (rule("new", newest_days=0), happened(published_at=NOON - 800 * DAY), "new"),
        (rule("new"), happened(published_at=None), "new"),
        (rule("edit"), happened(), None),
        (rule("keyword", keywords=("moskwa",)), happened(topics=()), "keyword"),
        (rule("keyword", keywords=("dari Moskwa",)), happened(topics=()), "keyword"),
        (rule("keyword", keywords=("mosk",)), happened(topics=()), None),
        (rule("new", "keyword", keywords=("moskwa",)), happened(), "new"),
        (rule("edit"), happened("revised", detail={"cause": "outlet"}), "edit"),
        (rule("edit"), happened("revised", detail={"cause": "rules"}), None),
        (rule("keyword", keywords=("moskwa",)), happened("revised", before="tanpa itu"), "keyword"),
        (rule("keyword", keywords=("moskwa",)), happened("revised", before="sudah di Moskwa"), None),
        (rule("gone"), happened("confirmed"), "gone"),
        (rule("gone"), happened("restored", detail={"was": "confirmed"}), "back"),
        (rule("gone"), happened("restored", detail={"was": "suspected"}), None),
        (rule("health"), happened(), None),
    ],
)
def test_what_a_rule_tells_of_an_article(wanted: AlertRule, one: Happened, kind: str | None) -> None:
    assert kind_of(wanted, one) == kind


def test_one_fact_is_one_entry_with_the_words_found() -> None:
    entry = deciding.entry_of(rule("new", "keyword", keywords=("moskwa", "jakarta")), happened(), PAST)
    assert entry is not None
    assert entry.detail["words"] == ["moskwa"]


# --- When


def entry(number: int = 1, at: datetime = NOON, **changes: Any) -> Entry:
    values = {"key": f"k{number}", "kind": "new", "at": at, "ready_at": at, "detail": {}, "id": number}
    return Entry(**(values | changes))


def due(wanted: AlertRule, now: datetime, *entries: Entry, **more: Any) -> Any:
    return deciding.due(
        "r", wanted, **({"entries": entries, "conditions": (), "sent": (), "now": now} | more)
    )


def numbers(found: Any) -> list[int]:
    return [one.id for one in found.entries] if found else []


def test_news_goes_at_once_or_as_a_digest() -> None:
    two = entry(1), entry(2, NOON + HOUR)
    assert numbers(due(rule("new"), NOON, *two)) == [1, 2]
    digest = rule("new", every_h=3)
    assert due(digest, NOON + 2 * HOUR, *two) is None
    assert numbers(due(digest, NOON + 3 * HOUR, *two)) == [1, 2]
    at = rule("new", at=("07:00", "18:00"))
    assert due(at, NOON + 5 * HOUR, *two) is None
    assert numbers(due(at, NOON + 6 * HOUR, *two)) == [1, 2]
    assert numbers(due(at, NOON + 6 * HOUR, *two, entry(3, NOON + 6.5 * HOUR))) == [1, 2]


@pytest.mark.parametrize(
    ("quiet", "hours", "sends"),
    [
        (("22:00", "06:00"), 0, True),
        (("22:00", "06:00"), 10, False),
        (("22:00", "06:00"), 17.9, False),
        (("22:00", "06:00"), 18, True),
        (("11:00", "13:00"), 0, False),
        (("11:00", "13:00"), 1, True),
    ],
)
def test_quiet_hours_hold_back_and_lose_nothing(quiet: tuple[str, str], hours: float, sends: bool) -> None:
    assert bool(due(rule("new", quiet=quiet), NOON + hours * HOUR, entry())) is sends


def test_the_most_a_day_holds_back_and_the_next_message_has_all() -> None:
    wanted, sent = rule("new", most_a_day=2), (NOON - 2 * HOUR, NOON - HOUR)
    assert due(wanted, NOON, entry(), entry(2), sent=sent) is None
    assert numbers(due(wanted, NOON + 22 * HOUR, entry(), entry(2), sent=sent)) == [1, 2]


def test_the_id_is_of_what_is_told_not_of_who_tells_it_when() -> None:
    first, later = due(rule("new"), NOON, entry(), entry(2)), due(rule("new"), NOON + HOUR, entry(2), entry())
    assert first.id == later.id != due(rule("new"), NOON, entry()).id


# --- What lasts


@attrs.define
class World:
    """A rule, its conditions and pending entries, as the store keeps them, and what was sent."""

    rule: AlertRule
    now: datetime = NOON
    conditions: dict[str, Condition] = attrs.field(factory=dict)
    pending: list[Entry] = attrs.field(factory=list)
    sent: list[tuple[datetime, list[str]]] = attrs.field(factory=list)

    def see(self, after: timedelta, *ill: str, well: tuple[str, ...] = ()) -> None:
        """Let time pass in steps of five minutes, with these subjects ill and those well."""
        end = self.now + after
        while self.now < end:
            self.now += timedelta(minutes=5)
            for subject in (*ill, *well):
                self._step(subject, ill=subject in ill)
            self._send()

    def _step(self, subject: str, *, ill: bool) -> None:
        seen = Seen(subject=subject, ill=ill, sound=not ill, cause="blocked" if ill else "healthy")
        step = deciding.step(self.rule, self.conditions.get(subject), seen, self.now)
        if step is None:
            return
        self.pending = [
            one
            for one in self.pending
            if not (one.kind in step.cancelled and one.detail["subject"] == subject)
        ]
        self.conditions[subject] = step.condition
        if step.entry is not None:
            self.pending.append(step.entry)

    def _send(self) -> None:
        found = deciding.due(
            "r",
            self.rule,
            entries=self.pending,
            conditions=list(self.conditions.values()),
            sent=[at for at, _ in self.sent],
            now=self.now,
        )
        if found is None:
            return
        told = [f"{one.kind} {one.detail['subject']}" for one in found.entries]
        self.sent.append((self.now, sorted([*told, *(f"still {one.subject}" for one in found.repeated)])))
        self.pending = [one for one in self.pending if one not in found.entries]
        self.conditions.update({one.subject: one for one in found.conditions})


def test_ten_outlets_that_fail_in_one_hour_are_one_message() -> None:
    world, failed = World(rule("health")), []
    for number in range(10):
        failed.append(f"outlet{number}")
        world.see(timedelta(minutes=5), *failed)
    world.see(2 * HOUR, *failed)
    assert [told for _, told in world.sent] == [sorted(f"{ILL} {each}" for each in failed)]


def test_it_is_repeated_ever_more_seldom_and_its_end_is_told() -> None:
    world = World(rule("health", gather_h=0))
    world.see(10 * DAY, "kontan")
    gaps = [
        (later - earlier) / HOUR for (earlier, _), (later, _) in zip(world.sent, world.sent[1:], strict=False)
    ]
    assert gaps[:4] == [4, 8, 16, 32]
    assert set(gaps[4:]) == {48}
    number = len(world.sent)
    world.see(HOUR, well=("kontan",))
    assert [told for _, told in world.sent[number:]] == [[f"{WELL} kontan"]]


def test_what_is_over_before_it_was_told_is_not_told() -> None:
    world = World(rule("health", gather_h=1))
    world.see(HOUR / 2, "kontan")
    world.see(3 * HOUR, well=("kontan",))
    assert world.sent == []


def test_an_end_that_did_not_last_is_not_told_either() -> None:
    world = World(rule("health", gather_h=1))
    world.see(1.5 * HOUR, "kontan")
    world.see(HOUR / 2, well=("kontan",))
    number = len(world.sent)
    world.see(3 * HOUR, "kontan")
    assert number == 1
    assert world.sent[number:] == []
    world.see(2 * HOUR, "kontan")
    assert [told for _, told in world.sent[number:]] == [["still kontan"]]


def test_an_outlet_that_flaps_sends_no_more_than_its_share_a_day() -> None:
    world = World(rule("health", gather_h=0, flaps=4))
    for _ in range(48):  # ill for half an hour, well for half an hour, two days long
        world.see(HOUR / 2, "kontan")
        world.see(HOUR / 2, well=("kontan",))
    for at, _ in world.sent:
        assert sum(at - DAY < other <= at for other, _ in world.sent) <= 4
    assert len(world.sent) >= 4


def test_a_schedule_that_stops_is_told_at_once_and_its_return_too() -> None:
    world = World(rule("silence", gather_h=5))
    world.see(timedelta(minutes=5), SCHEDULE)
    world.see(5 * HOUR, SCHEDULE)
    world.see(timedelta(minutes=5), well=(SCHEDULE,))
    assert [told for _, told in world.sent] == [
        [f"{STOPPED} {SCHEDULE}"],
        [f"still {SCHEDULE}"],
        [f"{WORKS} {SCHEDULE}"],
    ]


def test_who_is_no_longer_watched_is_told_as_over() -> None:
    known = Condition(subject="kontan", ill=True, since=PAST, told=True)
    seen = Seen(subject="kontan", ill=True, sound=False, watched=False, cause="paused by an operator")
    step = deciding.step(rule("health"), known, seen, NOON)
    assert step is not None
    assert step.entry is not None
    assert (step.condition.ill, step.entry.kind) == (False, WELL)
    assert deciding.step(rule("health"), None, seen, NOON) is None
