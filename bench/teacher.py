"""A simulated teacher: an endpoint whose questions, and what it thinks of each, are known.

`python bench/server.py --texts bench.teacher:answer` serves it. A question is named by its deck and number,
from which its truth follows: four options, the teacher's accuracy on it (drawn from the deck's Beta mix), and
whether it is ill-posed. What a solve says is drawn from that truth, from the prompt and from the request's
seed alone, so that nothing depends on the order of requests. Like a real model it sees only the prompt: it
finds the options where they are shown, and prefers the place that is shown first.
"""

import hashlib
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

BIAS = 0.10  # the share of solves that take the option shown first, whatever it is
UNREADABLE = 0.03  # the share of solves without an answer
ILL_POSED = 0.10  # the share of questions with two defensible answers, or with none
CHARS = {"reasoning": 1500, "knowledge": 1960, "distractors": 2050, "direct": 0}
"""Length of what a solve writes beside its answer, by style: the means of the demo's recorded solves."""

_STYLE = {"First show how": "reasoning", "First write what": "knowledge", "First compare": "distractors"}
_NAMED = re.compile(r"Item (\d+) of deck (\S+):")
_SHOWN = re.compile(r"^([A-Z])\) (.+)$", re.MULTILINE)
_NOUNS = [
    "amber", "basin", "cedar", "delta", "ember", "fjord", "grove", "harbour", "island", "jetty", "kiln",
    "ledger", "meadow", "needle", "orchard", "paddle", "quarry", "ribbon", "saddle", "timber", "valley",
    "willow", "anchor", "beacon", "copper", "dune", "easel", "ferry", "garnet", "hollow", "inlet",
    "lantern",
]  # fmt: skip
_TRAITS = [
    "broad", "calm", "dark", "early", "firm", "grey", "heavy", "inner", "keen", "light", "mild",
    "narrow", "old", "pale", "quick", "rough", "slow", "tall",
]  # fmt: skip


@dataclass(frozen=True)
class Truth:
    """What is known of one question.

    :param gold: the right option's index; None where the question is ill-posed: then no answer is right.
    :param shares: by option, how often the teacher arrives at it where places do not matter.
    """

    options: tuple[str, ...]
    gold: int | None
    shares: tuple[float, ...]

    @property
    def majority(self) -> int:
        """The option that the teacher arrives at most often."""
        return max(range(len(self.shares)), key=lambda i: self.shares[i])


def deck(alpha: float, beta: float, run: int = 0) -> str:
    """Return the name of a deck whose accuracies are drawn from Beta(alpha, beta)."""
    return f"{alpha:g}/{beta:g}/{run}"


@lru_cache(maxsize=100_000)
def truth(name: str, number: int) -> Truth:
    """Return the truth of one question of a deck."""
    alpha, beta, _ = name.split("/")
    rng = random.Random(f"truth {name} {number}")
    words = zip(rng.sample(_TRAITS, 4), rng.sample(_NOUNS, 4), strict=True)
    options = tuple(f"the {trait} {noun}" for trait, noun in words)
    first, *others = rng.sample(range(4), 4)
    if rng.random() >= ILL_POSED:
        accuracy = rng.betavariate(float(alpha), float(beta))
        # Few wrong answers take most of the mistakes: Dirichlet(1/2, 1/2, 1/2).
        wrong = [rng.gammavariate(0.5, 1) for _ in others]
        return Truth(options, first, _spread(first, accuracy, others, wrong))
    if rng.random() < 0.5:
        split = 0.96 * rng.betavariate(20, 20)
        shares = _spread(first, split, others, [0.96 - split, 0.02, 0.02])
        return Truth(options, None, shares)
    drawn = [rng.gammavariate(1, 1) for _ in range(4)]
    return Truth(options, None, tuple(share / sum(drawn) for share in drawn))


def _spread(first: int, share: float, others: Sequence[int], weights: Sequence[float]) -> tuple[float, ...]:
    rest = {other: (1 - share) * weight / sum(weights) for other, weight in zip(others, weights, strict=True)}
    return tuple(share if i == first else rest[i] for i in range(4))


def question_text(name: str, number: int) -> str:
    """Return how a question is asked; the options are shown below it."""
    return f"Item {number} of deck {name}: which of these four belongs to it?"


def proposal(name: str, number: int) -> int:
    """Return the option that a writer proposes: the teacher's own answer, once, before places can matter."""
    rng = random.Random(f"writer {name} {number}")
    return rng.choices(range(4), truth(name, number).shares)[0]


def answer(prompt: str, choice: int) -> str:
    """Return the text of one solve; it depends on nothing but its arguments."""
    asked = prompt.rpartition("# Question")[2]
    named = _NAMED.search(asked)
    shown = _SHOWN.findall(asked)
    assert named is not None, "this endpoint answers items of its decks only"
    known = truth(named[2], int(named[1]))
    rng = random.Random(hashlib.sha256(f"{choice} {prompt}".encode()).digest())
    style = next((style for words, style in _STYLE.items() if words in prompt), "direct")
    beside = _prose(rng, CHARS[style])
    if rng.random() < UNREADABLE:
        return f"{beside}\n\nIt is hard to say more about this."
    if rng.random() < BIAS:
        label, text = shown[0]
    else:
        text = known.options[rng.choices(range(4), known.shares)[0]]
        label = next(label for label, option in shown if option == text)
    return f"{beside}\n\nAnswer: {rng.choice([text, text, label, f'{label}) {text}'])}"


@lru_cache(maxsize=1)
def _sentences() -> list[str]:
    rng = random.Random("sentences")
    made = []
    for _ in range(5000):
        noun, other, third = rng.sample(_NOUNS, 3)
        trait, second = rng.sample(_TRAITS, 2)
        made.append(f"The {noun} is {trait} because a {second} {other} was found near the {third}.")
    return made


def _prose(rng: random.Random, chars: int) -> str:
    text = " ".join(rng.choices(_sentences(), k=chars // 60))
    return text[: text.rfind(".", 0, chars) + 1]
