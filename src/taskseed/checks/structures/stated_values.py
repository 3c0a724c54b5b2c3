"""Where in an answer its JSON value stands. Pure and linear; what could be another value is none.

A text is first taken out of what wraps it: thinking, `\\boxed{}`, emphasis, mathematics, fences. Then the
values in it are found, and one of them must be the answer: the only one, the one that is announced as the
answer behind all others, or the one that is explained by all that follows.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from taskseed.checks.reading import TAKEN_BACK, word_list

__all__ = ["NO_VALUE", "stated_value"]

NO_VALUE = ""
"""What stands for no value, or for several that may be meant: it is no JSON."""

_LAYERS = 6  # of wrapping
_MAX_VALUES = 100  # in one answer
_MAX_QUESTION = 20_000
_MAX_SENTENCE = 400
_OPENED = re.compile(r"[\[{]")
# The closing quote may be missing, so that the search never goes back.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)
_WRAPS = (
    ("**", "**"), ("__", "__"), ("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("\\[", "\\]"), ("`", "`"),
    ("*", "*"), ("<answer>", "</answer>"), ("<output>", "</output>"), ("<json>", "</json>"),
)  # fmt: skip
_MATHS = frozenset(("$$", "$", "\\(", "\\["))
_BOXED = "\\boxed{"
_FENCE = re.compile(r"^[ \t]{0,8}(?:`{3,}|~{3,})[ \t]{0,3}\w{0,12}[ \t]{0,3}$", re.MULTILINE)
_SCALAR = re.compile(
    r'(?P<mark>\*\*|`|\*|\$|)(?P<value>"(?:[^"\\\n]|\\.)*+"|-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null)'
    r"(?P=mark)(?P<rest>\.?\s*$|[.,;]?\s+\(?(?:because|since|as|explanation)\b.*)",
    re.DOTALL | re.IGNORECASE,
)
_PROSE_BRACKET = re.compile(r"[\[{][A-Za-z ,.;<>_-]*+[\]}]")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_HEDGES = TAKEN_BACK | frozenset(
    word_list(
        "probably likely presumably sorry correction should certain sure unsure guess assume assuming if "
        "example examples approximately about around roughly almost nearly unable cannot otherwise else "
        "apart besides invalid instead like unknown unclear doubt suspect supposedly"
    )
)
# "Sure! Here it is", "Let me know if you need anything else": words of courtesy, taken out before the hedges.
_COURTESY = re.compile(
    r"\b(?:sure|certainly|of course|sure thing)[!,.:]|\blet me know if [^.!?\n]{0,80}|"
    r"\bif you (?:need|have|want|would)[^.!?\n]{0,80}|\bfeel free to [^.!?\n]{0,80}|"
    r"\bnothing else\b|\band nothing else\b",
    re.IGNORECASE,
)
# A value follows these; "x != [1]" and "x >= [1]" do not say what x is.
_LABELLED = re.compile(
    r"(?<![!<>+*/%&|^-])(?<!/)(?:=|==|:|=>|->|→|-->)\Z|(?:^|\s)(?:is|are|be|equals?|gives?|yields?|returns?|"
    r"becomes?|produces?|outputs?|answer|result|json|object|array|list|value|response|get|have|obtain)\Z",
    re.IGNORECASE,
)
_ENDED = re.compile(
    r"\s*[.!;:]?[ \t]*(?:\r?\n|\Z)|[.!;]\s|[ \t]*[,;—–]?\s{1,3}\(?(?:because|since|as|where|which)\b",
    re.IGNORECASE,
)
# What goes on from a value has not arrived at the answer.
_GOES_ON = re.compile(r"(?:\A|[.!?;\n])\s{0,9}(?:now|next|then|finally|after|afterwards|second|step)\b", re.I)
_LABEL = (
    r"(?:answer|output|result|response|solution|json|object|array|list|value|record|final|returns?|gives?|"
    r"yields?|becomes?|produces?|is|are|be|equals?|get|obtain|have|returned|=|:|->|=>|→)"
)
_ANNOUNCED = re.compile(rf"(?:^|[\s*_#]){_LABEL}[\s:*_#=`~>]*$", re.IGNORECASE)
_GIVEN = re.compile(
    r"\b(?:input|inputs|original|given|source|before|initial|initially|first|step|question|data|start|from|of|"
    r"wrong|was|template|format|schema)\b",
    re.IGNORECASE,
)
_INPUT = re.compile(r"\b(?:input|original|question|initial|initially|unsorted|before)\b", re.IGNORECASE)
_STEP = re.compile(r"\bstep \d{1,2}\b(?!.*\b(?:answer|final|result|output)\b)", re.IGNORECASE)
_FINAL = re.compile(
    r"\b(?:answer|output|result|final|finally|so|thus|therefore|hence|sorted|becomes?|gives?|yields?|returns?)\b|"
    r"[=→]|[=-]>",
    re.IGNORECASE,
)
_EXPLAINS = re.compile(
    r"\s*[.,;:]?[\s*_#]*(?:explanation|reasoning|reason|note|notes|because|since|as|here|this|these|each|the|it|"
    r"where|i|how|steps?)\b",
    re.IGNORECASE,
)
_ADDS = frozenset(word_list("and or plus with minus except but without then followed also"))
_COMPUTES = re.compile(r"(?:[\w)\]}]\s?[+/^%]|[0-9)\]}]\s?[-*]|^\s?[+/^%])[ ]?\Z")
_ATTACHED = re.compile(r"[\w)\]]\Z|[\w]\(\Z")  # "f(x)[0]", "len([1])"
_COMMENT = re.compile(r"^\s{0,9}(?://|/\*|#(?![# ]))|//\s|/\*", re.MULTILINE)
# Words of which a sentence is made that says no more than what the value is.
_PLAIN = frozenset(
    word_list(
        "the a an final correct right answer ans result value output response solution is are was be so it "
        "it's that this therefore thus hence my json string number boolean integer returned computed parsed "
        "total here of to in for as and we get have s requested expected resulting overall"
    )
)


@dataclass(frozen=True, slots=True)
class _Found:
    """A value in a text: its JSON, its canonical form, and where it stands."""

    text: str
    form: str
    start: int
    end: int


def stated_value(text: str, form: Callable[[str], str | None], question: str = "") -> str:
    """Return the JSON text of the one value that an answer states, or `NO_VALUE`.

    :param form: returns the canonical form of a JSON text, or None where it is none.
    :param question: what was asked: a value that stands in it is an echo, where the answer has another.
    """
    text = _after_thinking(text).strip("\ufeff \t\r\n")
    for _ in range(_LAYERS):
        if form(text) is not None:
            return text
        inner = _unwrapped(text)
        if inner is None:
            return NO_VALUE
        if inner == text:
            break
        text = inner.strip()
    scalar = _scalar(text, question)
    if scalar is not None:
        return scalar
    return _bracketed(text, form, question)


def _after_thinking(text: str) -> str:
    if not text.lstrip().startswith("<think>"):
        return text
    _, closed, rest = text.partition("</think>")
    return rest if closed else NO_VALUE


def _unwrapped(text: str) -> str | None:
    """Return a text without one layer around it, itself where it has none, None where it boxes two values."""
    boxed = _boxed(text)
    if boxed:
        return _braces(boxed.pop()) if len(boxed) == 1 else None
    for opener, closer in _WRAPS:
        ended = text.removesuffix(".") if closer.endswith(("*", "`", "$", ")", ">")) else text
        inner = ended[len(opener) : -len(closer)]
        if inner and ended.startswith(opener) and ended.endswith(closer) and opener not in inner:
            return _braces(inner) if opener in _MATHS else inner
    fences = list(_FENCE.finditer(text[:200])), text.rstrip().rpartition("\n")
    if fences[0] and fences[0][0].start() == 0:
        body = text[fences[0][0].end() :]
        return body.rstrip()[:-3] if fences[1][2] in ("```", "~~~") else body
    if re.match(r"json[c5]?\s", text, re.IGNORECASE):
        return text.partition(text.split(None, 1)[0])[2]
    return text


def _braces(maths: str) -> str:
    r"""Write `\{` as a brace: in JSON it stands nowhere."""
    return maths.replace("\\{", "{").replace("\\}", "}")


def _boxed(text: str) -> set[str]:
    r"""Return the different contents of all `\boxed{...}`; two where one is not closed."""
    found: set[str] = set()
    at = text.find(_BOXED)
    while at >= 0:
        start = at + len(_BOXED)
        end = _closing(text, start - 1)
        if end is None:
            return {text, NO_VALUE}
        found.add(text[start : end - 1].strip())
        at = text.find(_BOXED, end)
    return found


def _closing(text: str, start: int) -> int | None:
    """Return where the bracket at `start` has been closed, strings aside; None where it is not."""
    depth = 0
    for token in _TOKEN.finditer(text, start):
        if token[0][0] != '"':
            depth += 1 if token[0] in "[{" else -1
            if depth == 0:
                return token.end()
    return None


def _scalar(text: str, question: str) -> str | None:
    """Read "The answer is 42.": a scalar behind words that say no more than what it is."""
    lead = re.match(r"[^\n\"0-9\[{]{0,200}?(?:\b(?:is|are|be)\b:?|[:=])[\s*_`#]{0,9}(?=[*`$\"0-9tfn-])", text)
    for start in (0, lead.end() if lead else 0):
        # The mark in front of a bold value has been read with the words.
        marks = re.search(r"[*`$]{1,2}$", text[:start])
        found = _SCALAR.fullmatch(text, marks.start() if marks else start)
        if found is None or not _is_lower_constant(found["value"]):
            continue
        known = _PLAIN | _words(question)
        if _words(text[:start]) <= known and _HEDGES.isdisjoint(_words(text[:start] + found["rest"])):
            return found["value"]
    return None


def _is_lower_constant(value: str) -> bool:
    return value.casefold() not in ("true", "false", "null") or value.islower()


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold().replace("’", "'")))


def _bracketed(text: str, form: Callable[[str], str | None], question: str) -> str:
    """Return the one object or array that a text in words states."""
    values = _values(text, form)
    if not values:
        return NO_VALUE
    prose = _between(text, values)
    if _COMMENT.search(prose) or _doubtful(text[values[-1].end :]):
        return NO_VALUE
    last = _announced_last(text, values)
    if last or _doubtful(prose):
        return last
    if len({value.form for value in values}) > 1:
        if _explained(text, values):
            return values[0].text
        asked = {value.form for value in _values(question[-_MAX_QUESTION:], form) or []}
        values = [value for value in values if value.form not in asked] if asked else []
        return _alone(text, values, echoes=True)
    return _alone(text, values, echoes=False)


def _alone(text: str, values: list[_Found], *, echoes: bool) -> str:
    """Return the value that all values are, if the words around it leave it as it is.

    :param echoes: whether values of the question stand beside it.
    """
    if len({value.form for value in values}) != 1 or any(_is_input(text, value) for value in values):
        return NO_VALUE
    for first, second in pairwise(values):
        if not re.search(r"[^\W\d_]", _FENCE.sub("", text[first.end : second.start])):
            return NO_VALUE
    last = values[-1]
    before = _sentence_before(text, 0, last.start)
    announced = not before or _LABELLED.search(before) is not None
    return last.text if (announced or echoes) and _ends_plainly(text, last.end) else NO_VALUE


def _sentence_before(text: str, start: int, end: int) -> str:
    """Return the sentence, or the lines after a blank one, that leads to a value."""
    before = _FENCE.sub(" ", text[start:end]).rstrip(" \t\r\n*_`~$")
    return re.split(r"[.!?;\n]\s", before[-_MAX_SENTENCE:])[-1].strip(" *_`~$#-\n\t")


def _is_input(text: str, value: _Found) -> bool:
    """Say whether a value is only called what was given, or a step on the way."""
    sentence = _sentence_before(text, 0, value.start)
    if _STEP.search(sentence):
        return True
    return _INPUT.search(sentence) is not None and _FINAL.search(sentence) is None


def _values(text: str, form: Callable[[str], str | None]) -> list[_Found] | None:
    """Return the objects and arrays that stand in a text; None where something could be a broken one."""
    found: list[_Found] = []
    at = seen = 0
    while (start := _OPENED.search(text, at)) is not None:
        end = _closing(text, start.start())
        seen += 1
        if end is None or seen > _MAX_VALUES:
            return None
        value = text[start.start() : end]
        before = text[max(0, start.start() - 5) : start.start()]
        written = form(value)
        if written is None and not _PROSE_BRACKET.fullmatch(value):
            return None
        if written is not None and _ATTACHED.search(before) is None:
            if _COMPUTES.search(before) or before.endswith(("'", '"')):
                return None
            found.append(_Found(value, written, start.start(), end))
        at = end
    return found


def _between(text: str, values: list[_Found]) -> str:
    """Return what stands around the values."""
    starts = [0, *(value.end for value in values)]
    ends = [*(value.start for value in values), len(text)]
    return " … ".join(text[start:end] for start, end in zip(starts, ends, strict=True))


def _doubtful(prose: str) -> bool:
    words = _words(_COURTESY.sub(" ", prose))
    return not _HEDGES.isdisjoint(words) or any(word.endswith("n't") for word in words) or "e.g." in prose


def _announced_last(text: str, values: list[_Found]) -> str:
    """Return the last value where the words before it announce the answer, and those before others do not."""
    *others, last = values
    if not others or not _ends_plainly(text, last.end):
        return NO_VALUE
    sentence = _sentence_before(text, others[-1].end, last.start)
    if not _ANNOUNCED.search(sentence) or not _FINAL.search(sentence) or _doubtful(sentence):
        return NO_VALUE
    return NO_VALUE if _GIVEN.search(sentence) and not re.search(r"\banswer\b", sentence, re.I) else last.text


def _explained(text: str, values: list[_Found]) -> bool:
    """Say whether the first value is the answer, and the others stand in its explanation."""
    first = values[0]
    before, after = text[: first.start], text[first.end : values[1].start]
    opens = not before.strip() or (_ANNOUNCED.search(before.rstrip()) and not _GIVEN.search(before))
    return bool(opens) and "\n" in after and _EXPLAINS.match(after) is not None


def _ends_plainly(text: str, end: int) -> bool:
    """Say whether what follows a value leaves it as it is: nothing, its reasons, another sentence."""
    rest = _FENCE.sub("\n", text[end:]).lstrip("*_`~$)")
    if not rest.strip(" .\n\r\t"):
        return True
    if not _ENDED.match(rest) or _GOES_ON.search(rest):
        return False
    words = _WORD.findall(rest[:80].casefold())
    return not words or (words[0] not in _ADDS and not words[0][0].isdigit())
