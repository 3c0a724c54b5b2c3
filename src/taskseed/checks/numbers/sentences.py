"""Where in a sentence its number begins, if the words before it leave the number as it is. Pure."""

import re

from taskseed.checks.numbers.units import CHANGERS
from taskseed.checks.reading import word_list

__all__ = ["DOUBTFUL", "number_in_sentence"]

# Words only before the number, and no sign that could belong to it.
_BEFORE = re.compile(
    r"(?P<words>[^\W\d_][^\d(){}\[\]=+*/^<>≤≥≈~±%?!;–—-]{0,120}?)(?:(?<=:)|(?<=[\s,]))\s?"
    r"(?P<rest>[-+]?\s?(?:[$€£¥₹]\s?)?[.\d].*)",
    re.DOTALL,
)
# A number is stated behind these: "close", "nearly" and whatever else there is say something about it.
_STATING = frozenset(
    word_list(
        "is was are were be equals equal totals total sum has have had gets get got needs need needed "
        "makes make made earns earn earned pays pay paid costs cost spends spend spent saves save saved "
        "sells sell sold buys buy bought eats eat ate travels travel traveled travelled drives drive "
        "drove walks walk walked runs run ran takes take took gives give gave leaves leave left "
        "contains contain contained weighs weigh weighed measures collects collect collected reads read "
        "uses use used drinks drink drank bakes bake baked receives receive received loses lose lost "
        "wins win won finds find found owes owe owed charges charged lasts lasted holds held sees saw "
        "picks picked scores scored works worked writes wrote answer result solution value so thus "
        "therefore hence exactly precisely giving and becomes remain remains receives brings carries "
        "plants catches cuts"
    )
)
_OF_OR_TO = frozenset(
    {"equal to", "equals to", "comes to"}
    | {
        f"{noun} of"
        for noun in word_list(
            "total sum result value distance speed length width height depth area volume mass weight "
            "temperature "
            "price cost age average mean probability perimeter radius diameter"
        )
    }
)
_ADDING_UP = frozenset({"adds up to", "add up to", "comes out to", "amounts to", "amount to"})
_LABELLED = frozenset(
    word_list(
        "step chapter page question option choice figure table room problem item version level no "
        "exercise example part section line row column grade case"
    )
)
_HARMLESS = frozenset(word_list("is was are were to of total before after through than"))
DOUBTFUL = (CHANGERS - _HARMLESS) | frozenset(
    word_list(
        "approx circa worst second best other another previous former opposite maybe perhaps possibly "
        "likely probably estimated estimate estimates cannot never any close between from step almost "
        "nearly roughly than around exceeds exceed half only-if should could might would"
    )
)


def number_in_sentence(text: str) -> str | None:
    """Return a sentence from its number on ("He needs 72 minutes"), or None if it may mean another."""
    m = _BEFORE.fullmatch(text)
    if m is None:
        return None
    said = [w.strip(",:.'\"*").casefold() for w in m["words"].split()]
    said = [w for w in said if w]
    if not said or not DOUBTFUL.isdisjoint(said) or any(w.endswith("n't") for w in said):
        return None
    if any("," in w for w in m["words"].split()[1:-1]):
        return None
    return m["rest"].strip() if _states(said, m["words"].rstrip()) else None


def _states(said: list[str], written: str) -> bool:
    last = said[-1]
    if last in _LABELLED:
        return False
    if written.endswith(":") or said == ["the", "number"]:
        return True
    if last in ("just", "only") and len(said) > 1:
        last = said[-2]
    ends = " ".join(said[-2:]), " ".join(said[-3:])
    if ends[1] in _ADDING_UP:
        return True
    return last in _STATING or ends[0] in _OF_OR_TO
