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

NARROWEST_COLUMN = 9  # characters; a table with less for each column is only a heap of letters
UNBOUNDED_WIDTH = 240  # where nobody looks at a terminal there is no reason to break lines at 80


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table; where the terminal is too narrow for one, each row as a block of `column: value` lines.

    None prints as an empty cell.
    """
    cells = [["" if value is None else inert(value) for value in row] for row in rows]
    console = console_for(sys.stdout)
    if console.width < NARROWEST_COLUMN * len(columns):
        for row in cells:
            for column, value in zip(columns, row, strict=True):
                say(f"{column}: {value}")
            say()
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for number, column in enumerate(columns):
        numeric = bool(cells) and all(row[number].isdigit() for row in cells)
        table.add_column(Text(column), justify="right" if numeric else "left", overflow="fold")
    for row in cells:
        table.add_row(*(Text(value) for value in row))
    console.print(table)


def console_for(stream: TextIO) -> Console:
    """Return a Rich console that reads no markup in what it prints."""
    width = None if stream.isatty() or "COLUMNS" in os.environ else UNBOUNDED_WIDTH
    return Console(file=stream, width=width, markup=False, highlight=False, emoji=False)
