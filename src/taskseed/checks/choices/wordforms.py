"""One spelling for words that mean the same beside a list of options. Pure.

"It isn't soluble", "It is insoluble" and "It is not soluble" are one; so are "thirty" and "30", "3:45 p.m."
and "15:45", "mitochondria" and "mitochondrion". These forms are only for comparing with *all* options of a
question, or with the question's own words: what they make alike may differ elsewhere.
"""

import re
from collections.abc import Collection, Iterable

from taskseed.checks.reading import clean, word_list
from taskseed.checks.spelling import american

__all__ = ["MARKS", "plain_latex", "words_of"]

MARKS = frozenset('.,;:!?()[]"—')

_COMMAND = re.compile(
    r"\\(?:mathcal|mathrm|mathbf|mathit|operatorname|text|textbf|left|right|displaystyle)(?![a-z])"
)
_BRACED = re.compile(r"\{([^{}]{0,40})\}")
_TIME = re.compile(
    r"(?<![\d:.])(\d{1,2})(?:[:.](\d{2}))?\s?([ap])(?:\.\s?m\b\.?|m\b)|(?<![\d:.])(0\d|1[3-9]|"
    r"2[0-3]):([0-5]\d)(?![\d:])"
)
_RANGE = re.compile(
    r"\b(?:between|from)\s(\d[\d.,]*)\s(?:and|to)\s(\d)|(?<![\w./+*^=-])(\d[\d.,]*)\s?(?:-|—|"
    r"\bto\b)\s?(\d)(?![\d.,]*\s?[-/+*^=])"
)
_TOKEN = re.compile(
    r"<\d+>|\d+(?:st|nd|rd|th)\b|\d+(?:[.,:]\d+)*(?:\.\.\d+(?:[.,]\d+)*)?|[^\W\d_]+(?:'[^\W\d_]+)*|[^\w\s]|_"
)
_IS = re.compile(r"\b(it|that|this|he|she|there|what|who|which)'s\b")
_NOT = re.compile(r"\b(\w+)n't\b")
_ODD_NOT = {"ca": "can", "wo": "will", "sha": "shall"}
_OTHER = (("'re", " are"), ("'ll", " will"), ("'ve", " have"), ("cannot", "can not"), ("’", "'"))

