"""`pantau extract`: saved pages and page texts become clean articles; no store, no network."""

import logging
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import attrs

from crawler.cli.articles import show_article
from crawler.cli.output import complain, print_json, say
from crawler.cli.spiders import PageClasses
from crawler.errors import ConfigError, CrawlerError
from crawler.exports.records import record_of
from crawler.items import Draft
from crawler.pages.article import read_html
from crawler.pages.parse import NotAnArticle, decode
from crawler.reasons import Reason
from crawler.text.clean import clean_draft, read_page_text
from crawler.urls import UrlError, host_of

logger = logging.getLogger(__name__)

MAX_BYTES = 32 * 1024 * 1024
STANDARD_INPUT = "-"
# A page starts with markup, or carries one of the elements that only a whole page has.
MARKUP_FIRST = re.compile(r"\s*<(?:!doctype\b|!--|\?xml\b|[a-z][a-z0-9]*[\s/>])", re.IGNORECASE)
WHOLE_PAGE = re.compile(r"<(?:html|head|body|meta|script|article)[\s>]", re.IGNORECASE)
LOOKED_AT = 65_536


class UnreadableError(CrawlerError):
    """A file cannot be read as a page; the others still are."""


@attrs.frozen
class SavedPage:
    """A file to read, and the address it came from where that is known."""

    path: str
    url: str | None = None


def pages_to_read(files: Sequence[str], *, url: str | None, listed_in: str | None) -> list[SavedPage]:
    """Return the pages named on the command line or in a list of `path<tab>address` lines.

    Raises:
        ConfigError: files and list are both given or both missing, or one address is to serve many files.
        UrlError: the address is none.
    """
    if bool(files) == (listed_in is not None):
        raise ConfigError(
            "name files to read, or --list PAGES.tsv, and not both; see `pantau extract --help`"
        )
    if url is not None and (listed_in is not None or len(files) != 1):
        raise ConfigError(
            "--url is the address of one file; give many in a list: path, tab, address (--list)"
        )
    if url is not None:
        host_of(url)
    if listed_in is not None:
        return list(_read_list(listed_in))
    return [SavedPage(path, url) for path in files]


def extract_files(
    pages: Iterable[SavedPage], *, outlet: str | None, as_json: bool = False, show_removed: bool = False
) -> int:
    """Print what each page holds; return 1 where a file could not be read, else 0."""
    classes = PageClasses(outlet)
    status = 0
    for page in pages:
        try:
            draft = read_saved(page, classes)
        except UnreadableError as error:
            complain(error)
            status = 1
            continue
        if as_json:
            print_json({"file": page.path} | record_of(draft))
        else:
            say(f"── {page.path}")
            show_article(draft, show_removed=show_removed)
    return status


def read_saved(page: SavedPage, classes: PageClasses) -> Draft:
    """Return the clean draft of one saved page; of a page that is no article only its address.

    Raises:
        UnreadableError: the file cannot be opened, holds no page, or its address is none.
    """
    text = decoded(page.path, _read_bytes(page.path))
    try:
        if page.url:
            host_of(page.url)
    except UrlError as error:
        raise UnreadableError(f"{page.path}: {error}") from error
    name, page_class = classes.choose(page.url)
    try:
        if is_html(text):
            draft = clean_draft(read_html(text, page.url, page_class), page_class.rules)
        else:
            draft = read_page_text(text, url=page.url, rules=page_class.rules)
    except NotAnArticle as refusal:
        if refusal.reason is not Reason.NOT_ARTICLE:
            raise UnreadableError(f"{page.path}: {refusal}") from refusal
        complain(f"{page.path}: {refusal}")
        draft = Draft(url=page.url)
    except Exception as error:
        # A page that a rule or a parser stumbles over must not cost the pages after it; it is reported.
        logger.debug("Reading %s failed", page.path, exc_info=True)
        raise UnreadableError(f"{page.path}: reading failed ({type(error).__name__}: {error})") from error
    draft.outlet = name or draft.outlet
    return draft


def decoded(path: str, data: bytes) -> str:
    """Return the text of a file, whatever it declares.

    Raises:
        UnreadableError: there is nothing in it, or it is no text.
    """
    page = decode(data)
    nothing = page.text.count("\0")
    if nothing * 100 > len(page.text) or (nothing and page.encoding == "cp1252"):
        raise UnreadableError(f"{path}: not a page but binary data; give HTML or text")
    if not page.text.strip("\0 \t\r\n\ufeff"):
        raise UnreadableError(f"{path}: the file is empty; save the page again")
    return page.text


def is_html(text: str) -> bool:
    """Tell markup from the plain text of a page by what it holds, whatever its file is called."""
    head = text[:LOOKED_AT]
    return bool(MARKUP_FIRST.match(head) or WHOLE_PAGE.search(head))


def _read_list(path: str) -> Iterator[SavedPage]:
    for number, line in enumerate(_list_text(path).splitlines(), start=1):
        if not line.strip():
            continue
        name, *rest = line.split("\t")
        if not name or len(rest) > 1:
            raise ConfigError(f"{path}, line {number}: expected a path, a tab and an address (may be empty)")
        yield SavedPage(name, rest[0].strip() or None if rest else None)


def _list_text(path: str) -> str:
    try:
        return _read_bytes(path).decode("utf-8-sig")
    except UnreadableError as error:
        raise ConfigError(str(error)) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text (byte {error.start}); save the list as UTF-8") from error


def _read_bytes(path: str) -> bytes:
    if path == STANDARD_INPUT:
        data = sys.stdin.buffer.read(MAX_BYTES + 1)
    else:
        try:
            with Path(path).open("rb") as file:
                data = file.read(MAX_BYTES + 1)
        except (OSError, ValueError) as error:  # ValueError: a NUL in the path
            reason = error.strerror if isinstance(error, OSError) else "no file can have this name"
            raise UnreadableError(f"{path}: {reason}") from error
    if len(data) > MAX_BYTES:
        raise UnreadableError(f"{path}: more than {MAX_BYTES // 2**20} MB; that is no page")
    return data
