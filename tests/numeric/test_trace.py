"""What is traced, what is held, what is refused."""

import random
import time

import pytest

from taskseed.numeric import Refusal, Template, Variant, trace, vary
from tests.numeric.problems import ALL, APPLES, CHAIN

REFUSED = [
    ("no_final_answer", "Ann has 5 cats and 9 dogs.", "5 + 9 = <<5+9=14>>14"),
    ("no_annotation", "Ann has 5 cats and 9 dogs. How many pets?", "5 + 9 = 14 pets.\n#### 14"),
    ("unreadable_annotation", "Ann has 5 cats.", "<<5**2=25>>25\n#### 25"),
    ("result_mismatch", "Ann has 25 cats and 9 dogs.", "25 + 9 = <<25+9=35>>35\n#### 35"),
    ("result_mismatch", "Ann has 25 nuts and 9 figs.", "25 + 9 = 33.\n25 + 9 = <<25+9=34>>34\n#### 34"),
    ("final_not_last", "Ann has 25 cats and 9 dogs.", "25 + 9 = <<25+9=34>>34\n#### 25"),
    ("algebra", "Ann has 25 cats and 9 dogs.", "c = 25\n25 + 9 = <<25+9=34>>34\n#### 34"),
    ("algebra", "Ann has 25 cats and 9 dogs.", "2y is even. 25 + 9 = <<25+9=34>>34\n#### 34"),
    ("untraceable_operand", "Ann has 25 cats.", "25 + 17 = <<25+17=42>>42\n#### 42"),
    ("untraceable_operand", "Find the number.", "It is <<37=37>>37\n#### 37"),
    ("untraceable_number", "Ann has 25 cats, 9 dogs.", "Of 63 pets: 25 + 9 = <<25+9=34>>34\n#### 34"),
    ("unbound_word", "Ann has 25 cats, 9 dogs.", "A dozen? No: 25 + 9 = <<25+9=34>>34\n#### 34"),
    ("value_twice", "Ann has 23 cats. Bob has 23 dogs.", "23 + 23 = <<23+23=46>>46\n#### 46"),
    ("ambiguous_constant", "A shop sells 7 hats a day. How many a week?", "7 * 7 = <<7*7=49>>49\n#### 49"),
    (
        "ambiguous_operand",
        "Ann has 40 nuts, eats 24, and gives away 16 more. How many are left?",
        "40 - 24 = <<40-24=16>>16\n16 - 16 = <<16-16=0>>0\n#### 0",
    ),
    ("numbers_add_up", "Of 40 nuts 24 are old and 16 new. Old less new?", "24-16=<<24-16=8>>8\n#### 8"),
    ("no_variable", "How many hours has a week?", "7 * 24 = <<7*24=168>>168 hours\n#### 168"),
    ("too_long", "Ann has 25 cats.", "25 + 1 = <<25+1=26>>26\n" * 30 + "#### 26"),
]


@pytest.mark.parametrize(("reason", "question", "solution"), REFUSED)
def test_refusals_name_their_reason(reason, question, solution):
    """A problem that cannot be re-sampled safely is refused under one stable reason."""
    found = trace(question, solution)
    assert isinstance(found, Refusal)
    assert found.reason == reason


def variants(question, solution, count=40):
    """Return the variants of many draws."""
    template = trace(question, solution)
    assert type(template) is Template
    drawn = [vary(template, random.Random(seed)) for seed in range(count)]
    return [v for v in drawn if isinstance(v, Variant)]


def changed_numbers(question, solution):
    """Return which numbers of the question changed in any of many draws."""
    return {old for v in variants(question, solution) for old, _ in v.changed}


@pytest.mark.parametrize(("question", "solution"), ALL)
def test_plain_problems_are_traced(question, solution):
    """A worked problem whose numbers all have one origin has a template."""
    assert type(trace(question, solution)) is Template


def test_every_traced_number_may_change():
    """All numbers of a plain problem vary."""
    assert changed_numbers(*APPLES) == {"36", "14", "3"}


def test_an_unused_number_stays():
    """A number that no calculation uses keeps its text: nothing is known of its role."""
    assert changed_numbers(*CHAIN) == {"17", "42", "530"}


