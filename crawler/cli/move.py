"""`pantau move`: the store goes to another database, SQLite to PostgreSQL or back, the archive elsewhere."""

import sys
from collections.abc import Callable

from crawler.cli.audit import print_report
from crawler.cli.output import print_json, say
from crawler.cli.store import opened
from crawler.config import Config, load_config
from crawler.errors import ConfigError
from crawler.storage.audit import audit
from crawler.storage.database import open_database
from crawler.storage.moving import Moved, move_store, stay
from crawler.storage.moving_archive import copy_archive
from crawler.storage.places import archive_of


def move(config: Config, to: str | None, *, undo: bool = False, as_json: bool = False) -> int:
    """Move the store, audit it where it is now, and say what is next; return 1 where the audit finds a fault.

    Raises:
        ConfigError: neither or both of an address and `--undo` were given.
        StoreError: nothing was moved, the message says why.
    """
    if undo:
        if to is not None:
            raise ConfigError("--undo takes no address; give --to URL or --undo")
        return _undo(config, as_json=as_json)
    if to is None:
        raise ConfigError("where to is missing: --to postgresql+psycopg://USER@HOST/NAME")
    archive = archive_of(config)
    moved = move_store(config.database_url, to, _teller(as_json=as_json))
    engine = open_database(to)
    try:
        report = audit(engine, archive)
    finally:
        engine.dispose()
    if as_json:
        print_json({"to": moved.place, "rows": dict(moved.rows), "done_before": moved.again})
    else:
        _say(moved)
    print_report(report, as_json=as_json)
    if not as_json:
        say(f"next: set `database` (or PANTAU_DATABASE) to {moved.place}; the old store stays, unused")
    return int(not report.ok)


def move_archive(config: Config, to: str, *, as_json: bool = False) -> int:
    """Copy the archive to another place, audit it there, say what is next; return 1 where it has a fault.

    Raises:
        ConfigError: the other place cannot be one.
        StoreError: not all of it was copied; the same command goes on from there.
    """
    source = archive_of(config)
    target = archive_of(load_config({"data_dir": config.data_dir, "archive": to}))
    with opened(config) as engine:
        done = copy_archive(engine, source, target, _teller(as_json=as_json))
        report = audit(engine, target)
    if as_json:
        print_json({"to": target.name, "copied": done.files, "there": done.before, "bytes": done.bytes})
    else:
        say(f"{done.files} files copied, {done.before} were there, {done.bytes} bytes in all; audit:")
    print_report(report, as_json=as_json)
    if not as_json:
        say(f"next: set `archive` (or PANTAU_ARCHIVE) to {to}; the old files stay until you remove them")
    return int(not report.ok)


def _teller(*, as_json: bool) -> Callable[[str], object]:
    """Return what shows each step to somebody who watches."""

    def tell(step: str) -> None:
        if not as_json and sys.stderr.isatty():
            sys.stderr.write(f"{step}\n")

    return tell


def _undo(config: Config, *, as_json: bool) -> int:
    place = stay(config.database_url)
    if as_json:
        print_json({"taken_back_from": place})
    elif place is None:
        say("nothing to do: this store was not moved")
    else:
        say(f"this store is in use again, as it was; what was written to {place} since then is not in it")
    return 0


def _say(moved: Moved) -> None:
    for name, number in moved.rows.items():
        if number:
            say(f"{name}: {number} rows")
    how = "was there already, and is the same" if moved.again else "moved, read back and compared"
    say(f"{sum(moved.rows.values())} rows: {how}; audit:")
