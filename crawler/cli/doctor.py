"""`pantau doctor`: what is wrong with this machine, each finding with the next step."""

import importlib.metadata
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import attrs
from packaging.requirements import Requirement
from scrapy.settings import Settings

from crawler.cli import doctor_service
from crawler.cli.findings import Finding
from crawler.cli.output import print_json, say
from crawler.clock import Clock
from crawler.config import Config
from crawler.errors import ConfigError, CrawlerError
from crawler.rendering.finding import NEXT_STEP, find_browser
from crawler.storage.database import connect, schema_revision
from crawler.storage.places import archive_of
from crawler.storage.schema import HEAD

OLDEST_PYTHON = (3, 11)
EARLIEST_NOW = datetime(2024, 1, 1, tzinfo=UTC)  # a clock before this one was never set
LOW_SPACE_BYTES = 1024**3
NO_SPACE_BYTES = 100 * 1024**2
# What keeps a hostile server out; each was chosen against Scrapy's own default or must not be given up.
GUARDS: dict[str, object] = {
    "ROBOTSTXT_OBEY": True,
    "DOWNLOAD_VERIFY_CERTIFICATES": True,
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "COOKIES_ENABLED": False,
}
CLOSED_SCHEMES = ("data", "file", "ftp", "s3")


def examine(config: Config, *, as_json: bool = False) -> int:
    """Print every finding; return 1 where one is a failure, else 0."""
    failed = False
    for finding in findings(config):
        failed = failed or finding.level == "fail"
        if as_json:
            print_json(attrs.asdict(finding))
        else:
            step = f" → {finding.next_step}" if finding.next_step else ""
            say(f"{finding.level:4}  {finding.check}: {finding.text}{step}")
    return int(failed)


def installed_version() -> str:
    """Return the version of pantau as it was installed.

    Raises:
        ConfigError: it was not; the program runs from bare sources.
    """
    try:
        return importlib.metadata.version("pantau")
    except importlib.metadata.PackageNotFoundError as error:
        raise ConfigError("pantau is not installed here, only its sources are; run `make setup`") from error


def findings(config: Config) -> Iterator[Finding]:
    """Yield the findings, in the order in which they are best repaired."""
    checks: tuple[Callable[[Config], Iterator[Finding]], ...] = (
        python,
        packages,
        clock,
        data_folder,
        doctor_service.rights,
        doctor_service.file_system,
        free_space,
        archive,
        database,
        doctor_service.store,
        doctor_service.user,
        doctor_service.service,
        doctor_service.dashboard,
        alerts,
        contact,
        guard,
        browser,
    )
    for check in checks:
        yield from check(config)


def python(_config: Config) -> Iterator[Finding]:
    """Check the interpreter's version."""
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        yield Finding("python", "fail", version, f"install Python {wanted} or newer")
    else:
        yield Finding("python", "ok", version)


def packages(_config: Config) -> Iterator[Finding]:
    """Check that every package that pantau needs is there, in a version that it was built for."""
    try:
        lines = importlib.metadata.requires("pantau") or []
    except importlib.metadata.PackageNotFoundError:
        yield Finding("packages", "fail", "pantau itself is not installed", "run `make setup`")
        return
    needed = [
        one for one in map(Requirement, lines) if one.marker is None or one.marker.evaluate({"extra": ""})
    ]
    wrong = []
    for requirement in needed:
        try:
            version = importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            wrong.append(f"{requirement.name} is missing")
            continue
        if not requirement.specifier.contains(version, prereleases=True):
            wrong.append(f"{requirement.name} {version} (needed: {requirement.specifier})")
    if wrong:
        yield Finding("packages", "fail", "; ".join(wrong), "run `make setup`")
    else:
        yield Finding("packages", "ok", f"{len(needed)} in the versions needed")


def clock(config: Config) -> Iterator[Finding]:
    """Check that the clock was ever set: every window and every stored time hangs on it."""
    now = Clock.starting_at(config.now).now()
    shown = now.isoformat(timespec="seconds")
    if now < EARLIEST_NOW:
        yield Finding("clock", "fail", shown, "set the system clock")
    elif config.now is not None:
        yield Finding("clock", "warn", f"{shown}, a rehearsal's time", "unset PANTAU_NOW for real crawls")
    else:
        yield Finding("clock", "ok", shown)


def data_folder(config: Config) -> Iterator[Finding]:
    """Check that the data folder can be written, by writing in it or in the folder that would hold it."""
    folder = _existing(config.data_dir)
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        step = "give a folder that you may write to by --data-dir"
        yield Finding("data folder", "fail", f"{config.data_dir}: {error.strerror}", step)
        return
    state = "" if folder == config.data_dir else " (made by the first crawl)"
    yield Finding("data folder", "ok", f"{config.data_dir}{state}")


