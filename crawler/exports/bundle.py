"""Articles with all that proves them, as one file that anybody can check: see `crawler.exports.verify`.

A member holds one thing; `manifest.json`, the last, has the hash of each of them. Its own hash is what to
note down: who has that, has all.
"""

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs
from sqlalchemy import Connection, Engine, select

from crawler.exports.accounted import account
from crawler.exports.container import Packer
from crawler.exports.fields import SCHEMA, Record
from crawler.exports.formats import Sink
from crawler.exports.jsonlines import json_bytes
from crawler.exports.pagetexts import page_text_of
from crawler.exports.records import evidence_record, moment, stored_record
from crawler.exports.statement import AsOf, Tally, statement, survey
from crawler.items import Verdict
from crawler.storage.archive import RecordRef
from crawler.storage.articles import Stored, revisions_of
from crawler.storage.columns import storable
from crawler.storage.database import reading
from crawler.storage.explain import as_data, explain
from crawler.storage.places import Place
from crawler.storage.replay import read_record
from crawler.storage.schema import records as records_table
from crawler.storage.schema import revisions as revisions_table
from crawler.storage.schema import runs as runs_table
from crawler.storage.topics import verdicts_of

MANIFEST: Final = "manifest.json"
WHAT: Final = "pantau bundle"
ARCHIVE: Final = "archive.warc.gz"
_FIRST_BYTES: Final = 65_536

# Of whoever ran it, and of no reader's business.
_OWN: Final = frozenset({"host", "pid", "process", "token", "log", "heartbeat_at", "clock_shift_s"})
README: Final = f"""\
Articles as they were archived, read and judged, with what proves it.

{MANIFEST} lists every file with its SHA-256. Check them all by:
    pantau verify FILE.zip
Without pantau: compare `sha256sum` of each file with {MANIFEST}, and {MANIFEST} with the hash you were given.

In articles/NUMBER/:
    article.json      the article, its fields as in docs/exports.md
    clean.txt         headline and paragraphs
    page.txt          text of the whole page
    removed.jsonl     what cleaning cut, and by which rule
    witnesses.json    who said what about each field
    verdicts.json     what each topic says of it, and why
    story.json        who listed its address, what each run did with it
    runs.json         the runs that did
    archive.warc.gz   the answers of the outlet's server, byte by byte (ISO 28500)
    revisions/        what it was before, where that was asked for
"""


@attrs.define
class _Bundle:
    """A bundle that is being written."""

    packer: Packer
    files: list[dict[str, Any]] = attrs.field(factory=list)

    def add(self, name: str, data: bytes) -> None:
        self.packer.add(name, data)
        self.files.append({"name": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()})

    def add_json(self, name: str, value: Mapping[str, Any]) -> None:
        self.add(name, json_bytes(value, indent=1) + b"\n")


def write_bundle(  # noqa: PLR0913 - what a bundle is made of, and into
    engine: Engine, archive: Place, chosen: Sequence[Stored], into: Sink, of: AsOf, *, revisions: bool = False
) -> str:
    """Write the articles, with all their *revisions* if asked for; return the SHA-256 of the manifest.

    Raises:
        StoreError: a record of the archive is lost.
    """
    bundle = _Bundle(Packer(into))
    bundle.add("readme.txt", README.encode())
    bundle.add_json("coverage.json", _coverage(engine, chosen, of))
    articles = [_write_article(engine, archive, bundle, one, revisions=revisions) for one in chosen]
    manifest = {
        "what": WHAT,
        "schema": SCHEMA,
        "as_of": {"run": of.run, "ended_at": moment(of.ended_at)},
        "articles": articles,
        "files": bundle.files,
    }
    data = json_bytes(manifest, indent=1) + b"\n"
    bundle.packer.add(MANIFEST, data)
    bundle.packer.close()
    return hashlib.sha256(data).hexdigest()


def _write_article(
    engine: Engine, archive: Place, bundle: _Bundle, stored: Stored, *, revisions: bool
) -> dict[str, Any]:
    folder = f"articles/{stored.id:06d}"
    every = revisions_of(engine, stored.id)
    with reading(engine) as connection:
        verdicts = verdicts_of(connection, [stored.id]).get(stored.id, [])
        seals = _seals(connection, stored.id)
        refs, pruned = _refs(connection, every if revisions else [stored])
    current = attrs.evolve(stored, article=attrs.evolve(stored.article, verdicts=tuple(verdicts)))
    record = full_record(current, seals)
    _write_texts(bundle, folder, record)
    bundle.add_json(f"{folder}/verdicts.json", {"verdicts": [_verdict(one) for one in verdicts]})
    story = as_data(explain(engine, stored.article.canonical_url))
    bundle.add_json(f"{folder}/story.json", story)
    bundle.add_json(f"{folder}/runs.json", {"runs": _runs(engine, story, every)})
    for older in every if revisions else ():
        if older.revision != stored.revision:
            _write_texts(bundle, f"{folder}/revisions/{older.revision:04d}", full_record(older, seals))
    responses = [read_record(archive, ref) for ref in refs]
    if refs:
        bundle.add(f"{folder}/{ARCHIVE}", _warc(archive, refs))
    own = [one for one in responses if one.ref.id in stored.article.record_ids]
    return {
        "folder": folder,
        **{name: record[name] for name in ("id", "uid", "outlet", "canonical_url", "revision")},
        **{name: record[name] for name in ("content_hash", "seal", "ruleset")},
        "records": [_record_data(ref) for ref in refs],
        "pruned": pruned,
        "accounted": attrs.asdict(account(record, own)) if own else None,
    }


