"""Copies an archive to another place, file by file, each read back and compared; what is there already stays.

Nothing is taken away from the old place, so a kill does no harm, and the same command does what is left.
"""

import shutil
from collections.abc import Callable

import attrs
from sqlalchemy import Engine

from crawler.errors import StoreError
from crawler.storage import disk
from crawler.storage.alone import alone
from crawler.storage.moving import refuse_in_use
from crawler.storage.places import Place

Tell = Callable[[str], object]


@attrs.define
class Copied:
    """How many files were copied, how many were there before, and the bytes of all."""

    files: int = 0
    before: int = 0
    bytes: int = 0


def copy_archive(engine: Engine, source: Place, target: Place, tell: Tell = lambda _: None) -> Copied:
    """Copy all files of *source* to *target*, for good; *tell* hears of each.

    Raises:
        StoreError: the store is in use, or one of the places fails; the next call goes on from there.
    """
    if source.name.rstrip("/") == target.name.rstrip("/"):
        raise StoreError(f"the archive is in {source.name} already; give another place")
    done = Copied()
    with alone(engine, source):
        refuse_in_use(engine)
        there = target.files()
        try:
            for file, size in source.files().items():
                with source.open(file) as reader:
                    wanted = disk.hash_stream(reader)
                if there.get(file) == size and _hash(target, file) == wanted:
                    done.before += 1
                else:
                    _copy(source, target, file)
                    if _hash(target, file) != wanted:
                        raise StoreError(f"{target.name}/{file} is not what was sent there; start again")
                    done.files += 1
                done.bytes += size
                tell(file)
        except OSError as error:
            raise StoreError(
                f"the archive cannot be copied: {error.filename or target.name}: {error.strerror or error}; "
                "check paths, rights and disks, and start again"
            ) from error
    return done


def _copy(source: Place, target: Place, file: str) -> None:
    with source.open(file) as reader, target.replacing(file) as writer:
        shutil.copyfileobj(reader, writer)


def _hash(place: Place, file: str) -> tuple[int, str]:
    with place.open(file) as reader:
        return disk.hash_stream(reader)
