"""`pantau export`: the stored articles as JSON Lines, CSV or page texts, and what they cover."""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import attrs
from sqlalchemy import Engine

from crawler.cli.articles import stored_record
from crawler.cli.coverage import Tally, statement, survey
from crawler.cli.csvcells import csv_lines
from crawler.cli.output import complain, json_line
from crawler.cli.spiders import ANY_SITE, load_spiders
from crawler.cli.store import check_outlet, opened, outlets_in
from crawler.cli.window import read_bounds
from crawler.cli.writing import COVERAGE, check_free, new_file, new_folder
from crawler.clock import Clock
from crawler.config import Config
from crawler.errors import ConfigError
from crawler.storage.articles import Stored, iterate
from crawler.storage.frontier import address_key

MOST_SAID = 5  # of what is missing; the statement has all


@attrs.frozen(kw_only=True)
class Order:
    """What is to be exported, as the options say it; `everything` contradicts the other choices."""

    form: str
    outlet: str | None = None
    since: str | None = None
    until: str | None = None
    everything: bool = False
    output: Path | None = None
    force: bool = False
    raw: bool = False


def export_articles(config: Config, order: Order) -> int:
    """Write the current revision of each article asked for, in the order they were stored.

    Raises:
        ConfigError: the options contradict each other, or something is in the place of the output.
        StoreError: the store cannot be read.
    """
    _check(order)
    since, until = read_bounds(order.since, order.until)
    with opened(config) as engine:
        if order.outlet is not None:
            check_outlet(engine, order.outlet)
        tally = Tally()
        stored = tally.watch(iterate(engine, outlet=order.outlet, since=since, until=until))

        def covered() -> dict[str, Any]:
            outlets = [order.outlet] if order.outlet else _all_outlets(engine)
            surveyed = survey(engine, outlets, since, until)
            now = Clock.starting_at(config.now).now()
            return statement(surveyed, tally, since=since, until=until, now=now)

        if order.output is None:
            for line in _lines(stored, order):
                sys.stdout.write(line)
            said = covered()
        elif order.form == "txt":
            with new_folder(order.output) as folder:
                for one in stored:
                    (folder / page_text_name(one)).write_text(page_text_of(one), encoding="utf-8", newline="")
                said = covered()
                (folder / COVERAGE).write_text(_json(said), encoding="utf-8")
        else:
            with new_file(order.output) as file, new_file(_statement_place(order.output)) as beside:
                for line in _lines(stored, order):
                    file.write(line)
                said = covered()
                beside.write(_json(said))
    _tell(said, order.output)
    return 0


def page_text_name(stored: Stored) -> str:
    """Return a file name that nothing in the article can shape: its number and a hash of its address."""
    return f"{stored.id:06d}_{address_key(stored.article.canonical_url)[:16]}.txt"


def page_text_of(stored: Stored) -> str:
    """Return the page text; of an article that came without a page, headline and paragraphs in its form."""
    article = stored.article
    return article.page_text or "\n\n".join((article.headline, *article.body)) + "\n"


def _check(order: Order) -> None:
    if order.everything and (order.outlet or order.since or order.until):
        raise ConfigError("--all contradicts --outlet, --since and --until; leave one out")
    if order.raw and order.form != "csv":
        raise ConfigError("--raw goes with --format csv; the other formats change nothing")
    if order.output is not None:
        folder = order.form == "txt"
        check_free(order.output, folder=folder, force=order.force)
        if not folder:
            check_free(_statement_place(order.output), folder=False, force=order.force)
    elif order.form == "txt":
        raise ConfigError("--format txt writes a folder of files; name it with --output FOLDER")


def _lines(stored: Iterable[Stored], order: Order) -> Iterator[str]:
    records = map(stored_record, stored)
    if order.form == "csv":
        return csv_lines(records, raw=order.raw)
    return (json_line(record) + "\n" for record in records)


def _all_outlets(engine: Engine) -> list[str]:
    """Return every outlet that there is or was: one that was never crawled is missing from the export too."""
    return sorted({*outlets_in(engine), *(name for name in load_spiders() if name != ANY_SITE)})


def _statement_place(output: Path) -> Path:
    return output.with_name(f"{output.name}.{COVERAGE}")


def _json(said: dict[str, Any]) -> str:
    return json.dumps(said, ensure_ascii=False, indent=1) + "\n"


def _tell(said: dict[str, Any], output: Path | None) -> None:
    """Print what was written and what it lacks; on standard error, as the export may be the output."""
    outlets = sum(1 for one in said["outlets"] if one["articles"])
    place = f" in {output}" if output else ""
    complain(f"{said['articles']} articles of {outlets} outlets{place}")
    for lack in said["missing"][:MOST_SAID]:
        complain(f"missing: {lack}")
    if len(said["missing"]) > MOST_SAID:
        complain(f"missing: and {len(said['missing']) - MOST_SAID} more things, see the coverage statement")
