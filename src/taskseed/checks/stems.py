"""What forms of one English word share, to tell whether two texts speak of the same. Pure."""

__all__ = ["IRREGULAR", "stem"]

IRREGULAR = {
    form: base
    for base, forms in {
        "be": "were was is are been", "bear": "born bore", "beat": "beaten", "become": "became",
        "begin": "began begun", "break": "broke broken", "bring": "brought", "build": "built",
        "buy": "bought", "catch": "caught", "child": "children", "choose": "chose chosen", "come": "came",
        "deal": "dealt", "die": "died dying dies", "do": "did does done", "draw": "drew drawn",
        "drink": "drank drunk", "drive": "drove driven", "eat": "ate eaten", "fall": "fell fallen",
        "feed": "fed", "feel": "felt", "fight": "fought", "find": "found", "fly": "flew flown flies",
        "foot": "feet", "forget": "forgot", "freeze": "froze frozen", "get": "got gotten",
        "give": "gave given", "go": "went gone goes", "grow": "grew grown", "have": "has had",
        "hide": "hid hidden", "hold": "held", "keep": "kept", "know": "knew known", "lay": "laid",
        "lead": "led", "leave": "left", "lie": "lay lain lying lies", "lose": "lost", "make": "made",
        "man": "men", "mean": "meant", "meet": "met", "mouse": "mice", "pay": "paid", "person": "people",
        "ride": "rode ridden", "rise": "rose risen", "run": "ran", "say": "said", "see": "saw seen",
        "sell": "sold", "send": "sent", "shoot": "shot", "show": "shown", "sing": "sang sung",
        "sink": "sank sunk", "sit": "sat", "sleep": "slept", "speak": "spoke spoken", "spend": "spent",
        "stand": "stood", "steal": "stole stolen", "swim": "swam swum", "take": "took taken",
        "teach": "taught", "tell": "told", "think": "thought", "throw": "threw thrown",
        "understand": "understood", "use": "used uses using", "vertex": "vertices", "wake": "woke",
        "wear": "wore worn", "win": "won", "woman": "women", "write": "wrote written",
    }.items()
    for form in forms.split()
}  # fmt: skip
"""Forms that no ending tells, and the words that they are forms of."""


def stem(word: str) -> str:
    """Return what forms of one word share ("paints", "painted"); only to compare with other stems.

    :param word: casefolded.
    """
    word = word.removesuffix("'s").removesuffix("'")
    if word in IRREGULAR:
        word = IRREGULAR[word]
    elif word.endswith(("ies", "ied")) and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith("ing") and len(word) > 5:
        word = _single(word[:-3])
    elif word.endswith("ed") and len(word) > 4:
        word = _single(word[:-2])
    elif word.endswith(("sses", "shes", "ches", "xes", "zes", "oes")) and len(word) > 4:
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        word = word[:-1]
    return word.removesuffix("e") if len(word) > 3 else word


def _single(word: str) -> str:
    doubled = len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz"
    return word[:-1] if doubled else word
