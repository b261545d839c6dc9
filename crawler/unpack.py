"""Unpacking of compressed answers within a limit, telling a whole stream from one that broke off."""

import sys
import zlib
from collections.abc import Callable, Iterable
from typing import Literal

import attrs
import brotli  # type: ignore[import-untyped]  # ships no types

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

End = Literal["whole", "cut", "limit", "foreign"]

GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_MAX_MEMBERS = 100  # each further member copies the rest of the input
_MAX_LAYERS = 3
_ZSTD_WINDOW_LOG = 23  # 8 MiB: what RFC 9659 lets a server ask of a client


@attrs.frozen
class Unpacked:
    """What came out, and how it ended.

    `whole`: the stream came to its own end. `cut`: it stopped before, or is damaged. `limit`: there is more
    than the limit; the text is cut there. `foreign`: it is no stream of the declared kind; nothing came out.
    """

    body: bytes
    end: End


def unpack(body: bytes, encodings: Iterable[str], limit: int) -> Unpacked:
    """Return *body* with its codings undone, last applied first; *limit* bounds every step, in bytes.

    An unknown coding or too many layers is `foreign`.
    """
    layers = [name for name in encodings if name != "identity"]
    if len(layers) > _MAX_LAYERS or any(name not in _CODECS for name in layers):
        return Unpacked(b"", "foreign")
    result = Unpacked(body, "whole")
    for name in reversed(layers):
        end_before = result.end
        result = _CODECS[name](result.body, limit)
        if result.end == "whole" and end_before != "whole":
            result = Unpacked(result.body, end_before)
        if result.end == "foreign":
            break
    return result


def _gzip(data: bytes, limit: int) -> Unpacked:
    return _members(data, limit, GZIP_MAGIC, lambda: _ZlibStream(zlib.decompressobj(wbits=31)))


def _zstd(data: bytes, limit: int) -> Unpacked:
    options = {int(zstd.DecompressionParameter.window_log_max): _ZSTD_WINDOW_LOG}
    return _members(data, limit, ZSTD_MAGIC, lambda: zstd.ZstdDecompressor(options=options))


def _deflate(data: bytes, limit: int) -> Unpacked:
    """Undo `deflate`, which some servers send with zlib's header and some without."""
    wrapped = _members(data, limit, b"", lambda: _ZlibStream(zlib.decompressobj()))
    if wrapped.end != "foreign":
        return wrapped
    return _members(data, limit, b"", lambda: _ZlibStream(zlib.decompressobj(wbits=-15)))


def _brotli(data: bytes, limit: int) -> Unpacked:
    stream = brotli.Decompressor()
    parts: list[bytes] = []
    room = limit + 1
    fed = data
    try:
        while room > 0 and not stream.is_finished():
            part = stream.process(fed, output_buffer_limit=room)
            fed = b""
            if not part:
                return Unpacked(b"".join(parts), "cut" if parts else "foreign")
            parts.append(part)
            room -= len(part)
    except brotli.error:
        return Unpacked(b"".join(parts), "cut" if parts else "foreign")
    return _ended(b"".join(parts), limit)


class _ZlibStream:
    """zlib's decompressor with the interface of the newer ones."""

    def __init__(self, stream: "zlib._Decompress") -> None:
        self._stream = stream

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._stream.decompress(data, max_length)

    @property
    def eof(self) -> bool:
        return self._stream.eof

    @property
    def unused_data(self) -> bytes:
        return self._stream.unused_data


def _members(
    data: bytes, limit: int, magic: bytes, new_stream: "Callable[[], _ZlibStream | zstd.ZstdDecompressor]"
) -> Unpacked:
    """Undo a stream of one or more members; what follows the last one and starts no other is ignored."""
    parts: list[bytes] = []
    room = limit + 1
    for _ in range(_MAX_MEMBERS):
        stream = new_stream()
        try:
            part = stream.decompress(data, room)
        except (zlib.error, zstd.ZstdError):
            return Unpacked(
                b"".join(parts), "cut" if parts or (magic and data.startswith(magic)) else "foreign"
            )
        parts.append(part)
        room -= len(part)
        if room <= 0:
            break
        if not stream.eof:
            return Unpacked(b"".join(parts), "cut")
        data = stream.unused_data
        if not magic or not data.startswith(magic):
            break
    else:
        return Unpacked(b"".join(parts), "limit")
    return _ended(b"".join(parts), limit)


def _ended(body: bytes, limit: int) -> Unpacked:
    return Unpacked(body[:limit], "limit") if len(body) > limit else Unpacked(body, "whole")


_CODECS: dict[str, Callable[[bytes, int], Unpacked]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
ACCEPT_ENCODING = b"gzip, deflate, br, zstd"
