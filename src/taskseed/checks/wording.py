"""Questions that lean on what is not there, or give their own answer away. Pure."""

import re
from collections.abc import Sequence

from taskseed.text import split_words

__all__ = ["answered_by_wording", "leans_on"]


def _any_of(*patterns: str, flags: int = 0) -> re.Pattern[str]:
    return re.compile("|".join(patterns), flags)


_TEXT = (
    r"(?:text|passage|article|paragraph|story|excerpt|extract|poem|essay|letter|dialogue|conversation|report|"
    r"speech)"
)
_ADDED = r"(?:above |given |following |provided )?"
_SAYS = (
    r"(?:says?|states?|mentions?|describes?|suggests?|implies|imply|argues?|claims?|believes?|means?|"
    r"tells us|indicates?|explains?)"
)
_LEANS_ON_TEXT = _any_of(
    rf"\b(?:according to|based on|in light of|as per|per) (?:the|this|these) {_ADDED}(?:{_TEXT}|information|"
    r"author|narrator|speaker|context|scenario|data)\b(?! (?:of|by|that|from|theory|in which)\b)",
    rf"\bas (?:described|stated|mentioned|discussed|shown|given|explained|seen|used) in (?:the|this) "
    rf"{_ADDED}{_TEXT}\b",
    rf"\b(?:in|from|of) (?:the|this) {_ADDED}{_TEXT}(?:,| above\b|\?|$)",
    rf"\b(?:the|this) {_TEXT} {_SAYS}\b",
    rf"\b(?:the|this) (?:author|narrator|speaker|writer|poet)\s(?:{_SAYS}|uses?|think|feel|most likely)\b",
    r"\b(?:the|this) (?:author|narrator|speaker|writer|poet)['’]s (?:main|purpose|attitude|tone|point|"
    r"opinion|view|argument)\b",
    rf"\b(?:the|this) (?:main idea|central theme|tone|purpose|title|first line) of (?:the|this) {_TEXT}\b",
    r"\b(?:paragraph|line|stanza) (?:\d+|one|two|three)\b",
    r"\b(?:según|de acuerdo con) el (?:texto|pasaje|artículo|fragmento|autor)\b",
    r"\bd['’]après (?:le texte|le passage|l['’](?:article|extrait|auteur))\b",
    r"\bselon (?:le texte|le passage|l['’]auteur)\b",
    r"\b(?:laut|nach) dem (?:text|abschnitt|artikel)\b",
    r"\b(?:segundo|de acordo com) o (?:texto|trecho|autor)\b",
    r"\bsecondo il (?:testo|brano)\b",
    r"本文(?:によると|によれば)|(?:根据|依据)(?:本文|短文|文章|上文|材料)",
    r"\bсогласно тексту\b|\btestuaren arabera\b",
    flags=re.IGNORECASE,
)
_SEEN = (
    r"(?:graph|chart|figure|diagram|table|picture|image|photo(?:graph)?|map|illustration|drawing|timeline)"
)
_LEANS_ON_PICTURE = _any_of(
    r"\b(?P<f>[Ff]igure|[Tt]able|[Dd]iagram|[Gg]raph|Fig\.) (?:\d+|[A-D]\b)",
    rf"\b(?:[Tt]he|[Tt]his) {_ADDED}(?P<a>{_SEEN}) (?:(?:above|below)(?! (?:it|him|her|them|the|a)\b)|shown|"
    r"shows|to the (?:right|left)|depicts|illustrates)\b",
    rf"\b(?:[Ii]n|[Oo]n|[Ff]rom|to|[Uu]sing|by) the (?:above|given|following|accompanying) (?P<b>{_SEEN})\b",
    rf"\b(?:shown|pictured|illustrated|depicted) (?:above|below|in the (?P<c>{_SEEN}))\b",
)
_BELOW_WORDS = 3  # what is "shown below" is there if so many words follow
_FACT_WORDS = 6  # "based on this information" may lean on a sentence before it
_INLINE_WORDS = 40  # a question of so many words beside the sentence that leans may hold the passage itself
_FACTS = re.compile(r"\b(?:information|scenario|context|data)$", re.IGNORECASE)
_SENTENCE = re.compile(r"[^.?!。？！\n]*[.?!。？！\n]?")
_MIN_ANSWER_LETTERS = 4
_ALTERNATIVES = re.compile(
    r"\b(?:or|either|between|choose|compare|than|versus|vs|which of|o|oder|ou|edo)\b|[:/_]|\.{3}|…|あるいは|"
    r"または|还是",
    re.IGNORECASE,
)


def leans_on(question: str, context: str | None) -> str:
    """Return the words by which a question leans on a text or picture that is not there, else "".

    A text is there where there is a passage, or where the question has forty words and more beside the
    sentence that leans: those may be it. A picture is never there; a table may be, where the passage or the
    question has one (`|`, tabs), and so is a figure that they speak of elsewhere.
    """
    seen = _LEANS_ON_PICTURE.search(question)
    if seen is not None and not _has_picture(question, context, seen):
        return seen.group()
    leaning = None if context else _LEANS_ON_TEXT.search(question)
    if leaning is None:
        return ""
    sentence = next((m for m in _SENTENCE.finditer(question) if m.start() <= leaning.start() < m.end()), None)
    beside = question if sentence is None else question[: sentence.start()] + question[sentence.end() :]
    enough = _FACT_WORDS if _FACTS.search(leaning.group()) else _INLINE_WORDS
    return "" if len(split_words(beside)) >= enough else leaning.group()


def _has_picture(question: str, context: str | None, seen: re.Match[str]) -> bool:
    elsewhere = f"{context or ''}\n{question[: seen.start()]}\n{question[seen.end() :]}"
    below = "below" in seen.group() and len(split_words(question[seen.end() :])) >= _BELOW_WORDS
    if below or re.search(r"\|.*\||\t", elsewhere):
        return True
    name = next((g for g in seen.groups() if g), "figure").casefold().rstrip(".")
    return (
        bool(context) and name.replace("fig", "figure").replace("figureure", "figure") in elsewhere.casefold()
    )


def answered_by_wording(
    question: str, answer: str, options: Sequence[str] = (), answer_index: int | None = None
) -> str:
    """Return the words of a question that are its answer, else "".

    The whole answer, of four letters at least and not a number, stands in the question as whole words, no
    other option does, and the question does not offer it as one of several ("Is it A or B?", a list).
    The passage does not count: answers are meant to stand there.
    """
    heads = answer.casefold().split()
    if not heads or heads[-1].strip(".!\"'”’»)") not in question.casefold():  # spares most questions the rest
        return ""
    said = split_words(answer)
    letters = sum(len(word) for word in said if not word[0].isdigit())
    if (
        letters < _MIN_ANSWER_LETTERS
        or any(word[0].isdigit() for word in said)
        or _ALTERNATIVES.search(question)
    ):
        return ""
    asked = split_words(question)
    if not _stands(said, asked) or _ALTERNATIVES.search(question):
        return ""
    others = [split_words(o) for i, o in enumerate(options) if i != answer_index]
    if any(set(other) & set(asked) - set(said) for other in others):
        return ""
    return " ".join(said)


def _stands(part: Sequence[str], whole: Sequence[str]) -> bool:
    n = len(part)
    return any(list(whole[i : i + n]) == list(part) for i in range(len(whole) - n + 1))
