"""`pantau coverage`: every outlet day by day: what was looked at, what was found, what may be lost."""

import csv
import io
import itertools
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

import attrs
from rich.text import Text

from crawler.cli.declared import declared_of, longest_pause
from crawler.cli.gaps import outlets_asked_for
from crawler.cli.output import print_json, say
from crawler.cli.spiders import load_spiders
from crawler.cli.store import opened
from crawler.cli.tables import console_for, print_table
from crawler.cli.watching import By
from crawler.cli.window import read_bounds
from crawler.clock import Clock
from crawler.config import Config
from crawler.dates import WIB
from crawler.errors import ConfigError
from crawler.exports.csvcells import disarm
from crawler.exports.statement import day_record
from crawler.health import owed_until
from crawler.storage.database import reading
from crawler.storage.timeline import NAMES, Day, Mark, days

USUAL_WINDOW: Final = timedelta(days=27)
"""How far back it looks from today unless told: four weeks with today."""

LONGEST: Final = 3660  # days: what is drawn has to fit into memory
MOST_SAID: Final = 3  # of an outlet's days in words; --outlet has all

_CELL: Final = 2  # characters of a day in the strip
_SIGNS: Final[Mapping[Mark, str]] = {Mark.GAP: "x", Mark.PARTLY: "?", Mark.NOT_DUE: ".", Mark.ZERO: "0"}
_STYLES: Final[Mapping[Mark, str]] = {
    Mark.FOUND: "green",
    Mark.ZERO: "dim",
    Mark.PARTLY: "yellow",
    Mark.GAP: "bold red",
    Mark.NOT_DUE: "dim",
}
_LEGEND: Final = (
    "1-9, + on the topic · 0 looked and found none · x nobody looked · ? not looked at to its end · "
    ". not due yet · ! may be lost"
)


