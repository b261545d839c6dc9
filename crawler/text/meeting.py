"""Weigh how closely the two sides of a topic meet: joined, listed, beside others, spoken of."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import attrs

from crawler.text.topics import Term, Topic

# What is left of a meeting where one side stands only in a list of three or more parties, only beside a third
# party, or is only what a third party and the other side speak about.
_LISTED, _BESIDE_OTHERS, _SPOKEN_OF = 0.1, 0.5, 0.25
_LIST_LENGTH = 3
# … where no word joins the two: in a headline, in a sentence that names no one else, in one that does, and
# where they are only named side by side.
_UNJOINED_HEADLINE, _ALONE, _UNJOINED, _SIDE_BY_SIDE = 0.8, 0.85, 0.5, 0.65
# … where a sentence joins one side to the other, which only the headline names; and where both stand in one
# passage but in no sentence together, without and with a third party there.
_IMPLIED, _SAME_PASSAGE, _SAME_CROWDED_PASSAGE = 0.85, 0.5, 0.25
NAMED = 0.5  # the worth from which a side counts as named
_REACH = 80  # characters round the two in which the joining word may stand

_SENTENCE_END = re.compile(r"[.!?;][\"')\]]*\s")
_TITLES = (
    r"(?:(?:presiden|pemimpin|perdana menteri|pm|menteri \w+|menlu|menhan|kepala negara|sekjen|negara)\s)"
    r"{0,2}"
)
_LIST_GAP = re.compile(
    rf"\s?(?:\([^()]{{0,30}}\))?\s?[,/&;-]?\s?(?:(?:dan|serta|atau|maupun|hingga|plus)\b\s?)?{_TITLES}"
)
_APPOSITION = re.compile(rf"\s|\s?\(|,?\s{_TITLES}")
_COMPOUND = re.compile(r"\s?[-/]\s?")
_TOWARDS = re.compile(
    r"\b(?:ke|kepada|untuk|bagi|dengan|bersama|dari|oleh|di|pro|asal|bantu|dukung|milik|lawan|buatan|kiriman)[\s-]"
    rf"{_TITLES}\Z"
)
_ABOUT = re.compile(
    r"(?:\b(?:terkait|soal|mengenai|tentang|perihal|isu|masalah|krisis|(?:mem)?bahas|(?:mem)?bicarakan)\s"
    r"(?:(?:isu|masalah|krisis|program|nuklir|denuklirisasi|senjata|konflik|ketegangan|situasi|perlucutan)\s){0,3}"
    rf"|\b(?:setelah|usai|seusai|sebelum|selain|seperti|termasuk)\s{_TITLES})\Z"
)
# "Bukan Rusia atau Korea Utara, …": what is named is what the story is not about.
_DENIED = re.compile(rf"\bbukan(?:\s(?:cuma|hanya))?\s{_TITLES}\Z")


class Mention(NamedTuple):
    """A term of the topic where it stands in a text."""

    term: Term
    start: int
    end: int


@attrs.define
class _Group:
    """Mentions of one party that stand together ("Presiden Rusia Vladimir Putin") and their worth, 0 to 1."""

    owner: str
    worth: float
    start: int
    end: int


def headline_meeting(topic: Topic, text: str, mentions: Sequence[Mention]) -> tuple[float, dict[str, float]]:
    """Return how closely both sides meet in a headline (0.0 to 1.0), and the worth of each side in it."""
    groups = _weighed_groups(topic, text, mentions)
    worths = {side: _worth(groups, side) for side in topic.sides}
    return _met(topic, text, (0, len(text)), groups, _UNJOINED_HEADLINE), worths


@attrs.frozen
class Reading:
    """How closely the sides meet in a passage, the worth of each (0.0 to 1.0), whether others are there."""

    met: float
    worths: Mapping[str, float]
    others: bool


def read_passage(
    topic: Topic, text: str, mentions: Sequence[Mention], in_headline: Mapping[str, float]
) -> Reading:
    """Return what a passage says of the sides.

    *in_headline* is the worth of each side there: a sentence may go on about a side named only there.
    """
    worths = dict.fromkeys(topic.sides, 0.0)
    others = any(mention.term.owner not in worths for mention in mentions)
    best = 0.0
    for span, inside in _sentences(text, mentions):
        groups = _weighed_groups(topic, text, inside)
        here = {side: worth for side in topic.sides if (worth := _worth(groups, side))}
        for side, worth in here.items():
            worths[side] = max(worths[side], worth)
        if len(here) == len(topic.sides):
            best = max(best, _met(topic, text, span, groups, _UNJOINED))
        elif here:
            ((side, worth),) = here.items()
            other = topic.sides[1 - topic.sides.index(side)]
            implied = _IMPLIED * min(in_headline[other], worth)
            if implied > best and _joined(topic, text, span, groups):
                best = implied
    apart = _SAME_CROWDED_PASSAGE if others else _SAME_PASSAGE
    return Reading(max(best, apart * min(worths.values())), worths, others)


def _sentences(text: str, mentions: Sequence[Mention]) -> Iterator[tuple[tuple[int, int], list[Mention]]]:
    """Yield the span of each sentence that mentions anything, and its mentions."""
    start, left = 0, list(mentions)
    for stop in _SENTENCE_END.finditer(text):
        inside = [mention for mention in left if mention.start < stop.end()]
        if inside:
            yield (start, stop.end()), inside
            left = left[len(inside) :]
        start = stop.end()
    if left:
        yield (start, len(text)), left


def _met(topic: Topic, text: str, span: tuple[int, int], groups: list[_Group], unjoined: float) -> float:
    """Return how closely both sides meet in one sentence."""
    worth = min(_worth(groups, side) for side in topic.sides)
    if worth == 0.0 or _joined(topic, text, span, groups):
        return worth
    ours = [group for group in groups if group.owner in topic.sides]
    if len(ours) == len(groups):
        unjoined = max(unjoined, _ALONE)
    if len(ours) == len(topic.sides) and _LIST_GAP.fullmatch(text, ours[0].end, ours[1].start):
        unjoined = min(unjoined, _SIDE_BY_SIDE)
    return worth * unjoined


def _worth(groups: list[_Group], side: str) -> float:
    return max((group.worth for group in groups if group.owner == side), default=0.0)


def _weighed_groups(topic: Topic, text: str, mentions: Sequence[Mention]) -> list[_Group]:
    """Return the mentions of a sentence in groups, weighed by whether they are listed or spoken of."""
    groups: list[_Group] = []
    for term, start, end in mentions:
        last = groups[-1] if groups else None
        if last and last.owner == term.owner and _APPOSITION.fullmatch(text, last.end, start):
            last.end, last.worth = end, max(last.worth, term.strength)
        else:
            groups.append(_Group(term.owner, term.strength, start, end))
    others = [group for group in groups if group.owner not in topic.sides]
    if others:
        for run in _runs(topic, text, groups):
            owners = {group.owner for group in run}
            factor = _LISTED if len(owners) >= _LIST_LENGTH else _BESIDE_OTHERS if len(owners) > 1 else 1.0
            if factor < 1.0 and any(group in run for group in others):
                for group in run:
                    group.worth *= factor
    for group in groups:
        start = max(0, group.start - 60)
        if _DENIED.search(text, start, group.start) or (others and _ABOUT.search(text, start, group.start)):
            group.worth *= _SPOKEN_OF
    return groups


def _runs(topic: Topic, text: str, groups: list[_Group]) -> Iterator[list[_Group]]:
    """Yield the groups that stand in a row, with nothing between them but commas and "dan".

    Two parties with a comma between them are no list ("Putin Temui Kim, AS Cemas"), nor are both sides
    joined by a hyphen and a third after them ("Aliansi Rusia-Korut, AS Cemas").
    """
    run = groups[:1]
    for left, right in pairwise(groups):
        if not _LIST_GAP.fullmatch(text, left.end, right.start):
            yield from _lists(topic, text, run)
            run = []
        run.append(right)
    yield from _lists(topic, text, run)


def _lists(topic: Topic, text: str, run: list[_Group]) -> Iterator[list[_Group]]:
    pair = {group.owner for group in run[:2]} == set(topic.sides)
    if pair and len(run) == _LIST_LENGTH and _hyphened(text, run[0], run[1]) and _comma(text, run[1], run[2]):
        yield run[:2]
        yield run[2:]
    elif len(run) < _LIST_LENGTH and len(run) > 1 and _comma(text, run[0], run[1]):
        yield run[:1]
        yield run[1:]
    else:
        yield run


def _hyphened(text: str, left: _Group, right: _Group) -> bool:
    return _COMPOUND.fullmatch(text, left.end, right.start) is not None


def _comma(text: str, left: _Group, right: _Group) -> bool:
    return text[left.end : right.start].strip() == ","


def _joined(topic: Topic, text: str, span: tuple[int, int], groups: list[_Group]) -> bool:
    """Tell whether a word, a preposition or a hyphen joins the sides in a sentence."""
    ours = [group for group in groups if group.owner in topic.sides]
    for left, right in pairwise(ours):
        if left.owner != right.owner and _hyphened(text, left, right):
            return True
    if any(_TOWARDS.search(text, max(span[0], group.start - 40), group.start) for group in ours):
        return True
    start, end = max(span[0], ours[0].start - _REACH), min(span[1], ours[-1].end + _REACH)
    return topic.relation is not None and topic.relation.search(text, start, end) is not None
