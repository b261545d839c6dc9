"""Read the times that Indonesian outlets print: text in, aware `Instant` out, None for everything else.

The day comes before the month (`05/06/2023` is 5 June) unless the year or a month's name leads. A printed
day of the week decides nothing: where it contradicts the date, the date counts.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from crawler.items import Instant

WIB = timezone(timedelta(hours=7), "WIB")
WITA = timezone(timedelta(hours=8), "WITA")
WIT = timezone(timedelta(hours=9), "WIT")

# No outlet was online before 1990; 1970 and 2099 in a page are an empty field and a placeholder.
_FIRST_YEAR, _LAST_YEAR = 1990, 2089
_MAX_OFFSET_H = 14
# A printed time stands in a short line, or near the start of a longer one.
_MAX_PARSED, _MAX_SCANNED = 250, 400
_MAX_WORDS_BEFORE, _MAX_WORDS_AFTER, _MAX_WORDS_IN_DATELINE = 12, 8, 6

_MONTH_SPELLINGS = (
    "januari january jan",
    "februari pebruari february febuari feb peb febr",
    "maret march mar mrt",
    "april apr",
    "mei may",
    "juni june jun",
    "juli july jul",
    "agustus august agu ags agt agst agus aug",
    "september sept sep",
    "oktober october okt oct",
    "november nopember nov nop",
    "desember december des dec",
)
MONTHS = {name: number for number, names in enumerate(_MONTH_SPELLINGS, 1) for name in names.split()}

_ZONES: dict[str, tzinfo] = {
    "WIB": WIB,
    "WITA": WITA,
    "WIT": WIT,
    "WP": WIT,  # "waktu Papua", as outlets in Jayapura print it
    "GMT": UTC,
    "UTC": UTC,
    "SGT": timezone(timedelta(hours=8), "SGT"),
    "KST": timezone(timedelta(hours=9), "KST"),
    "JST": timezone(timedelta(hours=9), "JST"),
    "MSK": timezone(timedelta(hours=3), "MSK"),
}

_WEEKDAY = (
    r"(?:senin|selasa|rabu|kamis|jum['’‘ʼ`´]?at|sabtu|minggu|ahad|sen|sel|rab|kam|jum|sab"
    r"|mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)"
)
_YEAR = r"(?:(?:19|20)\d\d(?!\d)|['’‘]\d\d(?!\d)|\d\d(?=[\s,|–—-]{1,4}\d{1,2}\s?[:.]\s?\d\d(?!\d)))"
# Four forms: 12 Juni 2024, Juni 12 2024, 12/6/2024, 2024-06-12. Numbers are taken whole: 45-12-2022 is no
# date, not the fifth of December.
_DATE = re.compile(
    rf"""
      (?<!\d)(?<!\d[.,/–-]) (?P<day>\d{{1,2}})(?:st|nd|rd|th)? [\s./-]{{0,3}}
        (?P<month>[a-z]{{3,9}}) [\s.,/-]{{1,3}} (?P<year>{_YEAR})
    | (?<![a-z0-9]) (?P<month_first>[a-z]{{3,9}}) \.?\s (?P<day_second>\d{{1,2}})(?:st|nd|rd|th)?
        (?:\s|\s?,\s?) (?P<year_last>(?:19|20)\d\d)(?!\d)
    | (?<![\w/.])(?<!\d[,:–-]) (?P<d>\d{{1,2}})(?P<by>[/.-])(?P<m>\d{{1,2}})(?P=by)
        (?P<y>\d{{4}}|\d\d(?=[\s,|–—-]{{1,4}}\d{{1,2}}[:.]\d\d(?!\d))) (?![\d/]|[.-]\d)
    | (?<![\w/.=])(?<!\d[,:–-]) (?P<iso_y>\d{{4}})(?P<iso_by>[/-])(?P<iso_m>\d{{1,2}})(?P=iso_by)
        (?P<iso_d>\d{{1,2}}) (?![\d/]|[.-]\d)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_CLOCK = (
    r"(?P<hour>\d{1,2})\s?[:.]\s?(?P<minute>\d\d)(?:\s?[:.]\s?(?P<second>\d\d)(?:[.,]\d{1,9})?)?(?!\d|[.,]\d)"
)
_ZONE = r"(?:[\s(\[]{0,3}(?P<zone>(?:GMT|UTC)\s?[+-]\d{1,2}(?!\d)|[a-z]{2,4}\b|Z\b|[+-]\d\d:?\d\d(?!\d)))?"
_HALF = r"(?:\s?(?P<half>[ap])\.?m\b\.?)?"
_TIME_AFTER = re.compile(
    rf"(?:T|[\s,;|/–—−•·:()\[\]@-]*(?:(?:pukul|pkl|jam|at)\b[\s.:]*)?){_CLOCK}{_HALF}{_ZONE}[)\]]?",
    re.IGNORECASE,
)
_TIME_BEFORE = re.compile(
    rf"(?<![\d.:,])(?:(?P<said>pukul|pkl|jam)[\s.:]*)?{_CLOCK}{_HALF}{_ZONE}[\s,;|/–—−•·)\]-]*\Z",
    re.IGNORECASE,
)
_WEEKDAY_BEFORE = re.compile(rf"(?<!\w){_WEEKDAY}\b[\s,.(\[–-]*\Z", re.IGNORECASE)

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_LABEL = re.compile(
    r"(?:(?:di(?:terbitkan|posting|perbarui|perbaharui|publikasikan|publish|unggah|muat|rilis|update|upload|tulis|buat)"
    r"|tayang|terbit|rilis|update|updated|publish|published|posted|tanggal|last\s+updated?)"
    r"(?:\s+(?:pada|on|at|tanggal|tgl))?|pada(?=\s*:)|oleh|by|penulis|author|editor|reporter|redaksi|admin)[\s:.,–-]*\Z",
    re.IGNORECASE,
)
# Words that stand in sentences and not in the bylines, labels and rubrics that come before a printed time.
_SENTENCE_WORD = re.compile(
    r"\b(?:yang|di|ke|dari|pada|dalam|untuk|dengan|saat|ketika|sejak|hingga|sampai|selama|akan|telah|sudah|adalah"
    r"|ini|itu|atau|per|tanggal|bahwa|karena|antara|sekitar|setelah|sebelum|the|in|on|of|since|until|was)\b",
    re.IGNORECASE,
)
_LOCAL_TIME = re.compile(r"[\s,]*waktu\s+(?!baca)", re.IGNORECASE)
_DASHES = frozenset("–—-")
_BARS_OR_END = _DASHES | frozenset("|•·:/([") | {""}

