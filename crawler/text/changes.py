"""What an outlet changed in an article: the sentences added, removed and changed, each with its kind. Pure.

Sentences that stand in both versions are no change, wherever they stand: a moved paragraph gives none. Of the
others those that are most alike are one changed sentence; what is left was added or removed. Spaces,
quotation marks, dashes and the breaks between paragraphs are typography, which is no change either.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Literal

import attrs

from crawler.items import Article, Instant
from crawler.text.edit_kinds import Kind, is_note, kind_alone, kind_of, vocabulary_of
from crawler.text.normalise import likeness
from crawler.text.sentences import Word, is_mark, join_sentences, same_form, split_sentences, words_of

Action = Literal["added", "removed", "changed"]

_ALIKE, _ALIKE_IN_PLACE = 0.5, 0.25  # share of words in common, that of the only two in one place
_COMMON_IN = 40  # sentences; a word that more of them have says nothing of which belongs to which
_MOST_WORDS = 400  # of a sentence; beyond, its changed middle is shown as one stretch


@attrs.frozen
class Change:
    """One edit: what it is, and the text before and after it; None on the side where there was none."""

    kind: Kind
    action: Action
    old: str | None
    new: str | None


@attrs.frozen
class Span:
    """A stretch of a text, and whether it is what differs from the other version."""

    text: str
    changed: bool


@attrs.frozen
class _Sentence:
    text: str
    key: str
    paragraph: int
    at: int
    words: frozenset[str]


@attrs.frozen
class _Edit:
    """Sentences that became others: one for one, but where one was parted or two were joined."""

    old: list[_Sentence]
    new: list[_Sentence]


def changes(old: Article, new: Article) -> tuple[Change, ...]:
    """Return the edits between two versions of an article: of headline, byline and date, then of the text."""
    found: list[Change] = []
    if same_form(old.headline) != same_form(new.headline):
        kind: Kind = "correction" if is_note(new.headline) and not is_note(old.headline) else "headline"
        found.append(Change(kind, "changed", old.headline, new.headline))
    if [likeness(name) for name in old.byline] != [likeness(name) for name in new.byline]:
        found.append(_field("byline", ", ".join(old.byline), ", ".join(new.byline)))
    before, after = old.published_at, new.published_at
    if (before and before.utc) != (after and after.utc):
        found.append(_field("date", _printed(before), _printed(after)))
    return (*found, *text_changes(old.body, new.body))


def same_text(old: Article, new: Article) -> bool:
    """Tell whether two versions differ in typography alone."""
    return (
        (old.published_at and old.published_at.utc) == (new.published_at and new.published_at.utc)
        and same_form(old.headline) == same_form(new.headline)
        and [likeness(name) for name in old.byline] == [likeness(name) for name in new.byline]
        and same_form(" ".join(old.body)) == same_form(" ".join(new.body))
    )


def kinds_of(found: Iterable[Change]) -> list[Kind]:
    """Return the kinds that occur, each once; where no sentence differs, only their order: other."""
    return list(dict.fromkeys(change.kind for change in found)) or ["other"]


def spans(change: Change) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """Return the old and the new text of a change in stretches, those that differ marked."""
    if change.old is None or change.new is None:
        return tuple(() if text is None else (Span(text, changed=True),) for text in (change.old, change.new))  # type: ignore[return-value] # of two
    old, new = words_of(change.old), words_of(change.new)
    kept = _kept(old, new)
    return (
        tuple(_spans(change.old, old, [first for first, _ in kept])),
        tuple(_spans(change.new, new, [second for _, second in kept])),
    )


def _field(kind: Kind, old: str, new: str) -> Change:
    action: Action = "changed" if old and new else "added" if new else "removed"
    return Change(kind, action, old or None, new or None)


def _printed(instant: Instant | None) -> str:
    return instant.at.isoformat(timespec="minutes") if instant else ""


def text_changes(old: Sequence[str], new: Sequence[str]) -> Iterator[Change]:
    """Yield the edits between two texts, given as paragraphs."""
    before, after = _sentences(old), _sentences(new)
    if [one.key for one in before] == [one.key for one in after]:
        return
    lost, come = _left(before, after), _left(after, before)
    edits = _edits(lost, come, before, after)
    known = vocabulary_of([*old, *new])
    found: list[tuple[float, Change]] = []
    for edit in edits:
        first, second = (join_sentences([one.text for one in side]) for side in (edit.old, edit.new))
        found.append((edit.new[0].at, Change(kind_of(first, second, known), "changed", first, second)))
    paired_old = {one.at for edit in edits for one in edit.old}
    paired_new = {one.at for edit in edits for one in edit.new}
    places = _places(before, after)
    for group in _groups([one for one in lost if one.at not in paired_old]):
        text = join_sentences([one.text for one in group])
        found.append((places[group[0].at], Change(kind_alone(text), "removed", text, None)))
    for group in _groups([one for one in come if one.at not in paired_new]):
        text = join_sentences([one.text for one in group])
        found.append((group[0].at, Change(kind_alone(text), "added", None, text)))
    yield from (change for _, change in sorted(found, key=lambda each: each[0]))


def _sentences(body: Sequence[str]) -> list[_Sentence]:
    found: list[_Sentence] = []
    for number, paragraph in enumerate(body):
        for text in split_sentences(paragraph):
            words = frozenset(word.text.casefold() for word in words_of(text) if not is_mark(word))
            found.append(_Sentence(text, same_form(text), number, len(found), words))
    return found


def _left(these: Sequence[_Sentence], others: Sequence[_Sentence]) -> list[_Sentence]:
    """Return those of *these* that the others lack; of a repeated one the surplus at the end."""
    there = Counter(one.key for one in others)
    left = []
    for one in these:
        if there[one.key]:
            there[one.key] -= 1
        else:
            left.append(one)
    return left


def _edits(
    lost: Sequence[_Sentence],
    come: Sequence[_Sentence],
    before: Sequence[_Sentence],
    after: Sequence[_Sentence],
) -> list[_Edit]:
    """Return which lost sentences became which new ones: the most alike first, each once."""
    by_word: dict[str, list[int]] = defaultdict(list)
    for number, one in enumerate(come):
        for word in one.words:
            by_word[word].append(number)
    gaps_old, gaps_new = _gaps(lost, before, after), _gaps(come, after, before)
    scored: list[tuple[float, int, int, int]] = []
    for first, one in enumerate(lost):
        shared = Counter(
            second for word in one.words if len(by_word[word]) <= _COMMON_IN for second in by_word[word]
        )
        for second, number in shared.items():
            other = come[second]
            alike = _alike(one, other)
            in_place = gaps_old[one.at] == gaps_new[other.at]
            if number and alike >= (_ALIKE_IN_PLACE if in_place else _ALIKE):
                scored.append((-alike - in_place * 0.2, abs(one.at - other.at), first, second))
    edits: list[_Edit] = []
    open_old, open_new = set(range(len(lost))), set(range(len(come)))
    for _, _, first, second in sorted(scored):
        if first in open_old and second in open_new:
            open_old.remove(first)
            open_new.remove(second)
            edits.append(_Edit([lost[first]], [come[second]]))
    rest_old = [lost[number] for number in sorted(open_old)]
    rest_new = [come[number] for number in sorted(open_new)]
    rest_old = _parted(edits, rest_old, lambda edit: (edit.old, edit.new))
    rest_new = _parted(edits, rest_new, lambda edit: (edit.new, edit.old))
    return edits + _replaced(rest_old, rest_new, gaps_old, gaps_new)


def _parted(
    edits: Sequence[_Edit], left: Sequence[_Sentence], sides: Callable[[_Edit], tuple[list[_Sentence], ...]]
) -> list[_Sentence]:
    """Add to an edit the neighbour that took over words of its other side; return what no edit takes.

    That is how a sentence that was parted in two, or two that were joined, are one edit.
    """
    by_place = {one.at: edit for edit in edits for one in sides(edit)[0]}
    free = []
    for one in left:
        for edit in (by_place.get(one.at - 1), by_place.get(one.at + 1)):
            if edit is None:
                continue
            here, there = sides(edit)
            said = frozenset[str]().union(*(each.words for each in here))
            wanted = frozenset[str]().union(*(each.words for each in there)) - said
            if here[0].paragraph == one.paragraph and 2 * len(one.words & wanted) >= max(1, len(one.words)):
                here.append(one)
                here.sort(key=lambda each: each.at)
                by_place[one.at] = edit
                break
        else:
            free.append(one)
    return free


def _replaced(
    left_old: Sequence[_Sentence],
    left_new: Sequence[_Sentence],
    gaps_old: Mapping[int, tuple[str, str]],
    gaps_new: Mapping[int, tuple[str, str]],
) -> list[_Edit]:
    """Return the sentences that stand alone where another one stood alone: replaced, with no word kept."""
    old_in, new_in = defaultdict(list), defaultdict(list)
    for one in left_old:
        old_in[gaps_old[one.at]].append(one)
    for one in left_new:
        new_in[gaps_new[one.at]].append(one)
    return [
        _Edit(old_in[gap], new_in[gap]) for gap in old_in if len(old_in[gap]) == len(new_in.get(gap, ())) == 1
    ]


def _alike(one: _Sentence, other: _Sentence) -> float:
    total = len(one.words) + len(other.words)
    return 2 * len(one.words & other.words) / total if total else 1.0


def _gaps(
    left: Sequence[_Sentence], these: Sequence[_Sentence], others: Sequence[_Sentence]
) -> dict[int, tuple[str, str]]:
    """Return, for each sentence that is left, which kept sentences stand before and after it."""
    open_ones = {one.at for one in left}
    known = {one.key for one in others}
    following, behind = "", {}
    for one in reversed(these):
        behind[one.at] = following
        if one.at not in open_ones and one.key in known:
            following = one.key
    before, gaps = "", {}
    for one in these:
        if one.at in open_ones:
            gaps[one.at] = (before, behind[one.at])
        else:
            before = one.key
    return gaps


def _groups(left: Sequence[_Sentence]) -> Iterator[list[_Sentence]]:
    """Yield runs of neighbours within one paragraph: what was put in or taken out in one stroke."""
    group: list[_Sentence] = []
    for one in left:
        if group and (one.at != group[-1].at + 1 or one.paragraph != group[-1].paragraph):
            yield group
            group = []
        group.append(one)
    if group:
        yield group


def _places(before: Sequence[_Sentence], after: Sequence[_Sentence]) -> "dict[int, float]":
    """Return, for each old sentence, where among the new ones a reader would look for it."""
    at = {one.key: one.at for one in reversed(after)}
    place, places = -1.0, {}
    for one in before:
        place = float(at[one.key]) if one.key in at else place
        places[one.at] = place + 0.5
    return places


# --- Words, for display


def _kept(old: Sequence[Word], new: Sequence[Word]) -> list[tuple[int, int]]:
    """Return pairs of indices of the words that both versions have, in order."""
    first = [same_form(word.text) for word in old]
    second = [same_form(word.text) for word in new]
    if max(len(first), len(second)) <= _MOST_WORDS:
        blocks = SequenceMatcher(None, first, second, autojunk=False).get_matching_blocks()
        return [(block.a + at, block.b + at) for block in blocks for at in range(block.size)]
    shorter = min(len(first), len(second))
    start = next((at for at in range(shorter) if first[at] != second[at]), shorter)
    end = next((at for at in range(shorter - start) if first[-1 - at] != second[-1 - at]), shorter - start)
    return [(at, at) for at in range(start)] + [
        (len(first) - at, len(second) - at) for at in range(end, 0, -1)
    ]


def _spans(text: str, words: Sequence[Word], kept: Sequence[int]) -> Iterator[Span]:
    same = set(kept)
    start, changed = 0, False
    for number, word in enumerate(words):
        differs = number not in same
        if differs != changed:
            # White space before a change stays outside of it, that behind it too.
            end = word.start if differs else words[number - 1].end
            if end > start:
                yield Span(text[start:end], changed)
            start, changed = end, differs
    if start < len(text):
        yield Span(text[start:], changed)
