"""`pantau alerts`: what is told to whom, what waits in the outbox, and what sends it."""

import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Engine

from crawler.alert_rules import AlertRule
from crawler.alerts import channels
from crawler.alerts.journal import Journal
from crawler.alerts.sender import Sender
from crawler.alerts.watching import Watch
from crawler.alerts.wording import text_of
from crawler.cli.findings import Finding
from crawler.cli.output import prepare_logging, print_json, say
from crawler.cli.schedule import declared_from_afar
from crawler.cli.store import opened
from crawler.cli.tables import print_table
from crawler.clock import Clock
from crawler.config import Config, nearest
from crawler.dates import wib
from crawler.errors import ConfigError
from crawler.scheduler.child import child_environ
from crawler.storage import outbox
from crawler.storage.alerts import GIVEN_UP, WAITING, Delivery, recent_deliveries, rules_state, waiting
from crawler.storage.database import open_database, reading

if TYPE_CHECKING:
    from crawler.health import Declared

AFTER_CRAWL_S: Final = 20.0
"""How long a crawl by hand waits for its alerts to be sent; after that they go on by themselves."""

_RECENT: Final = 1000
_LARGEST: Final = 2**31 - 1


def act(config: Config, action: str | None, which: str | None, *, as_json: bool = False) -> int:
    """Do what was asked about alerts and return the exit status; without an action list the rules.

    Raises:
        ConfigError: that cannot be asked, or not of this.
    """
    alone = {None: list_rules, "list": list_rules, "send": send_now, "watch": watch, "attend": attend}
    if action in alone:
        if which is not None:
            raise ConfigError(f"`pantau alerts {action or 'list'}` takes no more words; leave out {which!r}")
        return alone[action](config, as_json=as_json)
    if which is None:
        what = "the name of a rule" if action == "test" else "the number that `pantau alerts` shows"
        raise ConfigError(f"`pantau alerts {action}` needs {what}")
    if action == "test":
        return try_rule(config, which, as_json=as_json)
    if action == "show":
        return show_message(config, which, as_json=as_json)
    return change(config, str(action), which, as_json=as_json)


def list_rules(config: Config, *, as_json: bool = False) -> int:
    """Print how each rule stands and what waits in the outbox; return 1 where something was given up."""
    with opened(config) as engine, reading(engine) as connection:
        states = {state.rule: state for state in rules_state(connection)}
        left = waiting(connection)
    records: list[dict[str, Any]] = []
    for name in sorted(config.alerts.rules.keys() | states.keys()):
        rule, state = config.alerts.rules.get(name), states.get(name)
        records.append(
            {
                "rule": name,
                "on": list(rule.on) if rule else [],
                "channels": list(rule.channels) if rule else [],
                "configured": rule is not None,
                "last_at": state and state.last_at and state.last_at.isoformat(),
                "pending": state.pending if state else 0,
                "deliveries": dict(state.deliveries) if state else {},
                "standing": [
                    {
                        "subject": one.subject,
                        "since": one.since.isoformat(),
                        "told": one.told,
                        "repeats": one.repeats,
                        "next_at": one.next_at and one.next_at.isoformat(),
                    }
                    for one in (state.conditions if state else ())
                ],
            }
        )
    if as_json:
        for record in records:
            print_json(record)
        for delivery in left:
            print_json(_record(delivery))
    else:
        _print_rules(config, records, left)
    return int(any(delivery.state == GIVEN_UP for delivery in left))