class As(StrEnum):
    """How it is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


@attrs.frozen(kw_only=True)
class Spell:
    """Days of one outlet that are drawn as one: the numbers summed up, the worst of the marks."""

    outlet: str
    since: date
    until: date
    days: tuple[Day, ...]

    def total(self, measure: str) -> int:
        """Return the sum of a measure of the tallies."""
        return sum(getattr(day.tally, measure) for day in self.days)

    @property
    def mark(self) -> Mark:
        """Return how it is drawn: wholly a gap, partly one, not due yet, found or zero."""
        marks = {day.mark for day in self.days}
        if len(marks) == 1:
            return marks.pop()
        if marks & {Mark.GAP, Mark.PARTLY}:
            return Mark.PARTLY
        return Mark.FOUND if self.total("on_topic") else Mark.ZERO

    @property
    def noteworthy(self) -> bool:
        """Tell whether something of it may be lost."""
        return any(day.noteworthy for day in self.days)


def show_coverage(  # noqa: PLR0913 - keyword-only, each is an option
    config: Config,
    names: Sequence[str] = (),
    *,
    since: str | None = None,
    until: str | None = None,
    by: By = By.DAY,
    form: As = As.TABLE,
) -> int:
    """Print what is known of each day; return 1 where something may be lost, else 0.

    Raises:
        ConfigError: an outlet or a day is none.
    """
    now = Clock.starting_at(config.now).now()
    first, last = _window(since, until, now.astimezone(WIB).date())
    spiders = load_spiders()
    with opened(config) as engine:
        chosen = outlets_asked_for(config, spiders, engine, names)
        owed = {
            name: owed_until(longest_pause(config, name), now)
            if name not in spiders or declared_of(config, spiders[name]).crawled
            else None
            for name in chosen
        }
        with reading(engine) as connection:
            found = days(connection, owed, first, last)
    spells = _spells(found, by)
    if form is As.JSON:
        for spell in spells:
            print_json(_record(spell, by))
    elif form is As.CSV:
        _print_csv(_record(spell, by) for spell in spells)
    elif len(chosen) == 1:
        _print_days(spells, by)
    else:
        _print_strips(spells, by)
        _print_totals(found)
        _print_words(found)
    return int(any(day.noteworthy for day in found))


def _window(since: str | None, until: str | None, today: date) -> tuple[date, date]:
    start, end = read_bounds(since, until)
    last = min(end.date(), today) if end else today
    first = start.date() if start else last - USUAL_WINDOW
    if first > last:
        raise ConfigError(f"--since {first} is in the future; today is {today}")
    if (last - first).days > LONGEST:
        raise ConfigError(f"{first} to {last} is too long to draw; give a --since within ten years")
    return first, last


def _spells(found: Iterable[Day], by: By) -> list[Spell]:
    spells = []
    for (outlet, _), alike in itertools.groupby(found, key=lambda day: (day.outlet, _unit(day.on, by))):
        whole = tuple(alike)
        spells.append(Spell(outlet=outlet, since=whole[0].on, until=whole[-1].on, days=whole))
    return spells


def _unit(on: date, by: By) -> tuple[int, ...]:
    if by is By.MONTH:
        return on.year, on.month
    return on.isocalendar()[:2] if by is By.WEEK else (on.toordinal(),)


# --- For programs


def _record(spell: Spell, by: By) -> dict[str, Any]:
    if by is By.DAY:
        (day,) = spell.days
        return {**day_record(day), "noteworthy": day.noteworthy}
    marks = [day.mark for day in spell.days]
    return {
        "outlet": spell.outlet,
        "since": spell.since.isoformat(),
        "until": spell.until.isoformat(),
        "mark": spell.mark.value,
        **{measure: spell.total(measure) for measure in NAMES},
        "days": len(marks),
        "gaps": marks.count(Mark.GAP),
        "partly": marks.count(Mark.PARTLY),
        "zeros": marks.count(Mark.ZERO),
        "not_due": marks.count(Mark.NOT_DUE),
        "noteworthy": spell.noteworthy,
    }


def _print_csv(records: Iterable[Mapping[str, Any]]) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    for number, record in enumerate(records):
        flat = {name: _cell(value) for name, value in record.items() if name != "expected"}
        if not number:
            writer.writerow(flat)
        writer.writerow(map(disarm, flat.values()))
    sys.stdout.write(buffer.getvalue())


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return "; ".join(f"{name} {number}" for name, number in value.items())
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


# --- For people


def _print_days(spells: Sequence[Spell], by: By) -> None:
    """Print one outlet, a line each day or spell."""
    print_table(
        [by.value, "addresses", "usual", "read", "articles", "on topic", "what is to be said of it"],
        [
            [
                _named(spell, by),
                # What nobody looked at has no number: whatever is known of it is no count.
                *(_number(spell, "candidates"), _usual(spell)),
                *(_number(spell, measure) for measure in ("read", "articles", "on_topic")),
                _said(spell),
            ]
            for spell in spells
        ],
    )


def _number(spell: Spell, measure: str) -> str:
    number = spell.total(measure)
    if spell.mark is Mark.GAP:
        return f"gap ({number})" if number else "gap"
    if spell.mark is Mark.NOT_DUE:
        return f"{number} so far" if number else "not due"
    return f"{number} at least" if spell.mark is Mark.PARTLY else str(number)


def _usual(spell: Spell) -> str | None:
    bands = [day.expected["candidates"] for day in spell.days if "candidates" in day.expected]
    if len(bands) < len(spell.days):
        return None
    low, high = sum(band.low for band in bands), sum(band.high for band in bands)
    return f"{low:.0f} to {high:.0f}"


def _said(spell: Spell) -> str | None:
    words = dict.fromkeys(day.words for day in spell.days if day.words)
    said = "; ".join(words) or None
    return f"may be lost: {said}" if said and spell.noteworthy else said


def _named(spell: Spell, by: By) -> str:
    if by is By.DAY:
        return f"{spell.since:%Y-%m-%d %a}"
    return f"{spell.since:%Y-%m}" if by is By.MONTH else f"{spell.since} to {spell.until}"


def _print_strips(spells: Sequence[Spell], by: By) -> None:
    """Print a cell each spell, outlets below each other; a narrow terminal gets several blocks."""
    console = console_for(sys.stdout)
    rows = {outlet: list(alike) for outlet, alike in itertools.groupby(spells, key=lambda one: one.outlet)}
    label = max(map(len, rows))
    fits = max(1, (console.width - label - 1) // _CELL)
    some = next(iter(rows.values()))
    for start in range(0, len(some), fits):
        first, last = some[start], some[min(start + fits, len(some)) - 1]
        say(f"{' ' * label} {by} by {by} from {first.since} to {last.until}")
        for outlet, row in rows.items():
            line = Text(f"{outlet:{label}} ")
            for spell in row[start : start + fits]:
                line.append(_drawn(spell), _STYLES[spell.mark])
            line.rstrip()
            console.print(line, soft_wrap=True)
        say()
    for part in _LEGEND.split(" · ") if console.width < len(_LEGEND) else [_LEGEND]:
        say(part)
    say()


def _drawn(spell: Spell) -> str:
    number = spell.total("on_topic")
    sign = _SIGNS.get(spell.mark) or (str(number) if number <= 9 else "+")  # noqa: PLR2004 - one digit
    return sign + ("!" if spell.noteworthy else " ")


def _print_totals(found: Sequence[Day]) -> None:
    rows = []
    for outlet, alike in itertools.groupby(found, key=lambda day: day.outlet):
        of_it = list(alike)
        marks = [day.mark for day in of_it]
        whole = Spell(outlet=outlet, since=of_it[0].on, until=of_it[-1].on, days=tuple(of_it))
        bands = of_it[-1].expected
        usual = [f"{bands[measure].middle:g}" for measure in ("candidates", "on_topic") if measure in bands]
        rows.append(
            [
                outlet,
                marks.count(Mark.FOUND) + marks.count(Mark.ZERO),
                marks.count(Mark.GAP) + marks.count(Mark.PARTLY),
                *(whole.total(measure) for measure in ("candidates", "read", "articles", "on_topic")),
                " / ".join(usual) or None,
            ]
        )
    columns = ["outlet", "days looked at", "days with gaps", "addresses", "read", "articles", "on topic"]
    print_table([*columns, "usual a day"], rows)


def _print_words(found: Sequence[Day]) -> None:
    """Print what may be lost, outlets alike together; zeros that are in order are only counted."""
    alike: dict[str, list[str]] = {}
    for outlet, days_of_it in itertools.groupby(found, key=lambda day: day.outlet):
        for line in _lines_of(outlet, list(days_of_it)):
            alike.setdefault(line, []).append(outlet)
    for line, outlets in alike.items():
        say(f"{', '.join(outlets)}: {line}")


def _lines_of(outlet: str, of_it: Sequence[Day]) -> Iterator[str]:
    said: dict[str, list[Day]] = {}
    none: Counter[str] = Counter()
    for day in of_it:
        if day.noteworthy:
            said.setdefault(day.words, []).append(day)
        elif day.mark is Mark.ZERO and day.cause:
            none[day.cause] += 1
    for words, which in sorted(said.items(), key=lambda each: -len(each[1]))[:MOST_SAID]:
        span = " to ".join(dict.fromkeys((str(which[0].on), str(which[-1].on))))
        yield f"{span} ({_days(len(which))}): {words}" if len(which) > 1 else f"{span}: {words}"
    if len(said) > MOST_SAID:
        rest = len(said) - MOST_SAID
        yield f"and {rest} more; `pantau coverage --outlet {outlet}` has each day"
    if none:
        yield ", ".join(f"{cause} on {_days(number)}" for cause, number in none.items())


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"
