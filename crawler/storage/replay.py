"""Reads the archive back, with every digest checked: one record, or all of a file."""

import hashlib
import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final

import attrs

from crawler.errors import StoreError
from crawler.storage.archive import RecordRef
from crawler.storage.places import Place, place_at
from crawler.storage.warc import KIND_FIELD, RENDERED_STATUS, Headers

_CHUNK: Final = 1 << 20
_DIGEST: Final = b"sha256:"


@attrs.frozen(kw_only=True)
class ArchivedResponse:
    """A response as it was sent: headers in their order, body still content-encoded; `fetched_at` in UTC."""

    ref: RecordRef
    reason: str
    headers: Sequence[tuple[bytes, bytes]]
    body: bytes


class LostRecordError(StoreError):
    """A record that was written cannot be read back; the message names record and file."""


class _DamagedError(Exception):
    """What is wrong with a record."""


def read_record(archive: Path | Place, ref: RecordRef) -> ArchivedResponse:
    """Return the archived response that *ref* names, after checking it against the digest in the index.

    Raises:
        LostRecordError: the file is missing, or the record is cut, changed or another one.
        StoreError: an object store cannot be reached.
    """
    place = place_at(archive)
    try:
        data = place.read(ref.file, ref.offset, ref.length)
    except FileNotFoundError as error:
        raise _lost(place, ref, "No such file") from error
    except OSError as error:
        raise _lost(place, ref, error.strerror or str(error)) from error
    try:
        return attrs.evolve(_checked(data, ref), ref=ref)
    except zlib.error as error:
        raise _lost(place, ref, f"damaged ({error})") from error
    except _DamagedError as error:
        raise _lost(place, ref, str(error)) from error


def iterate_file(archive: Path | Place, file: str) -> Iterator[ArchivedResponse]:
    """Yield the responses of one archive file (its path below *archive*), in the order they were written.

    Raises:
        StoreError: after the last good record, when what follows is cut or damaged.
    """
    place = place_at(archive)
    try:
        with place.open(file) as stream:
            for offset, length, record in _members(stream):
                response = _response(record, file, offset, length)
                if response is not None:
                    yield response
    except OSError as error:
        raise StoreError(
            f"cannot read the archive {place.name}/{file}: {error.strerror}; check the path and its rights"
        ) from error
    except _DamagedError as error:
        raise StoreError(
            f"the archive {place.name}/{file} is {error}; what stands before it was read"
        ) from error


def check_record(record: bytes) -> ArchivedResponse | None:
    """Return the response in one unpacked record, every digest checked; None for a record of another type.

    Raises:
        StoreError: it is no record, or not the one that was written.
    """
    try:
        return _response(record, "", 0, 0)
    except _DamagedError as error:
        raise StoreError(f"the record is {error}") from error


def archive_files(archive: Path | Place) -> list[str]:
    """Return all archive files below *archive*, by name; none where there is no such folder."""
    return list(place_at(archive).files())


def _checked(data: bytes, ref: RecordRef) -> ArchivedResponse:
    if len(data) < ref.length:
        raise _DamagedError("cut short")
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    record = unpacker.decompress(data)
    if not unpacker.eof or unpacker.unused_data:
        raise _DamagedError("damaged (its compressed data does not end where it should)")
    response = _response(record, ref.file, ref.offset, ref.length)
    if response is None or response.ref.id != ref.id:
        raise _DamagedError("not the one the index names")
    if response.ref.sha256 != ref.sha256:
        raise _DamagedError("changed (its digest is not the one in the index)")
    return response


def _members(file: IO[bytes]) -> Iterator[tuple[int, int, bytes]]:
    """Yield offset, length and content of each gzip member."""
    offset, data = 0, b""
    while True:
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
        parts: list[bytes] = []
        read = 0
        while not unpacker.eof:
            data = data or file.read(_CHUNK)
            if not data:
                if read:
                    raise _DamagedError(f"cut at byte {offset}")
                return
            read += len(data)
            try:
                parts.append(unpacker.decompress(data))
            except zlib.error as error:
                raise _DamagedError(f"damaged at byte {offset} ({error})") from error
            data = b""
        data = unpacker.unused_data
        yield offset, read - len(data), b"".join(parts)
        offset += read - len(data)


def _response(record: bytes, file: str, offset: int, length: int) -> ArchivedResponse | None:
    """Return the response in an unpacked record, or the page that was drawn of one; None for another type."""
    head, found, rest = record.partition(b"\r\n\r\n")
    version, *lines = head.split(b"\r\n")
    fields = {name.lower(): value for name, _, value in (line.partition(b": ") for line in lines)}
    if not found or not version.startswith(b"WARC/"):
        raise _DamagedError(f"damaged at byte {offset} (no record starts there)")
    try:
        block = rest[: int(fields[b"content-length"])]
        if rest != block + b"\r\n\r\n" or _hex(block) != fields[b"warc-block-digest"]:
            raise _DamagedError(f"damaged at byte {offset} (length or digest of the record are not right)")
        if fields[b"warc-type"] == b"conversion":
            status, reason, body = b"%d" % RENDERED_STATUS, b"", block
            headers: Headers = ((b"Content-Type", fields[b"content-type"]),)
        elif fields[b"warc-type"] == b"response":
            http, _, body = block.partition(b"\r\n\r\n")
            status_line, *raw = http.split(b"\r\n")
            _, status, reason = status_line.split(b" ", 2)
            headers = tuple((name, value) for name, _, value in (line.partition(b": ") for line in raw))
        else:
            return None
        types = (value for name, value in headers if name.lower() == b"content-type")
        content_type = next(types, None)
        ref = RecordRef(
            id=fields[b"warc-record-id"].decode().strip("<>"),
            file=file,
            offset=offset,
            length=length,
            sha256=fields[b"warc-payload-digest"].removeprefix(_DIGEST).decode(),
            url=fields[b"warc-target-uri"].decode(),
            status=int(status),
            fetched_at=datetime.strptime(fields[b"warc-date"].decode(), "%Y-%m-%dT%H:%M:%S.%fZ").replace(
                tzinfo=UTC
            ),
            content_type=None if content_type is None else content_type.decode("latin-1"),
            kind=fields[KIND_FIELD.lower().encode()].decode("latin-1"),
        )
    except (KeyError, ValueError) as error:
        raise _DamagedError(f"damaged at byte {offset} (a field is missing or malformed: {error})") from error
    if _hex(body) != _DIGEST + ref.sha256.encode():
        raise _DamagedError(f"damaged at byte {offset} (the digest of the page is not right)")
    return ArchivedResponse(ref=ref, reason=reason.decode("latin-1"), headers=headers, body=body)


def _hex(data: bytes) -> bytes:
    return _DIGEST + hashlib.sha256(data).hexdigest().encode()


def _lost(place: Place, ref: RecordRef, what: str) -> LostRecordError:
    return LostRecordError(
        f"the record {ref.id} at byte {ref.offset} of {place.name}/{ref.file} is lost: {what}; "
        "restore it from a backup"
    )
