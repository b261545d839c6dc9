"""`pantau outlets`: what outlets there are; for other commands, which spider and page class is whose."""

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlsplit

from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from crawler.cli.output import print_json
from crawler.cli.tables import print_table
from crawler.config import Config, nearest
from crawler.discovery.base import ArticleSpider
from crawler.errors import ConfigError
from crawler.pages.article import ArticlePage

SETTINGS_MODULE = "crawler.settings"


def load_spiders() -> Mapping[str, type[ArticleSpider]]:
    """Return every outlet's spider class by name, sorted."""
    settings = Settings()
    settings.setmodule(SETTINGS_MODULE, priority="project")
    loader = SpiderLoader.from_settings(settings)
    # `spiders/` holds nothing else: a test of the outlets checks it.
    return {name: cast("type[ArticleSpider]", loader.load(name)) for name in sorted(loader.list())}


def find_spider(name: str, spiders: Mapping[str, type[ArticleSpider]]) -> type[ArticleSpider]:
    """Return the spider of the outlet *name*.

    Raises:
        ConfigError: there is none; the message names the nearest.
    """
    if name not in spiders:
        hint = nearest(name, spiders) or "; `pantau outlets` lists them"
        raise ConfigError(f"unknown outlet {name!r}{hint}")
    return spiders[name]


def check_configured(config: Config, spiders: Mapping[str, type[ArticleSpider]]) -> None:
    """Refuse a configuration that names outlets that there are not.

    Raises:
        ConfigError: it does; the message names the nearest.
    """
    for name in config.outlets:
        if name not in spiders:
            raise ConfigError(f"unknown outlet {name!r} in the configuration{nearest(name, spiders)}")


def is_crawled(config: Config, spider: type[ArticleSpider]) -> bool:
    """Tell whether a crawl of all outlets includes this one: switched on, and not in quarantine."""
    switched_on = spider.name not in config.outlets or config.outlets[spider.name].enabled
    return switched_on and spider.status == "healthy"


def list_outlets(config: Config, *, as_json: bool = False) -> int:
    """Print every outlet: hosts, status, how its articles are found, the pause between requests."""
    spiders = load_spiders()
    check_configured(config, spiders)
    records = [_record_of(config, spider) for spider in spiders.values()]
    if as_json:
        for record in records:
            print_json(record)
        return 0
    print_table(
        ["outlet", "hosts", "status", "found by", "pause"],
        [
            [
                record["outlet"],
                ", ".join(record["hosts"]) or "any (--url)",
                record["status"],
                ", ".join(dict.fromkeys(rung.split()[0] for rung in record["discovery"])) or "the site given",
                f"{record['delay_s']:g} s",
            ]
            for record in records
        ],
    )
    return 0


def _record_of(config: Config, spider: type[ArticleSpider]) -> dict[str, Any]:
    own = config.outlets.get(spider.name)
    settings = spider.custom_settings or {}
    return {
        "outlet": spider.name,
        "hosts": list(getattr(spider, "allowed_domains", None) or ()),
        "status": spider.status if own is None or own.enabled else "switched off",
        "discovery": [rung.name for rung in spider.discovery],
        "delay_s": max(
            config.delay_s, settings.get("DOWNLOAD_DELAY", 0.0), (own.delay_s if own else None) or 0.0
        ),
    }


class PageClasses:
    """Chooses the page class that reads a page: the named outlet's, else that of the address's host."""

    def __init__(self, outlet: str | None = None) -> None:
        self._spiders = load_spiders()
        self._named = None if outlet is None else find_spider(outlet, self._spiders)
        self._by_host = {
            host: spider
            for spider in self._spiders.values()
            for host in getattr(spider, "allowed_domains", None) or ()
        }

    def choose(self, url: str | None) -> tuple[str | None, type[ArticlePage]]:
        """Return the outlet's name and its page class; (None, ArticlePage) where no outlet is known."""
        spider = self._named or self._by_address(url)
        return (spider.name, spider.page_class) if spider else (None, ArticlePage)

    def _by_address(self, url: str | None) -> type[ArticleSpider] | None:
        try:
            host = urlsplit(url or "").hostname or ""
        except ValueError:  # an address that is none, as `http://[`
            return None
        labels = host.rstrip(".").split(".")
        suffixes = (".".join(labels[start:]) for start in range(len(labels)))
        return next((self._by_host[suffix] for suffix in suffixes if suffix in self._by_host), None)
