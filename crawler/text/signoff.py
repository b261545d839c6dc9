"""Recognise how a story is signed off: initials, an agency or a name in brackets, stars."""

import re

from crawler.text.credits import is_agency
from crawler.text.lexicon import ASIDES, NOT_INITIALS
from crawler.text.shape import is_desk_code

_MAX_SIGNOFF_CHARS = 90
_MAX_BAR_WORDS = 4
_MAX_INITIALS_CHARS = 5
_MAX_SMALL_CHARS = 4
_SPACES = " \t\r\n\u00a0\u200b\ufeff\u00ad\u2060"

_SIGNED = re.compile(r"\*{0,3}\(([^()]{0,90})\)\s*\.?$|(\[[a-z/ ]{0,12}\]|\[[A-Z]{2,4}\])$|(\*{1,5})$")
# Without brackets behind the last stop: the desk's page `ab/AFP/I-1`, an agency's last word.
_UNBRACKETED = re.compile(
    r"(?<=[.!?”\"] )"
    r"(?:(?:[A-Za-z]{1,6}/){1,3}[A-Z]{1,2}-\d{1,2}|Selesai|Enditem"
    r"|\w{2,20} news logo(?: article)?)$"
)
_ADDRESS_BEHIND = re.compile(r"[\w .]{2,40}/[\w-]{2,30}\.(?:com|co\.id|id|net|co|tv|news)")
_INITIALS = re.compile(r"[a-z]{1,5}\d?(?:\s?/\s?[a-z]{1,5}\d{0,2}){1,4}")
_DASHED = re.compile(r"[-–][A-Z]{2,4}[-–]")
_INITIALS_AND_DESK = re.compile(r"[a-z]{2,7}\d{0,2}(?:/[a-z]{2,12}\d{0,2}){1,3}|[a-z]{1,4}-\d{1,2}")
_BARE_INITIALS = re.compile(r"[a-z]{2,4}/[a-z]{2,4}(?: \([A-Za-z]{2,9}(?:, ?[A-Za-z]{2,9}){0,4}\))?")
_CROSSLINK = re.compile(r"(?:baca|lihat|simak|tonton|saksikan)\b[^:]{0,20}:", re.IGNORECASE)
_WORD = re.compile(r"[\w'’.&-]+")
_ENDED = re.compile(r"[.!?…,\"'”’]\s*$")


def is_signoff(text: str) -> bool:
    """Tell whether a whole folded line signs a story off: `(abc/def)`, `(Outlet.com/Name)`, `***`."""
    if len(text) > _MAX_SIGNOFF_CHARS:
        return False
    match = _SIGNED.match(text)
    if match:
        return match[1] is None or _signs(match[1])
    if _BARE_INITIALS.fullmatch(text) or _DASHED.fullmatch(text):
        return True
    bars = text.split(" | ")
    if len(bars) == 1 or any(len(bar.split()) > _MAX_BAR_WORDS for bar in bars):
        return False
    # "AP | The Straits Times | dwi p": sources, then the initials of the desk; "REUTERS | AL JAZEERA".
    return bars[-1].islower() or all(bar.isupper() or is_agency(bar) for bar in bars)


def signoff_start(raw: str) -> int | None:
    """Return where in *raw* the sign-off glued to a last paragraph begins, or None.

    It stands behind a sentence that ended; initials joined by strokes need no stop before them.
    """
    text = raw.rstrip(_SPACES)
    if not text.endswith((")", "]", "*", ").")):
        bare = _UNBRACKETED.search(text, max(0, len(text) - _MAX_SIGNOFF_CHARS))
        return bare.start() if bare else None
    match = _SIGNED.search(text, max(0, len(text) - _MAX_SIGNOFF_CHARS))
    if match is None or match.start() == 0:
        return None
    inside = match[1]
    stroked = inside is not None and "/" in inside and _INITIALS.fullmatch(inside.strip())
    if not stroked and not _ENDED.search(text[max(0, match.start() - 8) : match.start()]):
        return None
    return match.start() if inside is None or _signs(inside) else None


def _signs(inside: str) -> bool:
    """Tell whether what stands in round brackets signs a story: initials, an agency, a name, stars."""
    inside = inside.strip()
    if set(inside) <= set("* ") or inside.startswith("*/") or is_desk_code(inside):
        return True
    if inside in NOT_INITIALS or _CROSSLINK.match(inside):
        return False
    if any(form.fullmatch(inside) for form in (_INITIALS, _INITIALS_AND_DESK, _ADDRESS_BEHIND)):
        return True
    if any(character.isdigit() for character in inside) or inside.endswith((".", "?", "!")):
        return False
    words = _WORD.findall(inside)
    if len(words) == 1:
        short = len(words[0]) <= _MAX_INITIALS_CHARS
        return words[0] not in ASIDES and (short or words[0][0].isupper())
    small = [word for word in words if word[0].islower() and "." not in word and len(word) > _MAX_SMALL_CHARS]
    return bool(words) and not small and (words[0][0].isupper() or "/" in inside)
