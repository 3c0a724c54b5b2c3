"""The list in a sentence: what stands before and behind it says nothing but what was asked. Pure, bounded.

"The two metals are copper and tin." lists copper and tin, where the question asks for two metals. Each word
before a list must be one that says nothing, or a word of the question, in its order; so must those of "are
the metals that make bronze" behind it.
"""

import re
from collections.abc import Iterator, Sequence

from taskseed.checks.numbers.number_words import AND
from taskseed.checks.numbers.numerals import words_as_digits
from taskseed.checks.reading import TAKEN_BACK, word_list
from taskseed.checks.spelling import american
from taskseed.checks.stems import stem as stem_of

__all__ = ["doubts", "frames", "label_says_nothing", "stems"]

_MAX_LEADS = 8
_MAX_LEAD_WORDS = 30
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
# Words that open a list's end, or say that it is not sure: beside them it is not read.
_ADDING = frozenset(
    word_list(
        "also another others other additional additionally further furthermore besides too more etc "
        "including includes include included example instance e.g eg remaining missing forgot forget rest "
        "plus probably likely presumably approximately about around roughly nearly almost unsure certain "
        "optionally optional possible partly partially mostly mainly usually often unknown unclear one's sure"
    )
)
_DOUBTFUL = re.compile(
    r"\b(?:and so (?:on|forth)|and more|at least|at most|up to|more than|less than|fewer than|"
    r"such as|for example|"
    r"(?:one|two|three|four|some|most|many|part|half|any) of (?:them|these|those|the)|to name|"
    r"among|no longer)\b|"
    r"\.\.\.|…|[?≈]|(?<!\w)~",
    re.IGNORECASE,
)
_NEGATIVE = re.compile(
    r"\b(?:not|no|never|none|neither|nor|without|except|exclud\w*|least|un\w+able)\b|n['’]t\b", re.IGNORECASE
)
_OBJECT = re.compile(r"\b(?:do|does|did|can|could|will|would|should|has|have|had)\b|,", re.IGNORECASE)
_ORDINAL = re.compile(
    r"\b(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last|next|final|finally)\b",
    re.IGNORECASE,
)
_FUNCTION = frozenset(
    word_list(
        "the a an of in on at by to for from with is are was were be been being that which who whose whom "
        "these those this they it he she we i you its their his her our my there here as has have had do "
        "does "
        "did can so then thus therefore hence both all following follows s called named namely known up out "
        "into during when where what exactly only"
    )
)
_GENERIC = frozenset(
    word_list(
        "answer answers result results solution solutions set list lists item items value values name names "
        "total correct right final required requested full complete entire possible below order ordered "
        "sorted number numbers just"
    )
)
_ROOTS = frozenset(word_list("root zero solution value equation satisfy real x"))
_STATES = frozenset(
    word_list("is are was were be of by in namely called named with equals to contains only just")
)
_CONSISTS = re.compile(r"\b(?:consists? of|is (?:made(?: up)?|composed|comprised) of|comprises|contains)\s*$")
_PARTS = re.compile(
    r"\b(?:elements?|components?|ingredients?|parts?|metals?|made?|makes?|alloy|compos\w+|consist\w*|compris\w+|contain\w*|"
    r"atoms|constituents?|gases)\b",
    re.IGNORECASE,
)
_CONSIST = frozenset(word_list("consist compose comprise contain make up"))
_NOT_LISTED = frozenset(
    word_list(
        "exception distractor option choice candidate alternative opposite reverse rest wrong error mistake "
        "question input original example"
    )
)
_COPULA = re.compile(r"\s(?:is|are|was|were)\s", re.IGNORECASE)
_WHY = re.compile(
    r"[,.;]?\s\(?(?:because|since|as (?:they|these|it|both|all|the)\b|explanation\b|reasoning\b)",
    re.IGNORECASE,
)
_NEXT = re.compile(
    r"(?:[.!]\s{1,3}|\n\s{0,9})\**(?=(?:it|this|that|these|those|they|both|each|all|together|the|note|explanation|"
    r"reasoning|because|since|in|here|its|their|i|we|you)\b)|\s[—–]\s(?=[^—–]{12,})",
    re.IGNORECASE,
)
# A sentence, and no title: "They are the primary colours".
_STATEMENT = re.compile(
    r"(?i:explanation|reasoning|note|because|since)\b|(?:\S+\s){1,6}?(?:is|are|was|were|have|has|form|make)\s"
    r"\S+\s\S",
)
_APPOSITIVE = re.compile(
    r",?\s\(?(?:which\s(?:have|has|all|both|together|form|make|(?:are|were)\s(?:the|all|both))\b|"
    r"(?:the|all|both)\s(?:[a-z]+\s){0,2}[a-z]+s\s(?:of|in|that|which|on|for|from|where|when|who|with)\b)"
)
_IN_THAT_ORDER = re.compile(r",?\s\(?(?:in (?:that|this|any) order|respectively)\)?\W{0,3}$", re.IGNORECASE)


