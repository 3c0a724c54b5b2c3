"""From what a model wrote to the expression in it: one spelling of signs, no words around. Pure, linear."""

import re

from taskseed.checks.maths.asked_forms import Asked
from taskseed.checks.reading import TAKEN_BACK, spoken, word_list

__all__ = ["bare_expression", "maths_of", "one_spelling"]

_SUBSCRIPTS = re.compile("[₀-₉]+")
_SUBSCRIPT_DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_SUPERSCRIPTS = re.compile("[⁰¹²³⁴-⁹⁻⁺ⁿˣᵏⁱ⁽⁾]{2,20}|[ⁿˣᵏ⁺]")
_SUPERSCRIPT_SIGNS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿˣᵏⁱ⁽⁾", "0123456789-+nxki()")
_LETTERS = str.maketrans({"ℝ": r"\mathbb{R}", "ℤ": r"\mathbb{Z}", "½": r"\frac{1}{2}", "⅓": r"\frac{1}{3}",
    "⅔": r"\frac{2}{3}", "¼": r"\frac{1}{4}", "¾": r"\frac{3}{4}", "⩽": "≤", "⩾": "≥"})  # fmt: skip
# Signs that have more than one spelling. The longer ones first.
_SPELLINGS = (
    ("\\leqslant", "≤"), ("\\geqslant", "≥"), ("\\leq", "≤"), ("\\geq", "≥"), ("\\le", "≤"), ("\\ge", "≥"),
    ("\\neq", "≠"), ("\\ne", "≠"), ("<=", "≤"), (">=", "≥"), ("!=", "≠"), ("\\lt", "<"), ("\\gt", ">"),
    ("==", "="), ("\\cup", "∪"), ("\\cap", "∩"), ("\\bigcup", "∪"), ("\\in", "∈"), ("\\setminus", "∖"),
    ("\\backslash", "∖"), ("\\pm", "±"), ("\\emptyset", "∅"), ("\\varnothing", "∅"), ("\\langle", "⟨"),
    ("\\rangle", "⟩"), ("\\approx", "≈"), ("\\infty", "∞"), ("\\lor", " or "), ("\\vee", " or "),
    ("∨", " or "), ("\\land", " and "), ("\\wedge", " and "), ("∧", " and "), ("\\mid", "|"),
    ("\\colon", ":"),
)  # fmt: skip
_BLACKBOARD = re.compile(r"\\mathbb\s?\{?([RZ])\}?|\\Bbb\s?\{?([RZ])\}?")
_TEXTS = re.compile(
    r"\\(?:text|textbf|textit|textrm|mathrm|mathbf|mathit|mbox|operatorname)\s?\{([^{}]{0,200})\}"
)
_WHOLE_TEXT = re.compile(r"\\(?:text|textbf|textit|mathrm|mathbf|mbox)\s?\{")
_LETTER_UNITS = {
    "m": "meter",
    "s": "second",
    "g": "gram",
    "L": "liter",
    "h": "hour",
    "in": "inch",
    "N": "newton",
}
_SPACING = re.compile(
    r"(?<!\\)\\(?:(?:left|right|displaystyle|bigg?[lr]?|Bigg?[lr]?|quad|qquad)(?![a-zA-Z])|[,;!: ])"
)
_THOUSANDS = re.compile(r"(?<=\d)(?:\{,\}|,\\!|\\,)(?=\d{3}(?!\d))")
_LINE_GAP = re.compile(r"\\\\\s?\[\s?\d{1,3}(?:\.\d)?(?:pt|em|ex|mm)\s?\]")
_DEGREES = re.compile(
    r"\^\s?(?:\{\s?\\circ\s?\}|\\circ(?![a-zA-Z]))|\\degree(?![a-zA-Z])|º|"
    r"\s?\bdeg(?:rees?)?\b(?!\s(?:[CF]\b|celsius|fahrenheit))"
)
_ROOT_WORDS = re.compile(r"\b(?:the )?square root of (\d{1,9})\b", re.IGNORECASE)
_INFINITY = re.compile(
    r"\b(?:(positive|plus)|(negative|minus)) infinity\b|(?<=[+-])\s?infinity\b|^infinity$", re.IGNORECASE
)
_THEN = re.compile(
    r"(?:,|;|\.|\n)\s{0,9}(?:and\s|which means(?: that)?\s)?(?:so|thus|therefore|hence)\b,?\s|\s(?:⇒|"
    r"\\implies|\\Rightarrow|⟹)\s",
    re.IGNORECASE,
)
_WHENCE = re.compile(
    r"(?:[,;]|\s[—–-]|\s\(|\.)\s?(?:obtained|found|derived|computed|calculated|using|by|from|via|as|"
    r"because|since|"
    r"which follows|which is obtained|which comes|this follows|this comes|after|when simplified|in "
    r"simplest form|"
    r"in simplified form|in lowest terms|as required|as desired|as shown|explanation|check)\b|"
    r"\s(?:because|since|after simplifying|after simplification|as required|by the)\b",
    re.IGNORECASE,
)
_COPULA = re.compile(
    r"\s(?:is equal to|are equal to|is given by|are given by|simplifies to|factors as|expands to|"
    r"evaluates to|"
    r"reduces to|comes out to|is at|are at|is located at|is simply|is|are|equals|equal|was|will be|would be|"
    r"must be|should be|becomes|=|:)(?::|\sexactly)?\s",
    re.IGNORECASE,
)
_DOUBTFUL = TAKEN_BACK | frozenset(
    word_list(
        "though although about approximately approximate roughly nearly if when or than between "
        "rounding rounded "
        "estimate estimated nearest assuming assume provided long ignoring neglecting only almost"
    )
)
_FUNCTION_WORDS = frozenset(
    word_list(
        "the a an of to for in on at that this these those its it we get have there has by with and all "
        "our your my so thus therefore hence then both possible only given must be is are which"
    )
)
# What a sentence may call its answer, whatever was asked.
_NEUTRAL = frozenset(
    word_list(
        "answer answers result results value values solution solutions final expression number total "
        "simplified "
        "required desired exact correct question problem equation variable unknown sum product x y z n "
        "k function"
    )
)
# What it may call it where no question is there to say otherwise.
_NAMED = frozenset(
    word_list(
        "vertex center centre area perimeter volume probability ratio domain range line slope length "
        "width height "
        "distance radius diameter circumference angle measure root roots zero zeros limit integral "
        "derivative inverse "
        "intercept point points coordinates coordinate pair ordered triple set interval matrix vector "
        "determinant "
        "remainder quotient difference factorization form equation graph asymptote period amplitude "
        "term sequence "
        "polynomial roots maximum minimum mean median mode base circle parabola ellipse triangle square "
        "rectangle sphere "
        "cone cylinder surface fraction complex real complex conjugate magnitude sides side solutions system"
    )
)
_CHANGED = re.compile(
    r"\b(?:half|twice|double|square|cube|reciprocal|negative|opposite|inverse|root|multiple) of\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")
