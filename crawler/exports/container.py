"""A ZIP file of one form only: what is in it settles every byte, so that any other byte is damage.

Nothing is compressed, so what is packed differs on no machine and nothing can swell when it is unpacked.
Any ZIP program reads it; `zipfile` writes several of these bytes by its own version and overlooks others.
"""

import itertools
import re
import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Final

import attrs

from crawler.errors import CrawlerError
from crawler.exports.formats import Sink

MOST_BYTES: Final = 512 * 1024 * 1024
"""The size of the largest member."""

MOST_MEMBERS: Final = 60_000
MOST_IN_ALL: Final = 4_000_000_000  # of what ZIP can tell without its extensions

# Small letters, so that no file system takes two names for one; no segment begins with a point.
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_.-]*(?:/[a-z0-9][a-z0-9_.-]*)*")
_LONGEST_NAME: Final = 200

_LOCAL: Final = struct.Struct("<4s5H3L2H")
_CENTRAL: Final = struct.Struct("<4s6H3L5H2L")
_END: Final = struct.Struct("<4s4H2LH")
_LOCAL_SIGN, _CENTRAL_SIGN, _END_SIGN = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_VERSION, _UNIX, _STORED = 20, 3 << 8, 0
_NO_TIME: Final = (0, 0x21)  # midnight of 1980-01-01, the first that ZIP can tell
_MODE: Final = 0o100644 << 16


class FullError(CrawlerError):
    """There is more to be packed than a container holds."""


class DamagedError(CrawlerError):
    """The container is not what `Packer` writes; the message says where."""


@attrs.frozen
class _Member:
    name: bytes
    crc: int
    size: int
    offset: int

    def local(self) -> bytes:
        head = (_VERSION, 0, _STORED, *_NO_TIME, self.crc, self.size, self.size, len(self.name), 0)
        return _LOCAL.pack(_LOCAL_SIGN, *head) + self.name

    def central(self) -> bytes:
        head = (_UNIX | _VERSION, _VERSION, 0, _STORED, *_NO_TIME, self.crc, self.size, self.size)
        rest = (len(self.name), 0, 0, 0, 0, _MODE, self.offset)
        return _CENTRAL.pack(_CENTRAL_SIGN, *head, *rest) + self.name


@attrs.define
class Packer:
    """Writes a container: each member once, whole, in the order it comes; `close` ends it."""

    into: Sink
    _members: list[_Member] = attrs.field(factory=list)
    _offset: int = 0

    def add(self, name: str, data: bytes) -> None:
        """Write a member.

        Raises:
            FullError: it is more than a container holds.
            ValueError: the name is unfit or taken.
        """
        if not is_fit(name) or any(one.name == name.encode() for one in self._members):
            raise ValueError(f"{name!r} is not the name of another member")
        full = self._offset + len(data) > MOST_IN_ALL or len(self._members) >= MOST_MEMBERS
        if full or len(data) > MOST_BYTES:
            raise FullError(f"{name} is more than a bundle holds; put fewer articles into it")
        member = _Member(name.encode(), zlib.crc32(data), len(data), self._offset)
        head = member.local()
        self.into.write(head)
        self.into.write(data)
        self._members.append(member)
        self._offset += len(head) + len(data)

    def close(self) -> None:
        """Write the list of the members."""
        self.into.write(_ending(self._members, self._offset))


def is_fit(name: str) -> bool:
    """Tell whether a member may have this name: a path that stays below its folder, on any system."""
    return len(name) <= _LONGEST_NAME and _NAME.fullmatch(name) is not None


def members_of(file: BinaryIO) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of each member, one in memory at a time; read to the end, nothing is unchecked.

    Raises:
        DamagedError: a byte is not as `Packer` writes it.
    """
    found: list[_Member] = []
    names: set[bytes] = set()
    offset = 0
    while (head := file.read(_LOCAL.size))[:4] not in {_CENTRAL_SIGN, _END_SIGN}:
        after = f"behind {found[-1].name.decode()}" if found else "at its start"
        member = _read_head(head, file, offset, after)
        name = member.name.decode()
        if member.name in names:
            raise DamagedError(f"{name}: there are two of it")
        full = offset + member.size > MOST_IN_ALL or len(found) >= MOST_MEMBERS
        if full or member.size > MOST_BYTES:
            raise DamagedError(f"{name}: more than a bundle holds")
        data = file.read(member.size)
        if len(data) < member.size:
            raise DamagedError(f"{name}: cut short, or its size is damaged")
        if zlib.crc32(data) != member.crc:
            raise DamagedError(f"{name}: damaged, its checksum is another")
        found.append(member)
        names.add(member.name)
        yield name, data
        offset += _LOCAL.size + len(member.name) + member.size
    ending = _ending(found, offset)
    rest = head + file.read(len(ending) + 1)
    if rest != ending:
        alike = sum(1 for _ in itertools.takewhile(_same, zip(rest, ending, strict=False)))
        raise DamagedError(f"the container is damaged in its list of members, at byte {offset + alike}")


def _read_head(head: bytes, file: BinaryIO, offset: int, after: str) -> _Member:
    """Return what a member's head says of it; each byte of a head has one value that it can have."""
    if len(head) < _LOCAL.size or head[:4] != _LOCAL_SIGN:
        raise DamagedError(f"the container is damaged {after}, at byte {offset}")
    *_, crc, size, _, length, _ = _LOCAL.unpack(head)
    name = file.read(min(length, _LONGEST_NAME + 1))
    if not is_fit(name.decode("ascii", "replace")):
        raise DamagedError(f"the container is damaged {after}: a member is named {name[:100]!r}")
    member = _Member(name, crc, size, offset)
    if head + name != member.local():
        raise DamagedError(f"{name.decode()}: its head in the container is damaged, at byte {offset}")
    return member


def _same(pair: tuple[int, int]) -> bool:
    return pair[0] == pair[1]


def _ending(members: list[_Member], offset: int) -> bytes:
    central = b"".join(member.central() for member in members)
    number = len(members)
    return central + _END.pack(_END_SIGN, 0, 0, number, number, len(central), offset, 0)
