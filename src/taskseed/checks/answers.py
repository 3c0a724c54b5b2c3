"""Reading answers, and saying whether two of them are the same: `equal`, `different` or `unknown`.

Everything fails closed: `equal` is said only where it is sure, and what cannot be read is no vote.
All functions are pure and take hostile text in bounded time: answers beyond 2,000 characters are not read.
"""

import re
from collections.abc import Callable, Sequence

from taskseed.checks.quantities import Quantity, Verdict, equal_numbers, omissible, parse_number
from taskseed.checks.reading import MAX_CHARS, clean, normalise_text, spoken, without_explanation
from taskseed.checks.structured import MAX_STRUCTURED, canonical_structure

__all__ = [
    "Quantity",
    "Verdict",
    "equal_numbers",
    "equal_short",
    "match_option",
    "normalise_text",
    "parse_number",
    "pool_votes",
    "same_answer",
    "vote_key",
]

_BARE_LABEL = re.compile(r"(?:option |choice |answer )?\(?([A-Za-z])[).:]?", re.IGNORECASE)
_LABEL_AND_TEXT = re.compile(
    r"(?:option |choice |answer )?(?:\(([A-Za-z])\)[:.]?|([A-Za-z])[).:])\s+(.+)", re.I | re.S
)
_LABEL_SPACE_TEXT = re.compile(r"([A-Z]) (.+)", re.DOTALL)
_HEAD = re.compile(r"[.,;:]\s|\s[(—]")
_GLOSS = re.compile(r"(\S[^()]*?) \(([^()]+)\)")
# Words by which a text takes back, negates or widens what stood before it.
_DOUBT = frozenset(
    (
        "not", "no", "nor", "neither", "both", "or", "and", "wrong", "incorrect", "false", "wait", "actually",
        "rather", "instead", "however", "but", "never", "cannot", "except", "unless", "maybe", "also",
    )
)  # fmt: skip
_YES = frozenset({"yes", "true", "y", "correct", "right"})
_NO = frozenset({"no", "false", "n", "incorrect", "wrong"})
_NOT_A_COUNT = re.compile(r"[0-9][.][0-9]|(?<![0-9.,])0[0-9]|/|[0-9][eE]")


def match_option(answer: str, options: Sequence[str]) -> int | None:
    """Return the index of the one option that an answer names by its text or label, else None.

    The text wins over the label. Labels are letters: "B", "(B)", "B.", "B) sunlight", "The answer is B".
    Several options, a label beyond the options, or an answer that takes back what it said is None.
    """
    text = spoken(answer)
    if text is None or not options or len(options) > 26:
        return None
    for form in dict.fromkeys((clean(answer).strip(), text, without_explanation(text))):
        found = _by_text(form, options)
        if found is None:
            found = _by_label(form, options)
        if found is not None:
            return found
    return _by_head(text, options)


def equal_short(a: str, b: str, aliases: Sequence[str] = ()) -> Verdict:
    """Compare two short texts; two texts that differ may still mean the same, so that is `unknown`.

    :param aliases: other texts that mean the same as `b`.
    :returns: `different` only where both are plain counts ("12", "twelve") of different value.
    """
    left, right = _short(a), _short(b)
    if left is None or right is None:
        return "unknown"
    if left == right or left in {_short(alias) for alias in aliases}:
        return "equal"
    x, y = _count(a), _count(b)
    if x is None or y is None or x.unit != y.unit:
        return "unknown"
    return "equal" if x.value == y.value else "different"


def vote_key(kind: str, answer: str, options: Sequence[str] = (), aliases: Sequence[str] = ()) -> str | None:
    """Return the text under which a solve's answer is counted; None where it cannot be read.

    The option's text for a question with options; `yes` or `no` for a boolean without them; the exact
    number and unit ("72", "5/2", "50 %") for a number; the normalised text otherwise. Code and
    expressions keep their case; structured answers are canonical JSON.

    :param aliases: texts that all mean one answer; each of them votes for the first.
    """
    if len(answer) > (MAX_STRUCTURED if kind == "structured" else MAX_CHARS):
        return None
    if options or kind == "multiple_choice":
        index = match_option(answer, options)
        if index is None and kind == "boolean":
            index = _boolean_option(answer, options)
        return None if index is None else options[index]
    if kind in _KEYS:
        return _KEYS[kind](answer)
    key = _short(answer)
    same = [text for alias in aliases if (text := _short(alias)) is not None]
    if key is None or key in same:
        return None if key is None else same[0]
    count = _count(answer)
    return str(count) if count is not None else key


