"""From what a model wrote to the few words that are its answer. Pure, linear, and without guessing."""

import re
import unicodedata

import orjson

__all__ = ["MAX_CHARS", "TAKEN_BACK", "clean", "normalise_text", "spoken", "without_explanation", "word_list"]

MAX_CHARS = 2000  # an answer is short; longer text is not read, so that hostile text costs nothing

_VULGAR = re.compile("(?<=[0-9])(?=[¼-¾⅐-⅞])")
_SUPERSCRIPT = re.compile("[⁰¹²³⁴-⁹⁻]+")
_SUPERSCRIPT_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_SAME_SIGN = str.maketrans(
    {
        **dict.fromkeys("‐‑‒–−", "-"),
        **dict.fromkeys("‘’‚′", "'"),
        **dict.fromkeys("“”„″", '"'),
        **dict.fromkeys("\u200b\u200e\u200f\u2060\ufeff\u00ad"),
        "⁄": "/",
        "٫": ".",
        "٬": ",",
    }
)
_PAIRS = {'"': '"', "'": "'", "`": "`", "*": "*", "_": "_", "«": "»", "「": "」", "《": "》"}
_TRAILING = frozenset(".,;:…。、")
_LEAD = re.compile(
    r"(?:(?:so|thus|therefore|hence|then|ok|okay|well|sure|finally|overall|ultimately|consequently|clearly|"
    r"in (?:conclusion|summary|short)|to (?:sum up|conclude|summari[sz]e)|as a result)\b[,:]?\s{1,3})?"
    r"(?:(?:(?:the|my|your)\s{1,3})?(?:(?:final|correct|right|best|most likely|most plausible)\s{1,3}){0,2}"
    r"(?:answer|ans|option|choice|result|solution|verdict|conclusion)(?:\s{1,3}(?:to|for)\s(?:this|the)\s(?:question|problem))?"
    r"(?:\s{1,3}(?:is|was|would be|must be|should be)\b\s{0,3}:?|\s{0,3}(?:[:=→\n]|->))"
    r"|(?:it|that|this)(?:\s(?:is|was|would be|must be)|'s)\b\s{0,3}:?"
    r"|i(?:\s|'d\s|'ll\s|'m\s|\sam\s)(?:(?:would|will)\s)?(?:going with|choose|pick|select|go "
    r"with|say|answer|conclude)\b(?:\sthat\b)?:?"
    r"|die\s(?:(?:richtige|korrekte|endgültige)\s)?antwort\s(?:ist|lautet)\b:?"
    r"|la\s(?:respuesta|réponse|bonne réponse|risposta)(?:\s(?:correcta|correcte|corretta|final|"
    r"finale))?\s(?:es|est|è)\b:?(?:\s(?:la|el|le|il)(?=\s[A-Z]\b))?"
    r"|a\sresposta(?:\s(?:correta|final))?\sé\s:?"
    r"|(?:antwort|respuesta|réponse|risposta|resposta|antwoord|ответ|答え|정답)\s?:"
    r"|(?:正确|最终)?答案(?:(?:是|为):?|:)|选择?(?=\s?\(?[A-Z]\b)"
    r"|we\s(?:get|have|obtain|find)\b:?)\s{0,9}",
    re.IGNORECASE,
)
_SO = re.compile(
    r"(?:so|thus|therefore|hence)(?:[,:]\s{0,3}|\s{1,3}(?=[$€£¥₹]?\d|\(?[A-Za-z]\)?\.?$))|"
    r"={1,2}\s{0,3}(?=\S)",
    re.IGNORECASE,
)
_STRONG = re.compile(r"(?<![\w)*])\*\*([^*\n]+)\*\*(?![\w(*])")
_WHY = re.compile(r"[\s,.;:]\(?(?:because|since|explanation|reasoning|rationale)\b", re.IGNORECASE)
_MATHS = re.compile(r"\$\s?([-+]?[0-9\\][^$]{0,100})\$(?!\w)")
_LATEX_WORDS = re.compile(r"\\(?:text|textbf|textit|mathrm|mathbf|mbox)\s?\{([^{}]*)\}")
_LATEX_FRACTION = re.compile(r"\\[dt]?frac\s?(?:\{(\d{1,40})\}\s?\{(\d{1,40})\}|(\d)(\d)(?!\d))")
_LATEX_SIGNS = (
    ("\\$", "$"),
    ("\\%", "%"),
    ("^\\circ", "°"),
    ("^{\\circ}", "°"),
    ("\\times", "×"),
    ("\\cdot", "·"),
    ("\\left", ""),
    ("\\right", ""),
    ("\\!", ""),
    ("\\,", " "),
    ("\\;", " "),
    ("\\ ", " "),
    ("~", " "),
)

