"""The fingerprint of the rules by which pages are read: it changes with any of them."""

import inspect
from collections.abc import Iterator
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Final

from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings
from scrapy.utils.misc import load_object

import crawler
from crawler.text.topics import read_topic

# What decides, from the archived answer on, what is read of it: below this folder.
_RULES: Final = (
    "text/*.py",
    "text/*.toml",
    "pages/*.py",
    "dates.py",
    "items.py",
    "refusal_pages.py",
    "unpack.py",
    "urls.py",
    "discovery/reading.py",
    "middlewares/blocked.py",
    "middlewares/compression.py",
)
_LIBRARIES: Final = ("selectolax", "resiliparse", "web-poet")
_LIBRARY_PACKAGES: Final = frozenset({"abc", "builtins", "crawler", "scrapy", "typing", "web_poet"})
_LENGTH: Final = 16


def fingerprint(of: Crawler) -> str:
    """Return 16 hex digits over everything that decides how pages of the crawler's outlet are read.

    A comment changes it too: that costs one more reading of a page, where a change that is overlooked would
    be taken for the outlet's.
    """
    digest = sha256()
    for name, content in _parts(of.spidercls, of.settings):
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:_LENGTH]


def _parts(spidercls: type, settings: BaseSettings) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the content of each part, the same on every machine."""
    core = Path(crawler.__file__).parent
    for pattern in _RULES:
        for path in sorted(core.glob(pattern)):
            yield path.relative_to(core).as_posix(), path.read_bytes()
    declared = [load_object(path) for path in sorted(settings.getdict("READING_PIPELINES"))]
    page_class = getattr(spidercls, "page_class", None)
    for path in _declarations(*declared, spidercls, *([page_class] if page_class else [])):
        yield path.name, path.read_bytes()
    for chosen in settings.getlist("TOPICS"):
        text, name = read_topic(chosen)
        yield f"topic {name}", text.encode()
    for library in _LIBRARIES:
        yield library, version(library).encode()


def _declarations(*classes: type) -> Iterator[Path]:
    """Yield the files of outlets, page objects and pipelines that *classes* are made of, each once."""
    seen: set[str] = set()
    for one in (parent for given in classes for parent in inspect.getmro(given)):
        package = one.__module__.partition(".")[0]
        if package not in _LIBRARY_PACKAGES and one.__module__ not in seen:
            seen.add(one.__module__)
            yield Path(inspect.getfile(one))
