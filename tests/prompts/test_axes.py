"""What each question is asked to be like."""

import dataclasses
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskseed.prompts import draw_axes, in_turn, labels, load_prompts, writer_messages
from taskseed.prompts.axes import DOMAINS
from taskseed.prompts.library import LISTS
from taskseed.recipe import AxesSpec
from taskseed.records import KINDS
from taskseed.tasks.tables import families
from tests.prompts.makers import seed, siblings

PROMPTS = load_prompts()
DEFAULT = AxesSpec()
ALWAYS = AxesSpec(topics=1.0, settings=1.0)


def of(domain, kind="short_answer", **changes):
    """Return a seed of a domain."""
    return dataclasses.replace(seed(kind), domain=domain, **changes)


def drawn(domain, slots=range(200), spec=ALWAYS, random_seed=0, **changes):
    """Return what the slots of one seed draw."""
    return [draw_axes(PROMPTS, spec, of(domain, **changes), slot, random_seed) for slot in slots]


def test_each_domain_of_the_family_table_has_lists_of_its_own() -> None:
    """Every domain has an entry, every list is drawn from, and each domain has 100 values or more."""
    assert {family.domain for family in families().values()} - set(DOMAINS) == set()
    used = {f"axes/{name}.txt" for _, names in DOMAINS.values() for name in names}
    assert used | {"axes/places.txt"} == set(LISTS)
    sizes = {
        d: sum(len(PROMPTS.entries(f"axes/{n}.txt")) for n in names) for d, (_, names) in DOMAINS.items()
    }
    assert {domain: size for domain, size in sizes.items() if size < 100} == {}


def test_the_entries_of_a_list_are_short_words_and_not_templates() -> None:
    """No entry is longer than a line of a prompt bears, holds a brace or ends with a full stop."""
    entries = [entry for name in LISTS for entry in PROMPTS.entries(name)]
    assert [e for e in entries if len(e) > 60 or "{" in e or e.endswith((".", ";", ","))] == []


def test_without_axes_nothing_is_drawn() -> None:
    """`axes: null` asks for nothing."""
    assert [draw_axes(PROMPTS, None, of("science"), slot, 0) for slot in range(3)] == [{}, {}, {}]


@given(slot=st.integers(0, 50), random_seed=st.integers(0, 3), kind=st.sampled_from(KINDS))
def test_what_a_slot_draws_depends_on_nothing_else(slot: int, random_seed: int, kind: str) -> None:
    """Random seed, seed and slot give the same values again, in the same order, whatever the seed says."""
    one = draw_axes(PROMPTS, DEFAULT, of("mathematics", kind), slot, random_seed)
    other = draw_axes(PROMPTS, DEFAULT, of("mathematics", kind, question="Another?"), slot, random_seed)
    assert labels(one) == labels(other)
    order = ["difficulty", "register", "setting", "place", "answer", "position", "longest"]
    assert list(one) == [axis for axis in order if axis in one]


def test_another_seed_slot_or_random_seed_draws_other_topics() -> None:
    """Of 150 topics, two draws of 30 that differ in one of them agree in fewer than 5 places."""
    base = [a["topic"] for a in drawn("science", range(30))]
    others = [
        [a["topic"] for a in drawn("science", range(30), random_seed=1)],
        [a["topic"] for a in drawn("science", range(30), seed_id="f" * 20)],
        [a["topic"] for a in drawn("science", range(1, 31))],
    ]
    same = [sum(x == y for x, y in zip(base, other, strict=True)) for other in others]
    assert [n < 5 for n in same] == [True] * 3


def test_the_slots_of_a_seed_take_every_topic_before_any_twice() -> None:
    """As many slots as topics meet each topic once."""
    topics = [a["topic"] for a in drawn("science", range(len(PROMPTS.entries("axes/science.txt"))))]
    assert sorted(topics) == sorted(PROMPTS.entries("axes/science.txt"))


