"""What went wrong with a database, as one line that names the next step."""

from typing import Final

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, OperationalError

from crawler.errors import DiskFullError, StoreBusyError, StoreError


class UnsavableError(StoreError):
    """One value cannot be stored; the others can."""


def foreign(url: URL) -> StoreError:
    """Return that a database is not ours."""
    return StoreError(f"{name_of(url)} belongs to another program; give another file or database")


def name_of(url: URL) -> str:
    """Return what people call this database, without its password."""
    return (
        str(url.database) if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)
    )


def explained(url: URL, error: DBAPIError, more: str = "") -> StoreError:
    """Return *error* as one line that names the next step."""
    said = " ".join(str(error.orig).split())
    name = name_of(url)
    for sign, (step, kind) in _NEXT_STEPS.items():
        if sign in said:
            return kind(f"{name}: {step} ({said}{more})")
    if isinstance(error, OperationalError) and url.get_backend_name() == "postgresql":
        return StoreError(f"{name}: the server cannot be used, check that it runs and the address ({said})")
    return UnsavableError(f"{name}: the store refused a value, see the log ({said})")


_NEXT_STEPS: Final[dict[str, tuple[str, type[StoreError]]]] = {
    "database is locked": ("another program holds the write lock, wait for it or end it", StoreBusyError),
    "lock timeout": ("another transaction holds a lock, wait for it or end it", StoreBusyError),
    "readonly database": ("it cannot be written, check its rights", StoreError),
    "read-only transaction": ("it can only be read, check the server or the user's rights", StoreError),
    "unable to open": ("it cannot be opened, check the path and its rights", StoreError),
    "not a database": ("this is not a database, move it away or give another file", StoreError),
    "malformed": ("it is damaged, run `pantau audit` or restore a backup", StoreError),
    "disk is full": ("the disk is full, free some space and start again", DiskFullError),
    "No space left": ("the disk is full, free some space and start again", DiskFullError),
    "disk I/O error": ("the disk failed, check it and start again", StoreError),
    "no such table": ("the tables are missing, run `pantau migrate`", StoreError),
    "does not exist": ("it is missing, create it or run `pantau migrate`", StoreError),
}
