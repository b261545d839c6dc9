"""`scrapy probe`: what a site offers to those who want to learn of its articles, and how its pages read."""

import argparse
import json
import sys

from crawler.authoring import findings, source, telling
from crawler.authoring.addressed import address_of
from crawler.authoring.command import DONE, NOT_DONE, tell
from crawler.authoring.looking import LookingCommand
from crawler.errors import ConfigError


class Command(LookingCommand):
    """Look at a site; exit with 0 where a ladder can be proposed, 1 where none can, 2 for wrong use."""

    def syntax(self) -> str:
        """Return the form of the command."""
        return "[options] <URL of a site or of one of its articles>"

    def short_desc(self) -> str:
        """Return what it does in a line."""
        return "Say what a site offers for discovery, how its articles read, and which ladder to declare"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the form of the answer."""
        super().add_options(parser)
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def work(self, args: list[str], opts: argparse.Namespace) -> int:
        """Look, and print what was found."""
        if len(args) != 1:
            raise ConfigError("give one address: a site's, or that of one of its articles")
        look = self.look(address_of(args[0]))
        if look is None:
            return NOT_DONE
        code = source.ladder_source(look, look.origin)
        shaped = ["browser_shaped = True"] if opts.browser_shaped and code else []
        if opts.json:
            sys.stdout.write(f"{json.dumps(findings.record_of(look, shaped + code))}\n")
        else:
            tell(telling.lines_of(look, shaped + code, source.ladder_imports(look)))
        return DONE if code else NOT_DONE