def test_first_slots_of_many_seeds_cover_the_list() -> None:
    """2,000 seeds with one question each meet 150 topics between 2 and 40 times each."""
    met = Counter(drawn("science", [0], seed_id=f"{n:020x}")[0]["topic"] for n in range(2000))
    assert (len(met), min(met.values()) >= 2, max(met.values()) <= 40) == (150, True, True)


@pytest.mark.parametrize(
    ("axis", "value", "low", "high"),
    [
        ("difficulty", "harder", 0.18, 0.22),
        ("register", "same", 0.70, 0.755),
        ("register", "plain", 0.075, 0.107),
    ],
)
def test_the_default_weights_are_kept(axis: str, value: str, low: float, high: float) -> None:
    """One in five is harder, eight of eleven keep the seed's register, one in eleven is plain."""
    made = drawn("science", range(5000), DEFAULT)
    assert low <= sum(a[axis] == value for a in made) / 5000 <= high


@pytest.mark.parametrize(
    ("domain", "axes"),
    [
        ("science", {"topic"}),
        ("mathematics", {"setting", "place"}),
        ("dialogue", {"setting"}),
        ("unheard-of", {"topic"}),
    ],
)
def test_a_domain_draws_a_topic_or_a_setting(domain: str, axes: set[str]) -> None:
    """Knowledge has topics, stories have a setting and a place; an unknown domain has general topics."""
    assert {frozenset(a) - {"difficulty", "register"} for a in drawn(domain)} == {frozenset(axes)}


@pytest.mark.parametrize(
    ("spec", "low", "high"), [(DEFAULT, 0.47, 0.53), (AxesSpec(topics=0), 0, 0), (ALWAYS, 1, 1)]
)
def test_a_share_of_the_slots_has_a_topic(spec: AxesSpec, low: float, high: float) -> None:
    """`topics` is the share of slots that draw one."""
    made = drawn("science", range(4000), spec)
    assert low <= sum("topic" in a for a in made) / 4000 <= high


def test_formal_expressions_happen_nowhere_and_places_are_for_english_only() -> None:
    """An expression draws no setting or register; a Basque story draws a setting without a place."""
    assert {frozenset(a) for a in drawn("mathematics", kind="expression")} == {frozenset({"difficulty"})}
    assert {frozenset(a) for a in drawn("language", kind="structured")} == {
        frozenset({"difficulty", "setting"})
    }
    assert {"place" in a for a in drawn("mathematics", language="eu")} == {False}
    assert {"place" in a for a in drawn("mathematics", language="en-GB")} == {True}


def test_answers_of_a_seed_are_in_balance() -> None:
    """Four slots of a seed take each position once; two slots of a yes-or-no seed take both answers."""
    positions = [a["position"] for a in drawn("science", range(4), kind="multiple_choice")]
    assert sorted(positions) == ["1", "2", "3", "4"]
    assert sorted(a["answer"] for a in drawn("reading", range(2), kind="boolean")) == ["no", "yes"]
    basque = drawn("reading", range(2), kind="boolean", options=("bai", "ez"))
    assert sorted(a["answer"] for a in basque) == ["bai", "ez"]


def test_answers_of_many_seeds_are_in_balance() -> None:
    """Over the first slots of 2,000 seeds each position is asked for by 22 to 28 in a hundred."""
    met = Counter(
        drawn("science", [0], kind="multiple_choice", seed_id=f"{n:020x}")[0]["position"] for n in range(2000)
    )
    assert {place: 440 <= n <= 560 for place, n in met.items()} == dict.fromkeys("1234", True)


def test_the_right_option_is_the_longest_as_often_as_chance_has_it() -> None:
    """22 to 28 in a hundred slots of 1,000 seeds have both at one place."""
    made = [
        axes
        for n in range(1000)
        for axes in drawn("science", [0, 1], kind="multiple_choice", seed_id=f"{n:020x}")
    ]
    assert 440 <= sum(a["position"] == a["longest"] for a in made) <= 560


