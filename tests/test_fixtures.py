"""Every recorded page, field by field, against what its author says of it; see `recorded.py`.

A new outlet adds a folder to `fixtures/` and nothing here.
"""

import html
import re
from datetime import datetime
from itertools import groupby

import pytest

from crawler.pages.traits import declared
from crawler.reasons import Reason
from crawler.text.clean import clean_blocks
from crawler.text.normalise import fold
from tests.recorded import FIELDS, FOLDER, Recorded, goldens, page_classes, read, recorded_pages, value_of

PAGES = list(recorded_pages())
ARTICLES = [page for page in PAGES if not page.refused]
REFUSALS = [page for page in PAGES if page.refused]
MAX_BYTES = 25_000
TEXTS = ("headline", "standfirst", "dateline", "source", "byline", "editors", "body", "captions")


def fields_of(recorded: Recorded) -> list[str]:
    return [*FIELDS, "parts"] if "parts" in recorded.golden else list(FIELDS)


@pytest.mark.parametrize("recorded", list(goldens()), ids=lambda page: page.name)
def test_nothing_is_left_to_be_done(recorded: Recorded) -> None:
    if recorded.unfinished:
        pytest.fail(f"tests/fixtures/{recorded.name}.json: {recorded.unfinished}", pytrace=False)


@pytest.mark.parametrize(
    ("recorded", "field"), [page.case(field) for page in ARTICLES for field in fields_of(page)]
)
def test_field(recorded: Recorded, field: str) -> None:
    found, wanted = value_of(read(recorded), field), recorded.golden[field]
    if field == "published_at" and isinstance(found, str) and "T" in found and "T" in (wanted or ""):
        # The same minute; metadata may state it in another zone than the page prints.
        assert datetime.fromisoformat(found) == datetime.fromisoformat(wanted)
    else:
        assert found == wanted


@pytest.mark.parametrize(
    ("recorded", "field"),
    [page.case(field) for page in ARTICLES for field in page.golden.get("selectors", ())],
)
def test_declared_selectors_find_it(recorded: Recorded, field: str) -> None:
    page = read(recorded).page
    assert any(page.tree.css_first(one) is not None for one in declared(type(page))[field])


@pytest.mark.parametrize(("recorded", "field"), [page.case("refused") for page in REFUSALS])
def test_refusal(recorded: Recorded, field: str) -> None:
    reading = read(recorded)
    assert reading.draft is None, f"read as an article: {reading.draft.headline!r}"
    assert reading.refusal == recorded.golden[field]


@pytest.mark.parametrize("recorded", ARTICLES, ids=lambda page: page.name)
def test_cleaning_keeps_every_character(recorded: Recorded) -> None:
    page_class = page_classes()[recorded.outlet]
    draft = page_class(recorded.html, recorded.golden["url"]).read()
    cleaned = clean_blocks(draft.blocks, known=draft, rules=page_class.rules)
    by_line = {line: list(pieces) for line, pieces in groupby(cleaned.pieces, lambda piece: piece.line)}
    for block in draft.blocks:
        assert "".join(piece.text for piece in by_line.get(block.line, [])) == block.text


@pytest.mark.parametrize("recorded", PAGES, ids=lambda page: page.name)
def test_the_golden_is_complete_and_of_this_page(recorded: Recorded) -> None:
    golden = recorded.golden
    allowed = {
        "url",
        "known_faults",
        *(("refused",) if recorded.refused else (*FIELDS, "parts", "selectors")),
    }
    assert set(golden) <= allowed
    assert set(golden.get("known_faults", {})) <= set(golden)
    if recorded.refused:
        assert golden["refused"] in set(Reason)
        return
    assert set(FIELDS) <= set(golden)
    printed = html.unescape(recorded.html)
    shown = fold(re.sub(r"<[^>]*>", "", printed)) + fold(printed)
    for field in TEXTS:
        for text in [golden[field]] if isinstance(golden[field], str) else golden[field] or []:
            assert text == fold(text)
            assert text in shown, f"{field} is not on the page: {text}"


def test_every_page_has_its_golden_and_is_small() -> None:
    for path in FOLDER.glob("*/*.html"):
        assert path.with_suffix(".json").exists(), f"{path.name} has no golden"
        assert path.stat().st_size <= MAX_BYTES, f"{path.name}: trim it to {MAX_BYTES} bytes"
        assert b"\r" not in path.read_bytes()
    assert all((FOLDER / page.outlet / f"{page.slug}.html").exists() for page in PAGES)


def test_every_outlet_has_an_article_and_every_page_class_a_refusal() -> None:
    classes = page_classes()
    assert {page.outlet for page in PAGES} <= set(classes)
    for name in set(classes) - {page.outlet for page in ARTICLES}:
        pytest.fail(f"{name} has no recorded article: .venv/bin/scrapy record {name} URL", pytrace=False)
    for page_class in set(classes.values()) - {classes[page.outlet] for page in REFUSALS}:
        name = next(name for name, its in classes.items() if its is page_class)
        command = f".venv/bin/scrapy record --refused {name} URL"
        pytest.fail(f"{page_class.__name__} has no page that it turns away: {command}", pytrace=False)
