"""Mathematical answers that are words: "Even", "Friday", "(C)", "no solution". Pure."""

import re
from fractions import Fraction

from taskseed.checks.maths.asked_forms import Asked
from taskseed.checks.maths.tokens import FUNCTIONS
from taskseed.checks.numbers.numerals import amount_in_words, words_as_digits
from taskseed.checks.numbers.quantities import Verdict
from taskseed.checks.reading import TAKEN_BACK, word_list
from taskseed.checks.rules import Rules
from taskseed.checks.short_answers.short import equal_short

__all__ = ["compare_letters", "compare_words", "empty_set", "is_wording", "number_in_words"]

_LETTER = re.compile(r"(?:(?:option|choice|answer)\s)?\(?([A-Z])\)?[.:]?", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_SIGNS = re.compile(r"[=<>≤≥+^_\\{}√π∞*±∪∩]")
_NONE = re.compile(
    r"(?:there (?:is|are|exists?) |it has |the (?:equation|system|inequality|problem) has )?"
    r"(no|zero) (real |valid |such )?(?:solutions?|roots?|values?(?: of [a-z])?)(?: exists?| to the "
    r"(?:equation|system)| for [a-z])?",
    re.IGNORECASE,
)
_EMPTY = re.compile(
    r"(?:(?:so |thus |therefore |hence )?the (?:solution )?set (?:of (?:all )?(?:real )?solutions )?is "
    r")?(?:the )?(?:empty|null)(?: set)?|\\?\{\s?\\?\}|∅",
    re.IGNORECASE,
)
# Words that say the same of a limit, a value, or a function.
_SAME = {
    "dne": "does not exist", "undefined": "undefined", "not defined": "undefined", "infinite": "∞",
    "positive infinity": "∞",
    "doesn't exist": "does not exist", "the limit does not exist": "does not exist", "it does not "
        "exist": "does not exist",
    "limit does not exist": "does not exist", "it is undefined": "undefined", "infinitely many "
        "solutions": "infinitely many",
    "infinite solutions": "infinitely many", "there are infinitely many solutions": "infinitely many",
    "infinitely many": "infinitely many", "p.m.": "pm",
}  # fmt: skip
_CLOCK = re.compile(r"\d{1,2}(?:\s?:\s?\d{2})?\s?[ap]\.?\s?m\b\.?", re.IGNORECASE)
_PLAIN = frozenset(
    word_list(
        "the a an it is are was this that of to on in at falls fall answer final so therefore thus "
        "hence here must be "
        "would will we get have our function graph curve they called and"
    )
)
_NEGATIVE = TAKEN_BACK | frozenset(
    word_list("or if when than before after about likely probably both neither nor except")
)


def is_wording(gold: str) -> bool:
    """Say whether a gold answer is words, and no expression; in the spelling of `mathtext.maths_of`."""
    if _SIGNS.search(gold):
        return False
    if _CLOCK.fullmatch(gold):
        return True
    words = [w for w in _WORD.findall(gold) if len(w) > 1 and w not in FUNCTIONS and w != "pi"]
    letters = sum(map(len, words))
    return any(len(w) > 2 for w in words) and letters * 2 > len(gold.replace(" ", "")) and "," not in gold


def empty_set(text: str, asked: Asked) -> bool:
    """Say whether a text says that there is no solution: "∅", "No solutions, so the set is empty"."""
    clauses = [
        c.strip()
        for c in re.split(r"[,;.]\s?(?:so\s|thus\s|therefore\s|hence\s)?", text.strip(" ."))
        if c.strip()
    ]
    if not clauses or len(clauses) > 3:
        return False
    for clause in clauses:
        none = _NONE.fullmatch(clause)
        if _EMPTY.fullmatch(clause) is None and none is None:
            return False
        if none and (none[2] or "").strip() == "real" and not asked.says(r"\breal\b|\bR\b"):
            return False
    return True


def compare_words(said: str, gold: str, asked: Asked, rules: Rules) -> Verdict:
    """Compare an answer with a gold answer that is words.

    A sentence states the gold where all its other words are of the question, or carry no meaning.
    """
    if _CLOCK.fullmatch(gold):
        return "equal" if _CLOCK.fullmatch(said) and _clock(said) == _clock(gold) else "unknown"
    texts = [
        re.sub(r"\b([ap])\.\s?m\b\.?", r"\1m", " ".join(t.split()), flags=re.IGNORECASE) for t in (said, gold)
    ]
    a, b = (_SAME.get(t.casefold().strip(" ."), t) for t in texts)
    if a == b or equal_short(a, b, (), rules) == "equal":
        return "equal"
    return "equal" if _states(a, b, asked) else "unknown"


def _clock(text: str) -> str:
    return re.sub(r"[\s.]", "", text.casefold())


def compare_letters(said: str, gold: str) -> Verdict | None:
    r"""Compare with a gold answer that is an option's letter, "(C)"; None where it is none."""
    wanted = re.fullmatch(r"\(([A-Z])\)", gold.strip())
    letter = _LETTER.fullmatch(said.strip())
    if wanted is None:
        return None
    return "unknown" if letter is None else "equal" if letter[1].upper() == wanted[1] else "different"


def number_in_words(text: str) -> Fraction | None:
    """Return the number that words are: "minus three fourths", "five thirty-sixths", "three over four"."""
    text = text.casefold().strip(" .")
    if len(text) > 80 or not re.fullmatch(r"[a-z -]+", text):
        return None
    amount = amount_in_words(text)
    if amount is not None and not amount[1].strip():
        return amount[0]
    negative = re.match(r"(?:minus|negative)\s", text)
    bare = text[negative.end() :] if negative else text
    parts = re.fullmatch(
        r"(\d{1,6})[ -](?:(\d{1,6})(?:st|nd|rd|th)|over (\d{1,6}))", words_as_digits(bare.removesuffix("s"))
    )
    if parts is None or not int(parts[2] or parts[3]):
        return None
    return Fraction(int(parts[1]), int(parts[2] or parts[3])) * (-1 if negative else 1)


def _states(said: str, gold: str, asked: Asked) -> bool:
    words = [w.casefold() for w in re.findall(r"[^\W_]+(?:'[^\W\d_]+)?", said)]
    wanted = [w.casefold() for w in re.findall(r"[^\W_]+(?:'[^\W\d_]+)?", gold)]
    if not wanted or len(words) > 25 or re.search(r"[^\w\s().'\"-]|-\(", said):
        return False
    places = [i for i in range(len(words) - len(wanted) + 1) if words[i : i + len(wanted)] == wanted]
    if len(places) != 1:
        return False
    before, behind = words[: places[0]], words[places[0] + len(wanted) :]
    rest = before + behind
    if wanted == ["neither"] and "nor" in behind:  # "neither even nor odd"
        return all(w == "nor" or asked.has(w) for w in behind) and all(
            w in _PLAIN or asked.has(w) for w in before
        )
    if not _NEGATIVE.isdisjoint(rest) or any(w.endswith("n't") for w in rest):
        return False
    named = all(
        before[i + 1 : i + 2] == ["is"] for i, w in enumerate(before) if len(w) == 1 and w not in _PLAIN
    )
    known = all(w in _PLAIN or (len(w) == 1 and w.isalpha()) or asked.has(w) for w in before) and all(
        map(asked.has, behind)
    )
    begun = not before or before[0] in _PLAIN or len(before[0]) == 1
    return (
        named
        and known
        and begun
        and len(behind) <= 1
        and (not behind or behind[0] not in ("is", "are", "was", "and"))
    )
