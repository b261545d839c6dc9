"""The raw responses as WARC 1.1 files (ISO 28500), one gzip member a record.

A run writes files of its own, so a tail cut by a kill harms no other run, and nothing is ever appended to it.
One thread writes, and another may sync: waiting for the disk keeps nobody from writing. To read them,
see `crawler.storage.replay`.

warcio frames the records. Two things are not left to it: a server's headers are kept as they were sent, less
line breaks, and the members are packed at zlib's fastest level instead of its slowest.
"""

import contextlib
import errno
import hashlib
import os
import re
import uuid
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from threading import RLock
from typing import Final, Self

import attrs
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.errors import DiskFullError, StoreError
from crawler.items import aware
from crawler.storage import disk

Headers = Sequence[tuple[bytes, bytes]]

ROLL_BYTES: Final = 256 * 1024 * 1024
"""A file that has grown to this size is closed and the next one begun."""

KIND_FIELD: Final = "X-Pantau-Kind"

_MAX_URL: Final = 65_536
_MAX_HEADER: Final = 65_536
_NOT_A_TOKEN = re.compile(rb"[^!#$%&'*+\-.^_`|~0-9A-Za-z]")
_BREAKS = re.compile(rb"[\r\n\0]+")
_UNSAFE_IN_URL = re.compile(rb"[^!-~]")
_UNSAFE_IN_NAME = re.compile(r"[^a-z0-9_-]")
# They open doors; an archive is handed on.
_SECRET: Final = frozenset({b"authorization", b"proxy-authorization", b"cookie"})


@attrs.frozen(kw_only=True)
class RecordRef:
    """Where one archived response is: the row of the archive index.

    `id` is the record's `urn:uuid:…`; `file` is relative to the archive folder, with slashes; `offset` and
    `length` are the bytes of its gzip member; `sha256`, in hex, is of the payload as it was sent.
    """

    id: str
    file: str
    offset: int
    length: int
    sha256: str
    url: str
    status: int
    fetched_at: datetime = attrs.field(validator=aware)
    content_type: str | None = None
    kind: str = "article"


class ArchiveWriter:
    """Writes the responses of one run, into files that nobody else writes.

    Write and close from one thread; `sync` may be called from another. After an error of the disk the record
    is taken back whole and the writer can be used again.
    """

    def __init__(self, folder: Path, outlet: str, run_id: int, *, roll_bytes: int = ROLL_BYTES) -> None:
        self._folder = folder
        self._run_id = run_id
        self._outlet = _UNSAFE_IN_NAME.sub("-", outlet.lower())[:60] or "outlet"
        self._roll_bytes = roll_bytes
        self._descriptor: int | None = None
        self._file = ""
        self._size = 0
        self._dirty = False
        self._new_folders: set[Path] = set()
        self._lock = RLock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def write(  # noqa: PLR0913 keyword-only, what one response is made of
        self,
        url: str,
        status: int,
        headers: Iterable[tuple[bytes | str, bytes | str]],
        body: bytes,
        *,
        fetched_at: datetime,
        kind: str = "article",
        reason: str = "",
        method: str = "GET",
        request_headers: Iterable[tuple[bytes | str, bytes | str]] | None = None,
    ) -> RecordRef:
        """Append a response, *body* as it was sent (still content-encoded); return where it is.

        It is on the disk for good only after `sync`. With *request_headers* the request follows as a record
        of its own, without the headers that carry secrets.

        Raises:
            StoreError: the disk is full or fails; nothing of the record stays.
        """
        identity = f"urn:uuid:{uuid.uuid4()}"
        digest = hashlib.sha256(body).hexdigest()
        sent = [_header(name, value) for name, value in headers]
        block = _http_head(b"HTTP/1.1 %d %s" % (status, _line(reason)), _as_stored(sent)) + body
        address = recorded_address(url)
        response = _member(
            "response",
            identity,
            fetched_at,
            block,
            {
                "WARC-Target-URI": address.decode(),
                "WARC-Payload-Digest": f"sha256:{digest}",
                KIND_FIELD: _line(kind).decode("latin-1"),
            },
            "application/http; msgtype=response",
        )
        request = b""
        if request_headers is not None:
            asked = [
                pair
                for pair in (_header(*given) for given in request_headers)
                if pair[0].lower() not in _SECRET
            ]
            request = _member(
                "request",
                f"urn:uuid:{uuid.uuid4()}",
                fetched_at,
                _http_head(b"%s %s HTTP/1.1" % (_line(method), _target(address)), asked),
                {
                    "WARC-Target-URI": address.decode(),
                    "WARC-Concurrent-To": f"<{identity}>",
                    "WARC-Payload-Digest": f"sha256:{hashlib.sha256().hexdigest()}",  # it has no body
                },
                "application/http; msgtype=request",
            )
        offset = self._append(response + request, fetched_at)
        types = (value for name, value in sent if name.lower() == b"content-type")
        return RecordRef(
            id=identity,
            file=self._file,
            offset=offset,
            length=len(response),
            sha256=digest,
            url=url,
            status=status,
            fetched_at=fetched_at,
            content_type=next((value.decode("latin-1") for value in types), None),
            kind=kind,
        )

    def sync(self) -> None:
        """Return when all that was written is on the disk for good; costs nothing when it already is.

        Raises:
            StoreError: the disk fails; what was written since the last `sync` may be lost.
        """
        with self._lock:
            if self._descriptor is None or not self._dirty:
                return
            # A copy of the descriptor: writing goes on, and may even begin a new file, while the disk works.
            descriptor, folders = os.dup(self._descriptor), set(self._new_folders)
            self._dirty = False
        try:
            os.fsync(descriptor)
            for folder in folders:
                disk.sync(folder)
        except OSError as error:
            self._dirty = True
            raise self._failed(error) from error
        finally:
            os.close(descriptor)
        self._new_folders -= folders

    def close(self) -> None:
        """Sync and close the current file; a later `write` begins a new one.

        Raises:
            StoreError: as `sync`.
        """
        with self._lock:
            try:
                self.sync()
            finally:
                if self._descriptor is not None:
                    os.close(self._descriptor)
                    self._descriptor = None

    def _append(self, data: bytes, at: datetime) -> int:
        with self._lock:
            if self._descriptor is not None and self._size >= self._roll_bytes:
                self.close()
            try:
                if self._descriptor is None:
                    self._begin_file(at)
                start = self._size
                self._dirty = True
                self._put(data)
            except OSError as error:
                raise self._failed(error) from error
        return start

    def _put(self, data: bytes) -> None:
        """Append all of *data* or nothing."""
        if self._descriptor is None:
            raise ValueError("no file is open")
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._descriptor, view) :]
        except OSError:
            # The half record goes; where even that fails, the file is left behind and a new one begun.
            try:
                os.ftruncate(self._descriptor, self._size)
            except OSError:
                self._abandon()
            raise
        self._size += len(data)

    def _begin_file(self, at: datetime) -> None:
        day = at.astimezone(UTC).date().isoformat()
        folder = self._folder / day
        for missing in (self._folder, folder):
            if not missing.exists():
                missing.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._new_folders.add(missing.parent)
        number = 1
        while True:
            name = f"{self._outlet}-run{self._run_id}-{number:04d}.warc.gz"
            try:
                # Exclusive: a file that exists belongs to somebody, and O_EXCL follows no link either.
                self._descriptor = os.open(
                    folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600
                )
                break
            except FileExistsError:
                number += 1
        self._file, self._size = f"{day}/{name}", 0
        self._new_folders.add(folder)
        try:
            self._put(first_record(name, f"run {self._run_id} of {self._outlet}", at))
        except OSError:
            self._abandon()
            raise

    def _abandon(self) -> None:
        if self._descriptor is not None:
            with contextlib.suppress(OSError):  # the error that led here is being raised
                os.close(self._descriptor)
            self._descriptor = None

    def _failed(self, error: OSError) -> StoreError:
        where = self._folder / self._file if self._file else self._folder
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            return DiskFullError(f"no space left for the archive {where}; free some and start again")
        return StoreError(
            f"cannot write the archive {where}: {error.strerror}; check the path, its rights and the disk"
        )


