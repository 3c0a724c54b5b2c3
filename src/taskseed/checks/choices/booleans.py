"""Whether an answer says yes or no. Pure."""

import re
from collections.abc import Sequence

from taskseed.checks.choices.option_names import DOUBT
from taskseed.checks.choices.polar_questions import denies_all, signs_of, without_uniqueness
from taskseed.checks.choices.polar_sentences import contradicts, denies, negative, polarity, speaks_of
from taskseed.checks.reading import clean, normalise_text, spoken, word_list

__all__ = ["polar_option", "yes_or_no"]

_YES = frozenset({"yes", "true", "y", "correct", "right", "yep", "yeah", "yup", "affirmative", "t"})
_NO = frozenset({"no", "false", "n", "incorrect", "wrong", "nope", "nah", "untrue", "f"})
_NEGATIVE = frozenset({"not", "never", "cannot", "neither", "nor", "isn't"})
_CONDITIONS = frozenset(
    {
        "if",
        "when",
        "provided",
        "only",
        "sometimes",
        "mostly",
        "partly",
        "which",
        "depending",
        "depends",
        "depend",
    }
)
_TURNS = (
    frozenset({"sure", "certain"})
    | _CONDITIONS
    | frozenset(
        {"but", "wait", "actually", "however", "maybe", "instead", "rather", "or", "unless", "except", "mind"}
    )
)
# What a short clause behind "yes," or "no," may say.
_PLAIN = (
    _YES
    | _NO
    | _NEGATIVE
    | frozenset(
        word_list(
            "it its it's is isn't that that's this they are aren't was wasn't were weren't he she we "
            "you i there do don't does doesn't did didn't can can't could couldn't will won't would "
            "wouldn't has hasn't have haven't had hadn't should shouldn't must indeed absolutely "
            "definitely certainly of course always the statement claim answer a clearly surely sir "
            "the as stated above shown given"
        )
    )
)
_SENTENCE = re.compile(
    r"(?:the|this|that)\s(?:statement|claim|sentence|assertion|proposition|hypothesis|answer)\s"
    r"(?:is|was|must be)\s(?P<not>not\s)?(?P<word>true|false|correct|incorrect|right|wrong|untrue)",
    re.IGNORECASE,
)
# What follows the word must be set off: "Right now" is no yes.
_SET_OFF = re.compile(
    r"\w+(?:\s*(?:[.,;:(\n!](?!\w)|[-—–]\s|\()|\s+(?:because|since|it|they|he|she|that|this|there|"
    r"we|you|i)\b)",
    re.IGNORECASE,
)
_WHY = re.compile(r"[\s,.;:]\(?(?:because|since|as|explanation|reason)\b", re.IGNORECASE)


_CERTAINLY = (
    r"(?:absolutely|definitely|certainly|of course|indeed|undoubtedly|without (?:a|any) doubt|"
    r"(?:there(?: i|')s )?no doubt(?: about it)?|"
    r"clearly|obviously|surely|naturally|most certainly|very much so|for sure|by all means)"
)
_EMPHATIC = re.compile(rf"{_CERTAINLY}[.!]?", re.IGNORECASE)
_EMPHATIC_NO = re.compile(
    rf"(?:{_CERTAINLY},? not|certainly not|by no means|far from it|not at all|no way|in no way|"
    rf"not in the least|not a chance|"
    r"under no circumstances|never|not in any way)[.!]?",
    re.IGNORECASE,
)
_EMPHATIC_LEAD = re.compile(rf"{_CERTAINLY}\s?[,:—–-]?\s+(?=(?:yes|no|not|true|false|it)\b)", re.IGNORECASE)
_LAST = re.compile(
    r"(?:(?:^|[,;.:—–-]\s|\s)(?:so|thus|hence|therefore|consequently),?\s(?:(?:the|"
    r"my)\s(?:final\s|correct\s)?answer\s(?:is|must be)\s|"
    r"(?:it|that|this|the (?:statement|claim))\s(?:is|must be)\s|it's\s)?"
    r"|[,;.:—–-]\s(?:and\s)?(?:the|my)\s(?:final\s|correct\s)?answer\s(?:is|must be):?\s"
    r"|\bnot\s(?:false|incorrect|wrong|untrue|true|correct|right)\s?(?:[,;.:—–-]|"
    r"but)\s?\s?(?:(?:it|that|this|the statement)\s(?:is|must be)\s|it's\s|but\s)?)"
    r"[\"'*(]{0,3}(?P<word>yes|no|true|false|correct|incorrect|not true|not correct)[\"'*).!]{0,4}",
    re.IGNORECASE,
)
_UNSURE = frozenset(
    word_list(
        "if unless maybe perhaps possibly probably might may could sure unsure depend depends "
        "think thought believe guess say "
        "says suppose assume wait actually tempting tempted seem seems or would either unclear "
        "unknown otherwise sometimes"
    )
)
_CONCESSION = re.compile(
    r",?\s(?:although|though|even though|even if|despite what|contrary to what)\s(?:many|most|"
    r"some)(?:\speople)?\s"
    r"(?:would\s)?(?:say|think|believe|claim|assume)\b[^.;]{0,80}\.?",
    re.IGNORECASE,
)
_HOLDS = re.compile(
    r"(?:(?:it|that|this|the (?:statement|claim|identity|inequality|assertion|equation))\s)?"
    r"(?:(?P<no>does not hold|doesn't hold|fails|does not always hold|doesn't always hold)|holds|"
    r"does hold)(?:\strue)?",
    re.IGNORECASE,
)
_INDEED = re.compile(rf"[,.!]?\s{_CERTAINLY}\W*", re.IGNORECASE)
_PARTLY = frozenset(
    word_list(
        "most some many few part partially usually often generally largely almost rarely extent "
        "early certain sort kind somewhat"
    )
)
_AFFIRMS = re.compile(
    r"(?:it|they|he|she|that|this) (?:is|was|are|were|do|does|did|can|has|have|will)\W*", re.IGNORECASE
)
_ONLY_SOME = re.compile(r"\bonly (?:one|two|three|four|a few|some|a|the|[A-Z]\w+)\b", re.IGNORECASE)
_TAKES_BACK = _TURNS | frozenset(
    word_list(
        "mind idea clue neither nor cannot know doubt exactly quite really entirely always everyone "
        "necessarily though absolutely completely"
    )
)
_FALSE_ASKED = re.compile(r"\b(?:false|incorrect|wrong|untrue)\b", re.IGNORECASE)
_TRUE_OR_FALSE = re.compile(
    r"\b(?:true|correct|right)\W{1,4}(?:or\W{1,3}|and\W{1,3})?(?:false|incorrect|wrong)\b|"
    r"\bfalse\W{1,4}(?:or\W{1,3})?true\b",
    re.IGNORECASE,
)