_COUNTED = {
    "se": 1,
    "satu": 1,
    "dua": 2,
    "tiga": 3,
    "empat": 4,
    "lima": 5,
    "enam": 6,
    "tujuh": 7,
    "delapan": 8,
}
_COUNTED |= {"sembilan": 9, "sepuluh": 10, "sebelas": 11, "a": 1, "an": 1, "one": 1, "two": 2, "three": 3}
_UNIT_SECONDS = {"detik": 1, "menit": 60, "jam": 3600, "sec": 1, "min": 60, "h": 3600}
_UNIT_DAYS = {"hari": 1, "minggu": 7, "pekan": 7, "day": 1, "week": 7}
_AGO = re.compile(
    rf"(?P<count>\d{{1,3}}|{'|'.join(sorted(_COUNTED, key=len, reverse=True))})\s?"
    r"(?P<unit>detik|menit|jam|hari|minggu|pekan|sec|min|h|day|week)(?:(?:ond|ute|our|r)?s?)\s"
    r"(?:yang\s|yg\s)?(?:lalu|ago)",
    re.IGNORECASE,
)
_NEAR_DAY = re.compile(r"(?P<name>hari ini|today|kemarin|yesterday)", re.IGNORECASE)
_JUST_NOW = re.compile(r"(?:baru saja|just now)", re.IGNORECASE)
_RELATIVE_HINT = re.compile(r"lalu|ago|hari ini|today|kemarin|yesterday|baru saja|just now", re.IGNORECASE)
_RELATIVE_LEAD = re.compile(
    r"(?:.{0,60}[|•·:–—-]|.{0,40}\b(?:tayang|pada|sejak|update|diperbarui|terbit|posted))?\s*\Z"
)

_ISO = re.compile(
    r"(\d{4})([-/])(\d{2})\2(\d{2})"
    r"(?:(?:T|t|\s)\s?(\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?\s?(Z|z|[+-]\d{2}(?::?\d{2})?)?)?"
)
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"))


def parse_instant(text: str, *, zone: tzinfo = WIB, now: datetime | None = None) -> Instant | None:
    """Return the time that a short text prints, or None: a date is never made up.

    Labels, names and rubrics around the time are allowed, sentences are not. *zone* holds where none is
    printed. *now*, the aware time of the fetch, resolves `2 jam lalu` and the like, else they are None.
    """
    if len(text) > _MAX_PARSED * 4:
        return None
    text = " ".join(text.translate(_INVISIBLE).split())
    if len(text) > _MAX_PARSED:
        return None
    found = find_instant(text, zone=zone, now=now)
    return found[0] if found else None


def find_instant(
    text: str, *, zone: tzinfo = WIB, now: datetime | None = None
) -> tuple[Instant, int, int] | None:
    """Return the first printed time of a line and its span (start, end), or None.

    The span takes in the day of the week and the zone, not the label. Dates inside sentences and captions
    do not count; only the start of a long line is searched.
    """
    text = text[:_MAX_SCANNED]
    for match in _DATE.finditer(text):
        day = _day_of(match)
        if day is None:
            continue
        found = _with_time(text, match, day, zone)
        if found and _stands_alone(text, found[1], found[2], found[0].precision):
            return found
    if now is not None and _RELATIVE_HINT.search(text):
        return _find_relative(text, zone, now)
    return None


