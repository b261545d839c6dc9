"""Bundles: the same state gives the same file, and a file that anybody touched is found out."""

import hashlib
import io
import json
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, update
from warcio.archiveiterator import ArchiveIterator

from crawler.exports.accounted import Account, account
from crawler.exports.bundle import MANIFEST, write_bundle
from crawler.exports.container import DamagedError, FullError, Packer, is_fit, members_of
from crawler.exports.jsonlines import json_bytes
from crawler.exports.records import record_of
from crawler.exports.statement import as_of
from crawler.exports.verify import verify_bundle
from crawler.items import Removed
from crawler.storage import articles, runs
from crawler.storage.archive import ArchiveWriter, RecordRef
from crawler.storage.places import place_at
from crawler.storage.replay import ArchivedResponse, LostRecordError
from crawler.storage.schema import records
from tests import recorded
from tests.core import storing
from tests.core.exported import HOSTILE

NOON = storing.NOON
BODY = (
    "Delegasi dari Moskwa mendarat di Pyongyang dan disambut barisan kehormatan.",
    "Perundingan berlangsung tertutup selama dua hari penuh.",
    "Kedua pihak meneken nota kerja sama pertanian.",
)
PAGE = (
    "<html><body><nav>Beranda</nav><h1>Delegasi Tiba</h1>"
    f"<p>{BODY[0]}</p><p>{BODY[1]}</p><script>iklan()</script><p>Baca pula kabar lain</p><p>{BODY[2]}</p>"
    "</body></html>"
)


def kept(store: Engine, folder: Path, number: int, *, again: int | None = None, **changes: Any) -> int:
    """Crawl one article: its page is archived as a server sent it, compressed. Return its address's row."""
    run = runs.start_run(store, "kontan", since=NOON - timedelta(days=2), until=NOON, now=NOON)
    url_id = again or storing.offered(store, run.id, number)[0].url_id
    headers = [("Content-Type", "text/html"), ("Content-Encoding", "gzip")]
    page = zlib.compress(PAGE.encode(), wbits=31)
    with ArchiveWriter(folder / "archive", "kontan", run.id) as writer:
        record = writer.write(storing.address(number), 200, headers, page, fetched_at=NOON)
        writer.sync()
        values = {
            "body": (*BODY, f"Laporan nomor {number}. " * 20),
            "removed": (Removed(4, "crosslink", "Baca pula kabar lain"),),
            "record_ids": (record.id,),
        }
        article = storing.article(number, **values | changes)
        articles.save(store, article, run.id, url_id, [record], cause="outlet", now=NOON)
    looked = runs.Looked(covered=(NOON - timedelta(days=2), NOON))
    runs.finish_run(store, run.id, "healthy", looked=looked, now=NOON + timedelta(minutes=5))
    return url_id


def bundled(store: Engine, folder: Path, *numbers: int, revisions: bool = False) -> tuple[bytes, str]:
    """Return the bundle of these articles and the hash of its manifest."""
    buffer = io.BytesIO()
    chosen = [found for number in numbers if (found := articles.find(store, number))]
    archive = place_at(folder / "archive")
    manifest = write_bundle(store, archive, chosen, buffer, as_of(store), revisions=revisions)
    return buffer.getvalue(), manifest


def checked(folder: Path, data: bytes) -> list[str]:
    """Return what is wrong with a bundle of these bytes."""
    path = folder / "bundle.zip"
    path.write_bytes(data)
    return verify_bundle(path).faults


def repacked(data: bytes, change: Callable[[dict[str, bytes]], None], *, honest: bool = False) -> bytes:
    """Return a bundle with other members in a flawless container; *honest* mends the hashes too."""
    members = dict(members_of(io.BytesIO(data)))
    change(members)
    if honest:
        manifest = json.loads(members.pop(MANIFEST))
        manifest["files"] = [
            {"name": name, "bytes": len(member), "sha256": hashlib.sha256(member).hexdigest()}
            for name, member in members.items()
        ]
        members[MANIFEST] = json_bytes(manifest, indent=1) + b"\n"
    buffer = io.BytesIO()
    packer = Packer(buffer)
    for name, member in members.items():
        packer.add(name, member)
    packer.close()
    return buffer.getvalue()


