"""generate: slots (seeds × questions per seed) → new questions.

`kind: model` asks the writer; `kind: numeric` re-samples the numbers of worked maths seeds without any model.
Every slot ends as one question or one dropped slot.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from taskseed.checks.answers import vote_key
from taskseed.concurrency import settle
from taskseed.models.base import Completion, Prompt
from taskseed.models.stored import Answer, Ask, Spent, untold
from taskseed.numeric import Refusal, Template, trace, vary
from taskseed.prompts import Draft, Malformed, PromptSet, parse_draft, writer_messages, writer_schema
from taskseed.recipe import GenerateSpec
from taskseed.records import Dropped, Question, Seed, content_id

__all__ = ["GENERATED_KINDS", "Writer", "generate_numeric", "generate_with_model", "too_weak", "unverifiable"]

STAGE = "generate"

# What a vote, an equivalence rule or a sandbox can verify; the rest is refused before it is paid for.
GENERATED_KINDS = (
    "multiple_choice", "boolean", "number", "expression", "short_answer", "span", "code", "structured",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Writer:
    """The model that writes, and how it is asked.

    :param can_run_code: whether a sandbox is there; without one a code question can never be verified, so
        it is refused before it is paid for.
    :param spent: is told of each ask.
    """

    ask: Ask
    model: str
    sampling: dict[str, object]
    prompts: PromptSet
    can_run_code: bool
    spent: Spent = untold


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
    jobs = (
        _write(seed, _examples(seed, siblings.get(seed.task, ()), spec.examples, random_seed), writer, spec)
        for seed in seeds
    )
    made = await settle(jobs, wrote)
    return [entry for slots in made for entry in slots]


def _examples(seed: Seed, siblings: Sequence[Seed], count: int, random_seed: int) -> list[Seed]:
    others = [s for s in siblings if s.seed_id != seed.seed_id]
    rng = random.Random(f"examples {random_seed} {seed.seed_id}")
    return rng.sample(others, min(count, len(others)))


async def _write(
    seed: Seed, examples: Sequence[Seed], writer: Writer, spec: GenerateSpec
) -> list[Question | Dropped]:
    wanted = spec.questions_of(seed.family)
    slots = range(wanted)
    refusal = unverifiable(seed, writer.can_run_code)
    if refusal:
        return [_drop(seed, slot, refusal[0], refusal[1]) for slot in slots]
    messages, prompt_hash = writer_messages(writer.prompts, seed, examples)
    prompt = Prompt(writer.model, messages, writer.sampling, writer_schema(writer.prompts, seed))
    made: dict[int, Question | Dropped] = {}
    for attempt in range(spec.attempts):
        waiting = [s for s in slots if not isinstance(made.get(s), Question) and _again(made.get(s))]
        if not waiting:
            break
        indices = [slot + attempt * wanted for slot in waiting]
        answers = await writer.ask(prompt, indices)
        writer.spent(seed.task, prompt, answers)
        for slot, answer in zip(waiting, answers, strict=True):
            made[slot] = _read(seed, slot, answer, writer.model, prompt_hash)
    return [made[slot] for slot in slots]


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


def unverifiable(seed: Seed, can_run_code: bool) -> tuple[str, str] | None:
    """Return the reason and the evidence why no vote on such a seed could mean anything, or None.

    :param can_run_code: whether a sandbox is there.
    """
    if seed.kind not in GENERATED_KINDS:
        return "unverifiable", f"nothing can check a generated answer of kind {seed.kind}"
    if seed.kind == "code" and not can_run_code:
        return "no_sandbox", "code answers are verified by running them, and no sandbox is available"
    readable = seed.options or seed.kind == "code" or vote_key(seed.kind, seed.answer, (), seed.aliases)
    if not readable:
        return "unverifiable", f"no vote could mean even the seed's own answer: {seed.answer[:200]}"
    return None


def _again(made: Question | Dropped | None) -> bool:
    """Ask again for what may come out differently: malformed text, not a missing response."""
    return made is None or (isinstance(made, Dropped) and made.reason == "malformed")


def _read(seed: Seed, slot: int, answer: Answer, model: str, prompt_hash: str) -> Question | Dropped:
    if answer.completion is None:
        return _drop(seed, slot, "no_response", f"{answer.failure}: {answer.detail}".rstrip(": "))
    completion: Completion = answer.completion
    if completion.finish_reason == "content_filter":
        return _drop(seed, slot, "refused", completion.text or "content filter")
    if completion.finish_reason in ("length", "abort"):
        return _drop(
            seed, slot, "malformed", f"cut off ({completion.finish_reason}): {completion.text[-500:]}"
        )
    draft = parse_draft(completion.text, seed.kind, needs_context=seed.context is not None)
    if isinstance(draft, Malformed):
        reason = "refused" if draft.reason == "refused" else "malformed"
        return _drop(seed, slot, reason, f"{draft.reason}: {draft.evidence or completion.text}")
    return _question(seed, slot, draft, model, prompt_hash)


def _question(seed: Seed, slot: int, draft: Draft, model: str, prompt_hash: str) -> Question:
    options, answer, index = draft.options, draft.answer, draft.answer_index
    if seed.kind == "boolean" and seed.options:  # the answers to choose from are the task's, not the writer's
        options = seed.options
        index = next((i for i, o in enumerate(options) if o.casefold() == answer.casefold()), None)
        answer = answer if index is None else options[index]
    return _build(
        seed,
        slot,
        draft.question,
        answer,
        context=draft.context,
        options=options,
        answer_index=index,
        checks=draft.tests,
        derivation="written",
        writer_model=model,
        writer_prompt=prompt_hash,
    )


def _build(seed: Seed, slot: int, text: str, answer: str, **fields: Any) -> Question:
    """Return a question of a seed's kind with its id; what is not given is empty."""
    empty = {"context": None, "options": (), "answer_index": None, "checks": (), "solution": None}
    unwritten = {"writer_model": None, "writer_prompt": None}
    question = Question(
        question_id="",
        seed_id=seed.seed_id,
        task=seed.task,
        slot=slot,
        kind=seed.kind,
        question=text,
        answer=answer,
        aliases=(),
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
