"""Exact and near duplicates."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskseed.checks.duplicates import REPORTED_FROM, NearDuplicates, similarity
from taskseed.text import split_words

VOCABULARY = ["the", "a", "cat", "dog", "sat", "ran", "on", "mat", "7", "12"]
WORDS = st.lists(st.sampled_from(VOCABULARY), min_size=0, max_size=9)
TEXTS = st.lists(WORDS.map(" ".join), max_size=14)


def shingle_set(text):
    """Return the word 3-grams of a text, the slow way."""
    words = split_words(text)
    if not words:
        return {text}
    return {tuple(words[i : i + 3]) for i in range(max(1, len(words) - 2))}


def jaccard(left, right):
    """Return the Jaccard similarity, the slow way."""
    a, b = shingle_set(left), shingle_set(right)
    return len(a & b) / len(a | b)


def brute_force(texts, groups, threshold):
    """Compare every text with every accepted one."""
    accepted, found = [], []
    for i, text in enumerate(texts):
        scored = []
        for j in accepted:
            if groups[i] and groups[i] == groups[j]:
                score = 1.0 if " ".join(text.split()) == " ".join(texts[j].split()) else 0.0
            else:
                score = jaccard(text, texts[j])
            if score >= min(threshold, REPORTED_FROM):
                scored.append((score, -j))
        best = max(scored, default=None)
        found.append(None if best is None else (best[0], str(-best[1]), best[0] >= threshold))
        if best is None or best[0] < threshold:
            accepted.append(i)
    return found


def plain(found):
    """Return results as plain tuples."""
    return [None if d is None else (d.score, d.other_id, d.is_duplicate) for d in found]


@given(TEXTS, TEXTS, st.booleans())
def test_similarity_is_jaccard(left, right, swap):
    """`similarity` is the Jaccard similarity of the word 3-gram sets, and symmetric."""
    size = min(len(left), len(right))
    left, right = left[:size], right[:size]
    got = similarity(right, left) if swap else similarity(left, right)
    assert got == pytest.approx([jaccard(a, b) for a, b in zip(left, right, strict=True)])


@settings(max_examples=200)
@given(st.data(), TEXTS, st.sampled_from([0.3, 0.5, 0.8, 1.0]))
def test_offer_equals_brute_force(data, texts, threshold):
    """Offers give the decisions, scores and nearest ids of a comparison with every accepted text."""
    groups = data.draw(st.lists(st.sampled_from(["", "a", "b"]), min_size=len(texts), max_size=len(texts)))
    cut = data.draw(st.integers(0, len(texts)))
    index = NearDuplicates(threshold)
    ids = [str(i) for i in range(len(texts))]
    found = index.offer(ids[:cut], texts[:cut], groups[:cut]) + index.offer(
        ids[cut:], texts[cut:], groups[cut:]
    )
    assert plain(found) == brute_force(texts, groups, threshold)


def test_number_masking():
    """Texts that differ only in their numbers are equal when numbers are masked, and not otherwise."""
    left, right = ["Tom has 5 red apples in a box"], ["Tom has 1,250 red apples in a box"]
    assert similarity(left, right, mask_numbers=True) == [1.0]
    assert similarity(left, right) == [pytest.approx(1 / 3)]


def test_variants_of_one_group_are_compared_for_equality_only():
    """Near copies inside one group are accepted, equal ones are not, and other groups still see them."""
    index = NearDuplicates(0.3)
    texts = ["a b c d e f 1", "a b c d e f 2", "A b c  d e f 1", "a b c d e f 2"]
    found = index.offer(["p", "q", "r", "s"], texts, ["g", "g", "g", "h"])
    assert plain(found) == [None, None, (1.0, "p", True), (1.0, "q", True)]


def test_resume_gives_the_same_decisions():
    """An index filled by `add` decides like the index that accepted those texts."""
    texts = [f"the {i % 7} cats of number {i} sat on mat {i % 5} today" for i in range(300)]
    ids = [str(i) for i in range(300)]
    whole = NearDuplicates(0.6)
    first, second = whole.offer(ids[:150], texts[:150]), whole.offer(ids[150:], texts[150:])
    kept = [i for i, d in enumerate(first) if d is None or not d.is_duplicate]
    resumed = NearDuplicates(0.6)
    resumed.add([ids[i] for i in kept], [texts[i] for i in kept])
    assert resumed.offer(ids[150:], texts[150:]) == second


def test_reordering_keeps_decisions_exact():
    """Thousands of texts that share boilerplate, past the reordering of shingles, keep exact results."""
    names = [f"w{i * i % 9973}" for i in range(4000)]
    texts = [f"which of the following is true of {n} and {n}x in the year" for n in names]
    index = NearDuplicates(0.9)
    found = index.offer([str(i) for i in range(4000)], texts)
    first = {}
    for i, name in enumerate(names):
        first.setdefault(name, i)
    wanted = [str(first[n]) if first[n] != i else None for i, n in enumerate(names)]
    assert [d.other_id if d is not None and d.is_duplicate else None for d in found] == wanted
    assert len(index) == len(first)


def test_wordless_texts_equal_only_themselves():
    """Texts of symbols alone are duplicates only of the same symbols."""
    found = NearDuplicates(0.8).offer(["a", "b", "c"], ["( [ {", "( [ }", "( [ {"])
    assert plain(found) == [None, None, (1.0, "a", True)]


@pytest.mark.parametrize("threshold", [0.0, -1.0, 1.5])
def test_threshold_outside_its_range_is_refused(threshold):
    """A threshold outside (0, 1] is an error that names it."""
    with pytest.raises(ValueError, match=str(threshold)):
        NearDuplicates(threshold)


def test_lengths_must_match():
    """Sequences of different lengths are an error."""
    with pytest.raises(ValueError, match="2 texts"):
        similarity(["a", "b"], ["a"])
    with pytest.raises(ValueError, match="1 ids"):
        NearDuplicates(0.5).offer(["a"], [])