def test_options_that_all_siblings_share_are_answers() -> None:
    """Where the options are labels, the label is drawn and not its place; `answers: false` draws neither."""
    item = of("inference", "multiple_choice")
    shared = ("entailment", "contradiction", "neutral")
    made = [draw_axes(PROMPTS, ALWAYS, item, slot, 0, shared) for slot in range(3)]
    assert sorted(a["answer"] for a in made) == sorted(shared)
    assert [{"position", "longest"} & set(a) for a in made] == [set()] * 3
    off = draw_axes(PROMPTS, AxesSpec(answers=False), item, 0, 0, shared)
    assert {"answer", "position", "longest"} & set(off) == set()


def test_labels_are_axis_and_value() -> None:
    """Records keep `axis=value`, in order, also what is as in the seed."""
    assert labels({"difficulty": "same", "topic": "a = b"}) == ("difficulty=same", "topic=a = b")


@given(
    count=st.integers(1, 300), key=st.integers(0, 20), passed_over=st.sets(st.integers(0, 299), max_size=5)
)
def test_in_turn_meets_each_number_once(count: int, key: int, passed_over: set[int]) -> None:
    """Every number below the count comes once, but for those passed over."""
    met = list(in_turn(count, random.Random(key), passed_over))
    assert sorted(met) == sorted(set(range(count)) - passed_over)


def wishes(*axes, kind="short_answer"):
    """Return what the prompt says under its head for wishes."""
    text = writer_messages(PROMPTS, seed(kind), siblings(kind), axes)[0][0]["content"]
    return text.partition("# Wishes\n")[2].partition("# Seed")[0].strip()


def test_what_is_as_in_the_seed_is_not_mentioned() -> None:
    """Axes that all keep what the seed has leave the prompt as it is without axes, and its hash too."""
    plain = writer_messages(PROMPTS, seed("number"), siblings("number"))
    same = writer_messages(
        PROMPTS, seed("number"), siblings("number"), [{"difficulty": "same", "register": "same"}]
    )
    assert same == plain


@pytest.mark.parametrize(
    ("axes", "said"),
    [
        ({"difficulty": "harder"}, "- Difficulty: harder than the seed."),
        ({"register": "plain"}, "- Register: plain everyday words"),
        ({"register": "formal"}, "- Register: formal"),
        ({"register": "conversational"}, "- Register: conversational"),
        ({"topic": "tides"}, "- Topic: tides, or something within it."),
        ({"setting": "a fish market"}, "- Setting: a fish market."),
        ({"place": "Ghana"}, "- Place: Ghana."),
        ({"answer": "no"}, '- The right answer is "no".'),
        ({"longest": "2"}, "- The longest option is the one at place 2"),
        ({"position": "3"}, '- The right option stands at place 3 of "options"'),
    ],
)
def test_each_axis_is_asked_for_in_a_line_of_its_own(axes: dict[str, str], said: str) -> None:
    """The prompt has one line for the axis and no other wish."""
    head, *lines = wishes({"difficulty": "same", "register": "same", **axes}).splitlines()
    assert (head, len(lines), lines[0][: len(said)]) == ("For this item:", 1, said)


def test_several_items_have_their_wishes_apart() -> None:
    """Each item's wishes stand under its number; one that wishes nothing is not mentioned."""
    text = wishes({"topic": "tides"}, {"register": "same"}, {"topic": "dew"})
    assert [line[:14] for line in text.splitlines() if line] == [
        "For item 1:", "- Topic: tides", "For item 3:", "- Topic: dew, o"[:14],
    ]  # fmt: skip


def test_the_values_of_axes_are_inserted_and_never_rendered() -> None:
    """Template marks in a user's list reach the prompt as they are."""
    assert "{{ 7 * 7 }}" in wishes({"topic": "{{ 7 * 7 }}"})
