"""Tables of Markdown."""

from collections.abc import Sequence

__all__ = ["markdown"]


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


def markdown(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a table; cells lose line breaks, and their bars are escaped."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(_cell(v) for v in row) + " |" for row in rows]
    return "\n".join(lines)
