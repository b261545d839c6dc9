"""The raw responses as WARC files: what one run writes, and where each record is.

A run writes files of its own, so a tail cut by a kill harms no other run, and nothing is ever appended to it.
One thread writes, and another may sync: waiting for the disk keeps nobody from writing. How the records look
is in `crawler.storage.warc`, where they go in `crawler.storage.places`, and how they are read back in
`crawler.storage.replay`.
"""

import hashlib
import uuid
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final, Self

import attrs

from crawler.items import aware
from crawler.storage.places import Place, place_at
from crawler.storage.warc import (
    RENDERED_STATUS,
    RENDERED_TYPE,
    rendering_record,
    request_record,
    response_record,
    sent_header,
)

ROLL_BYTES: Final = 256 * 1024 * 1024
"""A file that has grown to this size is closed and the next one begun."""


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
    is taken back whole and the writer can be used again. On an object store `sync` makes an object of what
    was written since the last one.
    """

    def __init__(
        self, archive: Path | Place, outlet: str, run_id: int, *, roll_bytes: int = ROLL_BYTES
    ) -> None:
        self._sink = place_at(archive).sink(outlet, run_id, roll_bytes)

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

        It is kept for good only after `sync`. With *request_headers* the request follows as a record of its
        own, without the headers that carry secrets.

        Raises:
            StoreError: the disk is full or fails; nothing of the record stays.
        """
        identity, digest = f"urn:uuid:{uuid.uuid4()}", hashlib.sha256(body).hexdigest()
        sent = [sent_header(name, value) for name, value in headers]
        response = response_record(identity, url, status, reason, sent, body, digest, kind, fetched_at)
        request = b""
        if request_headers is not None:
            request = request_record(identity, url, method, request_headers, fetched_at)
        file, offset = self._sink.append(response + request, fetched_at)
        types = (value for name, value in sent if name.lower() == b"content-type")
        return RecordRef(
            id=identity,
            file=file,
            offset=offset,
            length=len(response),
            sha256=digest,
            url=url,
            status=status,
            fetched_at=fetched_at,
            content_type=next((value.decode("latin-1") for value in types), None),
            kind=kind,
        )

    def write_rendering(
        self, url: str, text: bytes, *, refers_to: str | None, fetched_at: datetime, kind: str = "article"
    ) -> RecordRef:
        """Append a page as a browser drew it, UTF-8; *refers_to* names the record of what it drew it from.

        No server ever sent it so: it is a `conversion` of the response, not a response.

        Raises:
            StoreError: as `write`.
        """
        identity, digest = f"urn:uuid:{uuid.uuid4()}", hashlib.sha256(text).hexdigest()
        member = rendering_record(identity, url, text, digest, refers_to, kind, fetched_at)
        file, offset = self._sink.append(member, fetched_at)
        return RecordRef(
            id=identity,
            file=file,
            offset=offset,
            length=len(member),
            sha256=digest,
            url=url,
            status=RENDERED_STATUS,
            fetched_at=fetched_at,
            content_type=RENDERED_TYPE,
            kind=kind,
        )

    def sync(self) -> None:
        """Return when all that was written is kept for good; costs nothing when it already is.

        Raises:
            StoreError: the disk or the store fails; what was written since the last `sync` may be lost.
        """
        self._sink.sync()

    def close(self) -> None:
        """Sync and close the current file; a later `write` begins a new one.

        Raises:
            StoreError: as `sync`.
        """
        self._sink.close()
