"""Seeds and questions of every kind, written for these tests."""

from dataclasses import dataclass, field

from taskseed.records import Question, Seed
from taskseed.text import with_schema


@dataclass(frozen=True)
class Item:
    """One worked item; the sibling is another item of the same kind."""

    question: str
    answer: str
    options: tuple[str, ...] = ()
    context: str | None = None
    solution: str | None = None
    checks: tuple[str, ...] = ()
    sibling: "Item | None" = field(default=None)
    schema: str | None = None


_TIDES = "The harbour at Orle empties twice a day. At low water the ferries wait beyond the bar until dusk."
_CHEESE = "Marit ripens her cheese in an old slate mine, where the air stays at nine degrees all year."
_PARCEL = (
    '{"type": "object", "properties": {"weight": {"type": "number", "minimum": 0}, '
    '"to": {"type": "string"}}, "required": ["weight", "to"]}'
)
_MEETING = '{"type": "object", "properties": {"date": {"type": "string"}}, "required": ["date"]}'

ITEMS = {
    "multiple_choice": Item(
        "Which change of state happens when dew forms on grass?",
        "condensation",
        ("evaporation", "melting", "condensation", "freezing"),
        sibling=Item("Which organ pumps blood?", "heart", ("heart", "lung", "liver", "kidney")),
    ),
    "boolean": Item(
        "Do ferries wait outside the harbour at low water?",
        "yes",
        context=_TIDES,
        sibling=Item("Is the mine warmer in summer?", "no", context=_CHEESE),
    ),
    "number": Item(
        "A baker fills 6 trays with 12 rolls each and sells 50 rolls. How many rolls are left?",
        "22",
        solution="He bakes 6*12=<<6*12=72>>72 rolls.\n72-50=<<72-50=22>>22 are left.\n#### 22",
        sibling=Item("Tim has 3 bags of 4 nuts. How many nuts?", "12", solution="3*4=<<3*4=12>>12\n#### 12"),
    ),
    "expression": Item(
        "Factor $x^2 - 9$.", "$(x-3)(x+3)$", sibling=Item("Expand $(a+1)^2$.", "$a^2 + 2a + 1$")
    ),
    "short_answer": Item(
        "Which metal is liquid at room temperature and was used in thermometers?",
        "mercury",
        sibling=Item("Which gas do plants take up for photosynthesis?", "carbon dioxide"),
    ),
    "span": Item(
        "Until when do the ferries wait?",
        "until dusk",
        context=_TIDES,
        sibling=Item("Where does Marit ripen her cheese?", "in an old slate mine", context=_CHEESE),
    ),
    "structured": Item(
        "Give the chemical symbols of sodium and iron as a JSON object with the keys sodium and iron.",
        '{"sodium": "Na", "iron": "Fe"}',
    ),
    "schema": Item(
        with_schema("Generate a JSON object that matches the following JSON schema.", _PARCEL),
        "",
        schema=_PARCEL,
        sibling=Item(
            with_schema("Generate a JSON object that matches the following JSON schema.", _MEETING),
            '{"date": "2024-09-30"}',
            schema=_MEETING,
        ),
    ),
    "free_text": Item("Why does ice float on water?", "Ice is less dense than liquid water."),
    "code": Item(
        "Write a function last_word(text) that returns the last word of text, or '' if there is none.",
        "def last_word(text):\n    words = text.split()\n    return words[-1] if words else ''",
        checks=(
            "assert last_word('a b') == 'b'",
            "assert last_word('') == ''",
            "assert last_word('x') == 'x'",
        ),
        sibling=Item(
            "Write a function double(n) that returns twice n.",
            "def double(n):\n    return 2 * n",
            checks=("assert double(2) == 4",),
        ),
    ),
}


def seed(kind: str, item: Item | None = None, *, seed_id: str = "0123456789abcdef0123") -> Seed:
    """Return a seed of a kind."""
    item = item or ITEMS[kind]
    index = item.options.index(item.answer) if item.options else None
    return Seed(
        seed_id=seed_id, task="made_up", family="made_up", also_tasks=(), capability="knowledge",
        domain="general", language="en", kind=_kind(kind), question=item.question, context=item.context,
        options=item.options, answer=item.answer, answer_index=index, aliases=(), checks=item.checks,
        solution=item.solution, license="Apache-2.0", source_dataset="made/up", source_config=None,
        extractor=None,
        equivalence=None,
        source_split="train", source_revision=None, source_row=0, schema=item.schema,
        harness_version="0.4.13",
    )  # fmt: skip


def _kind(name: str) -> str:
    """Return the kind that a name of `ITEMS` stands for."""
    return "structured" if name == "schema" else name


def siblings(kind: str) -> list[Seed]:
    """Return the sibling seeds of `seed(kind)`."""
    item = ITEMS[kind].sibling
    return [] if item is None else [seed(kind, item, seed_id="fedcba98765432100000")]


def question(kind: str, item: Item | None = None) -> Question:
    """Return a question of a kind, with everything that a solver must not see filled in."""
    item = item or ITEMS[kind]
    index = item.options.index(item.answer) if item.options else None
    return Question(
        question_id="q", seed_id="s", task="made_up", slot=0, kind=_kind(kind), question=item.question,
        context=item.context, options=item.options, answer=item.answer, answer_index=index,
        aliases=(), checks=item.checks, solution=item.solution, derivation="written", writer_model=None,
        writer_prompt=None, schema=item.schema,
    )  # fmt: skip
