"""Option letters in a solve's text, which mean nothing once the options stand in another order. Pure.

A solve saw the options under letters, in an order of its own. Where its text calls an option by its letter
("option B fails", "crimson (C)", "**A.** crimson …"), the option's text takes the letter's place; where that
is not surely right, the text cannot be kept. Letters that name other things (vitamin B, blood type A,
point C of a figure, plan B, the article "A", the pronoun "I") are left alone.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["Rewritten", "without_letters"]

_MOST_OPTIONS = 26
_LONGEST_OPTION = 300  # beyond it, putting it in place of a letter makes no sentence
_LONGEST = 50_000

# What languages call an option; a letter behind one of these words is an option's letter.
_KEY = (
    r"(?i:(?:answer\s)?(?:options?|choices?)|alternatives?|answers?|answer\sis|opci(?:ón|ones|on)|inciso|"
    r"respuestas?(?:\s(?:correcta\s)?es)?|alternativas?|réponses?(?:\sest)?|choix|antwort(?:en)?(?:\sist)?|"
    r"(?:antwort)?möglichkeit(?:en)?|opç(?:ão|ões)|resposta|opzion[ei]|risposta|optie|antwoord|opció|aukera|"
    r"erantzuna|вариант(?:ы|а)?|ответ(?:ы|а)?|选项|選項|選択肢|보기|선택지)"
)
_END = r"(?![A-Za-z0-9_'’]|\.[a-z])"
_KEYED = re.compile(
    rf"(?<![A-Za-z])(?P<key>{_KEY}\s{{0,3}}[:：]?\s{{0,3}})(?P<open>[*\"“'‘`(]{{0,3}})(?P<letter>[A-Z]){_END}"
    r"(?P<close>[*\"”'’`)]{0,3})"
)
_FURTHER = re.compile(
    rf"(?P<key>(?:,\s|\s?/\s?|\s&\s|,?\s(?:and|or|y|o|et|ou|und|oder|e)\s|和|と)(?:{_KEY}\s)?)\(?(?P<letter>[A-Z])\)?{_END}"
)
_RANGE = re.compile(rf"\s?(?:[-–—]|to|through|bis|hasta|a)\s?\(?[A-Z]\)?{_END}")
_LINE = re.compile(
    r"^(?P<lead>[ \t]{0,8}(?:[-•>*]\s|\d{1,2}[.)]\s|#{1,6}\s)?)\*{0,3}\(?(?P<letter>[A-Z])"
    r"(?:\*{0,3}[).:]\*{0,3}|\*{1,3}[:.)]?)(?:\s{1,3}|$)",
    re.MULTILINE,
)
_PARENTHESES = re.compile(r"(?<![\w(])\((?P<letter>[A-Z])\)(?!\w)")
_ADVERB = r"(?:therefore\s|thus\s|also\s|clearly\s|simply\s|not\s)?"
_RIGHT_OR_WRONG = (
    rf"\*{{0,2}}\s(?:(?:is|was|isn't|must be)\s{_ADVERB}(?:wrong|incorrect|correct|right|out|ruled|"
    r"eliminated|invalid|implausible|unlikely|the\s(?:correct|right|best|only|answer))\b|fails\b|fits\b(?!\sin)|remains\b|"
    r"can(?:not| be|'t)\s(?:be|ruled|eliminated|excluded|discarded)\b)"
)
_TRUE_OR_FALSE = rf"\*{{0,2}}\s(?:is|was|isn't|must be)\s{_ADVERB}(?:true|false)\b"
_SUBJECT = re.compile(rf"(?<![\w'’.-])(?P<open>\*{{0,2}})(?P<letter>[A-Z])(?={_RIGHT_OR_WRONG})")
_HELD_TRUE = re.compile(rf"(?<![\w'’.-])(?P<open>\*{{0,2}})(?P<letter>[A-Z])(?={_TRUE_OR_FALSE})")
_BEFORE_A_LETTER = re.compile(
    r"(?:^|[.!?;:,\n(\"“]\s?|\b(?:so|and|but|not|or|that|then|thus|hence|therefore|while|since|because|whereas|only|"
    r"why|is|if|as)\s)$",
    re.IGNORECASE,
)
_CHOSEN = re.compile(
    r"(?P<key>\b(?:choose|pick|select|eliminate|rule out|ruling out|discard|leav(?:es|ing)(?: only)?)\s)"
    r"\(?\*{0,2}(?P<letter>[B-Z])\b(?!['’-]|\s(?!and\b|or\b|but\b|as\b|because\b|since\b|which\b)[a-z]|\.\w)"
)
_UNSAFE_UNLESS_NAMED = (
    re.compile(r"\b[Bb]oth\s\(?[A-Z]\)?\sand\s\(?[A-Z]\)?(?!\w)"),
    re.compile(r"(?:因此|所以|选|選|排除|答案是|，|。|、|故)[A-H](?![A-Za-z0-9])"),
)
_UNSAFE = (
    re.compile(rf"(?<![A-Za-z])[A-Z](?:选项|選項|项)|(?<![A-Za-z])(?:{_KEY})\s\(?[a-h]\)(?!\w)"),
    re.compile(
        r"\b[Tt]he\s(?:first|second|third|fourth|fifth|last|1st|2nd|3rd|4th|5th)\s(?:answer\s)?(?:option|choice)\b|"
        r"\b(?i:option|choice)\s#?[1-9](?![\d.,]\d|\w)"
    ),
)
_ONE_LETTER = re.compile(r"(?<![\w'’])[B-HJ-Z](?![\w'’])|(?<=[a-z] )A(?![\w'’])")
_APPOSITION = re.compile(r"[\"”’*_)]{0,3}\s{0,2}(?P<sign>[:,(=–—-]?)\s{0,2}[\"“‘*]{0,3}")


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A text in which options stand by their texts.

    :param replaced: how many letters were replaced.
    """

    text: str
    replaced: int


