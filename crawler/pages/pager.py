"""Find the further parts of a split article: links to the page's own address with a page number."""

import re
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

import attrs
from selectolax.lexbor import LexborHTMLParser

_LINKS = 'a[href*="page="],a[href*="halaman="],a[href*="/all"],a[rel="next"],link[rel="next"]'
_BOXES = '[class*="paging"],[class*="pagination"],[class*="page-links"],[class*="halaman"],[class*="pager"],[class*="page-number"]'
_PAGE_KEYS = frozenset({"page", "halaman"})
_PATH_NUMBER = re.compile(r"/(?:page/)?(\d{1,3})/?\Z")
_MAX_LINKS = 400
MAX_PARTS = 30


@attrs.frozen
class Pager:
    """The parts of a split article: `parts` are the addresses after this page's, in order; `number` is this page's."""

    number: int = 1
    parts: tuple[str, ...] = ()
    last: int = 1

    @property
    def is_split(self) -> bool:
        """Whether there is more than this page."""
        return self.last > 1 or self.number > 1


def find_pager(tree: LexborHTMLParser, url: str | None) -> Pager:
    """Return the further parts of the article at *url*; none where the page names none."""
    if not url:
        return Pager()
    own_key, own_number = _split(url)
    found: dict[int, str] = {}
    nodes = [*tree.css(_LINKS)[:_MAX_LINKS]]
    for box in tree.css(_BOXES)[:20]:
        nodes.extend(box.css("a[href]")[:MAX_PARTS])
    for node in nodes:
        try:
            target = urljoin(url, (node.attributes.get("href") or "").strip())
            key, number = _split(target)
        except ValueError:
            continue
        if key == own_key and number and number != own_number:
            found.setdefault(number, target.partition("#")[0])
    if not found:
        return Pager(number=own_number or 1)
    numbers = sorted(found)
    later = [number for number in numbers if number > (own_number or 1)][:MAX_PARTS]
    return Pager(own_number or 1, tuple(found[number] for number in later), max(numbers))


def whole_url(url: str, query: str) -> str:
    """Return the address of the whole text: *url* with *query* (`page=all`) in place of a page number."""
    parts = urlsplit(url)
    kept = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if name not in _PAGE_KEYS
    ]
    added = parse_qsl(query, keep_blank_values=True)
    names = {name for name, _ in added}
    kept = [(name, value) for name, value in kept if name not in names]
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(kept + added), ""))


def _split(url: str) -> tuple[tuple[str, str, str], int | None]:
    """Return an address without its page number, and the number (None where it has none)."""
    parts = urlsplit(url)
    number: int | None = None
    rest = []
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if name in _PAGE_KEYS:
            number = int(value) if value.isdigit() and len(value) <= 3 else number  # noqa: PLR2004
        else:
            rest.append((name, value))
    path = parts.path
    if number is None and (match := _PATH_NUMBER.search(path)):
        number, path = int(match[1]), path[: match.start()]
    return (parts.netloc.lower(), path.rstrip("/"), urlencode(rest)), number
