"""`pantau crawl`: each outlet in a process of its own, several side by side, and a report at the end."""

import math
import time
from collections.abc import Sequence

import attrs
from sqlalchemy import Engine

from crawler.cli.children import Deadline, Interruption, lifeline, none_left
from crawler.cli.declared import check_configured, is_crawled
from crawler.cli.outlet_table import is_rendered
from crawler.cli.output import complain
from crawler.cli.progress import Progress
from crawler.cli.report import Report, not_started, print_reports, read_report, rehearsal_report
from crawler.cli.spiders import ANY_SITE, find_spider, load_spiders
from crawler.cli.window import read_bounds
from crawler.clock import Clock
from crawler.config import Config
from crawler.dates import WIB
from crawler.discovery.arguments import read_limit, read_window
from crawler.errors import ConfigError, StoreError
from crawler.scheduler.child import Child
from crawler.storage.database import connect, migrate
from crawler.storage.runs import list_runs
from crawler.storage.space import require_space
from crawler.urls import fetch_url

POLL_S = 0.2
_REMEMBERED = 5  # runs of each outlet


@attrs.frozen(kw_only=True)
class Crawl:
    """One crawl to be started: the outlet and its spider's arguments."""

    outlet: str
    arguments: dict[str, str]
    dry_run: bool = False


def plan_crawls(  # noqa: PLR0913 - keyword-only, each is an option
    config: Config,
    names: Sequence[str],
    *,
    since: str | None = None,
    until: str | None = None,
    limit: int | None = None,
    url: str | None = None,
    dry_run: bool = False,
    recheck: bool = False,
) -> list[Crawl]:
    """Return the crawls that were asked for; no names mean every outlet that is enabled and healthy.

    With *recheck* they only look at stored articles again.

    Raises:
        ConfigError: an outlet, a day or the limit cannot be used.
        UrlError: the site's address cannot be used.
    """
    spiders = load_spiders()
    check_configured(config, spiders)
    read_bounds(since, until)
    read_window(since, until, Clock.starting_at(config.now).now(), config.window_days, WIB)
    read_limit(limit)
    for name in names:
        spider = find_spider(name, spiders)
        if name in config.outlets and not config.outlets[name].enabled:
            raise ConfigError(f"outlet {name!r} is switched off in the configuration; set `enabled = true`")
        if spider.quarantine is not None:
            complain(f"{name} is in quarantine {spider.quarantine}; it is crawled since you named it")
    if url is not None and list(names) != [ANY_SITE]:
        raise ConfigError(
            f"--url goes with the outlet {ANY_SITE!r} alone: `pantau crawl {ANY_SITE} --url URL`"
        )
    if url is not None:
        fetch_url(url)
    elif ANY_SITE in names:
        raise ConfigError(f"the outlet {ANY_SITE!r} needs its site: `pantau crawl {ANY_SITE} --url URL`")
    if not names:
        names = [name for name, spider in spiders.items() if name != ANY_SITE and is_crawled(config, spider)]
        if not names:
            raise ConfigError("no outlet is enabled; see `pantau outlets`")
    given = {"since": since, "until": until, "limit": limit, "url": url}
    given |= {"dry_run": 1 if dry_run else None, "recheck": 1 if recheck else None}
    arguments = {key: str(value) for key, value in given.items() if value is not None}
    return [Crawl(outlet=name, arguments=arguments, dry_run=dry_run) for name in dict.fromkeys(names)]


def crawl_outlets(config: Config, crawls: Sequence[Crawl], *, as_json: bool = False) -> int:
    """Run the crawls and print what came of each; return 1 where one was not healthy, else 0.

    Raises:
        StoreError: store or logs cannot be used; then nothing was started.
    """
    rehearsing = any(crawl.dry_run for crawl in crawls)
    if rehearsing:
        config = config.model_copy(update={"log_level": "INFO"})  # a rehearsal's findings are log lines
        reports = _run_all(config, crawls, None, quiet=as_json)
    else:
        require_space(config.data_dir, config.min_free_mb)
        engine = connect(config.database_url)
        try:
            migrate(engine)
            reports = _run_all(config, crawls, engine, quiet=as_json)
        finally:
            engine.dispose()
    print_reports(reports, as_json=as_json)
    if not rehearsing:
        from crawler.cli.stories import group_after  # noqa: PLC0415 - a rehearsal needs none of it

        group_after(config)
    if config.alerts.rules and not rehearsing:
        from crawler.cli.alerts import after_crawl  # noqa: PLC0415 - what sends is slow to load

        after_crawl(config)
    return int(any(not report.healthy for report in reports))


def _run_all(config: Config, crawls: Sequence[Crawl], engine: Engine | None, *, quiet: bool) -> list[Report]:
    waiting = longest_first(engine, crawls)
    running: list[Child] = []
    reports: dict[str, Report] = {}
    interruption, deadline = Interruption(), Deadline(config)
    with (
        Progress(engine, quiet=quiet) as progress,
        lifeline() as line,
        interruption.watching(running),
        none_left(running),
    ):
        while running or (waiting and not interruption.received):
            while waiting and len(running) < config.side_by_side and not interruption.received:
                crawl = waiting.pop(0)
                child = Child.start(config, crawl.outlet, crawl.arguments, lifeline=line)
                running.append(child)
                interruption.pass_on_to(child)
                progress.started(child)
            time.sleep(POLL_S)
            progress.look()
            deadline.look(running)
            for child in [child for child in running if child.process.poll() is not None]:
                running.remove(child)
                report = _report_of(child, engine)
                if (ended := deadline.why(child)) is not None:
                    report = attrs.evolve(report, why=(ended, *report.why))
                reports[child.outlet] = report
                progress.ended(child, report.summary)
    if interruption.received:
        complain("interrupted; what was begun is recorded, the next crawl goes on from there")
    for crawl in waiting:
        reports[crawl.outlet] = not_started(crawl.outlet)
    return [reports[crawl.outlet] for crawl in crawls]


def longest_first(engine: Engine | None, crawls: Sequence[Crawl]) -> list[Crawl]:
    """Return crawls in the order to begin them: one that takes long must not be the last that is waited for.

    By how long each outlet's last crawls took at most. Where that is not known: who needs a browser, then who
    has most lists.
    """
    rungs = {name: (is_rendered(spider), len(spider.discovery)) for name, spider in load_spiders().items()}
    took: dict[str, float] = {}
    for run in [] if engine is None else list_runs(engine, limit=_REMEMBERED * len(crawls)):
        if run.look == "crawl" and run.ended_at is not None:
            seconds = (run.ended_at - run.started_at).total_seconds()
            took[run.outlet] = max(seconds, took.get(run.outlet, 0.0))
    return sorted(
        crawls, key=lambda crawl: (took.get(crawl.outlet, math.inf), rungs[crawl.outlet]), reverse=True
    )


def _report_of(child: Child, engine: Engine | None) -> Report:
    if engine is None:
        return rehearsal_report(child)
    try:
        return read_report(engine, child)
    except StoreError as error:  # the other crawls go on, and what became of this one is not known
        return Report(outlet=child.outlet, verdict="failed", why=(str(error),), log=str(child.log))
