"""The archive: what is written comes back byte for byte, by us and by warcio; damage is found and named."""

import errno
import gzip
import os
import stat
from datetime import UTC, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import StoreError
from crawler.storage.archive import ArchiveWriter
from crawler.storage.replay import archive_files, iterate_file, read_record
from tests.core.archiving import HEADERS, PAGE, put, read_by_warcio
from tests.core.storing import NOON, address


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "archive"


class TestRoundTrip:
    def test_a_response_comes_back_as_it_was_sent(self, folder: Path):
        with ArchiveWriter(folder, "kontan", 7) as writer:
            ref = put(writer, status=404, reason="Tidak ada", kind="list")
        response = read_record(folder, ref)
        assert response.ref == ref
        assert (response.body, list(response.headers), response.reason) == (PAGE, HEADERS, "Tidak ada")
        assert (ref.status, ref.kind, ref.url, ref.content_type) == (
            404,
            "list",
            address(1),
            "text/html; charset=utf-8",
        )
        assert ref.fetched_at == NOON
        assert [one.ref for one in iterate_file(folder, ref.file)] == [ref]

    def test_an_independent_reader_agrees(self, folder: Path):
        at = NOON + timedelta(microseconds=42)
        with ArchiveWriter(folder, "kontan", 7) as writer:
            refs = [
                put(
                    writer,
                    number,
                    fetched_at=at,
                    request_headers=[("User-Agent", "pantau/1 (+mailto:x@y.example)")],
                )
                for number in (1, 2, 3)
            ]
        info, *records = read_by_warcio(folder, refs[0].file)
        assert (info["type"], b"software: pantau" in info["body"]) == ("warcinfo", True)
        assert [record["type"] for record in records] == ["response", "request"] * 3
        for ref, response, request in zip(refs, records[::2], records[1::2], strict=True):
            assert (response["id"], response["url"], response["body"]) == (f"<{ref.id}>", ref.url, PAGE)
            assert (response["offset"], response["length"]) == (ref.offset, ref.length)
            assert response["date"] == "2026-03-04T05:00:00.000042Z"
            assert response["http"].get_statuscode() == "200"
            assert [value for name, value in response["http"].headers if name == "Set-Cookie"] == [
                "a=1",
                "b=2",
            ]
            assert request["http"].get_header("User-Agent") == "pantau/1 (+mailto:x@y.example)"
            assert request["http"].protocol == "GET"

    def test_secrets_of_the_request_stay_out(self, folder: Path):
        sent = [
            ("Authorization", "Basic hush"),
            ("cookie", "hush"),
            ("Proxy-Authorization", "hush"),
            ("Accept", "*/*"),
        ]
        with ArchiveWriter(folder, "kontan", 1) as writer:
            ref = put(writer, request_headers=sent)
        [request] = [record for record in read_by_warcio(folder, ref.file) if record["type"] == "request"]
        assert request["http"].headers == [("Accept", "*/*")]

    def test_a_transfer_coding_that_was_undone_is_not_promised_to_readers(self, folder: Path):
        with ArchiveWriter(folder, "kontan", 1) as writer:
            ref = put(writer, headers=[("Transfer-Encoding", "chunked")], body=b"5\r\nplain text")
        [_, response] = read_by_warcio(folder, ref.file)
        assert response["http"].headers == [("X-Archive-Transfer-Encoding", "chunked")]
        assert response["body"] == b"5\r\nplain text"

    @pytest.mark.parametrize(
        "body", [b"", b"\r\n\r\n", b"WARC/1.1\r\nWARC-Type: response\r\n\r\n", bytes(range(256)) * 9000]
    )
    def test_any_body(self, folder: Path, body: bytes):
        with ArchiveWriter(folder, "kontan", 1) as writer:
            ref, after = put(writer, body=body), put(writer, 2)
        assert read_record(folder, ref).body == body
        assert read_record(folder, after).body == PAGE
        assert [record["body"] for record in read_by_warcio(folder, ref.file)[1:]] == [body, PAGE]

    def test_a_response_without_headers_or_type(self, folder: Path):
        with ArchiveWriter(folder, "kontan", 1) as writer:
            ref = put(writer, headers=[], status=204, body=b"")
        assert ref.content_type is None
        assert list(read_record(folder, ref).headers) == []