# No second aside.
_ASIDE_ENDS = re.compile(
    r"(?!\W*(?:although|though|even though|while|many|most|some|there|certain|contrary|despite)\b)",
    re.IGNORECASE,
)
# What others think or what it looks like, before the answer: "Although many would say yes, the answer is no".
_OTHERS_SAY = (
    r"(?:many|most|some)(?:\s\w{1,20})?\s(?:would\s|might\s|may\s|often\s)?(?:say|think|believe|claim|assume)\b"
    r"[^,.;?]{0,80},\s"
)
_CONCEDED = re.compile(
    rf"(?:(?:although|though|even though|while)\s{_OTHERS_SAY}|{_OTHERS_SAY}but\s"
    r"|(?:although|though|even though|while)\s(?:it|this|that|the (?:statement|claim|answer))\s"
    r"(?:(?:may|might|can|could)\s)?(?:seems?|appears?|looks?|sounds?)\b(?![^,]{0,80}\bme\b)[^,.;?]{0,80},\s"
    r"|(?:contrary to|despite) (?:popular|common|widespread) (?:belief|opinion),\s)",
    re.IGNORECASE,
)
_NO_DOUBT = re.compile(
    r"(?:there(?:\sis|'s|\scan be) no (?:doubt|question)|(?:it is\s)?(?:certain|undeniable)) that\s",
    re.IGNORECASE,
)


_FINAL = re.compile(
    r"(?:^|[.!?\n])[\s*#]{0,5}(?:the )?final answer(?: is)?[\s*]{0,3}:[\s*]{0,5}(?!.*final answer)"
    # a last sentence, or what came of checking
    r"|(?:[.!?;\n]\s{1,3}|\bbut\safter [^,.]{1,40},\s)(?:the|my)\s(?:correct\s|right\s)?"
    r"answer\sis:?\s"
    r"(?=[^\s.!?\n]{2,9}[.!]?\s*$)",
    re.IGNORECASE | re.DOTALL,
)
# Behind these, a last sentence may be a guess, or a second answer.
_OPEN = re.compile(
    r"\b(?:depends?|maybe|perhaps|possibly|probably|not sure|unsure|unclear|know|either|could|might|"
    r"answer is)\b",
    re.IGNORECASE,
)
_TICK = re.compile(r"^\s*[✅✔☑]\ufe0f?\s*")


def _final(answer: str) -> str:
    """Return what stands behind "Final answer:", whatever was tried before it, and without a tick."""
    final = _FINAL.search(answer)
    if final is not None and not _OPEN.search(answer[: final.start()]):
        answer = answer[final.end() :]
    return _TICK.sub("", answer)


