"""What the tests of the archive write, and an independent reader of it."""

import gzip
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator

from crawler.storage.archive import ArchiveWriter, RecordRef
from tests.core.storing import NOON, address

PAGE = gzip.compress(b"<html><h1>Kunjungan pejabat</h1><p>Isi halaman.</p></html>" * 30)
HEADERS = [
    (b"Content-Type", b"text/html; charset=utf-8"),
    (b"Content-Encoding", b"gzip"),
    (b"Set-Cookie", b"a=1"),
    (b"Set-Cookie", b"b=2"),
    (b"X-Nama", "Bahasa é".encode("latin-1")),
]


def put(writer: ArchiveWriter, number: int = 1, **changes) -> RecordRef:
    values = {"url": address(number), "status": 200, "headers": HEADERS, "body": PAGE, "fetched_at": NOON}
    return writer.write(**values | changes)


def read_by_warcio(folder: Path, file: str) -> list[dict]:
    """Return what an independent reader finds, with every digest verified by it."""
    found = []
    with (folder / file).open("rb") as stream:
        iterator = ArchiveIterator(stream, check_digests="raise")
        for record in iterator:
            body = record.raw_stream.read()
            found.append(
                {
                    "type": record.rec_type,
                    "id": record.rec_headers.get_header("WARC-Record-ID"),
                    "url": record.rec_headers.get_header("WARC-Target-URI"),
                    "date": record.rec_headers.get_header("WARC-Date"),
                    "names": [name for name, _ in record.rec_headers.headers],
                    "http": record.http_headers,
                    "body": body,
                    "offset": iterator.get_record_offset(),
                    "length": iterator.get_record_length(),
                }
            )
    return found