HELD = [
    ("p and 1-p", "A coat costs $90 and is 50% off. What does it cost?",
     "It is 90 * .5 = $<<90*.5=45>>45 off.\nIt costs 90 * .5 = $<<90*.5=45>>45.\n#### 45", {"90"}),
    ("days of the week", "From Monday to Friday Al runs 9 miles a day. How far in 3 weeks?",
     "He runs 5 * 9 = <<5*9=45>>45 miles.\n45 * 3 = <<45*3=135>>135 miles.\n#### 135", {"9", "3"}),
    ("fraction part against number", "A tailor cuts 1/5 of 80 ells for five coats. What is it at $23 an ell?",
     "He cuts 80 * 1/5 = <<80*1/5=16>>16 ells.\n16 * 23 = <<16*23=368>>368\n#### 368", {"80", "23"}),
    ("twice against two", "Bo has 2 jars of 31 beads and Cy has twice as many beads. How many has Cy?",
     "Bo has 31 * 2 = <<31*2=62>>62 beads.\nCy has 62 * 2 = <<62*2=124>>124 beads.\n#### 124", {"31"}),
    ("inches in a foot", "A rope is 9 feet long, with 12 inches in a foot. How many inches?",
     "It is 9 * 12 = <<9*12=108>>108 inches.\n#### 108", {"9"}),
    ("a conversion", "One stone is about 14 pounds. How heavy are 35 stone?",
     "35 * 14 = <<35*14=490>>490 pounds\n#### 490", {"35"}),
    ("centimeters per inch", "A belt is 35 inches long. There are 2.5 centimeters per inch. How long is it?",
     "35 * 2.5 = <<35*2.5=87.5>>87.5 centimeters\n#### 87.5", {"35"}),
    ("named brothers", "Dora gives her two brothers, Finn and Gus, 35 nuts each. How many nuts?",
     "She gives 2 * 35 = <<2*35=70>>70 nuts.\n#### 70", {"35"}),
    ("legs", "A farm has 23 cows with 4 legs each. How many legs?",
     "There are 23 * 4 = <<23*4=92>>92 legs.\n#### 92", {"23"}),
    ("the last two of three", "Six boys ran. The last 2 took 45 seconds each. How long in all?",
     "They took 2 * 45 = <<2*45=90>>90 seconds.\n#### 90", {"45"}),
    ("money that exists", "Ken pays 3 hats of $31 with a $100 bill. What is his change?",
     "The hats cost 3 * 31 = $<<3*31=93>>93.\nHe gets 100 - 93 = $<<100-93=7>>7.\n#### 7", {"3", "31"}),
    ("a stated result", "Eva saves $13 a day for 6 weeks of which 26 days are left. How much in two days?",
     "She saves 13 * 2 = $<<13*2=26>>26.\nIn 6 such times 26 * 6 = <<26*6=156>>156.\n#### 156", {"6"}),
]  # fmt: skip


@pytest.mark.parametrize(("fact", "question", "solution", "allowed"), HELD, ids=[h[0] for h in HELD])
def test_numbers_of_open_origin_are_held(fact, question, solution, allowed):
    """A number with two possible origins, or tied to the wording, never changes."""
    assert changed_numbers(question, solution) - allowed == set()


def test_a_word_in_the_solution_ties_its_number():
    """Where the solution says `half` for a given 50%, the 50% stays, because the word would go stale."""
    question = "Pia has 64 cards and sells 50% of them, then 9 more. How many has she left?"
    solution = (
        "Half of the cards are 64 * 50/100 = <<64*50/100=32>>32.\n64 - 32 - 9 = <<64-32-9=23>>23\n#### 23"
    )
    assert changed_numbers(question, solution) - {"64", "9"} == set()


HOSTILE = [
    *("1+", "1 x ", "$ ", "1,111,", "Ann, ", "Ann and ", "one ", "((", "= b ", "<<1", "1/2 ", "half ", "9% "),
    *("Mon to ", "<<1=1>>", "a - ", "1 = ", "twenty-", ". 1", "x = "),
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_text_costs_bounded_time(piece):
    """Long repetitive text, in the question or the solution, is judged within two seconds."""
    long = piece * (5_900 // len(piece))
    began = time.process_time()
    found = [
        trace(long, "5 + 9 = <<5+9=14>>14\n#### 14"),
        trace("Ann has 5 cats, 9 dogs.", long + "5 + 9 = <<5+9=14>>14\n#### 14"),
        trace(long, long),
    ]
    assert [f for f in found if not isinstance(f, Refusal | Template)] == []
    assert min(time.process_time() - began, 2.0) < 2.0