_MIXED = re.compile(r"(?<![\d/.^_{}()])(\d{1,9})\s(\d{1,9})/(\d{1,9})(?![\d/])")
_CALLED = re.compile(
    r"(?:the )?(?:(?:point|ordered pair|ordered triple|pair|interval|vector|set|matrix)s?\s(?=[(\[{⟨\\])"
    r"|(?:line|equation|function|circle|parabola)\s(?=[^=]{1,40}=))",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"(\d{1,12})\s(?:(?:different|distinct|possible|total|such)\s)?(?:ways|values|solutions|integers|numbers|"
    r"possibilities|arrangements|combinations|permutations|outcomes|triangles|subsets|functions)(?:\sin "
    r"total)?"
)
_OVER = re.compile(r"\s?\bover\b\s?")


def one_spelling(text: str) -> str:
    """Return a text whose sub- and superscripts, ℝ and ½ are LaTeX: Unicode's own folding would lose them."""
    if text.isascii():
        return text
    text = _SUBSCRIPTS.sub(lambda m: f"_{{{m[0].translate(_SUBSCRIPT_DIGITS)}}}", text)
    text = _SUPERSCRIPTS.sub(lambda m: f"^{{{m[0].translate(_SUPERSCRIPT_SIGNS)}}}", text)
    return text.translate(_LETTERS)