class TestHostileInput:
    @pytest.mark.parametrize(
        "url",
        [
            "https://www.kontan.example/a\r\nWARC-Type: request\r\n\r\nx",
            "https://www.kontan.example/berita/é北\u2028?q= \x00\x7f",
            "https://www.kontan.example/" + "a" * 64_000,
            "https://www.kontan.example/\ud800",
        ],
        ids=["line-break", "not-ascii", "64-kB", "surrogate"],
    )
    def test_any_address_makes_one_record(self, folder: Path, url: str):
        with ArchiveWriter(folder, "kontan", 1) as writer:
            ref, after = put(writer, url=url, request_headers=[]), put(writer, 2)
        records = read_by_warcio(folder, ref.file)
        assert [record["type"] for record in records] == ["warcinfo", "response", "request", "response"]
        assert ("\r" in (records[1]["url"] or ""), (records[1]["url"] or "").isascii()) == (False, True)
        assert read_record(folder, ref).ref.url == url
        assert read_record(folder, after).body == PAGE

    def test_a_plain_address_is_not_touched(self, folder: Path):
        url = "https://www.kontan.example/a%20b?x=%C3%A9&y=[1]&z='()*~#f"
        with ArchiveWriter(folder, "kontan", 1) as writer:
            ref = put(writer, url=url)
        assert read_by_warcio(folder, ref.file)[1]["url"] == url

    def test_any_header_stays_one_line(self, folder: Path):
        bad = [
            ("X-A\r\nSet-Cookie", "b"),
            ("X-B", "c\r\n\r\n<html>"),
            ("X-C", "d\0e\nf"),
            ("", "no name"),
            ("X: D", "colon"),
            ("X-E", "北" * 100_000),
            (b"X-F", b"\xff\xfe raw"),
        ]
        with ArchiveWriter(folder, "kontan", 1) as writer:
            ref = put(writer, headers=bad, reason="O\r\nK: x", kind="a\r\nb: c")
        response = read_record(folder, ref)
        assert [name for name, _ in response.headers] == [
            b"X-A--Set-Cookie",
            b"X-B",
            b"X-C",
            b"-",
            b"X--D",
            b"X-E",
            b"X-F",
        ]
        assert response.headers[-1][1] == b"\xff\xfe raw"
        [_, seen] = read_by_warcio(folder, ref.file)
        assert len(seen["http"].headers) == len(bad)
        assert seen["body"] == PAGE

    @given(
        url=st.text(max_size=60).map("https://www.kontan.example/{}".format),
        headers=st.lists(
            st.tuples(st.one_of(st.binary(), st.text()), st.one_of(st.binary(), st.text())), max_size=5
        ),
        body=st.binary(max_size=200),
        reason=st.text(max_size=20),
    )
    def test_whatever_comes_is_read_back(
        self, tmp_path_factory: pytest.TempPathFactory, url, headers, body, reason
    ):
        folder = tmp_path_factory.mktemp("archive")
        with ArchiveWriter(folder, "kontan", 1) as writer:
            ref = put(writer, url=url, headers=headers, body=body, reason=reason)
        response = read_record(folder, ref)
        assert (response.body, len(response.headers)) == (body, len(headers))
        [one] = iterate_file(folder, ref.file)
        assert one.body == body
        [_, seen] = read_by_warcio(folder, ref.file)
        assert seen["body"] == body

    def test_an_outlet_named_like_a_path_stays_in_the_folder(self, folder: Path):
        with ArchiveWriter(folder, "../../Etc/passwd\0", 1) as writer:
            ref = put(writer)
        assert (folder / ref.file).resolve().is_relative_to(folder.resolve())
        assert ref.file.count("/") == 1