_EXPLAINED = re.compile(
    r"(?:[.!]\s{1,3}|\n\s{0,9})(?=(?:it|this|that|these|those|he|she|they|there|the|because|since|"
    r"as|in|explanation|"
    r"note|reason)\b)|\s\(see (?:above|below)[^()]{0,40}\)|\s{1,3}[—–]\s{1,3}(?=[^—–]{12,})",
    re.IGNORECASE,
)

# What ends a turn in some chat templates, left over.
_SPECIAL = re.compile(r"(?:<\|[a-z_]{2,20}\|>|</s>)\s{0,9}$")
_HEADING = re.compile(r"#{1,6}[ \t]{1,3}(?=[^\W_]|[$*_`\\(\"'])")
_FENCED = re.compile(r"(`{3,}|~{3,})[a-z]{0,12}[ \t]*\n([^`~]*?)\n?[ \t]*\1", re.IGNORECASE)
_TAGGED = re.compile(r"<(final[ _]?answer|answer|final)>([^<>]*)</\1>", re.IGNORECASE)
_ANSWER_KEYS = frozenset({"answer", "final_answer", "final answer", "finalanswer"})


def word_list(text: str) -> tuple[str, ...]:
    """Return the words of a text: a short way to write a list of words."""
    return tuple(text.split())


# Words by which a text takes back what stood before it.
TAKEN_BACK = frozenset(
    word_list(
        "not no nor or wrong incorrect wait actually instead rather however but maybe perhaps possibly "
        "never unless either neither alternatively false untrue unlikely impossible implausible mistake "
        "mistaken mistakenly misconception misleading excluded except fails fail failed seems seem "
        "guess think thought believed might could tempting distractor sometimes"
    )
)


def clean(text: str) -> str:
    """Return text in Unicode form NFKC with one spelling of digits, dashes and quotes.

    What NFKC would glue to another value is kept apart first: `3½` is `3 1/2`, `10²` is `10^2`.
    """
    if text.isascii():
        return text
    text = _VULGAR.sub(" ", text)
    text = _SUPERSCRIPT.sub(lambda m: "^" + m[0].translate(_SUPERSCRIPT_DIGITS), text)
    text = unicodedata.normalize("NFKC", text).translate(_SAME_SIGN)
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() and not c.isascii() else c for c in text)


def normalise_text(text: str) -> str:
    """Return the form in which two short texts are compared.

    NFKC, case folded, whitespace squeezed, wrapping quotes and emphasis and trailing punctuation dropped,
    and the English articles dropped where they carry no meaning: at the start, and `the` anywhere. An `a`
    inside stays, since "vitamin A" is not "vitamin". Text longer than `MAX_CHARS` only has its case
    folded and its whitespace squeezed.
    """
    if len(text) > MAX_CHARS:
        return " ".join(text.casefold().split())
    words = _unwrapped(" ".join(clean(text).casefold().split())).split()
    if len(words) > 1 and words[0] in {"a", "an", "the"}:
        words = words[1:]
    kept = [w for i, w in enumerate(words) if w != "the" or i == len(words) - 1]
    return " ".join(kept)


def spoken(text: str, *, keep_latex: bool = False) -> str | None:
    r"""Return the answer itself: without `\boxed{}`, tags, JSON, emphasis, maths delimiters, "The answer is".

    :param keep_latex: leave the LaTeX within the answer as it is.
    :returns: None where the text is empty, longer than `MAX_CHARS`, or boxes two different answers.
    """
    if len(text) > MAX_CHARS:
        return None
    text = _unpacked(_SPECIAL.sub("", clean(text)).strip())
    boxed = _boxed(text) or {m[2].strip() for m in _TAGGED.finditer(text)}
    if len(boxed) > 1:
        return None
    if boxed:
        text = boxed.pop()
    text = _HEADING.sub("", text, count=1) if text.startswith("#") else text
    text = _STRONG.sub(r"\1", text)
    text = _unwrapped(_undelimited(text) if keep_latex else _plain_latex(text))
    for _ in range(3):  # "Answer: The answer is **B**."
        lead = _LEAD.match(text) or _SO.match(text) or _HEADING.match(text)
        rest = _unwrapped(text[lead.end() :]) if lead else ""
        if not rest and not (lead and _is_announcement(text)):
            break
        text = rest
    return text or None


