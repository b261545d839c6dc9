"""Files and folders that appear whole or not at all, in their place only, and replace nothing unasked."""

import contextlib
import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import attrs

from crawler.errors import ConfigError

COVERAGE = "coverage.json"
# What an export puts into a folder; `--force` replaces a folder of nothing but these.
EXPORTED = re.compile(r"[0-9]+_[0-9a-f]{16}\.txt")


@attrs.define
class Digested:
    """Passes bytes on to a file, and knows their number and their SHA-256."""

    file: BinaryIO
    size: int = 0
    _hash: "hashlib._Hash" = attrs.field(factory=hashlib.sha256)

    def write(self, data: bytes, /) -> int:
        """Write all of the bytes."""
        self.file.write(data)
        self._hash.update(data)
        self.size += len(data)
        return len(data)

    @property
    def sha256(self) -> str:
        """Return the SHA-256 of all that was written so far, in hex."""
        return self._hash.hexdigest()


def check_free(place: Path, *, folder: bool, force: bool) -> None:
    """Refuse an output that is taken, or that cannot be made.

    Raises:
        ConfigError: something is there and *force* is not given, or may not be replaced at all.
    """
    if not place.parent.is_dir():
        raise ConfigError(f"there is no folder {place.parent}; make it first, or give another --output")
    if place.is_symlink():
        raise ConfigError(f"{place} is a symbolic link; give the place it leads to")
    if not place.exists():
        return
    if folder:
        if not place.is_dir():
            raise ConfigError(f"{place} is a file; --format txt writes a folder, give another --output")
        strange = next((one.name for one in place.iterdir() if not _ours(one)), None)
        if strange is not None:
            raise ConfigError(f"{place} holds {strange!r}, which no export wrote; give another --output")
    elif not place.is_file():
        raise ConfigError(f"{place} is not a regular file; give another --output")
    if not force:
        raise ConfigError(f"{place} exists; give another --output, or --force to replace it")


@contextlib.contextmanager
def new_files(*places: Path) -> Iterator[tuple[BinaryIO, ...]]:
    """Yield files that take their places together when the block ends well, on the disk by then."""
    parts = [_beside(place, "part") for place in places]
    try:
        with contextlib.ExitStack() as stack:
            files = tuple(stack.enter_context(part.open("xb")) for part in parts)
            yield files
            for file in files:
                file.flush()
                os.fsync(file.fileno())
        for part, place in zip(parts, places, strict=True):
            part.replace(place)
    finally:
        for part in parts:
            part.unlink(missing_ok=True)


@contextlib.contextmanager
def new_folder(place: Path) -> Iterator[Path]:
    """Yield a folder that takes its place when the block ends well; what was there goes then."""
    part, old = _beside(place, "part"), _beside(place, "old")
    part.mkdir()
    try:
        yield part
        if place.exists():
            place.rename(old)
        try:
            part.rename(place)
        except OSError:
            if old.exists():
                old.rename(place)
            raise
    finally:
        for rest in (part, old):
            if rest.exists():
                shutil.rmtree(rest)


def _beside(place: Path, what: str) -> Path:
    return place.with_name(f".{place.name[:100]}.{os.getpid()}.{what}")


def _ours(path: Path) -> bool:
    return (
        path.is_file()
        and not path.is_symlink()
        and bool(path.name == COVERAGE or EXPORTED.fullmatch(path.name))
    )