def _print_rules(config: Config, records: list[dict[str, Any]], left: list[Delivery]) -> None:
    if not config.alerts.rules:
        say("no rule is configured: docs/alerts.md has examples of [alerts.NAME] for pantau.toml")
    if records:
        print_table(
            ["rule", "on", "channels", "last (WIB)", "to be told", "sent", "waiting", "given up", "standing"],
            [
                [
                    record["rule"] + ("" if record["configured"] else " (not configured)"),
                    ", ".join(record["on"]),
                    ", ".join(record["channels"]),
                    wib(datetime.fromisoformat(record["last_at"])) if record["last_at"] else None,
                    record["pending"],
                    record["deliveries"].get("sent", 0),
                    record["deliveries"].get(WAITING, 0) + record["deliveries"].get("sending", 0),
                    record["deliveries"].get(GIVEN_UP, 0),
                    ", ".join(one["subject"] for one in record["standing"]),
                ]
                for record in records
            ],
        )
    if left:
        print_table(
            ["number", "state", "rule", "channel", "subject", "tries", "next (WIB)", "error"],
            [
                [
                    one.id,
                    one.state,
                    one.rule,
                    one.channel,
                    one.subject,
                    one.attempts,
                    wib(one.next_at) if one.state != GIVEN_UP else None,
                    one.error,
                ]
                for one in left
            ],
        )
        say("`pantau alerts retry NUMBER` sends one again at once, `pantau alerts drop NUMBER` lets it go")


def try_rule(config: Config, name: str, *, as_json: bool = False) -> int:
    """Send a test message to each channel of a rule, past the outbox; return 1 where one did not arrive."""
    rule = _rule(config, name)
    failed = 0
    for channel, address in zip(rule.channels, rule.channel, strict=True):
        text = f"a test of the rule {name}: this channel is reached"
        delivery = Delivery(
            id=0,
            message_id=str(uuid.uuid4()),
            rule=name,
            channel=channel,
            subject=f"pantau: a test of {name}",
            content={
                "rule": name,
                "sections": [{"kind": "test", "heading": "Test", "items": [{"text": text}], "more": 0}],
            },
            made_at=datetime.now(UTC),
            state=WAITING,
            attempts=0,
            next_at=datetime.now(UTC),
            error=None,
            sent_at=None,
        )
        answer = channels.send(address, delivery, within_s=config.alerts.send_s)
        failed += not answer.arrived
        if as_json:
            print_json({"rule": name, "channel": channel, "arrived": answer.arrived, "error": answer.error})
        else:
            say(f"{channel}: {'arrived' if answer.arrived else f'did not arrive: {answer.error}'}")
    return int(failed > 0)


def show_message(config: Config, which: str, *, as_json: bool = False) -> int:
    """Print all that a message tells, by its id or the number of a delivery, and where it went.

    Raises:
        ConfigError: there is none.
    """
    with opened(config) as engine, reading(engine) as connection:
        found = [
            one
            for one in (*waiting(connection), *recent_deliveries(connection, _RECENT))
            if which in {one.message_id, str(one.id)}
        ]
    if not found:
        raise ConfigError(f"there is no message {which!r} among the last {_RECENT}; see `pantau alerts`")
    mine = {one.id: one for one in found}.values()
    first = found[0]
    if as_json:
        for one in mine:
            print_json(_record(one) | {"content": one.content})
        return 0
    say(first.subject)
    for line in text_of(first.content, message_id=first.message_id, most_chars=10**6, chat=False).split("\n"):
        say(line)
    for one in mine:
        say(f"{one.id}: {one.state} at {one.channel}{f' ({one.error})' if one.error else ''}")
    return 0


def change(config: Config, action: str, which: str, *, as_json: bool = False) -> int:
    """Have a delivery tried again at once, or let it go.

    Raises:
        ConfigError: there is none of that number that could.
    """
    with opened(config) as engine:
        number = int(which) if which.isascii() and which.isdigit() and int(which) <= _LARGEST else 0
        done = (outbox.retry if action == "retry" else outbox.drop)(engine, number)
    if not done:
        raise ConfigError(f"no delivery {which!r} waits or was given up; `pantau alerts` lists them")
    said = "is tried at the next `pantau alerts send`" if action == "retry" else "is let go"
    if as_json:
        print_json({"delivery": number, "state": WAITING if action == "retry" else "dropped"})
    else:
        say(f"delivery {number} {said}")
    return 0


