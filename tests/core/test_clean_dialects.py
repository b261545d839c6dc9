"""Page texts in the structure of forty outlets and themes, with invented prose, are read whole.

Each line of `page_texts/*.txt` says what it is: H headline, T standfirst, D time, Y and S credits, C caption,
K photo credit, F furniture, B body (`dateline¦text¦sign-off`); lines with @ state the fields.
"""

from pathlib import Path

import attrs
import pytest

from crawler.dates import isoformat
from crawler.text.clean import clean_page
from crawler.text.normalise import fold

PAGES = sorted((Path(__file__).parent / "page_texts").glob("*.txt"))
LISTS = ("byline", "editors")


@attrs.define
class Marked:
    """A page text and what an editor reads in it."""

    text: str
    fields: dict[str, str]
    body: list[str]
    captions: list[str]
    furniture: list[str]


def read_marked(path: Path) -> Marked:
    head, _, page = path.read_text(encoding="utf-8").partition("\n\n")
    fields = dict(line[1:].split(": ", 1) for line in head.split("\n") if line)
    marked = Marked("", fields, [], [], [])
    lines = []
    for line in page.rstrip("\n").split("\n"):
        code, _, text = line.partition("| ")
        lines.append(text.replace("¦", ""))
        if code == "B":
            parts = text.split("¦")
            marked.body.append(fold(parts[min(1, len(parts) - 1)]))
            marked.furniture.extend(fold(part) for part in parts[2:])
        elif code == "C":
            marked.captions.append(fold(text))
        elif code == "F":
            marked.furniture.append(fold(text))
        elif code == "H":
            fields["headline"] = fold(text)
        elif code == "T":
            fields["standfirst"] = fold(text)
    marked.text = "\n".join(lines)
    marked.body = [paragraph for paragraph in marked.body if paragraph]
    return marked


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_text_of_every_family_is_read_whole(path: Path) -> None:
    marked = read_marked(path)
    cleaned = clean_page(marked.text)
    assert list(cleaned.body) == marked.body
    assert list(cleaned.captions) == marked.captions
    stated = cleaned.stated.found()
    stated = {
        name: isoformat(value) if name == "published_at" else "; ".join(value) if name in LISTS else value
        for name, value in stated.items()
    }
    assert stated == marked.fields


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_line_of_furniture_is_named_in_removed(path: Path) -> None:
    marked = read_marked(path)
    removed = {entry.text for entry in clean_page(marked.text).removed}
    assert [line for line in marked.furniture if line not in removed] == []


def test_the_collection_is_there() -> None:
    assert len(PAGES) > 40
