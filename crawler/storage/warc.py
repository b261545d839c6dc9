"""The records of a WARC 1.1 file (ISO 28500): each is framed and packed as one gzip member of its own.

warcio frames the records. Two things are not left to it: a server's headers are kept as they were sent, less
line breaks, and the members are packed at zlib's fastest level instead of its slowest.
"""

import hashlib
import re
import uuid
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Final

from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

Headers = Sequence[tuple[bytes, bytes]]

KIND_FIELD: Final = "X-Pantau-Kind"
RENDERED_TYPE: Final = "text/html; charset=utf-8"
RENDERED_STATUS: Final = 200  # only what came whole is rendered

_MAX_URL: Final = 65_536
_MAX_HEADER: Final = 65_536
_NOT_A_TOKEN = re.compile(rb"[^!#$%&'*+\-.^_`|~0-9A-Za-z]")
_BREAKS = re.compile(rb"[\r\n\0]+")
_UNSAFE_IN_NAME = re.compile(r"[^a-z0-9_-]")
_UNSAFE_IN_URL = re.compile(rb"[^!-~]")
# They open doors; an archive is handed on.
_SECRET: Final = frozenset({b"authorization", b"proxy-authorization", b"cookie"})


def response_record(  # noqa: PLR0913, PLR0917 what a response is made of
    identity: str,
    url: str,
    status: int,
    reason: str,
    headers: Headers,
    body: bytes,
    digest: str,
    kind: str,
    at: datetime,
) -> bytes:
    """Return a response, *body* as it was sent (still content-encoded), with *digest*, its SHA-256 in hex."""
    return _member(
        "response",
        identity,
        at,
        _http_head(b"HTTP/1.1 %d %s" % (status, _line(reason)), _as_stored(headers)) + body,
        {
            "WARC-Target-URI": recorded_address(url).decode(),
            "WARC-Payload-Digest": f"sha256:{digest}",
            KIND_FIELD: _line(kind).decode("latin-1"),
        },
        "application/http; msgtype=response",
    )


def request_record(
    of: str, url: str, method: str, headers: Iterable[tuple[bytes | str, bytes | str]], at: datetime
) -> bytes:
    """Return the request of the response *of*, without the headers that carry secrets."""
    address = recorded_address(url)
    asked = [pair for pair in (sent_header(*given) for given in headers) if pair[0].lower() not in _SECRET]
    return _member(
        "request",
        f"urn:uuid:{uuid.uuid4()}",
        at,
        _http_head(b"%s %s HTTP/1.1" % (_line(method), _target(address)), asked),
        {
            "WARC-Target-URI": address.decode(),
            "WARC-Concurrent-To": f"<{of}>",
            "WARC-Payload-Digest": f"sha256:{hashlib.sha256().hexdigest()}",  # it has no body
        },
        "application/http; msgtype=request",
    )


def rendering_record(  # noqa: PLR0913, PLR0917 what a drawn page is made of
    identity: str, url: str, text: bytes, digest: str, refers_to: str | None, kind: str, at: datetime
) -> bytes:
    """Return a page as a browser drew it; *refers_to* names the record of what it drew it from."""
    return _member(
        "conversion",
        identity,
        at,
        text,
        {
            "WARC-Target-URI": recorded_address(url).decode(),
            **({"WARC-Refers-To": f"<{refers_to}>"} if refers_to else {}),
            "WARC-Payload-Digest": f"sha256:{digest}",
            KIND_FIELD: _line(kind).decode("latin-1"),
        },
        RENDERED_TYPE,
    )


def name_part(outlet: str) -> str:
    """Return an outlet's name as it stands in the names of files."""
    return _UNSAFE_IN_NAME.sub("-", outlet.lower())[:60] or "outlet"


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


def sent_header(name: bytes | str, value: bytes | str) -> tuple[bytes, bytes]:
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
