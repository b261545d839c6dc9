"""Checks a bundle, without a store or a network: that it is what was written, and that its parts agree.

Whoever changed a bundle and all of its hashes made another bundle. Only the manifest's hash, noted down where
nobody can change it, tells the two apart.
"""

import hashlib
import itertools
import json
import zlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import attrs

from crawler.errors import CrawlerError, StoreError
from crawler.exports.accounted import Account, account
from crawler.exports.bundle import ARCHIVE, MANIFEST, WHAT, texts_of
from crawler.exports.container import DamagedError, members_of
from crawler.exports.fields import SCHEMA, Record
from crawler.items import Instant
from crawler.storage.hashes import content_hash
from crawler.storage.replay import ArchivedResponse, check_record

MOST_UNPACKED: Final = 256 * 1024 * 1024
"""How much the records of one article may unpack to."""

MOST_RECORDS: Final = 10_000
MOST_LINES: Final = 20_000

# What a value of another type than the one expected leads to.
_FORMLESS: Final = (KeyError, TypeError, ValueError, AttributeError)
_ARTICLES: Final = "articles/"
_TOLD: Final = ("id", "uid", "outlet", "canonical_url", "revision", "content_hash", "seal", "ruleset")
_RECORD: Final = "article.json"


class _UnfitError(CrawlerError):
    """A member is not what it must be; the message names it."""


@attrs.frozen(kw_only=True)
class Article:
    """An article of a bundle as it was found there. `account` is None where no page of it is archived."""

    folder: str
    record: Record
    records: Mapping[str, str]
    account: Account | None


@attrs.define
class Checked:
    """What the check of a bundle came to. `faults` name the member that is wrong, or the container."""

    members: int = 0
    manifest_sha256: str | None = None
    articles: list[Article] = attrs.field(factory=list)
    faults: list[str] = attrs.field(factory=list)

    @property
    def ok(self) -> bool:
        """Tell whether all of it is as it was written."""
        return not self.faults


def verify_bundle(path: Path) -> Checked:
    """Return what is in a bundle and what is wrong with it.

    Raises:
        OSError: the file cannot be read.
    """
    checked = Checked()
    digests: dict[str, tuple[int, str]] = {}
    manifest: bytes | None = None
    with path.open("rb") as file:
        try:
            for folder, group in itertools.groupby(members_of(file), key=lambda one: _folder_of(one[0])):
                members = dict(group)
                digests |= {name: (len(data), _sha256(data)) for name, data in members.items()}
                manifest = members.get(MANIFEST, manifest)
                if folder.startswith(_ARTICLES):
                    try:
                        checked.articles.append(_read_article(folder, members))
                    except _UnfitError as error:
                        checked.faults.append(str(error))
        except DamagedError as error:
            checked.faults.insert(0, str(error))
            return checked
    checked.members = len(digests)
    if manifest is None:
        checked.faults.append(f"{MANIFEST} is missing")
        return checked
    checked.manifest_sha256 = digests.pop(MANIFEST)[1]
    try:
        _compare(checked, _json(manifest, MANIFEST), digests)
    except _UnfitError as error:
        checked.faults.append(str(error))
    return checked


# --- One article


def _read_article(folder: str, members: Mapping[str, bytes]) -> Article:
    """Return an article after holding its members against each other.

    Raises:
        _UnfitError: one is missing, unreadable, or says something else than the others.
    """
    texts = [name.removesuffix(_RECORD) for name in members if name.endswith(f"/{_RECORD}")]
    if f"{folder}/" not in texts:
        raise _UnfitError(f"{folder}/{_RECORD} is missing")
    records = {place: _read_texts(place, members) for place in texts}
    record = records[f"{folder}/"]
    responses = list(_responses(f"{folder}/{ARCHIVE}", members.get(f"{folder}/{ARCHIVE}", b"")))
    try:
        if len(record["body"]) + len(record["removed"]) > MOST_LINES:
            raise _UnfitError(f"{folder}/{_RECORD}: has more lines than any article")
        own = [one for one in responses if one.ref.id in record["record_ids"]]
        found = account(record, own) if own else None
    except _FORMLESS as error:
        raise _UnfitError(
            f"{folder}/{_RECORD}: has not the form of an article ({type(error).__name__})"
        ) from error
    there = {one.ref.id: one.ref.sha256 for one in responses}
    return Article(folder=folder, record=record, records=there, account=found)


