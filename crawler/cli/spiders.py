"""The outlets' spiders by name, and whose page class reads a page; found as Scrapy finds them."""

from functools import cached_property
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from crawler.config import nearest
from crawler.errors import ConfigError
from crawler.pages.article import ArticlePage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crawler.discovery.base import ArticleSpider

SETTINGS_MODULE = "crawler.settings"
ANY_SITE = "wordpress"  # the one spider that has no site of its own


def load_spiders() -> "Mapping[str, type[ArticleSpider]]":
    """Return every outlet's spider class by name, sorted."""
    # Scrapy takes longer to load than thirty pages to read, and a page without an address needs no spider.
    from scrapy.settings import Settings  # noqa: PLC0415
    from scrapy.spiderloader import SpiderLoader  # noqa: PLC0415

    settings = Settings()
    settings.setmodule(SETTINGS_MODULE, priority="project")
    loader = SpiderLoader.from_settings(settings)
    # `spiders/` holds nothing else: a test of the outlets checks it.
    return {name: cast("type[ArticleSpider]", loader.load(name)) for name in sorted(loader.list())}


def find_spider(name: str, spiders: "Mapping[str, type[ArticleSpider]]") -> "type[ArticleSpider]":
    """Return the spider of the outlet *name*.

    Raises:
        ConfigError: there is none; the message names the nearest.
    """
    if name not in spiders:
        hint = nearest(name, spiders) or "; `pantau outlets` lists them"
        raise ConfigError(f"unknown outlet {name!r}{hint}")
    return spiders[name]


class PageClasses:
    """Chooses the page class that reads a page: the named outlet's, else that of the address's host.

    The spiders are loaded when the first page needs them: plain text without an address does not.

    Raises:
        ConfigError: there is no outlet of that name.
    """

    def __init__(self, outlet: str | None = None) -> None:
        self._named = None if outlet is None else find_spider(outlet, load_spiders())

    @cached_property
    def _by_host(self) -> "dict[str, type[ArticleSpider]]":
        return {
            host: spider
            for spider in load_spiders().values()
            for host in getattr(spider, "allowed_domains", None) or ()
        }

    def choose(self, url: str | None) -> tuple[str | None, type[ArticlePage]]:
        """Return the outlet's name and its page class; (None, ArticlePage) where no outlet is known."""
        spider = self._named or self._by_address(url)
        return (spider.name, spider.page_class) if spider else (None, ArticlePage)

    def _by_address(self, url: str | None) -> "type[ArticleSpider] | None":
        try:
            host = urlsplit(url or "").hostname or ""
        except ValueError:  # an address that is none, as `http://[`
            return None
        if not host:
            return None
        labels = host.rstrip(".").split(".")
        suffixes = (".".join(labels[start:]) for start in range(len(labels)))
        return next((self._by_host[suffix] for suffix in suffixes if suffix in self._by_host), None)
