"""`scrapy genspider`: a new outlet's file, and a test that fails until a page of it is recorded."""

import argparse
import json
import sys
from pathlib import Path

from crawler.authoring import declaring
from crawler.authoring.addressed import address_of
from crawler.authoring.command import DONE, NOT_DONE, tell
from crawler.authoring.looking import LookingCommand
from crawler.authoring.places import ARTICLE, UNRECORDED, places_of, write_new
from crawler.errors import ConfigError

_MAX_ARGUMENTS = 2


class Command(LookingCommand):
    """Declare a new outlet; exit with 0 when it is, 1 where its site told nothing, 2 for wrong use.

    Nothing that exists is edited or overwritten.
    """

    def syntax(self) -> str:
        """Return the form of the command."""
        return "[options] <name> <domain or URL>"

    def short_desc(self) -> str:
        """Return what it does in a line."""
        return "Declare a new outlet: its file, and a test that fails until an article is recorded"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add what the file is made of."""
        super().add_options(parser)
        parser.add_argument("-l", "--list", action="store_true", help="list the templates")
        parser.add_argument("-d", "--dump", metavar="TEMPLATE", help="print a template")
        parser.add_argument("-t", "--template", help="write this template")
        parser.add_argument(
            "--probe", metavar="URL", help="look at this site or article, write what that proposes"
        )

    def work(self, args: list[str], opts: argparse.Namespace) -> int:
        """Write the outlet's file and its unfinished test."""
        if opts.list:
            tell(declaring.templates())
            return DONE
        if opts.dump:
            sys.stdout.write(declaring.template_text(opts.dump))
            return DONE
        outlet = self._outlet(args, opts)
        places = places_of(outlet.name, self.settings["NEWSPIDER_MODULE"] if self.settings else "spiders")
        golden = places.fixtures / f"{ARTICLE}.json"
        files: dict[Path, str] = dict.fromkeys((places.spider, golden), "")
        self._refuse_known(outlet, files)
        sample = f"{outlet.site}/"
        if opts.probe:
            look = self.look(address_of(opts.probe))
            if look is None:
                return NOT_DONE
            files[places.spider] = declaring.proposed_declaration(
                outlet, look, browser_shaped=opts.browser_shaped
            )
            sample = look.sample or sample
        else:
            files[places.spider] = declaring.declaration(outlet, opts.template)
        what = f".venv/bin/scrapy record {outlet.name} {sample}"
        files[golden] = (
            json.dumps(
                {"url": sample, UNRECORDED: f"no page is recorded yet; do it by: {what}"},
                indent=1,
                ensure_ascii=False,
            )
            + "\n"
        )
        write_new(files)
        tell(f"wrote {places.shown(path)}" for path in files)
        tell([f"next: fill in {places.shown(places.spider)}, then record a page", f"      {what}"])
        return DONE

    @staticmethod
    def _outlet(args: list[str], opts: argparse.Namespace) -> declaring.NewOutlet:
        if not args or len(args) > _MAX_ARGUMENTS or (len(args) == 1 and not opts.probe):
            raise ConfigError(
                "give a name and a domain or address, as in `scrapy genspider -t feed kontan kontan.co.id`"
            )
        if bool(opts.probe) == bool(opts.template):
            known = ", ".join(declaring.templates())
            raise ConfigError(f"give either --probe URL or -t with one of {known}")
        if opts.template:
            declaring.template_text(opts.template)
        return declaring.new_outlet(args[0], args[1] if len(args) > 1 else opts.probe)

    def _refuse_known(self, outlet: declaring.NewOutlet, files: dict[Path, str]) -> None:
        """Refuse a name or a site that the project has.

        Raises:
            ConfigError: it has.
        """
        there = next((path for path in files if path.exists()), None)
        if there is not None:
            raise ConfigError(f"{there} is there already, and nothing is overwritten")
        loader = self.crawler_process.spider_loader if self.crawler_process else None
        for name in loader.list() if loader else ():
            spider = loader.load(name) if loader else None
            if name == outlet.name or outlet.domain in (getattr(spider, "allowed_domains", None) or ()):
                raise ConfigError(f"{outlet.domain} is the outlet {name} already; repair or extend its file")
