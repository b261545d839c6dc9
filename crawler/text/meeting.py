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
# … where no word joins the two: in a headline, in a sentence, and where they are only named side by side.
_UNJOINED_HEADLINE, _UNJOINED, _SIDE_BY_SIDE = 0.8, 0.5, 0.5
# … where a sentence joins one side to the other, which only the headline names; and where both stand in one
# passage but in no sentence together.
_IMPLIED, _SAME_PASSAGE = 0.85, 0.25
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
    rf"|\b(?:setelah|usai|seusai|sebelum|selain|seperti|termasuk|bukan(?:\s(?:cuma|hanya))?)\s{_TITLES})\Z"
)


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


def passage_meeting(
    topic: Topic, text: str, mentions: Sequence[Mention], in_headline: Mapping[str, float]
) -> float:
    """Return how closely both sides meet in a passage, from 0.0 to 1.0.

    *in_headline* is the worth of each side there: a sentence may go on about a side named only there.
    """
    owners = {mention.term.owner for mention in mentions}
    if not any(side in owners for side in topic.sides):
        return 0.0
    best = _SAME_PASSAGE * min(_strength(mentions, side) for side in topic.sides)
    for span, inside in _sentences(text, mentions):
        if best == 1.0:
            break
        groups = _weighed_groups(topic, text, inside)
        present = {group.owner for group in groups}
        here = [side for side in topic.sides if side in present]
        if len(here) == len(topic.sides):
            best = max(best, _met(topic, text, span, groups, _UNJOINED))
        elif here:
            other = topic.sides[1 - topic.sides.index(here[0])]
            implied = _IMPLIED * min(in_headline[other], _worth(groups, here[0]))
            if implied > best and _joined(topic, text, span, groups):
                best = implied
    return best


def _strength(mentions: Sequence[Mention], side: str) -> float:
    return max((mention.term.strength for mention in mentions if mention.term.owner == side), default=0.0)


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
        for run in _runs(text, groups):
            owners = {group.owner for group in run}
            factor = _LISTED if len(owners) >= _LIST_LENGTH else _BESIDE_OTHERS if len(owners) > 1 else 1.0
            if factor < 1.0 and any(group in run for group in others):
                for group in run:
                    group.worth *= factor
        for group in groups:
            if _ABOUT.search(text, max(0, group.start - 60), group.start):
                group.worth *= _SPOKEN_OF
    return groups


def _runs(text: str, groups: list[_Group]) -> Iterator[list[_Group]]:
    """Yield the groups that stand in a row, with nothing between them but commas and "dan"."""
    run = groups[:1]
    for left, right in pairwise(groups):
        if not _LIST_GAP.fullmatch(text, left.end, right.start):
            yield run
            run = []
        run.append(right)
    yield run


def _joined(topic: Topic, text: str, span: tuple[int, int], groups: list[_Group]) -> bool:
    """Tell whether a word, a preposition or a hyphen joins the sides in a sentence."""
    ours = [group for group in groups if group.owner in topic.sides]
    for left, right in pairwise(ours):
        if left.owner != right.owner and _COMPOUND.fullmatch(text, left.end, right.start):
            return True
    if any(_TOWARDS.search(text, max(span[0], group.start - 40), group.start) for group in ours):
        return True
    start, end = max(span[0], ours[0].start - _REACH), min(span[1], ours[-1].end + _REACH)
    return topic.relation is not None and topic.relation.search(text, start, end) is not None
