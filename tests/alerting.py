"""Receivers of alerts on loopback that fail as a script says, and children that send and are killed."""

import contextlib
import email
import email.policy
import json
import os
import signal
import socket
import socketserver
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import attrs

from crawler.alert_rules import AlertsConfig, as_tables
from crawler.alerts import channels, sender
from crawler.alerts.journal import Journal
from crawler.alerts.sender import Sender
from crawler.clock import Clock
from crawler.storage import outbox
from crawler.storage.database import connect
from tests.core.storing import processes

processes.set_forkserver_preload([__name__])

POINTS = ("before claim", "after claim", "before send", "after send", "after journal", "after mark")


def config(**tables: Any) -> AlertsConfig:
    """Return the table [alerts] as the configuration has it."""
    return AlertsConfig.model_validate(as_tables(tables))


# --- Receivers


@attrs.define
class Heard:
    """One request: where to, what it said, and whether the receiver took it."""

    path: str
    headers: dict[str, str]
    body: str
    taken: bool

    @property
    def id(self) -> str:
        return self.headers["Idempotency-Key"]

    @property
    def told(self) -> Any:
        return json.loads(self.body)


@attrs.define
class Receiver:
    """A webhook. `script` says what it does with request after request; after its end all is taken.

    ok · STATUS · reset (taken, and the connection broken) · hang (not before it is let go) · drip (a byte
    at a time) · redirect.
    """

    port: int
    script: list[str] = attrs.field(factory=list)
    heard: list[Heard] = attrs.field(factory=list)
    headers: dict[str, str] = attrs.field(factory=dict)
    let_go: threading.Event = attrs.field(factory=threading.Event)
    lock: threading.Lock = attrs.field(factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"json://127.0.0.1:{self.port}/alarm"

    @property
    def taken(self) -> list[Heard]:
        return [one for one in self.heard if one.taken]

    @property
    def ids(self) -> set[str]:
        """The distinct messages that were taken: what a receiver that heeds the id counts."""
        return {one.id for one in self.taken}


@contextlib.contextmanager
def receiving(*script: str) -> Iterator[Receiver]:
    """Give a webhook on loopback."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            with made.lock:
                act = made.script.pop(0) if made.script else "ok"
                taken = act in {"ok", "reset"}
                made.heard.append(Heard(self.path, dict(self.headers), body, taken))
            self.close_connection = True
            if act == "reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            if act == "hang":
                made.let_go.wait(60)
                return
            if act == "drip":
                with contextlib.suppress(OSError):
                    self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
                    while not made.let_go.wait(0.05):
                        self.wfile.write(b".")
                        self.wfile.flush()
                return
            status = {"ok": 200, "redirect": 302}.get(act) or int(act)
            self.send_response(status)
            for name, value in made.headers.items():
                self.send_header(name, value)
            if act == "redirect":
                self.send_header("Location", f"http://127.0.0.1:{made.port}/elsewhere")
            answer = b'{"ok":true}'
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(answer)

        do_GET = do_POST  # noqa: N815 - the base class's name

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:  # a client that was killed
            pass

    with Server(("127.0.0.1", 0), Handler) as server:
        made = Receiver(port=server.server_port, script=list(script))
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield made
        finally:
            made.let_go.set()
            server.shutdown()
            thread.join()


@attrs.define
class Mailbox:
    """A mail server's: `refuse` says how many mails it turns away at first."""

    port: int
    refuse: int = 0
    mails: list[EmailMessage] = attrs.field(factory=list)
    raw: list[bytes] = attrs.field(factory=list)

    @property
    def url(self) -> str:
        return f"mailto://127.0.0.1:{self.port}/?from=pantau@example.org&to=meja@example.org&mode=insecure"


@contextlib.contextmanager
def mailbox(refuse: int = 0) -> Iterator[Mailbox]:
    """Give a mail server on loopback: as much of SMTP as one mail takes."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.say("220 pos.example ESMTP")
            for line in iter(self.rfile.readline, b""):
                word = line.strip().upper()[:4]
                if word == b"DATA":
                    self.take()
                elif word == b"QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 ok")

        def take(self) -> None:
            self.say("354 go on")
            came = iter(self.rfile.readline, b".\r\n")
            lines = [line.removeprefix(b".") if line.startswith(b"..") else line for line in came]
            if made.refuse:
                made.refuse -= 1
                self.say("451 later")
                return
            made.raw.append(b"".join(lines))
            mail = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
            made.mails.append(mail)  # type: ignore[arg-type]
            self.say("250 taken")

        def say(self, text: str) -> None:
            self.wfile.write(text.encode() + b"\r\n")

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        made = Mailbox(port=server.server_address[1], refuse=refuse)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join()


# --- Senders


@contextlib.contextmanager
def sending(url: str, folder: Path, wanted: AlertsConfig, now: datetime | None = None) -> Iterator[Sender]:
    """Give a sender for a store, as `pantau alerts send` makes one."""
    engine, journal = connect(url, busy_s=10), Journal.of(folder)
    try:
        yield Sender(
            engine=engine, config=wanted, journal=journal, clock=Clock.starting_at(now), chance=lambda: 0.5
        )
    finally:
        journal.close()
        engine.dispose()


def send_all(  # noqa: PLR0913, PLR0917 - what a child needs
    pipe: Connection,
    url: str,
    folder: Path,
    tables: dict[str, Any],
    now: datetime | None = None,
    kill: tuple[str, int] | None = None,
) -> None:
    """Child: decide and send all, without pauses; kill itself at the N-th passing of a point."""
    if kill is not None:
        _wire(*kill)
    sender.FIRST_PAUSE_S = 0.0
    pipe.send("going")
    with sending(url, folder, config(**tables), now) as made:
        while not made.lead().mine:
            pass
        made.pass_once()
        made.release()
    pipe.send("done")


def _wire(point: str, number: int) -> None:
    """Let this process kill itself where *point* says."""
    left = [number]

    def die() -> None:
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)

    places: dict[str, tuple[Any, str]] = {
        "claim": (outbox, "claim"),
        "send": (channels, "send"),
        "journal": (Journal, "note"),
        "mark": (outbox, "mark_sent"),
    }
    when, _, name = point.partition(" ")
    holder, attribute = places[name]
    function: Callable[..., Any] = getattr(holder, attribute)

    def wrapped(*arguments: Any, **options: Any) -> Any:
        if when == "before":
            die()
        found = function(*arguments, **options)
        if when == "after" and found is not False and not (name == "claim" and found is None):
            die()
        return found

    setattr(holder, attribute, wrapped)


def ids_in(path: Path) -> Sequence[str]:
    """Return the ids of the messages in a file channel, in order."""
    return [json.loads(line)["id"] for line in path.read_text(encoding="utf-8").splitlines()]