class _UnsafeError(Exception):
    """A letter that cannot surely be replaced; never leaves this module."""


def without_letters(text: str, shown: Sequence[str], question: str = "") -> Rewritten | str:
    """Return the text with option letters replaced by the options' texts, or the words that forbid it.

    :param shown: the options in the order in which the text's author saw them.
    :param question: question and passage; where these or the options use single capital letters, letters
        in the text may be those, and only "option B" and the like is taken for an option's.
    :returns: the rewritten text; a plain string quotes what could not be replaced, or whose meaning is open:
        ranges, "the first option", letters beyond the options, lists that may be the text's own.
    """
    if not shown or len(shown) > _MOST_OPTIONS:
        return Rewritten(text, 0)
    text = text[:_LONGEST]
    named = bool(_ONE_LETTER.search(question)) or any(len(o) == 1 or _ONE_LETTER.search(o) for o in shown)
    try:
        text, replaced = _replaced(text, shown, named)
    except _UnsafeError as unsafe:
        return str(unsafe)
    doubtful = _UNSAFE if named else (*_UNSAFE, *_UNSAFE_UNLESS_NAMED)
    left = next((found.group() for pattern in doubtful if (found := pattern.search(text))), None)
    return Rewritten(text, replaced) if left is None else left


def _replaced(text: str, shown: Sequence[str], named: bool) -> tuple[str, int]:
    replaced = 0
    if not named:
        text, replaced = _pass(text, _lines(text, shown), shown)
    text, more = _pass(text, _keyed(text, named), shown)
    replaced += more
    if named:
        return text, replaced
    text, more = _pass(text, _PARENTHESES.finditer(text), shown, needs_text=True)
    replaced += more
    text, more = _pass(text, _bare(text), shown)
    return text, replaced + more


def _bare(text: str) -> list[re.Match[str]]:
    """Find letters that are judged right or wrong, if the text uses no letter in any other way.

    Where it does ("from not B, conclude not A; since B is false …") the letters are its own variables, unless
    one of them is called right or wrong, or chosen, as only options are: then it cannot be told.
    """
    surely = [*(m for m in _SUBJECT.finditer(text) if _alone(text, m.start())), *_CHOSEN.finditer(text)]
    held = (m for m in _HELD_TRUE.finditer(text) if _alone(text, m.start()))
    found = {m.end("letter"): m for m in (*surely, *held)}
    others = [m for m in _ONE_LETTER.finditer(text) if m.end() not in found]
    if others and surely:
        raise _UnsafeError(surely[0].group())
    return [] if others else [found[end] for end in sorted(found)]


