"""Rows of text as columns: folded to a terminal's width, whole and one row per line on a pipe."""

import re
import sys
import unicodedata
from collections.abc import Collection, Sequence
from typing import Literal

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

__all__ = ["printable", "show_columns"]

FOLDED_ROWS = 2000  # laying out more than this for a terminal takes seconds
LONGEST_WORD = 40  # wider words may be broken
GAP = "  "

_UNSEEN = re.compile(
    r"[^\S\n ]|[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
)


def printable(text: str) -> str:
    """Return foreign text with characters that would steer a terminal or hide in it written as escapes."""
    return _UNSEEN.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    char = found.group()
    if unicodedata.category(char) == "Zs":
        return char
    return f"\\u{ord(char):04x}"


def show_columns(
    console: Console, header: Sequence[str], rows: Sequence[Sequence[str]], right: Collection[int] = ()
) -> Sequence[str]:
    """Print rows under a header; returns the names of the last columns that a terminal has no room for.

    :param right: the places of the columns that are aligned to the right.
    """
    cells = [list(header), *([printable(cell).replace("\n", " ") for cell in row] for row in rows)]
    if not console.is_terminal or len(cells) > FOLDED_ROWS:
        _whole(cells, right)
        return ()
    widths = _fitting(cells, console.width)
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, len(GAP), 0, 0))
    for place, width in enumerate(widths):
        justify: Literal["left", "right"] = "right" if place in right else "left"
        table.add_column(Text(header[place]), justify=justify, overflow="fold", width=width)
    for row in cells[1:]:
        table.add_row(*(Text(cell) for cell in row[: len(widths)]))
    console.print(table)
    return header[len(widths) :]


def _fitting(cells: Sequence[Sequence[str]], room: int) -> list[int]:
    """Return the widths of as many leading columns as have room without breaking words."""
    columns = list(zip(*cells, strict=True))
    natural = [max(map(cell_len, column)) for column in columns]
    least = [min(LONGEST_WORD, max(map(_longest_word, column))) for column in columns]
    while len(least) > 1 and _total(least) > room:
        least.pop()
    widths = natural[: len(least)]
    while _total(widths) > room and (slack := [w - m for w, m in zip(widths, least, strict=True)]):
        if max(slack) <= 0:
            break
        widths[slack.index(max(slack))] -= 1
    return widths


def _longest_word(cell: str) -> int:
    return max(map(cell_len, cell.split()), default=0)


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + len(GAP) * (len(widths) - 1)


def _whole(cells: Sequence[Sequence[str]], right: Collection[int]) -> None:
    widths = [max(map(cell_len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for row in cells:
        padded = (_padded(cell, widths[i], i in right) for i, cell in enumerate(row))
        lines.append(GAP.join(padded).rstrip())
    sys.stdout.write("\n".join(lines) + "\n")


def _padded(cell: str, width: int, right: bool) -> str:
    blank = " " * (width - cell_len(cell))
    return blank + cell if right else cell + blank
