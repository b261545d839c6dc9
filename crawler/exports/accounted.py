"""Whether what was kept and what was cut of an article are what its archived page holds."""

import itertools
import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, Final

import attrs

from crawler.exports.fields import Record
from crawler.pages.parse import NotAnArticle, decode, parse_html
from crawler.storage.replay import ArchivedResponse
from crawler.unpack import unpack

MOST_BYTES: Final = 64 * 1024 * 1024
_NO_LETTERS = re.compile(r"[\W_]+")


@attrs.frozen(kw_only=True)
class Account:
    """How many paragraphs and cut lines there are, and how many of them the archived pages hold.

    `between` is how many letters of the pages stand between the first and the last paragraph and are neither
    kept nor cut: what the page object never took for a part of the body, such as adverts and scripts' places.
    """

    paragraphs: int
    found: int
    cut: int
    cut_found: int
    between: int

    @property
    def whole(self) -> bool:
        """Tell whether the pages hold all of it."""
        return self.found == self.paragraphs and self.cut_found == self.cut


def account(record: Record, responses: Iterable[ArchivedResponse]) -> Account:
    """Return what of an article stands in the pages that it was read from; only letters and digits count."""
    pages = [_letters(page_words(response)) for response in responses]
    kept = [_letters(paragraph) for paragraph in record["body"]]
    cut = [_letters(line["text"]) for line in record["removed"]]
    beside = [_letters(caption) for caption in record["captions"]]
    return Account(
        paragraphs=len(kept),
        found=sum(any(one in page for page in pages) for one in kept),
        cut=len(cut),
        cut_found=sum(any(one in page for page in pages) for one in cut),
        between=sum(_between(page, kept, [*cut, *beside]) for page in pages),
    )


def page_words(response: ArchivedResponse) -> str:
    """Return the words of an archived page or answer, without markup; empty where they cannot be read."""
    encodings = _header(response, b"content-encoding")
    named = [name.strip() for name in encodings.lower().split(",") if name.strip()]
    unpacked = unpack(response.body, named, MOST_BYTES)
    text = decode(unpacked.body).text
    if "json" in (response.ref.content_type or ""):
        try:
            text = " ".join(_strings(json.loads(text)))
        except (ValueError, RecursionError):
            return ""
    try:
        tree = parse_html(text)
    except NotAnArticle:  # larger or deeper than any page that is read
        return ""
    tree.strip_tags(["script", "style", "noscript", "template"])
    return tree.root.text(separator=" ") if tree.root else ""


def _between(page: str, kept: Sequence[str], others: Sequence[str]) -> int:
    spans = []
    reached = 0
    for one in filter(None, kept):
        at = page.find(one, reached)
        if at >= 0:
            reached = at + len(one)
            spans.append((at, reached))
    if not spans:
        return 0
    start, end = spans[0][0], spans[-1][1]
    left = [page[before:after] for (_, before), (after, _) in itertools.pairwise(spans)]
    for other in filter(None, others):
        left = [part.replace(other, "", 1) for part in left]
    return sum(map(len, left)) if start < end else 0


def _letters(text: str) -> str:
    return _NO_LETTERS.sub("", unicodedata.normalize("NFKC", text)).casefold()


def _header(response: ArchivedResponse, wanted: bytes) -> str:
    found = (value for name, value in response.headers if name.lower() == wanted)
    return ", ".join(value.decode("latin-1") for value in found)


def _strings(value: Any) -> Iterable[str]:  # noqa: ANN401 - any JSON value
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)