def _keyed(text: str, named: bool) -> Iterable[re.Match[str]]:
    """Find letters behind a word for "option", and those that follow in a list ("options A, B and D")."""
    done = 0  # "option A, option B, option C" is one list, read once
    for match in _KEYED.finditer(text):
        if match.start() < done or _is_word(match, text, named):
            continue
        if _RANGE.match(text, match.end()) and not _FURTHER.match(text, match.end()):
            raise _UnsafeError(text[match.start() : match.end() + 6])
        yield match
        at = match
        while (further := _FURTHER.match(text, at.end())) is not None:
            yield further
            at = further
        done = at.end()


def _is_word(match: re.Match[str], text: str, named: bool) -> bool:
    """Tell whether the letter is the pronoun "I", an article, or a name that the question gave."""
    after = text[match.end() : match.end() + 12]
    if match["open"] or match["close"]:
        return False
    if match["letter"] == "I":
        return (
            re.match(r"\s(?:am|have|had|would|will|think|see|made|chose|can|could|do|did)\b", after)
            is not None
        )
    keyword = match.group().casefold()
    weak = "option" not in keyword and "choice" not in keyword
    article = match["letter"] == "A" and re.match(r"\s[a-z]", after) is not None and "answer" in keyword
    return (weak and named) or (article and re.match(rf"(?={_RIGHT_OR_WRONG})", after) is None)


def _alone(text: str, at: int) -> bool:
    """Tell whether what begins there is not a part of a name, as in "vitamin C is right"."""
    return _BEFORE_A_LETTER.search(text[max(at - 16, 0) : at]) is not None


def _lines(text: str, shown: Sequence[str]) -> list[re.Match[str]]:
    """Find lines that begin with an option's label; a list that may be the text's own is unsafe."""
    found = [m for m in _LINE.finditer(text) if ord(m["letter"]) - 65 < len(shown)]
    follows = [_following(text, m.end(), shown[ord(m["letter"]) - 65]) for m in found]
    if not any(follows) and len(found) > 1:
        raise _UnsafeError(found[0].group().strip())
    return [m for m, end in zip(found, follows, strict=True) if end or any(follows)]


def _following(text: str, at: int, option: str) -> int:
    """Return where the option's text ends that stands at a place, wrapped or set off; 0 if it does not."""
    sign = _APPOSITION.match(text, at)
    start = sign.end() if sign else at
    end = start + len(option)
    if not option or text[start:end].casefold() != option.casefold() or text[end : end + 1].isalnum():
        return 0
    closing = re.compile(r"[\"”’*_]{0,3}" + (r"\)?" if sign and sign["sign"] == "(" else "")).match(text, end)
    end = closing.end() if closing else end
    return end + 1 if sign and sign["sign"] == "," and text[end : end + 1] == "," else end


def _pass(
    text: str, matches: Iterable[re.Match[str]], shown: Sequence[str], needs_text: bool = False
) -> tuple[str, int]:
    """Put options' texts in the places of the matched letters.

    :param needs_text: a letter is only surely an option's where the option's text stands beside it.
    """
    out: list[str] = []
    at = count = 0
    for match in matches:
        if match.start() < at:
            continue
        option = _option(match["letter"], shown, match.group())
        before = text[at : match.start()]
        follows = _following(text, match.end(), option)
        precedes = _preceding(before, option)
        if needs_text and not follows and precedes is None:
            raise _UnsafeError(match.group())
        count += 1
        if precedes is not None and not follows:
            out.append(precedes)
            at = match.end() + (before.rstrip().endswith("(") and text[match.end() : match.end() + 1] == ")")
            continue
        out += [before, _in_its_place(match, option, text, bool(follows))]
        at = follows or match.end()
    return "".join(out) + text[at:], count


def _option(letter: str, shown: Sequence[str], evidence: str) -> str:
    index = ord(letter) - 65
    if index >= len(shown) or len(shown[index]) > _LONGEST_OPTION:
        raise _UnsafeError(evidence)
    return shown[index]


def _preceding(before: str, option: str) -> str | None:
    """Return the text without "(" behind the option's text, if that is what it ends with; else None."""
    bare = before.rstrip()
    bare = bare.removesuffix("(").rstrip()
    return bare if option and bare.rstrip('"”’*_').casefold().endswith(option.casefold()) else None


def _in_its_place(match: re.Match[str], option: str, text: str, follows: bool) -> str:
    groups = match.groupdict()
    if "lead" not in groups:
        return f"{groups.get('key') or ''}“{option}”"
    ends = text[match.end() - 1 : match.end()]
    return f"{groups['lead']}“{option}”" + ("" if follows else f":{ends if ends.isspace() else ''}")
