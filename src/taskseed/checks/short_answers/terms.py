"""Short answers that a marker with the question at hand takes for the same. Pure; see `same_term`."""

import re
from collections.abc import Callable, Iterator

from taskseed.checks.lists.asked_order import order_counts
from taskseed.checks.reading import clean, word_list
from taskseed.checks.short_answers.gazetteer import PLURALS
from taskseed.checks.short_answers.glosses import same_substance, without_contrast, without_gloss
from taskseed.checks.short_answers.names import FORM_ASKED, same_name
from taskseed.checks.short_answers.periods import same_amount, says_when
from taskseed.checks.short_answers.questions import NO_QUESTION, Asked, read_question
from taskseed.checks.short_answers.restated import stated

__all__ = ["plain_formula", "same_term"]

Key = Callable[[str], str | None]

_MAX_CHARS = 400
_LATEX_GROUP = re.compile(r"\\(?:text|mathrm|mathit|rm|ce|mathbf|operatorname|mathsf)\s?\{([^{}]*)\}")
_SCRIPT = re.compile(r"[_^]\s?\{\s?([0-9A-Za-z+-]{1,6})\s?\}|<su[bp]>([0-9+-]{1,4})</su[bp]>|[_^](?=[0-9+-])")
_FORMULA_SIGN = re.compile(r"[A-Z][a-z]?|[0-9()+-]")
_SUBTITLE = re.compile(r"(?P<title>.{3,80}?)[;,:]\s?or,?:?\s(?=[A-Z])(?P<other>.{3,100})")
_WORKS = (
    r"novels?|books?|plays?|films?|movies?|songs?|albums?|bands?|duos?|groups?|operas?|poems?|paintings?|show|series|"
    r"musicals?|company|companies|brand|titles?|stor(?:y|ies)|team|club|game|game?s"
)
_MANY = r"two|both|are|were|names|pair|who|couple|between which"
# Words whose plural is another thing.
_OTHER_IN_PLURAL = frozenset(
    word_list(
        "glass arm custom good mean new spectacle short cloth art air ash force effect manner minute content "
        "damage brain draught work water wood scale spirit color regard premise quarter letter people time "
        "security saving talk term facility remain pain look part second state physic mathematic economic "
        "politic ethic statistic "
    )
)
_NUMBER_ASKED = r"plural|singular|word|spel[lt]\w*|grammatical|noun|pronoun|form|" + _WORKS


def same_term(said: str, gold: str, question: str, key: Key) -> bool:
    """Say whether a short answer states the gold in a form that leaves no doubt, the question at hand.

    What is said may be a sentence that repeats the question, have a bracket or an appositive that only
    explains it, set itself apart from another answer ("X, not Y"), be another form of the same name, amount
    or time, or have the two things that are asked for in the other order.

    :param key: returns the form in which short answers are compared; None for what is no answer.
    """
    if max(len(said), len(gold)) > _MAX_CHARS or not said or not gold:
        return False
    asked = read_question(question) if question else NO_QUESTION
    golds = [gold, *(g for g in without_gloss(gold, asked, key) if _is_bare(g, gold))]
    return any(_alike(text, other, asked, key) for text in _readings(said, asked, key) for other in golds)


def _is_bare(shorter: str, gold: str) -> bool:
    return "(" in gold and shorter != gold


def _readings(said: str, asked: Asked, key: Key) -> Iterator[str]:
    """Yield what an answer may come down to, itself first."""
    yield said
    text = without_contrast(said)
    if text != said:
        yield text
    yield from without_gloss(text, asked, key)
    for answer in stated(text, asked):
        yield answer
        yield from without_gloss(answer, asked, key)
    m = _BRACKETED_END.fullmatch(text)
    if m is not None:
        for answer in without_gloss(f"x{m['gloss']}", asked, key):
            if answer == "x":
                yield from stated(m["sentence"], asked)


_BRACKETED_END = re.compile(r"(?P<sentence>[^()]{4,300}?)(?P<gloss>\s\([^()]{1,120}\))")


def _alike(said: str, gold: str, asked: Asked, key: Key) -> bool:
    x, y = key(said), key(gold)
    if x is None or y is None:
        return False
    return (
        x == y
        or same_name(said, gold, asked, key)
        or says_when(said, gold, asked)
        or same_amount(said, gold, asked)
        or _same_formula(said, gold)
        or (_is_molecule(said, gold, asked) and same_substance(said, gold, key))
        or _of_form(x) == _of_form(y)
        or _one_or_many(x, y, said, gold, asked)
        or _both(said, gold, asked, key)
        or _same_title(said, gold, key)
    )


