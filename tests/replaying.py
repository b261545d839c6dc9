"""What a crawl left behind, and replays of it: by the rules as they are, or by one that was changed."""

import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from crawler.storage.articles import Stored, iterate, revisions_of
from crawler.storage.database import connect, reading, transact
from tests.crawling import run

if TYPE_CHECKING:
    from subprocess import CompletedProcess

# A rule that touches one article alone: it takes that one's last paragraph.
CHANGED = """
import attrs
from spiders.kontan import KontanPage, KontanSpider


class ChangedPage(KontanPage):
    def read(self):
        draft = super().read()
        touched = {path!r} in self.url
        return attrs.evolve(draft, blocks=draft.blocks[:-1]) if touched else draft


class ChangedSpider(KontanSpider):
    page_class = ChangedPage
"""


@attrs.frozen
class Crawled:
    """What a crawl left, and an environment for commands on it; nothing serves the world any more."""

    data: Path
    environ: dict[str, str]

    @property
    def url(self) -> str:
        return self.environ.get("PANTAU_DATABASE", f"sqlite:///{self.data}/pantau.db")

    def copy(self, folder: Path) -> "Crawled":
        shutil.copytree(self.data, folder / "data")
        return Crawled(folder / "data", self.environ | {"PANTAU_DATA_DIR": str(folder / "data")})

    def articles(self) -> list[Stored]:
        engine = connect(self.url, create=False)
        try:
            return list(iterate(engine))
        finally:
            engine.dispose()

    def history(self, article_id: int) -> list[Stored]:
        engine = connect(self.url, create=False)
        try:
            return revisions_of(engine, article_id)
        finally:
            engine.dispose()

    def rows(self, query: Any) -> Sequence[Any]:
        engine = connect(self.url, create=False)
        try:
            with reading(engine) as connection:
                return connection.execute(query).all()
        finally:
            engine.dispose()

    def change(self, statement: Any) -> None:
        engine = connect(self.url, create=False)
        transact(engine, lambda connection: connection.execute(statement))
        engine.dispose()


def pantau(crawled: Crawled, *words: str, **environ: str) -> "CompletedProcess[str]":
    return run([sys.executable, "-m", "crawler.cli.main", *words], crawled.environ | environ)


Told = tuple[int, list[dict[str, Any]], dict[str, Any]]


def replayed(crawled: Crawled, *words: str, **environ: str) -> Told:
    """Replay by the command for people; return its status, the findings and the sum of the one outlet."""
    done = pantau(crawled, "replay", "--json", *words, **environ)
    assert not done.stderr, done.stderr
    *findings, total = [json.loads(line) for line in done.stdout.splitlines()]
    assert total["kind"] == "sum"
    return done.returncode, findings, total


def changed_rule(folder: Path, article: Stored) -> list[str]:
    """Return the options that make Scrapy read Kontan by a rule that touches *article* alone."""
    package = folder / "changed"
    package.mkdir(parents=True, exist_ok=True)
    (package / "__init__.py").touch()
    path = article.article.url.partition("://")[2].partition("?")[0]
    (package / "kontan.py").write_text(CHANGED.format(path=path), encoding="utf-8")
    return ["-s", "SPIDER_MODULES=changed"]


def by_changed_rule(crawled: Crawled, folder: Path, article: Stored, *words: str) -> Told:
    """As `replayed`, by the changed rule."""
    options = changed_rule(folder, article)
    command = [sys.executable, "-m", "scrapy", "replay", "kontan", *options, *words]
    done = run(command, crawled.environ | {"PYTHONPATH": str(folder)})
    *findings, total = [json.loads(line) for line in done.stdout.splitlines()]
    return done.returncode, findings, total
