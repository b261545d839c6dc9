"""Recognise who took a picture: credit lines, and credits at the end of captions."""

import re

from crawler.text.lexicon import AGENCIES, BRANDS, SMALL_IN_CREDITS
from crawler.text.shape import is_desk_code

_MAX_CREDIT_CHARS = 130
_MAX_CREDIT_WORDS = 10
_MAX_SLASHED_WORDS = 5
_MAX_SMALL_WORDS = 2
_MIN_OUTLET_CHARS = 4
_TAIL_CHARS = 180
_COPY_CHARS = 30
_MAX_DOUBLED_CHARS = 800
_MAX_SIGNED_WORDS = 30

_LABEL = re.compile(
    r"(?:foto|photo|kredit foto|sumber foto|sumber gambar|dok(?:umentasi)?\.?|image|courtesy)\s?[:/,]\s?\S"
    r"|dok\.\s?\S",
    re.IGNORECASE,
)
_LABEL_AT_END = re.compile(
    r"(?:[\s./(\[-](?:kredit|foto|photo|kredit foto|sumber foto|dok|image)|(?<=[a-z])(?-i:Kredit|Foto))"
    r"\s?:\s?[^.!?:]{2,80}[./)\]]*$",
    re.IGNORECASE,
)
_BRACKETS_AT_END = re.compile(r"[(\[]([^()\[\]]{1,140})[)\]][\s.\"”*-]*$")
# "REUTERS/Name.", "Outlet.com/Name/23/04/2024": an outlet, a slash, a name.
_SLASHED_AT_END = re.compile(
    r"(?:^|[\s.(\[–-])([A-Za-z0-9][\w-]{0,24}(?:\.\w{1,20}){0,2}(?: [A-Z]\w*(?:\.\w+){0,2}){0,2})\s?/\s?"
    r"([A-Z][^/!?,;:]{1,40})"
    r"(?:/[^/,;:!?]{1,40}){0,4}[./]*$"
)
_DASHED_AT_END = re.compile(r"(?:[.\"”]\s+|\s[-–—]\s)([A-Za-z][\w-]+)(?:\s\w+)?$")
_COPYRIGHT_AT_END = re.compile(r"[\w.”\"/)] ?©\s?[^.!?]{2,70}(?:\.\w{2,30}){0,3}\W{0,2}$|/©")
_COPYRIGHT_CREDIT = re.compile(r"\s?/?\s?©[^.!?]{0,80}(?:\.\w{2,30}){0,3}\W{0,2}(?:/[^/]{0,60})?$")
_VIA_AT_END = re.compile(r"\bvia ([A-Za-z][\w-]*)$", re.IGNORECASE)
# "… di pelabuhan. Kantor Berita via REUTERS": all that stands behind the stop.
_VIA_CREDIT = re.compile(r"(?<=[.!?)\"”])\s[^.!?()]{2,60}\svia\s[A-Za-z][\w-]*[./]?$", re.IGNORECASE)
_CREDIT_WORD = re.compile(
    r"\b(?:foto|photo|dok|dokumentasi|ist|istimewa|ilustrasi|humas|tangkapan layar|screenshot|repro"
    r"|sumber\s?:)(?!\w)",
    re.IGNORECASE,
)
_SPLIT = re.compile(r"\s*[/,|]\s*|\s+via\s+|\s+", re.IGNORECASE)
_MARK = re.compile(r"[/:)\]©]")
_DATE = re.compile(r"[\d\s/.,:-]+")
_TOLD_DAY = re.compile(r"\(\d{1,2}/\d{1,2}(?:/\d{2,4})?\)")
_INITIALS = re.compile(r"[a-z]{1,5}\d?(?:\s?/\s?[a-z]{1,5}\d{0,2}){1,4}")
_SENTENCE_INSIDE = re.compile(r"[a-z][.!?]\s+[\[(A-Z]")
_WORD = re.compile(r"[\w'’.&-]+")
_DOMAIN = re.compile(r"[\w-]{2,30}\.(?:com|co\.id|id|co|net|tv|org|news)\b", re.IGNORECASE)
_SITE = re.compile(r"(?:[a-z0-9-]{2,30}\.){1,3}[a-z]{2,4}")  # "(gambar.museum.org/Name)"
# Words that sign pictures inside brackets or behind a slash, but not alone behind a dash.
_WEAK = frozenset(("foto", "net", "ist", "x"))