def free_space(config: Config) -> Iterator[Finding]:
    """Check the space on the data folder's disk."""
    free = shutil.disk_usage(_existing(config.data_dir)).free
    shown = f"{free / 1024**3:.1f} GB"
    if free < NO_SPACE_BYTES:
        yield Finding("free space", "fail", shown, "free some space before the next crawl")
    elif free < LOW_SPACE_BYTES:
        yield Finding("free space", "warn", shown, "free some space soon")
    else:
        yield Finding("free space", "ok", shown)


def archive(config: Config) -> Iterator[Finding]:
    """Check that an archive outside the data folder can be written to, read and removed from."""
    if not config.archive:
        return
    try:
        place = archive_of(config)
        place.probe()
    except OSError as error:
        step = "see that its disk is mounted, and that you may write there"
        yield Finding("archive", "fail", f"{config.archive}: {error.strerror}", step)
    except CrawlerError as error:
        problem, _, step = str(error).partition("; ")
        yield Finding("archive", "fail", problem, step)
    else:
        yield Finding("archive", "ok", f"{place.name} can be written to and read")


def database(config: Config) -> Iterator[Finding]:
    """Check that the store opens and which version it is of; a server is contacted, nothing is made."""
    url = config.database_url
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
        yield Finding("database", "ok", "none yet (made by the first crawl)")
        return
    try:
        engine = connect(url, create=False)
        try:
            revision = schema_revision(engine)
        finally:
            engine.dispose()
    except CrawlerError as error:
        problem, _, step = str(error).partition("; ")
        yield Finding("database", "fail", problem, step or "check the address, the rights and that it runs")
        return
    kind = engine.dialect.name
    if revision is None:
        yield Finding("database", "warn", f"{kind}, empty", "run `pantau migrate` or the first crawl")
    elif revision != HEAD:
        yield Finding(
            "database", "warn", f"{kind}, version {revision}, needed {HEAD}", "run `pantau migrate`"
        )
    else:
        yield Finding("database", "ok", f"{kind}, version {revision}")


def contact(config: Config) -> Iterator[Finding]:
    """Check that outlets can see whom to write to."""
    if config.contact:
        yield Finding("contact", "ok", config.contact)
    else:
        step = "set `contact` in pantau.toml or PANTAU_CONTACT to an address or page of yours"
        yield Finding("contact", "warn", "outlets cannot see who crawls them", step)


def alerts(config: Config) -> Iterator[Finding]:
    """Check the address of every channel; nothing is sent."""
    if config.alerts.configured:
        from crawler.cli.alerts import findings as channels  # noqa: PLC0415 - what sends is slow to load

        yield from channels(config)


def guard(_config: Config) -> Iterator[Finding]:
    """Check the settings that keep hostile servers out and outlets at ease."""
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    off = [name for name, wanted in GUARDS.items() if settings.getbool(name) is not wanted]
    handlers = settings.getdict("DOWNLOAD_HANDLERS")
    off += [f"{scheme}:" for scheme in CLOSED_SCHEMES if handlers.get(scheme, "open") is not None]
    allowed = settings.getlist("GUARD_ALLOW_ADDRESSES")
    if off:
        yield Finding("guard", "fail", f"given up: {', '.join(off)}", "restore crawler/settings.py")
    elif allowed:
        step = "take GUARD_ALLOW_ADDRESSES out; it is for tests"
        yield Finding("guard", "warn", f"internal addresses may be contacted: {', '.join(allowed)}", step)
    else:
        yield Finding("guard", "ok", "certificates, robots.txt, addresses and schemes are guarded")


def browser(config: Config) -> Iterator[Finding]:
    """Check for a browser: pages that need one are skipped without it."""
    try:
        found = find_browser(config.browser)
    except ConfigError as error:
        problem, _, step = str(error).partition("; ")
        yield Finding("browser", "fail", problem, step)
        return
    if found is None:
        step = f"{NEXT_STEP}; until then pages that scripts draw are skipped"
        yield Finding("browser", "warn", "neither Playwright's Chromium nor one of the system", step)
    elif hasattr(os, "geteuid") and os.geteuid() == 0:
        step = "run pantau as an ordinary user, so that the browser keeps its sandbox"
        yield Finding("browser", "warn", f"{found.path} ({found.origin}), but this is root", step)
    else:
        yield Finding("browser", "ok", f"{found.path} ({found.origin})")


def _existing(folder: Path) -> Path:
    """Return *folder*, or the nearest folder above it that exists."""
    return next((one for one in (folder, *folder.absolute().parents) if one.exists()), Path("/"))
