"""Texts that went wrong as texts: loops, far too long, stopped mid-sentence. Pure and bounded."""

import re

import numpy as np

from taskseed.text import split_words

__all__ = ["LONGEST", "looping", "stops_mid_sentence"]

LONGEST = 50_000
"""Characters beyond which a text beside an answer is a runaway."""

_LONGEST_PERIOD = 60  # words
_LOOP_WORDS = 24  # repeated words beyond the first time, where the period is longer than one word
_SAME_WORD = 8  # one word so many times in a row
_SAME_NUMBER = 100
_MANY_WORDS = 200
_MIN_NEW_TRIGRAMS = 0.3
_SAME_LINE = 4


# Words after which no sentence ends, in the languages that come up most.
def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_UNENDING = _words(
    "the a an of and or to with because for from by at than into its their whose el los las del y un una "
    "porque para con por le les des du et ou un une parce pour avec der die das und oder ein eine weil für "
    "mit von il lo gli di che per os ou um uma pelo da het een en van и или в"
) - _words("los las os")  # those also end whole sentences
_LAST_WORD = re.compile(r"(?:^|[\s(“\"'‘])([^\W\d_]+)\s*$")


def looping(text: str) -> str:
    """Return what a text repeats over and over, else "".

    A word eight times in a row; a phrase of up to 60 words that comes again at once, four times at least and
    for 24 words; a line of more than 15 characters four times; of 200 words and more, less than three tenths
    of the word 3-grams being new. Rows of numbers are no loop before there are a hundred.
    """
    text = text[:LONGEST]
    line = _repeated_line(text)
    if line:
        return line
    words = split_words(text)
    if len(words) < _SAME_WORD:
        return ""
    names, codes = np.unique(np.array(words, dtype=object), return_inverse=True)
    wordy = np.array([name[0].isalpha() and (len(name) > 1 or not name.isascii()) for name in names])[codes]
    for period in range(1, min(_LONGEST_PERIOD, len(words) // 2) + 1):
        start, length = _longest_run(codes[period:] == codes[:-period])
        enough = _SAME_WORD - 1 if period == 1 else max(_LOOP_WORDS, 3 * period)
        has_word = bool(wordy[start : start + period].any())
        if length >= (enough if has_word else max(enough, _SAME_NUMBER)):
            return " ".join(words[start : start + max(period, 3)])
    return _few_new(codes, words)


def _repeated_line(text: str) -> str:
    counts: dict[str, int] = {}
    for line in text.splitlines():
        line = line.strip()
        if len(line) > 15:
            counts[line] = counts.get(line, 0) + 1
            if counts[line] >= _SAME_LINE:
                return line
    return ""


def _longest_run(same: np.ndarray) -> tuple[int, int]:
    """Return where the longest run of True starts and how long it is."""
    if not same.any():
        return 0, 0
    edges = np.flatnonzero(np.diff(np.concatenate(([False], same, [False])).astype(np.int8)))
    starts, ends = edges[::2], edges[1::2]
    best = int(np.argmax(ends - starts))
    return int(starts[best]), int(ends[best] - starts[best])


def _few_new(codes: np.ndarray, words: list[str]) -> str:
    if len(codes) < _MANY_WORDS:
        return ""
    size = int(codes.max()) + 1
    grams = (codes[:-2].astype(np.int64) * size + codes[1:-1]) * size + codes[2:]
    distinct, counts = np.unique(grams, return_counts=True)
    if len(distinct) >= _MIN_NEW_TRIGRAMS * len(grams):
        return ""
    at = int(np.flatnonzero(grams == distinct[int(np.argmax(counts))])[0])
    return " ".join(words[at : at + 3])


def stops_mid_sentence(text: str) -> str:
    """Return the end of a text that breaks off: with a comma, a hyphen, or a word such as "the".

    A text without a full stop at its end may be a list or a formula; that alone is no fault.
    """
    end = text.rstrip()[-80:]
    if not end:
        return ""
    if end[-1] in ",(，、" or re.search(r"[^\W\d_]-$", end):
        return end
    last = _LAST_WORD.search(end)
    word = last[1] if last else ""
    return end if word in _UNENDING else ""