def parse_iso(text: str, zone: tzinfo = WIB) -> Instant | None:
    """Return the time in a metadata value (ISO 8601 as sites write it), or None where it is not one.

    *zone* holds where the value names no offset.
    """
    match = _ISO.fullmatch(text.strip()) if len(text) <= _MAX_PARSED else None
    if match is None:
        return None
    year, _, month, day, hour, minute, second, offset = match.groups()
    if hour is None:
        return _instant((int(year), int(month), int(day)), None, zone)
    clock = (int(hour), int(minute), None if second is None else int(second))
    printed = _zone_of(offset) if offset else None
    if offset and printed is None:
        return None
    return _instant((int(year), int(month), int(day)), clock, printed or zone, assumed=printed is None)


def isoformat(instant: Instant) -> str:
    """Return `2023-09-14T11:39+07:00`, with seconds or without a clock as exact as the instant is."""
    if instant.precision == "day":
        return instant.at.date().isoformat()
    return instant.at.isoformat(timespec="seconds" if instant.precision == "second" else "minutes")


def wib(moment: datetime | None) -> str:
    """Return a stored moment for people, in the outlets' main zone; empty where it is not known."""
    return f"{moment.astimezone(WIB):%Y-%m-%d %H:%M} WIB" if moment else ""


def _day_of(match: re.Match[str]) -> tuple[int, int, int] | None:
    """Return (year, month, day) of a match of `_DATE`, or None where the word in it is no month."""
    groups = match.groupdict()
    name = groups["month"] or groups["month_first"]
    if name is None:
        year, month = groups["y"] or groups["iso_y"], groups["m"] or groups["iso_m"]
        day = groups["d"] or groups["iso_d"]
        return int(year) + (2000 if len(year) == 2 else 0), int(month), int(day)  # noqa: PLR2004 - digits of a year
    number = MONTHS.get(name.casefold())
    if number is None:
        return None
    year = (groups["year"] or groups["year_last"]).lstrip("'’‘")
    return (
        int(year) + (2000 if len(year) == 2 else 0),  # noqa: PLR2004 - digits of a year
        number,
        int(groups["day"] or groups["day_second"]),
    )


def _with_time(
    text: str, match: re.Match[str], day: tuple[int, int, int], zone: tzinfo
) -> tuple[Instant, int, int] | None:
    """Return the instant with the clock printed beside the date, and the span of both with the weekday."""
    start, end = match.span()
    weekday = _WEEKDAY_BEFORE.search(text, max(0, start - 16), start)
    if weekday:
        start = weekday.start()
        if end < len(text) and text[end] == ")" and "(" in weekday[0]:
            end += 1
    clock = _TIME_AFTER.match(text, end)
    if clock:
        end = clock.end() if _zone_of(clock["zone"]) or not clock["zone"] else clock.start("zone")
        end = _trimmed(text, start, end)
    else:
        clock = _TIME_BEFORE.search(text, max(0, start - 40), start)
        if clock and not (clock["said"] or clock["half"] or _zone_of(clock["zone"]) or clock.start() == 0):
            clock = None
        if clock:
            start = clock.start()
    if clock is None:
        instant = _instant(day, None, zone)
    else:
        printed = _zone_of(clock["zone"])
        instant = _instant(day, _clock_of(clock), printed or zone, assumed=printed is None)
    return (instant, start, end) if instant else None


def _trimmed(text: str, start: int, end: int) -> int:
    """Return *end* without white space and brackets that have no partner in text[start:end]."""
    while (
        text[end - 1].isspace()
        or text[end - 1] in "(["
        or (text[end - 1] in ")]" and "(" not in text[start:end])
    ):
        end -= 1
    return end


def _clock_of(match: re.Match[str]) -> tuple[int, int, int | None]:
    """Return (hour, minute, second or None) on the 24-hour clock; the caller checks their range."""
    hour, half = int(match["hour"]), (match["half"] or "").lower()
    if half and hour <= 12:  # noqa: PLR2004 - outlets also print "15:20 PM", which needs no shift
        hour = hour % 12 + (12 if half == "p" else 0)
    return hour, int(match["minute"]), int(match["second"]) if match["second"] else None