def maths_of(answer: str) -> str:
    r"""Return the expression itself, in one spelling: still LaTeX, but without `\left`, `\text` and "
    "delimiters."""
    text = spoken(one_spelling(answer), keep_latex=True) or ""
    text = _LINE_GAP.sub(r"\\\\ ", text)
    text = _undelimited(text)
    text = _out_of_text(text)
    text = _BLACKBOARD.sub(lambda m: {"R": "ℝ", "Z": "ℤ"}[m[1] or m[2]], text)
    text = _TEXTS.sub(_plain_text, text).replace("\\%", "%").replace("\\$", "$")
    for spelled, sign in _SPELLINGS:
        if spelled in text:
            text = re.sub(
                re.escape(spelled) + (r"(?![a-zA-Z])" if spelled[0] == "\\" else ""), f" {sign} ", text
            )
    text = _SPACING.sub(" ", _THOUSANDS.sub("", text))
    text = _DEGREES.sub("°", text).replace("{,}", "").replace("~", " ~ ")
    text = _ROOT_WORDS.sub(r"√\1 ", text)
    text = _MIXED.sub(r"\1\\frac{\2}{\3}", text)
    if not re.search(r"[A-Za-z]{4}", _OVER.sub(" ", text)):
        text = _OVER.sub("/", text)  # "3 over 4"
    text = _INFINITY.sub(lambda m: "-∞" if m[2] else "∞", text)
    text = re.sub(r"^\s?<([^<>=]{1,80},[^<>=]{1,80})>\s?$", r"⟨\1⟩", text)
    return " ".join(text.replace("…", "...").split())


def _out_of_text(text: str) -> str:
    r"""Return what stands in a `\text{...}` that is all there is, braces and all."""
    lead = _WHOLE_TEXT.match(text)
    if lead is None or not text.endswith("}"):
        return text
    depth = 1
    for at in range(lead.end(), len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if not depth:
            return text[lead.end() : at] if at == len(text) - 1 else text
    return text


def _plain_text(m: re.Match[str]) -> str:
    content = m[1].strip()
    return (
        f" {_LETTER_UNITS.get(content, content)} "
        if len(content) != 1 or content in _LETTER_UNITS
        else content
    )


def _undelimited(text: str) -> str:
    """Drop the signs that begin and end mathematics inside a sentence."""
    if text.replace("\\$", "").count("$") % 2 == 0:
        text = re.sub(r"(?<!\\)\$", " ", text)
    if "\\(" in text and "\\)" in text:
        text = text.replace("\\(", " ").replace("\\)", " ")
    return text


def bare_expression(text: str, asked: Asked) -> str:
    """Return what a sentence says the answer to be: "(-1, 7)" of "The vertex is at (-1, 7), by symmetry."

    :param text: in one spelling, as of `maths_of`.
    :returns: the text itself where its words may be more than the way to say it.
    """
    then = list(_THEN.finditer(text))
    if then and not _doubtful(text.replace(" or ", " ")):
        text = text[then[-1].end() :]
    whence = _WHENCE.search(text)
    if whence and whence.start() and not _doubtful(text[whence.start() :]):
        text = text[: whence.start()]
    text = text.strip(" .,;:")
    for copula in _COPULA.finditer(text):
        if not _is_lead(text[: copula.start()], asked):
            continue
        text = text[copula.end() :].strip(" .,:").removeprefix("given by ").strip() or text
        break
    called = _CALLED.match(text)
    text = text[called.end() :] if called else text
    counted = _COUNTED.fullmatch(text)
    return counted[1] if counted else text


def _doubtful(text: str) -> bool:
    words = [w.casefold() for w in re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", text)]
    return not _DOUBTFUL.isdisjoint(words) or any(w.endswith("n't") for w in words)


def _is_lead(text: str, asked: Asked) -> bool:
    """Say whether words only name what was asked for: "the area of the circle"."""
    words = [w.casefold() for w in _WORD.findall(re.sub(r"\\[a-zA-Z]+", " ", text))]
    if not words or len(words) > 14 or _CHANGED.search(text) or not any(len(w) > 1 for w in words):
        return False
    if _doubtful(text) or re.search(r"[=<>≤≥+*/^≈]|\d\s?[-.]", text):
        return False
    known = _FUNCTION_WORDS | _NEUTRAL | (asked.words if asked.question else _NAMED)
    return all(len(w) == 1 or w in known or w.rstrip("s") in known or asked.has(w) for w in words)
