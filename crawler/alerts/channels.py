"""Sends a message to one channel, within a bounded time; says whether it arrived, and if not why.

Mail, Slack, Telegram, webhooks and all else go through Apprise; a file is written here. Whatever a channel
says, nothing of its address gets into an error.
"""

import contextlib
import email.utils
import fcntl
import json
import logging
import mmap
import os
import re
import signal
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any, Final
from urllib.parse import unquote

import apprise
import attrs
import requests
from apprise.plugins.email import base as email_plugin
from pydantic import SecretStr

from crawler.alert_rules import FILE, scheme_of
from crawler.alerts.wording import clean, text_of
from crawler.errors import ConfigError
from crawler.logs import inert
from crawler.storage.alerts import Delivery

PLAIN: Final = frozenset({"json", "jsons", "xml", "xmls", "form", "forms", "mailto", "mailtos", FILE})
"""Schemes of channels in which a sign is only a sign; all others are taken for chats."""

JSON: Final = frozenset({"json", "jsons"})
CONNECT_S: Final = 10.0
MOST_CHARS: Final = 12_000
_MOST_ANSWER_BYTES: Final = 1_000_000
_SAID_CHARS: Final = 300
_OK: Final = range(200, 300)
_MAKE_ID: Final = "make_msgid"
_MOST_RETRY_AFTER_S: Final = 86_400.0

logging.getLogger("apprise").propagate = False


class _TooLongError(BaseException):
    """The time for one attempt is over; no `except Exception` of a library swallows it."""


@attrs.frozen
class Answer:
    """Whether a message arrived; if not, why, and how long the channel wants to be left alone."""

    arrived: bool
    error: str | None = None
    retry_after_s: float | None = None


def send(channel: SecretStr, delivery: Delivery, *, within_s: float) -> Answer:
    """Send a message to a channel and say what became of it. It never raises for what the channel does."""
    try:
        if scheme_of(channel) == FILE:
            return _write(file_of(channel), delivery)
        return _notify(channel, delivery, within_s)
    except ConfigError as error:
        return Answer(arrived=False, error=str(error))


def check(channel: SecretStr) -> tuple[str, int]:
    """Return what kind of channel an address is of, and how many receivers it names.

    Raises:
        ConfigError: it is no address of a channel; nothing of it is in the message.
    """
    if scheme_of(channel) == FILE:
        path = file_of(channel)
        if not path.parent.is_dir():
            raise ConfigError(f"the folder {path.parent} of the file is not there; make it")
        return FILE, 1
    plugin = _plugin(channel, 30.0)
    return str(plugin.service_name), len(plugin)


def file_of(channel: SecretStr) -> Path:
    """Return the file of a `file://` channel.

    Raises:
        ConfigError: it names none.
    """
    path = unquote(channel.get_secret_value().strip().partition("://")[2])
    if not path.strip("/") or path.endswith("/"):
        raise ConfigError("a file channel names a file: file:///var/log/pantau/alerts.jsonl")
    return Path(path)


# --- Through Apprise


def _plugin(channel: SecretStr, within_s: float) -> Any:  # noqa: ANN401 - a plugin of Apprise
    asset = apprise.AppriseAsset(
        app_id="pantau",
        app_desc="pantau",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        http_redirects=False,  # a receiver that leads elsewhere is not the one that was configured
        async_mode=False,
        secure_logging=True,
        storage_mode=apprise.PersistentStoreMode.MEMORY,
    )
    plugin: Any = None
    with contextlib.suppress(Exception):  # whatever it says of an address may repeat it
        plugin = apprise.Apprise.instantiate(
            channel.get_secret_value(), asset=asset, suppress_exceptions=True
        )
    if plugin is None:
        kind = scheme_of(channel)
        raise ConfigError(f"the address of a channel ({kind}://…) cannot be read; see docs/alerts.md")
    plugin.socket_connect_timeout = min(CONNECT_S, within_s)
    plugin.socket_read_timeout = within_s
    return plugin


def _notify(channel: SecretStr, delivery: Delivery, within_s: float) -> Answer:
    kind = scheme_of(channel)
    plugin = _plugin(channel, within_s)
    chat = kind not in PLAIN
    if kind in JSON:
        told = {
            "id": delivery.message_id,
            "rule": delivery.rule,
            "made_at": delivery.made_at.isoformat(),
            "sections": _inert_values(delivery.content["sections"]),
        }
        plugin.payload_extras = {**told, **plugin.payload_extras}
    most = min(MOST_CHARS, (plugin.body_maxlen or MOST_CHARS) - 200)
    body = text_of(delivery.content, message_id=delivery.message_id, most_chars=most, chat=chat)
    title = clean(delivery.subject, chat=chat)
    said = _Said()
    with _listening(said), _through(delivery.message_id, said):
        try:
            with _bounded(within_s):
                arrived = bool(plugin.notify(body=body, title=title, body_format=apprise.NotifyFormat.TEXT))
        except _TooLongError:
            arrived, said.problem = False, f"no answer within {within_s:g} seconds"
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything; the message stays in the outbox
            arrived, said.problem = False, type(error).__name__
    if arrived:
        return Answer(arrived=True)
    return Answer(arrived=False, error=_scrubbed(said.told(), channel), retry_after_s=said.retry_after_s)


