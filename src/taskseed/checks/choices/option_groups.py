"""Options that speak of other options: "Both A and B", "All of the above", "None of these". Pure."""

import re
from collections.abc import Callable, Iterable, Sequence

from taskseed.checks.choices.wordforms import words_of
from taskseed.checks.reading import clean, word_list
from taskseed.checks.stems import stem

__all__ = ["by_group", "groups_of"]

_WHOLE = (
    r"(?:of (?:above|these|those|them|this|option|choice|statement|given option|listed|above option|"
    r"following|"
)
_WHOLE += r"other option|option above|listed option|answer|answer choice)(?: given| listed| above)?)"
_ALL = re.compile(
    rf"(?:all|each|every 1|every one)(?: (?:3|4|5|above|these|those|{_WHOLE}|(?:3|4|5) {_WHOLE}))?"
)
_NONE = re.compile(
    rf"(?:none|neither|no 1|not any|not one)(?: (?:above|these|those|{_WHOLE}))?|no option|nothing above"
)
_BOTH = re.compile(rf"both(?: {_WHOLE}| are)?|2 {_WHOLE}")
_LABELS = re.compile(
    r"(?:options?\s|choices?\s|statements?\s)?\(?([A-Z])\)?"
    r"((?:(?:,|,? and|,? nor| &|,? as well as) \(?[A-Z]\)?)+)(?: only| alone)?",
)
_PLAIN = frozenset(
    word_list("is are be was were do does have has can right correct true apply applies answer option valid "
              "it they that these those them here and so listed")
)  # fmt: skip

Group = frozenset[int]  # indices of the options meant; those denied as -1 - index


def groups_of(options: Sequence[str]) -> dict[int, Group]:
    """Return the options that speak of others, and of which; where two mean the same, neither is kept."""
    speaking = [i for i, option in enumerate(options) if _of_all(option) or _of_labels(option, len(options))]
    plain = [i for i in range(len(options)) if i not in speaking]
    found = {}
    for i in speaking:
        whole = _of_all(options[i])
        found[i] = _over(plain, whole) if whole else _of_labels(options[i], len(options))
    kept = list(found.values())
    return {i: group for i, group in found.items() if group and kept.count(group) == 1}


def by_group(
    text: str, options: Sequence[str], question: str, alone: Callable[[str], int | None]
) -> int | None:
    """Return the index of the option that speaks of just those options that the answer names, else None.

    :param alone: finds the one option that a part of the answer names.
    """
    groups = groups_of(options)
    if not groups or len(text) > 300:
        return None
    plain = [i for i in range(len(options)) if i not in groups]
    whole = _of_all_with_rest(text, question, len(plain))
    named = (
        _over(plain, whole)
        if whole
        else _of_labels(clean(text).strip(" ."), len(options)) or _of_texts(text, alone)
    )
    listed = not whole and len(named or ()) == len(plain) > 2  # "A, B and C" may be two answers too many
    wanted = [
        i for i, group in groups.items() if named and group == named and not (listed and _of_all(options[i]))
    ]
    return wanted[0] if len(wanted) == 1 else None


def _over(indices: Iterable[int], whole: str) -> Group:
    return frozenset(i if whole == "all" else -1 - i for i in indices)


def _of_all(text: str) -> str:
    """Return `all` or `none` where a text says just that of the options."""
    said = " ".join(words_of(text))
    if said in ("all", "each", "none", "neither"):
        return ""
    return "all" if _ALL.fullmatch(said) else "none" if _NONE.fullmatch(said) else ""


def _of_all_with_rest(text: str, question: str, options: int) -> str:
    """Read "All of them are renewable": what follows are words of the question."""
    words = words_of(text.split(":")[0])
    asked = {stem(w) for w in words_of(question)} - {"not"}
    for cut in range(min(len(words), 7), 0, -1):
        head = " ".join(words[:cut])
        whole = _of_all(head) or ("all" if options == 2 and _BOTH.fullmatch(head) else "")
        if not whole and head == "neither" and options == 2:
            whole = "none"
        if whole:
            return whole if all(w in _PLAIN or stem(w) in asked for w in words[cut:]) else ""
    return ""


def _of_labels(text: str, options: int) -> Group | None:
    """Read "Both A and B", "A and C only", "neither A nor B"."""
    denied = re.match(r"neither\s", text, re.IGNORECASE) is not None
    bare = re.sub(r"^(?:both|neither)\s", "", text.strip(" ."), flags=re.IGNORECASE)
    if _LABELS.fullmatch(bare) is None or ("nor" in bare) != denied:
        return None
    indices = {ord(c) - 65 for c in re.findall(r"\b[A-Z]\b", bare)}
    return None if max(indices) >= options else _over(indices, "none" if denied else "all")


def _of_texts(text: str, alone: Callable[[str], int | None]) -> Group | None:
    """Read "Both aspirin and ibuprofen"."""
    text = clean(text).strip(" .")
    denied = re.match(r"neither\s", text, re.IGNORECASE) is not None
    bare = re.sub(r"^(?:both|neither)\s", "", text, flags=re.IGNORECASE)
    parts = re.split(r",? and |, | & |,? as well as |,? nor ", bare)
    if (
        re.search(r"\s(?:and|&|as well as|nor)\s", bare) is None
        or not 1 < len(parts) < 10
        or (" nor " in bare) != denied
    ):
        return None
    found = [alone(part.strip()) for part in parts]
    named = {i for i in found if i is not None}
    return _over(named, "none" if denied else "all") if len(named) == len(parts) else None
