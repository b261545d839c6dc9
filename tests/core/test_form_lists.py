"""Lists that are asked for by a form."""

import asyncio
from datetime import timedelta
from urllib.parse import parse_qsl

import attrs
import pytest
from scrapy.http import HtmlResponse, Request, Response
from sqlalchemy import Engine

from crawler.discovery.listing import ListPage, Quest, Rung, Window
from crawler.discovery.pages import NONSENSE, Search
from tests.core.watched import START, Outlet, Store, day

FORM = Search(
    template="https://o.example/cari",
    form={"q": "{keyword}", "urut": "terbaru"},
    form_beyond={"next": "{page}"},
    first_page=0,
    item="li",
    time="i",
)
QUEST = Quest(
    window=Window(START - timedelta(days=2), START + timedelta(days=1)),
    keywords=("korea utara", "kim & putin"),
    tags=(),
    now=START + timedelta(hours=5),
    max_pages=10,
)


@attrs.define
class Desk:
    """Answers a form with a page of two entries at a time out of *found*, and remembers what it was sent."""

    found: int = 3
    heeds: bool = True
    got: list[tuple[str, str, tuple[tuple[str, str], ...]]] = attrs.field(factory=list)

    async def __call__(self, request: Request) -> Response:
        fields = dict(parse_qsl(request.body.decode()))
        self.got.append((request.method, request.url, tuple(fields.items())))
        first = 2 * int(fields.get("next", "0"))
        count = self.found if fields["q"] != NONSENSE or not self.heeds else 0
        numbers = range(first, min(first + 2, count))
        rows = "".join(f"<li><a href='/berita/{each}-{len(fields['q'])}'>Judul</a></li>" for each in numbers)
        return HtmlResponse(request.url, body=f"<html><ul>{rows}</ul></html>", encoding="utf-8")


def walk(rung: Rung, desk: Desk) -> list[ListPage]:
    async def collect() -> list[ListPage]:
        return [page async for page in rung.walk(desk, QUEST)]

    return asyncio.run(collect())


def test_a_form_is_posted_with_its_fields_and_from_the_second_page_on_with_more() -> None:
    desk = Desk()
    pages = walk(FORM, desk)
    words = [
        ("POST", "https://o.example/cari", (("q", word), ("urut", "terbaru"), *more))
        for word in QUEST.keywords
        for more in ((), (("next", "1"),), (("next", "2"),))
    ]
    assert desk.got == words
    assert [len(page.entries) for page in pages] == [2, 1, 2, 1, 0]
    assert pages[-1].reaches_back


def test_a_form_without_pages_is_posted_once() -> None:
    desk = Desk()
    walk(attrs.evolve(FORM, form_beyond={}), desk)
    assert [fields[0] for _, _, fields in desk.got] == [("q", word) for word in QUEST.keywords]


@pytest.mark.parametrize("heeds", [True, False])
def test_a_form_must_find_nothing_for_a_word_that_nobody_writes(heeds: bool) -> None:
    desk = Desk(heeds=heeds)
    assert asyncio.run(FORM.misled(desk, QUEST)) is not heeds
    assert desk.got == [("POST", "https://o.example/cari", (("q", NONSENSE), ("urut", "terbaru")))]


def test_forms_on_one_address_are_rungs_of_their_own() -> None:
    other = attrs.evolve(FORM, form={"judul": "{keyword}"})
    assert FORM.name != other.name
    assert FORM.name.startswith("search https://o.example/cari q={keyword}")
    assert hash(FORM) is not None


@attrs.define
class Posted(Outlet):
    """An outlet whose lists come by POST: it gives the number of a page in the form."""

    methods: list[str] = attrs.field(factory=list)

    async def __call__(self, request: Request) -> Response:
        self.methods.append(request.method)
        fields = dict(parse_qsl(request.body.decode()))
        page = int(fields.get("next", "0")) + 1
        asked = request.replace(url=f"https://o.example/?page={page}&q={fields['q']}", body=b"")
        return await super().__call__(asked)


def test_a_form_is_never_asked_conditionally(store: Engine) -> None:
    outlet = Posted()
    crawls = Store(store, outlet)
    for number in range(6):
        outlet.publish(10, day(number) - timedelta(hours=1))
        outlet.now = day(number)
        crawled = crawls.crawl([FORM])
        assert crawled.covered
        assert not crawls.missed()
        assert (crawled.conditional, crawled.past.not_modified) == (0, 0)
    assert set(outlet.methods) == {"POST"}
