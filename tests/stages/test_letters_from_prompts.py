"""A letter in a solve's text becomes the option that stood under it in the prompt that the solve answered."""

import asyncio
import re

import pytest

from taskseed.prompts import load_prompts
from taskseed.recipe import EnrichSpec
from taskseed.stages.enrich import Solver, enrich
from taskseed.stages.filter import FilterRules, filter_solves
from tests.stages.makers import Script, choice, guards, seed


@pytest.mark.parametrize("random_seed", [0, 7, 12345])
def test_letters_stand_for_what_the_prompt_showed(random_seed):
    """The solver names every option by the letter of its own prompt; the sample names it by its text."""

    def reply(text, index):
        options = re.findall(r"^([A-Z])\) (.+)$", text, re.MULTILINE)
        told = " ".join(f"Option {label} is {option.upper()}." for label, option in options)
        return f"In way {index}: {told}\n\nAnswer: cobalt"

    asked = choice()
    solver = Solver(Script(reply).ask, "solver", {}, load_prompts(), None)
    spec = EnrichSpec(min_votes=4, max_votes=4, confidence=0.9)
    decisions = asyncio.run(enrich([asked], solver, spec, random_seed))
    rules = FilterRules(0.5, 4, ("reasoning", "knowledge"), {}, random_seed=random_seed)
    made = filter_solves(decisions, {asked.seed_id: seed(0)}, rules, guards())
    named = [re.findall(r"ption “(\w+)” is (\w+)", sample.enrichment) for sample in made]
    assert [len(pairs) for pairs in named] == [4] * 4
    assert [(a, b.casefold()) for pairs in named for a, b in pairs] == [
        (a, a) for pairs in named for a, _ in pairs
    ]
    assert len({tuple(a for a, _ in pairs) for pairs in named}) == 4
    assert [sample.letters_replaced for sample in made] == [4] * 4