def _read_texts(place: str, members: Mapping[str, bytes]) -> Record:
    """Return the record of an article or of a revision; its texts and its hash must follow from it."""
    name = place + _RECORD
    record = _json(members[name], name)
    try:
        follows = texts_of(record)
        stated = record["published_utc"]
        published = Instant(datetime.fromisoformat(stated)) if stated else None
        content = content_hash(record["headline"], record["byline"], published, record["body"])
    except _FORMLESS as error:
        raise _UnfitError(f"{name}: has not the form of an article ({type(error).__name__})") from error
    if content != record["content_hash"]:
        raise _UnfitError(f"{name}: headline, byline, time and body are not those of its content hash")
    for own, data in follows.items():
        if members.get(place + own) != data:
            raise _UnfitError(f"{place}{own}: is not what {name} says")
    return record


def _responses(name: str, data: bytes) -> Iterator[ArchivedResponse]:
    """Yield the answers in a WARC file, every digest checked.

    Raises:
        _UnfitError: a record is damaged, or they unpack to more than any article's.
    """
    unpacked = number = 0
    while data:
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
        number += 1
        try:
            record = unpacker.decompress(data, MOST_UNPACKED - unpacked + 1)
            unpacked += len(record)
            if unpacked > MOST_UNPACKED or number > MOST_RECORDS:
                raise _UnfitError(f"{name}: unpacks to more than {MOST_UNPACKED:,} bytes; nobody wrote that")
            if not unpacker.eof:
                raise _UnfitError(f"{name}: record {number} is cut short")
            response = check_record(record)
        except (zlib.error, StoreError) as error:
            raise _UnfitError(f"{name}: record {number}: {error}") from error
        data = unpacker.unused_data
        if response is not None:
            yield response


# --- The manifest


def _compare(checked: Checked, manifest: Mapping[str, Any], digests: Mapping[str, tuple[int, str]]) -> None:
    """Hold a manifest against what the bundle holds."""
    try:
        if manifest["what"] != WHAT or manifest["schema"] > SCHEMA:
            raise _UnfitError(f"{MANIFEST}: of a newer pantau (schema {manifest['schema']}); update this one")
        listed = {one["name"]: (one["bytes"], one["sha256"]) for one in manifest["files"]}
        if len(listed) != len(manifest["files"]):
            checked.faults.append(f"{MANIFEST}: names a file twice")
        checked.faults.extend(f"{name}: is missing" for name in listed if name not in digests)
        checked.faults.extend(f"{name}: is in no manifest" for name in digests if name not in listed)
        checked.faults.extend(
            f"{name}: changed, its SHA-256 is not that of the manifest"
            for name, digest in digests.items()
            if listed.get(name, digest) != digest
        )
        told = {one["folder"]: one for one in manifest["articles"]}
        for article in checked.articles:
            said = told.pop(article.folder, None)
            if said is None:
                checked.faults.append(f"{article.folder}: is in no manifest")
                continue
            checked.faults.extend(f"{article.folder}: {fault}" for fault in _differs(article, said))
        # Of one that could not be read, that is the fault.
        if not checked.faults:
            checked.faults.extend(f"{folder}: is missing" for folder in told)
    except _FORMLESS as error:
        raise _UnfitError(f"{MANIFEST}: has not the form of one ({type(error).__name__})") from error


def _differs(article: Article, said: Mapping[str, Any]) -> Iterator[str]:
    for name in _TOLD:
        if article.record[name] != said[name]:
            yield f"the manifest has another {name}"
    if {one["id"]: one["sha256"] for one in said["records"]} != article.records:
        yield f"{ARCHIVE} has not the records that the manifest names"
    stated = Account(**said["accounted"]) if said["accounted"] else None
    if (stated is None) != (article.account is None):
        yield "the manifest has another account of its page"
    elif stated and article.account:
        if article.account.found < stated.found:
            yield "a paragraph of clean.txt is not in the archived page"
        if article.account.cut_found < stated.cut_found:
            yield "a line of removed.jsonl is not in the archived page"


def _json(data: bytes, name: str) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _UnfitError(f"{name}: is no JSON ({error})") from error
    if not isinstance(value, dict):
        raise _UnfitError(f"{name}: is no JSON object")
    return value


def _folder_of(name: str) -> str:
    return "/".join(name.split("/")[:2]) if name.startswith(_ARTICLES) else ""


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
