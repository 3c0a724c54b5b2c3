"""Seeds, questions, solves and scripted models for the tests of the stages."""

import dataclasses
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from hypothesis import strategies as st

from taskseed.guards import GuardIndex, GuardIndexBuilder
from taskseed.models.base import Completion, Prompt
from taskseed.models.stored import Answer
from taskseed.records import KINDS, Decision, Question, Sample, Seed, Solve, content_id

Ask = Callable[[Prompt, Sequence[int]], Awaitable[list[Answer]]]
Reply = str | Completion | Answer

HELD_OUT = (
    "A lighthouse keeper on the island of Vardoya climbs the iron stairs every evening, trims the wick, "
    "winds the heavy clockwork and notes the height of the tide; why does the brass reflector have to be "
    "polished before the fog arrives from the north?"
)


def guards(*texts: str) -> GuardIndex:
    """Return an index of one guard whose rows have one field, `question`."""
    builder = GuardIndexBuilder()
    if texts:
        builder.add("held/out/test", [{"question": text} for text in texts])
    return builder.build()


def seed(number: int = 0, **changes: Any) -> Seed:
    """Return a seed: a question about fruit, unless its fields are given."""
    fruit = ["figs", "plums", "dates", "limes", "pears", "kiwis", "quinces", "melons"][number % 8]
    plain = Seed(
        seed_id=content_id("test seed", number),
        task="made_up",
        family="family",
        also_tasks=(),
        capability="reasoning",
        domain="mathematics",
        language="en",
        kind="number",
        question=f"Ana buys {number + 3} boxes with 4 {fruit} in each box. How many {fruit} does she buy?",
        context=None,
        options=(),
        answer=str(4 * (number + 3)),
        answer_index=None,
        aliases=(),
        checks=(),
        solution=None,
        extractor=None,
        equivalence=None,
        license="MIT",
        source_dataset="made/up",
        source_config=None,
        source_split="train",
        source_revision="abc",
        source_row=number,
        harness_version="0.4.13",
    )
    return dataclasses.replace(plain, **changes)


def question(number: int = 0, **changes: Any) -> Question:
    """Return a question written from `seed(number)`, about something else in other words."""
    plain = Question(
        question_id=content_id("test question", number, sorted(changes.items())),
        seed_id=content_id("test seed", number),
        task="made_up",
        slot=0,
        kind="number",
        question=f"Train {number} leaves Oslo with 90 travellers, and 18 get off in Hamar. How many stay?",
        context=None,
        options=(),
        answer="72",
        answer_index=None,
        aliases=(),
        checks=(),
        solution=None,
        derivation="written",
        writer_model="writer",
        writer_prompt="hash",
    )
    return dataclasses.replace(plain, **changes)


COLOURS = ("crimson", "emerald", "cobalt", "saffron")


def choice(number: int = 0, **changes: Any) -> Question:
    """Return a multiple-choice question; the writer proposes `cobalt`."""
    asked = f"Which glaze did workshop {number} on the Arno use for the sky above its painted hills?"
    fields = {"kind": "multiple_choice", "question": asked, "options": COLOURS, "answer": "cobalt"}
    return question(number, **{**fields, "answer_index": 2, **changes})


def code(number: int = 0, **changes: Any) -> Question:
    """Return a programming question with three tests."""
    fields = {
        "kind": "code",
        "question": f"Write a function twice{number}(n) that returns n times two.",
        "answer": f"def twice{number}(n):\n    return 2 * n",
        "checks": tuple(f"assert twice{number}({n}) == {2 * n}" for n in (1, 2, -3)),
    }
    return question(number, **{**fields, **changes})


def variant(number: int = 0, **changes: Any) -> Question:
    """Return a numeric variant with its recomputed solution."""
    fields = {"derivation": "numeric_variant", "solution": "90 - 18 = 72", "writer_model": None}
    return question(number, **{**fields, "writer_prompt": None, **changes})


def solve(asked: Question, index: int = 0, **changes: Any) -> Solve:
    """Return a solve in the style `reasoning` that votes for the question's own answer."""
    plain = Solve(
        solve_id=content_id("solve", asked.question_id, index),
        question_id=asked.question_id,
        seed_id=asked.seed_id,
        task=asked.task,
        index=index,
        style="reasoning",
        enrichment=f"Way {index}: what is left is what was there without what went away.",
        answer=asked.answer,
        vote=asked.answer,
        finish_reason="stop",
        solver_model="solver",
        solver_prompt="solver hash",
    )
    return dataclasses.replace(plain, **changes)


