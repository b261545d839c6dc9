"""Tables for people: readable on a terminal of any width, inert whatever they hold."""

import os
import sys
from collections.abc import Sequence
from typing import TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from crawler.cli.output import inert, say

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
    if console.width < sum(map(_least_width, columns, zip(*cells, strict=True), numeric)):
        for row in cells:
            say(", ".join(f"{column}: {value}" for column, value in zip(columns, row, strict=True) if value))
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for column, counts in zip(columns, numeric, strict=True):
        table.add_column(Text(column), justify="right" if counts else "left", overflow="fold")
    for row in cells:
        table.add_row(*(Text(value) for value in row))
    console.print(table)


def _least_width(column: str, values: Sequence[str], numeric: bool) -> int:  # noqa: FBT001 - for map
    """Return the width that a column needs: its heading may break between words, long text anywhere."""
    widest = max(map(len, values), default=0)
    needed = widest if numeric else min(widest, NARROWEST_TEXT)
    return max(needed, *map(len, column.split())) + BETWEEN


def console_for(stream: TextIO) -> Console:
    """Return a Rich console that reads no markup in what it prints."""
    width = None if stream.isatty() or "COLUMNS" in os.environ else UNBOUNDED_WIDTH
    return Console(file=stream, width=width, markup=False, highlight=False, emoji=False)
