"""What the bare answer to a look tells: nothing changed, moved away, or it must be read."""

from datetime import UTC, datetime

import pytest
from scrapy.http import HtmlResponse, Request

from crawler.discovery.revisiting import told_at_once
from crawler.items import Hint
from crawler.storage.looks import Look

ARTICLE = "https://nasional.kontan.co.id/news/satu-berita"
MOVED = "https://nasional.kontan.co.id/news/berita-itu-juga"
FRONT = "https://nasional.kontan.co.id/"


@pytest.mark.parametrize(
    ("status", "url", "state"),
    [
        (200, ARTICLE, None),
        (200, MOVED, None),
        (200, FRONT, "not-an-article"),
        (304, ARTICLE, "unchanged"),
        (304, FRONT, "not-an-article"),  # as a front page answers validators that a redirect took along
        (304, MOVED, "failed"),
    ],
)
def test_an_answer_is_about_the_article_only_at_its_own_address(
    status: int, url: str, state: str | None
) -> None:
    now = datetime(2026, 3, 10, tzinfo=UTC)
    look = Look(article_id=1, url_id=1, url=ARTICLE, hint=Hint(None, None), anchor_at=now)
    response = HtmlResponse(url, status=status, request=Request(url))
    told = told_at_once(look, response, lambda each: each if "/news/" in each else None)
    assert (told and told.state) == state
