"""The archive as an object store: S3 and what speaks its language, by fsspec.

Nothing can be appended there, so each sync makes an object of what was written since the last one. It is
uploaded before any row names it, under a name that nobody else has, and believed only once size and checksum
are those of what was sent.
"""

import contextlib
import hashlib
import io
import logging
import re
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import IO, Any, Final, TypeVar

import attrs
import fsspec

from crawler.errors import ConfigError, StoreError
from crawler.storage import disk
from crawler.storage.warc import first_record, name_part

T = TypeVar("T")

BATCH_BYTES: Final = 8 * 1024 * 1024
"""An object of a crawl is not larger than this and one record; only crawls without a sync reach it."""

PAUSES_S: Final = (0.5, 2.0, 8.0)
"""How long is waited before each further attempt."""

_CHUNK: Final = 8 * 1024 * 1024
_IS_FILE: Final = re.compile(r"[^/.][^/]*/[^/.][^/]*\.warc\.gz")
_IS_MD5: Final = re.compile(r'"?([0-9a-f]{32})"?')
_IS_PAST_END: Final = re.compile(r"InvalidRange|\(416\)|[Rr]ange [Nn]ot [Ss]atisfiable")
_IS_BUCKET: Final = re.compile("NoSuchBucket|specified bucket does not exist")
_PERMANENT: Final = (PermissionError, FileNotFoundError)
_PROBE: Final = "pantau-probe"
# A crawl must not fall silent for longer than its lease, so no attempt may take much longer than this.
_S3: Final = {"config_kwargs": {"connect_timeout": 5, "read_timeout": 20, "retries": {"max_attempts": 0}}}
# At DEBUG they tell whole requests, signatures included.
_TALKATIVE: Final = ("aiobotocore", "botocore", "s3fs", "fsspec", "urllib3", "aiohttp")


class ObjectStore:
    """An object store, as `crawler.storage.places.Place` describes it.

    *options* are fsspec's for the kind of store; keys come from the environment. *beside* is the folder by
    which the processes of this machine keep out of each other's way.
    """

    folder = None

    def __init__(self, url: str, options: Mapping[str, Any], *, beside: Path) -> None:
        self.name = url.rstrip("/")
        scheme, _, self._root = self.name.partition("://")
        self.options = options
        self._beside = beside
        for logger in _TALKATIVE:
            logging.getLogger(logger).setLevel(logging.WARNING)
        given = {
            **(_S3 if scheme == "s3" else {}),
            **options,
            "use_listings_cache": False,
            "skip_instance_cache": True,
        }
        try:
            self._files = fsspec.filesystem(scheme, **given)
        except ImportError as error:
            extra = "install pantau[s3]" if scheme == "s3" else f"install fsspec's package for {scheme}"
            raise ConfigError(f"the archive {self.name} needs a package that is not here; {extra}") from error
        except (TypeError, ValueError) as error:
            raise ConfigError(
                f"the archive {self.name} cannot be set up ({error}); see `archive` in pantau.example.toml"
            ) from error
        self._files.retries = 1  # s3fs would try by itself, and nobody could tell for how long

    def files(self) -> Mapping[str, int]:
        try:
            found = self._tried(lambda: self._files.find(self._root, detail=True))
        except FileNotFoundError:
            return {}
        start = len(self._root) + 1
        within = {str(path).lstrip("/")[start:]: int(about["size"]) for path, about in found.items()}
        return {file: within[file] for file in sorted(within) if _IS_FILE.fullmatch(file)}

    def read(self, file: str, start: int, length: int) -> bytes:
        try:
            data = self._tried(lambda: self._files.cat_file(self._at(file), start=start, end=start + length))
        except _PastEndError:
            return b""
        return bytes(data)

    @contextlib.contextmanager
    def open(self, file: str) -> Iterator[IO[bytes]]:
        yield io.BufferedReader(_Reader(self, file), _CHUNK)

    @contextlib.contextmanager
    def replacing(self, file: str) -> Iterator[IO[bytes]]:
        disk.make_folder(self._beside)
        with tempfile.NamedTemporaryFile(dir=self._beside, prefix=".upload-") as whole:
            yield whole
            whole.flush()
            size = whole.tell()
            self._tried(lambda: self._files.put_file(whole.name, self._at(file)))
            if self._size(file) != size:
                raise StoreError(f"{self._called(file)} is not what was sent there; start again")

    def remove(self, file: str) -> None:
        self._tried(lambda: self._files.rm_file(self._at(file)))

    def tidy(self, before: datetime) -> None:
        """Do nothing: an object is there whole or not at all, and there are no folders."""

    def sink(self, outlet: str, run_id: int, roll_bytes: int) -> "ObjectSink":
        return ObjectSink(self, outlet, run_id, min(roll_bytes, BATCH_BYTES))

    def alone(self) -> AbstractContextManager[None]:
        disk.make_folder(self._beside)
        return disk.alone(self._beside)

    def create(self, file: str, data: bytes) -> None:
        """Upload a new object; return when it is there as it was sent.

        Raises:
            StoreError: after some attempts it is not, or the name is taken by another content.
        """
        create = {"mode": "create"}

        def upload() -> None:
            try:
                self._files.pipe_file(self._at(file), data, **create)
            except NotImplementedError:  # names are drawn at random, so this costs no safety
                create.clear()
                self._files.pipe_file(self._at(file), data)
            except FileExistsError:
                pass  # by an attempt whose answer was lost, or by somebody else: looked at next
            except OSError as error:
                if "PreconditionFailed" not in repr(error.__cause__):
                    raise

        self._tried(upload)
        if not self._tried(lambda: self._holds(file, data)):
            raise StoreError(
                f"{self._called(file)} is not what was sent there; check that nobody else writes to it"
            )

    def probe(self) -> None:
        """Write an object, read it, and remove it again.

        Raises:
            StoreError: one of these does not work.
        """
        name, data = f"{_PROBE}-{secrets.token_hex(8)}", secrets.token_bytes(64)
        self.create(name, data)
        if self.read(name, 8, 8) != data[8:16]:
            raise StoreError(f"{self._called(name)} reads back otherwise; this store cannot be used")
        self.remove(name)

    def _holds(self, file: str, data: bytes) -> bool:
        about = self._files.info(self._at(file))
        if about["size"] != len(data):
            return False
        checksum = _IS_MD5.fullmatch(str(about.get("ETag", "")))
        if checksum and checksum[1] == hashlib.md5(data, usedforsecurity=False).hexdigest():
            return True
        # An encrypted object's tag is no checksum of what it holds.
        return bytes(self._files.cat_file(self._at(file))) == data

    def _size(self, file: str) -> int:
        size: int = self._tried(lambda: self._files.info(self._at(file)))["size"]
        return size

    def _tried(self, operation: Callable[[], T]) -> T:
        for pause_s in (*PAUSES_S, None):
            try:
                return operation()
            except Exception as error:
                known = _known(error)
                if known is not None:
                    raise known from error
                if pause_s is None or isinstance(error, _PERMANENT) or "NoCredentials" in repr(error):
                    raise StoreError(f"the archive {self.name} cannot be used: {_said(error)}") from error
            time.sleep(pause_s)
        raise AssertionError("the last attempt returns or raises")

    def _at(self, file: str) -> str:
        return f"{self._root}/{file}"

    def _called(self, file: str) -> str:
        return f"{self.name}/{file}"


