"""What the mock server of `bench/memory.py` writes: questions that are all different, and right solves."""

import hashlib
import json
import re

SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]


def answer(prompt: str, choice: int) -> str:
    """Return the text of one choice; it depends on nothing but its arguments."""
    return write(prompt, choice) if "# Seed" in prompt else solve(prompt)


def write(prompt: str, choice: int) -> str:
    left = int.from_bytes(hashlib.sha512(f"{choice} {prompt}".encode()).digest())
    words = []
    for _ in range(24):
        left, one = divmod(left, len(SYLLABLES))
        left, two = divmod(left, len(SYLLABLES))
        words.append(SYLLABLES[one] + SYLLABLES[two])
    a, b, c = 3 + left % 40, 2 + left % 31, 1 + left % 59
    question = (
        f"{' '.join(words)} put {a} pins into each of {b} boxes and kept {c} pins. How many pins in all?"
    )
    worked = f"{a} * {b} = {a * b}; {a * b} + {c} = {a * b + c}"
    return json.dumps({"question": question, "explanation": worked, "answer": str(a * b + c)})


def solve(prompt: str) -> str:
    question = prompt.rpartition("# Question")[2]
    a, b, c = [*(int(n) for n in re.findall(r"\d+", question)[:3]), 1, 1, 1][:3]
    right = a * b + c
    return f"The boxes hold {a} * {b} = {a * b} pins. With the rest that makes {right}.\n\nAnswer: {right}"