def _unpacked(text: str) -> str:
    """Return the answer in a text that is one code fence, or one JSON object of nothing but an answer."""
    fenced = _FENCED.fullmatch(text)
    if fenced is not None:
        text = fenced[2].strip()
    if not (text.startswith("{") and text.endswith("}")):
        return text
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
    if not isinstance(value, dict) or len(value) != 1:
        return text
    key, answer = value.popitem()
    if key.casefold() not in _ANSWER_KEYS:
        return text
    if isinstance(answer, bool):
        return "true" if answer else "false"
    return str(answer) if isinstance(answer, str | int) else text


def _is_announcement(text: str) -> bool:
    """Say whether a text announces an answer and then gives none: "The answer is"."""
    return (
        re.search(r"(?:answer|option|choice|result|solution)\W*(?:is|was|be)?\W*$", text, re.IGNORECASE)
        is not None
    )


def without_explanation(text: str) -> str:
    """Return the part of an answer before an explanation that takes nothing back, if one begins.

    Begins: ", because ...", "Explanation: ...", ". It ...", "(see above)".
    """
    why = _WHY.search(text)
    if why and why.start():
        return _unwrapped(text[: why.start()])
    explained = _EXPLAINED.search(text)
    if (
        explained is None
        or not explained.start()
        or (len(text) - explained.end() < 6 and "see" not in explained[0])
    ):
        return text
    rest = re.findall(r"\w+(?:'\w+)?", text[explained.end() :].casefold())
    if not TAKEN_BACK.isdisjoint(rest) or any(word.endswith("n't") for word in rest):
        return text
    return _unwrapped(text[: explained.start()])


def _unwrapped(text: str) -> str:
    """Drop trailing punctuation and the pairs that wrap the whole text, layer by layer."""
    lo, hi = 0, len(text)
    lone_parentheses = text.count("(") == text.count(")") == 1
    while lo < hi:
        first, last = text[lo], text[hi - 1]
        if first.isspace():
            lo += 1
        elif (
            last.isspace()
            or last in _TRAILING
            or (last in "!?" and hi - lo > 2 and text[hi - 3 : hi - 1].isalpha())
        ):
            hi -= 1
        elif hi - lo > 1 and (
            _PAIRS.get(first) == last
            or (lone_parentheses and (first, last) == ("(", ")") and "," not in text[lo:hi])
        ):
            lo, hi = lo + 1, hi - 1
        else:
            break
    return text[lo:hi]


def _undelimited(text: str) -> str:
    """Drop the signs that begin and end mathematics, around a whole text."""
    if len(text) > 1 and text[0] == text[-1] == "$":
        text = text.strip("$").strip()
    if text.startswith(("\\(", "\\[")) and text.endswith(("\\)", "\\]")):
        text = text[2:-2]
    return text


def _plain_latex(text: str) -> str:
    """Spell the LaTeX that stands around plain numbers and words without it."""
    text = _undelimited(text).replace("{,}", ",")
    if text.count("$") == 2 and "\\$" not in text:
        text = _MATHS.sub(r"\1", text)  # "$72$ apples"
    if "\\" not in text:
        return text
    for sign, plain in _LATEX_SIGNS:
        text = text.replace(sign, plain)
    return _LATEX_FRACTION.sub(_fraction, _LATEX_WORDS.sub(r" \1", text)).strip().replace("- ", "-")


def _fraction(m: re.Match[str]) -> str:
    return f" {m[1] or m[3]}/{m[2] or m[4]}"


def _boxed(text: str) -> set[str]:
    r"""Return the different contents of all `\boxed{...}`; an unclosed one counts as itself."""
    found: set[str] = set()
    at = text.find("\\boxed{")
    while at >= 0:
        start = end = at + len("\\boxed{")
        depth = 1
        while end < len(text) and depth:
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        found.add(text[start : end - 1].strip() if not depth else text)
        at = text.find("\\boxed{", end)
    return found