@attrs.define
class _Batch:
    file: str
    data: bytearray


class ObjectSink:
    """The objects of one run, as `crawler.storage.places.Sink` describes it."""

    def __init__(self, store: ObjectStore, outlet: str, run_id: int, batch_bytes: int) -> None:
        self._store = store
        self._of = f"run {run_id} of {name_part(outlet)}"
        # Drawn, so that no other store that writes there, nor this one restored, has the same name.
        self._stem = f"{name_part(outlet)}-run{run_id}-{secrets.token_hex(4)}"
        self._batch_bytes = batch_bytes
        self._number = 0
        self._batches: list[_Batch] = []
        self._ended = True
        self._failed = False
        self._lock, self._uploading = Lock(), Lock()

    def append(self, data: bytes, at: datetime) -> tuple[str, int]:
        with self._lock:
            if self._ended or len(self._batches[-1].data) >= self._batch_bytes:
                self._begin(at)
            batch = self._batches[-1]
            start = len(batch.data)
            batch.data += data
            return batch.file, start

    def sync(self) -> None:
        with self._uploading:
            with self._lock:
                waiting, self._ended = list(self._batches), True
            for batch in waiting:
                self._failed = True
                self._store.create(batch.file, bytes(batch.data))
                self._failed = False
                with self._lock:
                    self._batches.remove(batch)

    def close(self) -> None:
        if not self._failed:  # nobody names what could not be uploaded
            self.sync()

    def _begin(self, at: datetime) -> None:
        self._number += 1
        name = f"{self._stem}-{self._number:04d}.warc.gz"
        head = first_record(name, self._of, at)
        day = at.astimezone(UTC).date().isoformat()
        self._batches.append(_Batch(f"{day}/{name}", bytearray(head)))
        self._ended = False


class _Reader(io.RawIOBase):
    """An object as a stream, read a stretch at a time."""

    def __init__(self, store: ObjectStore, file: str) -> None:
        super().__init__()
        self._store, self._file, self._position, self._over = store, file, 0, False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 whatever can be written to
        if self._over:
            return 0
        data = self._store.read(self._file, self._position, len(buffer))
        buffer[: len(data)] = data
        self._position += len(data)
        self._over = len(data) < len(buffer)
        return len(data)


class _PastEndError(Exception):
    """A stretch was asked for that begins behind the end of an object."""


def _known(error: Exception) -> Exception | None:
    """Return what the callers know by its kind: no attempt would change it."""
    if isinstance(error, (_PastEndError, StoreError)):
        return error
    said = repr(error) + repr(error.__cause__)
    if _IS_PAST_END.search(said):
        return _PastEndError()
    if isinstance(error, FileNotFoundError) and not _IS_BUCKET.search(said):
        return error
    return None


def _said(error: Exception) -> str:
    """Return what is wrong and what to do, in one line."""
    words = " ".join(str(error).split())[:200] or type(error).__name__
    said = repr(error) + repr(error.__cause__)
    if isinstance(error, PermissionError):
        return f"{words}; check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and what they may do"
    if "NoCredentials" in said:
        return f"{words}; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    if isinstance(error, FileNotFoundError):
        return f"{words}; make the bucket, or set `archive` to one that is there"
    return f"{words}; check the address, the network and the store, and start again"
