"""The audit's reading of the archive: each record that the index names is there, as the index has it."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import attrs
from sqlalchemy import Connection, select

from crawler.errors import StoreError
from crawler.storage.archive import RecordRef
from crawler.storage.places import Place
from crawler.storage.replay import archive_files, iterate_file, read_record
from crawler.storage.schema import records
from crawler.storage.warc import recorded_address

_REPLACED = "\ufffd"  # stands for what no database can hold


def read_back(connection: Connection, archive: Path | Place, notes: list[str]) -> tuple[int, Iterable[str]]:
    """Return how many records there must be, and words on each that is not.

    Reads every file through once, then, one by one, the records that were not met on the way. What was
    pruned on purpose is not asked for. Adds to *notes* what is no fault.
    """
    missing, pruned = _index(connection)
    number, known = len(missing), set(missing) | pruned
    strays, unfinished, changed = 0, 0, []
    for found in _responses(archive, notes):
        strays += found.id not in known
        unfinished += found.id in pruned
        indexed = missing.get(found.id)
        if indexed is not None and _place(indexed) == _place(found):
            del missing[found.id]
            if not _agree(indexed, found):
                changed.append(f"the index says of the record {found.id} what its file does not")
    if strays:
        notes.append(
            f"{strays} archived responses are in no index: runs were killed before they settled them"
        )
    if unfinished:
        notes.append(f"{unfinished} pruned responses are still there; the next `pantau prune` takes them out")

    def faults() -> Iterable[str]:
        yield from changed
        for ref in missing.values():
            try:
                read_record(archive, ref)
            except StoreError as error:
                yield str(error)

    return number, faults()


def _index(connection: Connection) -> tuple[dict[str, RecordRef], set[str]]:
    """Return the records that must be there, and the names of those that were pruned."""
    names = [field.name for field in attrs.fields(RecordRef)]
    there: dict[str, RecordRef] = {}
    pruned: set[str] = set()
    for row in connection.execute(select(records).order_by(records.c.file, records.c.offset)):
        if row.pruned_at is None:
            there[row.id] = RecordRef(**{name: getattr(row, name) for name in names})
        else:
            pruned.add(row.id)
    return there, pruned


def _responses(archive: Path | Place, notes: list[str]) -> Iterator[RecordRef]:
    for file in archive_files(archive):
        try:
            for response in iterate_file(archive, file):
                yield response.ref
        except StoreError as error:
            notes.append(str(error))


def _place(ref: RecordRef) -> tuple[str, int, int, str]:
    return ref.file, ref.offset, ref.length, ref.sha256


def _agree(indexed: RecordRef, found: RecordRef) -> bool:
    """Tell whether index and file say the same of a response that is where it should be."""
    told, wanted = ((ref.status, ref.fetched_at, ref.content_type, ref.kind) for ref in (indexed, found))
    return told == wanted and (
        _REPLACED in indexed.url or recorded_address(indexed.url) == found.url.encode()
    )
