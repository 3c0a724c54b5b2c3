"""The messages of each request, composed from prompt blocks: question kind x style x answer contract.

What many requests share stands first and the seed or question last, so that servers can reuse the
prefix. There is one message of role `user`: some chat templates refuse a system message.
"""

import functools
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from taskseed.errors import UsageError
from taskseed.prompts.axes import SAME, Axes
from taskseed.prompts.library import PromptSet
from taskseed.records import STYLES, Question, Seed, content_id
from taskseed.text import without_schema

__all__ = [
    "EXAMPLE_LIMIT",
    "Messages",
    "compose",
    "option_label",
    "solver_messages",
    "styles_of",
    "writer_messages",
    "writer_schema",
]

Messages = tuple[Mapping[str, str], ...]

EXAMPLE_LIMIT = 4000
"""Characters of a sibling's JSON above which it is not shown: examples teach style, not length."""

_MOST_ALIASES = 8  # trivia rows list dozens
_CONTRACT, _SEVERAL = "generate/contract.md", "generate/several.md"

# Kinds that share a block; the block tells them apart by its variable `kind`.
_BLOCK = {
    "expression": "number",
    "span": "short_answer",
    "structured": "short_answer",
    "free_text": "short_answer",
}
_CALCULATOR = re.compile(r"<<[^<>]{0,200}>>")
_FINAL_LINE = re.compile(r"\n####[^\n]{0,200}\s*\Z")
_YES_NO = ("yes", "no")


def writer_messages(
    prompts: PromptSet, seed: Seed, examples: Sequence[Seed], axes: Sequence[Axes] = ({},), turn: int = 0
) -> tuple[Messages, str]:
    """Return the messages that ask for new questions like `seed`, and the prompt's content hash.

    Shared instructions stand first, what changes from slot to slot and the seed last.

    :param examples: sibling seeds, shown as style; the gold option's position is varied among them.
        A sibling longer than `EXAMPLE_LIMIT` is left out.
    :param axes: what each question is asked to be like, one entry for each question that is wanted.
    :param turn: turns the position of the seed's own gold option; the first slot that is asked for.
    :raises UsageError: if a block of the user's cannot be rendered.
    """
    has_context = seed.context is not None
    kind = _written_kind(seed)
    kind_block = f"generate/kind/{_BLOCK.get(kind, kind)}.md"
    blocks: list[tuple[str, Mapping[str, object]]] = [
        ("generate/intro.md", {}),
        (kind_block, _kind_values(seed)),
    ]
    if has_context:
        blocks.append(("generate/passage.md", {}))
    blocks.append((_CONTRACT, {"kind": kind, "has_context": has_context}))
    if len(axes) > 1:
        blocks.append((_SEVERAL, {"count": len(axes)}))
    with_aliases = _asks_aliases(prompts)
    shown = _examples(examples, with_aliases)
    if shown:
        blocks.append(("generate/examples.md", {"examples": shown}))
    steered = [{axis: value for axis, value in item.items() if value != SAME} for item in axes]
    if any(steered):
        blocks.append(("generate/axes.md", {"axes": steered}))
    item = _item(seed, _turn(seed.seed_id) + turn, with_aliases)
    blocks.append(("generate/seed.md", {"seed": item, "language": seed.language}))
    return compose(prompts, blocks)


def writer_schema(prompts: PromptSet, seed: Seed, count: int = 1) -> Mapping[str, Any] | None:
    """Return the JSON schema of the reply that `writer_messages` asks for: its keys, in their order.

    :param count: how many questions are asked for.
    :returns: None where the contract is a user's own, whose keys are not known, and where a part of the reply
        is itself a schema or fits one, of which servers that are strict about objects want to know all keys.
    """
    contract = (_CONTRACT,) if count == 1 else (_CONTRACT, _SEVERAL)
    if seed.schema is not None or not all(prompts.is_shipped(name) for name in contract):
        return None
    return _contract_schema(seed.kind, seed.context is not None, count > 1)


@functools.cache
def _contract_schema(kind: str, has_context: bool, several: bool) -> Mapping[str, Any]:
    text, texts = {"type": "string"}, {"type": "array", "items": {"type": "string"}}
    keys: dict[str, Any] = {"item": {"type": "integer"}} if several else {}
    if has_context:
        keys["passage"] = text
    keys["question"] = text
    if kind == "multiple_choice":
        keys["options"] = texts
    keys |= {"explanation": text, "answer": text}
    if kind == "short_answer":
        keys["aliases"] = texts
    if kind == "code":
        keys["tests"] = texts
    item = _object(keys)
    return _object({"items": {"type": "array", "items": item}}) if several else item


def _object(keys: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "type": "object",
        "properties": dict(keys),
        "required": list(keys),
        "additionalProperties": False,
    }