def test_a_bundle_holds_what_proves_an_article(store: Engine, tmp_path: Path) -> None:
    kept(store, tmp_path, 1)
    kept(store, tmp_path, 2)
    data, manifest = bundled(store, tmp_path, 1, 2)
    assert bundled(store, tmp_path, 1, 2) == (data, manifest)
    path = tmp_path / "bundle.zip"
    path.write_bytes(data)
    found = verify_bundle(path)
    assert found.faults == []
    assert found.manifest_sha256 == manifest
    # The last paragraph is not on the invented page; what is cut and what a script says is accounted for.
    accounts = [one.account for one in found.articles]
    assert accounts == [Account(paragraphs=4, found=3, cut=1, cut_found=1, between=0)] * 2
    with zipfile.ZipFile(path) as zipped:  # a second reader
        assert zipped.testzip() is None
        names = zipped.namelist()
        assert names[-1] == MANIFEST
        article = json.loads(zipped.read("articles/000001/article.json"))
        assert article["body"][:3] == list(BODY)
        assert zipped.read("articles/000001/clean.txt").decode().split("\n\n")[1] == BODY[0]
        assert json.loads(zipped.read("articles/000001/removed.jsonl"))["rule"] == "crosslink"
        story = json.loads(zipped.read("articles/000001/story.json"))
        assert story["addresses"][0]["sightings"][0]["source"] == "feed"
        told = json.loads(zipped.read("articles/000001/runs.json"))["runs"]
        assert [run["verdict"] for run in told] == ["healthy"]
        assert not {"host", "pid", "token"} & set(told[0])
        warc = zipped.read("articles/000001/archive.warc.gz")
    types = []
    for record in ArchiveIterator(io.BytesIO(warc), check_digests="raise"):
        types.append(record.rec_type)
        if record.rec_type == "response":
            assert record.content_stream().read().decode() == PAGE
    assert types == ["warcinfo", "response"]


def test_a_bundle_has_what_an_article_was_before(store: Engine, tmp_path: Path) -> None:
    url_id = kept(store, tmp_path, 1)
    kept(store, tmp_path, 1, again=url_id, headline="Kunjungan yang ditunda")
    plain, _ = bundled(store, tmp_path, 1)
    whole, _ = bundled(store, tmp_path, 1, revisions=True)
    assert checked(tmp_path, plain) == checked(tmp_path, whole) == []
    added = set(dict(members_of(io.BytesIO(whole)))) - set(dict(members_of(io.BytesIO(plain))))
    assert {name.rpartition("/")[0] for name in added} == {"articles/000001/revisions/0001"}
    manifest = json.loads(dict(members_of(io.BytesIO(whole)))[MANIFEST])
    assert len(manifest["articles"][0]["records"]) == 2


def test_a_pruned_answer_is_named_and_a_lost_one_refused(store: Engine, tmp_path: Path) -> None:
    kept(store, tmp_path, 1)
    (file,) = (tmp_path / "archive").glob("*/*.warc.gz")
    there = file.read_bytes()
    file.write_bytes(there[:-10])
    with pytest.raises(LostRecordError):
        bundled(store, tmp_path, 1)
    with store.begin() as connection:
        connection.execute(update(records).values(pruned_at=NOON))
    data, _ = bundled(store, tmp_path, 1)
    assert checked(tmp_path, data) == []
    manifest = json.loads(dict(members_of(io.BytesIO(data)))[MANIFEST])
    assert len(manifest["articles"][0]["pruned"]) == 1


@pytest.fixture
def bundle(tmp_path: Path, empty_sqlite: Path) -> bytes:
    """Return the bundle of one article."""
    from crawler.storage.database import connect  # noqa: PLC0415

    path = tmp_path / "pantau.db"
    path.write_bytes(empty_sqlite.read_bytes())
    engine = connect(f"sqlite:///{path}")
    kept(engine, tmp_path, 1)
    data, _ = bundled(engine, tmp_path, 1)
    engine.dispose()
    return data


