"""Writes docs/prompts.md, the prompts of every kind as they are sent: `python docs/make_prompts.py`."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from taskseed.prompts import (
    PromptSet,
    draw_axes,
    judge_messages,
    labels,
    load_prompts,
    solver_messages,
    styles_of,
    writer_messages,
)
from taskseed.recipe import AxesSpec
from taskseed.records import KINDS, STYLES, Question, Seed, content_id
from taskseed.run.calibrate import as_question

PAGE = Path(__file__).parent / "prompts.md"

HEAD = """\
# The prompts, as they are sent

Every request is one message of role `user`, composed from the blocks in `src/taskseed/prompts/text`; a folder of your own replaces
blocks by name (`prompts: DIR`, see [recipe.md](recipe.md#prompts-of-your-own)). This page is written by `python docs/make_prompts.py`,
and a test fails when it is out of date. The seeds on it were written for it; what a block is made of is the same for every seed.

**A writer's prompt**: the opening, the block of the kind, with a passage the block for it, the contract (with `questions_per_call` above 1
one more), the siblings, the wishes that the [steering axes](recipe.md#steering-axes) drew, the seed. What all requests of a task share
stands first, so that a server's prefix cache serves it: {shared} of the characters of the first prompt below, for one.

**A solver's prompt**: the opening, the style, the contract of the kind, the question. The solver never sees the proposed answer.

What a reviewer may want to know:

- The writer is asked for the seed's capability, structure, language, register and difficulty, and for everything else to be new. A wish
  may ask for more difficulty or another register, in so many words.
- The explanation comes before the answer in the reply, so that the writer works the answer out before it commits itself. It is not kept:
  what stands beside an answer in the data is a solver's.
- Siblings show the right option at another place each, and so does the seed from slot to slot; a fixed place would be copied.
- Wrong options have to be as long and as exact as the right one. Which option is the longest is drawn, as the right one's place is: a
  rule such as "the right one is never the longest" would only move the leak.
- Every solve ends in a line (or a fenced block) that a program can read. Options are spoken of by their text: their letters change from solve to solve.
- `unanswerable` lets a solver say that a question is faulty. It counts as a vote for nothing.
"""

OPENING = "[the opening: see above]"
FENCE = "````"
Item = dict[str, Any]

# Per kind: the seed first, then its siblings.
ITEMS: dict[str, tuple[str, list[Item]]] = {
    "multiple_choice": (
        "science",
        [
            {"question": "Which change of state happens when dew forms on grass?", "options": ["evaporation", "melting", "condensation", "freezing"], "answer": "condensation"},
            {"question": "Why does a spoon in hot soup become hot at its handle?", "options": ["Metal conducts heat.", "Metal reflects light.", "Soup is acidic.", "Air carries the heat to it."], "answer": "Metal conducts heat."},
            {"question": "Which part of a plant takes up most of its water?", "options": ["the leaves", "the flowers", "the roots", "the bark"], "answer": "the roots"},
            {"question": "What keeps the Moon in its orbit around the Earth?", "options": ["magnetism", "gravity", "sunlight", "air pressure"], "answer": "gravity"},
        ],
    ),
    "number": (
        "mathematics",
        [
            {"question": "A baker fills 6 trays with 12 rolls each and sells 50 rolls. How many rolls are left?", "answer": "22", "solution": "He bakes 6*12=<<6*12=72>>72 rolls.\n72-50=<<72-50=22>>22 rolls are left.\n#### 22"},
            {"question": "Tim buys 3 bags of 4 nuts and eats 5 nuts. How many has he left?", "answer": "7", "solution": "He has 3*4=<<3*4=12>>12 nuts.\n12-5=<<12-5=7>>7 are left.\n#### 7"},
        ],
    ),
    "expression": (
        "mathematics",
        [
            {"question": "Factor $x^2 - 9$ completely.", "answer": "(x-3)(x+3)"},
            {"question": "Expand $(a+1)^2$.", "answer": "a^2+2a+1"},
        ],
    ),
    "short_answer": (
        "general",
        [
            {"question": "Which metal, liquid at room temperature, was used in thermometers?", "answer": "mercury", "aliases": ["quicksilver", "Hg"]},
            {"question": "Who wrote the play 'A Doll's House'?", "answer": "Henrik Ibsen", "aliases": ["Ibsen"]},
        ],
    ),
    "span": (
        "reading",
        [
            {"context": "The harbour at Orle empties twice a day. At low water the ferries wait beyond the bar until dusk, and the fishermen walk out to their boats.", "question": "Until when do the ferries wait at low water?", "answer": "until dusk"},
            {"context": "Marit ripens her cheese in an old slate mine, where the air stays at nine degrees all year.", "question": "Where does Marit ripen her cheese?", "answer": "in an old slate mine"},
        ],
    ),
    "boolean": (
        "reading",
        [
            {"context": "The harbour at Orle empties twice a day. At low water the ferries wait beyond the bar until dusk, and the fishermen walk out to their boats.", "question": "Can ferries enter the harbour at low water?", "answer": "no"},
            {"context": "Marit ripens her cheese in an old slate mine, where the air stays at nine degrees all year.", "question": "Is the mine as cool in summer as in winter?", "answer": "yes"},
        ],
    ),
    "code": (
        "code",
        [
            {"question": "Write a function last_word(text) that returns the last word of text, or '' if there is none.", "answer": "def last_word(text):\n    words = text.split()\n    return words[-1] if words else ''", "checks": ["assert last_word('a b') == 'b'", "assert last_word('') == ''", "assert last_word('x') == 'x'"]},
            {"question": "Write a function double(n) that returns twice n.", "answer": "def double(n):\n    return 2 * n", "checks": ["assert double(2) == 4", "assert double(0) == 0"]},
        ],
    ),
    "structured": (
        "language",
        [
            {"question": "Tag each word of the sentence with its part of speech, as a JSON list of [word, tag] pairs: old boats leak", "answer": '[["old", "ADJ"], ["boats", "NOUN"], ["leak", "VERB"]]'},
            {"question": "Tag each word of the sentence with its part of speech, as a JSON list of [word, tag] pairs: she sings", "answer": '[["she", "PRON"], ["sings", "VERB"]]'},
        ],
    ),
    "free_text": ("science", [{"question": "Why does ice float on water?", "answer": "Ice is less dense than liquid water, so it is pushed up."}]),
}  # fmt: skip

NOTES = {
    "expression": "A formal expression happens nowhere, so no setting is drawn for it.",
    "boolean": "The answer is drawn, so that as many questions are answered yes as no.",
    "free_text": "Free text is written only where the recipe has a judge, or allows what nothing can check (`allow_unverifiable`).",
}


def page() -> str:
    """Return the page."""
    return "\n".join(_page(load_prompts()))


def _page(prompts: PromptSet) -> Iterator[str]:
    first = _writer(prompts, "multiple_choice")
    yield HEAD.format(shared=f"{len(first.partition('# Siblings')[0]) / len(first):.0%}")
    yield from _section("## The opening of all writers", prompts.render("generate/intro.md"))
    yield from _section("## The opening of all solvers", prompts.render("solve/intro.md"))
    yield "## The styles\n"
    for style in STYLES:
        yield from _section(f"### `{style}`", prompts.render(f"solve/style/{style}.md"))
    for kind in KINDS:
        yield from _kind(prompts, kind)
    yield from _several(prompts)
    yield from _judge(prompts)


def _section(title: str, text: str) -> Iterator[str]:
    yield f"{title}\n\n{FENCE}text\n{text}\n{FENCE}\n"


def _kind(prompts: PromptSet, kind: str) -> Iterator[str]:
    yield f"## {kind}\n"
    if kind in NOTES:
        yield f"{NOTES[kind]}\n"
    seed = _seeds(kind)[0]
    drawn = ", ".join(f"`{label}`" for label in labels(_axes(prompts, seed)))
    text = _writer(prompts, kind)
    yield from _section(
        f"### The writer of {kind} is asked\n\nDrawn: {drawn}.", _opened(prompts, "generate", text)
    )
    asked = _question(seed)
    order = list(range(len(asked.options)))[::-1]
    for style in ("reasoning", "distractors"):
        if style in styles_of(asked):
            solve = solver_messages(prompts, asked, style, order)[0][0]["content"]
            title = f"### The solver of {kind} is asked, style `{style}`"
            yield from _section(title, _opened(prompts, "solve", solve))


def _several(prompts: PromptSet) -> Iterator[str]:
    seed, *siblings = _seeds("short_answer")
    axes = [_axes(prompts, seed, slot) for slot in (0, 1)]
    text = writer_messages(prompts, seed, siblings, axes)[0][0]["content"]
    shown = text[text.index(prompts.render("generate/several.md", count=2)) :]
    told = (
        "## Two questions in one request\n\nWith `generate.questions_per_call: 2`, the prompt goes on like this behind the contract. "
        "Each item has wishes of its own."
    )
    yield from _section(told, shown)


def _judge(prompts: PromptSet) -> Iterator[str]:
    asked = _question(_seeds("free_text")[0])
    other = "Water expands when it freezes, so the same mass takes up more room and floats."
    told = (
        "## What a judge is asked about two open answers\n\nOnce in each order; only two verdicts `same` make them one vote. The mark is a "
        "hash of the texts that are quoted, so that no answer can hold it."
    )
    yield from _section(told, judge_messages(prompts, asked, asked.answer, other)[0][0]["content"])


def _writer(prompts: PromptSet, kind: str) -> str:
    seed, *siblings = _seeds(kind)
    return writer_messages(prompts, seed, siblings, [_axes(prompts, seed)])[0][0]["content"]


def _axes(prompts: PromptSet, seed: Seed, slot: int = 0) -> dict[str, str]:
    """Return axes that show as much as there is: everything is drawn, whatever the default shares."""
    spec = AxesSpec.model_validate({"difficulty": {"harder": 4}, "topics": 1, "settings": 1})
    return dict(draw_axes(prompts, spec, seed, slot, random_seed=7))


def _opened(prompts: PromptSet, stage: str, text: str) -> str:
    opening = prompts.render(f"{stage}/intro.md")
    if not text.startswith(opening):
        raise ValueError(f"a prompt of {stage} does not start with its opening")
    return OPENING + text.removeprefix(opening)


def _seeds(kind: str) -> Sequence[Seed]:
    domain, items = ITEMS[kind]
    return [_seed(kind, domain, item, number) for number, item in enumerate(items)]


def _seed(kind: str, domain: str, item: Item, number: int) -> Seed:
    options = tuple(item.get("options", ()))
    return Seed(
        seed_id=content_id("example", kind, number),
        task="example",
        family="example",
        also_tasks=(),
        capability="reasoning",
        domain=domain,
        language="en",
        kind=kind,
        question=item["question"],
        context=item.get("context"),
        options=options,
        answer=item["answer"],
        answer_index=options.index(item["answer"]) if options else None,
        aliases=tuple(item.get("aliases", ())),
        checks=tuple(item.get("checks", ())),
        solution=item.get("solution"),
        extractor=None,
        equivalence=None,
        license="Apache-2.0",
        source_dataset="example",
        source_config=None,
        source_split="train",
        source_revision=None,
        source_row=number,
        harness_version="",
    )


def _question(seed: Seed) -> Question:
    """Return a seed as the question that a solver gets."""
    return replace(as_question(seed), question_id="example", aliases=())


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
