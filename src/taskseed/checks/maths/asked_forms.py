"""What a mathematical question says about its answer: the form, the unit, the names, the order. Pure."""

import functools
import re
from dataclasses import dataclass

from taskseed.checks.reading import clean
from taskseed.checks.stems import stem

__all__ = ["Asked", "asked_by"]

_MAX_CHARS = 4000
_FORM = re.compile(
    r"\bexpand|\bfactor(?:i[sz]|ed|ise|ize)?\w*\b|\bsimpl|\brationali[sz]|\bpartial fractions?|\blowest "
    r"terms|"
    r"\breduced\b|\bmixed number|\bimproper|\b(?:standard|vertex|slope[- ]intercept|point[- ]slope|general|"
    r"polar|rectangular|radical|exponential|factored|expanded|logarithmic|intercept|cartesian|"
    r"descending|ascending)\s(?:form|order)|"
    r"\bcommon fraction|\bas an? (?:\w+\s){0,2}(?:fraction|decimal|product|sum|difference|polynomial|"
    r"power|percent\w*|logarithm|integer|equation|ratio)\b|"
    r"\b(?:in|of) the (?:following )?form\b|\bcomplet\w+ the square|\bscientific notation|\bdecimal\b|"
    r"\bsingle (?:logarithm|fraction|power)|\bnegative exponents|\bcombine|\bnearest\b|\brewrite\b|"
    r"\bdistribut",
    re.IGNORECASE,
)
_EVALUATE = re.compile(r"\b(?:evaluate|compute|calculate)\b", re.IGNORECASE)
_UNORDERED = re.compile(
    r"\b(?:solutions?|solve|roots?|zeroe?s|all|values?|separated by commas|factors|divisors|set)\b",
    re.IGNORECASE,
)
_ORDERED = re.compile(
    r"\b(?:order|ordered|sequence|next|first|terms?|respectively|pairs?|triples?|coordinates|smallest|"
    r"largest|least|"
    r"greatest|ascending|descending|increasing|decreasing|points?|vector)\b",
    re.IGNORECASE,
)
_ASKED_FOR = re.compile(
    r"\b(?:find|determine|compute|evaluate|calculate|solve for|value of|values of|what is|what are)\s{1,3}"
    r"(?:\$([^$]{1,80})\$|\\\(([^()]{1,80})\\\)|([A-Za-z])(?=[.?,;:\s]|$)(?!\s?[-+*/^=(]))",
    re.IGNORECASE,
)
_TUPLE = re.compile(r"\(\s?((?:\\?[A-Za-z]{1,6}\s?,\s?){1,4}\\?[A-Za-z]{1,6})\s?\)")
_BASE = re.compile(
    r"\b(?:in|to|as an? number in|as a) base[- ]\$?(\d{1,2}|two|three|four|five|six|seven|eight|nine)\b",
    re.IGNORECASE,
)
_BASES = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9}
_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question says about the answer.

    :param question: the question, empty where there is none.
    :param words: its words, folded, without their endings.
    :param form: it asks for a form: an answer that only is as much is none.
    :param evaluated: it asks to reckon: what is left to reckon is no answer.
    """

    question: str = ""
    words: frozenset[str] = frozenset()
    form: bool = False
    evaluated: bool = False

    def has(self, word: str) -> bool:
        """Say whether a word is in the question, in some form of it."""
        return stem(word) in self.words

    def says(self, pattern: str) -> bool:
        """Say whether a pattern is in the question, whatever its case."""
        return re.search(pattern, self.question, re.IGNORECASE) is not None

    @property
    def unordered(self) -> bool:
        """Say whether several values may be given in any order."""
        return bool(_UNORDERED.search(self.question)) and not _ORDERED.search(self.question)

    @property
    def names(self) -> frozenset[str]:
        """Return the names and expressions that the question asks for, without spaces."""
        found = ((m[1] or m[2] or m[3]) for m in _ASKED_FOR.finditer(self.question))
        return frozenset(
            re.sub(r"[\s\\]", "", name) for name in found if "=" not in name and name not in "aAI"
        )

    @property
    def in_tuple(self) -> tuple[str, ...]:
        """Return the names of the last tuple in the question: x, y of "(x,y)"."""
        found = _TUPLE.findall(self.question)
        return tuple(name.strip().removeprefix("\\") for name in found[-1].split(",")) if found else ()

    @property
    def base(self) -> int | None:
        """Return the number base that the answer is asked in."""
        found = _BASE.findall(self.question)
        return None if not found else _BASES.get(found[-1].lower()) or int(found[-1])

    @property
    def restated(self) -> str:
        """Return the question without spaces, to see whether an answer only restates it."""
        return re.sub(r"\s|\\left|\\right", "", self.question)


@functools.lru_cache(maxsize=512)
def asked_by(question: str) -> Asked:
    """Return what a question says about its answer."""
    text = clean(question[-_MAX_CHARS:])
    words = frozenset(stem(word) for word in _WORD.findall(text))
    return Asked(text, words, bool(_FORM.search(text)), bool(_EVALUATE.search(text)))
