"""A split article is put together from its parts, each paragraph once."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from scrapy.http import HtmlResponse, Request, Response
from twisted.internet.error import DNSLookupError

from crawler.discovery.reading import read_article
from crawler.items import Draft
from crawler.pages.article import ArticlePage
from crawler.text.clean import clean_draft

URL = "https://kabar.test/news/garam-merbau"
PAGER = "".join(f'<a href="{URL}?page={number}">{number}</a>' for number in (1, 2, 3))
PARAGRAPHS = tuple(
    f"Petambak di dusun {name} menunggu angin timur sebelum menutup pintu air dan mulai menjemur garam."
    for name in ("Kelapa", "Pinang", "Nibung", "Rumbia", "Aren", "Lontar")
)
SHARED = "Baca laporan ini sampai selesai untuk memahami mengapa panen garam tahun ini lebih lambat."


class PartPage(ArticlePage):
    body_css = ".isi"


class WholePage(PartPage):
    whole_query = "show=all"


def page(*paragraphs: str, pager: str = PAGER) -> str:
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return f"<h1>Panen Garam Merbau Mundur</h1><div class='isi'>{text}</div><div class='paging'>{pager}</div>"


def answer(html: str, url: str = URL) -> Response:
    return HtmlResponse(url, body=html, encoding="utf-8", request=Request(url))


def together(first: str, parts: Mapping[int, str]) -> Draft:
    async def fetch(url: str) -> Response:
        return answer(parts[int(url[-1])], url)

    now = datetime(2026, 3, 4, tzinfo=UTC)
    draft = asyncio.run(read_article(answer(first), PartPage, fetch, now, lambda _: None))
    assert isinstance(draft, Draft)
    return draft


def test_further_parts_are_appended() -> None:
    draft = together(page(*PARAGRAPHS[:2]), {2: page(*PARAGRAPHS[2:4]), 3: page(*PARAGRAPHS[4:])})
    assert tuple(block.text for block in draft.blocks) == PARAGRAPHS
    assert [block.line for block in draft.blocks] == [1, 2, 3, 4, 5, 6]
    assert not draft.partial


def test_parts_that_repeat_the_whole_add_nothing() -> None:
    whole = page(*PARAGRAPHS)
    draft = together(whole, {2: whole, 3: whole})
    assert tuple(block.text for block in draft.blocks) == PARAGRAPHS
    assert len(draft.pages) == 3
    assert not draft.partial


def test_the_rest_of_a_part_that_mostly_repeats_is_kept() -> None:
    draft = together(page(*PARAGRAPHS[:4]), {2: page(*PARAGRAPHS[:5]), 3: page(*PARAGRAPHS)})
    assert tuple(block.text for block in draft.blocks) == PARAGRAPHS


def test_one_repeated_paragraph_does_not_make_a_part_a_copy() -> None:
    parts = {2: page(SHARED, *PARAGRAPHS[2:4]), 3: page(SHARED, *PARAGRAPHS[4:])}
    draft = together(page(SHARED, *PARAGRAPHS[:2]), parts)
    assert [block.text for block in draft.blocks].count(SHARED) == 3
    assert clean_draft(draft).body == (SHARED, *PARAGRAPHS)


@pytest.mark.parametrize("pager", [PAGER, ""], ids=["numbered", "unnumbered"])
@pytest.mark.parametrize("there", [True, False], ids=["there", "missing"])
def test_the_text_is_that_of_the_whole_and_all_else_that_of_the_first_page(pager: str, there: bool) -> None:
    link = f'<a href="{URL}?show=all">Baca Selengkapnya</a>'
    head = "<meta name=author content='Rini Wulandari'><time datetime='2026-03-02T08:15:00+07:00'></time>"
    first = head + page(*PARAGRAPHS[:2], pager=pager + link)

    async def fetch(url: str) -> Response:
        if url != f"{URL}?show=all" or not there:
            raise DNSLookupError(url)
        return answer(page(*PARAGRAPHS, pager=""), url)

    now = datetime(2026, 3, 4, tzinfo=UTC)
    draft = asyncio.run(read_article(answer(first), WholePage, fetch, now, lambda _: None))
    assert isinstance(draft, Draft)
    assert tuple(block.text for block in draft.blocks) == (PARAGRAPHS if there else PARAGRAPHS[:2])
    assert draft.partial is not there
    assert draft.byline == ("Rini Wulandari",)
    assert draft.published_at is not None
