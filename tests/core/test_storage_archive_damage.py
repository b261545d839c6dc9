"""Cut, flipped and foreign bytes in the archive are found and named."""

import gzip
import os
from pathlib import Path

import attrs
import pytest

from crawler.errors import StoreError
from crawler.storage.archive import ArchiveWriter, RecordRef
from crawler.storage.replay import iterate_file, read_record
from tests.core.archiving import put


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "archive"


class TestDamage:
    @pytest.fixture
    def refs(self, folder: Path) -> list[RecordRef]:
        with ArchiveWriter(folder, "kontan", 1) as writer:
            return [put(writer, number, body=os.urandom(300)) for number in range(4)]

    def test_a_cut_tail_costs_only_the_last_record(self, folder: Path, refs: list[RecordRef]):
        path = folder / refs[0].file
        whole = path.read_bytes()
        for cut in (1, 4, 9, refs[3].length // 2, refs[3].length - 1):
            path.write_bytes(whole[:-cut])
            with pytest.raises(
                StoreError, match=rf"{refs[3].id} at byte {refs[3].offset} of .*cut short.*backup"
            ):
                read_record(folder, refs[3])
            assert [read_record(folder, ref).ref for ref in refs[:3]] == refs[:3]
            found = []
            with pytest.raises(StoreError, match=rf"cut at byte {refs[3].offset}; what stands before"):
                found.extend(response.ref for response in iterate_file(folder, refs[0].file))
            walk = iterate_file(folder, refs[0].file)
            assert [next(walk).ref for _ in range(3)] == refs[:3]

    def test_every_flipped_bit_is_found_or_changes_nothing(self, folder: Path, refs: list[RecordRef]):
        path = folder / refs[1].file
        whole = path.read_bytes()
        original = read_record(folder, refs[1])
        harmless = 0
        for at in range(0, refs[1].length, 3):
            damaged = bytearray(whole)
            damaged[refs[1].offset + at] ^= 0x10
            path.write_bytes(damaged)
            try:
                assert read_record(folder, refs[1]) == original
                harmless += 1
            except StoreError as error:
                assert f"{refs[1].id} at byte" in str(error)  # noqa: PT017 either outcome is right
            assert read_record(folder, refs[2]).ref == refs[2]
        # Time and system in the gzip header, and the bits that fill up the last byte of the compressed data.
        assert harmless <= 5

    def test_a_record_changed_with_care_is_found_by_the_index(self, folder: Path, refs: list[RecordRef]):
        with ArchiveWriter(folder, "kontan", 2) as writer:
            forged = put(writer, 1, body=b"another page")
        pretended = attrs.evolve(refs[1], file=forged.file, offset=forged.offset, length=forged.length)
        with pytest.raises(StoreError, match="not the one the index names"):
            read_record(folder, pretended)
        with pytest.raises(StoreError, match="its digest is not the one in the index"):
            read_record(folder, attrs.evolve(pretended, id=forged.id))

    def test_a_wrong_place_is_found(self, folder: Path, refs: list[RecordRef]):
        for wrong in (
            attrs.evolve(refs[1], offset=refs[2].offset),
            attrs.evolve(refs[1], offset=refs[1].offset + 1),
            attrs.evolve(refs[1], length=refs[1].length - 1),
            attrs.evolve(refs[1], length=refs[1].length + 1),
            attrs.evolve(refs[1], offset=0),
            attrs.evolve(refs[1], offset=10_000_000),
            attrs.evolve(refs[1], file="2026-03-04/none.warc.gz"),
        ):
            with pytest.raises(StoreError, match="is lost"):
                read_record(folder, wrong)

    @pytest.mark.parametrize("junk", [b"no gzip at all", gzip.compress(b"no record", mtime=0), b"\x1f\x8b"])
    def test_junk_after_the_records_is_named(self, folder: Path, refs: list[RecordRef], junk: bytes):
        path = folder / refs[0].file
        end = path.stat().st_size
        with path.open("ab") as file:
            file.write(junk)
        walk = iterate_file(folder, refs[0].file)
        assert [next(walk).ref for _ in refs] == refs
        with pytest.raises(StoreError, match=rf"at byte {end}"):
            next(walk)

    def test_a_missing_file_is_named(self, folder: Path):
        with pytest.raises(StoreError, match="cannot read the archive"):
            list(iterate_file(folder, "2026-03-04/none.warc.gz"))

    def test_large_files_are_read_in_pieces(self, folder: Path, monkeypatch: pytest.MonkeyPatch):
        with ArchiveWriter(folder, "kontan", 3) as writer:
            refs = [put(writer, number, body=os.urandom(500)) for number in range(20)]
        for size in (1, 7, 100, 4096):
            monkeypatch.setattr("crawler.storage.replay._CHUNK", size)
            assert [response.ref for response in iterate_file(folder, refs[0].file)] == refs
