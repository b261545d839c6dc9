"""The evidence of a redesign as a fixture that fails until the selectors are mended.

A folder holds the page, the last good page of the same outlet, what must be read of each in the form of
`tests/fixtures/` and a comparison for people. Copied into `tests/fixtures/OUTLET/`, the pages are tests.
"""

import json
import os
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import attrs
from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.dates import WIB
from crawler.decay.memory import Noticed
from crawler.items import Draft, Instant
from crawler.pages.article import ArticlePage
from crawler.pages.parse import NotAnArticle
from crawler.pages.traits import declared
from crawler.storage.decay import GoodPage
from crawler.text.clean import clean_draft
from crawler.text.normalise import shown

FOLDER: Final = "decay"
COMPARISON: Final = "comparison.txt"
FIELDS: Final = (
    *("headline", "standfirst", "published_at", "byline", "editors"),
    *("dateline", "source", "body", "captions"),
)
UNREVIEWED: Final = "read the page, correct what follows, invent other words; then take this line away"
TO_FILL: Final = "(the paragraphs as the page shows them)"

_MAX_BYTES: Final = 25_000
_LISTED: Final = 3
_MAX_NAMES: Final = 20


@attrs.frozen(kw_only=True)
class Evidence:
    """A page that gave rise to an alarm, and what it is held against."""

    outlet: str
    page_class: type[ArticlePage]
    page: GoodPage
    good: GoodPage | None
    noticed: Sequence[Noticed]
    marks: Sequence[str]
    usual_paragraphs: float
    usual_chars: float

    @property
    def name(self) -> str:
        """The folder of it below the data folder."""
        outlet = re.sub(r"[^a-z0-9.-]+", "-", self.outlet.lower()).strip(".-") or "outlet"
        return f"{FOLDER}/{outlet}/{self.page.at.astimezone(WIB):%Y-%m-%d-%H%M%S}"

    def write(self, data_dir: Path) -> str:
        """Write the folder, whole before it has its name, and return that.

        Raises:
            OSError: it cannot be written.
        """
        folder = data_dir / self.name
        making = folder.with_name(f".{folder.name}.new")
        making.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name, content in self._files():
            (making / name).write_text(content, encoding="utf-8")
        with suppress(FileExistsError):
            os.replace(making, folder)  # noqa: PTH105 - atomic, and over an empty folder too
        return self.name

    def _files(self) -> list[tuple[str, str]]:
        files = [(COMPARISON, self.comparison())]
        for slug, page in (("page", self.page), ("last-good", self.good)):
            if page is not None:
                name = f"{slug}-{page.at.astimezone(WIB):%Y-%m-%d}"
                html = trimmed(page.html, lambda html, page=page: self._read(html, page.url))  # type: ignore[misc]
                golden = self._golden(html, page.url, broken=slug == "page")
                files += [(f"{name}.html", html), (f"{name}.json", f"{_as_json(golden)}\n")]
        return files

    def _read(self, html: str, url: str) -> Any:  # noqa: ANN401 - only compared
        page = self.page_class(html, url)
        return self._golden(html, url, broken=False), _hits(page)

    def _golden(self, html: str, url: str, *, broken: bool) -> dict[str, Any]:
        """Return what a page states as far as it can be read now; a body that cannot is left to fill in."""
        page = self.page_class(html, url)
        try:
            draft = clean_draft(page.read(), self.page_class.rules)
        except NotAnArticle:
            draft = Draft(headline=page.headline, published_at=page.published_at)
        golden = {
            "url": url,
            "unreviewed": UNREVIEWED,
            **{field: _value(getattr(draft, field)) for field in FIELDS},
        }
        golden["body"] = golden["body"] or [TO_FILL]
        golden["body_from"] = "selector" if broken else draft.body_from
        if page.pager.is_split:
            golden["parts"] = list(page.pager.parts)
        return golden | {"selectors": self._usual_fields()} if broken else golden

    def _usual_fields(self) -> list[str]:
        """Return the fields whose selectors hit the last good page; those that alarm, where none is kept."""
        if self.good is not None:
            good = _hits(self.page_class(self.good.html, self.good.url))
            return [field for field, hit in good.items() if hit]
        fields = declared(self.page_class)
        return [one.signal for one in self.noticed if one.signal in fields] or ["body"]

    def comparison(self) -> str:
        """Return what a person wants to know before mending: selector by selector, before and now."""
        now = self.page_class(self.page.html, self.page.url)
        good = self.page_class(self.good.html, self.good.url) if self.good else None
        lines = [
            f"{self.outlet}: its pages are built otherwise, noticed {_when(self.page)}",
            *(f"  {one.told}" for one in self.noticed),
            "",
            f"this page: {self.page.url}",
            f"last good: {self.good.url if self.good else 'none was kept yet'}",
            "",
            f"{'field':<14}{'selector':<52}{'last good':<14}this page",
        ]
        for field, selectors in declared(self.page_class).items():
            lines += [
                f"{field:<14}{one:<52}{_counted(good, one):<14}{_counted(now, one)}" for one in selectors
            ]
        lines += ["", *_shape(good, "last good"), *_shape(now, "this page")]
        if self.usual_paragraphs:
            lines.append(
                f"usual: {self.usual_paragraphs:.0f} blocks, {self.usual_chars:.0f} characters of body"
            )
        lines += ["", f"names round headline and body, before: {' '.join(self.marks[:_MAX_NAMES])}"]
        lines += [
            "",
            f"To mend it, put the new selectors in front of the old ones in spiders/{self.outlet}.py,",
            'check the goldens here against their pages and take their line "unreviewed" away, put',
            "invented words in the publisher's place (scrapy record --anonymise --file does), copy the",
            f".html and .json files into tests/fixtures/{self.outlet}/ and run:",
            f"  .venv/bin/python -m pytest -q tests/test_fixtures.py -k {self.outlet}",
        ]
        return "".join(f"{shown(line)}\n" for line in lines)


