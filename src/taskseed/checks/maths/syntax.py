"""The syntax of mathematical expressions, in LaTeX or typed plainly: text to a tree. Pure, bounded."""

from dataclasses import dataclass

from taskseed.checks.maths.tokens import FUNCTIONS, GREEK, Ambiguous, Unreadable, tokens_of

__all__ = ["Node", "parse_formula"]

_MAX_CHARS = 500
_MAX_DEPTH = 40
_INVERSE = {name: f"arc{name}" for name in ("sin", "cos", "tan", "cot", "sec", "csc")}
# Before a bracket these are functions: f(x+1) is not f(x) + f(1).
_APPLIED = frozenset("fgFGP")


@dataclass(frozen=True, slots=True)
class Node:
    """A part of an expression.

    :param kind: `number`, `letter`, `sum`, `product`, `quotient`, `power`, `root`, `function`, `mixed`.
    :param text: a number as it was written, a letter, a function's name, a root's degree.
    :param parts: what it is made of; of a function its argument, then what stands below a `log`.
    """

    kind: str
    text: str = ""
    parts: tuple["Node", ...] = ()


def parse_formula(text: str) -> Node:
    """Return the tree of an expression.

    Reads numbers, letters, Greek, + - * / ^ !, juxtaposition, fractions, roots, functions, degrees. "1/2x"
    and "√3x" may be read in two ways and are not read; nor is a word, a unit or a percentage.

    :raises Unreadable: if the text is anything else, or too large.
    """
    if len(text) > _MAX_CHARS:
        raise Unreadable("too long")
    try:
        reader = _Reader(tokens_of(text))
        node = reader.sum()
    except RecursionError as error:
        raise Unreadable("nested too deeply") from error
    if reader.peek():
        raise Unreadable(f"unexpected {reader.peek()}")
    return node


def _negative(node: Node) -> Node:
    return Node("product", "", (Node("number", "-1"), node))


