"""Recognise who took a picture and who signed a story: credits of captions, sign-offs of bodies."""

import re

from crawler.text.lexicon import AGENCIES

_MAX_CREDIT_CHARS = 130
_MAX_CREDIT_WORDS = 10
_MAX_SIGNOFF_CHARS = 90
_SMALL_IN_CREDITS = frozenset("via dan of the for oleh by and di dari".split())
_TAIL_CHARS = 180

_BRACKETS_AT_END = re.compile(r"[(\[]([^()\[\]]{1,140})[)\]][\s.\"”*-]*$")
_PHOTO_LABEL = re.compile(
    r"(?:foto|photo|kredit foto|sumber foto|sumber gambar|dok(?:umentasi)?\.?|image|courtesy)\s?[:/,]\s?\S",
    re.IGNORECASE,
)
_PHOTO_LABEL_AT_END = re.compile(
    r"[\s./(\[-](?:foto|photo|kredit foto|sumber foto|dok)\s?:\s?[^.!?:]{2,80}[./)\]]*$", re.IGNORECASE
)
_CREDIT_WORD = re.compile(
    r"\b(?:foto|photo|dok|ist|istimewa|ilustrasi|humas|tangkapan layar|screenshot|repro)\b", re.IGNORECASE
)
_SLASHED_AT_END = re.compile(
    r"(?:^|[\s.(\[–-])([A-Za-z0-9][\w.-]{1,24}(?: [A-Z][\w.]+){0,2})\s?/\s?([A-Z][^/!?,;:]{1,40})((?:/[^/,;:!?]{1,40}){0,4})[./]*$"
)
_VIA_AT_END = re.compile(r"\bvia ([A-Za-z][\w-]*)$")
_DASHED_AT_END = re.compile(r"(?:[.\"”]\s+|\s[-–—]\s)([A-Za-z][\w-]+)(?:\s\w+)?$")
_COPYRIGHT_AT_END = re.compile(r"[\w.”\"/)] ?©\s?[^.!?]{2,70}(?:\.\w{2,4})?\W{0,2}$|/©")
_SPACES = " \t\r\n\u00a0\u200b\ufeff\u00ad\u2060"
_SPLIT = re.compile(r"\s*[/,|]\s*|\s+via\s+|\s+")
_DATE_LIKE = re.compile(r"[\d\s/.,:-]+")
_INITIALS = re.compile(r"[a-z]{1,5}\d?(?:\s?/\s?[a-z]{1,5}\d{0,2}){1,4}")
_SIGNED = re.compile(r"\(([^()]{0,90})\)\s*\.?$|(\[[a-z/ ]{0,12}\])$|(\*{1,5})$")
_SENTENCE_INSIDE = re.compile(r"[a-z][.!?]\s+[\[(A-Z]")
_WORD = re.compile(r"[\w'’.&-]+")
_DOMAIN = re.compile(r"[\w-]{2,30}\.(?:com|co\.id|id|co|net|tv|org|news)\b", re.IGNORECASE)
_BEFORE_SIGNOFF = re.compile(r"[.!?…,\"'”’]\s*$")
# Notes of a reporter in brackets, not initials.
_NOT_INITIALS = frozenset("dan/atau pria/laki suami/istri ya/tidak".split())
_ASIDES = frozenset("kiri kanan tengah atas bawah tewas baru dua tiga almarhum alm".split())


def is_agency(word: str) -> bool:
    """Tell whether one word names an agency or a network that signs pictures."""
    return word.strip("()[].,").casefold() in AGENCIES


def is_credit_line(text: str) -> bool:
    """Tell whether a whole folded line only says whose picture it is: `Foto: AP/Name`, `AFP`, `NAME / AFP`."""
    if len(text) > _MAX_CREDIT_CHARS:
        return False
    words = len(text.split())
    if text.startswith("©") and not any(character.isdigit() for character in text):
        return words <= _MAX_CREDIT_WORDS
    if _PHOTO_LABEL.match(text.lstrip("•-–(/[ ")):
        # "Foto: Limusin hitam di halaman (Reuters)" describes the picture.
        small = [word for word in _WORD.findall(text)[1:] if word[0].islower() and "." not in word]
        return words <= _MAX_CREDIT_WORDS and len(small) <= 2  # noqa: PLR2004 - "gambar", "via"
    if words > _MAX_CREDIT_WORDS or text.endswith(("!", "?", '"', "”")):
        return False
    bare = text.strip("()[]./-•– ")
    if _SENTENCE_INSIDE.search(text) or any(
        word[0].islower() and word not in _SMALL_IN_CREDITS for word in _WORD.findall(bare)
    ):
        return False
    via = _VIA_AT_END.search(bare)
    if (via and is_agency(via[1])) or is_agency(bare):
        return True
    if text.endswith(".") or not ("/" in bare or (text[0] in "([" and text[-1] in ")]")):
        return "/" in bare and _has_slashed_credit(bare) and words <= _MAX_CREDIT_WORDS // 2
    return any(is_agency(part) for part in _SPLIT.split(bare) if len(part) > 1) or bool(_slashed_names(bare))


