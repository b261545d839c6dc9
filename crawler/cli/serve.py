"""`pantau serve`: the dashboard, until a signal stops it."""

import contextlib
import errno
import signal
import socket
from collections.abc import Mapping
from typing import Any

import uvicorn

from crawler.cli.declared import declared_in, outlets_from_afar
from crawler.cli.output import prepare_logging, say
from crawler.clock import Clock
from crawler.config import Config
from crawler.dashboard.app import create_app
from crawler.dashboard.desk import Outlet
from crawler.dashboard.security import is_loopback
from crawler.errors import ConfigError
from crawler.health import Declared
from crawler.scheduler.cadence import Cadence
from crawler.storage.database import check, connect

BUSY_S = 5.0
STOP_S = 5
MOST_REQUESTS = 64  # at once; more are told to come again


def serve_dashboard(config: Config) -> int:
    """Serve the dashboard until a signal stops it, and return the exit status.

    Raises:
        ConfigError: the address cannot be had, or may not be without a token.
        StoreError: the store is missing, empty, older or newer than this pantau.
    """
    check_address(config)
    prepare_logging(config.log_level, config.log_format)
    engine = connect(config.database_url, busy_s=BUSY_S, create=False)
    try:
        check(engine)
        with listening(config) as listener:
            outlets = described(config, outlets_from_afar(config))
            app = create_app(config, engine, Clock.starting_at(config.now), outlets)
            say(f"the dashboard is at {address_of(config, listener)}; Ctrl-C ends it")
            _run(
                uvicorn.Config(
                    app,
                    log_config=None,
                    log_level="warning",
                    access_log=False,
                    lifespan="off",
                    ws="none",
                    proxy_headers=False,
                    server_header=False,
                    limit_concurrency=MOST_REQUESTS,
                    timeout_graceful_shutdown=STOP_S,
                ),
                listener,
            )
    finally:
        engine.dispose()
    return 0


def check_address(config: Config) -> None:
    """Refuse to show the store to others than this machine without a token.

    Raises:
        ConfigError: that is what is configured.
    """
    if config.serve_token:
        return
    if not is_loopback(config.serve_host):
        raise ConfigError(
            f"serve_host {config.serve_host!r} lets others see the dashboard: set serve_token "
            "(20 characters at least), or leave serve_host out"
        )
    if config.serve_names:
        raise ConfigError(
            "serve_names lets others see the dashboard: set serve_token (20 characters at least)"
        )


def listening(config: Config) -> socket.socket:
    """Return a socket that listens where the dashboard is to be.

    Raises:
        ConfigError: the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in config.serve_host else socket.AF_INET
    listener = socket.socket(family)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((config.serve_host, config.serve_port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        where = f"{config.serve_host} port {config.serve_port}"
        step = "end it" if error.errno == errno.EADDRINUSE else "check serve_host"
        what = "another program listens there" if error.errno == errno.EADDRINUSE else error.strerror
        raise ConfigError(
            f"no dashboard at {where}: {what}; {step}, or give another port: `pantau serve --port N`"
        ) from error
    return listener


def address_of(config: Config, listener: socket.socket) -> str:
    """Return the address to open in a browser on this machine."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(config.serve_host, config.serve_host)  # noqa: S104 - told only
    port = listener.getsockname()[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def described(config: Config, records: list[Mapping[str, Any]]) -> list[Outlet]:
    """Return what the dashboard tells of outlets, from what `pantau outlets --json` printed."""
    declared = declared_in(config, records)
    return [_outlet(config, record, declared[record["outlet"]]) for record in records if record["hosts"]]


def _outlet(config: Config, record: Mapping[str, Any], declared: Declared) -> Outlet:
    cadence = Cadence.of(record["outlet"], config.outlets.get(record["outlet"])) if declared.crawled else None
    return Outlet(
        name=record["outlet"],
        declared=declared,
        hosts=tuple(record["hosts"]),
        found_by=record["found_by"],
        rendered=record["rendered"],
        cadence=str(cadence) if cadence else None,
        due_after=cadence.due_after if cadence else lambda _moment: None,
    )


def _run(config: uvicorn.Config, listener: socket.socket) -> None:
    # uvicorn stops in order and then raises the signal anew, for whoever had it before: nobody.
    signal.signal(signal.SIGTERM, lambda *_: None)
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])
