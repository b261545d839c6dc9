"""`pantau stories`: what outlets copied from each other, who had it first, what each one changed."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import attrs

from crawler.cli.output import complain, print_json, say
from crawler.cli.store import check_outlet, opened
from crawler.cli.tables import print_table
from crawler.cli.window import read_bounds
from crawler.config import Config
from crawler.dates import wib
from crawler.errors import ConfigError, StoreError
from crawler.storage.database import reading
from crawler.storage.stories import Member, Story, Told, stories, story
from crawler.stories.update import group_new
from crawler.text.changes import Change

_MOST_CHANGES = 12  # of one member, for people
_MOST_CHARS = 160
_MINUTES_A_DAY, _MINUTES_AN_HOUR = 24 * 60, 60


def update_stories(config: Config, *, as_json: bool = False) -> int:
    """Bring the stories up to date, and say what there was to do."""
    with opened(config) as engine:
        done = group_new(engine)
    if as_json:
        print_json({"articles": done.articles, "pairs": done.pairs})
    else:
        say(f"{done.articles} articles compared, {done.pairs} pairs share text")
    return 0


def group_after(config: Config) -> None:
    """Bring the stories up to date behind a crawl; what stands in the way is told and changes nothing."""
    try:
        with opened(config) as engine:
            group_new(engine)
    except StoreError as error:
        complain(f"the stories are not up to date: {error}; `pantau stories` makes up for it")


def show_stories(  # noqa: PLR0913 - keyword-only, each is an option
    config: Config,
    *,
    outlet: str | None = None,
    since: str | None = None,
    until: str | None = None,
    least: int = 2,
    limit: int = 50,
    as_json: bool = False,
) -> int:
    """Print the stories that began in the window, newest first."""
    first, last = read_bounds(since, until)
    with opened(config) as engine:
        if outlet is not None:
            check_outlet(engine, outlet)
        group_new(engine)
        with reading(engine) as connection:
            found = stories(connection, outlet=outlet, since=first, until=last, least=least, limit=limit)
    if as_json:
        for one in found:
            print_json(story_record(one))
    elif found:
        print_table(
            ["story", "first", "outlets", "articles", "sources", "agencies", "headline"],
            [_row(one) for one in found],
        )
    else:
        say(f"no story stands in {least} outlets or more; `--least 1` shows those of one outlet too")
    return 0


def show_story(config: Config, which: str, *, as_json: bool = False) -> int:
    """Print one story: who has it since when, how much of it, and what each one changed.

    Raises:
        ConfigError: there is none of that number or address.
    """
    with opened(config) as engine:
        group_new(engine)
        with reading(engine) as connection:
            told = story(connection, which)
    if told is None:
        raise ConfigError(f"nobody shares a text of {which}; `pantau stories` lists the stories there are")
    if as_json:
        print_json({**story_record(told.story), "articles": [member_record(one) for one in told.members]})
        return 0
    _tell(told)
    return 0


def story_record(one: Story) -> dict[str, Any]:
    """Return a story as JSON values."""
    return {
        "id": one.id,
        "headline": one.headline,
        "origin": one.origin,
        "first_at": one.first_at.isoformat() if one.first_at else None,
        "last_at": one.last_at.isoformat() if one.last_at else None,
        "outlets": list(one.outlets),
        "members": one.members,
        "agencies": list(one.agencies),
        "sources": one.sources,
    }


def member_record(one: Member) -> dict[str, Any]:
    """Return an article of a story as JSON values."""
    return {
        "id": one.article_id,
        "outlet": one.outlet,
        "url": one.url,
        "headline": one.headline,
        "published_at": one.published_at.isoformat() if one.published_at else None,
        "published_precision": one.precision,
        "gone": one.gone,
        "role": one.role,
        "copied_from": one.copied_from,
        "share": round(one.share, 4),
        "lag_s": None if one.lag is None else one.lag.total_seconds(),
        "agencies": list(one.agencies),
        "pictures": list(one.pictures),
        "changes": [attrs.asdict(change) for change in one.changes],
    }


def described_lag(lag: timedelta | None) -> str:
    """Return `+2 h 05 min`, empty where it is not known."""
    if lag is None:
        return ""
    minutes = round(abs(lag).total_seconds() / 60)
    sign = "-" if lag < timedelta(0) else "+"
    if minutes >= _MINUTES_A_DAY:
        return f"{sign}{minutes // _MINUTES_A_DAY} d {minutes % _MINUTES_A_DAY // _MINUTES_AN_HOUR} h"
    if minutes >= _MINUTES_AN_HOUR:
        return f"{sign}{minutes // _MINUTES_AN_HOUR} h {minutes % _MINUTES_AN_HOUR:02d} min"
    return f"{sign}{minutes} min"


def _row(one: Story) -> Sequence[object]:
    return (
        one.id,
        wib(one.first_at),
        ", ".join(one.outlets),
        one.members,
        one.sources,
        ", ".join(one.agencies),
        one.headline,
    )


def _tell(told: Told) -> None:
    one = told.story
    say(one.headline)
    credited = f", credited to {', '.join(one.agencies)}" if one.agencies else ""
    sources = f"{one.sources} independent source{'' if one.sources == 1 else 's'}"
    places = f"{one.members} articles in {len(one.outlets)} outlets"
    say(f"story {one.id}: {places}, {sources}{credited}", indent=2)
    say()
    print_table(
        ["article", "outlet", "published", "lag", "role", "from", "share", "agencies", "headline"],
        [
            (
                each.article_id,
                each.outlet,
                _published(each),
                described_lag(each.lag),
                each.role,
                each.copied_from,
                "" if each.article_id == one.origin else f"{each.share:.0%}",
                ", ".join(each.agencies),
                each.headline,
            )
            for each in told.members
        ],
    )
    for each in told.members:
        if each.copied_from is not None:
            _tell_changes(each)


def _published(member: Member) -> str:
    shown = wib(member.published_at)
    return shown.partition(" ")[0] if member.precision == "day" else shown


def _tell_changes(member: Member) -> None:
    say()
    say(f"{member.outlet} ({member.article_id}) against {member.copied_from}:")
    if not member.changes:
        say("word for word", indent=2)
    for change in member.changes[:_MOST_CHANGES]:
        say(_told(change), indent=2)
    if len(member.changes) > _MOST_CHANGES:
        say(f"and {len(member.changes) - _MOST_CHANGES} more; --json has them all", indent=2)


def _told(change: Change) -> str:
    if change.old is None:
        return f"added: {_cut(change.new or '')}"
    if change.new is None:
        return f"left out: {_cut(change.old)}"
    kind = "" if change.kind == "other" else f" ({change.kind})"
    return f"changed{kind}: {_cut(change.old)} -> {_cut(change.new)}"


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_CHARS else text[: _MOST_CHARS - 1] + "…"