def full_record(stored: Stored, seals: Mapping[int, str | None]) -> Record:
    """Return an article's record with the exact time that its hash is over, and the seal of its row."""
    published = stored.article.published_at
    return {
        **stored_record(stored),
        "published_utc": published.utc.isoformat() if published else None,
        "seal": seals.get(stored.revision),
    }


def texts_of(record: Record) -> dict[str, bytes]:
    """Return the members that follow from an article's record, by their names."""
    clean = "\n\n".join((record["headline"], *record["body"])) + "\n"
    return {
        "article.json": json_bytes(record, indent=1) + b"\n",
        "clean.txt": storable(clean).encode(),
        "page.txt": storable(page_text_of(record)).encode(),
        "removed.jsonl": b"".join(json_bytes(cut) + b"\n" for cut in record["removed"]),
        "witnesses.json": json_bytes(record["witnesses"], indent=1) + b"\n",
    }


def _write_texts(bundle: _Bundle, folder: str, record: Record) -> None:
    for name, data in texts_of(record).items():
        bundle.add(f"{folder}/{name}", data)


def _coverage(engine: Engine, chosen: Sequence[Stored], of: AsOf) -> dict[str, Any]:
    """Return what was looked at on the days from the first of the articles to the last."""
    tally = Tally()
    published = [one.article.published_at.utc for one in tally.watch(chosen) if one.article.published_at]
    since, until = min(published, default=None), max(published, default=None)
    outlets = sorted({one.article.outlet for one in chosen})
    surveyed = survey(engine, outlets, since, until) if published else []
    return statement(surveyed, tally, since=since, until=until, of=of)


def _seals(connection: Connection, article_id: int) -> dict[int, str | None]:
    wanted = revisions_table.c.article_id == article_id
    query = select(revisions_table.c.number, revisions_table.c.seal).where(wanted)
    return {row.number: row.seal for row in connection.execute(query)}


def _refs(connection: Connection, stored: Sequence[Stored]) -> tuple[list[RecordRef], list[str]]:
    """Return the archived answers of these revisions in their order, and the names of those pruned."""
    wanted = list(dict.fromkeys(name for one in stored for name in one.article.record_ids))
    found = {
        row.id: row for row in connection.execute(select(records_table).where(records_table.c.id.in_(wanted)))
    }
    names = [field.name for field in attrs.fields(RecordRef)]
    there = [name for name in wanted if name in found and found[name].pruned_at is None]
    refs = [RecordRef(**{name: getattr(found[one], name) for name in names}) for one in there]
    return refs, [name for name in wanted if name not in there]


def _record_data(ref: RecordRef) -> dict[str, Any]:
    return {
        "id": ref.id,
        "url": ref.url,
        "status": ref.status,
        "fetched_at": ref.fetched_at.isoformat(),
        "sha256": ref.sha256,
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "topic": verdict.topic,
        "on_topic": verdict.on_topic,
        "round_up": verdict.round_up,
        "score": verdict.score,
        "reason": verdict.reason,
        "fingerprint": verdict.fingerprint,
        "evidence": [evidence_record(one) for one in verdict.evidence],
    }


def _runs(engine: Engine, story: Mapping[str, Any], every: Sequence[Stored]) -> list[dict[str, Any]]:
    ids = {one.run_id for one in every}
    ids |= {visit["run_id"] for address in story["addresses"] for visit in address["visits"]}
    columns = [column for column in runs_table.c if column.name not in _OWN]
    query = select(*columns).where(runs_table.c.id.in_(ids)).order_by(runs_table.c.id)
    with reading(engine) as connection:
        rows = connection.execute(query).mappings().all()
    return [
        {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in row.items()}
        for row in rows
    ]


def _first_member(archive: Place, file: str) -> bytes:
    """Return the gzip member that a file begins with: who wrote it, and of which run it is."""
    data = archive.read(file, 0, _FIRST_BYTES)
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    unpacker.decompress(data)
    return data[: len(data) - len(unpacker.unused_data)]


def _warc(archive: Place, refs: Sequence[RecordRef]) -> bytes:
    """Return the records as they stand in the archive, behind the first record of the file they are from."""
    parts, of = [], None
    for ref in refs:
        if ref.file != of:
            parts.append(_first_member(archive, ref.file))
            of = ref.file
        parts.append(archive.read(ref.file, ref.offset, ref.length))
    return b"".join(parts)
