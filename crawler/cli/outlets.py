"""`pantau outlets`: what outlets there are, how each is crawled, and how it is."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crawler.cli.declared import check_configured, declared_of, health_record, quarantine_record
from crawler.cli.outlet_table import found_by, is_rendered, markdown_table, put_into
from crawler.cli.output import print_json, say
from crawler.cli.spiders import ANY_SITE, load_spiders
from crawler.cli.store import opened
from crawler.cli.tables import print_table
from crawler.clock import Clock
from crawler.config import Config
from crawler.discovery.base import ArticleSpider
from crawler.errors import StoreError
from crawler.health import NOT_CRAWLED, Health, Known, judge
from crawler.storage.database import reading


def list_outlets(
    config: Config, *, markdown: bool = False, into: Path | None = None, as_json: bool = False
) -> int:
    """Print every outlet: hosts, health, how its articles are found, the pause between requests.

    With *markdown* what their files declare is printed, as the README has it; with *into* it takes the place
    of the table that stands in that document.

    Raises:
        ConfigError: the document has no place for the table.
    """
    if into is not None:
        put_into(into, markdown_table())
        return 0
    if markdown:
        for line in markdown_table():
            say(line)
        return 0
    records = outlet_records(config)
    if as_json:
        for record in records:
            print_json(record)
        return 0
    print_table(
        ["outlet", "hosts", "health", "found by", "pause"],
        [
            [
                record["outlet"],
                ", ".join(record["hosts"]) or "any (--url)",
                record["health"],
                record["found_by"],
                f"{record['delay_s']:g} s",
            ]
            for record in records
        ],
    )
    for record in records:
        if record["cause"]:
            say(f"{record['outlet']}: {record['health']}: {record['cause']}")
    return 0


def outlet_records(config: Config) -> list[dict[str, Any]]:
    """Return what there is to know of every outlet, as JSON values.

    Raises:
        ConfigError: the configuration names an outlet that there is not.
    """
    spiders = load_spiders()
    check_configured(config, spiders)
    known = _healths(config, spiders)
    return [_record_of(config, spider, known.get(name)) for name, spider in spiders.items()]


def _healths(config: Config, spiders: Mapping[str, type[ArticleSpider]]) -> dict[str, Health]:
    """Return how outlets are; where no store can be read, only what somebody decided is known."""
    now = Clock.starting_at(config.now).now()
    declared = {name: declared_of(config, spider) for name, spider in spiders.items() if name != ANY_SITE}
    try:
        with opened(config) as engine, reading(engine) as connection:
            known = Known.of_all(connection)
    except StoreError:
        found = {name: judge(name, one, Known(), now) for name, one in declared.items()}
        return {name: health for name, health in found.items() if health.word in NOT_CRAWLED}
    return {name: judge(name, one, known.get(name, Known()), now) for name, one in declared.items()}


def _record_of(config: Config, spider: type[ArticleSpider], health: Health | None) -> dict[str, Any]:
    own = config.outlets.get(spider.name)
    settings = spider.custom_settings or {}
    declared = declared_of(config, spider)
    return {
        "outlet": spider.name,
        "hosts": list(getattr(spider, "allowed_domains", None) or ()),
        "crawled": declared.crawled,
        "enabled": declared.enabled,
        "quarantine": quarantine_record(declared.quarantine),
        **health_record(health),
        "rendered": is_rendered(spider),
        "found_by": found_by(spider),
        "discovery": [rung.name for rung in spider.discovery],
        "delay_s": max(
            config.delay_s, settings.get("DOWNLOAD_DELAY", 0.0), (own.delay_s if own else None) or 0.0
        ),
    }
