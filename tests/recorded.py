"""The recorded pages under `fixtures/`: one folder an outlet, a page and its golden side by side.

`<slug>.html` is the page. `<slug>.json` says what must be read from it: `url` and either every field of
`FIELDS` (and `parts`, the addresses of the further parts of a split article, where it is one), or `refused`,
the reason for which the page must be turned away. `known_faults` maps a field to the reason why it is still
read wrongly: that test must fail, and says so once the fault is gone. `unrecorded` and `unreviewed` mark what
`scrapy genspider` and `scrapy record` leave behind: no golden until a person has made it one.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from crawler.authoring.places import UNRECORDED, UNREVIEWED
from crawler.cli.spiders import load_spiders
from crawler.items import Draft, Instant
from crawler.pages.article import ArticlePage
from crawler.pages.parse import NotAnArticle
from crawler.text.clean import clean_draft

FOLDER = Path(__file__).parent / "fixtures"
FIELDS = (
    *("headline", "standfirst", "published_at", "byline", "editors"),
    *("dateline", "source", "body", "captions", "body_from"),
)


@dataclass(frozen=True)
class Recorded:
    """A recorded page and what its author says of it."""

    outlet: str
    slug: str

    @property
    def name(self) -> str:
        """Name it in test reports: `kontan/split-page-1`."""
        return f"{self.outlet}/{self.slug}"

    @property
    def html(self) -> str:
        """The page."""
        return (FOLDER / self.outlet / f"{self.slug}.html").read_text(encoding="utf-8")

    @property
    def golden(self) -> dict[str, Any]:
        """What must be read from it."""
        text = (FOLDER / self.outlet / f"{self.slug}.json").read_text(encoding="utf-8")
        return json.loads(text)

    @property
    def unfinished(self) -> str | None:
        """What is left to be done before this is a golden; None where nothing is."""
        return self.golden.get(UNRECORDED) or self.golden.get(UNREVIEWED)

    @property
    def refused(self) -> bool:
        """Whether it must be turned away."""
        return "refused" in self.golden

    def case(self, field: str) -> Any:
        """Return the parameters of the test of one field, marked where the field is known to be wrong."""
        fault = self.golden.get("known_faults", {}).get(field)
        marks = [pytest.mark.xfail(reason=fault, strict=True)] if fault else []
        return pytest.param(self, field, id=f"{self.name}-{field}", marks=marks)


@dataclass(frozen=True)
class Reading:
    """What the outlet's page class and the cleaning make of a page: an article, or the reason for none."""

    page: ArticlePage
    draft: Draft | None
    refusal: str | None


def goldens() -> Iterator[Recorded]:
    """Yield everything that is, or is to become, a recorded page, outlet by outlet."""
    for path in sorted(FOLDER.glob("*/*.json")):
        yield Recorded(path.parent.name, path.stem)


def recorded_pages() -> Iterator[Recorded]:
    """Yield every recorded page whose golden a person has read, outlet by outlet."""
    return (page for page in goldens() if not page.unfinished)


@cache
def page_classes() -> dict[str, type[ArticlePage]]:
    """Return the page class of every outlet."""
    return {name: spider.page_class for name, spider in load_spiders().items()}


@cache
def read(recorded: Recorded) -> Reading:
    """Read a page as a crawl would."""
    page_class = page_classes()[recorded.outlet]
    page = page_class(recorded.html, recorded.golden["url"])
    try:
        draft = clean_draft(page.read(), page_class.rules)
    except NotAnArticle as refusal:
        return Reading(page, None, refusal.reason.value)
    return Reading(page, draft, None)


def value_of(reading: Reading, field: str) -> Any:
    """Return a field in the form that goldens have; the reason of the refusal where there is no article."""
    if reading.draft is None:
        return f"refused: {reading.refusal}"
    value = list(reading.page.pager.parts) if field == "parts" else getattr(reading.draft, field)
    if isinstance(value, Instant):
        return value.at.date().isoformat() if value.precision == "day" else value.at.isoformat("T", "minutes")
    return list(value) if isinstance(value, tuple) else value
