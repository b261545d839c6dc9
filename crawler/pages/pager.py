"""Find the further parts of a split article: links to the page's own address with a page number."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

import attrs
from selectolax.lexbor import LexborHTMLParser, LexborNode

MAX_PARTS = 30

_LINKS = 'a[href*="page="],a[href*="halaman="],a[rel="next"],link[rel="next"]'
_BOXES = (
    '[class*="paging"],[class*="pagination"],[class*="page-links"],[class*="page-link-wrap"],[class*="halaman"],'
    '[class*="pager"],[class*="page-number"]'
)
_COUNT = "[data-total-pages]"
_PAGE_KEYS = frozenset({"page", "halaman"})
# "/2", "/page/2", and "-part2" of older systems; "-part-2" is how a series names its second story.
_PATH_NUMBER = re.compile(r"(?:/(?:page/)?|-part)(\d{1,3})/?\Z")
_LAST_NUMBER = re.compile(r"\d+(?=/?\Z)")
_MAX_LINKS, _MAX_ALL_LINKS, _MAX_BOXES = 400, 3_000, 20


@attrs.frozen
class Pager:
    """The parts of a split article: `number` is this page's, `parts` the addresses of those after it.

    `whole` tells that the page leads to its whole text, whether it names parts or not.
    """

    number: int = 1
    parts: tuple[str, ...] = ()
    last: int = 1
    whole: bool = False

    @property
    def is_split(self) -> bool:
        """Whether there is more than this page."""
        return max(self.last, self.number) > 1 or self.whole


def find_pager(tree: LexborHTMLParser, url: str | None, whole_query: str | None = None) -> Pager:
    """Return the further parts of the article at *url*; none where the page names none.

    *whole_query* is what the outlet's addresses of whole texts have.
    """
    if not url:
        return Pager()
    whole = whole_query is not None and _leads_to_whole(tree, url, whole_query)
    return attrs.evolve(_numbered(tree, url), whole=whole)


def _numbered(tree: LexborHTMLParser, url: str) -> Pager:
    found: dict[int, str] = {}
    called: dict[int, int] = {}
    for href, page in _targets(tree, url):
        try:
            target = urljoin(url, href).partition("#")[0]
            number = _number_of(target, url)
        except ValueError:
            continue
        if number is not None:
            found.setdefault(number, target)
            if page is not None and "?" not in target:
                called.setdefault(number, page)
    stated = _own_number(url, found)
    if step := _step(called):
        page = stated // step + 1 if stated is not None else 1
        return _by_offset(page, step, max(called.values()), found[next(iter(called))])
    own = stated or 1
    found = {number: target for number, target in found.items() if number <= MAX_PARTS}
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


def _leads_to_whole(tree: LexborHTMLParser, url: str, query: str) -> bool:
    """Tell whether a page that is not all of its article yet links to its own address with *query*."""
    own, added = urlsplit(url), set(parse_qsl(query, keep_blank_values=True))
    if added <= set(parse_qsl(own.query, keep_blank_values=True)):
        return False
    for node in tree.css(f'a[href*="{query}"]')[:_MAX_LINKS]:
        try:
            there = urlsplit(urljoin(url, node.attributes.get("href") or ""))
        except ValueError:
            continue
        same = there.netloc.lower() == own.netloc.lower() and there.path.rstrip("/") == own.path.rstrip("/")
        if same and added <= set(parse_qsl(there.query, keep_blank_values=True)):
            return True
    return False


def _step(called: Mapping[int, int]) -> int | None:
    """Return how many an address counts up a page where it counts other things than pages, else None.

    *called* maps numbers in addresses to what their links call the pages: of `/5` called 2 and `/10` called
    3 it is 5.
    """
    steps = {divmod(number, page - 1) for number, page in called.items() if page > 1}
    if all(number == page for number, page in called.items()) or len(steps) != 1:
        return None
    ((step, rest),) = steps
    return None if rest else step


def _by_offset(page: int, step: int, last: int, target: str) -> Pager:
    """Return the parts behind *page*, numbered by *step* at the end of their addresses as *target* is."""
    last = max(page, min(last, MAX_PARTS))
    numbers = range(page * step, last * step, step)
    return Pager(page, tuple(_LAST_NUMBER.sub(str(number), target) for number in numbers), last)


def _targets(tree: LexborHTMLParser, url: str) -> list[tuple[str, int | None]]:
    """Return where links lead that may be those of a pager, and which page they call it."""
    nodes = tree.css(_LINKS)[:_MAX_LINKS]
    for box in tree.css(_BOXES)[:_MAX_BOXES]:
        nodes.extend(box.css("a[href]")[:MAX_PARTS])
    # The page's own path with a number behind it is a part of it, whatever the box is called.
    own = _PATH_NUMBER.sub("", urlsplit(url).path.rstrip("/"))
    if "-" in own.rpartition("/")[2]:
        part = re.compile(rf"(?:https?:)?(?://[^/]+)?{re.escape(own)}/\d{{1,2}}/?(?:[?#].*)?")
        nodes += [node for node in tree.css("a[href]")[:_MAX_ALL_LINKS] if part.fullmatch(_href(node))]
    return [(href, _called(node)) for node in nodes if (href := _href(node))]


def _href(node: LexborNode) -> str:
    return (node.attributes.get("href") or "").strip()


def _called(node: LexborNode) -> int | None:
    """Return the page that a link says it leads to, None where it does not say."""
    text = (node.attributes.get("data-ci-pagination-page") or node.text(deep=True)).strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 2 else None  # noqa: PLR2004 - no article has 100 parts


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


def _own_number(url: str, found: dict[int, str]) -> int | None:
    """Return the number in this page's query, or in its path where other parts differ only there."""
    parts = urlsplit(url)
    number, _ = _query_number(parts.query)
    if number is not None:
        return number
    match = _PATH_NUMBER.search(parts.path)
    bases = {_PATH_NUMBER.sub("", urlsplit(target).path) for target in found.values()}
    return int(match[1]) if match and _PATH_NUMBER.sub("", parts.path) in bases else None


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
