"""`pantau export`: the stored articles in one of the formats of `crawler.exports`, and what they cover."""

import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import attrs
from sqlalchemy import Engine

from crawler.cli.output import complain
from crawler.cli.spiders import ANY_SITE, load_spiders
from crawler.cli.store import check_outlet, opened, outlets_in
from crawler.cli.window import read_bounds
from crawler.config import Config
from crawler.errors import ConfigError
from crawler.exports.choosing import on_topics
from crawler.exports.fields import Record
from crawler.exports.formats import About, Form, writer_of
from crawler.exports.jsonlines import json_bytes
from crawler.exports.pagetexts import write_page_texts
from crawler.exports.records import stored_record
from crawler.exports.statement import Tally, as_of, statement, survey
from crawler.exports.writing import COVERAGE, Digested, check_free, new_files, new_folder
from crawler.storage.articles import Stored, iterate
from crawler.storage.database import reading
from crawler.storage.stories import story
from crawler.text.topics import read_topic

Said = dict[str, Any]
EVERY_TOPIC = "all"
MOST_SAID = 5  # of what is missing; the statement has all


@attrs.frozen(kw_only=True)
class Order:
    """What is to be exported, as the options say it; `everything` contradicts the other choices."""

    form: Form
    outlet: str | None = None
    since: str | None = None
    until: str | None = None
    topic: str | None = None
    story: str | None = None
    everything: bool = False
    output: Path | None = None
    force: bool = False
    raw: bool = False
    newest: int | None = None


def export_articles(config: Config, order: Order) -> int:
    """Write the current revision of each article asked for, in the order they were stored.

    Raises:
        ConfigError: the options contradict each other, or something is in the place of the output.
        StoreError: the store cannot be read.
    """
    _check(order)
    since, until = read_bounds(order.since, order.until)
    topics = _topics(config, order)
    about = About(outlet=order.outlet, topics=topics or (), raw=order.raw)
    if order.newest is not None:
        about = attrs.evolve(about, newest=order.newest)
    with opened(config) as engine:
        if order.outlet is not None:
            check_outlet(engine, order.outlet)
        of, tally = as_of(engine), Tally()
        found = _found(engine, order, since, until)
        stored = tally.watch(on_topics(engine, found, topics, tally))

        def covered() -> dict[str, Any]:
            outlets = [order.outlet] if order.outlet else _all_outlets(engine)
            surveyed = survey(engine, outlets, since, until)
            return {
                "format": order.form.value,
                "topics": None if topics is None else list(topics),
                "story": order.story,
                **statement(surveyed, tally, since=since, until=until, of=of),
            }

        records = map(stored_record, stored)
        if order.output is None:
            sys.stdout.flush()
            writer_of(order.form)(records, sys.stdout.buffer, about)
            said = covered()
        elif order.form is Form.TXT:
            said = _write_folder(records, order.output, covered)
        else:
            said = _write_file(records, order.form, order.output, about, covered)
    _tell(said, order.output)
    return 0


def _found(engine: Engine, order: Order, since: datetime | None, until: datetime | None) -> Iterator[Stored]:
    """Return the articles asked for, whatever their topics.

    Raises:
        ConfigError: there is no such story.
    """
    stored = iterate(engine, outlet=order.outlet, since=since, until=until)
    if order.story is None:
        return stored
    with reading(engine) as connection:
        told = story(connection, order.story, changes=False)
    if told is None:
        raise ConfigError(
            f"there is no story {order.story}; give its number, or the address of an article of it"
        )
    members = {member.article_id for member in told.members}
    return (one for one in stored if one.id in members)


def _write_folder(records: Iterable[Record], output: Path, covered: Callable[[], Said]) -> Said:
    with new_folder(output) as folder:
        files = write_page_texts(records, folder)
        said = {**covered(), "files": files}
        (folder / COVERAGE).write_bytes(json_bytes(said, indent=1) + b"\n")
    return said


def _write_file(
    records: Iterable[Record], form: Form, output: Path, about: About, covered: Callable[[], Said]
) -> Said:
    """Write the file and its statement, which names the file's hash: who has both, knows them for a pair."""
    with new_files(output, _statement_place(output)) as (file, beside):
        digested = Digested(file)
        writer_of(form)(records, digested, about)
        said = {**covered(), "bytes": digested.size, "sha256": digested.sha256}
        beside.write(json_bytes(said, indent=1) + b"\n")
    return said


def _topics(config: Config, order: Order) -> tuple[str, ...] | None:
    """Return the topics asked for: those of the configuration unless told, None for all that there is.

    Raises:
        ConfigError: there is no such topic.
    """
    if order.everything or order.topic == EVERY_TOPIC:
        return None
    return tuple(read_topic(one)[1] for one in ((order.topic,) if order.topic else config.topics))


def _check(order: Order) -> None:
    if order.everything and (order.outlet or order.since or order.until or order.topic or order.story):
        raise ConfigError("--all contradicts --outlet, --since, --until, --topic, --story; leave one out")
    if order.raw and order.form is not Form.CSV:
        raise ConfigError("--raw goes with --format csv; the other formats change nothing")
    if order.newest is not None and order.form is not Form.ATOM:
        raise ConfigError("--newest goes with --format atom; the other formats have every article")
    if order.output is not None:
        folder = order.form is Form.TXT
        check_free(order.output, folder=folder, force=order.force)
        if not folder:
            check_free(_statement_place(order.output), folder=False, force=order.force)
    elif order.form is Form.TXT:
        raise ConfigError("--format txt writes a folder of files; name it with --output FOLDER")
    elif order.form is Form.PARQUET:
        raise ConfigError("--format parquet is for no terminal; name its file with --output FILE")


def _all_outlets(engine: Engine) -> list[str]:
    """Return every outlet that there is or was: one that was never crawled is missing from the export too."""
    return sorted({*outlets_in(engine), *(name for name in load_spiders() if name != ANY_SITE)})


def _statement_place(output: Path) -> Path:
    return output.with_name(f"{output.name}.{COVERAGE}")


def _tell(said: dict[str, Any], output: Path | None) -> None:
    """Print what was written and what it lacks; on standard error, as the export may be the output."""
    outlets = sum(1 for one in said["outlets"] if one["articles"])
    place = f" in {output}" if output else ""
    complain(f"{said['articles']} articles of {outlets} outlets{place}")
    if off_topic := said["left_out"]["off_topic"]:
        complain(f"{off_topic} stored articles are not on the topics; --topic {EVERY_TOPIC} has them too")
    for lack in said["missing"][:MOST_SAID]:
        complain(f"missing: {lack}")
    if len(said["missing"]) > MOST_SAID:
        complain(f"missing: and {len(said['missing']) - MOST_SAID} more things, see the coverage statement")