def trimmed(html: str, read: Callable[[str], Any]) -> str:
    """Return a page without what no reading needs, as long as it reads the same: a fixture is small."""
    wanted = read(html)
    for step in (_strip_code, _strip_edges, _shorten_lists):
        if len(html.encode()) <= _MAX_BYTES and step is not _strip_code:
            break
        tree = LexborHTMLParser(html)
        step(tree)
        less = (tree.html or html).replace("\r", "")
        if read(less) == wanted:
            html = less
    return html


def _strip_code(tree: LexborHTMLParser) -> None:
    for node in tree.css("script,style,noscript,svg,iframe,link[rel=stylesheet],link[rel=preload]"):
        if "ld+json" not in (node.attributes.get("type") or ""):
            node.decompose()


def _strip_edges(tree: LexborHTMLParser) -> None:
    for node in tree.css("nav,footer,aside,form"):
        node.decompose()


def _shorten_lists(tree: LexborHTMLParser) -> None:
    for node in tree.css(f"li:nth-child(n+{_LISTED + 1})"):
        if node.css_first("a[href]") is not None:
            node.decompose()


def _when(page: GoodPage) -> str:
    return f"{page.at.astimezone(WIB):%Y-%m-%d %H:%M} WIB"


def _hits(page: ArticlePage) -> dict[str, bool]:
    return {
        field: any(page.tree.css_first(one) is not None for one in selectors)
        for field, selectors in declared(type(page)).items()
    }


def _counted(page: ArticlePage | None, selector: str) -> str:
    if page is None:
        return "-"
    number = len(page.tree.css(selector))
    return f"hits {number}" if number else "nothing"


def _shape(page: ArticlePage | None, name: str) -> list[str]:
    """Return where headline and body of a page stand, and how much there is."""
    if page is None:
        return []
    headline, body = page.found_headline, page.body
    printed = _path(headline.node) if headline and headline.node else "metadata alone"
    by, where = body.selector or body.witness or body.found_by, [_path(one) for one in body.containers[:1]]
    size = f"{len(body.reading.lines)} blocks, {body.chars} characters"
    return [
        f"{name}: headline in {printed}",
        f"{name}: body by {by or 'nothing'} in {where[0] if where else 'no element'}, {size}",
    ]


def _path(node: LexborNode) -> str:
    """Return an element with the three around it, as a selector names them."""
    steps: list[str] = []
    current: LexborNode | None = node
    while current is not None and current.tag not in {"body", "html", "-undef"} and len(steps) <= _LISTED:
        attributes = current.attributes
        own = f"#{attributes['id']}" if attributes.get("id") else ""
        steps.append(
            f"{current.tag}{own}{''.join(f'.{name}' for name in (attributes.get('class') or '').split())}"
        )
        current = current.parent
    return " > ".join(reversed(steps))


def _value(value: object) -> Any:  # noqa: ANN401 - a JSON value
    if isinstance(value, Instant):
        return value.at.date().isoformat() if value.precision == "day" else value.at.isoformat("T", "minutes")
    return list(value) if isinstance(value, tuple) else value


def _as_json(golden: dict[str, Any]) -> str:
    return json.dumps(golden, ensure_ascii=False, indent=1)
