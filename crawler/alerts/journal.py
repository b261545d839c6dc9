"""A file of what arrived and is not marked in the store yet: one write, at once after the receiver's answer.

The store may be slow, or away, when an answer comes. A kill in between would have the message sent again;
this write, into the memory of the system, leaves a kill next to no time.
"""

import contextlib
import os
from pathlib import Path
from typing import Self

import attrs

from crawler.errors import StoreError


@attrs.define
class Journal:
    """The journal in a folder of data; one sender at a time writes in it."""

    descriptor: int

    @classmethod
    def of(cls, data_dir: Path) -> Self:
        """Return the journal, made with owner-only rights where it is not there yet.

        Raises:
            StoreError: the folder cannot be written.
        """
        path = data_dir / "alerts-arrived.journal"
        try:
            data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            return cls(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600))
        except OSError as error:
            raise StoreError(f"cannot write {path}: {error.strerror}; check its rights") from error

    def note(self, message_id: str, channel: str) -> None:
        """Note that a message arrived at a channel; a disk that is full only makes a kill less harmless."""
        with contextlib.suppress(OSError):
            os.write(self.descriptor, f"{message_id}\t{channel}\n".encode())

    def arrived(self) -> list[tuple[str, str]]:
        """Return the messages and channels noted; a line that was cut short counts for nothing."""
        size = os.fstat(self.descriptor).st_size
        *lines, _cut = os.pread(self.descriptor, size, 0).decode("utf-8", "replace").split("\n")
        return [(found[0], found[2]) for found in (line.partition("\t") for line in lines) if found[1]]

    def clear(self) -> None:
        """Empty it: all that was noted is marked in the store."""
        if os.fstat(self.descriptor).st_size:
            os.ftruncate(self.descriptor, 0)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self.descriptor)
