"""`scrapy crawl`, which here also tells by its exit status whether the run was healthy."""

import argparse

from scrapy import Spider
from scrapy.commands import crawl
from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError

from crawler import logs
from crawler.clock import Clock
from crawler.dates import WIB
from crawler.discovery.arguments import read_limit, read_window
from crawler.errors import CrawlerError
from crawler.session import VERDICT_STAT

HEALTHY, UNHEALTHY, NOT_BEGUN = 0, 1, 2


class Command(crawl.Command):
    """Run a spider; exit with 0 for a healthy run, 1 for any other, 2 for one that could not begin."""

    _made: Crawler | None = None

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Log in the form that the operator chose, from the first line on."""
        super().process_options(args, opts)
        if self.settings is not None:
            logs.about.update(outlet=args[0] if args else None)
            logs.instead_of_scrapys(self.settings)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        try:
            now = Clock.starting_at(self.settings["CONFIG"].now).now() if self.settings else Clock().now()
            read_window(opts.spargs.get("since"), opts.spargs.get("until"), now, 1, WIB)
            read_limit(opts.spargs.get("limit"))
        except CrawlerError as error:
            raise UsageError(str(error), print_help=False) from error
        super().run(args, opts)
        verdict = self._made.stats.get_value(VERDICT_STAT) if self._made else None
        if verdict is None:
            self.exitcode = NOT_BEGUN
        else:
            self.exitcode = HEALTHY if verdict == "healthy" else UNHEALTHY

    def _create_crawler(self, spidercls: type[Spider] | str) -> Crawler:
        self._made = super()._create_crawler(spidercls)
        return self._made
