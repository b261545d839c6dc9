"""What the author's commands share: one clear line for wrong use, and errands that fetch as a crawl does."""

import argparse
import logging
import sys
from abc import abstractmethod
from collections.abc import Iterable
from typing import TypeVar

from scrapy import Spider
from scrapy.commands import ScrapyCommand

from crawler import logs
from crawler.errors import ConfigError, CrawlerError

DONE, NOT_DONE, WRONG_USE = 0, 1, 2

Errand = TypeVar("Errand", bound=Spider)


class AuthorCommand(ScrapyCommand):
    """A command that works on an outlet; subclasses write `work`, which returns the exit status."""

    requires_project = True

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Say of the crawl only what went wrong, unless a log level was given."""
        super().process_options(args, opts)
        if self.settings is not None:
            if opts.loglevel is None:
                self.settings.set("LOG_LEVEL", "ERROR", priority="cmdline")
            logs.instead_of_scrapys(self.settings)
            # What could not be had is said once, by the command.
            logging.getLogger("scrapy.downloadermiddlewares.retry").setLevel(logging.CRITICAL)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Do the work; wrong use is one line and its own exit status."""
        try:
            unknown = next((word for word in args if word.startswith("-")), None)
            if unknown is not None:
                raise ConfigError(f"there is no option {unknown}; see --help")
            self.exitcode = self.work(args, opts)
        except CrawlerError as error:
            complain(error)
            self.exitcode = WRONG_USE

    @abstractmethod
    def work(self, args: list[str], opts: argparse.Namespace) -> int:
        """Do the work and return the exit status.

        Raises:
            CrawlerError: it was not begun; the message says what to give instead.
        """

    def errand(self, kind: type[Errand], **arguments: object) -> Errand | None:
        """Run a spider to its end and return it; None where the crawl did not begin."""
        if self.crawler_process is None:
            return None
        crawler = self.crawler_process.create_crawler(kind)
        self.crawler_process.crawl(crawler, **arguments)
        self.crawler_process.start()
        return crawler.spider if isinstance(crawler.spider, kind) else None


def complain(text: object) -> None:
    """Print one line on standard error, under the program's name."""
    sys.stderr.write(f"pantau: {logs.inert(text)}\n")


def tell(lines: Iterable[str]) -> None:
    """Print lines, whatever stands in them, so that a terminal only prints them; indents stay."""
    for line in lines:
        bare = line.lstrip(" ")
        sys.stdout.write(f"{' ' * (len(line) - len(bare))}{logs.inert(bare)}\n")
