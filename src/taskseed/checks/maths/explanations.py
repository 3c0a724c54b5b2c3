"""Where in a mathematical answer its explanation begins, and what the explanation concludes. Pure, linear."""

import re

from taskseed.checks.reading import TAKEN_BACK, word_list

__all__ = ["conclusion_of", "recants", "split_explanation"]

_POINTING = re.compile(
    r"\s\(?see (?:above|below)(?: for (?:the |an |my )?(?:explanation|details|working|steps|proof))?"
    r"\)?\W{0,3}\Z",
    re.IGNORECASE,
)
_HEADED = re.compile(
    r"(?:[.;]\s|\s)[\s*_#]{0,9}\(?(?:explanation|reasoning|reason|rationale|justification)[*_]{0,2}:",
    re.IGNORECASE,
)
# One sentence in plain words that says where the answer comes from, with nothing in it that could be another.
_FOLLOWS = re.compile(
    r"[.;]\s{1,9}(?:it|this|that) (?:(?:directly |immediately )?(?:follows|results|comes)|"
    r"(?:is|was) (?:obtained|found|derived))(?: directly| immediately)? (?:from|by|via|using|on)\b"
    r"[^\d=<>≤≥\\$π√.!?,;:()]{0,100}[.!]?\Z",
    re.IGNORECASE,
)
_CONCLUDING = re.compile(
    r"\b(?:so|thus|therefore|hence|answer|result|final(?:ly)?|solutions?|conclu\w+)\b"
    r"(?:,?\s(?:the|final|correct|answer|result|solution|we|get|have|obtain|is|are|total))*[:,]?",
    re.IGNORECASE,
)
_OTHER = re.compile(r"\W{0,9}(?:the |an)?(?:other|second|alternative)\b", re.IGNORECASE)
_RECANTING = frozenset(word_list("wait actually correction sorry oops mistake mistaken recount recheck"))
_TAKEN_BACK = TAKEN_BACK | _RECANTING | frozenset(word_list("other others another second also too"))


def split_explanation(text: str) -> tuple[str, str] | None:
    """Return an answer and the explanation behind it; None where none begins, or it takes something back.

    Begins: "(see above)", "Explanation: ...", "It follows from ...".
    """
    starts = [m.start() for m in (p.search(text) for p in (_POINTING, _HEADED, _FOLLOWS)) if m and m.start()]
    if not starts:
        return None
    # Which of several boxes is meant is not for the explanation to say.
    head, reason = text[: min(starts)].strip(), text[min(starts) :]
    words = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", reason.casefold())
    if (
        not head
        or "\\boxed" in reason
        or not _TAKEN_BACK.isdisjoint(words)
        or any(w.endswith("n't") for w in words)
    ):
        return None
    return head, reason


def recants(reason: str) -> bool:
    """Say whether an explanation changes its mind ("because ... wait, ...") or names another answer."""
    return _OTHER.match(reason) is not None or not _RECANTING.isdisjoint(
        re.findall(r"[a-z]+", reason.casefold())
    )


def conclusion_of(reason: str) -> str:
    """Return what an explanation concludes, behind its last "so" or "the answer is", or nothing."""
    found = list(_CONCLUDING.finditer(reason))
    behind = reason[found[-1].end() :].strip(" .*$:\n") if found else ""
    return behind if re.search(r"\d|\\|=|[π√∞]|\b[a-zA-Z]\b", behind) else ""
