"""What is declared of outlets, by their files and by the operator, as the commands need it."""

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from crawler.config import Config, nearest
from crawler.dates import WIB
from crawler.errors import ConfigError
from crawler.health import Declared, Health
from crawler.items import Quarantine
from crawler.scheduler.cadence import Cadence
from crawler.scheduler.child import child_environ

if TYPE_CHECKING:
    from crawler.discovery.base import ArticleSpider  # the service never loads it


def check_configured(config: Config, spiders: "Mapping[str, type[ArticleSpider]]") -> None:
    """Refuse a configuration that names outlets that there are not.

    Raises:
        ConfigError: it does; the message names the nearest.
    """
    for name in config.outlets:
        if name not in spiders:
            raise ConfigError(f"unknown outlet {name!r} in the configuration{nearest(name, spiders)}")


def declared_of(config: Config, spider: "type[ArticleSpider]") -> Declared:
    """Return what is declared of one outlet."""
    return _declared(config, spider.name, spider.quarantine)


def declared_outlets(config: Config) -> dict[str, Declared]:
    """Return what is declared of every outlet that has a site of its own.

    Raises:
        ConfigError: the configuration names an outlet that there is not.
    """
    from crawler.cli.spiders import ANY_SITE, load_spiders  # noqa: PLC0415 - the service never loads it

    spiders = load_spiders()
    check_configured(config, spiders)
    return {name: declared_of(config, spider) for name, spider in spiders.items() if name != ANY_SITE}


def declared_in(config: Config, records: Iterable[Mapping[str, Any]]) -> dict[str, Declared]:
    """Return the same from what `pantau outlets --json` printed."""
    return {
        record["outlet"]: _declared(config, record["outlet"], _quarantine_in(record["quarantine"]))
        for record in records
        if record["hosts"]
    }


def outlets_from_afar(config: Config) -> list[Mapping[str, Any]]:
    """Return what `pantau outlets --json` prints, asked of another process.

    What runs for months keeps no code that reads pages, and none of what that code takes.

    Raises:
        ConfigError: the configuration names an outlet that there is not.
    """
    command = [sys.executable, "-P", "-m", "crawler.cli.main", "outlets", "--json"]
    environment = child_environ(config)
    asked = subprocess.run(  # noqa: S603 - our own interpreter, no shell
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if asked.returncode:
        said = asked.stderr.strip().splitlines() or ["`pantau outlets` failed; run it"]
        raise ConfigError(said[-1].removeprefix("pantau: "))
    return [json.loads(line) for line in asked.stdout.splitlines()]


def is_crawled(config: Config, spider: "type[ArticleSpider]") -> bool:
    """Tell whether a crawl of all outlets includes this one: switched on, and not in quarantine."""
    return declared_of(config, spider).crawled


def longest_pause(config: Config, outlet: str) -> timedelta:
    """Return how long all may go well and an outlet not be looked at.

    That is the longest time between two due times, but a day at least: of several crawls a day, not each one
    asks what has news less often.
    """
    longest = timedelta(seconds=Cadence.of(outlet, config.outlets.get(outlet)).longest_s)
    return max(longest, timedelta(days=1))


def health_record(health: Health | None) -> dict[str, Any]:
    """Return how an outlet is as JSON values; all are None where nothing can be said."""
    since = health.since if health else None
    return {
        "health": health.word.value if health else None,
        "kind": health.kind if health else None,
        "cause": health.cause if health else None,
        "health_since": since.astimezone(WIB).isoformat(timespec="seconds") if since else None,
    }


def quarantine_record(quarantine: Quarantine | None) -> dict[str, str] | None:
    """Return a quarantine as JSON values."""
    return {"on": quarantine.on.isoformat(), "reason": quarantine.reason} if quarantine else None


def _quarantine_in(record: Mapping[str, str] | None) -> Quarantine | None:
    return Quarantine(on=date.fromisoformat(record["on"]), reason=record["reason"]) if record else None


def _declared(config: Config, outlet: str, quarantine: Quarantine | None) -> Declared:
    own = config.outlets.get(outlet)
    enabled = own is None or own.enabled
    longest = longest_pause(config, outlet) if enabled and quarantine is None else None
    return Declared(quarantine=quarantine, enabled=enabled, longest=longest)