def is_agency(word: str) -> bool:
    """Tell whether one word names an agency or a network that signs pictures."""
    return word.strip("()[].,").casefold() in AGENCIES


def is_credit_line(text: str) -> bool:
    """Tell whether a whole folded line only says whose picture it is.

    `Foto: AP/Name`, `AFP`, `NAME / POOL / AFP`, `(AFP / NAME) via Outlet.com`, `©Name`.
    """
    words = text.count(" ") + 1
    if len(text) > _MAX_CREDIT_CHARS or words > _MAX_CREDIT_WORDS:
        return False
    if text.startswith("©"):
        return not any(character.isdigit() for character in text)
    bare = text.lstrip("•-–(/[ ")
    label = _LABEL.match(bare)
    told = _WORD.findall(bare[label.end() - 1 :] if label else bare)
    small = [word for word in told if word[0].islower() and word not in SMALL_IN_CREDITS]
    if label:
        # "Foto: Limusin hitam di halaman" describes the picture, all the more with "(Reuters)" behind it.
        allowed = 0 if _BRACKETS_AT_END.search(bare) else _MAX_SMALL_WORDS
        return len([word for word in small if "." not in word]) <= allowed
    if small or text.endswith(("!", "?", '"', "”")) or _SENTENCE_INSIDE.search(text):
        return False
    if _TOLD_DAY.search(text):  # the day is that of the scene
        return False
    return _is_unlabelled_credit(text, text.strip("()[]./-•– "), words)


def _is_unlabelled_credit(text: str, bare: str, words: int) -> bool:
    via = _VIA_AT_END.search(bare)
    if is_agency(bare) or (via and is_agency(via[1])):
        return True
    bracketed = text[0] in "([" and text[-1] in ")]"
    if "/" not in bare and not bracketed:
        return False
    if text.endswith("."):
        return words <= _MAX_SLASHED_WORDS and _has_slashed_credit(bare)
    if any(is_agency(part) for part in _SPLIT.split(bare) if len(part) > 1):
        return True
    return words <= _MAX_SLASHED_WORDS and _is_outlet_and_name(bare)


def _is_outlet_and_name(text: str) -> bool:
    """Tell whether *text* is an outlet and a name: `POS-KUPANG.COM/Media Center`."""
    left, _, right = (part.strip() for part in text.partition("/"))
    capitals = left.isupper() and len(left) >= _MIN_OUTLET_CHARS
    return bool(right) and right[0].isupper() and (capitals or _DOMAIN.fullmatch(left) is not None)


def has_credit(text: str) -> bool:
    """Tell whether a folded line ends with a picture's credit, as captions do and paragraphs do not."""
    tail = text[-_TAIL_CHARS:]
    if _is_doubled(text):
        return True
    if tail.endswith(".") and not _MARK.search(tail):
        return False  # a plain sentence
    if (
        tail.endswith(").")
        and text.count(" ") > _MAX_SIGNED_WORDS
        and not _CREDIT_WORD.search(tail[-_COPY_CHARS:])
    ):
        return False  # a paragraph that ends in a name and its short form
    return _ends_in_credit(tail)


def _is_doubled(text: str) -> bool:
    """Tell whether a line is a caption, its credit and the caption again."""
    if len(text) > _MAX_DOUBLED_CHARS:
        return False
    again = text.find(text[:_COPY_CHARS], _COPY_CHARS)
    return again > 0 and text.startswith(text[again:])