class _Reader:
    """A recursive descent over tokens."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0
        self.bars = 0

    def peek(self, ahead: int = 0) -> str:
        """Return the next sign, or one further on, or nothing."""
        return self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else ""

    def _take(self, expected: str | None = None) -> str:
        sign = self.peek()
        if not sign or (expected is not None and sign != expected):
            raise Unreadable(f"expected {expected}, found {sign}")
        self.at += 1
        return sign

    def sum(self) -> Node:
        """Read terms joined by + and -."""
        self._deeper()
        parts: list[Node] = []
        negative = False
        while self.peek() in ("+", "-"):
            negative ^= self._take() == "-"
        while True:
            term = self._product()
            parts.append(_negative(term) if negative else term)
            if self.peek() not in ("+", "-"):
                break
            negative = self._take() == "-"
            if self.peek() == "-":  # "3 + -4i"
                self._take()
                negative = not negative
        self.depth -= 1
        return parts[0] if len(parts) == 1 else Node("sum", "", tuple(parts))

    def _product(self) -> Node:
        parts = [self._power()]
        divided = False
        while True:
            sign = self.peek()
            if sign in ("*", "/"):
                self._take()
                factor = self._signed()
                divided = sign == "/"
                if divided:
                    parts = [Node("quotient", "", (_product_of(parts), factor))]
                else:
                    parts.append(factor)
            elif self._starts_factor(sign):
                if divided:
                    raise Ambiguous("1/2x may be read in two ways")
                if (sign[0].isdigit() or sign[0] == ".") and not self._ends_factor():
                    raise Unreadable("two numbers side by side")
                parts.append(self._power())
            else:
                return _product_of(parts)

    def _ends_factor(self) -> bool:
        """Say whether a number may follow as a factor: "3!7!", "2^{n}3^{n}", "2^n 3^n"."""
        before = self.tokens[self.at - 1]
        return before in ("!", "}", ")") or (
            before.isalpha() and self.at > 1 and self.tokens[self.at - 2] == "^"
        )

    def _bare_root(self) -> bool:
        """Say whether a root sign without a bracket comes next: nobody knows where it ends."""
        return self.peek() in ("√", "cbrt") and self.peek(1) not in ("(", "{", "[")

    def _starts_factor(self, sign: str) -> bool:
        if sign == "|":
            return not self.bars
        return bool(sign) and (
            sign[0].isalnum() or sign in ("(", "{", "√", "π", "∞", "[", "°", ".") or sign[0] == "."
        )

    def _signed(self) -> Node:
        if self.peek() == "-":
            self._take()
            return _negative(self._power())
        return self._power()

    def _power(self) -> Node:
        bare = self._bare_root()
        mixed = self.peek().isdigit() and self.peek(1) == "frac"
        node = self._atom()
        if bare and self.peek() and (self.peek()[0].isalnum() or self.peek() == "^"):
            raise Ambiguous("√3x may be read in two ways")
        if mixed:
            return Node("mixed", "", (node, self._power()))
        if self.peek() == "!" and self.peek(1) != "!":  # "9!!" is another function
            self._take()
            node = Node("function", "factorial", (node,))
        if self.peek() != "^":
            return node
        self._take()
        return Node("power", "", (node, self._exponent()))

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise Unreadable("nested too deeply")

    def _exponent(self) -> Node:
        self._deeper()
        braced = self.peek() in ("{", "(")
        exponent = self._atom() if braced else self._signed_atom()
        if self.peek() == "^":
            raise Ambiguous("2^3^2 may be read in two ways")
        self.depth -= 1
        return exponent

    def _signed_atom(self) -> Node:
        if self.peek() == "-":
            self._take()
            return _negative(self._atom())
        return self._atom()

    def _atom(self) -> Node:
        sign = self._take()
        if sign[0].isdigit() or sign[0] == ".":
            return Node("number", sign)
        if sign in ("(", "{", "["):
            bars, self.bars = self.bars, 0
            self.depth += 1
            node = self.sum()
            self.depth -= 1
            self.bars = bars
            self._take({"(": ")", "{": "}", "[": "]"}[sign])
            return node
        if sign == "|":
            return self._absolute()
        if sign in ("frac", "binom"):
            parts = self._argument(), self._argument()
            return Node("quotient", "", parts) if sign == "frac" else Node("function", "binom", parts)
        if sign in ("sqrt", "√", "cbrt"):
            return self._root("3" if sign == "cbrt" else "2")
        if sign in FUNCTIONS:
            return self._function(sign)
        if sign in GREEK or (len(sign) == 1 and (sign.isalpha() or sign in "π∞°")):
            return self._letter(sign)
        raise Unreadable(f"unexpected {sign}")

    def _letter(self, sign: str) -> Node:
        name = sign + self._subscript()
        if sign in _APPLIED and self.peek() == "(":
            return Node("function", name, (self._atom(),))
        return Node("letter", name if len(sign) == 1 else f"{sign[0]}_{name}")

    def _absolute(self) -> Node:
        self.bars += 1
        node = self.sum()
        self.bars -= 1
        self._take("|")
        return Node("function", "abs", (node,))

    def _subscript(self) -> str:
        if self.peek() != "_":
            return ""
        self._take()
        if self.peek() != "{":
            return f"_{self._take()}"
        self._take()
        parts = []
        while self.peek() != "}":
            parts.append(self._take())
        self._take("}")
        return f"_{''.join(parts)}"

    def _argument(self) -> Node:
        r"""Read what stands behind `\frac`: a group or a single sign."""
        sign = self.peek()
        if sign in ("{", "("):
            return self._atom()
        if sign.isdigit() and len(sign) > 1:  # \frac12
            self.tokens[self.at : self.at + 1] = list(sign)
        return self._atom()

    def _root(self, degree: str) -> Node:
        if self.peek() == "[":
            self._take()
            degree = self._take()
            self._take("]")
        if not degree.isdigit() or not 2 <= int(degree) <= 12:
            raise Unreadable("a root of no whole degree")
        self._deeper()
        node = Node("root", degree, (self._atom(),))
        self.depth -= 1
        return node

    def _function(self, name: str) -> Node:
        base: tuple[Node, ...] = ()
        if self.peek() == "_":
            self._take()
            base = (self._atom(),)
        exponent = None
        if self.peek() == "^":
            self._take()
            exponent = self._exponent()
            if exponent == _negative(Node("number", "1")):
                if name not in _INVERSE:
                    raise Unreadable("an inverse or a reciprocal")
                name, exponent = _INVERSE[name], None
        if name in ("log", "ln") and not base and self.peek().isdigit() and self.peek(1) == "(":
            raise Ambiguous("log2(8) may be read in two ways")
        self._deeper()
        node = Node("function", name, (self._applied_to(), *base))
        self.depth -= 1
        return node if exponent is None else Node("power", "", (node, exponent))

    def _applied_to(self) -> Node:
        if self.peek() in ("(", "{", "["):
            return self._atom()
        parts = [self._power()]
        while (
            self._starts_factor(self.peek())
            and self.peek() not in FUNCTIONS
            and self.peek() not in ("(", "|")
        ):
            parts.append(self._power())
        if self.peek() == "/" and parts[0].kind == "letter" and self.peek(1) not in FUNCTIONS:
            raise Ambiguous("sin x/2 may be read in two ways")
        return _product_of(parts)


def _product_of(parts: list[Node]) -> Node:
    return parts[0] if len(parts) == 1 else Node("product", "", tuple(parts))
