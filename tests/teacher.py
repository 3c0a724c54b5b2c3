"""A model that can be reasoned about: writes arithmetic questions and solves them, mostly rightly.

What it says depends on the request's text and seed (plus the choice's number) alone, so that a run can
be repeated. Some of its questions are malformed or wrongly answered, some of its solves wrong or unreadable.
"""

import hashlib
import json
import re
from typing import Any

from tests.servers import Reply, chat

PLACES = ["Accra", "Bergen", "Cusco", "Dakar", "Evora", "Fes", "Hanoi", "Izmir", "Jaipur", "Kyoto", "Lviv"]
PEOPLE = ["baker", "gardener", "tailor", "potter", "florist", "farmer", "plumber", "sailor", "teacher"]
THINGS = ["rolls", "tulips", "buttons", "bowls", "roses", "turnips", "pipes", "ropes", "pencils", "spoons"]
BOXES = ["baskets", "crates", "drawers", "shelves", "buckets", "wagons", "cartons", "sacks", "trays"]


def draw(text: str) -> "Draw":
    """Return a source of choices that depends on the text only."""
    return Draw(hashlib.sha256(text.encode()).digest())


class Draw:
    """Numbers from a digest."""

    def __init__(self, digest: bytes) -> None:
        self.left = int.from_bytes(digest)

    def below(self, n: int) -> int:
        """Return the next number below n."""
        self.left, number = divmod(self.left, n)
        return number

    def of(self, words: list[str]) -> str:
        """Return the next word of a list."""
        return words[self.below(len(words))]


def respond(request: dict[str, Any], number: int) -> Reply:
    """Answer one chat request."""
    prompt = request["messages"][-1]["content"]
    first = request.get("seed") or 0
    texts = [answer(prompt, first + i) for i in range(request.get("n") or 1)]
    words = sum(len(t.split()) for t in texts)
    usage = {"prompt_tokens": len(prompt.split()), "completion_tokens": words}
    return chat(*texts, usage=usage)


def answer(prompt: str, choice: int) -> str:
    """Return the text for one choice."""
    if "# Seed" in prompt:
        return write(prompt, choice)
    return solve(prompt, choice)


def write(prompt: str, choice: int) -> str:
    """Return a new question as JSON; one in twelve malformed, one in ten with a wrong answer."""
    d = draw(f"write {choice} {prompt}")
    if d.below(12) == 0:
        return "Here is a question about numbers, but not in the form you asked for."
    a, b, c = 3 + d.below(40), 2 + d.below(30), 1 + d.below(60)
    who, where, what, box = d.of(PEOPLE), d.of(PLACES), d.of(THINGS), d.of(BOXES)
    question = (
        f"A {who} in {where} puts {a} {what} into each of {b} {box} and keeps {c} {what} aside for a friend. "
        f"How many {what} did the {who} have at first?"
    )
    right = a * b + c
    proposed = right + 10 if d.below(10) == 0 else right
    worked = f"{a} * {b} = {a * b}; {a * b} + {c} = {right}"
    return json.dumps({"question": question, "explanation": worked, "answer": str(proposed)})


def solve(prompt: str, choice: int) -> str:
    """Return a solve; one in fifteen wrong, one in twenty unreadable."""
    d = draw(f"solve {choice} {prompt}")
    question = prompt.rpartition("# Question")[2]
    numbers = [int(n) for n in re.findall(r"\d+", question)[:3]] or [1]
    a, b, c = [*numbers, 1, 1, 1][:3]
    if d.below(20) == 0:
        return "I would rather not say."
    right = a * b + c + (7 if d.below(15) == 0 else 0)
    worked = f"The filled ones hold {a} * {b} = {a * b} in all. With the rest that makes {right}."
    return f"{worked}\n\nAnswer: {right}"
