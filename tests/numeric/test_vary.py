"""What a variant is."""

import hashlib
import os
import random
import re
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskseed.numeric import Refusal, Template, Variant, trace, vary
from tests.numeric.problems import ALL, APPLES, DECIMALS, DISCOUNT, LATER, THOUSANDS, UNMARKED

TEMPLATES = [trace(*problem) for problem in ALL]
EQUATION = re.compile(r"\$?([\d,.]+) ([-+*]) \$?([\d,.]+)(/100)? = \$?([\d,]+(?:\.\d+)?)")


def first_variant(problem, seed=0):
    """Return the variant of one draw."""
    template = trace(*problem)
    assert type(template) is Template
    variant = vary(template, random.Random(seed))
    assert type(variant) is Variant
    return variant


def number(text):
    """Return the value of a number in prose."""
    return Fraction(text.replace(",", "").rstrip("."))


@given(st.sampled_from(TEMPLATES), st.integers(0, 10**6))
def test_every_equation_of_a_variant_holds(template, seed):
    """Every equation in the rewritten solution is exact, and the last result is the answer."""
    variant = vary(template, random.Random(seed))
    if isinstance(variant, Refusal):
        assert variant.reason == "no_valid_sample"
        return
    results = []
    for left, operator, right, percent, result in EQUATION.findall(variant.solution):
        a, b = number(left), number(right) / (100 if percent else 1)
        results.append(number(result))
        assert {"+": a + b, "-": a - b, "*": a * b}[operator] == results[-1]
    assert results[-1] == Fraction(variant.answer)


@given(st.sampled_from(TEMPLATES), st.integers(0, 10**6))
def test_the_same_generator_state_gives_the_same_variant(template, seed):
    """A variant depends on the template and the generator's state only."""
    assert vary(template, random.Random(seed)) == vary(template, random.Random(seed))


@given(st.integers(0, 10**6))
def test_no_old_number_stays_bound(seed):
    """The question has the new numbers where the old ones stood, and the answer follows from them."""
    variant = first_variant(APPLES, seed)
    pears, given_away, price = (int(n) for n in re.findall(r"\d+", variant.question))
    changes = dict(variant.changed)
    assert [pears, given_away, price] == [int(changes.get(n, n)) for n in ("36", "14", "3")]
    assert int(variant.answer) == (pears - given_away) * price
    assert variant.solution == (
        f"Ruth has {pears} - {given_away} = {pears - given_away} pears to sell.\n"
        f"She earns {pears - given_away} * ${price} = ${variant.answer}."
    )


@given(st.integers(0, 10**6))
def test_the_order_of_all_numbers_is_kept(seed):
    """What was less stays less: 3 < 14 < 22 < 36 < 66."""
    variant = first_variant(APPLES, seed)
    pears, given_away, price = (int(n) for n in re.findall(r"\d+", variant.question))
    ordered = [1, price, given_away, pears - given_away, pears, int(variant.answer)]
    assert ordered == sorted(set(ordered))


@pytest.mark.parametrize("seed", range(20))
def test_a_percentage_stays_a_round_share(seed):
    """A percentage stays a multiple of five below one hundred."""
    variant = first_variant(DISCOUNT, seed)
    share = int(re.search(r"(\d+)%", variant.question)[1])
    assert (share % 5, min(max(share, 5), 95)) == (0, share)


@pytest.mark.parametrize("seed", range(10))
def test_words_stay_words(seed):
    """A number written in words in the question is a word again, and digits in the solution follow it."""
    variant = first_variant(LATER, seed)
    total = sum(int(n) for n in re.search(r"reads (\d+) \+ (\d+) =", variant.solution).groups())
    assert re.findall(r"reads (\d+) pages", variant.solution) == [variant.answer] == [str(total)]
    assert re.findall(r"reads [a-z]", variant.question) == [f"reads {variant.question[11]}"]


@pytest.mark.parametrize("seed", range(10))
def test_thousands_stay_grouped_and_the_answer_is_plain(seed):
    """Grouped numbers stay grouped in prose; the answer has no comma."""
    variant = first_variant(THOUSANDS, seed)
    assert variant.solution.count(f"{int(variant.answer):,} people live") == 1
    assert variant.answer.count(",") == 0


