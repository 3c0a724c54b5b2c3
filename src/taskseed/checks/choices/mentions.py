"""Where in a text options are named, and whether the text rules them out or settles on one. Pure.

"A, B and D are mammals, so C", "It isn't D; it's A", "Not Sydney but Canberra", "the second option".
"""

import re
from collections.abc import Sequence

from taskseed.checks.choices.wordforms import words_of
from taskseed.checks.reading import TAKEN_BACK, clean, word_list

__all__ = ["by_elimination", "by_place", "marked"]

_PLACES = {
    w: n
    for n, words in enumerate(
        ("first 1st", "second 2nd", "third 3rd", "fourth 4th", "fifth 5th", "sixth 6th")
    )
    for w in words.split()
} | {"last": -1, "final": -1}  # fmt: skip
_PLACE = re.compile(
    rf"(?:it is |choose |pick )?({'|'.join(_PLACES)}) (?:answer )?(?:option|choice|alternative|answer|1|one)"
    r"(?: is (?:right|correct|(?:right|correct) (?:1|one|answer|option)))?"
)
_LABEL = re.compile(
    r"(?<![\w'.-])(?:[Oo]ptions?\s|[Cc]hoices?\s|[Aa]nswers?\s(?=[(A-Z]))?(?:\(([A-Z])\)|"
    r"([A-Z]))(?![\w'-]|\.\w)"
)
# A capital A is a label only where no noun follows it.
_AFTER_A = re.compile(
    r"\s*(?:$|[,.;:)]|(?:and|or|nor|but|so|is|are|was|isn't|aren't|can|can't|cannot|fits|fails|"
    r"seems|looks|remains|would|must)\b)"
)
_M = r"<\d+>"
_LIST = rf"{_M}(?:(?: ,)?(?: and| or| nor|(?<=>) ,) (?:option )?{_M}|(?: ,) {_M})*"
_VERDICT = (
    r"(?:wrong|incorrect|false|out|ruled out|eliminated|excluded|implausible|impossible|tempting|"
    r"distractor|trap|untrue)"
)
_RULED_OUT = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:many|most|some)(?: person| people| student)? (?:would )?(?:say|think|believe|choose|"
        rf"pick|answer)(?: it is)? {_LIST}",
        rf"{_LIST} (?:is|are|was|were|seem|look|sound|may be|might be|may seem|might seem)(?: all|"
        rf" both| clearly| simply| a)? "
        rf"(?:{_VERDICT}|not (?:right|correct|answer|correct answer|right answer|possible|"
        rf"true))(?: answer| option| choice)?(?= [.,;:]|$| and| but| so)",
        rf"{_LIST} can not be(?: right| correct| answer| true)?(?= [.,;:]|$| and| but| so)",
        rf"(?:ruling out|rule out|eliminating|eliminate|excluding|exclude|rejecting|reject|"
        rf"discarding|discard) {_LIST}",
        rf"(?:it |that |this |answer )?(?:is |can |could |must )?(?:,|and )?not (?:be )?(?:either "
        rf")?(?:option )?{_LIST}(?: either)?"
        rf"(?= [.,;:]|$| but| and| as )",
        rf"(?:it |answer )?(?:is )?neither {_LIST}",
        rf"(?:rather than|instead of) {_LIST}",
    )
)
_WORD_FOR_IT = (
    r"(?:(?:it|that|this|(?:only )?(?:correct |right |final |best )?(?:answer|option|choice)) (?:is|"
    r"must be|has to be|can only be|should be|be) )?"
)
_CHOSEN = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_M} (?:is|must be|remain|stay)(?: then| therefore| clearly| definitely| indeed)? "
        r"(?:only )?(?:right|correct|true|answer|correct answer|right answer|best answer|odd 1 "
        r"out|odd one out|correct 1|right 1|"
        r"right one|correct one|correct option|correct choice|best choice|only 1 left|left|"
        r"exception)(?= [.,;:]|$| and| not)",
        rf"(?:leave|leaving|left with)(?: only| us with| only us with)?(?: option)? {_M}(?= [.,;:]|$)",
        rf"only(?: option)? {_M} (?:remain|is left|fit|work|is correct|is right)(?= [.,;:]|$)",
        rf"(?:^|(?<=[.,;:—] )|\b(?:but|so|thu|thus|hence|therefore|then|rather|and)(?: ,)? "
        rf"){_WORD_FOR_IT}(?:option )?(?:rather )?{_M}(?! , <)(?= [.,;!)^]|$)",
    )
)
_HENCE = re.compile(r"\b(?:as result|so|thu|thus|hence|therefore)\b")
_ASIDE = re.compile(
    r", as (?:many|most|some)(?: people| student| person)? (?:believe|think|say|assume|suppose) "
    r",?|, (?:although|though) (?:many|most|some)(?: people| person)? (?:believe|think|say)[^.]*$"
)
_HEDGES = frozenset(
    word_list(
        "maybe perhaps possibly might may could probably likely guess if unless ? depend "
        "sometimes think believe "
        "either or suppose assume seem sure doubt unsure except wait actually would however both "
        "all none even"
    )
)
_TURNS = (TAKEN_BACK - {"rather", "but", "instead"}) | _HEDGES