class TestFiles:
    def test_they_are_named_by_day_outlet_and_run_and_belong_to_the_owner(self, folder: Path):
        with ArchiveWriter(folder, "kontan", 12) as writer:
            ref = put(writer)
        assert ref.file == "2026-03-04/kontan-run12-0001.warc.gz"
        assert stat.S_IMODE((folder / ref.file).stat().st_mode) == 0o600
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE((folder / ref.file).parent.stat().st_mode) == 0o700

    def test_a_full_file_is_followed_by_the_next(self, folder: Path):
        with ArchiveWriter(folder, "kontan", 1, roll_bytes=2500) as writer:
            refs = [put(writer, number, body=os.urandom(800)) for number in range(5)]
        assert archive_files(folder) == sorted({ref.file for ref in refs})
        assert len(archive_files(folder)) == 3
        for ref in refs:
            assert read_record(folder, ref).ref == ref
            read_by_warcio(folder, ref.file)

    def test_two_writers_never_share_a_file(self, folder: Path):
        with ArchiveWriter(folder, "kontan", 1) as one, ArchiveWriter(folder, "kontan", 1) as other:
            refs = [put(writer, number) for number in range(4) for writer in (one, other)]
        assert len({ref.file for ref in refs[::2]} & {ref.file for ref in refs[1::2]}) == 0
        assert all(read_record(folder, ref).ref == ref for ref in refs)

    def test_a_link_in_place_is_not_followed(self, folder: Path, tmp_path: Path):
        target = tmp_path / "precious.txt"
        target.write_text("left alone")
        (folder / "2026-03-04").mkdir(parents=True)
        (folder / "2026-03-04/kontan-run1-0001.warc.gz").symlink_to(target)
        with ArchiveWriter(folder, "kontan", 1) as writer:
            ref = put(writer)
        assert ref.file.endswith("-0002.warc.gz")
        assert target.read_text() == "left alone"

    def test_nothing_is_made_before_the_first_record(self, folder: Path):
        with ArchiveWriter(folder, "kontan", 1) as writer:
            writer.sync()
        assert not folder.exists()
        assert archive_files(folder) == []

    def test_records_are_synced_once_and_so_are_new_folders(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ):
        synced = []
        real = os.fsync

        def note(descriptor: int) -> None:
            synced.append(os.path.realpath(f"/proc/self/fd/{descriptor}"))
            real(descriptor)

        monkeypatch.setattr(os, "fsync", note)
        with ArchiveWriter(folder, "kontan", 1) as writer:
            ref = put(writer)
            writer.sync()
            path = (folder / ref.file).resolve()
            assert synced[0] == str(path)
            assert set(synced[1:]) == {str(path.parent), str(folder.resolve()), str(folder.parent.resolve())}
            synced.clear()
            writer.sync()
            assert synced == []
            put(writer, 2)
        assert synced == [str(path)]


class TestFullDisk:
    def test_half_a_record_is_taken_back_and_the_next_one_is_whole(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ):
        with ArchiveWriter(folder, "kontan", 1) as writer:
            before = put(writer)
            real = os.write
            calls = []

            def full(descriptor: int, data: memoryview) -> int:
                calls.append(len(data))
                if len(calls) == 1:
                    return real(descriptor, data[:100])
                raise OSError(errno.ENOSPC, "No space left on device")

            monkeypatch.setattr(os, "write", full)
            with pytest.raises(
                StoreError, match=r"no space left for the archive .*free some and start again"
            ):
                put(writer, 2)
            monkeypatch.undo()
            after = put(writer, 3)
        assert after.offset == before.offset + before.length
        assert len(read_by_warcio(folder, before.file)) == 3
        assert [response.ref for response in iterate_file(folder, before.file)] == [before, after]

    def test_a_file_that_cannot_be_mended_is_left_and_a_new_one_begun(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ):
        def fail(*_: object) -> None:
            raise OSError(errno.EIO, "Input/output error")

        with ArchiveWriter(folder, "kontan", 1) as writer:
            before = put(writer)
            monkeypatch.setattr(os, "write", fail)
            monkeypatch.setattr(os, "ftruncate", fail)
            with pytest.raises(StoreError, match="Input/output error; check the path"):
                put(writer, 2)
            monkeypatch.undo()
            after = put(writer, 3)
        assert before.file != after.file
        assert read_record(folder, before).ref == before
        assert read_record(folder, after).ref == after

    def test_a_folder_that_cannot_be_made(self, tmp_path: Path):
        (tmp_path / "archive").write_text("a file")
        with pytest.raises(StoreError, match="cannot write the archive"):
            put(ArchiveWriter(tmp_path / "archive", "kontan", 1))


def test_times_are_written_in_utc(folder: Path):
    with ArchiveWriter(folder, "kontan", 1) as writer:
        late = put(writer, fetched_at=NOON.replace(hour=2))
    assert late.file.startswith("2026-03-03/")
    assert read_record(folder, late).ref.fetched_at == NOON.replace(hour=2).astimezone(UTC)


def test_each_record_is_a_gzip_member_of_its_own(folder: Path):
    with ArchiveWriter(folder, "kontan", 1) as writer:
        ref = put(writer)
    member = (folder / ref.file).read_bytes()[ref.offset : ref.offset + ref.length]
    assert gzip.GzipFile(fileobj=BytesIO(member)).read().startswith(b"WARC/1.1\r\n")