def _zone_of(name: str | None) -> tzinfo | None:
    """Return the zone that a printed name or offset means; None for none and for an unknown one."""
    if not name:
        return None
    name = name.upper()
    if name in _ZONES:
        return _ZONES[name]
    if name == "Z":
        return UTC
    digits = name.removeprefix("GMT").removeprefix("UTC").replace(":", "").strip()
    if digits[:1] not in ("+", "-"):
        return None
    hours, minutes = int(digits[1:3]), int(digits[3:5] or 0)
    if hours > _MAX_OFFSET_H or minutes > 59:  # noqa: PLR2004 - minutes of an hour
        return None
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if digits[0] == "-" else offset)


def _instant(
    day: tuple[int, int, int],
    clock: tuple[int, int, int | None] | None,
    zone: tzinfo,
    *,
    assumed: bool = False,
) -> Instant | None:
    """Return the instant, or None where calendar, clock or the years of online news do not allow it."""
    if not _FIRST_YEAR <= day[0] <= _LAST_YEAR:
        return None
    hour, minute, second = clock or (0, 0, None)
    try:
        at = datetime(*day, hour, minute, second or 0, tzinfo=zone)
    except ValueError:
        return None
    if clock is None:
        return Instant(at, "day")
    return Instant(at, "minute" if second is None else "second", assumed)


def _stands_alone(text: str, start: int, end: int, precision: str) -> bool:
    """Tell whether the time at text[start:end] is printed as such, and not inside a sentence or a caption."""
    before, after = text[:start].strip(), text[end:].strip(" \t\n)].,")
    label = _LABEL.search(before)
    lead, tail = before[: label.start()] if label else before, "" if after[:1] in _BARS_OR_END else after
    lead = lead.replace("Hari Ini", "")  # a slogan, `Berita Hari Ini`
    words_before = len(_WORD.findall(lead))
    in_sentence = (
        words_before > _MAX_WORDS_BEFORE
        or _SENTENCE_WORD.search(lead)
        or _SENTENCE_WORD.search(tail)
        or _LOCAL_TIME.match(text, end)
        or any(mark in before for mark in '"“”?!')
    )
    if in_sentence or precision != "day":
        return not in_sentence
    if label or before[-1:] in _BARS_OR_END:
        # "3 Mei 2024, Budi tiba" is a sentence of any length.
        return len(_WORD.findall(tail)) <= (0 if text.startswith(",", end) else _MAX_WORDS_AFTER)
    # "JAKARTA, 13 Juli 2025 – …" opens a dispatch; other names before a bare date are headline or caption.
    return before[-1] == "," and after[:1] in _DASHES and words_before <= _MAX_WORDS_IN_DATELINE


def _find_relative(text: str, zone: tzinfo, now: datetime) -> tuple[Instant, int, int] | None:
    """Return the instant that a phrase such as `kemarin 10.05` means at *now*, and its span.

    The phrase ends the line, and only a label or a rubric set off by a bar stands before it.
    """
    if now.tzinfo is None:
        raise ValueError("now must be an aware datetime")
    for match in _relative_phrases(text):
        if not _RELATIVE_LEAD.match(text[: match.start()].casefold()):
            continue
        end, clock = match.end(), None
        if match.re is _NEAR_DAY:
            clock = _TIME_AFTER.match(text, end)
            end = clock.end() if clock else end
        if text[end:].strip(" \t\n.)]"):
            continue
        instant = _resolve(match, clock, zone, now)
        return (instant, match.start(), _trimmed(text, match.start(), end)) if instant else None
    return None


def _relative_phrases(text: str) -> Iterator[re.Match[str]]:
    for pattern in (_AGO, _NEAR_DAY, _JUST_NOW):
        for match in pattern.finditer(text):
            if match.start() == 0 or not text[match.start() - 1].isalnum():
                yield match


def _resolve(
    match: re.Match[str], clock: re.Match[str] | None, zone: tzinfo, now: datetime
) -> Instant | None:
    """Return what one phrase means; hours and minutes keep the minute of *now*, days only the day."""
    if match.re is _NEAR_DAY:
        printed = _zone_of(clock["zone"]) if clock else None
        today = now.astimezone(printed or zone)
        day = today - timedelta(days=0 if match["name"].casefold() in {"hari ini", "today"} else 1)
        return _instant(
            (day.year, day.month, day.day),
            _clock_of(clock) if clock else None,
            printed or zone,
            assumed=printed is None,
        )
    local = now.astimezone(zone)
    if match.re is _JUST_NOW:
        return Instant(local.replace(second=0, microsecond=0), "minute", zone_assumed=True)
    count, unit = match["count"].casefold(), match["unit"].casefold()
    number = int(count) if count.isdigit() else _COUNTED[count]
    if unit in _UNIT_DAYS:
        local -= timedelta(days=number * _UNIT_DAYS[unit])
        return Instant(local.replace(hour=0, minute=0, second=0, microsecond=0), "day")
    local -= timedelta(seconds=number * _UNIT_SECONDS[unit])
    return Instant(local.replace(second=0, microsecond=0), "minute", zone_assumed=True)
