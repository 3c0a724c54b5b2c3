"""Whether a question asks for things in an order, and whether its numbers are a set. Pure."""

import re

from taskseed.checks.numbers.numerals import words_as_digits

__all__ = [
    "asks_for_points",
    "asks_to_solve",
    "chain_runs",
    "counts_alike",
    "is_set_of_numbers",
    "order_counts",
    "order_may_count",
]

_MAX_CHARS = 4000
_ORDERED = re.compile(
    r"\b(?:in (?:the )?(?:(?:correct|right|chronological|alphabetical|ascending|descending|increasing|"
    r"decreasing|numerical|proper) )?order|"
    r"order(?:ed)? "
    r"(?:of|by|from)|arrange|rank|sort|sequence|steps?|"
    r"from (?:the )?(?:smallest|largest|lowest|highest|least|greatest|oldest|newest|youngest|"
    r"lightest|heaviest|"
    r"shortest|longest|slowest|fastest|"
    r"first|earliest))\b",
    re.IGNORECASE,
)
# Words by which the places of an answer's items may have a meaning. "What are the length and width?"
_MAYBE_ORDERED = re.compile(
    r"\b(?:orders?|ordered|ordering|ranked|ranking|sorted|arranged|sequential\w*|chronolog\w*|alphabetic\w*|"
    r"ascending|descending|increasing|decreasing|respectively|stages?|phases?|timeline|successive|consecutive|"
    r"path|route|directions|recipe|procedure|process|cycle|spell(?:ed)?|coordinates?|vector|tuple|pair|"
    r"podium|gold|runners?-up|former|latter|then|second|third|next|top|outwards?|onwards?|upwards?|downwards?|"
    r"match(?:es|ed|ing)?|blanks?|(?:for|in|of|does|did|do) each|first and|from [\w ]{1,40} to|and)\b|&",
    re.IGNORECASE,
)
_SOLVE = re.compile(
    r"\b(?:solve|solutions?|roots?|zeros|zeroes|satisf(?:y|ies|ying)|values? (?:of|for) \$?[a-z]\b|"
    r"(?:find|determine) (?:all )?(?:real |possible |complex |integer |positive )*\$?[a-z]\b(?![a-z'])|"
    r"for (?:which|what) (?:\w+ )?(?:values?|[a-z]\b)|intercepts|eigenvalues)",
    re.IGNORECASE,
)
_SET = re.compile(
    r"\b(?:divisors?|factors?|primes?|factori[sz]ation|find all|list all|name all|give all|"
    r"(?:which|what) (?:\w+ ){0,2}(?:numbers|integers|years|values)|"
    r"all (?:the )?(?:\w+ ){0,3}(?:numbers|integers|values)|"
    r"(?:sides?(?: lengths?)?|angles|angle measures) of (?:the|a|an|this) (?:[a-z-]+ )?(?:triangle|rectangle)"
    r"(?=\W*\Z|[?.]|,? in ))\b",
    re.IGNORECASE,
)
_IN_TURN = re.compile(
    r"\b(?:systems?|simultaneous\w*|coordinates?|points?|vertex|vertices|terms?|first|last|pairs?|dimensions?)\b",
    re.IGNORECASE,
)
# Points are asked for as a set where something meets; those with names or roles of their own are not.
_POINTS = re.compile(
    r"\b(?:intersect\w*|meet|cross|touch|coincide|in common|"
    r"(?:all|which|what|the) (?:\w+ )?points (?:on|of|at|where|that|which|do|does|are|is))\b",
    re.IGNORECASE,
)
_NAMED_POINTS = re.compile(
    r"\b[A-Z]\b,? (?:and )?[A-Z]\b|\b(?i:points?|vert\w+) [A-Z]\b|"
    r"(?i:\b(?:intersect|meet|cross|touch)(?:es|s)?\b[^?.]*(?:\band\b|[,:]))|"
    r"(?i:\b(?:max\w*|min\w*|start\w*|end\w*|left\w*|right\w*|upper|lower|each|vert\w+|first|last|intervals?)\b)"
)
_PAIRED = re.compile(r"\band\b|&|\bcoordinates?\b|\b(?:ordered )?pairs?\b", re.IGNORECASE)
# Words by which amounts have places of their own: each of them, before and after.
_IN_PLACES = re.compile(
    r"\b(?:each|every|chang\w*|r[io]se\w*|fell|fall\w*|grow\w*|grew|increas\w*|decreas\w*|before|after|from|"
    r"start\w*|end\w*|min\w*|max\w*|low\w*|high\w*|old|new|table|listed|shown|named|left|right|versus|vs)\b|[,;:]|\.\s",
    re.IGNORECASE,
)
_VARIABLE = re.compile(r"(?<![A-Za-z\\'’])([b-hj-z])(?![A-Za-z'’(])")
_ENDS = (
    r"small\w*|low\w*|least|light\w*|short\w*|young\w*|slow\w*|weak\w*|cold\w*|cheap\w*|few\w*|soft\w*|near\w*|"
    r"clos\w*|narrow\w*"
)
_RISING = re.compile(rf"\b(?:ascending|increasing|(?:from (?:the )?)(?:{_ENDS}) to)\b", re.IGNORECASE)
_FALLING = re.compile(
    r"\b(?:descending|decreasing|from (?:the )?(?:larg\w*|high\w*|great\w*|heav\w*|long\w*|big\w*|fast\w*|"
    r"strong\w*|hot\w*|most|tall\w*) to)\b",
    re.IGNORECASE,
)


