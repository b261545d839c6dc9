"""Find the headline: printed headings against what metadata and the list entry claim it to be.

The first `<h1>` is the channel's name often enough (`News`, `Regional`), and `og:title` carries the site's
name, so neither is believed alone: the printed heading that a claim confirms wins, in the page's own
spelling.
"""

import re
from collections.abc import Mapping, Sequence

import attrs
from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.pages.furniture import is_hidden
from crawler.pages.linked import PLACEHOLDER
from crawler.pages.tree import visible_text
from crawler.text.normalise import MAX_HEADLINE_CHARS, fold, likeness, sanitise

_HEADINGS = "h1,h2,h3"
# Looked at only where no heading is confirmed.
_NAMED = '[itemprop="headline"],[class*="judul"],[class*="title"],[class*="headline"]'
_NO_HEADING = frozenset({"title", "meta", "script", "body", "html", "img", "article", "main", "section"})
_MAX_HEADINGS = 400
_MIN_CHARS = 10
_MIN_SITE_CHARS, _MAX_SITE_CHARS, _SECTION_WORDS = 3, 60, 2
_HEADLINE_WORDS = 4
# Half of the words must be shared before a heading counts as the same headline in other words.
_SAME, _CONTAINED, _SIMILAR = 1.0, 0.9, 0.5
_SEPARATOR = re.compile(r"\s+(?:[-–—|»•·:]|::|\|\|)+\s+|\s*\|\s*|\s::\s|:\s(?=\S+\Z)")
_PAGE_TAIL = re.compile(
    r"\s*[-–—|(]\s*(?:halaman|page|hal\.?)\s*(?:all|semua|\d{1,3})\)?\s*\Z", re.IGNORECASE
)


@attrs.frozen
class Headline:
    """The headline, its element if it is printed, who said it, and what the other witnesses say."""

    text: str
    by: str
    node: LexborNode | None
    claims: Mapping[str, str]


def find_headline(tree: LexborHTMLParser, claims: Mapping[str, str]) -> Headline | None:
    """Return the headline of a page, or None.

    *claims* are the headlines that metadata and the list entry give, best witness first, sites cut off.
    A printed heading that a claim confirms wins, then the only `<h1>` like a headline, then the claims.
    """
    texts = list(claims.values())
    printed = _printed(tree, _HEADINGS)
    best, score = _confirmed(printed, texts)
    if claims and score < _CONTAINED:
        named, named_score = _confirmed(_printed(tree, _NAMED), texts)
        if named_score > max(score, _SIMILAR):
            best, score = named, named_score
    if score < _SIMILAR:
        best = _only_heading(printed) if claims else _first_heading(printed)
    if best is not None:
        node, text = best
        return Headline(_clean(text), node.tag or "heading", node, claims)
    if not claims:
        return None
    by, text = next(iter(claims.items()))
    # The shortest of claims that begin alike lacks the tails of the others.
    alike = [other for other in texts if len(other) >= _MIN_CHARS and _has_tail(text, other)]
    return Headline(_clean(min(alike, key=len, default=text)), by, None, claims)


def without_site(title: str, site_names: Sequence[str]) -> str:
    """Return a title without the names of the outlet and its sections at either end."""
    title = _PAGE_TAIL.sub("", fold(title))
    names = [name for name in map(_plain, site_names) if len(name) >= _MIN_SITE_CHARS]
    ends = [match.span() for match in _SEPARATOR.finditer(title) if match.start() >= _MIN_CHARS]
    for at, (start, end) in enumerate(ends):
        if not _names_site(title[end:], names):
            continue
        # "Headline | National | Outlet": what stands between is the section, one or two words long.
        while (
            at and _is_section(title[ends[at - 1][1] : start]) and not _is_section(title[: ends[at - 1][0]])
        ):
            at, start = at - 1, ends[at - 1][0]  # noqa: PLW2901 - walks back over the sections
        return title[:start]
    head, colon, tail = title.partition(": ")
    leads = colon and len(tail) >= _MIN_CHARS and _is_section(head) and _names_site(head, names)
    return tail if leads else title