@pytest.mark.parametrize("seed", range(10))
def test_decimals_stay_decimals(seed):
    """A number with one decimal keeps one decimal, and a whole result stays whole."""
    variant = first_variant(DECIMALS, seed)
    assert [len(n) - n.index(".") - 1 for n in re.findall(r"\d+\.\d+", variant.question)] == [1, 1]
    assert Fraction(variant.answer).denominator == 1


@pytest.mark.parametrize("seed", range(10))
def test_an_unmarked_equation_is_a_step(seed):
    """An equation that stands in the prose without an annotation is recomputed too."""
    variant = first_variant(UNMARKED, seed)
    pens, price, bag, paid = (int(n) for n in re.findall(r"\d+", variant.question))
    assert int(variant.answer) == paid - (pens * price + bag)
    assert variant.solution.count(f"${pens * price} + ${bag} = ${pens * price + bag}.") == 1


def test_the_solution_has_no_annotation_and_no_final_line():
    """A variant's solution is prose only, and its answer differs from the seed's."""
    variant = first_variant(APPLES)
    assert [variant.solution.count(mark) for mark in ("<<", ">>", "####")] == [0, 0, 0]
    assert {variant.answer} & {"66"} == set()


def test_the_article_agrees():
    """`an 18-mile walk` becomes `a 22-mile walk`, and stays `an` before eight, eleven and eighteen only."""
    problem = ("Ida takes an 18-mile walk 29 times. How far?", "29 * 18 = <<29*18=522>>522\n#### 522")
    openings = [first_variant(problem, seed).question.split("-")[0] for seed in range(60)]
    right = re.compile(r"Ida takes (?:an (?:8|11|18)|a (?!8$|11$|18$)\d+)")
    assert [o for o in openings if right.fullmatch(o)] == openings


@pytest.mark.parametrize("seed", range(30))
def test_limits_of_the_world_hold(seed):
    """Days a week stay within 7, hours a day within 24, shares of a whole within 100 %."""
    days = (
        "Kai trains 4 hours a day, 6 days a week. Each hour burns 350 calories. How many calories is that?",
        "He trains 4 * 6 = <<4*6=24>>24 hours.\nHe burns 24 * 350 = <<24*350=8400>>8400 calories.\n#### 8400",
    )
    shares = (
        "Of 400 votes 45% go to Al, 35% to Bo and the rest to Cy. How many go to Al or Bo?",
        "45 + 35 = <<45+35=80>>80%\n400 * 80/100 = <<400*80/100=320>>320\n#### 320",
    )
    template = trace(*days)
    variant = vary(template, random.Random(seed)) if isinstance(template, Template) else template
    if isinstance(variant, Variant):
        hours, per_week = (int(n) for n in re.findall(r"\d+", variant.question)[:2])
        assert (min(hours, 24), min(per_week, 7)) == (hours, per_week)
    variant = first_variant(shares, seed)
    given_shares = [int(n) for n in re.findall(r"(\d+)%", variant.question)]
    assert min(sum(given_shares), 100) == sum(given_shares)


def test_no_valid_sample_is_a_refusal():
    """Where no draw can keep the rules, the refusal says so."""
    tight = ("Jo has 2 hats and 3 caps and 4 ties. How many?", "2 + 3 + 4 = <<2+3+4=9>>9\n#### 9")
    template = trace(*tight)
    assert type(template) is Template
    assert vary(template, random.Random(0), tries=0).reason == "no_valid_sample"


@pytest.mark.hub
def test_a_quarter_of_a_public_train_split_gives_a_variant():
    """At least 25 % of 1,500 rows of GSM8K's training split give a variant."""
    hub = os.environ.get("TASKSEED_TEST_HUB")
    path = Path(hub or "") / "openai/gsm8k/main/train.parquet"
    if hub is None or not path.exists():
        pytest.skip("TASKSEED_TEST_HUB does not hold this data set")
    table = pl.read_parquet(path)
    rows = sorted(
        zip(table["question"], table["answer"], strict=True),
        key=lambda row: hashlib.sha256(row[0].encode()).digest(),
    )[:1500]
    made = 0
    for question, solution in rows:
        template = trace(question, solution)
        if isinstance(template, Template):
            made += isinstance(vary(template, random.Random(1), tries=100), Variant)
    assert max(made, 375) == made
