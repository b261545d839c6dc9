"""Each format of an export: hostile text comes back as it was, harmless, and the bytes are the same again."""

import csv
import io
import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import feedparser
import pyarrow as pa
import pytest
from hypothesis import given, settings
from lxml import etree
from pyarrow import parquet

from crawler.exports import columnar
from crawler.exports.atom import NOBODY, OWN, web_address
from crawler.exports.csvcells import COLUMNS, rearm
from crawler.exports.fields import FIELDS, SCHEMA, Kind, Record
from crawler.exports.formats import About, Form, writer_of
from crawler.exports.pagetexts import page_text_of, write_page_texts
from crawler.exports.records import uid_of
from crawler.items import Instant
from crawler.logs import UNSAFE
from crawler.storage.columns import storable
from tests.core import storing
from tests.core.exported import record, records, stored

FILES = [form for form in Form if form is not Form.TXT]
UNHARMED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def written(form: Form, given_records: Iterable[Record], **about: Any) -> bytes:
    buffer = io.BytesIO()
    writer_of(form)(iter(given_records), buffer, About(**about))
    return buffer.getvalue()


def test_a_record_has_the_fields_that_are_described() -> None:
    assert list(record()) == [field.name for field in FIELDS]
    for field in FIELDS:
        assert field.may_lack or record()[field.name] is not None, field.name


def test_the_name_of_an_article_outlives_edits_and_moves() -> None:
    moved = stored(1, headline="Judul lain", canonical_url="https://www.kontan.example/lain")
    assert uid_of(moved) == uid_of(stored(1)) != uid_of(stored(2))
    assert uid_of(stored(1)) == "urn:uuid:5f9a5f4c-0000-0000-0000-000000000000" or uid_of(
        stored(1)
    ).startswith("urn:uuid:")


@pytest.mark.parametrize("form", FILES)
@given(given_records=records())
@settings(max_examples=8, deadline=None)
def test_the_same_articles_are_the_same_bytes(form: Form, given_records: list[Record]) -> None:
    assert written(form, given_records) == written(form, given_records)


@given(records())
@settings(max_examples=60, deadline=None)
def test_json_lines_come_back_and_are_inert(given_records: list[Record]) -> None:
    text = written(Form.JSONL, given_records).decode("utf-8")
    assert [json.loads(line) for line in text.split("\n")[:-1]] == given_records
    assert not UNSAFE.search(text.replace("\n", ""))


@given(records())
@settings(max_examples=60, deadline=None)
def test_csv_comes_back_but_for_control_characters(given_records: list[Record]) -> None:
    text = written(Form.CSV, given_records).decode("utf-8")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(rows) == len(given_records)
    for row, one in zip(rows, given_records, strict=True):
        assert tuple(row) == COLUMNS
        for name in ("headline", "url", "dateline"):
            wanted = re.sub(
                r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]",
                lambda found: f"\\x{ord(found[0]):02x}",
                storable(one[name] or ""),
            )
            assert rearm(row[name]) == wanted


