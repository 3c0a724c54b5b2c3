"""A teacher that knows the answers of some built-in tasks by heart, and nothing of the others.

It writes as `tests.teacher` does, and solves what that writes. Seeds of tasks that it does not know it
answers wrongly, always in the same way.
"""

import json
import re
from collections.abc import Collection
from typing import Any

from taskseed.tasks import BUILTIN_PATH
from tests import teacher
from tests.servers import Reply, Respond, chat


def golds(task: str) -> dict[str, str]:
    """Return the right answer of each training question of a built-in task, as the row has it."""
    found = {}
    for line in (BUILTIN_PATH / task / "train.jsonl").read_text().splitlines():
        row = json.loads(line)
        right = row["choices"][row["answer"]] if "choices" in row else row["answer"].rpartition("#### ")[2]
        found[row["question"]] = right
    return found


def scholar(knows: Collection[str], ignores: Collection[str] = ()) -> Respond:
    """Return the answers of a teacher.

    :param knows: the built-in tasks whose seeds it solves; `ignores`: those that it gets wrong.
    """
    known = {question: gold for task in knows for question, gold in golds(task).items()}
    missed = {question: gold for task in ignores for question, gold in golds(task).items()}

    def answer(prompt: str, choice: int) -> str:
        asked = prompt.rpartition("# Question\n\n")[2]
        question = asked.partition("\n\nA) ")[0].strip()
        if "# Seed" in prompt or question not in known | missed:
            return teacher.answer(prompt, choice)
        if question in known:
            return f"It is known.\n\nAnswer: {known[question]}"
        options = re.findall(r"^[A-Z]\) (.+)$", asked, flags=re.MULTILINE)
        wrong = next((o for o in sorted(options) if o != missed[question]), "12345")
        return f"It is guessed.\n\nAnswer: {wrong}"

    def respond(request: dict[str, Any], number: int) -> Reply:
        prompt, first = request["messages"][-1]["content"], request.get("seed") or 0
        texts = [answer(prompt, first + i) for i in range(request.get("n") or 1)]
        usage = {
            "prompt_tokens": len(prompt.split()),
            "completion_tokens": sum(len(t.split()) for t in texts),
        }
        return chat(*texts, usage=usage)

    return respond