def stems(text: str) -> list[str]:
    """Return a text's words without their endings, in order: "colours" is "color", "visited" is "visit"."""
    return [_stem(word) for word in _WORD.findall(text.casefold())]


def _stem(word: str) -> str:
    return stem_of(american(re.sub(r"['’]s?$", "", word)))


def doubts(said: str, gold: str, question: str, *, solving: bool) -> bool:
    """Say whether a text offers alternatives, hedges, takes back or goes on, and the gold does not.

    :param solving: "or" lists the values of one unknown.
    """
    words = set(_WORD.findall(said.casefold().replace("’", "'")))
    words -= set(_WORD.findall(gold.casefold().replace("’", "'")))
    if solving:
        words -= {"or", "either"}
    if not TAKEN_BACK.isdisjoint(words) or any(word.endswith("n't") for word in words):
        return True
    if not (words & _ADDING) <= set(_WORD.findall(question.casefold())):
        return True
    theirs = {m[0].casefold() for m in _DOUBTFUL.finditer(gold)}
    return any(m[0].casefold() not in theirs for m in _DOUBTFUL.finditer(said))


def _without_reasons(text: str, count: int) -> Iterator[str]:
    """Yield a text, and what of it stands before its reasons where they add no item to it."""
    yield text
    for pattern in (_WHY, _NEXT, _APPOSITIVE):
        m = pattern.search(text)
        if m is None or not m.start() or _ORDINAL.search(text, m.start()):
            continue
        if pattern is _NEXT and not _STATEMENT.match(text, m.end()):
            continue  # "Queen\nThe Who" are two
        if pattern is _APPOSITIVE and not _closes(text[: m.start()], text[m.start() :], count):
            continue
        yield text[: m.start()].rstrip(" .,;:!")


def _closes(before: str, behind: str, count: int) -> bool:
    """Say whether a list has ended before ", the years in which"; "Hamlet, the lives of others" may go on."""
    told = re.findall(r"[0-9]+", words_as_digits(behind.casefold()))
    if any(number != str(count) for number in told) or _NEGATIVE.search(behind):
        return False
    return re.search(r"\s(?:and|&)\s", before) is not None and re.search(r"[,;]|\d", behind[1:]) is None


def frames(text: str, golds: Sequence[str], question: str, count: int) -> Iterator[str]:
    """Yield the parts of a sentence that may be its list, the whole first.

    :param golds: the gold's items: a list in a sentence begins with one of them.
    :param count: how many items the gold has.
    """
    for body in _without_reasons(_IN_THAT_ORDER.sub("", text), count):
        yield body
        for head in (body, *_before_copula(body, question, count), *_before_question(body, question)):
            if head is not body:
                yield head
            yield from _behind_leads(head, golds, question, count)


def _before_copula(text: str, question: str, count: int) -> Iterator[str]:
    """Yield what stands before "are the metals that make bronze"."""
    m = _COPULA.search(text)
    if m is None or len(text) - m.end() > 300:
        return
    tail = text[m.end() :].strip(" .!")
    words = tail.casefold().split()
    opens = words and words[0] in {"the", "all", "both", "my"}
    if opens and not re.search(r"[,;:]|\s(?:and|&)\s", tail) and _says_nothing(tail, question, count):
        yield text[: m.start()]


