"""`pantau doctor` on what a service needs that runs for months: rights, disk, service manager, tools."""

import importlib.metadata
import os
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import psutil
from sqlalchemy import Engine, func, select, text

from crawler.cli.declared import declared_outlets
from crawler.cli.findings import Finding
from crawler.cli.serve import check_address
from crawler.cli.workers import waiting_for_workers
from crawler.clock import Clock
from crawler.config import Config, service_manager
from crawler.dashboard.security import is_loopback
from crawler.errors import ConfigError, StoreError
from crawler.health import Word, healths
from crawler.storage import dumps
from crawler.storage.alerts import GIVEN_UP, waiting
from crawler.storage.database import connect, read_address, reading, schema_revision
from crawler.storage.leases import holder_of
from crawler.storage.plans import SCHEDULER
from crawler.storage.schema import HEAD, runs
from crawler.storage.workers import list_workers

UNIT = Path("/etc/systemd/system/pantau.service")
SYSTEMD = Path("/run/systemd/system")  # there where systemd is at work
CONTAINER_MARKS = (Path("/run/.containerenv"), Path("/.dockerenv"))
UNIT_NEEDS = ("Type=notify", "WatchdogSec=", "KillMode=mixed")
CLOCK_SLACK = timedelta(minutes=5)
# Locks that other machines do not see, or that a broken connection gives away.
NETWORK_FILE_SYSTEMS: Final = frozenset(
    {
        "9p", "afs", "ceph", "cifs", "fuse.ceph", "fuse.glusterfs", "fuse.s3fs", "fuse.sshfs",
        "glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "smb3", "smbfs",
    }
)  # fmt: skip


def rights(config: Config) -> Iterator[Finding]:
    """Check that nobody else can read what was collected."""
    folder = config.data_dir
    if not folder.exists():
        return
    mode = stat.S_IMODE(folder.stat().st_mode)
    if mode & 0o077:
        yield Finding("rights", "warn", f"{folder} is open to others ({mode:o})", f"run `chmod 700 {folder}`")
    else:
        yield Finding("rights", "ok", f"{folder} is its owner's alone")


def dashboard(config: Config) -> Iterator[Finding]:
    """Check who may see the dashboard."""
    where = f"{config.serve_host} port {config.serve_port}"
    try:
        check_address(config)
    except ConfigError as error:
        said, _, step = str(error).partition(": ")
        yield Finding("dashboard", "fail", said, step)
        return
    if is_loopback(config.serve_host) and not config.serve_names:
        yield Finding("dashboard", "ok", f"`pantau serve` shows it on this machine only, at {where}")
    elif config.serve_names:
        yield Finding(
            "dashboard", "ok", f"at {where}, with a token; {', '.join(config.serve_names)} in front"
        )
    else:
        step = "put a proxy with TLS in front and name it in serve_names"
        yield Finding("dashboard", "warn", f"at {where}, with a token that goes unencrypted", step)


def file_system(config: Config) -> Iterator[Finding]:
    """Check that the data are on a disk of this machine: locks over a network are not to be relied on."""
    kind = file_system_of(config.data_dir)
    if kind in NETWORK_FILE_SYSTEMS:
        step = "move the data to a disk of this machine, or the store to PostgreSQL"
        yield Finding(
            "file system", "warn", f"{config.data_dir} is on {kind}: locks are not safe there", step
        )
    else:
        yield Finding("file system", "ok", kind or "unknown")


def file_system_of(folder: Path) -> str:
    """Return the type of the file system that holds *folder*, or will; empty where that is not told."""
    folder = folder.resolve()
    mounts = [(Path(mount.mountpoint), mount.fstype) for mount in psutil.disk_partitions(all=True)]
    holding = [(path, kind) for path, kind in mounts if path == folder or path in folder.parents]
    return max(holding, key=lambda mount: len(mount[0].parts))[1] if holding else ""


def user(_config: Config) -> Iterator[Finding]:
    """Check that this is an ordinary user, in a container too."""
    if not hasattr(os, "geteuid"):
        return
    where = "in a container" if any(mark.exists() for mark in CONTAINER_MARKS) else "on this machine"
    if os.geteuid() == 0:
        step = "run pantau as a user of its own, as docs/deploy has it"
        yield Finding("user", "warn", f"this is root {where}", step)
    else:
        yield Finding("user", "ok", f"an ordinary user {where}")


def service(_config: Config) -> Iterator[Finding]:
    """Check the service manager: whether it listens, and whether the unit that it has can be used."""
    if service_manager():
        yield Finding("service", "ok", "systemd started this and listens")
    elif not SYSTEMD.exists():
        yield Finding("service", "ok", "systemd is not at work here")
    elif not UNIT.exists():
        yield Finding("service", "ok", f"no unit {UNIT}; docs/deploy has one")
    else:
        yield _unit(UNIT)