def decision(asked: Question, solves: Sequence[Solve], **changes: Any) -> Decision:
    """Return a decision for the question's own answer."""
    plain = Decision(
        question=asked,
        answer=asked.answer,
        answer_index=asked.answer_index,
        votes_for=len(solves),
        votes_total=len(solves),
        votes_unparsed=0,
        agreement=1.0,
        p_majority=0.97,
        verifier="vote",
        winner=asked.answer,
        solves=tuple(solves),
    )
    return dataclasses.replace(plain, **changes)


def draft(
    text: str = "How many oars do 6 boats with 4 oars each have?", answer: Any = "24", **more: Any
) -> str:
    """Return a writer's reply."""
    return json.dumps({"question": text, **more, "answer": answer})


class Script:
    """A model made of one function from (text of the prompt, sample index) to its reply.

    A reply is the text, a completion, or an answer without one. `asked` lists every (text, index).
    """

    def __init__(self, reply: Callable[[str, int], Reply]) -> None:
        self.reply = reply
        self.asked: list[tuple[str, int]] = []

    async def ask(self, prompt: Prompt, indices: Sequence[int]) -> list[Answer]:
        """Answer each index in order."""
        return [self._answer(prompt.messages[-1]["content"], index) for index in indices]

    def _answer(self, text: str, index: int) -> Answer:
        self.asked.append((text, index))
        reply = self.reply(text, index)
        if isinstance(reply, Answer):
            return reply
        return Answer(index, Completion(reply) if isinstance(reply, str) else reply)

    @property
    def indices(self) -> list[int]:
        """The sample indices asked for, in order."""
        return [index for _, index in self.asked]


def silence(index: int = 0, failure: str = "timeout", detail: str = "nothing came") -> Answer:
    """Return an answer without a completion."""
    return Answer(index, None, failure, detail)


ANSWERS = st.sampled_from(["72", "$72.0", "-3", "yes", "No.", "cobalt", "Cobalt", "A", "B", "x+1"])
TEXTS = st.one_of(
    ANSWERS,
    st.text(alphabet='ab XY19.,-"{}[]:\n\\$%é語\u200b', max_size=24),
    st.sampled_from(["According to the text", "None of the above", "[NAME]", HELD_OUT, "cobalt " * 400]),
)


@st.composite
def questions(draw: st.DrawFn, kinds: Sequence[str] = KINDS) -> list[Question]:
    """Draw a set of questions of these kinds, sound and broken, with ids of their own."""
    made = []
    for number in range(draw(st.integers(0, 6))):
        options = tuple(draw(st.lists(TEXTS, max_size=4)))
        right = draw(st.sampled_from(range(len(options)))) if options else None
        asked = question(
            draw(st.integers(0, 3)),
            question_id=content_id("drawn", number),
            slot=number,
            kind=draw(st.sampled_from(kinds)),
            question=draw(TEXTS),
            context=draw(st.none() | TEXTS),
            options=options,
            answer=options[right] if right is not None else draw(TEXTS),
            answer_index=draw(st.sampled_from([right, right, None, -1, 4])),
            checks=tuple(draw(st.lists(TEXTS, max_size=2))),
            solution=draw(st.none() | TEXTS),
            derivation=draw(st.sampled_from(["written", "numeric_variant"])),
        )
        made.append(asked)
    return made


def sample(number: int = 0, **changes: Any) -> Sample:
    """Return a sample of the question `choice(number)`; ids ascend with the numbers."""
    asked = choice(number)
    plain = Sample(
        id=f"{number:04d}abcd",
        question_id=f"question {number}",
        seed_id=asked.seed_id,
        task="made_up",
        family="family",
        also_tasks=("also",),
        capability="knowledge",
        domain="arts",
        language="en",
        kind=asked.kind,
        question=asked.question,
        context=None,
        options=asked.options,
        answer=asked.answer,
        answer_index=asked.answer_index,
        aliases=(),
        style="knowledge",
        enrichment="Smalt, a ground glass coloured with cobalt ore, was the common blue of such workshops.",
        text="",
        votes_for=4,
        votes_total=5,
        votes_unparsed=1,
        agreement=0.8,
        p_majority=0.9375,
        votes_by_style='{"knowledge":[2,3],"reasoning":[2,2]}',
        votes_by_model='{"solver":[4,5]}',
        verifier="vote",
        derivation="written",
        axes=(),
        seed_similarity=0.125,
        heldout_overlap=0.0,
        nearest_duplicate=0.25,
        license="MIT",
        model_license="Apache-2.0",
        source_dataset="made/up",
        source_config=None,
        source_split="train",
        source_revision=None,
        source_row=number,
        writer_model="writer",
        solver_model="solver",
        writer_prompt="hash",
        solver_prompt="solver hash",
        tokens=0,
    )
    return dataclasses.replace(plain, **changes)