def first_record(name: str, part_of: str, at: datetime) -> bytes:
    """Return the record that every file begins with: what wrote it, and of what it is a part."""
    info = f"software: pantau\r\nformat: WARC File Format 1.1\r\nisPartOf: {part_of}\r\n"
    return _member(
        "warcinfo",
        f"urn:uuid:{uuid.uuid4()}",
        at,
        info.encode(),
        {"WARC-Filename": name},
        "application/warc-fields",
    )


def _member(  # noqa: PLR0913, PLR0917 the parts of a record, in their order
    kind: str, identity: str, at: datetime, block: bytes, more: Mapping[str, str], content_type: str
) -> bytes:
    """Return one record as a gzip member of its own."""
    headers = {
        "WARC-Type": kind,
        "WARC-Record-ID": f"<{identity}>",
        "WARC-Date": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        **more,
        "WARC-Block-Digest": f"sha256:{hashlib.sha256(block).hexdigest()}",
    }
    head = StatusAndHeaders("", list(headers.items()), protocol="WARC/1.1")
    record = ArcWarcRecord("warc", kind, head, BytesIO(block), None, content_type, len(block))
    plain = BytesIO()
    WARCWriter(plain, gzip=False, warc_version="1.1").write_record(record)
    packer = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    return packer.compress(plain.getbuffer()) + packer.flush()


def _http_head(first: bytes, headers: Headers) -> bytes:
    return b"".join((first, b"\r\n", *(name + b": " + value + b"\r\n" for name, value in headers), b"\r\n"))


def _header(name: bytes | str, value: bytes | str) -> tuple[bytes, bytes]:
    """Return a header that is one line, whatever was in it; other bytes stay as they were sent."""
    raw_name, raw_value = (
        part.encode("latin-1", "replace") if isinstance(part, str) else part for part in (name, value)
    )
    return _NOT_A_TOKEN.sub(b"-", raw_name)[:200] or b"-", _BREAKS.sub(b" ", raw_value).strip()[:_MAX_HEADER]


def _as_stored(headers: Headers) -> list[tuple[bytes, bytes]]:
    """Rename the header of a transfer coding: the client has undone it, and a reader would try again."""
    return [
        (b"X-Archive-" + name if name.lower() == b"transfer-encoding" else name, value)
        for name, value in headers
    ]


def _line(text: str) -> bytes:
    return _BREAKS.sub(b" ", text.encode("latin-1", "replace"))[:1000]


def recorded_address(url: str) -> bytes:
    """Return an address in visible ASCII; everything else in it is percent-encoded as UTF-8."""
    raw = url.encode("utf-8", "surrogatepass")
    return _UNSAFE_IN_URL.sub(lambda found: b"%%%02X" % found[0][0], raw)[:_MAX_URL]


def _target(address: bytes) -> bytes:
    """Return what a request line asks for: path and query."""
    rest = address.partition(b"://")[2]
    return b"/" + rest.partition(b"/")[2].partition(b"#")[0]
