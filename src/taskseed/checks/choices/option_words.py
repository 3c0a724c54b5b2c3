"""Which option an answer means that says it in other words: other forms, another order, a short name. Pure.

Every rule looks at all options and names one only if it alone fits.
"""

import re
from collections.abc import Callable, Hashable, Sequence

from taskseed.checks.choices.wordforms import plain_latex, words_of
from taskseed.checks.lists.asked_order import order_counts
from taskseed.checks.maths.expressions import compare_expressions
from taskseed.checks.numbers.quantities import equal_numbers, parse_number
from taskseed.checks.reading import clean, word_list
from taskseed.checks.short_answers.gazetteer import FORMULAS

__all__ = ["by_wording", "only_one", "vocabulary"]

_PRONOUNS = frozenset(word_list("it he she they"))
_SEQUENCE = re.compile(r"\s*(?:->|→|⇒|=>|,\s?then\b|;|,|\bthen\b|\bfollowed by\b|\n)\s*")
_IN_TURN = frozenset(
    word_list("then before after first later followed to from than respectively minus by over or")
)
_OPEN = (
    ("can", "not", "be", "determined"), ("can", "not", "be", "known"), ("can", "not", "be", "told"),
    ("can", "not", "determine"), ("can", "not", "tell"), ("can", "not", "be", "answered"),
    ("can", "not", "answer"),
    ("not", "enough", "information"), ("not", "enough", "info"), ("not", "enough", "data"),
    ("insufficient", "information"), ("insufficient", "data"), ("not", "known"), ("unknown",),
    ("undetermined",),
    ("not", "answerable"), ("not", "determinable"), ("indeterminate",), ("impossible", "to", "determine"),
    ("impossible", "to", "tell"),
)  # fmt: skip
_OPEN_END = re.compile(
    r"\s(?:from|with|based on|given)\s(?:the\s)?(?:given\s|available\s|provided\s)?"
    r"(?:information|text|passage|context|data|story)(?:\s(?:given|provided|available|alone|above))?$"
    r"|\sto (?:tell|say|determine|answer|know|decide)$"
)
# Formulas and symbols by name; of an element's two, "O2" and "O", the symbol.
_FORMULAS = {name: formula.casefold() for formula, name in FORMULAS.items()} | {
    "table salt": "nacl", "oxygen gas": "o2", "hydrogen gas": "h2", "nitrogen gas": "n2",
}  # fmt: skip
_NAME = re.compile(
    r"(?:[A-Z][\w'’-]*\.?|[A-Z]\.)(?:\s(?:[A-Z][\w'’-]*\.?|[A-Z]\.|de|van|von|da|del|della)){1,4}"
)


def vocabulary(options: Sequence[str]) -> frozenset[str]:
    """Return the words of all options."""
    return frozenset(word for option in options for word in words_of(option))


def only_one(fits: Callable[[str], bool], options: Sequence[str]) -> int | None:
    """Return the index of the one option that fits, else None."""
    found = [i for i, option in enumerate(options) if fits(option)]
    return found[0] if len(found) == 1 else None


def by_wording(text: str, options: Sequence[str], question: str = "") -> int | None:
    """Return the index of the one option that says the same in another form, else None.

    Forms: number words, contractions, plurals, "insoluble"; "Y and X"; arrows for commas; "10-20"; surnames,
    initials; LaTeX; chemical formulas; 0.75 for 75%; "not enough information" for "cannot be determined".
    """
    known = vocabulary(options)
    said = words_of(text, known)
    if not said or re.match(r"(?:yes|no)[,.;:]", text, re.IGNORECASE):
        return None  # "No, consent" is not "No consent"
    keys: tuple[Callable[[str], Hashable], ...] = (
        lambda t: tuple(_core(words_of(t, known))),
        lambda t: _unordered(t, known, question),
        lambda t: _in_sequence(t, known),
        _undetermined,
        _formula_text,
    )
    for key in keys:
        wanted = key(text)
        found = [i for i, option in enumerate(options) if wanted and key(option) == wanted]
        if found:
            return found[0] if len(found) == 1 else None
    rules = (_by_predicate, _by_number, _by_head_noun, _by_formula, _by_name, _by_share, _by_algebra)
    return next((index for rule in rules if (index := rule(text, options, question)) is not None), None)


