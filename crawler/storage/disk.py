"""Files that are on the disk for good when a call returns, and folders that one process at a time tends."""

import contextlib
import errno
import fcntl
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from crawler.errors import StoreError

_CHUNK: Final = 1 << 20


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep every other process out of the same block on *folder*; a kill gives it free.

    Raises:
        StoreError: another process is in it, or the folder cannot be opened.
    """
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise failed(folder, error) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in {errno.EAGAIN, errno.EACCES}:
                raise failed(folder, error) from error
            raise StoreError(
                f"a backup, a restore or a pruning is already at work in {folder}; wait for it"
            ) from error
        yield
    finally:
        os.close(descriptor)


def copy_file(source: Path, target: Path, length: int | None = None) -> tuple[int, str]:
    """Copy the first *length* bytes (None: all) into a new file; return their number and SHA-256.

    Raises:
        OSError: of either file.
    """
    with source.open("rb") as reader:
        return copy_stream(reader, target, length)


def copy_stream(reader: IO[bytes], target: Path, length: int | None = None) -> tuple[int, str]:
    """Copy as `copy_file` what is read from *reader*.

    Raises:
        OSError: of either.
    """
    digest, left = hashlib.sha256(), length
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as writer:
        while data := reader.read(_CHUNK if left is None else min(_CHUNK, left)):
            digest.update(data)
            writer.write(data)
            left = None if left is None else left - len(data)
        writer.flush()
        os.fsync(writer.fileno())
        return writer.tell(), digest.hexdigest()


def hash_file(path: Path, length: int | None = None) -> tuple[int, str]:
    """Return number and SHA-256 of the first *length* bytes (None: all) of a file.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as reader:
        return hash_stream(reader, length)


def hash_stream(reader: IO[bytes], length: int | None = None) -> tuple[int, str]:
    """Return number and SHA-256 of the next *length* bytes (None: all)."""
    digest, read = hashlib.sha256(), 0
    while data := reader.read(_CHUNK if length is None else min(_CHUNK, length - read)):
        digest.update(data)
        read += len(data)
    return read, digest.hexdigest()


@contextlib.contextmanager
def writing(path: Path, mode: int = 0o600) -> Iterator[IO[bytes]]:
    """Yield a file that becomes *path* when the block ends: whole or not at all, by default private.

    Raises:
        OSError: it cannot be written, or is a folder.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    new = path.with_name(f".{path.name}.new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as writer:
        os.fchmod(descriptor, mode)
        yield writer
        writer.flush()
        os.fsync(writer.fileno())
    new.rename(path)
    sync(path.parent)


def sync(path: Path) -> None:
    """Return when a file, or the names in a folder, are on the disk for good."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, for their owner only.

    Raises:
        StoreError: it cannot be made.
    """
    try:
        for missing in reversed([one for one in (folder, *folder.parents) if not one.exists()]):
            missing.mkdir(mode=0o700, exist_ok=True)
            sync(missing.parent)
    except OSError as error:
        raise failed(folder, error) from error


def failed(path: Path, error: OSError) -> StoreError:
    """Return the error of a file or folder as one line that names the next step."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return StoreError(f"no space left for {path}; free some and start again")
    return StoreError(
        f"cannot use {error.filename or path}: {error.strerror}; check the path, its rights and the disk"
    )