def _is_molecule(said: str, gold: str, asked: Asked) -> bool:
    """Say whether a formula may stand for a name here: an element's symbol only for an element."""
    if not asked.words or asked.has(FORM_ASKED):
        return False
    formula = min(said, gold, key=len)
    return asked.head == "element" or re.fullmatch(r"[A-Z][a-z]?", formula) is None


def _of_form(key: str) -> str:
    """Return "gravity of moon" for "moon's gravity", and "treaty of versailles" for "versailles treaty"."""
    key = key.removeprefix("it ") if key.count(" ") else key  # "It increases"
    words = key.split()
    if "of" in words or not 2 <= len(words) <= 5:
        return key
    if words[-1] in ("treaty", "battle", "theory", "gulf", "strait") and len(words) == 2:
        return f"{words[1]} of {words[0]}"
    at = next((i for i, w in enumerate(words) if w.endswith("'s")), None)
    if at is None or at == len(words) - 1:
        return key
    return " ".join([*words[at + 1 :], "of", *words[:at], words[at][:-2]])


def plain_formula(text: str) -> str:
    r"""Return a formula without its typesetting: "H2O" for `$\text{H}_2\text{O}$` and `H<sub>2</sub>O`."""
    text = clean(text).strip().strip("$").strip()
    for _ in range(3):
        text = _LATEX_GROUP.sub(r"\1", text)
    text = _SCRIPT.sub(lambda m: m[1] or m[2] or "", text)
    return re.sub(r"\\[,;! ]|\\\(|\\\)|[\s{}$]", "", text)


def _same_formula(said: str, gold: str) -> bool:
    if max(len(said), len(gold)) > 80:
        return False
    x, y = plain_formula(said), plain_formula(gold)
    if x != y or not x:
        return False
    return (x[0].isupper() and not _FORMULA_SIGN.sub("", x)) or (
        "=" in x and re.search(r"[A-Za-z]", x) is not None
    )


def _one_or_many(x: str, y: str, said: str, gold: str, asked: Asked) -> bool:
    """Say whether two texts are one noun, once in the plural, where the question does not mind which."""
    if not asked.words or asked.person or asked.has(_NUMBER_ASKED) or x.split()[:-1] != y.split()[:-1]:
        return False
    a, b = x.split()[-1], y.split()[-1]
    if PLURALS.get(a, a) == PLURALS.get(b, b):
        return True
    if asked.head in ("element", "metal", "gas", "liquid", "material"):
        return False
    # A capital may be that of a name: "Williams", "Beatles".
    if any(text.split()[-1][:1].isupper() for text in (said, gold)):
        return False
    longer, shorter = (a, b) if len(a) > len(b) else (b, a)
    if len(shorter) < 3 or not longer.isalpha() or shorter in _OTHER_IN_PLURAL or shorter.endswith("s"):
        return False
    plurals = {shorter + "s", shorter + "es" if shorter.endswith(("x", "z", "ch", "sh", "o")) else ""}
    return longer in plurals or (shorter.endswith("y") and longer == shorter[:-1] + "ies")


def _both(said: str, gold: str, asked: Asked, key: Key) -> bool:
    """Say whether two texts are the same two things that are asked for, in either order."""
    plural = asked.has(_MANY) or not asked.noun or asked.noun[-1].endswith("s")
    if (
        not asked.words
        or not plural
        or asked.has(_WORKS + "|respectively|order|then|first|phrase|slogan")
        or order_counts(asked.text)
    ):
        return False
    x, y = _two(said, key), _two(gold, key)
    return x is not None and y is not None and (x == y or _shared(x) == _shared(y))


def _two(text: str, key: Key) -> frozenset[str] | None:
    parts = re.split(r",?\s(?:and|&)\s", re.sub(r"^both\s", "", text, flags=re.IGNORECASE))
    if len(parts) != 2 or any(re.search(r"[,;:]|\b(?:or|not|but|to|from|then)\b", part) for part in parts):
        return None
    keys = [key(part) for part in parts]
    if None in keys or any(len((k or "").split()) > 5 for k in keys):
        return None
    return frozenset(k for k in keys if k)


def _shared(pair: frozenset[str]) -> frozenset[str]:
    """Give both of "orville" and "wilbur wright" the surname that stands once."""
    words = sorted((name.split() for name in pair), key=len)
    if len(words) == 2 and len(words[0]) == 1 and len(words[1]) == 2:
        return frozenset((f"{words[0][0]} {words[1][1]}", " ".join(words[1])))
    return pair


def _same_title(said: str, gold: str, key: Key) -> bool:
    """Say whether one is the other with its second title: "Moby-Dick; or, The Whale"."""
    for longer, shorter in ((said, gold), (gold, said)):
        m = _SUBTITLE.fullmatch(longer)
        if m is not None and re.search(r";\s?or|or,\s", longer) and key(m["title"]) == key(shorter):
            return True
    return False
