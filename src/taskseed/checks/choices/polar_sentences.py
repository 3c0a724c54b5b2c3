"""Whether a sentence without "yes" or "no" affirms or denies what its question asks. Pure.

"It does not.", "51 is not prime.", "There is no such integer.", "It is impossible." Read only beside the
question, and only where the sentence repeats its words; a part of the question affirms nothing.
"""

import re
from collections.abc import Sequence

from taskseed.checks.choices.wordforms import words_of
from taskseed.checks.reading import word_list
from taskseed.checks.stems import stem

__all__ = ["asked_words", "content", "contradicts", "denies", "negative", "polarity", "speaks_of"]

_AUXILIARY = {
    word: family
    for family, words in enumerate(
        (
            "is are was were am",
            "do does did",
            "has have had",
            "can could",
            "will would",
            "should",
            "must",
            "may might",
        )
    )
    for word in words.split()
}
_PRONOUN = frozenset(word_list("it they he she this that these those there you we i 1"))
_NEVER = frozenset(word_list("not never no nobody none neither nor nothing hardly without"))
_EMPHASIS = frozenset(word_list("indeed certainly definitely absolutely clearly"))
_FILLER = frozenset(
    word_list("of in on at to for by as and or its their his her that with from so therefore then thus")
)
# A part of a question that has one of these is no answer to all of it.
_SCOPE = frozenset(
    word_list(
        "and or both all every each any either only even always ever still already also more most "
        "least just everyone "
        "everybody everything someone somebody anyone anybody many some few other than if when "
        "unless deny refuse avoid "
        "fail stop prevent lack without except exactly first last no not never nobody none "
        "neither false untrue incorrect "
        "wrong impossible dislike doubt usually often sometimes"
    )
)
_DOUBT = frozenset(
    word_list(
        "maybe perhaps possibly probably likely might may could would should if unless but or "
        "however although though sometimes "
        "usually often mostly partly almost nearly about think believe guess suppose assume seem "
        "sure depend only"
    )
)
_LEAD_IN = re.compile(
    r"(?:is it (?:true|case|fact|correct) that|true or false ?:?|yes or no ?:?|"
    r"is following (?:statement|claim) true ?:?|"
    r"do you think|can you say|would you say)\s"
)
_THERE = re.compile(r"(?:is|are|was|were) there (?!not|no\b)|do(?:es)? there exist |do(?:es)? .{1,80} exist$")
_NO_SUCH = re.compile(
    r"(?:there (?:is|are|was|were|exist) no(?:t any)? such \w+(?: \w+)?(?: exist)?|no such \w+(?: "
    r"\w+)? (?:exist|is possible)|"
    r"there (?:is|are|was|were) (?:not|none|no 1)|none exist|there (?:do |does )?not exist(?: "
    r"any)? such \w+(?: \w+)?|such \w+(?: \w+)? (?:do|does) not exist|it (?:do|does) not exist)"
)
_THERE_IS = re.compile(
    r"there (?:is|are|was|were)(?: 1| indeed)?|such \w+(?: \w+)? (?:do |does )?exist|it (?:do |does )?exist"
)
_POSSIBLE = re.compile(r"(?:is it possible|can|could)\b")
_IMPOSSIBLE = re.compile(
    r"(?:(?:it|that|this) is )?(?:completely |simply |absolutely |mathematically |physically "
    r")?(?:impossible|not possible)"
)
_SO_OR_NOT = re.compile(r"(?:it|that|this) is (?:not )?(?:true|case|fact|correct)")
_IS_POSSIBLE = re.compile(r"(?:(?:it|that|this) )?is (?:indeed |certainly )?possible")


def polarity(text: str, question: str) -> str | None:
    """Return `yes` or `no` where a sentence affirms or denies the question, else None.

    :param text: one sentence, or one and its explanation behind a comma.
    """
    asked = asked_words(question)
    if asked is None or len(text) > 400 or "?" in text:
        return None
    said = words_of(re.split(r"[;:]\s|,\s(?:because|since|as|so|for)\b|\bbecause\b|\.\s", text)[0])
    if not said or not _DOUBT.isdisjoint(set(said) - set(asked)):
        return None
    spoken = " ".join(said)
    if _LEAD_IN.match(" ".join(words_of(question))) and _SO_OR_NOT.fullmatch(spoken):
        return "no" if "not" in said else "yes"
    for rule in (_existence, _possibility):
        found = rule(spoken, " ".join(asked))
        if found:
            return found
    echo = _echo(said, asked)
    return echo or _repeated(text, said, asked)


def contradicts(said: str, rest: str, question: str) -> bool:
    """Say whether what follows a "yes" or "no" states the other: "Yes, it is not", "No, 7 is prime"."""
    found = polarity(rest, question)
    return found is not None and found != said


def denies(rest: str, question: str) -> bool:
    """Say whether a negation behind "yes" may deny the question: it speaks of what the question speaks of."""
    return asked_words(question) is None or not content(words_of(rest)) or speaks_of(rest, question)


def speaks_of(text: str, question: str) -> bool:
    """Say whether a text has a word of the question's own, one that carries meaning."""
    asked = asked_words(question)
    return asked is not None and bool(content(words_of(text)) & content(asked))


def negative(question: str) -> bool:
    """Say whether a question asks for something that is not."""
    return not _NEVER.isdisjoint(words_of(question))


