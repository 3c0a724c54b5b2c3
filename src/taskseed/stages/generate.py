"""generate: slots (seeds × questions per seed) → new questions.

`kind: model` asks the writer; `kind: numeric` re-samples the numbers of worked maths seeds without any model.
Every slot ends as one question or one dropped slot.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Any

from taskseed.checks.answers import rules_of, vote_key
from taskseed.concurrency import settle
from taskseed.models.base import Completion, Prompt
from taskseed.models.stored import Answer, Ask, Spent, untold
from taskseed.numeric import Refusal, Template, trace, vary
from taskseed.prompts import (
    Axes,
    Draft,
    Malformed,
    Messages,
    PromptSet,
    draw_axes,
    in_turn,
    labels,
    parse_drafts,
    parse_schema_draft,
    writer_messages,
    writer_schema,
)
from taskseed.recipe import GenerateSpec
from taskseed.records import Dropped, Question, Seed, content_id
from taskseed.text import with_schema

__all__ = ["GENERATED_KINDS", "Writer", "generate_numeric", "generate_with_model", "too_weak", "unverifiable"]

STAGE = "generate"

# What a vote, an equivalence rule, a sandbox or a judge can verify; the rest is refused unpaid.
GENERATED_KINDS = (
    "multiple_choice", "boolean", "number", "expression", "short_answer", "span", "code", "structured",
    "free_text",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Writer:
    """The model that writes, and how it is asked.

    :param can_run_code: whether a sandbox is there; without one a code question can never be verified, so
        it is refused before it is paid for.
    :param spent: is told of each ask.
    :param free_text: whether free text may be written: a judge is there, or the recipe allows it without.
    """

    ask: Ask
    model: str
    sampling: dict[str, object]
    prompts: PromptSet
    can_run_code: bool
    spent: Spent = untold
    free_text: bool = False


async def generate_with_model(
    seeds: Sequence[Seed],
    shard: Sequence[Seed],
    writer: Writer,
    spec: GenerateSpec,
    random_seed: int,
    wrote: Callable[[], None] | None = None,
) -> list[Question | Dropped]:
    """Have the writer write as many questions from each seed as `spec` wants of its family.

    :param shard: the seeds that examples are drawn from; `seeds` are all of them, or a pilot's few.
    :param wrote: is called as each seed's last slot ends.
    :returns: one entry per slot, in the order of the seeds and their slots.
    """
    siblings: dict[str, list[Seed]] = {}
    for seed in shard:
        siblings.setdefault(seed.task, []).append(seed)
    answers = {task: _shared_options(seeds_of_task) for task, seeds_of_task in siblings.items()}
    jobs = (
        _write(
            _Source(seed, siblings.get(seed.task, ()), answers.get(seed.task, ()), random_seed), writer, spec
        )
        for seed in seeds
    )
    made = await settle(jobs, wrote)
    return [entry for slots in made for entry in slots]


@dataclass(frozen=True, slots=True)
class _Source:
    """A seed and what its questions are drawn from.

    :param siblings: the shard's seeds of the seed's task.
    :param answers: the labels that they all have as their options; empty where options differ.
    """

    seed: Seed
    siblings: Sequence[Seed]
    answers: Sequence[str]
    random_seed: int

    def examples(self, slot: int, count: int) -> list[Seed]:
        """Return the siblings shown to a slot: no sibling again before all were shown."""
        others = [s for s in self.siblings if s.seed_id != self.seed.seed_id]
        total, count = len(others), min(count, len(others))
        if not count:
            return []
        rng = random.Random(f"examples {self.random_seed} {self.seed.seed_id}")
        first = rng.sample(range(total), count)
        start = slot * count % total
        # No more of the order is made than this slot needs: there may be thousands of siblings.
        order = list(islice(chain(first, in_turn(total, rng, first), first), start + count))
        return [others[place] for place in order[start:]]


def _shared_options(siblings: Sequence[Seed]) -> tuple[str, ...]:
    """Return the options that all siblings share, such as yes, no and maybe; none where they differ."""
    sets = {tuple(sorted(s.options)) for s in siblings}
    return sets.pop() if len(sets) == 1 and len(siblings) > 2 else ()


@dataclass(frozen=True, slots=True)
class _Call:
    """One request for the questions of some slots of a seed; one sample holds them all."""

    slots: tuple[int, ...]
    axes: tuple[Axes, ...]
    messages: Messages
    prompt_hash: str


async def _write(source: _Source, writer: Writer, spec: GenerateSpec) -> list[Question | Dropped]:
    seed = source.seed
    wanted = spec.questions_of(seed.family)
    slots = range(wanted)
    refusal = unverifiable(seed, can_run_code=writer.can_run_code, free_text=writer.free_text)
    if refusal:
        return [_drop(seed, slot, refusal[0], refusal[1]) for slot in slots]
    made: dict[int, Question | Dropped] = {}
    for attempt in range(spec.attempts):
        waiting = [s for s in slots if not isinstance(made.get(s), Question) and _again(made.get(s))]
        if not waiting:
            break
        size = 1 if seed.schema else spec.questions_per_call  # data that fits a schema is read one by one
        groups = (waiting[n : n + size] for n in range(0, len(waiting), size))
        alike: dict[str, list[_Call]] = {}
        for call in (_call(source, group, writer, spec) for group in groups):
            alike.setdefault(call.messages[-1]["content"], []).append(call)
        asked = [_ask(seed, calls, writer, attempt * wanted) for calls in alike.values()]
        for entries in await settle(asked):
            made |= entries
    return [made[slot] for slot in slots]


def _call(source: _Source, slots: Sequence[int], writer: Writer, spec: GenerateSpec) -> _Call:
    seed, first = source.seed, slots[0]
    axes = tuple(
        draw_axes(writer.prompts, spec.axes, seed, slot, source.random_seed, source.answers) for slot in slots
    )
    examples = source.examples(first, spec.examples)
    messages, prompt_hash = writer_messages(writer.prompts, seed, examples, axes, first)
    return _Call(tuple(slots), axes, messages, prompt_hash)


async def _ask(
    seed: Seed, calls: Sequence[_Call], writer: Writer, index: int
) -> dict[int, Question | Dropped]:
    """Ask for calls that say the same, each with the index of its first slot behind `index`."""
    schema = writer_schema(writer.prompts, seed, len(calls[0].slots))
    prompt = Prompt(writer.model, calls[0].messages, writer.sampling, schema)
    answers = await writer.ask(prompt, [index + call.slots[0] for call in calls])
    writer.spent(seed.task, prompt, answers)
    return {
        slot: entry
        for call, answer in zip(calls, answers, strict=True)
        for slot, entry in zip(call.slots, _read(seed, call, answer, writer.model), strict=True)
    }


def too_weak(seeds: Sequence[Seed], spec: GenerateSpec, weak: Mapping[str, str]) -> list[Dropped]:
    """Drop every slot of seeds whose family the solver cannot do: no model is asked for them.

    :param weak: how that shows, by family.
    """
    return [
        _drop(seed, slot, "teacher_too_weak", weak[seed.family])
        for seed in seeds
        for slot in range(_slots(seed, spec))
    ]


def _slots(seed: Seed, spec: GenerateSpec) -> int:
    beside = spec.numeric_variants if seed.kind == "number" and seed.solution else 0
    return spec.questions_of(seed.family) + beside


def unverifiable(seed: Seed, *, can_run_code: bool, free_text: bool) -> tuple[str, str] | None:
    """Return the reason and the evidence why no vote on such a seed could mean anything, or None.

    :param can_run_code: whether a sandbox is there.
    :param free_text: whether votes on free text count; see `Writer`.
    """
    if seed.kind not in GENERATED_KINDS or (seed.kind == "free_text" and not free_text):
        return "unverifiable", f"nothing can check a generated answer of kind {seed.kind}"
    if seed.kind == "code" and not can_run_code:
        return "no_sandbox", "code answers are verified by running them, and no sandbox is available"
    readable = (
        seed.options or seed.kind == "code" or seed.schema or vote_key(seed.kind, seed.answer, rules_of(seed))
    )
    if not readable:
        return "unverifiable", f"no vote could mean even the seed's own answer: {seed.answer[:200]}"
    return None


def _again(made: Question | Dropped | None) -> bool:
    """Ask again for what may come out differently: malformed text, not a missing response."""
    return made is None or (isinstance(made, Dropped) and made.reason == "malformed")


def _read(seed: Seed, call: _Call, answer: Answer, model: str) -> list[Question | Dropped]:
    """Return one entry for each slot of a call."""
    if answer.completion is None:
        return _all_dropped(seed, call, "no_response", f"{answer.failure}: {answer.detail}".rstrip(": "))
    completion: Completion = answer.completion
    text, ended = completion.text, completion.finish_reason
    if ended == "content_filter":
        return _all_dropped(seed, call, "refused", text or "content filter")
    if ended in ("length", "abort") and len(call.slots) == 1:
        return _all_dropped(seed, call, "malformed", f"cut off ({ended}): {text[-500:]}")
    drafts: Sequence[Draft | Malformed]
    if seed.schema is not None:
        drafts = [parse_schema_draft(text)]  # asked for one by one
    else:
        drafts = parse_drafts(text, seed.kind, seed.context is not None, len(call.slots))
    return [
        _question(seed, slot, draft, model, call.prompt_hash, axes)
        if isinstance(draft, Draft)
        else _unread(seed, slot, draft, text)
        for slot, axes, draft in zip(call.slots, call.axes, drafts, strict=True)
    ]


def _all_dropped(seed: Seed, call: _Call, reason: str, evidence: str) -> list[Question | Dropped]:
    return [_drop(seed, slot, reason, evidence) for slot in call.slots]


def _unread(seed: Seed, slot: int, fault: Malformed, text: str) -> Dropped:
    reason = "refused" if fault.reason == "refused" else "malformed"
    return _drop(seed, slot, reason, f"{fault.reason}: {fault.evidence or text}")


def _question(seed: Seed, slot: int, draft: Draft, model: str, prompt_hash: str, axes: Axes) -> Question:
    options, answer, index = draft.options, draft.answer, draft.answer_index
    if seed.kind == "boolean" and seed.options:  # the answers to choose from are the task's, not the writer's
        options = seed.options
        index = next((i for i, o in enumerate(options) if o.casefold() == answer.casefold()), None)
        answer = answer if index is None else options[index]
    return _build(
        seed,
        slot,
        draft.question if draft.schema is None else with_schema(draft.question, draft.schema),
        answer,
        schema=draft.schema,
        context=draft.context,
        options=options,
        answer_index=index,
        aliases=draft.aliases,
        checks=draft.tests,
        derivation="written",
        writer_model=model,
        writer_prompt=prompt_hash,
        axes=labels(axes),
    )


def _build(seed: Seed, slot: int, text: str, answer: str, **fields: Any) -> Question:
    """Return a question of a seed's kind with its id; what is not given is empty."""
    empty = {"context": None, "options": (), "answer_index": None, "solution": None}
    empty |= {"aliases": (), "checks": ()}
    unwritten = {"writer_model": None, "writer_prompt": None}
    question = Question(
        question_id="",
        seed_id=seed.seed_id,
        task=seed.task,
        slot=slot,
        kind=seed.kind,
        question=text,
        answer=answer,
        extractor=seed.extractor,
        equivalence=seed.equivalence,
        **{**empty, **unwritten, **fields},
    )
    return replace(question, question_id=_identity(question))


