"""The mirror of public data: golds of training rows, written as models write them, and written wrongly."""

import itertools
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from taskseed.checks.answers import rules_of, same_answer
from taskseed.records import Seed
from taskseed.tasks import load_catalogue, read_seeds
from taskseed.tasks.sources import NotLoadable

pytestmark = pytest.mark.hub

ROWS = 4_000  # of each task that are looked at
SAMPLE = 250  # of these, evenly spread
IN_WORDS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
]
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


@pytest.fixture(scope="module")
def seeds() -> dict[str, list[Seed]]:
    """Return some seeds of every task that the mirror has."""
    folder = os.environ.get("TASKSEED_TEST_HUB")
    if not folder:
        pytest.skip("TASKSEED_TEST_HUB is unset")
    found: dict[str, list[Seed]] = {}
    for name, entry in sorted(load_catalogue().entries.items()):
        if entry.training_split is None:
            continue
        try:
            read = [
                s
                for s in itertools.islice(iter(read_seeds(entry, Path(folder))), ROWS)
                if isinstance(s, Seed)
            ]
        except NotLoadable:  # the mirror has a part of the data sets
            continue
        chosen = read[:: max(1, len(read) // SAMPLE)][:SAMPLE]
        # Those are run, validated or judged.
        if chosen and chosen[0].kind not in ("code", "free_text") and chosen[0].schema is None:
            found[name] = chosen
    return found


def in_words(n: int) -> str | None:
    """Return a number below a million in English words."""
    if n < 0 or n >= 1_000_000:
        return None
    if n <= 20:
        return IN_WORDS[n]
    if n < 100:
        return TENS[n // 10 - 2] + (f"-{IN_WORDS[n % 10]}" if n % 10 else "")
    if n < 1000:
        rest = f" and {in_words(n % 100)}" if n % 100 else ""
        return f"{IN_WORDS[n // 100]} hundred{rest}"
    rest = f" {in_words(n % 1000)}" if n % 1000 else ""
    return f"{in_words(n // 1000)} thousand{rest}"


def written(seed: Seed) -> Iterator[tuple[str, str]]:
    """Yield ways in which models write this gold, each with its name."""
    gold = seed.answer
    yield "plain", gold
    yield "announced", f"The answer is {gold}."
    yield "concluded", f"So the answer is: {gold}"
    yield "bold", f"**{gold}**"
    yield "boxed", f"\\boxed{{{gold}}}"
    yield "boxed text", f"\\boxed{{\\text{{{gold}}}}}"
    yield "explained", f"{gold}, because it follows from the facts."
    yield "explained after", f"{gold}. It follows from the facts above."
    yield "explained below", f"{gold}\n\nExplanation: it follows."
    yield "quoted", f'"{gold}"'
    yield "pointing", f"{gold} (see above)"
    yield "sentence", f"It is {gold}."
    if seed.kind == "multiple_choice":
        letter = chr(65 + seed.options.index(gold))
        yield "letter", letter
        yield "letter in brackets", f"({letter})"
        yield "letter boxed", f"\\boxed{{{letter}}}"
        yield "letter and text", f"({letter}) {gold}"
        yield "letter, dot, text", f"{letter}. {gold}"
        yield "letter bold", f"**{letter}) {gold}**"
        yield "option", f"The correct answer is option {letter}: {gold}."
        yield "letter is correct", f"{letter} is correct."
    if seed.kind == "number":
        yield from written_number(gold, seed.question)
    if seed.kind == "boolean" and not seed.options:
        yield "capital", f"{gold.capitalize()}."
        yield "reasoned", f"{gold.capitalize()}, because the passage says so."


OTHER_MONEY = re.compile(r"[€£¥]|\b(?:euros?|cents?|pounds?|pence|yen|rupees?)\b", re.IGNORECASE)


def written_number(gold: str, question: str) -> Iterator[tuple[str, str]]:
    """Yield ways in which a whole number is written, also with the unit that its row leaves out."""
    plain = gold.replace(",", "").replace("$", "")
    if not plain.lstrip("-").isdigit():
        return
    n = int(plain)
    if not OTHER_MONEY.search(question):
        yield "dollars", f"The answer is ${n:,}."
        yield "cents", f"${n:,}.00"
        yield "boxed dollars", f"\\boxed{{\\${n}}}"
    yield "grouped", f"{n:,}"
    yield "decimal", f"{n}.0"
    yield "apples", f"{n} apples"
    yield "latex", f"${n:,}$".replace(",", "{,}")
    if in_words(n):
        yield "words", str(in_words(n))
        yield "words in a sentence", f"The answer is {in_words(n)}."


def wrong(seed: Seed) -> Iterator[str]:
    """Yield answers that are not this gold: another option, another number, a lost unit, a negation."""
    gold = seed.answer
    yield f"not {gold}"
    yield f"The answer is not {gold}."
    yield f"{gold} or something else"
    yield f"neither {gold} nor another"
    yield f"{gold} is wrong."
    for option in seed.options:
        if option != gold:
            yield option
            yield f"The answer is {option}."
            yield f"({chr(65 + seed.options.index(option))})"
    if seed.kind == "boolean" and not seed.options:
        yield {"yes": "no", "no": "yes"}[gold]
    plain = gold.replace(",", "").replace("$", "")
    if seed.kind == "number" and plain.lstrip("-").isdigit():
        n = int(plain)
        yield from (
            str(n + 1),
            f"{n}0" if n else "10",
            f"{-n}" if n else "1",
            f"${n + 1:,}",
            f"{n}.5",
            f"{n} million",
        )
        yield from (f"about {n}", f"{n} or more", f"{n}-{n + 2}", f"1/{abs(n) + 2}")
        if "percent" not in seed.question and "%" not in seed.question:
            yield f"{n}%"


UNITS = (
    ("cm", "m"),
    ("kg", "pounds"),
    ("hours", "minutes"),
    ("dollars", "euros"),
    ("%", "dollars"),
    ("km/h", "km"),
)


def test_golds_are_found_however_they_are_written(seeds):
    """In at least 99 % of all rewritings, and of those of each task, the gold is found."""
    total, found, missed = 0, 0, []
    for task, rows in seeds.items():
        verdicts = []
        for seed in rows:
            rules = rules_of(seed)
            for name, text in written(seed):
                verdicts.append(same_answer(seed.kind, text, seed.answer, rules) == "equal")
                if not verdicts[-1]:
                    missed.append((task, name, text[:120], seed.answer[:120]))
        total, found = total + len(verdicts), found + sum(verdicts)
        assert sum(verdicts) >= 0.99 * len(verdicts), (task, sum(verdicts), len(verdicts), missed[-20:])
    assert found >= 0.99 * total


def test_what_is_not_the_gold_is_never_equal(seeds):
    """A wrong option, a changed number and a negation are equal to no gold."""
    equal = [
        (task, text, seed.answer)
        for task, rows in seeds.items()
        for seed in rows
        for text in wrong(seed)
        if same_answer(seed.kind, text, seed.answer, rules_of(seed)) == "equal"
    ]
    assert equal == []


def test_a_lost_or_changed_unit_is_never_equal(seeds):
    """A gold number that is given a unit is met neither by the bare number nor by another unit."""
    equal = [
        (text, f"{seed.answer} {unit}")
        for rows in seeds.values()
        for seed in rows
        if seed.kind == "number"
        for unit, other in UNITS
        for text in (seed.answer, f"{seed.answer} {other}", f"The answer is {seed.answer}.")
        if same_answer("number", text, f"{seed.answer} {unit}") == "equal"
    ]
    assert equal == []