def _unit(path: Path) -> Finding:
    given = path.read_text(encoding="utf-8", errors="replace")
    missing = [need for need in UNIT_NEEDS if not re.search(rf"^{re.escape(need)}", given, re.MULTILINE)]
    if missing:
        return Finding(
            "service", "warn", f"{path} lacks {', '.join(missing)}", "take docs/deploy/pantau.service"
        )
    analyze = shutil.which("systemd-analyze")
    if analyze:
        done = subprocess.run(  # noqa: S603 - systemd's own program, no shell
            [analyze, "verify", str(path)], capture_output=True, text=True, errors="replace", check=False
        )
        if done.returncode:
            said = (done.stderr.strip().splitlines() or ["refused"])[0]
            return Finding("service", "fail", said, f"correct {path}, then `systemctl daemon-reload`")
    return Finding("service", "ok", str(path))


def store(config: Config) -> Iterator[Finding]:
    """Check what a store tells of the past: times to come, and who leads. Silent where there is none."""
    try:
        url = read_address(config.database_url)
        if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
            return
        engine = connect(config.database_url, create=False)
    except StoreError:
        return  # the check of the database says it
    try:
        if schema_revision(engine) == HEAD:
            now = Clock.starting_at(config.now).now()
            yield from _times(engine, now)
            yield from _lead(engine)
            yield from _workers(config, engine)
            yield from _outlets(config, engine, now)
            yield from _outbox(engine)
        if engine.dialect.name == "postgresql":
            yield _tools(engine)
    except StoreError:
        return
    finally:
        engine.dispose()


def _times(engine: Engine, now: datetime) -> Iterator[Finding]:
    with reading(engine) as connection:
        newest = connection.execute(select(func.max(runs.c.heartbeat_at))).scalar()
    if newest is not None and newest > now + CLOCK_SLACK:
        shown = newest.isoformat(timespec="seconds")
        step = "set the system clock; a rehearsal's store is not for real crawls"
        yield Finding("past", "fail", f"the store has a run of {shown}, which is to come", step)


def _lead(engine: Engine) -> Iterator[Finding]:
    holder = holder_of(engine, SCHEDULER)
    if holder is None:
        yield Finding("schedule", "ok", "no service runs; `pantau schedule` starts it")
    else:
        yield Finding("schedule", "ok", f"process {holder.pid} on {holder.host} leads")


def _workers(config: Config, engine: Engine) -> Iterator[Finding]:
    """Check the workers: that there are some where they are counted on, and that each may work."""
    found = list_workers(engine)
    alive, deferred = [each for each in found if each.alive], waiting_for_workers(engine)
    ours = importlib.metadata.version("pantau")
    others = [each for each in alive if each.refuses or each.version != ours]
    if not alive and (config.workers or deferred):
        text = f"none is alive, and {deferred} plans wait for one" if deferred else "none is alive"
        yield Finding("workers", "warn", text, "start `pantau worker`, or unset `workers`")
    for each in others:
        why = each.refuses or f"it is of pantau {each.version}, this is {ours}"
        text = f"process {each.pid} on {each.host} takes no jobs of this service: {why}"
        yield Finding("workers", "warn", text, "install the same version of pantau on all machines")
    if alive and not others:
        machines = ", ".join(sorted({each.host for each in alive}))
        yield Finding("workers", "ok", f"{len(alive)} are alive, on {machines}")


def _outlets(config: Config, engine: Engine, now: datetime) -> Iterator[Finding]:
    """Tell how the outlets are, as `pantau status` does; that one is ill is no fault of this machine."""
    try:
        declared = declared_outlets(config)
    except ConfigError as error:
        yield Finding("outlets", "fail", str(error), "correct pantau.toml")
        return
    with reading(engine) as connection:
        found = healths(connection, declared, now)
    ill = {name: health for name, health in found.items() if health.word is not Word.HEALTHY}
    for name, health in ill.items():
        text, _, step = str(health).rpartition("; ")
        yield Finding("outlets", "warn", f"{name}: {text}", step)
    if not ill:
        yield Finding("outlets", "ok", f"all {len(found)} are healthy")


def _outbox(engine: Engine) -> Iterator[Finding]:
    """Tell what alerts were given up, and what could not be delivered yet."""
    with reading(engine) as connection:
        left = waiting(connection)
    given_up = [one for one in left if one.state == GIVEN_UP]
    failing = [one for one in left if one.state != GIVEN_UP and one.error]
    if given_up:
        step = "see `pantau alerts`; `pantau alerts retry NUMBER` sends one again"
        text = f"{len(given_up)} alerts were given up, the first: {given_up[0].error}"
        yield Finding("outbox", "fail", text, step)
    elif failing:
        text = f"{len(failing)} alerts could not be delivered yet: {failing[0].error}"
        yield Finding("outbox", "warn", text, "see `pantau alerts`")


def _tools(engine: Engine) -> Finding:
    if not dumps.has_tools():
        step = "install the package postgresql-client"
        return Finding("backup", "warn", "pg_dump and pg_restore are not here, backups need them", step)
    pg_dump = str(shutil.which("pg_dump"))
    version = subprocess.run([pg_dump, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603 as above
    found = re.search(r"(\d+)", version)
    ours = int(found[1]) if found else 0
    with reading(engine) as connection:
        theirs = int(connection.execute(text("SHOW server_version_num")).scalar_one()) // 10_000
    if ours < theirs:
        step = f"install the package postgresql-client-{theirs}"
        return Finding("backup", "warn", f"pg_dump is of version {ours}, the server of {theirs}", step)
    return Finding("backup", "ok", f"pg_dump {ours} for a server of version {theirs}")