def plain(value: Any) -> Any:
    """Return a JSON value with what UTF-8 cannot hold replaced, as Parquet has it."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [plain(each) for each in value]
    return {plain(name): plain(each) for name, each in value.items()} if isinstance(value, dict) else value


@given(records())
@settings(max_examples=60, deadline=None)
def test_parquet_comes_back_typed(given_records: list[Record]) -> None:
    table = parquet.read_table(pa.BufferReader(written(Form.PARQUET, given_records)))
    assert table.schema.metadata[b"pantau.schema"] == str(SCHEMA).encode()
    assert len(table) == len(given_records)
    for row, one in zip(table.to_pylist(), given_records, strict=True):
        for field in FIELDS:
            got, wanted = row[field.name], plain(one[field.name])
            if field.kind is Kind.WITNESSES:
                got = {
                    said["field"]: {
                        "by": said["by"],
                        "agree": said["agree"],
                        "differ": {each["witness"]: each["value"] for each in said["differ"]},
                    }
                    for said in got
                }
                wanted = {name: said for name, said in wanted.items() if got.keys() >= {name}}
            elif field.kind in {Kind.MOMENT, Kind.PRINTED} and wanted:
                wanted = datetime.fromisoformat(wanted)
                assert got.utcoffset() == timedelta()
                if field.kind is Kind.PRINTED:
                    assert timedelta(minutes=row[columnar.OFFSET]) == wanted.utcoffset()
            assert got == wanted, field.name


def test_parquet_is_written_in_row_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """A group is on its way before the next one is asked for: no more than one is held."""
    monkeypatch.setattr(columnar, "GROUP_ROWS", 10)
    buffer = io.BytesIO()
    grown = []

    def counted() -> Iterable[Record]:
        for number in range(1, 36):
            if number % 10 == 1:
                grown.append(buffer.tell())
            yield record(number)

    writer_of(Form.PARQUET)(counted(), buffer, About())
    assert len(set(grown)) == 4
    file = parquet.ParquetFile(pa.BufferReader(buffer.getvalue()))
    assert [file.metadata.row_group(at).num_rows for at in range(file.num_row_groups)] == [10, 10, 10, 5]


# --- Atom


@given(records())
@settings(max_examples=60, deadline=None)
def test_a_feed_reader_reads_what_was_written(given_records: list[Record]) -> None:
    data = written(Form.ATOM, given_records, newest=10)
    assert not data.translate(None, bytes(range(0x20, 0x7F)) + b"\t\n")  # printable ASCII alone
    entries = {entry["id"]: entry for entry in _read(data).entries}
    assert len(entries) == len(given_records)
    tree = etree.fromstring(data)
    atom = {"a": "http://www.w3.org/2005/Atom"}
    for one, found in zip(
        sorted(given_records, key=_came_out, reverse=True), tree.findall("a:entry", atom), strict=True
    ):
        entry = entries[one["uid"]]
        assert entry["updated_parsed"][:6] == _utc(one["fetched_at"])
        assert ("published" in entry) == (one["published_at"] is not None)
        if one["published_at"]:
            assert entry["published_parsed"][:6] == _utc(one["published_at"])
        # feedparser strips and cleans what it shows; the parser of XML says what is there.
        for name, text in (("title", one["headline"]), ("content", "\n\n".join(one["body"]))):
            assert found.findtext(f"a:{name}", namespaces=atom) == _xml(text)
        names = [author.findtext("a:name", namespaces=atom) for author in found.findall("a:author", atom)]
        assert names == [_xml(name) for name in one["byline"]] or names == [one["outlet"]]
        assert entry["source"]["title"] == one["outlet"]
        for link in found.findall("a:link", atom):
            assert link.get("href").startswith(("http://", "https://"))


def test_a_feed_has_the_newest_articles_first() -> None:
    given_records = [
        record(number, published_at=Instant(storing.NOON + timedelta(hours=hours)))
        for number, hours in enumerate((3, 9, 1, 7, 5), 1)
    ]
    given_records.append(record(6, published_at=None))  # counts by its first sight, at noon
    feed = _read(written(Form.ATOM, given_records, newest=4, topics=("russia-north-korea",)))
    assert [entry["id"] for entry in feed.entries] == [given_records[at]["uid"] for at in (1, 3, 4, 0)]
    assert feed.feed["title"] == "pantau: all outlets, russia-north-korea"
    assert feed.entries[0]["links"][0]["href"] == given_records[1]["canonical_url"]
    assert feed.entries[0]["tags"][0]["term"] == "russia-north-korea"
    assert feed.entries[0]["authors"] == [{"name": "Wulan Rahmadani"}]
    assert feed.version == "atom10"


def test_an_empty_feed_is_one() -> None:
    feed = _read(written(Form.ATOM, []))
    assert (feed.entries, feed.feed["updated"]) == ([], NOBODY)
    assert etree.fromstring(written(Form.ATOM, [])).nsmap["pantau"] == OWN


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://www.kontan.co.id/news/a?b=c&d=%20#e", "https://www.kontan.co.id/news/a?b=c&d=%20#e"),
        (
            'https://www.kontan.co.id/berita/ñ ü"<>',
            "https://www.kontan.co.id/berita/%C3%B1%20%C3%BC%22%3C%3E",
        ),
        ("javascript:alert(1)", None),
        ("JavaScript://www.kontan.co.id/%0aalert(1)", None),
        ("data:text/html,<script>", None),
        ("//www.kontan.co.id/news", None),
        ("https://", None),
        ("https://[", None),
        ("ftp://www.kontan.co.id/", None),
    ],
)
def test_only_web_addresses_are_links(url: str, kept: str | None) -> None:
    assert web_address(url) == kept


# --- Page texts


@given(records())
@settings(max_examples=10, deadline=None)
def test_page_texts_come_back_under_safe_names(
    tmp_path_factory: pytest.TempPathFactory, given_records: list[Record]
) -> None:
    folder = tmp_path_factory.mktemp("texts")
    digests = write_page_texts(given_records, folder)
    assert {path.name for path in folder.iterdir()} == set(digests)
    for one, name in zip(given_records, digests, strict=True):
        assert re.fullmatch(r"[0-9]{6}_[0-9a-f]{16}\.txt", name)
        assert (folder / name).read_bytes() == storable(page_text_of(one)).encode()


# --- The document


def test_the_document_describes_every_field() -> None:
    text = (Path(__file__).parents[2] / "docs" / "exports.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    described = [
        f"| `{field.name}` | {field.kind} | {'yes' if field.may_lack else ''} "
        f"| {'yes' if field.cell else ''} | {field.meaning} |"
        for field in FIELDS
    ]
    assert [row for row in rows if row in described] == described
    assert f"schema version is {SCHEMA}" in text


def _read(data: bytes) -> Any:
    feed = feedparser.parse(data)
    assert not feed.bozo, feed.get("bozo_exception")
    return feed


def _xml(text: str) -> str:
    # A parser of XML takes any end of a line for \n, unless it is written as a number.
    return UNHARMED.sub("\ufffd", text)


def _utc(time: str) -> tuple[int, ...]:
    return tuple(datetime.fromisoformat(time).astimezone(UTC).timetuple()[:6])


def _came_out(one: Record) -> tuple[datetime, int]:
    return datetime.fromisoformat(one["published_at"] or one["first_seen_at"]), one["id"]
