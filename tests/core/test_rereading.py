"""An archived page is read again as it was answered: hops, codings, refusals, parts, hints, its own time."""

import asyncio
import gzip
from datetime import UTC, datetime
from typing import Any

import attrs
import pytest
from scrapy.crawler import Crawler
from scrapy.settings import Settings
from scrapy.statscollectors import MemoryStatsCollector

from crawler.discovery.base import ArticleSpider
from crawler.items import Hint, Instant
from crawler.pages.article import ArticlePage
from crawler.replay.reading import Reading, Rereader
from crawler.ruleset import fingerprint
from crawler.storage.reextraction import Page
from crawler.storage.replay import ArchivedResponse, LostRecordError
from crawler.storage.states import State
from tests.core.storing import NOON, ref

URL = "https://www.kabar.example/berita/kereta-pyongyang"
HEADLINE = "Kereta dari Pyongyang Tiba di Vladivostok"
PARAGRAPHS = tuple(
    f"Rombongan {name} dari Korea Utara menandatangani kerja sama dagang dengan Rusia di Vladivostok."
    for name in ("pertama", "kedua", "ketiga", "keempat")
)


class KabarPage(ArticlePage):
    body_css = ".isi"
    published_css = ".waktu"


class KabarSpider(ArticleSpider):
    name = "kabar"
    allowed_domains = ["kabar.example"]
    article_pattern = r"https://www\.kabar\.example/berita/"
    page_class = KabarPage


def html(*paragraphs: str, more: str = "", headline: str = HEADLINE) -> str:
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return f"<html><body><h1>{headline}</h1>{more}<div class='isi'>{text}</div></body></html>"


def answer(
    number: int, body: str | bytes, url: str = URL, status: int = 200, **headers: str
) -> ArchivedResponse:
    fields = {"content_type": "text/html; charset=utf-8", **headers}
    raw = body.encode() if isinstance(body, str) else body
    return ArchivedResponse(
        ref=ref(number, url=url, status=status),
        reason="",
        headers=[(name.replace("_", "-").encode(), value.encode()) for name, value in fields.items()],
        body=raw,
    )


def read(*answers: ArchivedResponse, hint: Hint | None = None, **changes: Any) -> Reading:
    """Read the page again that these responses were the visit of."""
    crawler = crawler_of(KabarSpider)
    page = Page(
        url_id=7,
        run_id=1,
        fetched_at=NOON.astimezone(UTC),
        refs=tuple(each.ref for each in answers),
        hint=hint or Hint(),
    )
    there = {each.ref.url: each for each in answers}
    return asyncio.run(Rereader(crawler).read(attrs.evolve(page, **changes), there.get))


def crawler_of(spidercls: type[ArticleSpider], **changes: Any) -> Crawler:
    settings = Settings(changes)
    settings.setmodule("crawler.settings", priority="default")
    crawler = Crawler(spidercls, settings)
    crawler.stats = MemoryStatsCollector(crawler)
    crawler.spider = spidercls.from_crawler(crawler)
    return crawler


def test_an_article_is_whole_again() -> None:
    reading = read(answer(1, html(*PARAGRAPHS)))
    assert reading.state is State.STORED
    article = reading.article
    assert article is not None
    assert article.body == PARAGRAPHS
    assert (article.outlet, article.url_id, article.record_ids) == ("kabar", 7, (ref(1).id,))
    assert article.fetched_at == NOON
    assert article.verdict is not None
    assert article.verdict.on_topic
    assert PARAGRAPHS[0] in article.page_text


