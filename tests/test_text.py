"""Words and word n-grams as hashes."""

import re
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskseed.text import NUMBER, distinct, ngrams, rows_of, shingles, split_words, words

ASCII_WORD = re.compile(r"[a-z][a-z0-9]*|[0-9]+")


def row(rows, i):
    """Return one row as a list."""
    return rows.values[rows.offsets[i] : rows.offsets[i + 1]].tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Janet\u2019s DON'T", ["janets", "dont"]),
        ("1,000 eggs at $3.50 (5kg)", ["1000", "eggs", "at", "3.50", "5", "kg"]),
        ("[1,2,3] 1,2345", ["1", "2", "3", "1", "2345"]),
        ("x1 a2b H2O v3.5 4x4", ["x1", "a2b", "h2o", "v3.5", "4", "x4"]),
        ("hello_world-wide: STRASSE straße", ["hello", "world", "wide", "strasse", "strasse"]),
        ("今日は雨 rain", ["今", "日", "は", "雨", "rain"]),
        ("สวัสดี", list("สวัสดี")),
        ("नमस्ते दुनिया", ["नमस्ते", "दुनिया"]),
        ("\uff21\uff22\uff11 ½ e\u0301t\u00e9", ["ab1", "1", "2", "\u00e9t\u00e9"]),
        ("soft\u00adhyphen 😀 \u200bok", ["softhyphen", "ok"]),
        ("... ( [ {", []),
    ],
)
def test_words_of_a_text(text, expected):
    """Case, width, punctuation and invisible characters do not matter; unspaced scripts give characters."""
    assert split_words(text) == expected


@given(st.lists(st.text(alphabet="aB z9.,'\n\0", max_size=20), max_size=8))
def test_rows_are_independent_of_their_neighbours(texts):
    """The words of a text are the same alone and among others, and equal words have equal hashes."""
    together = words(texts)
    assert [row(together, i) for i in range(len(texts))] == [row(words([t]), 0) for t in texts]
    assert together.lengths.tolist() == [len(split_words(t)) for t in texts]
    table = {}
    for i, text in enumerate(texts):
        for word, value in zip(split_words(text), row(together, i), strict=True):
            assert table.setdefault(word, value) == value
    assert len(set(table.values())) == len(table)


@given(
    st.text(alphabet=st.characters(max_codepoint=0x7E), max_size=60).filter(
        lambda t: not set(".,'`") & set(t)
    )
)
def test_ascii_words_are_runs_of_letters_or_of_digits(text):
    """On plain ASCII a word is a letter and the letters and digits behind it, or a run of digits."""
    assert split_words(text) == ASCII_WORD.findall(text.lower())


@given(st.text(max_size=40))
def test_any_text_is_accepted(text):
    """Every string, lone surrogates included, has words."""
    assert len(row(words([text, text + "\ud800"]), 0)) == len(split_words(text))


def test_masked_numbers_are_one_word():
    """A number, or a run of numbers, becomes NUMBER when masked; other words keep their hash."""
    rows = words(["a 5 b", "a 1,250 b", "a [1, 2, 3] b"], mask_numbers=True)
    assert [row(rows, i) for i in range(3)] == [row(rows, 0)] * 3
    assert row(rows, 0)[1] == int(NUMBER)
    assert row(rows, 0)[::2] == row(words(["a b"]), 0)


def test_runs_of_numbers_end_with_their_text():
    """Numbers at the end of one text and the start of the next stay two words."""
    rows = words(["a 5", "6 b"], mask_numbers=True)
    assert rows.lengths.tolist() == [2, 2]


@given(st.lists(st.lists(st.integers(0, 5), max_size=8), max_size=6), st.integers(1, 4))
def test_ngrams_equal_where_the_values_are_equal(lists, n):
    """Two n-grams have one hash exactly where their values are the same; a short row has one n-gram."""
    parts = [type(words([]))(np.array(x, dtype=np.uint64), np.array([0, len(x)])) for x in lists]
    grams = ngrams(rows_of(parts), n)
    seen = {}
    for i, values in enumerate(lists):
        expected = [tuple(values[k : k + n]) for k in range(max(1, len(values) - n + 1))] if values else []
        got = row(grams, i)
        assert len(got) == len(expected)
        for gram, value in zip(expected, got, strict=True):
            assert seen.setdefault(gram, value) == value
    assert len(set(seen.values())) == len(seen)


def test_ngrams_need_a_positive_n():
    """An n below one is an error that names it."""
    with pytest.raises(ValueError, match="0"):
        ngrams(words(["a"]), 0)


def test_shingles_are_sorted_sets():
    """Shingles are distinct and sorted; a text without words has one of its own."""
    rows = shingles(["a b c a b c", "(", "[", "", "a b"])
    assert rows.lengths.tolist() == [3, 1, 1, 1, 1]
    assert row(rows, 0) == sorted(row(rows, 0))
    assert len({row(rows, i)[0] for i in range(1, 4)}) == 3


@given(st.lists(st.integers(0, 9)))
def test_distinct_is_the_sorted_set(values):
    """`distinct` gives each value once, in order."""
    assert distinct(np.array(values, dtype=np.int64)).tolist() == sorted(set(values))


def test_piles_of_marks_take_linear_time():
    """A pile of 200,000 combining marks, which would be normalised in quadratic time, is cut."""
    start = time.perf_counter()
    assert len(split_words("a" + "\u0316\u0301" * 100_000 + " b")) == 2
    assert time.perf_counter() - start < 5
