"""A split article is put together from its parts, each paragraph once."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

from scrapy.http import HtmlResponse, Request, Response

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


def page(*paragraphs: str) -> str:
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return f"<h1>Panen Garam Merbau Mundur</h1><div class='isi'>{text}</div><div class='paging'>{PAGER}</div>"


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