def yes_or_no(answer: str, question: str = "") -> str | None:
    """Return `yes` or `no` where the answer says one of them, and nothing later says otherwise.

    :param question: lets a sentence that affirms or denies it count ("It does not.", "51 is not prime.").
    """
    answer = _final(answer)
    text = spoken(answer)
    if text is None:
        return None
    signs = signs_of(question)
    if text.upper() in signs:
        return signs[text.upper()]
    aside = _CONCEDED.match(text) or _NO_DOUBT.match(text)
    if aside is not None:
        return yes_or_no(text[aside.end() :], question) if _ASIDE_ENDS.match(text, aside.end()) else None
    text = _CONCESSION.sub("", text) or text
    if _EMPHATIC_NO.fullmatch(text) and (question or " " in text):
        return None if negative(re.sub(r"\bwithout\b", "", question)) else "no"
    if question and denies_all(text, question, _TURNS | _UNSURE | _PARTLY | _YES):
        return "no"
    lead = _EMPHATIC_LEAD.match(text)
    if lead is not None:
        text = text[lead.end() :]
    said = _stated(text, question)
    if said is not None:
        return said if not question or _about_truth(text, question) else None
    if question and _EMPHATIC.fullmatch(text):
        return "yes"
    whole = clean(answer).strip()
    found = _concluded(whole)
    if found is None and question and not _refers(whole, question):
        found = polarity(whole, question)
    return found


def _about_truth(text: str, question: str) -> bool:
    """Say whether "true" and "false" answer the question; to "Is it false that …?" they do not."""
    both = _TRUE_OR_FALSE.search(question) is not None or signs_of(question)
    asks_false = _FALSE_ASKED.search(question) is not None and not both
    return not asks_false or re.match(r"\W*(?:yes|no|yep|nope|y|n)\b", text, re.IGNORECASE) is not None


def _refers(text: str, question: str) -> bool:
    """Say whether a text begins with a yes or no of its own; "No mammal lays eggs" does not."""
    if negative(question) and re.match(r"no\s\w", text, re.IGNORECASE):
        return False
    return (
        re.match(
            r"\W*(?:yes|no|true|false|maybe|not)\b(?!\s(?:such|one|all|every|possible)\b)",
            text,
            re.IGNORECASE,
        )
        is not None
    )


def _stated(text: str, question: str) -> str | None:
    holds = _HOLDS.fullmatch(text.strip(" ."))
    if holds is not None:
        return "no" if holds["no"] else "yes"
    statement = _SENTENCE.match(text)
    return _first_word(text, question) if statement is None else _of_statement(text, statement)


def _concluded(text: str) -> str | None:
    """Read what the last clause concludes: "Only one did, so no.", "Hardly; the answer is no."."""
    said = list(_LAST.finditer(text))
    if not said or text[said[-1].end() :].strip(" .\"'*)"):
        return None
    before = re.findall(r"\w+", normalise_text(text[: said[-1].start()]))
    said_first = before[:1] and before[0] in _YES | _NO
    if not _UNSURE.isdisjoint(set(before) - ({"say"} if "wrong" in before else set())) or said_first:
        return None
    word = said[-1]["word"].casefold()
    reversal = re.search(
        r"\bnot\s(false|incorrect|wrong|untrue|true|correct|right)\b", said[-1][0], re.IGNORECASE
    )
    found = "yes" if word in _YES else "no"
    if (
        reversal is not None
        and said[-1][0].casefold().startswith("not")
        and (reversal[1].casefold() in _YES) == (found == "yes")
    ):
        return None  # "not true: true"
    return found


def _of_statement(text: str, statement: re.Match[str]) -> str | None:
    """Read "The statement is not true"; a double negation is not read."""
    positive = statement["word"].casefold() in _YES
    if statement["not"] and not positive:
        return None
    said = "yes" if positive and not statement["not"] else "no"
    rest = text[statement.end() :]
    return said if not rest or (rest[0] in " .,;:(\n" and _agrees(said, rest)) else None


def _first_word(text: str, question: str) -> str | None:
    if text[0] not in "\"'*([" and not text[0].isalnum():
        return None  # "~yes", "≠ no"
    words = re.findall(r"\w+", normalise_text(text))
    if len(words) == 2 and words[0] == "not" and words[1] in ("true", "correct", "right"):
        return "no"
    if not words or words[0] not in _YES | _NO:
        return None
    said = "yes" if words[0] in _YES else "no"
    if len(words) == 1:
        return said if re.fullmatch(r"\W*\w+[\s.,;:!?*\"')\]]*", text) else None
    first = re.match(r"\W*(\w+)", text)
    if first is None or first[1].casefold() != words[0] or not _SET_OFF.match(text, first.start(1)):
        return None
    return _with_rest(said, words[0], text[first.end() :], question)