def by_place(text: str, options: Sequence[str]) -> int | None:
    """Return the index of the option that is called by its place: "the second option", "the last choice"."""
    found = _PLACE.fullmatch(" ".join(words_of(text)))
    if found is None:
        return None
    place = _PLACES[found[1]]
    return len(options) - 1 if place < 0 else place if place < len(options) else None


def marked(text: str, options: Sequence[str], known: frozenset[str], *, labels: bool = True) -> list[str]:
    """Return the words of a text, marks among them, where `<i>` stands for each naming of option i.

    :param known: the words of all options.
    :param labels: letters name options too; they do not where options themselves hold single letters.
    """
    text = clean(text).replace("<", " ").replace(">", " ")
    if labels and not any(re.search(r"(?<![\w'])[B-Z](?![\w'.])|^[A-Z]$", option) for option in options):
        text = _LABEL.sub(lambda m: _label(m, text, len(options)), text)
    words = words_of(text, known, marks=True)
    spelled = sorted(
        ((tuple(w for w in words_of(o, known) if w != "its"), i) for i, o in enumerate(options)),
        reverse=True,
        key=lambda x: len(x[0]),
    )
    out: list[str] = []
    at = 0
    while at < len(words):
        here = next((x for x in spelled if x[0] and tuple(words[at : at + len(x[0])]) == x[0]), None)
        out.append(words[at] if here is None else f"<{here[1]}>")
        at += 1 if here is None else len(here[0])
    again: list[str] = []
    for i, word in enumerate(out):  # "(B) No", "B: Mars": one naming
        if (
            not (word == ")" and i > 1 and out[i - 2] == "(")
            and not (word == "(" and i + 2 < len(out) and out[i + 2] == ")" and out[i + 1].startswith("<"))
            and not (word.startswith("<") and again[-1:] == [word])
        ):
            again.append(word)
    return again


def _label(m: re.Match[str], text: str, count: int) -> str:
    letter = m[1] or m[2]
    index = ord(letter) - 65
    if index >= count or letter == "I" or (letter == "A" and not m[1] and not _AFTER_A.match(text, m.end())):
        return m[0]
    return f" <{index}> "


def by_elimination(text: str, options: Sequence[str], known: frozenset[str]) -> int | None:
    """Return the index of the one option that a text settles on while it weighs others, else None.

    Each naming of an option must be ruled out, chosen, or stand before a "so" that ends with the choice.
    """
    words = marked(text.replace("<", " ").replace(">", " "), options, known)
    said = " ".join(_ASIDE.sub(" ", " ".join(words)).split()).strip(" .")
    if "<" not in said or len(options) > 26:
        return None
    out: set[int] = set()

    def rule_out(m: re.Match[str]) -> str:
        out.update(map(int, re.findall(r"<(\d+)>", m[0])))
        return "^"

    for pattern in _RULED_OUT:
        said = pattern.sub(rule_out, said)
    chosen: set[int] = set()
    end = -1
    for pattern in _CHOSEN:
        for m in pattern.finditer(said):
            chosen.update(map(int, re.findall(r"<(\d+)>", m[0])))
            end = max(end, m.end())
    if len(chosen) != 1 or not chosen.isdisjoint(out):
        return None
    named = re.findall(r"<(\d+)>", said)
    hence = [m.start() for m in _HENCE.finditer(said)]
    conclusive = bool(hence) and not said[end:].strip(" .^)")
    premise = said[: hence[-1]] if conclusive else ""
    left = [int(i) for i in named if int(i) not in chosen]
    weighed = re.findall(r"<(\d+)>", premise)
    if sum(int(i) not in chosen for i in weighed) != len(left) or (not out and not conclusive):
        return None
    rest = re.findall(r"\?|[^\W\d_]+", said)
    doubts = (
        _TURNS - {"not", "no", "false", "wrong", "incorrect", "neither", "nor", "none", "both", "all"}
        if premise
        else _TURNS
    )
    return None if not doubts.isdisjoint(rest) else chosen.pop()