def test_any_flipped_byte_is_found_and_its_file_named(bundle: bytes, tmp_path: Path) -> None:
    spans = {}
    offset = 0
    for name, data in members_of(io.BytesIO(bundle)):
        start = offset + 30 + len(name)
        spans[name] = range(start, start + len(data))
        offset = start + len(data)
    rng = random.Random(8)
    heads = [at for at in range(len(bundle)) if not any(at in span for span in spans.values())]
    inside = [rng.choice(span) for span in spans.values() for _ in range(4)]
    for at in [*rng.sample(heads, 250), *inside]:
        flipped = bytearray(bundle)
        flipped[at] ^= 1 << rng.randrange(8)
        faults = checked(tmp_path, bytes(flipped))
        held = [name for name, span in spans.items() if at in span]
        wanted = held[0] if held else "container|cut short|checksum"
        assert any(word in fault for word in wanted.split("|") for fault in faults), (at, faults)


def test_any_cut_and_any_addition_is_found(bundle: bytes, tmp_path: Path) -> None:
    rng = random.Random(9)
    for at in [0, 1, 29, len(bundle) - 1, *(rng.randrange(len(bundle)) for _ in range(40))]:
        assert checked(tmp_path, bundle[:at]), at
        assert checked(tmp_path, bundle[:at] + b"\0" + bundle[at:]), at
    assert checked(tmp_path, bundle + b"\0")
    assert checked(tmp_path, b"x" + bundle)


ARTICLE = "articles/000001/"


def edit(name: str, old: bytes, new: bytes) -> Callable[[dict[str, bytes]], None]:
    def change(members: dict[str, bytes]) -> None:
        assert old in members[name]
        members[name] = members[name].replace(old, new)

    return change


def field(name: str, value: object) -> Callable[[dict[str, bytes]], None]:
    def change(members: dict[str, bytes]) -> None:
        record = json.loads(members[f"{ARTICLE}article.json"])
        members[f"{ARTICLE}article.json"] = json_bytes({**record, name: value}, indent=1) + b"\n"

    return change


def drop(name: str) -> Callable[[dict[str, bytes]], None]:
    return lambda members: members.pop(name) and None


def put(name: str, data: bytes) -> Callable[[dict[str, bytes]], None]:
    return lambda members: members.update({name: data})


