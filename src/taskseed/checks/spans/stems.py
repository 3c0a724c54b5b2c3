"""Kinds and forms of English words, as far as a comparison of spans needs them. Data, and pure."""

from taskseed.checks.reading import word_list
from taskseed.checks.stems import IRREGULAR

__all__ = [
    "AUXILIARIES",
    "CHANGERS",
    "COPULAS",
    "ESTIMATES",
    "FILLERS",
    "FUNCTION_WORDS",
    "JOINING",
    "JUDGING",
    "NEGATIONS",
    "PREPOSITIONS",
    "RELATIVES",
    "TITLES",
    "is_past",
]

PREPOSITIONS = frozenset(
    word_list(
        "in on at to into by with for as during from of because under over above below near behind "
        "beside between through across against among within without before after until till since about "
        "around towards toward onto off along past per via outside inside beyond despite except"
    )
)
COPULAS = frozenset(word_list("is was were are be been being"))
FUNCTION_WORDS = (
    PREPOSITIONS
    | COPULAS
    | frozenset(
        word_list(
            "has have had did do does who whom which what that where when why how whose much many i he "
            "she it they we this these those there so just then him them her 's his its their"
        )
    )
)
TITLES = frozenset(
    word_list(
        "doctor mister mrs ms miss professor sir lady lord dame king queen prince princess emperor "
        "empress president chancellor premier minister general colonel captain major lieutenant sergeant "
        "admiral commander pope bishop archbishop cardinal father sister brother reverend judge justice "
        "senator governor mayor secretary duke duchess count countess earl baron baroness saint coach "
        "director chief"
    )
)
AUXILIARIES = COPULAS | frozenset(word_list("has had have did do does"))
RELATIVES = frozenset(word_list("who whom which that where when whose"))
FILLERS = (
    AUXILIARIES
    | RELATIVES
    | frozenset(
        word_list(
            "i he she it they we this these those there of in on at to for with by as into so just then "
            "him them her passage text article according based states says stated mentioned order "
            "because 's his its their"
        )
    )
)
# Words that join the gold to something else, whoever says them.
JOINING = frozenset(word_list("or nor either neither but and plus while whereas"))
# Words that change what stands behind them, even where the passage has them.
CHANGERS = frozenset(
    word_list(
        "about around approximately roughly nearly almost over under more less fewer than least most up "
        "mostly mainly partly largely some half every all both any other another former without except "
        "before after until till since between near beyond not no never if perhaps maybe possibly "
        "probably likely might could may would should"
    )
)
# Words that say that a number is no exact one, and neither a bound.
ESTIMATES = frozenset(word_list("about around approximately roughly"))
# What may be said of an answer: "X is wrong" says nothing of what is wrong.
JUDGING = frozenset(word_list("wrong right correct incorrect true false mentioned"))
NEGATIONS = frozenset(word_list("not no never neither nor none without"))


def is_past(word: str) -> bool:
    """Say whether a word looks like a verb in the past: "elected", "won"."""
    return (word.endswith("ed") and len(word) > 4) or word in IRREGULAR