def send_now(config: Config, *, as_json: bool = False) -> int:
    """Decide and deliver what is due now; return 1 where something failed, now or before."""
    with _sender(config) as (engine, sender):
        holder = sender.lead()
        arrived = 0
        if holder.mine:
            try:
                arrived = sender.pass_once()
            finally:
                sender.release()
        with reading(engine) as connection:
            left = waiting(connection)
    failed = [one for one in left if one.error is not None]
    if as_json:
        print_json({"arrived": arrived, "waiting": len(left), "failed": len(failed), "mine": holder.mine})
    elif not holder.mine:
        say(f"process {holder.pid} on {holder.host} sends what is due")
    else:
        say(f"{arrived} arrived, {len(left)} wait, {len(failed)} of them after a failure")
    return int(bool(failed) and holder.mine)


def watch(config: Config, *, as_json: bool = False) -> int:  # noqa: ARG001 - it prints nothing
    """Decide, send and look after the schedule until this process is ended."""
    return _watch(config, lifeline=False)


def attend(config: Config, *, as_json: bool = False) -> int:  # noqa: ARG001 - it prints nothing
    """Do the same as the service's child: until its standard input is closed."""
    return _watch(config, lifeline=True)


def _watch(config: Config, *, lifeline: bool) -> int:
    prepare_logging(config.log_level, config.log_format)
    if not config.alerts.configured:
        raise ConfigError("no rule is configured; docs/alerts.md has examples of [alerts.NAME]")
    with _sender(config) as (_, sender), suppress(KeyboardInterrupt):
        Watch(sender=sender, lifeline=lifeline).run()
    return 0


def after_crawl(config: Config) -> None:
    """Let another process decide and send what a crawl by hand brought; wait for it a little."""
    if not config.alerts.rules:
        return
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "crawler.cli.main", "alerts", "send"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=child_environ(config),
        start_new_session=True,
    )
    with suppress(subprocess.TimeoutExpired):
        process.wait(AFTER_CRAWL_S)


def findings(config: Config) -> Iterator[Finding]:
    """Yield what `pantau doctor` says of the channels; nothing is sent."""
    for name, rule in config.alerts.rules.items():
        for called, address in zip(rule.channels, rule.channel, strict=True):
            try:
                kind, receivers = channels.check(address)
            except ConfigError as error:
                step = f"correct `channel` of [alerts.{name}]; docs/alerts.md has examples"
                yield Finding("alerts", "fail", f"{name}, channel {called}: {error}", step)
                continue
            if receivers != 1:
                step = "give each receiver a channel of its own: one that fails has the others told again"
                yield Finding("alerts", "warn", f"{name}, channel {called}: {receivers} receivers", step)
            else:
                yield Finding("alerts", "ok", f"{name}, channel {called}: {kind}")
    url = config.alerts.heartbeat_url.get_secret_value()
    if url and not url.startswith(("https://", "http://")):
        yield Finding("alerts", "fail", "heartbeat_url is no http(s) address", "correct it in [alerts]")


@contextmanager
def _sender(config: Config) -> Iterator[tuple[Engine, Sender]]:
    declared: Mapping[str, Declared] = {}
    if any("health" in rule.on for rule in config.alerts.rules.values()):
        declared = declared_from_afar(config)
    engine = open_database(config.database_url)
    journal = Journal.of(config.data_dir)
    try:
        yield (
            engine,
            Sender(
                engine=engine,
                config=config.alerts,
                journal=journal,
                clock=Clock.starting_at(config.now),
                declared=declared,
            ),
        )
    finally:
        journal.close()
        engine.dispose()


def _rule(config: Config, name: str) -> AlertRule:
    rule = config.alerts.rules.get(name)
    if rule is None:
        known = config.alerts.rules
        hint = nearest(name, known) or f"; there are: {', '.join(known) or 'none'}"
        raise ConfigError(f"there is no rule {name!r}{hint}")
    return rule


def _record(one: Delivery) -> dict[str, Any]:
    return {
        "delivery": one.id,
        "id": one.message_id,
        "rule": one.rule,
        "channel": one.channel,
        "state": one.state,
        "subject": one.subject,
        "made_at": one.made_at.isoformat(),
        "attempts": one.attempts,
        "next_at": one.next_at.isoformat(),
        "sent_at": one.sent_at and one.sent_at.isoformat(),
        "error": one.error,
    }