def _ends_in_credit(tail: str) -> bool:
    if tail.endswith("--") or _LABEL_AT_END.search(tail) or ("©" in tail and _COPYRIGHT_AT_END.search(tail)):
        return True
    brackets = _BRACKETS_AT_END.search(tail)
    if brackets:
        return _is_picture_credit(brackets[1], square=tail[brackets.start()] == "[")
    if "/" in tail and _has_slashed_credit(tail):
        return True
    via = _VIA_AT_END.search(tail.rstrip("/"))
    if via and is_agency(via[1]):
        return True
    dashed = _DASHED_AT_END.search(tail)
    return dashed is not None and is_agency(dashed[1]) and dashed[1].casefold() not in _WEAK


def without_credit(caption: str) -> str:
    """Return a folded caption without the picture's credit at its end; a caption that is all credit stays.

    `Ruang kelas. (Foto: KCNA)`, `Ruang kelas. Foto: KCNA`, `Ruang kelas/©Outlet` are `Ruang kelas.` at most.
    """
    if not has_credit(caption):
        # A paragraph may be signed with an address; behind a caption it is where the picture is from.
        brackets = _BRACKETS_AT_END.search(caption, max(0, len(caption) - _TAIL_CHARS))
        from_site = brackets is not None and _DOMAIN.match(brackets[1])
        return caption[: brackets.start()].rstrip() or caption if brackets and from_site else caption
    for pattern in (_BRACKETS_AT_END, _LABEL_AT_END, _COPYRIGHT_CREDIT, _SLASHED_AT_END, _VIA_CREDIT):
        match = pattern.search(caption, max(0, len(caption) - _TAIL_CHARS))
        if match is None:
            continue
        # The mark before a credit belongs to it, the stop of the sentence does not.
        start = match.start() + (caption[match.start()] == ".")
        if pattern is _SLASHED_AT_END:
            start = match.start(1) + _words_before_outlet(match[1])
        kept = caption[:start].rstrip(" -–—/([")
        return kept or caption
    return caption


def _words_before_outlet(left: str) -> int:
    """Return how many characters of what stands before the slash are the caption's: `di Bogor AP Photo`."""
    words = list(_WORD.finditer(left))
    agency = next((word.start() for word in words if is_agency(word[0])), None)
    if agency is not None:
        return agency
    named = (word.start() for word in words if not word[0].islower() or _DOMAIN.fullmatch(word[0]))
    return next(named, 0)


def _has_slashed_credit(tail: str) -> bool:
    match = _SLASHED_AT_END.search(tail)
    if match is None:
        return False
    left, right = match[1].split()[-1], match[2].split()
    if is_agency(left) or is_agency(match[1]) or is_agency(right[0]) or _DOMAIN.search(match[1]):
        return True
    # "KONTAN/Candra M.": an outlet in capitals, longer than AS or NATO, and a name of two words.
    return left.isupper() and len(left) > _MIN_OUTLET_CHARS and len(right) > 1


def _is_picture_credit(inside: str, *, square: bool) -> bool:
    """Tell whether what stands in brackets at the end of a line is a credit, and no sign-off or date."""
    if _DATE.fullmatch(inside) or _INITIALS.fullmatch(inside) or is_desk_code(inside):
        return False
    if _CREDIT_WORD.search(inside) or inside.startswith("©"):
        return True
    parts = [part for part in _SPLIT.split(inside) if len(part) > 1]
    if "/" in inside or "@" in inside:
        left, _, right = inside.partition("/")
        right = right.strip()
        named = right[:1].isupper() or square or right.casefold() in BRANDS
        left = left.strip()
        capitals = (left[:1].isupper() or _SITE.fullmatch(left) is not None) and named
        return capitals or any(map(is_agency, parts))
    via = _VIA_AT_END.search(inside)
    if is_agency(inside) or (via and is_agency(via[1])) or (square and any(map(is_agency, parts))):
        return True
    return _DOMAIN.search(inside) is not None and len(inside.split()) <= _MAX_SLASHED_WORDS
