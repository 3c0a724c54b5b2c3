"""What is measured, by which names, and words that exclude each other. Data, mostly."""

import re

from taskseed.checks.asking import asked_about
from taskseed.checks.reading import word_list
from taskseed.checks.verbs import WORD, stem

__all__ = ["CONTRARY", "MEASURES", "measures_asked"]

# What is measured; an answer that names one of them answers no question about another.
MEASURES = frozenset(
    map(
        stem,
        word_list(
            "area perimeter volume circumference radius diameter length width height depth long wide "
            "tall high deep "
            "speed distance time duration mass weight age temperature mean average median mode range "
            "sum difference "
            "product quotient ratio profit loss cost price revenue income tax tip discount interest "
            "principal "
            "probability chance likelihood odds slope intercept hypotenuse numerator denominator "
            "minimum maximum "
            "smallest largest least greatest"
        ),
    )
)
# What a question asks for that names it in other words.
_MEASURED_BY = (
    (re.compile(r"\bhow far\b", re.IGNORECASE), "distance length"),
    (re.compile(r"\bhow long\b", re.IGNORECASE), "time length duration long distance"),
    (re.compile(r"\bhow (?:fast|quickly)\b", re.IGNORECASE), "speed rate"),
    (re.compile(r"\bhow old\b", re.IGNORECASE), "age"),
    (re.compile(r"\bhow (?:tall|high)\b", re.IGNORECASE), "height tall high"),
    (re.compile(r"\bhow (?:wide|deep|heavy)\b", re.IGNORECASE), "width wide depth deep weight mass"),
    (
        re.compile(r"\b(?:probability|chance|likelihood|likely)\b", re.IGNORECASE),
        "probability chance likelihood",
    ),
    (re.compile(r"\b(?:mean|average)\b", re.IGNORECASE), "mean average"),
    (re.compile(r"\b(?:mass|weight|weigh)\b", re.IGNORECASE), "mass weight"),
    (re.compile(r"\b(?:costs?|pay|price|spend|charge)\b", re.IGNORECASE), "cost price total"),
)
CONTRARY = tuple(
    frozenset(pair.split())
    for pair in (
        "first last", "first second", "boys girls", "men women", "minimum maximum", "smallest largest",
        "left right",
        "least greatest", "oldest youngest", "with without", "more fewer", "more less", "morning afternoon",
        "morning evening", "before after", "red blue", "win lose", "adults children", "even odd",
        "higher lower",
        "longest shortest", "positive negative", "inside outside", "male female", "son daughter",
        "mother father",
        "brother sister", "his her", "monday tuesday", "saturday sunday", "april may",
    )
)  # fmt: skip


def measures_asked(asking: str) -> set[str]:
    """Return the stems of what a question asks to measure, under all its names."""
    named = {stem(w) for w in WORD.findall(asked_about(asking))} & MEASURES
    for asked, names in _MEASURED_BY:
        if asked.search(asked_about(asking)):
            named |= {stem(name) for name in names.split()}
    return named
