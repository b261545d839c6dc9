"""Find the further parts of a split article: links to the page's own address with a page number."""

import re
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

import attrs
from selectolax.lexbor import LexborHTMLParser

MAX_PARTS = 30

_LINKS = 'a[href*="page="],a[href*="halaman="],a[rel="next"],link[rel="next"]'
_BOXES = (
    '[class*="paging"],[class*="pagination"],[class*="page-links"],[class*="page-link-wrap"],[class*="halaman"],'
    '[class*="pager"],[class*="page-number"]'
)
_COUNT = "[data-total-pages]"
_PAGE_KEYS = frozenset({"page", "halaman"})
# "/2", "/page/2", and "-part2" of older systems; "-part-2" is how a series names its second story.
_PATH_NUMBER = re.compile(r"(?:/(?:page/)?|-part)(\d{1,2})/?\Z")
_MAX_LINKS, _MAX_BOXES = 400, 20


@attrs.frozen
class Pager:
    """The parts of a split article: `number` is this page's, `parts` the addresses of those after it."""

    number: int = 1
    parts: tuple[str, ...] = ()
    last: int = 1

    @property
    def is_split(self) -> bool:
        """Whether there is more than this page."""
        return max(self.last, self.number) > 1


def find_pager(tree: LexborHTMLParser, url: str | None) -> Pager:
    """Return the further parts of the article at *url*; none where the page names none."""
    if not url:
        return Pager()
    found: dict[int, str] = {}
    for href in _targets(tree):
        try:
            target = urljoin(url, href).partition("#")[0]
            number = _number_of(target, url)
        except ValueError:
            continue
        if number is not None and number <= MAX_PARTS:
            found.setdefault(number, target)
    own = _own_number(url, found)
    counted = _counted(tree)
    for number in range(2, counted + 1):
        found.setdefault(number, whole_url(url, f"page={number}"))
    found.pop(own, None)
    later = tuple(found[number] for number in sorted(found) if number > own)
    return Pager(own, later, max([own, *found]))


def whole_url(url: str, query: str) -> str:
    """Return the address of the whole text: *url* with *query* (`page=all`) in place of a page number."""
    parts = urlsplit(url)
    added = parse_qsl(query, keep_blank_values=True)
    replaced = _PAGE_KEYS | {name for name, _ in added}
    kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in replaced]
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(kept + added), ""))


def _targets(tree: LexborHTMLParser) -> list[str]:
    nodes = tree.css(_LINKS)[:_MAX_LINKS]
    for box in tree.css(_BOXES)[:_MAX_BOXES]:
        nodes.extend(box.css("a[href]")[:MAX_PARTS])
    return [href for node in nodes if (href := (node.attributes.get("href") or "").strip())]


def _number_of(target: str, url: str) -> int | None:
    """Return the page number that *target* has if it is otherwise the address *url*, or None."""
    there, here = urlsplit(target), urlsplit(url)
    if there.netloc.lower() != here.netloc.lower():
        return None
    number, rest = _query_number(there.query)
    own_path = here.path.rstrip("/")
    if number is not None and there.path.rstrip("/") == own_path and rest == _query_number(here.query)[1]:
        return number
    base = _PATH_NUMBER.sub("", there.path)
    if (match := _PATH_NUMBER.search(there.path)) and base in {own_path, _PATH_NUMBER.sub("", here.path)}:
        return int(match[1])
    return None


def _own_number(url: str, found: dict[int, str]) -> int:
    """Return this page's number: of its query, or of its path where other parts differ only there."""
    parts = urlsplit(url)
    number, _ = _query_number(parts.query)
    if number is not None:
        return number
    match = _PATH_NUMBER.search(parts.path)
    bases = {_PATH_NUMBER.sub("", urlsplit(target).path) for target in found.values()}
    return int(match[1]) if match and _PATH_NUMBER.sub("", parts.path) in bases else 1


def _query_number(query: str) -> tuple[int | None, list[tuple[str, str]]]:
    number: int | None = None
    rest = []
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name not in _PAGE_KEYS:
            rest.append((name, value))
        elif value.isascii() and value.isdigit() and len(value) <= 2:  # noqa: PLR2004 - no article has 100 parts
            number = int(value)
    return number, rest


def _counted(tree: LexborHTMLParser) -> int:
    """Return how many pages the pager says there are, 1 where it does not."""
    for node in tree.css(_COUNT)[:_MAX_BOXES]:
        value = node.attributes.get("data-total-pages") or ""
        if value.isascii() and value.isdigit() and 1 < int(value[:4]) <= MAX_PARTS:
            return int(value)
    return 1
