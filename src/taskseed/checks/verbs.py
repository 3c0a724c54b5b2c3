"""Verbs and other words that say what becomes of a number of things, and the stems of words. Data, mostly."""

import re

from taskseed.checks.reading import word_list

__all__ = ["ASKS_CHANGE", "DIRECTIONS", "FUNCTION", "UP", "WORD", "roles", "stem"]

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_FORMS = {
    form: verb
    for verb, forms in {
        "sell": "sold", "give": "gave given", "get": "got gotten", "buy": "bought", "eat": "ate eaten",
        "spend": "spent", "lose": "lost", "leave": "left", "keep": "kept", "make": "made",
        "have": "has had having",
        "take": "took taken", "go": "goes went gone", "drive": "drove driven", "run": "ran",
        "ride": "rode ridden",
        "pay": "paid", "find": "found", "win": "won", "hold": "held", "drink": "drank drunk",
        "fly": "flew flown",
        "see": "saw seen", "read": "read", "write": "wrote written", "catch": "caught", "bring": "brought",
        "do": "does did done", "be": "is are was were been am", "weigh": "weight", "cost": "cost",
        "fall": "fell fallen",
        "rise": "rose risen", "grow": "grew grown", "become": "became", "throw": "threw thrown",
        "steal": "stole stolen",
        "break": "broke broken", "send": "sent", "lend": "lent", "build": "built", "teach": "taught",
        "come": "came",
        "begin": "began begun", "know": "knew known", "child": "children", "person": "people persons",
        "foot": "feet", "man": "men", "woman": "women", "mouse": "mice", "goose": "geese", "tooth": "teeth",
        "swim": "swam swum", "choose": "chose chosen", "draw": "drew drawn", "remain": "remainder",
        "put": "put",
        "plant": "planted", "die": "dying died", "use": "using", "kilometer": "kilometre", "meter": "metre",
    }.items()
    for form in forms.split()
}  # fmt: skip
# What happens to the things that are counted; a verb may stand in several groups.
_GROUPS = {
    "keep": "have leave remain keep hold own possess contain still",
    "away": "lose give spend sell eat use drink donate remove lend throw break steal pop die deliver",
    "gain": "earn make get receive gain buy collect pick find win score raise catch sell harvest save charge",
    "cost": "cost pay spend charge owe buy",
    "go": "go travel drive walk run cover ride fly swim move",
    "need": "need require use take must",
    "last": "last take spend need require",
    "save": "save keep",
    "make": "make bake produce build plant cook write draw create",
}
_ROLES: dict[str, frozenset[str]] = {}
for _name, _verbs in _GROUPS.items():
    for _verb in _verbs.split():
        _ROLES[_verb] = _ROLES.get(_verb, frozenset()) | {_name}

# Words that carry a statement and say nothing about its number.
FUNCTION = frozenset(
    word_list(
        "a an the in on at for from to by of with into onto and is are was were be been being am do does did "
        "has have had will would can total altogether overall all both now then so thus therefore "
        "hence there here "
        "that this these those which it its he she they we i you his her hers their our my your "
        "exactly precisely "
        "just only also equals equal value number amount sum answer result final solution left per "
        "each every "
        "back who when after what about him them us me during across"
    )
)
_ENDINGS = (("ies", "y"), ("ied", "y"), ("ing", ""), ("ches", "ch"), ("shes", "sh"), ("sses", "ss"),
            ("xes", "x"),
            ("ed", ""), ("s", ""))  # fmt: skip


def stem(word: str) -> str:
    """Return what the forms of a word share: "selling", "sold" and "sells" are "sell"."""
    word = word.casefold().replace("’", "'").removesuffix("'s")
    word = _FORMS.get(word, word)
    for ending, plain in _ENDINGS:
        if len(word) > len(ending) + 2 and word.endswith(ending) and not word.endswith("ss"):
            word = word[: -len(ending)] + plain
            if ending in ("ing", "ed") and len(word) > 3 and word[-1] == word[-2] and word[-1] not in "ls":
                word = word[:-1]  # "running"
            break
    word = _FORMS.get(word, word)
    return word[:-1] if len(word) > 3 and word.endswith("e") else word


_STEM_ROLES: dict[str, frozenset[str]] = {stem(verb): names for verb, names in _ROLES.items()}


def roles(word: str) -> frozenset[str]:
    """Return what a word does with the things that are counted: keep them, give them away, …"""
    return _STEM_ROLES.get(stem(word), frozenset())


# Words for the direction of a change, and how a question asks for a change with its sign.
_DOWN = frozenset(
    map(stem, word_list("decrease drop fall decline reduction reduce loss lose down decreased fell lost"))
)
UP = frozenset(map(stem, word_list("increase rise grow growth gain up profit rose grew raise")))
ASKS_CHANGE = re.compile(
    r"\bchang\w+|\bprofit or loss\b|\bgain or loss\b|\bprofit/loss\b|\bincrease or decrease\b|\bnet "
    r"(?:gain|profit|income)\b",
    re.IGNORECASE,
)
DIRECTIONS = UP | _DOWN