def _identity(question: Question) -> str:
    q = question
    return content_id("question", q.seed_id, q.slot, q.question, q.context, q.options, q.answer, q.checks)


def _drop(seed: Seed, slot: int, reason: str, evidence: str = "") -> Dropped:
    return Dropped.of(
        STAGE,
        reason,
        {"seed_id": seed.seed_id, "slot": slot, "seed_question": seed.question},
        id=content_id("slot", seed.seed_id, slot),
        task=seed.task,
        seed_id=seed.seed_id,
        evidence=evidence,
    )


def generate_numeric(
    seeds: Sequence[Seed], slots_of: Callable[[Seed], Sequence[int]], random_seed: int
) -> list[Question | Dropped]:
    """Make numeric variants of worked maths seeds; a seed whose numbers cannot be traced is refused.

    :param slots_of: gives the numbers of the slots to fill for a seed.
    :returns: one entry per slot, in the order of the seeds and their slots.
    """
    made: list[Question | Dropped] = []
    for seed in seeds:
        template = trace(seed.question, seed.solution) if seed.solution else None
        taken = {seed.question}
        for slot in slots_of(seed):
            entry = _variant(seed, slot, template, taken, random_seed)
            if isinstance(entry, Question):
                taken.add(entry.question)
            made.append(entry)
    return made


def _variant(
    seed: Seed, slot: int, template: Template | Refusal | None, taken: set[str], random_seed: int
) -> Question | Dropped:
    if template is None:
        return _drop(seed, slot, "no_worked_solution", "the row carries no worked solution to recompute")
    if isinstance(template, Refusal):
        return _drop(seed, slot, template.reason, template.evidence)
    rng = random.Random(f"numeric {random_seed} {seed.seed_id} {slot}")
    refusal = Refusal("no_valid_sample", "every draw repeated an earlier variant of this seed")
    for _ in range(5):
        variant = vary(template, rng)
        if isinstance(variant, Refusal):
            refusal = variant
            break
        if variant.question in taken:
            continue
        return _build(
            seed,
            slot,
            variant.question,
            variant.answer,
            context=seed.context,
            solution=variant.solution,
            derivation="numeric_variant",
        )
    return _drop(seed, slot, refusal.reason, refusal.evidence)