def test_a_body_is_unpacked_as_it_was_sent() -> None:
    packed = gzip.compress(html(*PARAGRAPHS).encode("latin-1"))
    reading = read(answer(1, packed, content_encoding="gzip", content_type="text/html; charset=latin-1"))
    assert reading.article is not None
    assert reading.article.body == PARAGRAPHS
    broken = read(answer(1, packed[: len(packed) // 2], content_encoding="gzip"))
    assert (broken.article, broken.reason) == (None, "truncated")


def test_redirects_are_followed_in_the_archive() -> None:
    there = f"{URL}-baru"
    moved = answer(1, "", status=301, location=there)
    reading = read(moved, answer(2, html(*PARAGRAPHS), url=there))
    assert reading.article is not None
    assert reading.article.url == there
    assert reading.article.record_ids == (ref(1).id, ref(2).id)
    loop = read(answer(1, "", status=302, location=URL))
    assert (loop.state, loop.reason) == (State.FAILED, "redirect_loop")


def test_a_way_that_leads_out_of_the_archive_is_told() -> None:
    reading = read(answer(1, "", status=301, location=f"{URL}-baru"))
    assert (reading.article, reading.missing) == (None, (f"{URL}-baru",))


@pytest.mark.parametrize(
    ("status", "reason"), [(404, "not_found"), (403, "blocked"), (503, "http_5xx"), (304, "http_3xx")]
)
def test_what_was_no_answer_is_none(status: int, reason: str) -> None:
    reading = read(answer(1, "<html><body><h1>Galat</h1></body></html>", status=status))
    assert (reading.article, reading.reason) == (None, reason)


def test_an_article_that_was_sent_to_the_front_page_is_none() -> None:
    home = "https://www.kabar.example/"
    reading = read(answer(1, "", status=302, location=home), answer(2, html(*PARAGRAPHS), url=home))
    assert (reading.article, reading.reason) == (None, "not_found")


PAGER = f"<div class='paging'><a href='{URL}?page=1'>1</a><a href='{URL}?page=2'>2</a></div>"


def test_parts_are_joined_and_one_that_is_missing_is_told() -> None:
    first = answer(1, html(*PARAGRAPHS[:2], more=PAGER))
    second = answer(2, html(*PARAGRAPHS[2:], more=PAGER), url=f"{URL}?page=2")
    whole = read(first, second)
    assert whole.article is not None
    assert (whole.article.body, whole.article.partial, whole.missing) == (PARAGRAPHS, False, ())
    lacking = read(first)
    assert lacking.article is not None
    assert lacking.article.partial
    assert lacking.missing == (f"{URL}?page=2",)
    assert lacking.lacks_parts_of(whole.article)
    assert not lacking.lacks_parts_of(lacking.article)


def test_relative_dates_count_from_the_visit() -> None:
    reading = read(answer(1, html(*PARAGRAPHS, more="<span class='waktu'>2 jam yang lalu</span>")))
    assert reading.article is not None
    assert reading.article.published_at is not None
    assert (NOON - reading.article.published_at.at).total_seconds() == 7200


def test_what_the_list_said_is_heard_again() -> None:
    hint = Hint("Kereta Tiba", Instant(datetime(2026, 3, 4, 4, tzinfo=UTC)))
    article = read(answer(1, html(*PARAGRAPHS)), hint=hint).article
    assert article is not None
    assert article.witnesses["headline"].differ["list"] == "Kereta Tiba"
    assert article.published_at == hint.published_at
    assert article.hint == hint


def test_an_article_off_the_topic_comes_whole() -> None:
    text = [each.replace("Korea Utara", "Aceh").replace("Rusia", "Bali") for each in PARAGRAPHS]
    reading = read(answer(1, html(*text, headline="Rombongan Dagang dari Aceh Tiba")))
    assert reading.state is State.OFF_TOPIC
    assert reading.article is not None
    assert reading.article.page_text


def test_a_page_without_an_article_says_why() -> None:
    reading = read(answer(1, "<html><body><p>x</p></body></html>"))
    assert (reading.article, reading.state) == (None, State.NOT_AN_ARTICLE)


def test_a_fault_of_the_rules_is_told_and_a_lost_record_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_page: ArticlePage) -> None:
        raise LookupError("no such rule")

    monkeypatch.setattr(KabarPage, "read", broken)
    reading = read(answer(1, html(*PARAGRAPHS)))
    assert (reading.state, reading.reason) == (State.FAILED, "parse_error")
    assert reading.detail == {"error": "LookupError: no such rule"}

    def lost(_url: str) -> ArchivedResponse:
        raise LostRecordError("cut")

    page = Page(url_id=1, run_id=1, fetched_at=NOON, refs=(ref(1),), hint=Hint())
    with pytest.raises(LostRecordError):
        asyncio.run(Rereader(crawler_of(KabarSpider)).read(page, lost))


def test_reading_other_pages_between_changes_nothing() -> None:
    # The same page under many hosts is a portal's to a crawl, which remembers; a replay does not.
    page = html(*PARAGRAPHS)
    rereader = Rereader(crawler_of(KabarSpider))
    for number in range(5):
        url = f"https://kanal{number}.kabar.example/berita/kereta"
        shown = answer(1, page, url=url)
        asked = Page(url_id=1, run_id=1, fetched_at=NOON, refs=(shown.ref,), hint=Hint())
        assert asyncio.run(rereader.read(asked, {url: shown}.get)).article is not None


def test_the_fingerprint_names_the_rules() -> None:
    class OtherSpider(KabarSpider):
        name = "lain"

    ours = fingerprint(crawler_of(KabarSpider))
    assert ours == fingerprint(crawler_of(KabarSpider))
    assert len(ours) == 16
    assert fingerprint(crawler_of(OtherSpider)) == ours  # of the same file
    assert fingerprint(crawler_of(KabarSpider, READING_PIPELINES={})) != ours
