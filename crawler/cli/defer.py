"""`pantau replay --write --defer`: a re-extraction as parts that the service and its workers do."""

from typing import TYPE_CHECKING

from crawler.cli.output import complain, print_json, say
from crawler.cli.spiders import ANY_SITE, load_spiders
from crawler.cli.store import check_outlet, opened, outlets_in
from crawler.cli.window import read_bounds
from crawler.clock import Clock
from crawler.errors import ConfigError
from crawler.storage.leases import holder_of
from crawler.storage.parts import plan_parts
from crawler.storage.plans import SCHEDULER

if TYPE_CHECKING:
    from crawler.cli.replay import Wanted
    from crawler.config import Config


def defer_replay(config: "Config", wanted: "Wanted", *, as_json: bool = False) -> int:
    """Plan the re-extraction and say of how many parts it is; 1 where an outlet is left out.

    Raises:
        ConfigError: it would store nothing, a day cannot be read, or the outlet was never crawled.
        StoreError: the store cannot be used.
    """
    if not wanted.write or wanted.diff:
        raise ConfigError("--defer stores what changes and shows nothing; give --write, and no --diff")
    since, until = read_bounds(wanted.since, wanted.until)
    with opened(config) as engine:
        if wanted.outlet is not None:
            check_outlet(engine, wanted.outlet)
        outlets = [wanted.outlet] if wanted.outlet is not None else outlets_in(engine)
        spiders = load_spiders().keys() - {ANY_SITE}
        chosen = [outlet for outlet in outlets if outlet in spiders]
        for outlet in sorted({*outlets} - spiders):
            complain(
                f"{outlet} has no file of its own; `pantau replay --write --outlet {outlet}` does it here"
            )
        now = Clock.starting_at(config.now).now()
        parts = plan_parts(engine, chosen, since=since, until=until, everything=wanted.everything, now=now)
        led = holder_of(engine, SCHEDULER) is not None
    if as_json:
        print_json({"outlets": len(chosen), "parts": parts, "led": led})
    else:
        begins = "the service begins it" if led else "no service runs; it begins when `pantau schedule` does"
        say(f"{parts} parts of {len(chosen)} outlets are planned: {begins}; see `pantau worker --list`")
    return int(len(chosen) < len(outlets))
