"""What gives right options away: found where it was planted, and not where there is nothing."""

import random
import re

import pytest

from taskseed.checks.artifacts import FIGURES, ArtifactMonitor, Item, figures_of, wilson

WORDS = re.findall(r"\w+", "river old town merchants salt water field sun iron stone light grows north late")
HEDGED = "may"


def option(draw, words):
    """Return an option of so many words."""
    return " ".join(draw.choice(WORDS) for _ in range(words))


def question(draw, number, longest=None, model="writer", place=None, hedge=False, echo=False, task="made_up"):
    """Return one item of four options; with a chance of `longest` the right one is the longest."""
    lengths = draw.sample(range(3, 13), 4)
    options = [option(draw, n) for n in lengths]
    right = draw.randrange(4) if place is None else place
    if longest is not None:
        top = max(range(4), key=lambda i: len(options[i]))
        other = draw.choice([i for i in range(4) if i != top])
        chosen = top if draw.random() < longest else other
        options[right], options[chosen] = options[chosen], options[right]
    if hedge:
        options[right] = f"{HEDGED} {options[right]}"
    stem = f"Which is number {number}?"
    if echo:
        options[right] = f"{options[right]} lighthouse"
        stem = f"Which lighthouse is number {number}?"
    return Item(task, model, f"{model} {number}", f"seed {number // 2}", stem, tuple(options), right)


def many(count, seed=1, **how):
    """Return items, drawn from one random seed."""
    draw = random.Random(seed)
    return [question(draw, n, **how) for n in range(count)]


def row(*batches):
    """Return the report on one task."""
    monitor = ArtifactMonitor()
    for batch in batches:
        monitor.add(batch)
    (only,) = monitor.report()
    return only


def test_a_planted_leak_is_found_with_its_interval():
    """Where the right option is longest in 70 %, the interval holds that, and lies above the seeds'."""
    found = row(many(400, longest=0.7), many(400, seed=2, longest=0.25, model=None))
    longest = found["figures"]["gold_longest"]
    assert longest["made"]["low"] < 0.7 < longest["made"]["high"]
    assert longest["made"]["low"] > max(longest["made"]["expected"], longest["seeds"]["high"]) > 0.2
    guess = found["figures"]["choices_only"]
    assert guess["made"]["low"] > max(0.6, guess["seeds"]["high"])
    above = [name for name in FIGURES if found["figures"][name]["above"]]
    assert above == ["gold_longest", "choices_only"]


def test_nothing_is_found_where_nothing_is():
    """Options without a tell: every interval holds what chance gives, and nothing is marked."""
    found = row(many(400, longest=0.25), many(400, seed=2, longest=0.25, model=None))
    for name in FIGURES:
        made = found["figures"][name]["made"]
        assert made["low"] <= made["expected"] + 0.02
        assert made["expected"] - 0.02 <= made["high"]
    assert [name for name in FIGURES if found["figures"][name]["above"]] == []


@pytest.mark.parametrize(
    ("how", "name"),
    [({"place": 2}, "top_position"), ({"hedge": True}, "most_hedged"), ({"echo": True}, "stem_overlap")],
)
def test_each_leak_has_its_figure(how, name):
    """A place, hedges and the stem's words are found each by its own figure, in every question here."""
    made = row(many(60, **how), many(60, seed=2, model=None))["figures"][name]
    assert (made["made"]["value"], made["above"]) == (1.0, True)


def test_places_and_catch_all_options_are_counted():
    """The places of the right option are a histogram; "all of the above" is counted by question."""
    last = Item("made_up", "writer", "x", "x", "Which?", ("one", "two", "all of the above"), 2)
    items = [*many(4, place=1), last]
    found = row(items)
    assert (found["positions"], found["seed_positions"]) == ([0, 4, 1, 0], [])
    assert found["figures"]["catch_all"]["made"]["value"] == 0.2
    assert (found["questions"], found["seed_questions"]) == (5, 0)
    assert (found["figures"]["choices_only"]["made"], found["figures"]["gold_longest"]["seeds"]) == (
        None,
        None,
    )


def test_the_classifier_reads_words_and_never_the_question():
    """A word that only right options have is learnt; one that tells the answer in the question is not."""
    options, tell, stem = ("grey stone", "iron salt", "late sun"), [], []
    for n in range(120):
        right = n * n % 3  # 0 or 1, and twice as often 1
        told = tuple(f"azure {o}" if i == n % 3 else o for i, o in enumerate(options))
        tell.append(Item("t", "w", str(n), str(n), "Which?", told, n % 3))
        stem.append(Item("t", "w", str(n), str(n), f"Is it {options[right]}?", options, right))
    assert figures_of(tell).rates["choices_only"].value == 1.0
    assert figures_of(stem).rates["choices_only"].value == pytest.approx(2 / 3)


def test_order_batches_and_repetitions_change_nothing():
    """The figures depend on the questions, however they come: solves of one question count once."""
    items, seeds = many(150, longest=0.5), many(100, seed=3, model=None)
    shuffled = random.Random(5).sample([*items, *seeds, *items[:70]], 320)
    assert row(items, seeds) == row(shuffled[:99], shuffled[99:])


def test_memory_is_bounded_and_the_draw_is_even():
    """Of each set only so many are kept; over all sets fewer, by a rule that does not depend on the order."""
    monitor = ArtifactMonitor(per_set=64, in_all=100)
    items = [i for t in ("a", "b", "c") for i in many(200, longest=0.5, task=t)]
    monitor.add(items[::-1])
    other = ArtifactMonitor(per_set=64, in_all=100)
    for item in items:
        other.add([item])
    rows = monitor.report()
    assert [r["questions"] for r in rows] == [32, 32, 32, 32]
    assert rows == other.report()
    assert (monitor.is_full("a", "writer"), monitor.is_full("a")) == (True, False)


def test_several_tasks_are_summed_up_by_model():
    """Each task and model has its entry; a model with several tasks has one more, over all."""
    monitor = ArtifactMonitor()
    for task, model in (("a", "one"), ("b", "one"), ("b", "two"), ("a", None), ("c", None)):
        monitor.add(many(10, task=task, model=model))
    rows = [(r["task"], r["model"], r["questions"], r["seed_questions"]) for r in monitor.report()]
    assert rows == [("a", "one", 10, 10), ("b", "one", 10, 0), (None, "one", 20, 10), ("b", "two", 10, 0)]


def test_what_has_no_right_option_is_passed_over():
    """Questions without options or answer are no multiple choice."""
    monitor = ArtifactMonitor()
    monitor.add([Item("a", "m", "1", "1", "?", (), 0), Item("a", "m", "2", "2", "?", ("x", "y"), -1)])
    assert (monitor.report(), monitor.tasks()) == ([], set())


@pytest.mark.parametrize(
    ("hits", "total", "interval"),
    [(0, 0, (0.0, 1.0)), (0, 10, (0.0, 0.2775)), (10, 10, (0.7225, 1.0)), (5, 10, (0.2366, 0.7634))],
)
def test_the_interval_is_wilsons(hits, total, interval):
    """Values of the published formula; it never leaves 0 to 1."""
    assert wilson(hits, total) == pytest.approx(interval, abs=5e-5)