def pool_votes(kind: str, keys: Sequence[str | None]) -> list[str | None]:
    """Let votes that add something join the bare votes, where it is clear what they mean.

    Numbers: "72" and "72 apple" are one vote where nobody said "72 pear". Short answers and spans:
    "orangutan (genus pongo)" joins "orangutan" where no other gloss stands beside it ("mercury (planet)"
    and "mercury (element)" stay apart). Keys of other kinds stay as they are. The order does not matter.
    """
    if kind == "number":
        units = _additions(keys, lambda key: key.partition(" ")[::2])
        return [_pooled(key, units) for key in keys]
    if kind in ("short_answer", "span"):
        glosses = _additions(keys, _split_gloss)
        return [_without_gloss(key, set(keys), glosses) for key in keys]
    return list(keys)


def _additions(keys: Sequence[str | None], split: Callable[[str], Sequence[str]]) -> dict[str, set[str]]:
    """Return what was added to each bare key."""
    found: dict[str, set[str]] = {}
    for bare, added in (split(key) for key in keys if key):
        if added:
            found.setdefault(bare, set()).add(added)
    return found


def _split_gloss(key: str) -> tuple[str, str]:
    match = _GLOSS.fullmatch(key)
    return (match[1], match[2]) if match else (key, "")


def _without_gloss(key: str | None, said: set[str | None], glosses: dict[str, set[str]]) -> str | None:
    bare, gloss = _split_gloss(key or "")
    return bare if gloss and bare in said and len(glosses[bare]) == 1 else key


def same_answer(
    kind: str, a: str, b: str, options: Sequence[str] = (), aliases: Sequence[str] = ()
) -> Verdict:
    """Say whether two answers to one question are the same.

    :param options: the question's options, where it has them.
    :param aliases: other texts that mean the same as `b`.
    """
    if kind == "number":
        verdict = equal_numbers(a, b)
        others = () if verdict == "equal" else aliases
        return "equal" if any(equal_numbers(a, alias) == "equal" for alias in others) else verdict
    if options or kind in {"multiple_choice", "boolean"}:
        x, y = vote_key(kind, a, options), vote_key(kind, b, options)
        if x is None or y is None:
            return "unknown"
        return "equal" if x == y else "different"
    if kind not in _KEYS:
        return equal_short(a, b, aliases)
    x, y = vote_key(kind, a), vote_key(kind, b)
    if x is None or y is None:
        return "unknown"
    if x == y or x in {vote_key(kind, alias) for alias in aliases}:
        return "equal"
    return "different" if kind == "structured" else "unknown"


def _by_text(text: str, options: Sequence[str]) -> int | None:
    """Find the one option whose text this is: to the letter, then normalised, then as a quantity."""
    exact = [i for i, option in enumerate(options) if option.strip() == text]
    if exact:
        return exact[0] if len(exact) == 1 else None
    wanted = normalise_text(text)
    alike = [i for i, option in enumerate(options) if normalise_text(option) == wanted]
    if alike:
        return alike[0] if len(alike) == 1 else None
    equal = [i for i, option in enumerate(options) if _same_quantity(text, option)]
    return equal[0] if len(equal) == 1 else None


def _same_quantity(a: str, b: str) -> bool:
    return parse_number(a) is not None and equal_numbers(a, b) == "equal"


def _by_label(text: str, options: Sequence[str]) -> int | None:
    """Find the option by its letter, alone or before a text that does not speak for another option."""
    bare = _BARE_LABEL.fullmatch(text)
    if bare is not None:
        return _index(bare[1], options)
    spaced = _LABEL_SPACE_TEXT.fullmatch(text)
    if spaced is not None:
        named = _by_text(spaced[2], options)
        return named if named is not None and named == _index(spaced[1], options) else None
    both = _LABEL_AND_TEXT.fullmatch(text)
    if both is None:
        return None
    for form in (both[3], without_explanation(both[3])):
        named = _by_text(form, options)
        if named is not None:
            return named
    index = _index(both[1] or both[2], options)
    return index if index is not None and _speaks_for_no_other(both[3], index, options) else None


def _by_head(text: str, options: Sequence[str]) -> int | None:
    """Find the option named before a comma, a full stop or a parenthesis, if the rest takes nothing back."""
    cut = _HEAD.search(text)
    if cut is None:
        return None
    head = text[: cut.start()]
    index = _by_text(head, options)
    bare = _BARE_LABEL.fullmatch(head)
    if index is None and bare is not None:
        index = _index(bare[1], options)
    if index is None or not _speaks_for_no_other(text[cut.end() :], index, options):
        return None
    return None if _may_go_on(normalise_text(head), text[cut.end() :], _without(index, options)) else index


