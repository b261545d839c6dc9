"""`pantau gaps`: the days that nobody looked at, with cause and the command that fills them."""

from collections.abc import Container, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Engine

from crawler.cli.declared import check_configured, is_crawled, longest_pause
from crawler.cli.output import print_json, say
from crawler.cli.spiders import ANY_SITE, load_spiders
from crawler.cli.store import opened, outlets_in
from crawler.cli.tables import print_table
from crawler.cli.window import read_bounds
from crawler.clock import Clock
from crawler.config import Config, nearest
from crawler.dates import WIB
from crawler.discovery.base import ArticleSpider
from crawler.errors import ConfigError
from crawler.health import owed_until
from crawler.storage.coverage import Cause, Gap, Past, gaps_of, past_runs, watched_since
from crawler.storage.database import reading


def show_gaps(
    config: Config,
    *,
    outlet: str | None = None,
    since: str | None = None,
    until: str | None = None,
    as_json: bool = False,
) -> int:
    """Print the gaps of one outlet, or of all that are crawled; return 1 where there are any, else 0.

    Raises:
        ConfigError: the outlet or a day is none.
    """
    first, last = read_bounds(since, until)
    now = Clock.starting_at(config.now).now()
    end = min(now, last + timedelta(microseconds=1)) if last else now
    spiders = load_spiders()
    with opened(config) as engine:
        names = outlets_asked_for(config, spiders, engine, [outlet] if outlet else [])
        histories = histories_of(engine)
    found = [gap for name in names for gap in _gaps(config, name, histories.get(name, []), first, end, now)]
    missing = [gap for gap in found if gap.cause is not Cause.NOT_DUE]
    if as_json:
        for gap in found:
            print_json(_record(gap, spiders))
        return int(bool(missing))
    if found:
        _print([_record(gap, spiders) for gap in found])
    if not missing:
        say(f"nothing is missing of {', '.join(names)}")
    return int(bool(missing))


def outlets_asked_for(
    config: Config, spiders: Mapping[str, type[ArticleSpider]], engine: Engine, names: Sequence[str]
) -> list[str]:
    """Return the outlets of these names, also sites crawled before; without names all that are crawled.

    Raises:
        ConfigError: there is none of that name; the message names the nearest.
    """
    check_configured(config, spiders)
    if not names:
        return [name for name, spider in spiders.items() if name != ANY_SITE and is_crawled(config, spider)]
    known = {*spiders, *outlets_in(engine)} - {ANY_SITE}
    for name in names:
        if name not in known:
            raise ConfigError(f"unknown outlet {name!r}{nearest(name, known) or '; see `pantau outlets`'}")
    return list(dict.fromkeys(names))


def histories_of(engine: Engine) -> Mapping[str, list[Past]]:
    """Return the runs of every outlet, oldest first."""
    found: dict[str, list[Past]] = {}
    with reading(engine) as connection:
        for run in past_runs(connection):
            found.setdefault(run.outlet, []).append(run)
    return found


def filling(gap: Gap, *, by_hand: bool) -> str | None:
    """Return the command that fills a gap; None where nothing is to be done yet."""
    if gap.cause is Cause.NOT_DUE:
        return None
    which = f"{ANY_SITE} --url https://{gap.outlet}" if by_hand else gap.outlet
    return f"pantau crawl {which} --since {gap.since} --until {gap.until}"


def _gaps(  # noqa: PLR0913, PLR0917 - what the days are judged by
    config: Config, outlet: str, runs: Sequence[Past], first: datetime | None, end: datetime, now: datetime
) -> list[Gap]:
    start = first or watched_since(runs) or _usual_start(config, now)
    return gaps_of(outlet, runs, start, end, owed_until(longest_pause(config, outlet), now))


def _usual_start(config: Config, now: datetime) -> datetime:
    """Return where the window of an outlet begins that was never watched."""
    today = datetime.combine(now.astimezone(WIB).date(), time.min, WIB)
    return today - timedelta(days=config.window_days)


def _record(gap: Gap, spiders: Container[str]) -> dict[str, Any]:
    return {
        "outlet": gap.outlet,
        "since": gap.since.isoformat(),
        "until": gap.until.isoformat(),
        "cause": gap.cause.value,
        "detail": gap.detail,
        "partly": gap.partly,
        "command": filling(gap, by_hand=gap.outlet not in spiders),
    }


def _print(records: Sequence[Mapping[str, Any]]) -> None:
    print_table(
        ["outlet", "days", "cause", "fills it"],
        [
            [
                record["outlet"],
                " to ".join(dict.fromkeys((record["since"], record["until"]))),
                ": ".join(filter(None, (record["cause"], record["detail"]))),
                record["command"],
            ]
            for record in records
        ],
    )
