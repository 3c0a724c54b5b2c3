"""Reading matrices: LaTeX in its several environments, and the rows in brackets of programming languages."""

import re

__all__ = ["as_rows"]

_MATRIX = re.compile(r"\\begin\s?\{\s?([pbvBV]?matrix)\s?\}(.*?)\\end\s?\{\s?\1\s?\}", re.DOTALL)
_ARRAY = re.compile(
    r"([(\[|])\s?\\begin\s?\{\s?array\s?\}\s?\{[clr| ]{0,20}\}(.*?)\\end\s?\{\s?array\s?\}\s?([)\]|])",
    re.DOTALL,
)
_NESTED = re.compile(
    r"(?:Matrix\s?\(\s?)?\[\s?(\[[^\[\]]*\](?:\s?,\s?\[[^\[\]]*\]){0,20})\s?,?\s?\]\)?|\(\s?(\([^()]*,[^()]*\)(?:\s?,\s?\([^()]*\)){1,20})\s?\)"
)
_SEMICOLONS = re.compile(r"\[\s?([^\[\];]{1,200}(?:;[^\[\];]{1,200}){1,20})\s?\]")


def as_rows(text: str) -> tuple[str, list[list[str]]] | None:
    """Return what stands around a matrix ("|" of a determinant, else nothing) and its rows; else None."""
    text = text.strip()
    matrix = _MATRIX.fullmatch(text)
    if matrix:
        return ("|" if matrix[1][0] in "vV" else ""), _latex_rows(matrix[2])
    array = _ARRAY.fullmatch(text)
    if array:
        return ("|" if array[1] == "|" else ""), _latex_rows(array[2])
    nested = _NESTED.fullmatch(text)
    if nested and nested[1]:
        return "", [_cells(row) for row in re.findall(r"\[([^\[\]]*)\]", nested[1])]
    lines = _SEMICOLONS.fullmatch(text)
    if lines:
        return "", [_cells(row) if "," in row else row.split() for row in lines[1].split(";")]
    return None


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.split(",")]


def _latex_rows(body: str) -> list[list[str]]:
    body = body.replace("\\hline", "").strip().removesuffix("\\\\")
    return [[cell.strip() for cell in line.split("&")] for line in body.split("\\\\")]
