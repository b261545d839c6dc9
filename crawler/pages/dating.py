"""When an article was published: the printed time against metadata and the list entry.

Never the time of the crawl.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone, tzinfo

import attrs

from crawler.dates import find_instant, parse_instant, parse_iso
from crawler.items import Instant, Witness
from crawler.pages.tree import Line, text_pieces

_MAX_LINE_CHARS = 200
_MAX_LINKED = 0.6
# A day alone in print and a time in metadata agree when no more than this lies between them: zones differ.
_SAME_DAY = timedelta(hours=36)
# Before the headline and behind the body other stories have their dates too: those must be near what
# metadata says.
_NEAR = timedelta(days=2)
_UPDATED = re.compile(
    r"\b(?:di(?:perbarui|perbaharui|update|ubah|sunting)|updated?|modified|last|terakhir|revisi|edited|pembaruan)\b",
    re.IGNORECASE,
)
# In these boxes stand the dates of other stories and of readers.
_OTHERS_DATES = frozenset(
    {"related", "comment", "advert", "promotion", "embed", "links", "summary", "sidebar", "navigation"}
)
_LEAD = re.compile(r"\A(?:pada|on|at)\s+", re.IGNORECASE)
_MAX_TIMES = 3
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_MAX_PIECES = 20
_DIGIT = re.compile(r"\d")


@attrs.frozen
class Dating:
    """The instant of publication with its witness; None and an empty witness where nothing says it."""

    instant: Instant | None = None
    witness: Witness | None = None


@attrs.frozen
class _Claim:
    by: str
    instant: Instant


def find_published(  # noqa: PLR0913 - the witnesses, best first
    header: Sequence[Line],
    elsewhere: Sequence[Line],
    claims: Sequence[tuple[str, str]],
    *,
    zone: tzinfo,
    listed: Instant | None = None,
    now: datetime | None = None,
) -> Dating:
    """Return when the article was published and who says so.

    *header* are the lines between headline and body, *elsewhere* those before the headline and behind the
    body, nearest first. *claims* are metadata's times as written, best first. The printed time wins over
    metadata that differs; where both agree to the minute, the more exact of the two is taken.
    """
    meta = [
        _Claim(by, _own_zone(instant, zone))
        for by, text in claims
        if (instant := parse_iso(text, zone) or parse_instant(text, zone=zone)) is not None
    ]
    listed_claim = [_Claim("list", listed)] if listed is not None else []
    published, updated = _printed(header, zone)
    # Where only an update is printed, metadata knows better when the article was published.
    printed = [_Claim("printed", instant) for instant in published or (() if meta else updated)]
    if not printed:
        # A day alone, away from the headline and confirmed by nothing, is as likely the day of the visit.
        published, updated = _printed(elsewhere, zone)
        near = [_Claim("printed", instant) for instant in published or updated]
        printed = [
            claim
            for claim in near
            if (_close(claim, meta, _NEAR) if meta else claim.instant.precision != "day")
        ][:1]
    chosen = (
        _choose(printed, meta) or next(iter([*meta, *listed_claim]), None) or _relative(header, zone, now)
    )
    if chosen is None:
        return Dating()
    others = [claim for claim in [*printed[:1], *meta, *listed_claim] if claim.by != chosen.by]
    agree = tuple(dict.fromkeys(claim.by for claim in others if _agree(claim.instant, chosen.instant)))
    differ = {claim.by: claim.instant.at.isoformat() for claim in others if claim.by not in agree}
    return Dating(chosen.instant, Witness(by=chosen.by, agree=agree, differ=differ))


def _choose(printed: Sequence[_Claim], meta: Sequence[_Claim]) -> _Claim | None:
    exact = [claim for claim in printed if claim.instant.precision != "day"]
    for claim in exact:
        for other in meta:
            if _agree(claim.instant, other.instant):
                # Same minute: the one with seconds, in the printed zone.
                return claim if other.instant.precision != "second" else _Claim(other.by, other.instant)
    if exact:
        return exact[0]
    if not printed:
        return None
    for other in meta:
        if abs(other.instant.utc - printed[0].instant.utc) <= _SAME_DAY:
            return other
    return printed[0]


def _printed(lines: Sequence[Line], zone: tzinfo) -> tuple[list[Instant], list[Instant]]:
    """Return the times that lines print: those of publication, and those of updates."""
    found: list[Instant] = []
    updated: list[Instant] = []
    for line in lines:
        text = _LEAD.sub("", line.block.text)
        if (
            line.block.kind == "caption"
            or line.family in _OTHERS_DATES
            or line.block.link_share > _MAX_LINKED
        ):
            continue
        if len(text) > _MAX_LINE_CHARS or not _DIGIT.search(text):
            continue
        for instant, label in _times_in(text, line, zone):
            (updated if _UPDATED.search(label) else found).append(instant)
    return found, updated


def _times_in(text: str, line: Line, zone: tzinfo) -> Iterator[tuple[Instant, str]]:
    """Yield the times in a line, each with what stands before it."""
    start = 0
    for _ in range(_MAX_TIMES):
        match = find_instant(text[start:], zone=zone)
        if match is None:
            break
        yield match[0], text[start : start + match[1]]
        start += match[2]
    if start or not _YEAR.search(text):
        return
    # "oleh A <time>…</time>": a day behind a name is found in its own element.
    for piece in text_pieces(line.node, _MAX_PIECES):
        if piece in text and (match := find_instant(piece, zone=zone)):
            yield match[0], ""
            return


def _relative(lines: Sequence[Line], zone: tzinfo, now: datetime | None) -> _Claim | None:
    if now is None:
        return None
    for line in lines:
        if len(line.block.text) <= _MAX_LINE_CHARS:
            match = find_instant(line.block.text, zone=zone, now=now)
            if match:
                return _Claim("printed", match[0])
    return None


def _agree(one: Instant, other: Instant) -> bool:
    if "day" in {one.precision, other.precision}:
        return abs(one.utc - other.utc) <= _SAME_DAY
    return one.utc.replace(second=0, microsecond=0) == other.utc.replace(second=0, microsecond=0)


def _close(claim: _Claim, others: Sequence[_Claim], within: timedelta) -> bool:
    return any(abs(claim.instant.utc - other.instant.utc) <= within for other in others)


def _own_zone(instant: Instant, zone: tzinfo) -> Instant:
    """Undo a wrong sign: `-07:00` on a page of an outlet at `+07:00`."""
    offset, own = instant.at.utcoffset(), instant.at.replace(tzinfo=zone).utcoffset()
    if offset and own and offset == -own:
        return attrs.evolve(instant, at=instant.at.replace(tzinfo=timezone(own)), zone_assumed=True)
    return instant
