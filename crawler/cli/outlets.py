"""`pantau outlets`: what outlets there are, and how each is crawled."""

from collections.abc import Mapping
from typing import Any

from crawler.cli.output import print_json
from crawler.cli.spiders import load_spiders
from crawler.cli.tables import print_table
from crawler.config import Config, nearest
from crawler.discovery.base import ArticleSpider
from crawler.errors import ConfigError


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


def outlet_records(config: Config) -> list[dict[str, Any]]:
    """Return what there is to know of every outlet, as JSON values.

    Raises:
        ConfigError: the configuration names an outlet that there is not.
    """
    spiders = load_spiders()
    check_configured(config, spiders)
    return [_record_of(config, spider) for spider in spiders.values()]


def list_outlets(config: Config, *, as_json: bool = False) -> int:
    """Print every outlet: hosts, status, how its articles are found, the pause between requests."""
    records = outlet_records(config)
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
