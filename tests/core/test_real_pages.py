"""Real pages score at least what they scored; read without any outlet's code. Skipped where the pages are absent."""

# ruff: noqa: E501 - markup and cases stay on one line each

import csv
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from crawler.exports.records import record_of
from crawler.pages.article import read_html
from crawler.pages.parse import NotAnArticle, decode
from crawler.text.clean import clean_draft

SHARED = Path(__file__).parents[3] / "shared"
PAGES, SCORER = SHARED / "pages", SHARED / "tools" / "score.py"

pytestmark = pytest.mark.skipif(
    not (PAGES / "gold").is_dir() or not SCORER.is_file(), reason="the real pages are not here"
)


def score(change: Callable[[str], str] = str, *, addresses: bool = True) -> dict[str, object]:
    """Return the totals of the scorer for all pages, each changed first."""
    with (PAGES / "MANIFEST.tsv").open(encoding="utf-8", newline="") as rows:
        listed = list(csv.DictReader(rows, delimiter="\t"))
    found = []
    for row in listed:
        html = change(decode((PAGES / row["file"]).read_bytes()).text)
        try:
            record = record_of(clean_draft(read_html(html, row["url"] if addresses else None)))
        except NotAnArticle:
            record = {}
        found.append(json.dumps({"file": row["file"]} | record, default=str))
    result = subprocess.run(
        [sys.executable, SCORER, "--kind", "article", "--json", PAGES / "gold"],
        input="\n".join(found),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(result.stdout)["total"]


def test_articles_are_read_without_outlet_code() -> None:
    total = score()
    assert total["missing"] == []
    assert total["f1"] >= 0.995
    assert total["f1_min"] >= 0.98
    fields = total["fields"]
    assert min(fields[name] for name in ("headline", "published_at", "byline", "editors")) == 1.0
    assert min(fields[name] for name in ("dateline", "source", "standfirst")) >= 0.95
    assert fields["captions"] >= 0.85


def test_nothing_rests_on_the_addresses() -> None:
    total = score(addresses=False)
    assert total["f1"] >= 0.99
    assert min(total["fields"][name] for name in ("headline", "published_at", "byline")) == 1.0


@pytest.mark.parametrize(
    ("change", "f1", "headline"),
    [
        (lambda html: re.sub(r"(?is)<meta[^>]*>|<script[^>]*ld\+json.*?</script>", "", html), 0.99, 1.0),
        (lambda html: re.sub(r"\s(?:class|id|itemprop)=(?:\"[^\"]*\"|'[^']*')", "", html), 0.95, 1.0),
        (lambda html: re.sub(r"(?i)<(/?)p\b(?=[ >])", r"<\1div", html), 0.99, 1.0),
        (lambda html: re.sub(r"(?i)</p>", "<br><br>", re.sub(r"(?i)<p\b[^>]*>", "", html)), 0.98, 1.0),
        (lambda html: re.sub(r"(?i)<(/?)h[123]\b", r"<\1div", html), 0.98, 0.95),
    ],
    ids=["no metadata", "no names", "div paragraphs", "broken lines", "no headings"],
)
def test_other_layouts_of_the_same_pages_are_read(
    change: Callable[[str], str], f1: float, headline: float
) -> None:
    total = score(change)
    assert total["f1"] >= f1
    assert total["fields"]["headline"] >= headline