def _by_predicate(text: str, options: Sequence[str], _: str) -> int | None:
    """Match "He puts the pan away" to "puts the pan away", and "rises" to "It rises"."""
    known = vocabulary(options)
    said = words_of(text, known)
    if said[0] in _PRONOUNS and len(said) > 2:
        return only_one(lambda o: _core(words_of(o, known)) == _core(said[1:]), options)
    return only_one(lambda o: words_of(o, known) == ["it", *said], options)


def _by_number(text: str, options: Sequence[str], question: str) -> int | None:
    """Match a number to the one option that it states once its unit is taken from the question."""
    if not question or len(text) > 100 or parse_number(text) is None:
        return None
    return only_one(lambda o: equal_numbers(text, o, question) == "equal", options)


def _formula_text(text: str) -> str | None:
    """Return a formula without its LaTeX and spaces; words have spaces that count."""
    plain = plain_latex(text)
    return plain.replace(" ", "") if re.search(r"[\\^_()=+*/\d]", text) else None


def _core(words: list[str]) -> list[str]:
    """Drop words that carry nothing where one option is told from the others."""
    return [w for w in words if w not in {"its", "both", "only"}] or words


def _unordered(text: str, known: frozenset[str], question: str) -> tuple[tuple[str, ...], ...] | None:
    """Return the parts that "and" joins, sorted, where their order says nothing."""
    words = [w for w in words_of(text, known, marks=True) if w not in {"its", "both", "only", "."}]
    if (
        "and" not in words
        or not _IN_TURN.isdisjoint(words)
        or order_counts(question)
        or "respectively" in question
    ):
        return None
    parts: list[list[str]] = [[]]
    for word in words:
        if word in {"and", ",", ";"}:
            parts.append([])
        else:
            parts[-1].append(word)
    kept = [tuple(part) for part in parts if part]
    return tuple(sorted(kept)) if len(kept) > 1 else None


def _in_sequence(text: str, known: frozenset[str]) -> tuple[tuple[str, ...], ...] | None:
    parts = [tuple(words_of(part, known)) for part in _SEQUENCE.split(clean(text).strip(" ."))]
    parts = [part[1:] if part[:1] == ("and",) else part for part in parts]
    return tuple(parts) if len(parts) > 2 and all(parts) else None


def _undetermined(text: str) -> str | None:
    """Say whether a text says that the question cannot be answered."""
    said = " ".join(words_of(text))
    for _ in range(2):
        said = _OPEN_END.sub("", said)
    said = re.sub(r"^(?:it|this|that|answer|there|we|one) (?:is |has )?|^is |\bgiven$", "", said).strip()
    return "undetermined" if tuple(said.split()) in _OPEN else None


def _by_head_noun(text: str, options: Sequence[str], _: str) -> int | None:
    """Match "the whale" to "A blue whale", where no other option speaks of one."""
    head = re.fullmatch(r"the ([^\W\d_]{3,30})", clean(text).strip(" ."), re.IGNORECASE)
    if head is None:
        return None
    noun = words_of(head[1])
    with_it = [i for i, option in enumerate(options) if set(noun) <= set(words_of(option))]
    if len(with_it) != 1 or not re.match(
        r"(?:an?|the)\s[^\W\d_]+\s[^\W\d_]+[.]?$", options[with_it[0]], re.IGNORECASE
    ):
        return None
    return with_it[0] if words_of(options[with_it[0]])[-1:] == noun else None