def asked_words(question: str) -> list[str] | None:
    """Return the words of a yes-or-no question, or of the statement it asks about."""
    sentences = [s for s in re.split(r"(?<=[.?!])\s+", question.strip()) if s.strip()]
    if not sentences or len(question) > 4000:
        return None
    last = next((s for s in reversed(sentences) if s.endswith("?")), sentences[-1])
    if re.match(r"(?:true or false|yes or no)\W*$", last, re.IGNORECASE) and len(sentences) > 1:
        last = sentences[-2]
    words = " ".join(words_of(last))
    lead = _LEAD_IN.match(words)
    statement = words[lead.end() :].split() if lead else words.split()
    if lead or (statement and statement[0] in _AUXILIARY):
        return statement or None
    return None


def content(words: Sequence[str]) -> frozenset[str]:
    """Return the stems of the words that carry meaning."""
    dropped = (
        _AUXILIARY.keys()
        | _PRONOUN
        | _NEVER
        | _EMPHASIS
        | _FILLER
        | {"be", "been", "such", "yes", "true", "there"}
    )
    return frozenset(stem(w) for w in words if w not in dropped)


def _existence(spoken: str, asked: str) -> str | None:
    if not _THERE.match(asked) or not _NEVER.isdisjoint(asked.split()):
        return None
    return "no" if _NO_SUCH.fullmatch(spoken) else "yes" if _THERE_IS.fullmatch(spoken) else None


def _possibility(spoken: str, asked: str) -> str | None:
    if not _POSSIBLE.match(asked) or not (_NEVER | {"impossible"}).isdisjoint(asked.split()):
        return None
    return "no" if _IMPOSSIBLE.fullmatch(spoken) else "yes" if _IS_POSSIBLE.fullmatch(spoken) else None


def _echo(said: Sequence[str], asked: Sequence[str]) -> str | None:
    """Read "It does", "They did not": a pronoun and the question's own auxiliary."""
    words = [w for w in said if w not in _EMPHASIS]
    negations = sum(w in _NEVER for w in words)
    words = [w for w in words if w not in ("not", "never")]
    if len(words) != 2 or words[0] not in _PRONOUN or words[1] not in _AUXILIARY or negations > 1:
        return None
    family = _AUXILIARY[words[1]]
    first = asked[0] if asked[0] in _AUXILIARY else next((w for w in asked if w in _AUXILIARY), "")
    if not first or _AUXILIARY[first] != family or not _NEVER.isdisjoint(asked):
        return None
    return "no" if negations else "yes"


def _repeated(text: str, said: Sequence[str], asked: Sequence[str]) -> str | None:
    """Read a sentence that repeats the question: all of it, or its predicate behind a pronoun."""
    asked_negative = sum(w in _NEVER for w in asked)
    negations = sum(w in _NEVER for w in said)
    if negations > 1 or asked_negative > 1 or (asked_negative > negations and "not" not in asked):
        return None  # "Mammals lay eggs" leaves open whether "no mammal does" is denied
    a, b = content(said), content(asked)
    if not a or not a <= b:
        return None
    verdict = "yes" if negations == asked_negative else "no"
    whole = a == b and sum(w not in _AUXILIARY for w in said) + 3 > sum(w not in _AUXILIARY for w in asked)
    if whole and _same_order(said, asked):
        return verdict
    if asked_negative:
        return None
    if said[0] in _PRONOUN:
        return _predicate(said[1:], asked, verdict)
    return verdict if _SCOPE.isdisjoint(asked) and _short_subject(text.strip(), said, asked) else None


def _same_order(said: Sequence[str], asked: Sequence[str]) -> bool:
    """Say whether the words stand in one order: "cats chase dogs" is not "dogs chase cats"."""
    keep = content(asked)
    a = [s for s in map(stem, said) if s in keep]
    return a == [s for s in map(stem, asked) if s in keep]


def _predicate(said: Sequence[str], asked: Sequence[str], verdict: str) -> str | None:
    """Read "It is not prime" beside "Is 51 prime?": all that stands behind a plain subject."""
    words = [stem(w) for w in said if w not in _NEVER and w not in _AUXILIARY and w not in _EMPHASIS]
    rest = [stem(w) for w in asked[1:]]
    tails = [rest, rest[:-1]] if asked[-1] in ("number", "integer", "statement") else [rest]
    for tail in tails:
        if words and len(words) < len(tail) and tail[-len(words) :] == words:
            subject = asked[1 : 1 + len(tail) - len(words)]
            if not _SCOPE.isdisjoint(subject):
                return None
            if (
                len(subject) == 1
                or (verdict == "no" and len(subject) < 4)
                or (len(subject) == 2 and asked[0] in ("do", "does", "did"))
            ):
                return verdict
    return None


def _short_subject(text: str, said: Sequence[str], asked: Sequence[str]) -> bool:
    """Say whether only the subject is shorter: "the series" for "the harmonic series", "the function f"."""
    missing = [w for w in asked[1:] if stem(w) in content(asked) - content(said)]
    if len(missing) != 1 or len(said) < 3 or not re.match(r"(?:the|this)\s", text, re.IGNORECASE):
        return False
    adjective = list(asked[1:3]) == [missing[0], said[0]]
    name = list(asked[1:3]) == [said[0], missing[0]] and len(missing[0]) == 1
    return (adjective or name) and _same_order(said, [w for w in asked if w not in missing])
