"""The add-on that brings the browser, for outlets that say `render = True` and for no others."""

from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.settings import BaseSettings


class RenderingAddon:
    """Put the rendering of pages into the way of an outlet's answers."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the add-on."""
        return cls(crawler)

    def update_settings(self, settings: BaseSettings) -> None:
        """Add the middleware.

        Raises:
            NotConfigured: the outlet needs no browser, or nothing is fetched.
        """
        is_offline = settings.getdict("DOWNLOAD_HANDLERS").get("https") is None  # as a replay is
        if is_offline or not getattr(self._crawler.spidercls, "render", False):
            raise NotConfigured
        from crawler.rendering.middleware import RenderMiddleware  # noqa: PLC0415 - loads Playwright: not for all

        # Behind the retries, which have had their chance, before what tells refusals.
        settings.setdefault_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", RenderMiddleware, 545)