def _by_formula(text: str, options: Sequence[str], _: str) -> int | None:
    """Match a substance by its name or its formula; symbols of one letter are labels first."""

    def formula(t: str) -> str:
        key = " ".join(words_of(t))
        return _FORMULAS.get(key, plain_latex(t).replace("_", "").replace(" ", "").casefold())

    symbols = frozenset(_FORMULAS.values())
    wanted = formula(text)
    if wanted not in symbols or (len(text.strip(" .")) == 1):
        return None
    if wanted == text.casefold() and text == text.casefold():
        return None  # "co" is no formula
    return only_one(lambda o: formula(o) == wanted and (len(o) > 3 or o != o.casefold()), options)


def _by_name(text: str, options: Sequence[str], _: str) -> int | None:
    """Match a person or body by surname, with initials for first names, or by all its initials."""
    names = [clean(option).strip(" .") for option in options]
    said = clean(text).strip(" .")
    initials = re.fullmatch(r"(?:[A-Z]\.?\s?){2,5}", said)
    if initials is not None:
        wanted = re.sub(r"[^A-Z]", "", said)
        if max(ord(c) - 65 for c in wanted) < len(options) or len(wanted) < 2:
            return None  # "BC" may be two labels
        return only_one(lambda o: _initials(o) == wanted, names)
    if not all(_NAME.fullmatch(name) for name in names) or not re.fullmatch(
        r"[A-Z][\w'.-]+(?:\s[A-Z][\w'.-]*){0,3}", said
    ):
        return None
    parts = said.split()
    if len(parts) == 1:
        return only_one(lambda o: parts[0] in o.split(), names) if _surname(parts[0], names) else None
    return only_one(lambda o: _abbreviates(parts, o.split()), names)


def _surname(word: str, names: Sequence[str]) -> bool:
    return any(name.split()[-1] == word for name in names)


def _abbreviates(short: Sequence[str], full: Sequence[str]) -> bool:
    """Say whether each word stands for the one in its place, the last in full, middle names aside."""
    if len(short) == 2 and len(full) > 2:
        full = (full[0], full[-1])
    if len(short) != len(full) or short[-1] != full[-1] or len(short[-1]) < 3:
        return False
    return all(
        a == b or (len(min(a.rstrip("."), b.rstrip("."), key=len)) == 1 and a[0] == b[0])
        for a, b in zip(short[:-1], full[:-1], strict=True)
    )


def _initials(name: str) -> str:
    words = [w for w in re.findall(r"[^\W\d_]+", name) if w not in {"of", "the", "and", "for", "in", "on"}]
    return "".join(w[0] for w in words) if len(words) > 1 and all(w[0].isupper() for w in words) else ""


def _by_share(text: str, options: Sequence[str], question: str) -> int | None:
    """Match 0.75 or 3/4 to 75%, and the other way, where all options are written in one of the two ways."""
    said = parse_number(text) if len(text) < 100 else None
    if said is None or said.unit not in ("", "%") or re.search(r"percent|per cent|%", question):
        return None
    parsed = [parse_number(o) if len(o) < 100 else None for o in options]
    units = {q.unit if q is not None else None for q in parsed}
    if len(units) != 1 or units == {said.unit} or not units <= {"", "%"}:
        return None
    share = said.value / 100 if said.unit else said.value * 100
    found = [i for i, q in enumerate(parsed) if q is not None and q.value == share]
    return found[0] if len(found) == 1 else None


def _by_algebra(text: str, options: Sequence[str], _: str) -> int | None:
    """Match a formula to the one option that is the same by exact algebra."""
    if (
        len(text) > 200
        or parse_number(text) is not None
        or not re.search(r"[\d^\\=+*/√π]", text)
        or len(options) > 12
    ):
        return None
    if any(len(o) > 200 or not re.search(r"[\d^\\=+*/√πa-z]", o) for o in options) or re.search(
        r"[^\W\d_]{4,}\s", text
    ):
        return None
    return only_one(lambda o: compare_expressions(text, o) == "equal", options)
