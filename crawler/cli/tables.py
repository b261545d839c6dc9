"""Tables for people: readable on a terminal of any width, inert whatever they hold."""

import os
import sys
from collections.abc import Sequence
from typing import Literal, TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from crawler.cli.output import say
from crawler.logs import inert

NARROWEST_TEXT = 12  # characters; a column of text with less is only a heap of letters
BETWEEN = 2  # characters from one column to the next
UNBOUNDED_WIDTH = 240  # where nobody looks at a terminal there is no reason to break lines at 80


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table; where the terminal is too narrow for one, each row as a line of `column: value`.

    None prints as an empty cell.
    """
    cells = [["" if value is None else inert(value) for value in row] for row in rows]
    console = console_for(sys.stdout)
    numeric = [bool(cells) and all(row[at].isdigit() for row in cells) for at in range(len(columns))]
    least = [
        _least_width(column, [row[at] for row in cells], numeric=numeric[at])
        for at, column in enumerate(columns)
    ]
    if console.width < sum(least) + BETWEEN * (len(columns) + 1):
        for row in cells:
            say(", ".join(f"{column}: {value}" for column, value in zip(columns, row, strict=True) if value))
        return
    natural = BETWEEN * (len(columns) + 1) + sum(
        max(map(len, [column, *(row[at] for row in cells)])) for at, column in enumerate(columns)
    )
    table = Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for at, column in enumerate(columns):
        justify: Literal["left", "right"] = "right" if numeric[at] else "left"
        # Where not all fits, the headings of counts break, so that text keeps what room there is.
        width = least[at] if numeric[at] and natural > console.width else None
        table.add_column(Text(column), justify=justify, width=width, min_width=least[at], overflow="fold")
    for row in cells:
        table.add_row(*(Text(value) for value in row))
    console.print(table)


def _least_width(column: str, values: Sequence[str], *, numeric: bool) -> int:
    """Return the width that a column needs: its heading may break between words, long text anywhere."""
    widest = max(map(len, values), default=0)
    return max(widest if numeric else min(widest, NARROWEST_TEXT), *map(len, column.split()))


def console_for(stream: TextIO) -> Console:
    """Return a Rich console that reads no markup in what it prints."""
    width = None if stream.isatty() or "COLUMNS" in os.environ else UNBOUNDED_WIDTH
    return Console(file=stream, width=width, markup=False, highlight=False, emoji=False)
