"""From bytes to one Lexbor tree: which encoding a page really has, and how much of a page is read at all.

selectolax takes bytes for UTF-8 whatever the page says, so pages are decoded here and handed over as text.
"""

import codecs
import re

import attrs
from selectolax.lexbor import LexborHTMLParser, LexborNode
from web_poet.exceptions import UseFallback

from crawler.errors import CrawlerError
from crawler.pages.wordlist import wordlist
from crawler.reasons import SENTENCES, Reason

# The largest real page seen has 0.8 MB and 18,000 tags.
MAX_CHARS = 8_000_000
MAX_TAGS = 250_000
# Lexbor's time grows with the square of the depth: 20,000 nested elements take 0.4 s, 200,000 take 80 s.
MAX_DEPTH = 5_000
_SAFE_TAGS = 20_000

_SNIFFED_BYTES = 4096
_DECLARED = re.compile(
    rb"""<meta[^>]{0,300}?charset\s{0,9}=\s{0,9}["']?\s{0,9}([a-zA-Z0-9_:.-]{1,40})""", re.IGNORECASE
)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]{0,30})")
# Elements that have no end tag, or often lack it.
_VOID = wordlist(
    "area base br col embed hr img input link meta param source track wbr p li dt dd option tr td th tbody"
)
_UTF16_NUL_SHARE = 0.3
_UTF8_BROKEN_SHARE = 0.1

# What a label may mean. Python knows more "encodings" (rot13, unicode_escape, zlib, idna, …): none of them
# is a text encoding of pages. Latin-1 and ASCII are read as Windows-1252, as browsers do.
_ENCODINGS = {
    "utf-8": "utf-8",
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "cp1252": "cp1252",
    "iso8859-2": "iso8859-2",
    "iso8859-5": "iso8859-5",
    "iso8859-9": "cp1254",
    "iso8859-15": "iso8859-15",
    "cp1250": "cp1250",
    "cp1251": "cp1251",
    "cp1254": "cp1254",
    "cp1256": "cp1256",
    "koi8-r": "koi8-r",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "big5": "big5",
    "shift_jis": "cp932",
    "cp932": "cp932",
    "euc_jp": "euc_jp",
    "euc_kr": "cp949",
    "cp949": "cp949",
    "utf-16": "utf-16",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
}


class NotAnArticle(UseFallback, CrawlerError):  # noqa: N818 - an answer, as UseFallback is
    """The page is not an article, or cannot be read: `reason` says which, `detail` what was seen."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{SENTENCES[reason]} ({detail})")
        self.reason = reason
        self.detail = detail


@attrs.frozen
class Decoded:
    """A page as text, the encoding it was read in, and whether bytes had to be replaced."""

    text: str
    encoding: str
    lossy: bool = False


def decode(body: bytes, declared: str | None = None) -> Decoded:
    """Return a page as text: UTF-8 wherever the bytes are UTF-8, whatever *declared* or the page says.

    *declared* is the charset of the HTTP header. A label that names no text encoding is not obeyed.
    """
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if body.startswith(mark):
            return _read(body[len(mark) :], encoding)
    if wide := _unmarked_utf16(body):
        return _read(body, wide)
    text, broken = _utf8(body)
    if not broken:
        return Decoded(text, "utf-8")
    found = _DECLARED.search(body[:_SNIFFED_BYTES])
    inside = found[1].decode("ascii") if found else None
    high = sum(1 for byte in body[:200_000] if byte >= 0x80)  # noqa: PLR2004 - above ASCII
    if broken <= high * _UTF8_BROKEN_SHARE:
        return Decoded(text, "utf-8", lossy=True)
    for label in (declared, inside):
        encoding_named = _known(label)
        if encoding_named and encoding_named != "utf-8":
            return _read(body, encoding_named)
    return _read(body, "cp1252")


def _known(label: str | None) -> str | None:
    if not label or not label.isascii():
        return None
    try:
        return _ENCODINGS.get(codecs.lookup(label.strip()).name)
    except (LookupError, ValueError):
        return None


def _read(body: bytes, encoding: str) -> Decoded:
    text = body.decode(encoding, errors="replace")
    # A multi-byte character cut off at the very end is a broken end, not a wrong encoding.
    return Decoded(text, encoding, lossy="\ufffd" in text[:-1])


def _utf8(body: bytes) -> tuple[str, int]:
    """Return the text read as UTF-8 and how many places were not; a character cut at the end is none."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        return decoder.decode(body), 0
    except UnicodeDecodeError:
        text = body.decode("utf-8", errors="replace")
        return text, text[:200_000].count("\ufffd")


def _unmarked_utf16(body: bytes) -> str | None:
    head = body[:_SNIFFED_BYTES]
    pairs = len(head) // 2
    if not pairs or b"\0" not in head:
        return None
    if head[1::2].count(0) > pairs * _UTF16_NUL_SHARE and head[::2].count(0) < pairs * _UTF16_NUL_SHARE:
        return "utf-16-le"
    if head[::2].count(0) > pairs * _UTF16_NUL_SHARE and head[1::2].count(0) < pairs * _UTF16_NUL_SHARE:
        return "utf-16-be"
    return None


def parse_html(html: str) -> LexborHTMLParser:
    """Return the tree of a page.

    Raises:
        NotAnArticle: the page is empty, larger or deeper than the limits.
    """
    if not html or html.isspace():
        raise NotAnArticle(Reason.EMPTY, "no characters")
    if len(html) > MAX_CHARS:
        raise NotAnArticle(Reason.TOO_LARGE, f"{len(html)} characters; at most {MAX_CHARS}")
    tags = html.count("<")
    if tags > MAX_TAGS:
        raise NotAnArticle(Reason.TOO_COMPLEX, f"{tags} tags; at most {MAX_TAGS}")
    if tags > _SAFE_TAGS and _depth(html) > MAX_DEPTH:
        raise NotAnArticle(Reason.TOO_COMPLEX, f"elements nested more than {MAX_DEPTH} deep")
    try:
        return LexborHTMLParser(html)
    except UnicodeEncodeError:  # a lone surrogate cannot be passed on as UTF-8
        return LexborHTMLParser(html.encode("utf-8", errors="replace").decode("utf-8"))


def body_of(tree: LexborHTMLParser) -> LexborNode:
    """Return the `<body>` of a tree.

    Raises:
        NotAnArticle: the tree has none.
    """
    if tree.body is None:
        raise NotAnArticle(Reason.EMPTY, "no body element")
    return tree.body


def _depth(html: str) -> int:
    """Return an upper bound of the nesting of elements, without building a tree."""
    depth = deepest = 0
    for closing, name in _TAG.findall(html):
        if name.lower() in _VOID:
            continue
        depth = max(0, depth - 1) if closing else depth + 1
        deepest = max(deepest, depth)
    return deepest
