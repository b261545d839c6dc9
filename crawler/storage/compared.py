"""Whether a page that was read again shows an edit, or was only read less well than before. Pure.

A revision says that the outlet changed its article, so whatever else makes two readings differ is ruled out
first: another address of the article, a missing part, a reading that is less sure, typography. A page that
tells less than before (no byline, no date, half the text) is believed when the next look finds it so again.
"""

from typing import Final

import attrs

from crawler.items import Article
from crawler.reasons import Reason
from crawler.storage.states import (
    LESS_SURE,
    LESS_TOLD,
    OTHER_ADDRESS,
    PART_MISSING,
    REDIRECT,
    TYPOGRAPHY,
    State,
)
from crawler.text.changes import changes, kinds_of, same_text
from crawler.text.edit_kinds import Kind
from crawler.text.sentences import same_form, split_sentences

_SAME_ARTICLE: Final = 0.5  # least share of the sentences that a moved article keeps
_HALF: Final = 0.5


@attrs.frozen
class Compared:
    """What another reading of an article came to: unchanged, revised with these kinds, or no conclusion."""

    state: State
    reason: str | None = None
    kinds: tuple[Kind, ...] = ()


UNCHANGED: Final = Compared(State.UNCHANGED)


def compare_look(
    before: Article, after: Article, *, moved: bool, ended: bool, last_reason: str | None
) -> Compared:
    """Return what a look at an article's own address found, where its content differs from what is stored.

    *moved*: the page has another canonical address than the article. *ended*: its markup was closed.
    *last_reason* is what the look before this one ended in.
    """
    if moved and not _is_same(before, after):
        return Compared(State.NOT_AN_ARTICLE, REDIRECT)
    if same_text(before, after):
        return Compared(State.UNCHANGED, TYPOGRAPHY)
    doubt = _doubt(before, after, ended=ended, last_reason=last_reason)
    return Compared(State.FAILED, doubt) if doubt else _revised(before, after)


def _doubt(before: Article, after: Article, *, ended: bool, last_reason: str | None) -> str | None:
    """Return why a reading is not to be trusted, None where it is."""
    if after.partial:
        return PART_MISSING
    if after.body_from == "generic" and before.body_from != "generic":
        return LESS_SURE
    if _broke_off(before, after, ended=ended):
        return Reason.TRUNCATED
    return LESS_TOLD if last_reason != LESS_TOLD and _tells_less(before, after) else None


def compare_other(before: Article, after: Article, *, own: bool) -> Compared:
    """Return what a reading is that was no look: an edit where it is of the article's *own* address.

    Mirrors and mobile pages have layouts of their own, whose text differs though nobody edited it; they
    count only where what is stored lacks a part and they do not.
    """
    if own or (before.partial and not after.partial):
        return _revised(before, after)
    return Compared(State.UNCHANGED, OTHER_ADDRESS)


def _revised(before: Article, after: Article) -> Compared:
    return Compared(State.REVISED, None, tuple(kinds_of(changes(before, after))))


def _is_same(before: Article, after: Article) -> bool:
    """Tell whether a page under another canonical address is still the article, by its sentences."""
    kept = {same_form(each) for paragraph in before.body for each in split_sentences(paragraph)}
    there = {same_form(each) for paragraph in after.body for each in split_sentences(paragraph)}
    return len(kept & there) >= _SAME_ARTICLE * len(kept)


def _broke_off(before: Article, after: Article, *, ended: bool) -> bool:
    """Tell whether the text is the beginning of what is stored, on a page without an end."""
    return not ended and same_form(" ".join(before.body)).startswith(same_form(" ".join(after.body)))


def _tells_less(before: Article, after: Article) -> bool:
    lost = (before.byline and not after.byline) or (before.published_at and not after.published_at)
    return bool(lost) or _length(after) < _HALF * _length(before)


def _length(article: Article) -> int:
    return sum(map(len, article.body))