def _with_rest(said: str, word: str, rest: str, question: str) -> str | None:
    """Return what "yes" or "no" and the text behind it say together, if it is one thing."""
    if word in {"t", "f"}:  # "F (False)"
        whole = "true" if word == "t" else "false"
        return said if re.fullmatch(rf"\W*{whole}\W*", rest, re.IGNORECASE) else None
    if said == "yes" and question:
        rest = without_uniqueness(rest, question)
        if not rest.strip(" ,.;"):
            return said
    if said == "no" and "only" in question:
        rest = re.sub(r"\bnot the only\b", "not the", rest)
    clause = rest.lstrip(" ,.:;—–-(")
    inner = None
    if question and word in ("true", "false") and clause.startswith("that "):
        inner = polarity(clause.removeprefix("that "), question)
    if inner is not None:  # "It is false that the earth is flat"
        return inner if said == "yes" else {"yes": "no"}.get(inner)
    if question and _agrees_on_falsehood(said, clause, question):
        return said
    if (question and contradicts(said, clause, question)) or (said == "no" and _AFFIRMS.fullmatch(clause)):
        return None
    if said == "yes" and _INDEED.fullmatch(rest):
        return said
    fits = _agrees(said, rest, question) or (question and _explains(said, rest, clause, question))
    return said if fits else None


def _explains(said: str, rest: str, clause: str, question: str) -> bool:
    """Say whether a clause with a negation or an "only" still explains the answer before it.

    "Yes, it never halts" where nothing of "Does it run forever?" is denied; "No, only one of them is a band".
    """
    words = re.findall(r"\w+(?:'\w+)?", normalise_text(clause))
    if not re.match(r"\s?[,.:;—–-]\s", rest) or len(words) < 3:
        return False
    if not (_YES | _NO - {"no"} | _UNSURE).isdisjoint(words):
        return False
    if said == "no":
        return (
            words[0] == "only"
            and _ONLY_SOME.search(clause) is not None
            and (_TURNS - {"only"}).isdisjoint(words)
        )
    if words[0] == "not" or not (_TAKES_BACK - {"certain"}).isdisjoint(words):
        return False
    return negative(question) or not denies(clause, question)


def _agrees_on_falsehood(said: str, clause: str, question: str) -> bool:
    """Read "Yes, it is false" where the question asks whether something is false."""
    if _about_truth("true", question):
        return False
    found = re.fullmatch(
        r"(?:it|that|the (?:statement|claim)) is (false|incorrect|wrong|untrue|true|correct)\W*", clause, re.I
    )
    return found is not None and (said == "yes") == (found[1].casefold() in _NO)


def _agrees(said: str, rest: str, question: str = "") -> bool:
    """Say whether what follows a yes or a no leaves it as it is; an explanation only if it turns nowhere."""
    why = _WHY.search(rest)
    words = re.findall(r"\w+(?:'\w+)?", normalise_text(rest[: why.start()] if why else rest))
    if not _TURNS.isdisjoint(words):
        return False
    denies = not _NEGATIVE.isdisjoint(words) or any(w.endswith("n't") for w in words)
    if said == "yes" and not (_PARTLY - set(re.findall(r"\w+", normalise_text(question)))).isdisjoint(words):
        return False
    plain = _PLAIN.issuperset(words) or (words and words[0] in _subjects(question, said))
    plain = plain or bool(question and speaks_of(rest, question))
    if re.match(r",?\s+\w", rest) and len(words) < 4 and not plain:
        return False  # "Yes, in part", "Yes, sort of"
    if said == "yes":
        return not denies and _NO.isdisjoint(words) and DOUBT.isdisjoint(set(words) - {"and", "also", "both"})
    affirms = not _YES.isdisjoint(words)
    # "No, it is not true" and "No, that is wrong" say no; "No, it is true" and "No, it is not false" do not.
    return not (affirms and not denies) and not (denies and not _NO.isdisjoint(set(words) - {"no"}))


def _subjects(question: str, said: str) -> set[str]:
    """Return the words with which a short clause behind "yes," or "no," may speak of what was asked."""
    if not question:
        return set()
    names = {word.casefold() for word in re.findall(r"(?<=\s)[A-Z]\w+", clean(question))}
    return names | {"both", "all", "everyone", "everybody"} | ({"some", "one"} if said == "no" else set())


def polar_option(answer: str, options: Sequence[str], question: str = "") -> int | None:
    """Return the index of the one option that says what the answer says: "yes" is "True"."""
    bare = [(i, option) for i, option in enumerate(options) if normalise_text(option) in _YES | _NO]
    polar = [(i, yes_or_no(option)) for i, option in bare]
    if not any(said for _, said in polar):
        return None
    wanted = yes_or_no(answer, question)
    found = [i for i, said in polar if wanted and said == wanted]
    return found[0] if len(found) == 1 else None