def _may_go_on(head: str, rest: str, others: Sequence[str]) -> bool:
    """Say whether `rest` may be the end of a longer option: "Washington, DC" is not surely "Washington"."""
    words = set(re.findall(r"\w+", normalise_text(rest)))
    ends = [o[len(head) :] for o in map(normalise_text, others) if re.match(rf"{re.escape(head)}\W", o)]
    return any(len(words) < 3 or not words.isdisjoint(re.findall(r"\w+", end)) for end in ends)


def _speaks_for_no_other(text: str, index: int, options: Sequence[str]) -> bool:
    words = re.findall(r"\w+(?:'\w+)?", clean(text))
    labels = {chr(65 + i) for i in range(len(options)) if i != index}
    folded = [word.casefold() for word in words]
    if not labels.isdisjoint(words) or not _DOUBT.isdisjoint(folded):
        return False
    if any(word.endswith("n't") for word in folded):
        return False
    said = f" {' '.join(folded)} "
    others = (" ".join(re.findall(r"\w+(?:'\w+)?", normalise_text(o))) for o in _without(index, options))
    return not any(other and f" {other} " in said for other in others)


def _without(index: int, options: Sequence[str]) -> list[str]:
    return [option for i, option in enumerate(options) if i != index]


def _index(label: str, options: Sequence[str]) -> int | None:
    index = ord(label.upper()) - 65
    return index if index < len(options) else None


def _yes_or_no(answer: str) -> str | None:
    """Return `yes` or `no` where the first word says it and no later word says otherwise."""
    text = spoken(answer)
    words = re.findall(r"\w+", normalise_text(text)) if text else []
    if not words:
        return None
    rest = _DOUBT.union(_YES, _NO).isdisjoint(words[1:])
    if not rest or words[0] not in _YES | _NO:
        return None
    # "Right now" is no yes: what follows the word must be set off, or begin an explanation.
    if len(words) > 1 and re.match(r"\w+\s*(?:[.,;:(\n]|because\b|since\b)", text or "") is None:
        return None
    return "yes" if words[0] in _YES else "no"


def _boolean_option(answer: str, options: Sequence[str]) -> int | None:
    said = _yes_or_no(answer)
    polar = [i for i, option in enumerate(options) if said and _yes_or_no(option) == said]
    return polar[0] if len(polar) == 1 else None


def _number_key(answer: str) -> str | None:
    quantity = parse_number(answer)
    return None if quantity is None else str(quantity)


def _expression_key(answer: str) -> str | None:
    """Return a plain number's exact value, else the expression without spaces; "y = 5" stays an equation."""
    text = spoken(answer)
    if text is None:
        return None
    quantity = None if "=" in text else parse_number(text)
    if quantity is not None and not quantity.unit:
        return str(quantity.value)
    # A fraction written in LaTeX has no slash: "\\frac{1}{2}x" and "1/2x" need not be the same.
    words = (clean(answer) if "frac" in answer else text).split()
    return re.sub(r"(?<!\w) | (?!\w)", "", " ".join(words))


def _code_key(answer: str) -> str | None:
    return answer.strip() or None


_KEYS = {
    "number": _number_key,
    "boolean": _yes_or_no,
    "expression": _expression_key,
    "structured": canonical_structure,
    "code": _code_key,
}


def _short(answer: str) -> str | None:
    text = spoken(answer)
    if text is None:
        return None
    text = without_explanation(text)
    key = normalise_text(text) or None
    # Case is meaning in symbols: "10 MW" is not "10 mW", "CO" is not "Co".
    symbols = [word for word in text.split() if len(word) < 5] if text[:1].isdigit() else []
    if any(word != word.lower() for word in symbols) or (len(text) == 2 and text.isupper()):
        return " ".join(text.split())
    return key


def _count(answer: str) -> Quantity | None:
    """Return a whole number written as a count: not "007", "3.10" or "1/2", which may be names."""
    text = spoken(answer)
    if text is None or _NOT_A_COUNT.search(text) or "=" in text:
        return None
    quantity = parse_number(text)
    return quantity if quantity is not None and quantity.value.denominator == 1 else None


def _pooled(key: str | None, units: dict[str, set[str]]) -> str | None:
    found = units.get(key or "", set())
    if key is None or len(found) != 1:
        return key
    (unit,) = found
    return f"{key} {unit}" if omissible(unit) else key
