"""`scrapy record`: a page of an outlet becomes a fixture, with a golden that a person has yet to read."""

import argparse
import re
from pathlib import Path

from crawler.authoring import recording
from crawler.authoring.addressed import address_of
from crawler.authoring.command import DONE, NOT_DONE, AuthorCommand, complain, tell
from crawler.authoring.places import ARTICLE, UNRECORDED, Places, places_of, write_new
from crawler.authoring.trimming import TooLargeError
from crawler.config import nearest
from crawler.discovery.base import ArticleSpider
from crawler.errors import ConfigError
from crawler.pages.parse import decode
from crawler.text.relevance import load_topics

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_REFUSED_ENDING = "-refused"
_LEAST, _MOST = 2, 3
_MAX_BYTES = 32 * 1024 * 1024


class Command(AuthorCommand):
    """Record a page; exit with 0 when it is, 1 where it is not what was asked for, 2 for wrong use."""

    def syntax(self) -> str:
        """Return the form of the command."""
        return "[options] <outlet> <URL> [slug]"

    def short_desc(self) -> str:
        """Return what it does in a line."""
        return "Keep a page of an outlet as a fixture, with a golden to be reviewed"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add where the page comes from and what it is."""
        super().add_options(parser)
        parser.add_argument(
            "--file", type=Path, metavar="PAGE.html", help="the page, saved; nothing is fetched"
        )
        parser.add_argument("--refused", action="store_true", help="a page that must be turned away")
        parser.add_argument(
            "--anonymise", action="store_true", help="put invented words in place of the publisher's"
        )

    def work(self, args: list[str], opts: argparse.Namespace) -> int:
        """Fetch or open the page, and write it with its golden."""
        if not _LEAST <= len(args) <= _MOST:
            raise ConfigError("give an outlet and an address, as in `scrapy record kontan https://…`")
        spider, url = self._spider(args[0]), address_of(args[1])
        slug = self._slug(args[2] if len(args) == _MOST else "", refused=opts.refused)
        if not opts.refused and spider().article_url(url) is None:
            raise ConfigError(
                f"{url} is no address of an article by the outlet's article_pattern; mend that first"
            )
        places = places_of(args[0], self.settings["NEWSPIDER_MODULE"] if self.settings else "spiders")
        page, golden = places.fixtures / f"{slug}.html", places.fixtures / f"{slug}.json"
        unrecorded = places.fixtures / f"{ARTICLE}.json"
        begun = recording.is_placeholder(unrecorded, UNRECORDED)
        for path in (page, golden):
            if path.exists() and not (begun and path == unrecorded):
                raise ConfigError(
                    f"{places.shown(path)} is there already, and nothing is overwritten; give another slug"
                )
        html = self._opened(opts.file) if opts.file else ""
        if not opts.file:
            fetched = self.errand(recording.recorder_of(spider), url=url, refused=opts.refused)
            if fetched is None or not fetched.html:
                complain(
                    f"{url} cannot be fetched: {fetched.failed if fetched else 'the crawl did not begin'}"
                )
                return NOT_DONE
            html, url = fetched.html, fetched.url
        try:
            fixture = self._fixture(spider, html, url, opts)
        except (recording.NotRecordedError, TooLargeError) as error:
            complain(error)
            return NOT_DONE
        if begun and not opts.refused:
            unrecorded.unlink()
        write_new({page: fixture.html, golden: recording.as_json(fixture.golden)})
        self._report(places, (page, golden), fixture)
        return DONE

    def _fixture(
        self, spider: type[ArticleSpider], html: str, url: str, opts: argparse.Namespace
    ) -> recording.Fixture:
        if opts.refused:
            return recording.refused_fixture(spider, html, url)
        topic = load_topics(self.settings["CONFIG"].topics if self.settings else ())[0]
        return recording.article_fixture(spider, html, url, topic, anonymise=opts.anonymise)

    def _spider(self, name: str) -> type[ArticleSpider]:
        loader = self.crawler_process.spider_loader if self.crawler_process else None
        names = loader.list() if loader else []
        if loader is None or name not in names:
            raise ConfigError(
                f"unknown outlet {name!r}{nearest(name, names) or '; `scrapy list` names them'}"
            )
        spider = loader.load(name)
        if not issubclass(spider, ArticleSpider) or not getattr(spider, "allowed_domains", None):
            raise ConfigError(f"{name} has no site of its own")
        return spider

    @staticmethod
    def _slug(given: str, *, refused: bool) -> str:
        slug = given or (ARTICLE if not refused else "page")
        if not _SLUG.fullmatch(slug):
            raise ConfigError(
                f"{slug!r} is no slug: small letters, numbers and hyphens, as in article-layout-2026"
            )
        return f"{slug}{_REFUSED_ENDING}" if refused and not slug.endswith(_REFUSED_ENDING) else slug

    @staticmethod
    def _opened(path: Path) -> str:
        try:
            with path.open("rb") as file:
                data = file.read(_MAX_BYTES)
        except OSError as error:
            raise ConfigError(f"{path}: {error.strerror}") from error
        if not data.strip():
            raise ConfigError(f"{path}: the file is empty; save the page again")
        return decode(data).text

    @staticmethod
    def _report(places: Places, written: tuple[Path, Path], fixture: recording.Fixture) -> None:
        page, golden = written
        size = len(fixture.html.encode())
        tell([f"wrote {places.shown(page)} ({size:,} bytes)", f"wrote {places.shown(golden)}"])
        tell(f"note: {remark}" for remark in fixture.remarks)
        tell([f'next: read the page, correct {places.shown(golden)}, take its line "unreviewed" away'])
