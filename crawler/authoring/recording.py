"""One page of an outlet, fetched as its crawl would fetch it, to be kept as a fixture with its golden."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, ClassVar

import attrs
from scrapy import Spider
from scrapy.exceptions import CloseSpider
from scrapy.http import Request
from scrapy.settings import BaseSettings

from crawler.authoring.anonymising import Anonymous
from crawler.authoring.asking import Asker
from crawler.authoring.goldens import PageRead, read_page
from crawler.authoring.places import UNREVIEWED
from crawler.authoring.trimming import trimmed
from crawler.discovery.base import ArticleSpider
from crawler.discovery.listing import AWAITS, RungError
from crawler.errors import CrawlerError
from crawler.pages.parse import decode
from crawler.text.topics import Topic

# Statuses that pages of "there is no such article" come with: a page that must be turned away may be one.
_REFUSALS = [400, 401, 403, 404, 410, 451]
_REVIEW = (
    "written by `scrapy record`: look at the page, correct each line to what an editor would say it states, "
    "then take this line away"
)


class NotRecordedError(CrawlerError):
    """The page is not what was to be recorded."""


class RecordSpider(Spider):
    """Fetches *url* under its outlet's settings; `html` is the page, or `failed` says why there is none."""

    name = "record"
    outlet_class: ClassVar[type[ArticleSpider]]

    def __init__(self, url: str = "", *, refused: bool = False, **kwargs: Any) -> None:  # noqa: ANN401 - as -a's
        super().__init__(**kwargs)
        self.url = url
        self.refused = refused
        self.allowed_domains = list(self.outlet_class.allowed_domains)
        self.html = ""
        self.failed = "the crawl did not begin"

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Ask under the outlet's name and with its pauses."""
        super().update_settings(settings)
        cls.outlet_class.update_settings(settings)

    async def start(self) -> AsyncIterator[Request]:
        """Fetch the page; yield nothing."""
        try:
            response = await Asker(self.crawler, budget=1)(self.request())
        except RungError as error:
            self.failed = str(error)
            raise CloseSpider("not fetched") from error
        charset = (response.headers.get("Content-Type") or b"").decode("latin-1").partition("charset=")[2]
        self.html, self.url = decode(response.body, charset.strip("\"' ") or None).text, response.url
        nothing: tuple[Request, ...] = ()
        for request in nothing:
            yield request

    def request(self) -> Request:
        """Return what asks for the page; where the outlet's articles are drawn, a browser draws it."""
        meta: dict[str, Any] = {
            "kind": "article",
            "handle_httpstatus_list": _REFUSALS if self.refused else [],
        }
        if awaits := self.outlet_class.article_awaits:
            meta[AWAITS] = awaits
        return Request(self.url, meta=meta)


def recorder_of(outlet_class: type[ArticleSpider]) -> type[RecordSpider]:
    """Return the spider that fetches one page as *outlet_class* would."""
    return type(
        "OutletRecordSpider", (RecordSpider,), {"outlet_class": outlet_class, "render": outlet_class.render}
    )


@attrs.frozen
class Fixture:
    """A page to keep, its golden as proposed, and what its author should know."""

    html: str
    golden: dict[str, Any]
    remarks: tuple[str, ...] = ()


def article_fixture(
    spider: type[ArticleSpider], html: str, url: str, topic: Topic, *, anonymise: bool
) -> Fixture:
    """Return an article's page, trimmed, with what the outlet reads of it.

    Raises:
        NotRecordedError: the outlet does not read it as an article.
        TooLargeError: it cannot be made small enough.
    """
    whole = read_page(spider.page_class, html, url)
    if whole.draft is None:
        raise NotRecordedError(
            f"{url} is no article to the outlet: {whole.said}; --refused records such a page"
        )
    read, remarks = trimmed(spider.page_class, html, url), list[str]()
    if anonymise:
        anonymous = Anonymous(read, url, topic)
        written = anonymous.rewrite()
        url = anonymous.url
        remarks += [
            f"{name} reads otherwise with invented words: look closely"
            for name in anonymous.differences(written)
        ]
        read = written
    else:
        remarks.append(
            "the text is the publisher's: replace it, or record with --anonymise, before it is committed"
        )
    if read.draft is None:
        raise NotRecordedError(
            f"{url} cannot be read any more with invented words: {read.said}; record without --anonymise"
        )
    if read.draft.body_from != "selector":
        remarks.append(
            f"the body was found by the {read.draft.body_from} finder: declare body_css, then record again"
        )
    return Fixture(_with_end(read.page.html), _golden(url, read), tuple(remarks))


def refused_fixture(spider: type[ArticleSpider], html: str, url: str) -> Fixture:
    """Return a page that must be turned away, with the reason that the outlet has for that.

    Raises:
        NotRecordedError: the outlet reads it as an article.
        TooLargeError: it cannot be made small enough.
    """
    whole = read_page(spider.page_class, html, url)
    if whole.draft is not None:
        raise NotRecordedError(
            f"{url} is read as an article, {whole.draft.headline!r}: declare refuse_css or refuse_paths first"
        )
    read = trimmed(spider.page_class, html, url)
    return Fixture(
        _with_end(read.page.html), _golden(url, read), ("look whether texts on it are the publisher's",)
    )


def as_json(golden: dict[str, Any]) -> str:
    """Return a golden as it is kept."""
    return json.dumps(golden, indent=1, ensure_ascii=False) + "\n"


def is_placeholder(path: Path, mark: str) -> bool:
    """Tell whether a golden is only what `scrapy genspider` left there."""
    try:
        return mark in json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False


def _golden(url: str, read: PageRead) -> dict[str, Any]:
    return {"url": url, UNREVIEWED: _REVIEW, **read.golden}


def _with_end(html: str) -> str:
    return html if html.endswith("\n") else f"{html}\n"
