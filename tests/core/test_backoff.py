"""A request that failed waits before it is tried again, longer each time; no other request does."""

import asyncio

import pytest
from scrapy.http import Request

from crawler.middlewares import backoff
from crawler.middlewares.backoff import BackoffMiddleware
from crawler.middlewares.retry_after import RETRY_AFTER_S


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the waits that were asked for; none is waited for."""
    asked: list[float] = []

    async def sleep(seconds: float) -> None:
        asked.append(seconds)

    monkeypatch.setattr(backoff.asyncio, "sleep", sleep)
    return asked


def send(request: Request) -> None:
    asyncio.run(BackoffMiddleware(5.0).process_request(request))


def test_each_further_try_waits_twice_as_long(waits: list[float]) -> None:
    request = Request("https://o.example/")
    for tries in (0, 1, 2, 3):
        request = request.replace(meta=request.meta | {"retry_times": tries})
        send(request)
    assert waits == [5.0, 10.0, 20.0]


def test_a_redirect_of_a_retry_does_not_wait_again(waits: list[float]) -> None:
    request = Request("https://o.example/", meta={"retry_times": 1})
    send(request)
    send(request.replace(url="https://o.example/tujuan"))
    assert waits == [5.0]


def test_where_the_outlet_names_the_time_its_pause_is_enough(waits: list[float]) -> None:
    send(Request("https://o.example/", meta={"retry_times": 1, RETRY_AFTER_S: 30.0}))
    assert waits == []
