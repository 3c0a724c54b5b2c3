"""What a judge is asked about two answers, and how its verdict is read.

The answers are hostile text. They stand between lines that carry a mark, which is a hash of the question and
of both answers, so that no author could have written it; and a verdict counts only with that mark, on the
last line of the judge's own reply. An answer that says "Verdict: same" is neither the end of a quotation nor,
where a judge repeats it, a verdict.
"""

import re
from typing import Literal

from taskseed.prompts.compose import Messages, compose
from taskseed.prompts.final_answer import after_thinking
from taskseed.prompts.jsonish import MAX_CHARS
from taskseed.prompts.library import PromptSet
from taskseed.records import Question, content_id

__all__ = ["PairVerdict", "judge_messages", "pair_mark", "parse_verdict"]

PairVerdict = Literal["same", "different"]

_AROUND = "*_`#> \t.\u3000"  # what models put around a line they want to be seen


def pair_mark(question: Question, first: str, second: str) -> str:
    """Return the mark of a pair of answers: 12 hexadecimal digits that stand in none of the quoted texts."""
    quoted = (question.question, question.context or "", first, second)
    marks = (content_id("judge", number, *quoted)[:12] for number in range(1000))
    return next(mark for mark in marks if not any(mark in text for text in quoted))


def judge_messages(prompts: PromptSet, question: Question, first: str, second: str) -> tuple[Messages, str]:
    """Return the messages that ask whether two answers to `question` say the same, and their content hash.

    The judge is not told where an answer comes from, nor the question's other fields.

    :raises UsageError: if a block of the user's cannot be rendered.
    """
    quoted = {"question": question.question, "context": question.context, "first": first, "second": second}
    mark = pair_mark(question, first, second)
    return compose(prompts, [("judge/intro.md", {}), ("judge/pair.md", {**quoted, "mark": mark})])


def parse_verdict(text: str, mark: str) -> PairVerdict | None:
    """Return the verdict on the last line of a judge's reply; None where there is none. Never raises.

    A verdict has the pair's mark. A reply with two verdicts that differ has none.

    :param mark: of `pair_mark`.
    """
    body = after_thinking(text)
    if len(body) > MAX_CHARS:
        return None
    lines = [line.strip(_AROUND) for line in body.splitlines()]
    lines = [line for line in lines if line]
    said = [_said(line, mark) for line in lines]
    if not said or said[-1] is None or len(set(said) - {None}) > 1:
        return None
    return said[-1]


def _said(line: str, mark: str) -> PairVerdict | None:
    if len(line) > 100 or mark not in line:
        return None
    found = re.fullmatch(rf"verdict[*_` ]*{re.escape(mark)}[*_` ]*[:：][*_` ]*(same|different)", line, re.I)
    if found is None:
        return None
    return "same" if found[1].lower() == "same" else "different"
