"""Steering axes: what a new question is asked to be like, so that a million of them do not share ten themes.

Each slot of a seed draws its own values, from the recipe's seed, the seed's id and the slot alone: how many
slots there are, how they are put into requests and how often one is asked again changes nothing. Slots of
one seed take different topics, settings and places for as long as the list lasts, and the answers in turn.
"""

import math
import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice

from taskseed.prompts.library import PromptSet
from taskseed.recipe import AxesSpec
from taskseed.records import Seed

__all__ = ["DOMAINS", "SAME", "Axes", "draw_axes", "in_turn", "labels"]

Axes = Mapping[str, str]
"""Values by axis, in a fixed order: `difficulty`, `register`, then `topic`, or `setting` and `place`, then
`answer`, or `position` and `longest`. An axis that is not there was not drawn."""

SAME = "same"
"""The value by which an axis asks for what the seed has."""

DOMAINS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "code": ("topic", ("code",)),
    "commonsense": ("setting", ("everyday", "work")),
    "dialogue": ("setting", ("dialogue",)),
    "ethics": ("topic", ("ethics",)),
    "general": ("topic", ("general",)),
    "inference": ("topic", ("texts",)),
    "language": ("setting", ("language",)),
    "logic": ("setting", ("work", "everyday")),
    "mathematics": ("setting", ("everyday", "work")),
    "medicine": ("topic", ("medicine",)),
    "reading": ("topic", ("texts", "general")),
    "science": ("topic", ("science",)),
    "sentiment": ("topic", ("reviews",)),
    "summaries": ("topic", ("texts", "general")),
}
"""By domain of the family table: the axis it is steered by, and the lists that its values are drawn from."""

_OTHER = ("topic", ("general",))
_IN_A_PLACE = ("everyday", "work")  # stories that happen somewhere on earth, and sound alike without a place
_FORMAL = ("expression", "structured")  # kinds whose wording is given by their form
_YES_NO = ("yes", "no")


def draw_axes(
    prompts: PromptSet,
    spec: AxesSpec | None,
    seed: Seed,
    slot: int,
    random_seed: int,
    answers: Sequence[str] = (),
) -> Axes:
    """Return what the question in a slot of a seed is asked to be like; nothing where `spec` is None.

    :param slot: the slot's number, from 0.
    :param answers: the labels that all siblings of a multiple-choice seed share as their options; empty
        where each has options of its own.
    """
    if spec is None:
        return {}
    drawn = {"difficulty": _weighted(spec.difficulty.model_dump(), "difficulty", random_seed, seed, slot)}
    if seed.kind not in _FORMAL:
        drawn["register"] = _weighted(spec.registers.model_dump(), "register", random_seed, seed, slot)
    drawn |= _about(prompts, spec, seed, slot, random_seed)
    if spec.answers:
        drawn |= _answer(seed, slot, random_seed, answers)
    return drawn


def labels(axes: Axes) -> tuple[str, ...]:
    """Return axes as records keep them: `axis=value`, in order."""
    return tuple(f"{axis}={value}" for axis, value in axes.items())


def _about(prompts: PromptSet, spec: AxesSpec, seed: Seed, slot: int, random_seed: int) -> dict[str, str]:
    axis, lists = DOMAINS.get(seed.domain, _OTHER)
    share = spec.topics if axis == "topic" else spec.settings
    # A formal expression ("Factor x² - 9") happens nowhere: a setting would change what is asked for.
    formal = axis == "setting" and seed.kind == "expression"
    if formal or _chance("about", random_seed, seed.seed_id, slot).random() >= share:
        return {}
    entries = [entry for name in lists for entry in prompts.entries(f"axes/{name}.txt")]
    drawn = {axis: _in_turn(entries, axis, random_seed, seed, slot)}
    if axis == "setting" and lists[0] in _IN_A_PLACE and seed.language.partition("-")[0] == "en":
        drawn["place"] = _in_turn(prompts.entries("axes/places.txt"), "place", random_seed, seed, slot)
    return drawn


def _answer(seed: Seed, slot: int, random_seed: int, answers: Sequence[str]) -> dict[str, str]:
    if seed.kind == "boolean":
        answers = seed.options or _YES_NO
    if answers:
        return {"answer": _in_turn(sorted(answers), "answer", random_seed, seed, slot)}
    if seed.kind != "multiple_choice" or not seed.options:
        return {}
    # Drawn apart, so that the right option is the longest as often as chance would have it, not never.
    places = [str(n + 1) for n in range(len(seed.options))]
    return {axis: _in_turn(places, axis, random_seed, seed, slot) for axis in ("position", "longest")}


def _weighted(weights: Mapping[str, float], axis: str, random_seed: int, seed: Seed, slot: int) -> str:
    rng = _chance(axis, random_seed, seed.seed_id, slot)
    return rng.choices(list(weights), list(weights.values()))[0]


def in_turn(count: int, rng: random.Random, passed_over: Collection[int] = ()) -> Iterator[int]:
    """Yield each number below `count` once, but for those passed over: from a start, in steps prime to it.

    Unlike a shuffle it costs nothing until it is asked for, and its start does not change with how much is.
    """
    at, step = rng.randrange(count), rng.randrange(1, count + 1)
    while math.gcd(step, count) != 1:
        step = rng.randrange(1, count + 1)
    return (place for n in range(count) if (place := (at + n * step) % count) not in passed_over)


def _in_turn(values: Sequence[str], axis: str, random_seed: int, seed: Seed, slot: int) -> str:
    """Return the slot's entry of an order of the values that is the seed's own."""
    order = in_turn(len(values), _chance(axis, random_seed, seed.seed_id))
    return values[next(islice(order, slot % len(values), None))]


def _chance(*key: object) -> random.Random:
    return random.Random(" ".join(["axes", *map(str, key)]))