def solver_messages(
    prompts: PromptSet, question: Question, style: str, order: Sequence[int]
) -> tuple[Messages, str]:
    """Return the messages that ask for one solve of `question`, and the prompt's content hash.

    The proposed answer, its aliases, checks and solution are never shown.

    :param style: one of `styles_of(question)`.
    :param order: the options' indices in the order to show; a permutation of all of them.
    :raises UsageError: if the style does not fit the question, or a block of the user's cannot be rendered.
    :raises ValueError: if `order` is not a permutation.
    """
    if style not in styles_of(question):
        fits = ", ".join(styles_of(question))
        raise UsageError(f"style {style} does not fit a {question.kind} question", f"use {fits}")
    if sorted(order) != list(range(len(question.options))):
        raise ValueError(f"{list(order)} is not a permutation of {len(question.options)} options")
    texts = [question.options[i] for i in order]
    labelled = [(option_label(i), t) for i, t in enumerate(texts)] if question.kind != "boolean" else []
    block = _BLOCK.get(question.kind, question.kind)
    values = {"multiple_choice": {}, "code": {}, "boolean": {"answers": texts or _YES_NO}}
    asked = {"question": question.question, "context": question.context, "options": labelled}
    return compose(
        prompts,
        [
            ("solve/intro.md", {}),
            (f"solve/style/{style}.md", {}),
            (f"solve/contract/{block}.md", values.get(block, {"kind": question.kind})),
            ("solve/question.md", asked),
        ],
    )


def styles_of(question: Question) -> tuple[str, ...]:
    """Return the styles a question can be solved in: `distractors` needs options to tell apart."""
    return STYLES if question.kind == "multiple_choice" else tuple(s for s in STYLES if s != "distractors")


def option_label(position: int) -> str:
    """Return the label of the option at a zero-based position: A … Z, AA, AB, …"""
    label = ""
    position += 1
    while position:
        position, letter = divmod(position - 1, 26)
        label = chr(ord("A") + letter) + label
    return label


def compose(prompts: PromptSet, blocks: Sequence[tuple[str, Mapping[str, object]]]) -> tuple[Messages, str]:
    """Return the one message that these blocks make with their values, and their content hash.

    :raises UsageError: if a block of the user's cannot be rendered.
    """
    text = "\n\n".join(prompts.render(name, **values) for name, values in blocks)
    return ({"role": "user", "content": text},), prompts.hash([name for name, _ in blocks])


def _kind_values(seed: Seed) -> dict[str, object]:
    kind = _written_kind(seed)
    block = _BLOCK.get(kind, kind)
    if block == "multiple_choice":
        return {"option_count": len(seed.options)}
    if block == "boolean":
        return {"answers": seed.options or _YES_NO}
    return {} if block in ("code", "schema") else {"kind": kind}


def _written_kind(seed: Seed) -> str:
    """Return the kind as the writer's blocks know it: data that must fit a schema is one of its own."""
    return seed.kind if seed.schema is None else "schema"


def _asks_aliases(prompts: PromptSet) -> bool:
    """Say whether the contract has the key; a user's own, or one of an earlier version, may not have it."""
    return '"aliases"' in prompts.texts[_CONTRACT]


def _examples(examples: Sequence[Seed], with_aliases: bool) -> list[str]:
    # The turn depends on the siblings alone, so that seeds with the same siblings share a prefix.
    turn = _turn(*(e.seed_id for e in examples))
    items = [_item(e, turn + i, with_aliases) for i, e in enumerate(examples)]
    return [i for i in items if len(i) <= EXAMPLE_LIMIT]


def _turn(*ids: str) -> int:
    return int(content_id("turn", ids), 16)


def _item(seed: Seed, turn: int, with_aliases: bool) -> str:
    """Return a seed as the JSON object a writer would reply with, the gold option at `turn` modulo n."""
    item: dict[str, object] = {}
    if seed.context is not None:
        item["passage"] = seed.context
    if seed.schema is None:
        item["question"] = seed.question
    else:
        item["question"] = without_schema(seed.question, seed.schema)
        item["schema"] = _json_or_text(seed.schema)
    if seed.kind == "multiple_choice":
        item["options"] = _turned(seed, turn)
    if seed.solution is not None:
        item["explanation"] = _FINAL_LINE.sub("", _CALCULATOR.sub("", seed.solution)).strip()
    if seed.answer or seed.schema is None:
        item["answer"] = seed.answer if seed.schema is None else _json_or_text(seed.answer)
    if with_aliases and seed.kind == "short_answer":
        item["aliases"] = list(seed.aliases[:_MOST_ALIASES])
    if seed.checks:
        item["tests"] = list(seed.checks)
    return json.dumps(item, ensure_ascii=False, indent=1)


def _json_or_text(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _turned(seed: Seed, turn: int) -> list[str]:
    if seed.answer_index is None:
        return list(seed.options)
    others = [o for i, o in enumerate(seed.options) if i != seed.answer_index]
    at = turn % len(seed.options)
    return [*others[:at], seed.options[seed.answer_index], *others[at:]]
