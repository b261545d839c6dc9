"""`scrapy replay`: an outlet's archived pages, read again by its spider as it is now; no socket is opened."""

import argparse
import contextlib
import sys
from datetime import datetime
from pathlib import Path

from scrapy.commands import BaseRunSpiderCommand
from scrapy.exceptions import UsageError

from crawler import logs
from crawler.replay.run import STATUS_STAT, Replay, ReplayOrder, forbid_network, json_lines

NOT_BEGUN = 2


class Command(BaseRunSpiderCommand):
    """Replay one outlet; exit with 0 where nothing changed, 1 where something did, 2 where it did not begin.

    Findings are JSON lines; `pantau replay` is the command for people.
    """

    requires_project = True

    def syntax(self) -> str:
        """Return the form of the command."""
        return "[options] <spider>"

    def short_desc(self) -> str:
        """Return what it does in a line."""
        return "Read an outlet's archived pages again, without a network"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add what `pantau replay` passes on."""
        super().add_options(parser)
        parser.add_argument("--since", type=datetime.fromisoformat, metavar="TIME", help="published from")
        parser.add_argument("--until", type=datetime.fromisoformat, metavar="TIME", help="published up to")
        parser.add_argument("--all", action="store_true", help="also addresses without an article")
        parser.add_argument("--dated", action="store_true", help="leave out what has no known date")
        parser.add_argument("--plan", type=int, metavar="N", help="do it for this plan of the schedule")
        parser.add_argument("--write", action="store_true", help="store what changed")
        parser.add_argument("--report", type=Path, metavar="FILE", help="write findings there")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Leave nothing that could reach a network."""
        super().process_options(args, opts)
        if self.settings is not None:
            logs.instead_of_scrapys(self.settings)
            for name in ("DOWNLOADER_MIDDLEWARES", "DOWNLOADER_MIDDLEWARES_BASE"):
                self.settings.set(name, {}, priority="cmdline")
            closed = dict.fromkeys(("http", "https", "data", "file", "ftp", "s3"))
            self.settings.set("DOWNLOAD_HANDLERS", closed, priority="cmdline")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Replay the outlet."""
        if len(args) != 1 or self.crawler_process is None or self.settings is None:
            raise UsageError
        try:
            order = ReplayOrder(
                since=opts.since,
                until=opts.until,
                write=opts.write,
                everything=opts.all,
                undated=not opts.dated,
                plan=opts.plan,
            )
        except ValueError as error:
            raise UsageError(str(error), print_help=False) from error
        forbid_network(but_archive=self.settings["CONFIG"].archive_url is not None)
        report = (
            opts.report.open("w", encoding="utf-8") if opts.report else contextlib.nullcontext(sys.stdout)
        )
        with report as output:
            replay = Replay(order, json_lines(output.write))
            crawler = self._create_crawler(args[0])
            self.crawler_process.crawl(crawler, replay=replay, **opts.spargs)
            self.crawler_process.start()
        self.exitcode = crawler.stats.get_value(STATUS_STAT, NOT_BEGUN) if crawler.stats else NOT_BEGUN