def order_counts(question: str) -> bool:
    """Say whether a question asks for things in an order."""
    return _ORDERED.search(question[-_MAX_CHARS:]) is not None


def order_may_count(question: str) -> bool:
    """Say whether the places of an answer's items may have a meaning ("the length and the width")."""
    return order_counts(question) or _MAYBE_ORDERED.search(question[-_MAX_CHARS:]) is not None


def asks_to_solve(question: str) -> bool:
    """Say whether the values of one unknown are asked for: "x = 2 or x = 3" lists them."""
    text = question[-_MAX_CHARS:]
    return _SOLVE.search(text) is not None and _IN_TURN.search(text) is None and len(_unknowns(text)) < 2


def is_set_of_numbers(question: str) -> bool:
    """Say whether numbers are asked for that make a set: solutions, divisors, all that are such."""
    text = question[-_MAX_CHARS:]
    if _IN_TURN.search(text) or order_may_count(question):
        return asks_to_solve(question) and not order_counts(question)
    return asks_to_solve(question) or (_SET.search(text) is not None and len(_unknowns(text)) < 2)


def asks_for_points(question: str) -> bool:
    """Say whether points are asked for as a set: "Where do the line and the parabola intersect?" """
    text = question[-_MAX_CHARS:]
    if _POINTS.search(text) is None or _NAMED_POINTS.search(text):
        return False
    return not order_may_count(_PAIRED.sub(" ", text))


def counts_alike(question: str, count: int) -> bool:
    """Say whether amounts are asked for by their count alone: "What are the prices of the two tickets?" """
    text = question[-_MAX_CHARS:]
    numbers = re.findall(r"\b[0-9]+\b", words_as_digits(text.casefold()))
    counted = str(count) in numbers or (
        count == 2 and re.search(r"\bboth\b", text, re.IGNORECASE) is not None
    )
    return counted and not (order_may_count(question) or _IN_TURN.search(text) or _IN_PLACES.search(text))


def _unknowns(text: str) -> set[str]:
    return set(_VARIABLE.findall(text))


def chain_runs(question: str, sign: str) -> bool:
    """Say whether a chain with `<` or `>` runs the way in which the question asks for things."""
    text = question[-_MAX_CHARS:]
    rising, falling = _RISING.search(text) is not None, _FALLING.search(text) is not None
    return rising != falling and rising == (sign == "<")
