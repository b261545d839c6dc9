"""What the commands share that look at a site before there is an outlet for it."""

import argparse

from crawler import agent
from crawler.authoring.command import AuthorCommand, complain
from crawler.authoring.findings import Look
from crawler.authoring.probing import ProbeSpider


class LookingCommand(AuthorCommand):
    """A command that may look at a site, under the name that its outlet's spider will have."""

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the name to ask by."""
        super().add_options(parser)
        parser.add_argument(
            "--browser-shaped", action="store_true", help="for an outlet that bars bare clients"
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Keep each robots.txt at hand, and ask under the name that was chosen."""
        super().process_options(args, opts)
        if self.settings is not None:
            self.settings.set("ROBOTS_CACHE", "crawler.authoring.asking.RobotsSeen", priority="cmdline")
            if opts.browser_shaped:
                name = agent.browser_shaped(self.settings["CONFIG"].contact)
                self.settings.set("USER_AGENT", name, priority="cmdline")

    def look(self, url: str) -> Look | None:
        """Return what a site offers; None, and a line that says why, where that cannot be told."""
        spider = self.errand(ProbeSpider, url=url)
        if spider is None or spider.look is None:
            complain(f"{url} cannot be looked at: {spider.failed if spider else 'the crawl did not begin'}")
            return None
        return spider.look
