"""`pantau outlets`: what outlets there are; for other commands, which spider and page class is whose."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from scrapy import Spider
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from crawler.config import nearest
from crawler.errors import ConfigError
from crawler.pages.article import ArticlePage

SETTINGS_MODULE = "crawler.settings"


def load_spiders() -> Mapping[str, type[Spider]]:
    """Return every outlet's spider class by name, sorted."""
    settings = Settings()
    settings.setmodule(SETTINGS_MODULE, priority="project")
    loader = SpiderLoader.from_settings(settings)
    return {name: loader.load(name) for name in sorted(loader.list())}


def find_spider(name: str, spiders: Mapping[str, type[Spider]]) -> type[Spider]:
    """Return the spider of the outlet *name*.

    Raises:
        ConfigError: there is none; the message names the nearest.
    """
    if name not in spiders:
        hint = nearest(name, spiders) or "; `pantau outlets` lists them"
        raise ConfigError(f"unknown outlet {name!r}{hint}")
    return spiders[name]


class PageClasses:
    """Chooses the page class that reads a page: the named outlet's, else that of the address's host."""

    def __init__(self, outlet: str | None = None) -> None:
        self._spiders = load_spiders()
        self._named = None if outlet is None else find_spider(outlet, self._spiders)
        self._by_host = {
            host: spider for spider in self._spiders.values() for host in spider.allowed_domains or ()
        }

    def choose(self, url: str | None) -> tuple[str | None, type[ArticlePage]]:
        """Return the outlet's name and its page class; (None, ArticlePage) where no outlet is known."""
        spider = self._named or self._by_address(url)
        return (spider.name, spider.page_class) if spider else (None, ArticlePage)

    def _by_address(self, url: str | None) -> type[Spider] | None:
        try:
            host = urlsplit(url or "").hostname or ""
        except ValueError:  # an address that is none, as `http://[`
            return None
        labels = host.rstrip(".").split(".")
        suffixes = (".".join(labels[start:]) for start in range(len(labels)))
        return next((self._by_host[suffix] for suffix in suffixes if suffix in self._by_host), None)
