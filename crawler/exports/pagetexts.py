"""The texts of the pages, a file an article, under names that nothing in an article can shape."""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from crawler.exports.fields import Record
from crawler.storage.columns import storable
from crawler.storage.frontier import address_key


def write_page_texts(records: Iterable[Record], folder: Path) -> dict[str, str]:
    """Write a file for each record into *folder*; return the SHA-256 of each by its name."""
    written = {}
    for record in records:
        data = storable(page_text_of(record)).encode()
        name = page_text_name(record)
        (folder / name).write_bytes(data)
        written[name] = sha256(data).hexdigest()
    return written


def page_text_name(record: Record) -> str:
    """Return the number of the article and a hash of its address."""
    return f"{record['id']:06d}_{address_key(record['canonical_url'])[:16]}.txt"


def page_text_of(record: Record) -> str:
    """Return the page text; of an article that came without a page, headline and paragraphs in its form."""
    text: str = record["page_text"]
    return text or "\n\n".join((record["headline"], *record["body"])) + "\n"