def _slashed_names(text: str) -> bool:
    """Tell whether *text* is an outlet and a name: `POS-KUPANG.COM/Media Center`."""
    left, slash, right = text.partition("/")
    return bool(slash) and bool(
        _DOMAIN.fullmatch(left.strip()) or (left.strip().isupper() and right[:1].isupper())
    )


def has_credit(text: str) -> bool:
    """Tell whether a folded line ends with a picture's credit, as captions do and paragraphs do not."""
    tail = text[-_TAIL_CHARS:]
    if _PHOTO_LABEL_AT_END.search(tail) or tail.endswith("--") or _COPYRIGHT_AT_END.search(tail):
        return True
    brackets = _BRACKETS_AT_END.search(tail)
    if brackets:
        return _is_picture_credit(brackets[1], square=tail[brackets.start()] == "[")
    if _has_slashed_credit(tail):
        return True
    via = _VIA_AT_END.search(tail.rstrip("/"))
    if via and is_agency(via[1]):
        return True
    dashed = _DASHED_AT_END.search(tail)
    return (
        dashed is not None
        and is_agency(dashed[1])
        and dashed[1].casefold() not in ("foto", "net", "ist", "x")
    )


def _has_slashed_credit(tail: str) -> bool:
    match = _SLASHED_AT_END.search(tail)
    if match is None:
        return False
    left, right = match[1].split()[-1], match[2].split()[0]
    if is_agency(left) or is_agency(match[1]) or is_agency(right) or _DOMAIN.search(match[1]):
        return True
    # "KONTAN/Candra M.": an outlet in capitals and a name of two words.
    return left.isupper() and len(left) > 4 and len(match[2].split()) > 1  # noqa: PLR2004 - longer than AS, NATO


def _is_picture_credit(inside: str, *, square: bool) -> bool:
    """Tell whether what stands in brackets at the end of a line is a credit."""
    if _DATE_LIKE.fullmatch(inside) or _INITIALS.fullmatch(inside):
        return False
    if _CREDIT_WORD.search(inside):
        return True
    if "/" in inside or "@" in inside:
        left, _, right = inside.partition("/")
        capitals = left.strip()[:1].isupper() and (right.strip()[:1].isupper() or square)
        return capitals or any(is_agency(part) for part in _SPLIT.split(inside) if part)
    if square and any(is_agency(part) for part in _SPLIT.split(inside) if len(part) > 1):
        return True
    return is_agency(inside) or (
        _DOMAIN.search(inside) is not None and len(inside.split()) <= _MAX_CREDIT_WORDS // 2
    )


def is_signoff(text: str) -> bool:
    """Tell whether a whole folded line signs a story off: `(abc/def)`, `(Outlet.com/Name)`, `***`."""
    if len(text) > _MAX_SIGNOFF_CHARS:
        return False
    match = _SIGNED.match(text)
    if match:
        return match[1] is None or _signs(match[1])
    bars = text.split(" | ")
    # "AP | The Straits Times | dwi p": sources, then the initials of the desk in lower case.
    # "REUTERS | AL JAZEERA": sources in capitals.
    signed = bars[-1].islower() or all(bar.isupper() or is_agency(bar) for bar in bars)
    return len(bars) > 1 and signed and all(len(bar.split()) <= 4 for bar in bars)  # noqa: PLR2004


def signoff_start(raw: str) -> int | None:
    """Return where in *raw* the sign-off glued to a last paragraph begins, or None."""
    text = raw.rstrip(_SPACES)
    match = _SIGNED.search(text, max(0, len(text) - _MAX_SIGNOFF_CHARS))
    if match is None or match.start() == 0:
        return None
    slashed = match[1] is not None and "/" in match[1] and _INITIALS.fullmatch(match[1].strip())
    if not slashed and not _BEFORE_SIGNOFF.search(text[: match.start()]):
        return None
    if match[1] is not None and not _signs(match[1]):
        return None
    return match.start()


def _signs(inside: str) -> bool:
    """Tell whether what stands in round brackets signs a story: initials, an agency, a name, stars."""
    inside = inside.strip()
    if not inside or set(inside) <= set("* "):
        return True
    if inside in _NOT_INITIALS:
        return False
    if _INITIALS.fullmatch(inside) or re.fullmatch(r"[A-Z]{1,3}-\d{1,3}", inside):
        return True
    if any(character.isdigit() for character in inside) or inside.endswith((".", "?", "!")):
        return False
    words = _WORD.findall(inside)
    if len(words) == 1:
        return words[0] not in _ASIDES and (len(words[0]) <= 5 or words[0][0].isupper())  # noqa: PLR2004
    small = [word for word in words if word[0].islower() and "." not in word and len(word) > 4]  # noqa: PLR2004
    return bool(words) and not small and (words[0][0].isupper() or "/" in inside)
