"""Put text into the forms it is stored, compared and shown in.

Three forms, one function each: `sanitise` makes text safe to store and changes nothing else, `fold` makes the
paragraph that is kept, `likeness` makes the form in which two copies of one line are equal.
"""

import re
import unicodedata

import attrs

# One page is 5 MB at most where it is fetched; text longer than this is no news article.
MAX_TEXT_CHARS = 5_000_000
MAX_HEADLINE_CHARS = 1_000
MAX_NAME_CHARS = 200

# Tab, line feed and carriage return stay; the C1 range is mojibake or worse.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_UNSAFE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
# Soft hyphen, zero-width space, joiners' opposite numbers and marks of byte order: nothing is lost with them.
_ZERO_WIDTH = re.compile("[\u00ad\u180e\u200b\u2060-\u2064\ufeff]")
# Marks, embeddings, overrides and isolates that turn the direction of what follows.
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_UNSEEN = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_NOT_WORD = re.compile(r"[^\w%+]+")


@attrs.frozen
class Sanitised:
    """Text that can be stored, and how much had to change: characters taken out, replaced and cut off."""

    text: str
    controls: int = 0
    surrogates: int = 0
    trimmed: int = 0


def sanitised(text: str, limit: int = MAX_TEXT_CHARS) -> Sanitised:
    """Return *text* without control characters and lone surrogates, at most *limit* characters, and counts.

    A lone surrogate becomes U+FFFD, so that its place stays visible. Marks of direction stay: they are the
    publisher's; `shown` takes them out where text is displayed.
    """
    trimmed = max(0, len(text) - limit)
    if trimmed:
        text = text[:limit]
    if not _UNSAFE.search(text):
        return Sanitised(text, trimmed=trimmed)
    text, controls = _CONTROL.subn("", text)
    text, surrogates = _SURROGATE.subn("\ufffd", text)
    return Sanitised(text, controls, surrogates, trimmed)


def sanitise(text: str, limit: int = MAX_TEXT_CHARS) -> str:
    """Return *text* without NUL, control characters and lone surrogates, at most *limit* characters."""
    return sanitised(text, limit).text


def fold(text: str) -> str:
    """Return the form in which paragraphs are stored: single spaces, stripped, NFC, no zero-width characters.

    No-break and other Unicode spaces become plain ones. Quotation marks and dashes stay as printed.
    """
    text = " ".join(text.split())
    if text.isascii():
        return text
    if _ZERO_WIDTH.search(text):
        text = " ".join(_ZERO_WIDTH.sub("", text).split())
    return unicodedata.normalize("NFC", text)


def likeness(text: str) -> str:
    """Return the form in which copies of a line are equal: words in lower case, no punctuation.

    Quotation marks, brackets round a credit, a final stop and invisible characters may differ between copies.
    """
    text = text.casefold()
    if not text.isascii():
        text = unicodedata.normalize("NFC", _UNSEEN.sub("", text))
    return _NOT_WORD.sub(" ", text).strip()


def shown(text: str) -> str:
    """Return *text* for a terminal or a page of ours: nothing in it turns or hides its surroundings."""
    return _BIDI.sub("", sanitise(text))