def _before_question(text: str, question: str) -> Iterator[str]:
    """Yield what stands before the question's own words: "Copper and tin make bronze", asked what makes it.

    Not where the question asks for an object: "Which players did he beat?"
    """
    if not re.match(r"\W*(?:who|which|what)\b", question, re.IGNORECASE) or _OBJECT.search(question):
        return
    asked, said = question.rstrip(" ?").split(), text.rstrip(" .!").split()
    same = 0
    while same < min(len(asked), len(said) - 1) and asked[-1 - same].casefold() == said[-1 - same].casefold():
        same += 1
    begins = len(asked) - same
    opening = said[-same].casefold() if same else ""
    before = said[-same - 1] if same else ""
    if (
        same
        and 0 < begins <= 6
        and opening.isalpha()
        and opening not in AND | {"or"}
        and before[-1:].isalnum()
    ):
        yield " ".join(said[:-same])


def _behind_leads(text: str, golds: Sequence[str], question: str, count: int) -> Iterator[str]:
    firsts = {gold.casefold().split()[0].strip("\"'*(") for gold in golds if gold.split()}
    firsts |= {gold.casefold().removeprefix("the ").split()[0] for gold in golds if len(gold.split()) > 1}
    yielded = 0
    for i, m in enumerate(re.finditer(r"\s+", text[:400])):
        if i >= _MAX_LEAD_WORDS or yielded >= _MAX_LEADS:
            return
        lead, rest = text[: m.start()], text[m.end() :].strip()
        if not rest or re.search(r"[;\n]", lead):
            return
        opening = rest.split()[0].casefold().strip("\"'*(,.;:")
        begins = (
            opening in firsts
            or opening in AND
            or re.match(r"[-–*•\"'(\[{$\d±√\\]|[a-z]\s?[=∈]|both\b|\w[.)]\s", rest, re.I)
        )
        if (begins or lead.endswith(":")) and label_says_nothing(lead, question, count):
            yielded += 1
            yield rest


def label_says_nothing(lead: str, question: str, count: int) -> bool:
    """Say whether the words before a list announce it, and say no more than the question does."""
    bare = lead.rstrip(" ,:*_" if lead.casefold().startswith("there ") else " :*_")
    words = bare.casefold().split()
    if not words or (re.search(r"[,;&]|\band\b", bare) and bare.casefold() not in question.casefold()):
        return False
    if _CONSISTS.search(bare) and _PARTS.search(question):
        return _says_nothing(bare, question, count, in_order=False, beside=_CONSIST)
    if not question:
        # "The colours are": one noun, directly before what states it.
        m = re.fullmatch(r"(?:the\s)?(?:\w+\s)?([a-z]+)(?:\s(?:are|is|were|was))?", bare.casefold())
        if (
            m
            and _stem(m[1]) not in _NOT_LISTED
            and m[1].endswith("s")
            and (lead.endswith(":") or words[-1] in _STATES)
        ):
            return _says_nothing(bare, question, count, beside=frozenset({_stem(m[1])}))
    if words[0] == "there" or (words[0] == "the" and words[-1] in _GENERIC and words[-1].endswith("s")):
        return _says_nothing(bare, question, count)
    ends = lead.rstrip(" *_").endswith(":") or words[-1] in _STATES or _stem(words[-1]) in stems(question)
    return ends and _says_nothing(bare, question, count)


def _is_asked_number(digits: str, question: str) -> bool:
    """Say whether a number stands in a question, and not in a formula: "the divisors of 12"."""
    alone = rf"(?<![\w^.,+\-*/=])(?<![+\-*/=]\s){digits}(?![\w^]|\s?[+\-*/=])"
    return re.search(alone, words_as_digits(question.casefold())) is not None


def _says_nothing(
    text: str, question: str, count: int, *, in_order: bool = True, beside: frozenset[str] = frozenset()
) -> bool:
    """Say whether all words are function words, or words of the question in the question's order.

    "Poland invaded" is not in the order of "Which countries invaded Poland?": the roles are reversed.
    """
    asked = stems(words_as_digits(question.casefold()))
    at = 0
    solving = _ROOTS if re.search(r"=|\broots?\b|\bsolutions?\b", question) else frozenset()
    for word in _WORD.findall(words_as_digits(text.casefold())):
        stem = _stem(word)
        if word.isdigit():
            if int(word) != count and not _is_asked_number(word, question):
                return False
        elif word == "by" and "by" not in asked:
            return False
        elif word in _FUNCTION or word in _GENERIC or stem in beside or stem in solving:
            continue
        elif stem not in asked or _NEGATIVE.search(question):
            return False
        elif in_order:
            if stem not in asked[at:]:
                return False
            at = asked.index(stem, at)
    return True