_SMALL = word_list(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_TENS = word_list("twenty thirty forty fifty sixty seventy eighty ninety")
_NUMBERS = (
    {word: str(n) for n, word in enumerate(_SMALL)}
    | {word: str(10 * n) for n, word in enumerate(_TENS, 2)}
    | {"hundred": "100", "thousand": "1000"}
)
# "no one", "the odd one out", "one of them" are no numbers.
_ONE_AFTER = frozenset(
    word_list("no any some every the this that which odd correct right other another wrong")
)
_ONE_BEFORE = frozenset(word_list("of out another"))

_SINGULAR = dict(
    pair.split("/")
    for pair in word_list(
        "mitochondria/mitochondrion bacteria/bacterium nuclei/nucleus fungi/fungus algae/alga "
        "criteria/criterion phenomena/phenomenon men/man women/woman children/child feet/foot teeth/tooth "
        "mice/mouse geese/goose oxen/ox people/person vertebrae/vertebra larvae/larva stimuli/stimulus "
        "radii/radius axes/axis bases/basis crises/crisis hypotheses/hypothesis analyses/analysis "
        "theses/thesis matrices/matrix vertices/vertex indices/index "
        "knives/knife wolves/wolf lives/life wives/wife halves/half loaves/loaf spectra/spectrum "
        "quanta/quantum media/medium data/data species/species series/series does/do goes/go has/have "
        "is/is was/was this/this its/its his/his as/as us/us gas/gas bus/bus plus/plus yes/yes always/always "
        "thus/thus less/less"
    )
)
_SAME_WORD = dict(
    pair.split("/")
    for pair in word_list(
        "rise/increase grow/increase fall/decrease drop/decrease decline/decrease remain/stay bigger/larger "
        "colour/color fewer/less greater/more grey/gray centre/center metre/meter litre/liter "
        "fibre/fiber behaviour/behavior "
        "favour/favor labour/labor tumour/tumor haemoglobin/hemoglobin oestrogen/estrogen "
        "aluminium/aluminum sulphur/sulfur unchanged/same constant/same identical/same while/and whilst/and "
        "whereas/and &/and percent/% because/because"
    )
)
_PHRASES = (
    ("go up", "increase"),
    ("goes up", "increase"),
    ("go down", "decrease"),
    ("goes down", "decrease"),
    ("as well as", "and"),
    ("per cent", "%"),
    ("does not change", "stays same"),
    ("do not change", "stay same"),
    ("is unchanged", "stays same"),
    ("is unaffected", "stays same"),
    ("noon", "@12:00"),
    ("midnight", "@0:00"),
)
# Words whose first letters are no negation, although the rest is a word.
_NO_NEGATION = frozenset(
    word_list("invaluable infamous inflammable inside intense indent important impact unit")
)
_ADJECTIVE = re.compile(
    r"\w+(?:ble|al|ent|ant|ed|ar|ect|ete|ite|ic|ive|ous|ful|act|ary|re|rate|ure|lar|able)"
)


def plain_latex(text: str) -> str:
    r"""Return a formula without what LaTeX only needs to set it: `$\mathcal{O}(\log n)$` is `O(log n)`."""
    text = clean(text)
    if text.count("$") % 2 == 0 and "\\$" not in text:
        text = text.replace("$", "")  # "$5" is an amount
    text = _COMMAND.sub("", text)
    text = _BRACED.sub(r"\1", text)
    return re.sub(r"\\(?=[a-zA-Z])|\\[ ,;!()\[\]]", " ", text).strip(" .")


def words_of(text: str, vocabulary: Collection[str] = (), *, marks: bool = False) -> list[str]:
    """Return the words of a text in the one spelling, without articles.

    :param vocabulary: the words of all options; "insoluble" is "not soluble" where "soluble" is one of them.
    :param marks: keep punctuation marks as words of their own.
    """
    text = clean(text)
    text = re.sub(r"(?<![\w'])(?:a|an|the|The|An)(?![\w.])|^\s*A(?=\s\w)", " ", text).casefold()
    for written, one in _OTHER:
        text = text.replace(written, one)
    text = _NOT.sub(lambda m: f"{_ODD_NOT.get(m[1], m[1])} not", _IS.sub(r"\1 is", text))
    text = re.sub(r"(?<=\w)'s?(?!\w)", "", text)
    text = _TIME.sub(_clock, text)
    text = re.sub(r"(?<=[^\W\d_])-(?=[^\W\d_])", " ", text)
    for phrase, one in _PHRASES:
        text = re.sub(rf"\b{phrase}\b", one, text) if phrase in text else text
    found = _TOKEN.findall(_RANGE.sub(lambda m: f" {m[1] or m[3]}..{m[2] or m[4]}", text))
    kept = [t for t in found if marks or t not in MARKS]
    return list(_alike(kept, vocabulary))


def _alike(words: list[str], vocabulary: Collection[str]) -> Iterable[str]:
    for i, word in enumerate(words):
        before, after = words[i - 1] if i else "", words[i + 1] if i + 1 < len(words) else ""
        if word[0].isdigit():
            yield re.sub(r",(?=\d{3}(?!\d))", "", word).removesuffix(".0")
        elif word in _NUMBERS and not (word == "one" and (before in _ONE_AFTER or after in _ONE_BEFORE)):
            yield _NUMBERS[word]
        else:
            word = _singular(word)
            positive = _positive(word, vocabulary)
            if positive:
                yield "not"
            yield positive or _SAME_WORD.get(word) or american(word)


def _singular(word: str) -> str:
    if word in _SINGULAR:
        return _SINGULAR[word]
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes", "zes")):
        return word[:-2]
    return word[:-1]


def _positive(word: str, vocabulary: Collection[str]) -> str:
    """Return the word that this one negates by its first letters, if the options have it; else nothing."""
    for prefix in ("un", "in", "im", "ir", "il", "non"):
        rest = word.removeprefix(prefix)
        if rest != word and len(rest) > 3 and rest in vocabulary and word not in _NO_NEGATION:
            return rest if prefix in ("un", "non") or _ADJECTIVE.fullmatch(rest) else ""
    return ""


def _clock(m: re.Match[str]) -> str:
    """Return a time of day on the clock of 24 hours; a time without a.m. or p.m. stays what it is."""
    if m[4]:
        return f"@{int(m[4])}:{m[5]}"
    hour = int(m[1]) % 12 + (12 if m[3] == "p" else 0)
    return m[0] if int(m[1]) > 12 or not int(m[1]) else f"@{hour}:{m[2] or '00'}"
