"""The form in which an expression is written: what is left alike when its terms and factors change places."""

from dataclasses import dataclass, field

from taskseed.checks.maths.syntax import Node

__all__ = ["divides_by_letters", "form_of", "is_plain_number"]


@dataclass(slots=True)
class _Product:
    """A product as it is written: its sign, its whole numbers, and its other factors, above and below."""

    negative: bool = False
    above: list[str] = field(default_factory=list)
    below: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        one = not self.above and not self.below
        text = "1" if one else "·".join(sorted(self.above)) + "".join(f"/{f}" for f in sorted(self.below))
        return ("-" if self.negative else "") + text


def form_of(node: Node) -> str:
    """Return a text that two expressions share where they differ in order, signs and spelling alone.

    "(x+2)(x+3)" and "(3+x)(x+2)" share it, "x/2" and "\\frac{1}{2}x" do; "x^2+5x+6", "2/4" and "0.5" beside
    "1/2" do not.
    """
    return str(_product(node))


def is_plain_number(node: Node) -> bool:
    """Say whether a tree is a number with nothing left to reckon: "-3", "3/4", "0.5", "1\\frac{1}{2}"."""
    if node.kind in ("quotient", "mixed"):
        return all(
            (is_plain_number(part) and part.kind != "quotient") or node.kind == "mixed" for part in node.parts
        )
    if node.kind == "product":
        return len(node.parts) == 2 and node.parts[0].text == "-1" and is_plain_number(node.parts[1])
    return node.kind == "number"


def _product(node: Node) -> _Product:
    if node.kind == "number":
        return _Product(node.text == "-1", [] if node.text in ("1", "-1") else [node.text])
    if node.kind in ("product", "quotient"):
        return _joined(node)
    if node.kind == "sum":
        return _sum(node)
    if node.kind == "power":
        return _power(node)
    parts = ",".join(form_of(part) for part in node.parts)
    return _Product(False, [f"{node.kind} {node.text}({parts})" if node.parts else node.text])


def _joined(node: Node) -> _Product:
    result = _Product()
    for i, part in enumerate(node.parts):
        own = _product(part)
        result.negative ^= own.negative
        turned = node.kind == "quotient" and i == 1
        result.above += own.below if turned else own.above
        result.below += own.above if turned else own.below
    return result


def _sum(node: Node) -> _Product:
    terms = sorted(map(_product, node.parts), key=lambda term: str(term).removeprefix("-"))
    negative = terms[0].negative
    for term in terms:
        term.negative ^= negative
    return _Product(negative, [f"({'+'.join(map(str, terms))})"])


def _power(node: Node) -> _Product:
    base, exponent = _product(node.parts[0]), node.parts[1]
    even = exponent.text.isdigit() and int(exponent.text[-1]) % 2 == 0
    odd = exponent.text.isdigit() and not even
    negative, base.negative = base.negative and odd, base.negative and not (even or odd)
    return _Product(negative, [f"({base})^{form_of(exponent)}"])


def divides_by_letters(tree: Node) -> bool:
    """Say whether an expression divides by one with letters, so that it may have no value somewhere."""
    if tree.kind == "quotient" and _has_letters(tree.parts[1]):
        return True
    if tree.kind == "power" and _has_letters(tree.parts[0]) and tree.parts[1].kind != "number":
        return True  # x^{-1}
    if tree.kind == "function" and tree.text in ("tan", "cot", "sec", "csc") and _has_letters(tree):
        return True
    return any(divides_by_letters(part) for part in tree.parts)


def _has_letters(tree: Node) -> bool:
    return (tree.kind == "letter" and tree.text != "π") or any(_has_letters(part) for part in tree.parts)