@attrs.define
class _Said:
    """What was heard while sending."""

    problem: str | None = None
    status: int | None = None
    retry_after_s: float | None = None
    lines: list[str] = attrs.field(factory=list)

    def told(self) -> str:
        if self.problem:
            return self.problem
        if self.status is not None and self.status not in _OK:
            return f"the receiver answered {self.status}"
        return inert(self.lines[-1]) if self.lines else "the receiver did not take it"


@contextlib.contextmanager
def _listening(said: _Said) -> Iterator[None]:
    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.lines.append(record.getMessage())

    ear, logger = Ear(logging.WARNING), logging.getLogger("apprise")
    logger.addHandler(ear)
    try:
        yield
    finally:
        logger.removeHandler(ear)


@contextlib.contextmanager
def _through(message_id: str, said: _Said) -> Iterator[None]:
    """Give each request and mail the message's id, and hear what Apprise does not tell: why not."""
    session, mail_id = requests.Session.send, email.utils.make_msgid

    def send_request(self: requests.Session, request: Any, **options: Any) -> Any:  # noqa: ANN401 - requests'
        request.headers.setdefault("Idempotency-Key", message_id)
        try:
            response = session(self, request, **{**options, "stream": True, "allow_redirects": False})
            with response:
                # No more than that of an answer, however much a receiver sends.
                response._content = response.raw.read(_MOST_ANSWER_BYTES, decode_content=True)  # noqa: SLF001
        except requests.RequestException as error:
            said.problem = _kind_of(error)
            raise
        said.problem, said.status = None, response.status_code
        said.retry_after_s = retry_after_s(response.headers.get("Retry-After"), datetime.now(UTC))
        return response

    requests.Session.send = send_request  # type: ignore[method-assign]
    # Apprise makes each mail an id of its own, and has no way to be given one.
    setattr(email_plugin, _MAKE_ID, lambda domain=None: f"<{message_id}@{domain or 'pantau'}>")
    try:
        yield
    finally:
        requests.Session.send = session  # type: ignore[method-assign]
        setattr(email_plugin, _MAKE_ID, mail_id)


def retry_after_s(header: str | None, now: datetime) -> float | None:
    """Return what a Retry-After header asks for in seconds, at most a day; None where it cannot be read."""
    if not header:
        return None
    seconds: float
    if re.fullmatch(r"\d{1,9}", header.strip()):
        seconds = float(header)
    else:
        try:
            moment = email.utils.parsedate_to_datetime(header)
        except (ValueError, TypeError):
            return None
        seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now.timestamp()
    return min(max(seconds, 0.0), _MOST_RETRY_AFTER_S)


@contextlib.contextmanager
def _bounded(within_s: float) -> Iterator[None]:
    """End what takes longer, also where bytes go on coming; only the main thread can be woken so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise _TooLongError

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, within_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _kind_of(error: requests.RequestException) -> str:
    if isinstance(error, requests.Timeout):
        return "the receiver did not answer in time"
    if isinstance(error, requests.exceptions.SSLError):
        return "the receiver's certificate was refused"
    if isinstance(error, requests.ConnectionError):
        return "the connection was refused or broke off"
    return type(error).__name__


def _scrubbed(text: str, channel: SecretStr) -> str:
    """Return what was said without any part of the channel's address that could be a secret."""
    for part in re.split(r"[/?&=:@#,+]+", channel.get_secret_value().partition("://")[2]):
        for form in {part, unquote(part)}:
            if len(form) >= 4:  # noqa: PLR2004 - shorter parts are words of the message itself
                text = text.replace(form, "***")
    return text[:_SAID_CHARS]


def _inert_values(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        return {key: _inert_values(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_inert_values(one) for one in value]
    return clean(value, chat=False) if isinstance(value, str) else value


# --- Into a file


def _write(path: Path, delivery: Delivery) -> Answer:
    """Append a message as one line of JSON, unless its id is in the file already."""
    record = {
        "id": delivery.message_id,
        "rule": delivery.rule,
        "made_at": delivery.made_at.isoformat(),
        "subject": clean(delivery.subject, chat=False),
        "sections": _inert_values(delivery.content["sections"]),
    }
    line = json.dumps(record, separators=(",", ":")).encode() + b"\n"
    mark = f'{{"id":"{delivery.message_id}"'.encode()
    try:
        with path.open("a+b") as file:
            if not file.tell():
                os.fchmod(file.fileno(), 0o600)
            fcntl.flock(file, fcntl.LOCK_EX)
            size = _whole_lines(file.fileno())
            if size and _holds(file.fileno(), mark):
                return Answer(arrived=True)
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return Answer(arrived=False, error=f"cannot write the file: {error.strerror}")
    return Answer(arrived=True)


def _whole_lines(descriptor: int) -> int:
    """Cut off a line that a kill left half written, and return the size of the file."""
    size = os.fstat(descriptor).st_size
    if not size or os.pread(descriptor, 1, size - 1) == b"\n":
        return size
    with mmap.mmap(descriptor, size, access=mmap.ACCESS_READ) as held:
        size = held.rfind(b"\n") + 1
    os.ftruncate(descriptor, size)
    return size


def _holds(descriptor: int, mark: bytes) -> bool:
    with mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ) as held:
        return held.find(mark) >= 0