def _is_section(text: str) -> bool:
    return len(text.split()) <= _SECTION_WORDS


def _names_site(text: str, names: Sequence[str]) -> bool:
    plain = _plain(text)
    if len(text) > _MAX_SITE_CHARS or len(plain) < _MIN_SITE_CHARS:
        return False
    return any(name in plain or plain in name for name in names)


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.casefold())


def _printed(tree: LexborHTMLParser, selector: str) -> list[tuple[LexborNode, str]]:
    found: list[tuple[LexborNode, str]] = []
    for node in tree.css(selector)[:_MAX_HEADINGS]:
        if node.tag in _NO_HEADING:
            continue
        if len(node.text(deep=True)) > MAX_HEADLINE_CHARS or is_hidden(node.attributes):
            continue
        text = visible_text(node)
        if len(text) >= _MIN_CHARS and not PLACEHOLDER.fullmatch(text):
            found.append((node, text))
    return found


def _has_tail(text: str, other: str) -> bool:
    """Tell whether *text* is *other* and a tail behind a mark: what goes on in words is a newer headline.

    An article looked at again is still listed under the headline that it was found by.
    """
    return text.startswith(other) and not re.match(r"[\w,]", text[len(other) :].lstrip())


def _confirmed(
    printed: Sequence[tuple[LexborNode, str]], claims: Sequence[str]
) -> tuple[tuple[LexborNode, str] | None, float]:
    wanted = [(likeness(claim), frozenset(likeness(claim).split())) for claim in claims]
    best: tuple[LexborNode, str] | None = None
    best_rank: tuple[float, bool, int] = (0.0, False, 0)
    for node, text in printed:
        form = likeness(text)
        words = frozenset(form.split())
        score = max((_agreement(form, words, *claim) for claim in wanted), default=0.0)
        # A headline that is a link leads to another page, or is repeated in a list.
        rank = (score, not _is_linked(node), {"h1": 3, "h2": 2, "h3": 1}.get(node.tag or "", 0))
        if score and rank > best_rank:
            best, best_rank = (node, text), rank
    return best, best_rank[0]


def _is_linked(node: LexborNode) -> bool:
    parent = node.parent
    return node.css_first("a[href]") is not None or (parent is not None and parent.tag == "a")


def _agreement(form: str, words: frozenset[str], claim: str, claim_words: frozenset[str]) -> float:
    if not form or not claim:
        return 0.0
    if form == claim:
        return _SAME
    if len(claim) > len(form) / 2 and form.startswith(claim[: max(len(claim) - 4, 1)]):
        return _CONTAINED  # linked data cuts headlines at 110 characters
    if len(form) > len(claim) / 2 and form in claim:
        return _CONTAINED
    shared = len(words & claim_words)
    return min(shared / len(words | claim_words), 0.85) if shared > 1 else 0.0


def _only_heading(printed: Sequence[tuple[LexborNode, str]]) -> tuple[LexborNode, str] | None:
    """Return the one `<h1>` that is long enough for a headline and leads nowhere, if there is just one."""
    found = [
        (node, text)
        for node, text in printed
        if node.tag == "h1" and len(text.split()) >= _HEADLINE_WORDS and not _is_linked(node)
    ]
    return found[0] if len(found) == 1 else None


def _first_heading(printed: Sequence[tuple[LexborNode, str]]) -> tuple[LexborNode, str] | None:
    """Return the heading that reads like a headline, where nothing says what it should be."""
    ranked = sorted(printed, key=lambda found: (found[0].tag or "h9", _is_linked(found[0])))
    long = [found for found in ranked if len(found[1].split()) >= _HEADLINE_WORDS]
    return next(iter(long or ranked), None)


def _clean(text: str) -> str:
    return _PAGE_TAIL.sub("", fold(sanitise(text, MAX_HEADLINE_CHARS)))
