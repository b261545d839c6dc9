"""The REST interface of WordPress is read page by page, and left alone where it is closed."""

import asyncio
import json

import pytest
from scrapy.http import Request, Response, TextResponse

from crawler.discovery.ladder import Ladder, Past
from crawler.discovery.listing import RungError
from crawler.discovery.wordpress import WordPressPosts, WordPressSearch
from tests.core.lists import QUEST, Site, urls, walk


def rest(site: str, page: int, word: str = "korea+utara") -> str:
    return (
        f"{site}/wp-json/wp/v2/posts?search={word}&after=2026-03-05T00%3A00%3A00&before=2026-03-09T23%3A59%3A59"
        f"&per_page=100&page={page}&orderby=date&_fields=link%2Cdate_gmt%2Ctitle"
    )


def posts(count: int, start: int = 0) -> str:
    return json.dumps(
        [
            {
                "link": f"https://w.example/{start + number}/",
                "date_gmt": "2026-03-07T02:30:00",
                "title": {"rendered": "Kim &#8211; Putin"},
            }
            for number in range(count)
        ]
    )


def test_wordpress_posts_come_page_by_page_with_plain_headlines() -> None:
    site = Site(
        {rest("https://w.example", 1): posts(100), rest("https://w.example", 2): posts(3, 100)}, TextResponse
    )
    pages = walk(WordPressSearch(site="https://w.example"), site)
    assert len(urls(pages)) == 103
    assert pages[0].entries[0].headline == "Kim – Putin"
    assert pages[-1].reaches_back


def test_a_last_wordpress_page_that_is_full_ends_at_the_refusal_after_it() -> None:
    past = TextResponse("https://w.example", status=400, body=b'{"code":"rest_post_invalid_page_number"}')
    site = Site({rest("https://w.example", 1): posts(100), rest("https://w.example", 2): past}, TextResponse)
    assert walk(WordPressSearch(site="https://w.example"), site)[-1].reaches_back


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_closed_wordpress_interface_fails_by_name(status: int) -> None:
    site = Site({rest("https://w.example", 1): TextResponse("https://w.example", status=status)})
    with pytest.raises(RungError, match=f"HTTP {status}"):
        walk(WordPressSearch(site="https://w.example"), site)


@pytest.mark.parametrize(
    ("status", "body", "closed"),
    [
        (401, '{"code":"rest_not_logged_in"}', True),
        (404, '{"code":"rest_no_route"}', True),
        (404, "<h1>Halaman tidak ditemukan</h1>", False),
        (401, '["rest_not_logged_in"]', False),
        (400, '{"code":"rest_invalid_param"}', False),
    ],
)
def test_a_closed_interface_is_told_from_one_that_is_out(status: int, body: str, closed: bool) -> None:
    answer = TextResponse("https://w.example", status=status, body=body.encode())
    past = Closing()
    rungs = [WordPressPosts(site="https://w.example"), WordPressSearch(site="https://w.example")]
    asked: list[str] = []

    async def fetch(request: Request) -> Response:
        asked.append(request.url)
        return answer

    async def climb() -> None:
        async for _ in Ladder(rungs).climb(fetch, QUEST, past):
            raise AssertionError("there is nothing to list")

    asyncio.run(climb())
    assert past.closed == ({"https://w.example/wp-json"} if closed else set())
    assert len(asked) == (1 if closed else 2)


class Closing(Past):
    """Remembers what is closed."""

    def __init__(self) -> None:
        self.closed: set[str] = set()

    async def shut(self, interface: str) -> bool:
        return interface in self.closed

    async def found_shut(self, interface: str) -> None:
        self.closed.add(interface)


@pytest.mark.parametrize("body", ["<html>", "{}", '[{"link": 1}]', "[" * 100_000])
def test_what_is_no_list_of_posts_fails_by_name(body: str) -> None:
    site = Site({rest("https://w.example", 1): body}, TextResponse)
    with pytest.raises(RungError, match="not a list of posts"):
        walk(WordPressSearch(site="https://w.example"), site)
