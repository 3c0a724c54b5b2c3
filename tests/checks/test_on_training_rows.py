"""On rows that people wrote the checks find almost nothing: what they drop of a model's is not mere habit."""

import os
import re
from collections import Counter
from pathlib import Path

import pytest

from taskseed.checks.enrichment import enrichment_fault, never_names
from taskseed.checks.equations import check_equations
from taskseed.checks.format import format_fault
from taskseed.records import Question, Seed
from taskseed.tasks import load_catalogue, read_seeds

pytestmark = pytest.mark.hub


def seeds_of(task: str) -> list[Seed]:
    """Return the seeds of a task in the mirror, at most 3,000."""
    folder = os.environ.get("TASKSEED_TEST_HUB")
    if not folder:
        pytest.skip("TASKSEED_TEST_HUB is unset")
    entry = load_catalogue().entries[task]
    return [s for s in read_seeds(entry, Path(folder)) if isinstance(s, Seed)][:3000]


def question_of(seed: Seed) -> Question:
    """Return a seed as if a writer had written it."""
    fields = [
        "seed_id",
        "task",
        "kind",
        "question",
        "context",
        "options",
        "answer",
        "answer_index",
        "aliases",
        "checks",
    ]
    told = {name: getattr(seed, name) for name in fields}
    rest = {"solution": None, "derivation": "written", "writer_model": None, "writer_prompt": None}
    return Question(question_id=seed.seed_id, slot=0, **told, **rest)


@pytest.mark.parametrize(
    ("task", "most"),
    [("arc_easy", 0.005), ("arc_challenge", 0.005), ("piqa", 0.002), ("winogrande", 0.001), ("boolq", 0.001),
     ("commonsense_qa", 0.02), ("webqs", 0.02), ("pubmedqa", 0.001), ("gsm8k", 0.001)],
)  # fmt: skip
def test_few_questions_that_people_wrote_have_a_fault_of_form(task: str, most: float) -> None:
    """CommonsenseQA has an option twice in 1.5 % of its rows, WebQuestions say their answer in 1.5 %."""
    seeds = seeds_of(task)
    faults = Counter(f.reason for s in seeds if (f := format_fault(question_of(s))) is not None)
    assert faults.total() <= most * len(seeds), faults


def test_few_equations_that_people_wrote_do_not_hold() -> None:
    """Of GSM8K's worked solutions, one in four hundred is dropped; thousands of equations are judged."""
    texts = [re.sub(r"<<.*?>>|\n?####.*", "", s.solution or "") for s in seeds_of("gsm8k")]
    checked = [check_equations(text) for text in texts]
    assert sum(c.judged for c in checked) > 2.5 * len(texts)
    assert sum(bool(c.wrong) for c in checked) <= 0.004 * len(texts)


def test_solutions_that_people_wrote_are_fit_texts() -> None:
    """They name their results, and are neither loops nor cut off nor about themselves."""
    seeds = seeds_of("gsm8k")
    texts = [re.sub(r"<<.*?>>|\n?####.*", "", s.solution or "") for s in seeds]
    assert sum(enrichment_fault(t, "en") is not None for t in texts) <= 0.001 * len(texts)
    assert sum(never_names(t, s.answer) for t, s in zip(texts, seeds, strict=True)) <= 0.004 * len(texts)