FORGED: Mapping[str, tuple[Callable[[dict[str, bytes]], None], bool, str]] = {
    "a text": (edit(f"{ARTICLE}clean.txt", b"Moskwa", b"Minsk!"), False, f"{ARTICLE}clean.txt"),
    "a text and its hash": (edit(f"{ARTICLE}clean.txt", b"Moskwa", b"Minsk!"), True, f"{ARTICLE}clean.txt"),
    "a field and its hash": (edit(f"{ARTICLE}article.json", b"Moskwa", b"Minsk!"), True, "content hash"),
    "what was cut": (edit(f"{ARTICLE}removed.jsonl", b"lain", b"baik"), True, f"{ARTICLE}removed.jsonl"),
    "witnesses": (edit(f"{ARTICLE}witnesses.json", b"json-ld", b"jsonld!"), True, "witnesses.json"),
    "the archive": (put(f"{ARTICLE}archive.warc.gz", b"\x1f\x8bnone"), True, "archive.warc.gz: record 1"),
    "no archive": (drop(f"{ARTICLE}archive.warc.gz"), True, "has not the records"),
    "no article": (drop(f"{ARTICLE}article.json"), True, f"{ARTICLE}article.json is missing"),
    "a file less": (drop("coverage.json"), False, "coverage.json: is missing"),
    "a file more": (put("more.txt", b""), False, "more.txt: is in no manifest"),
    "no manifest": (drop(MANIFEST), False, f"{MANIFEST} is missing"),
    "the manifest": (edit(MANIFEST, b'"schema": 1', b'"schema": 2'), False, "newer pantau"),
    "its form": (put(MANIFEST, b"[]"), False, "no JSON object"),
    "its depth": (put(MANIFEST, b"[" * 200_000), False, MANIFEST),
    "no captions": (edit(f"{ARTICLE}article.json", b'"captions": [', b'"captionz": ['), True, "the form of"),
    "captions that are none": (field("captions", 5), True, "has not the form of an article"),
    "no files": (edit(MANIFEST, b'"files"', b'"filez"'), False, "has not the form"),
    "an article that is none": (put(f"{ARTICLE}article.json", b"{}"), True, "has not the form of an article"),
    "a seal": (edit(MANIFEST, b'"seal": "', b'"seal": "0'), False, "another seal"),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_part_is_named(name: str, bundle: bytes, tmp_path: Path) -> None:
    change, honest, said = FORGED[name]
    faults = checked(tmp_path, repacked(bundle, change, honest=honest))
    assert any(said in fault for fault in faults), faults


def test_a_record_that_swells_is_not_unpacked(
    bundle: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.exports.verify.MOST_UNPACKED", 1_000_000)
    bomb = zlib.compress(b"\0" * 50_000_000, wbits=31)
    faults = checked(tmp_path, repacked(bundle, put(f"{ARTICLE}archive.warc.gz", bomb), honest=True))
    assert any("unpacks to more than" in fault for fault in faults)


@pytest.mark.parametrize(
    "name", ["../x", "/x", "a/../x", "a//x", "A", "a\\x", "c:x", ".x", "a/.x", "", "a" * 201]
)
def test_no_member_leaves_its_folder(name: str, tmp_path: Path) -> None:
    assert not is_fit(name)
    with pytest.raises(ValueError, match="name"):
        Packer(io.BytesIO()).add(name, b"")
    path = tmp_path / "hostile.zip"
    with zipfile.ZipFile(path, "w") as zipped:
        zipped.writestr(zipfile.ZipInfo(name or "x/"), b"")
    assert verify_bundle(path).faults


def test_more_than_a_container_holds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.exports.container.MOST_IN_ALL", 100)
    with pytest.raises(FullError, match="fewer articles"):
        Packer(io.BytesIO()).add("a", b"x" * 101)


def test_another_zip_is_no_bundle(tmp_path: Path) -> None:
    for data in (b"", b"PK\x05\x06" + b"\0" * 18, struct.pack("<L", 7) * 99):
        assert checked(tmp_path, data)


@given(
    st.dictionaries(st.from_regex(r"[a-z0-9]{1,5}(/[a-z0-9]{1,5})?", fullmatch=True), st.binary(max_size=40))
)
def test_a_container_gives_back_what_was_put_in(members: dict[str, bytes]) -> None:
    buffer = io.BytesIO()
    packer = Packer(buffer)
    for name, data in members.items():
        packer.add(name, data)
    packer.close()
    buffer.seek(0)
    assert list(members_of(buffer)) == list(members.items())
    with zipfile.ZipFile(buffer) as zipped:
        assert {name: zipped.read(name) for name in zipped.namelist()} == members


@given(HOSTILE, st.lists(HOSTILE, min_size=1, max_size=3))
def test_hostile_texts_are_bundled_as_they_are(headline: str, body: list[str]) -> None:
    """What the texts are made of does not matter to the members that follow from them."""
    from crawler.exports.bundle import texts_of  # noqa: PLC0415

    record = {**record_of(storing.article(1, headline=headline, body=tuple(body)))}
    again = json.loads(texts_of(record)["article.json"])
    assert again == record
    assert texts_of(again) == texts_of(record)


def test_what_is_kept_and_cut_of_every_recorded_page_stands_in_it() -> None:
    ref = RecordRef(
        id="urn:uuid:0", file="", offset=0, length=0, sha256="", url="", status=200, fetched_at=NOON
    )
    looked_at = 0
    for page in recorded.recorded_pages():
        draft = recorded.read(page).draft
        if draft is None:
            continue
        response = ArchivedResponse(ref=ref, reason="", headers=(), body=page.html.encode())
        found = account(record_of(draft), [response])
        assert found.whole, page.name
        assert found.between < 50, page.name  # what was never taken for a part of the body
        looked_at += 1
    assert looked_at > 50


def test_damage_is_an_error_of_its_own() -> None:
    with pytest.raises(DamagedError):
        list(members_of(io.BytesIO(b"no zip")))
