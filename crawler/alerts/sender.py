"""Sends what is in the outbox: takes up what an ended sender left, decides, delivers, notes the outcome.

One process a store does so at a time, by a lease. A message is claimed before it is sent and marked after
it arrived, and its id is the same however often it is tried.
"""

import logging
import random
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

import attrs
from sqlalchemy import Engine

from crawler.alert_rules import AlertsConfig
from crawler.alerts import channels
from crawler.alerts.channels import Answer
from crawler.alerts.decider import Decider
from crawler.alerts.journal import Journal
from crawler.clock import Clock
from crawler.health import Declared
from crawler.storage import leases, outbox
from crawler.storage.alerts import Delivery
from crawler.storage.database import clock as store_clock
from crawler.storage.database import read
from crawler.storage.leases import Holder

logger = logging.getLogger(__name__)

FIRST_PAUSE_S: Final = 30.0
LONGEST_PAUSE_S: Final = 6 * 3600.0
JITTER: Final = 0.2
HEALTH_EVERY_S: Final = 30.0
FORGET_EVERY_S: Final = 3600.0
MOST_A_PASS: Final = 200
MOST_S_A_PASS: Final = 60.0
"""After so long no further delivery is begun: a heartbeat may be due, however many channels hang."""

_NEVER: Final = float("-inf")


@attrs.define(kw_only=True)
class Sender:
    """What decides and sends for one store, while it holds the lease."""

    engine: Engine
    config: AlertsConfig
    journal: Journal
    clock: Clock
    declared: Mapping[str, Declared] = attrs.field(factory=dict)
    token: str = attrs.field(factory=lambda: uuid.uuid4().hex)
    chance: Callable[[], float] = random.random
    _health_s: float = _NEVER
    _leased_s: float = _NEVER
    _forgot_s: float = _NEVER

    @property
    def lease_s(self) -> float:
        """Return how long this process may be silent: longer than any one attempt can take."""
        return 3 * self.config.send_s + 60

    def lead(self) -> Holder:
        """Take or prolong the lease and return who has it."""
        began_s = self.clock.seconds()
        holder = leases.acquire(self.engine, outbox.SENDER, self.token, self.lease_s)
        if holder.mine:
            self._leased_s = began_s
        return holder

    def leads(self) -> bool:
        """Tell whether this process has the lease, having prolonged it where that is due."""
        return self.clock.seconds() - self._leased_s < self.lease_s / 4 or self.lead().mine

    def pass_once(self) -> int:
        """Decide what is told now and deliver what is due; return how many deliveries arrived.

        Raises:
            LeaseLostError: another process sends by now.
        """
        self._take_up()
        now = self.clock.now()
        decider = Decider(engine=self.engine, config=self.config, token=self.token, declared=self.declared)
        decider.articles(now)
        began_s = self.clock.seconds()
        health = began_s - self._health_s >= HEALTH_EVERY_S
        decider.conditions(now, health=health)
        if health:
            self._health_s = began_s
        if began_s - self._forgot_s >= FORGET_EVERY_S:
            self._forgot_s = began_s
            decider.forget(now)
        for message_id in decider.messages(now):
            logger.info("alert %s is in the outbox", message_id)
        return self._deliver()

    def release(self) -> None:
        """Give the lease back."""
        leases.release(self.engine, outbox.SENDER, self.token)

    def _take_up(self) -> None:
        """Mark what arrived and whose sender ended before it could say so in the store."""
        noted = self.journal.arrived()
        for message_id, channel in noted:
            outbox.mark_sent(self.engine, message_id, channel)
        if noted:
            self.journal.clear()

    def _deliver(self) -> int:
        arrived, began_s = 0, self.clock.seconds()
        for _ in range(MOST_A_PASS):
            if self.clock.seconds() - began_s > MOST_S_A_PASS or not self.leads():
                break
            claimed_s = time.monotonic()
            delivery = outbox.claim(self.engine, self.token)
            if delivery is None:
                break
            arrived += self._deliver_one(delivery, claimed_s)
        return arrived

    def _deliver_one(self, delivery: Delivery, claimed_s: float) -> bool:
        rule = self.config.rules.get(delivery.rule)
        if rule is None or delivery.channel not in rule.channels:
            why = "its channel is no longer in the configuration; `pantau alerts drop` lets it go"
            outbox.mark_failed(self.engine, delivery.id, self.token, why, None)
            return False
        if time.monotonic() - claimed_s > self.lease_s / 2:  # frozen since: another may have sent it
            return False
        channel = rule.channel[rule.channels.index(delivery.channel)]
        answer = channels.send(channel, delivery, within_s=self.config.send_s)
        if answer.arrived:
            self.journal.note(delivery.message_id, delivery.channel)
            outbox.mark_sent(self.engine, delivery.message_id, delivery.channel)
            self.journal.clear()
            logger.info("alert %s arrived at %s of %s", delivery.message_id, delivery.channel, delivery.rule)
            return True
        self._failed(delivery, answer)
        return False

    def _failed(self, delivery: Delivery, answer: Answer) -> None:
        error = answer.error or "it did not arrive"
        over = self.clock.now() - delivery.made_at > timedelta(days=self.config.give_up_days)
        again_at: datetime | None = None
        if not over:
            pause_s = pause_before(delivery.attempts + 1, answer.retry_after_s, self.chance())
            again_at = read(self.engine, store_clock) + timedelta(seconds=pause_s)
        outbox.mark_failed(self.engine, delivery.id, self.token, error, again_at)
        level = logging.WARNING if over or not delivery.attempts else logging.INFO
        then = "given up" if again_at is None else f"tried again at {again_at:%Y-%m-%d %H:%M:%S} UTC"
        logger.log(
            level, "alert %s to %s of %s: %s; %s", delivery.message_id, delivery.channel, delivery.rule,
            error, then,
        )  # fmt: skip


def pause_before(attempts: int, retry_after_s: float | None, chance: float) -> float:
    """Return how many seconds to wait after so many failed attempts; *chance* is from 0 to 1.

    It doubles from attempt to attempt, up to some hours, and is a little longer or shorter by chance. What
    the receiver asks for is waited for at least.
    """
    pause_s: float = min(FIRST_PAUSE_S * 2 ** min(attempts - 1, 30), LONGEST_PAUSE_S)
    pause_s *= 1 - JITTER + 2 * JITTER * chance
    return max(pause_s, retry_after_s or 0.0)
