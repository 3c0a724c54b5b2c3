"""Free text: solves of one question put together by what they say, which a judge decides pair by pair.

Not a stage: `enrich` counts votes on what comes out of here. The judge is asked as seldom as the vote allows.
Answers that are the same to the letter need no judge. Where only the writer's proposal can win
(`on_disagreement: drop`), each other answer is compared with the proposal alone; else with one answer of each
group, the largest group first. And the second order of a pair is asked only if the first one said `same`,
because two answers go together only if both orders say so (Zheng et al. 2023, arXiv 2306.05685, section 3.4:
a verdict that depends on the order is none).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from taskseed.checks.answers import vote_key
from taskseed.concurrency import settle
from taskseed.models.base import CUT_OFF, Prompt
from taskseed.models.stored import Answer, Ask, Spent, untold
from taskseed.prompts import PromptSet, judge_messages, pair_mark, parse_verdict
from taskseed.records import Question

__all__ = ["OTHER", "PROPOSED", "Groups", "Judge", "most_requests"]

_PAIRS_PER_VOTE = 2  # beyond `anchored`, where one is enough; what is not placed by then is nobody's vote
PROPOSED, OTHER = "what the writer's answer says", "something else than the writer's answer"


@dataclass(frozen=True, slots=True)
class Judge:
    """The model that compares answers, and how it is asked.

    :param spent: is told of each ask.
    """

    ask: Ask
    model: str
    sampling: dict[str, object]
    prompts: PromptSet
    spent: Spent = untold

    async def same(self, question: Question, left: str, right: str) -> bool | Answer:
        """Say whether two answers are the same in both orders; returns the answer that is no response."""
        for first, second in ((left, right), (right, left)):
            messages, _ = judge_messages(self.prompts, question, first, second)
            prompt = Prompt(self.model, messages, self.sampling)
            (answer,) = await self.ask(prompt, [0])
            self.spent(question.task, prompt, [answer])
            if answer.completion is None:
                return answer
            completion = answer.completion
            cut = completion.finish_reason in CUT_OFF
            if cut or parse_verdict(completion.text, pair_mark(question, first, second)) != "same":
                return False
        return True


def most_requests(max_votes: int, *, anchored: bool) -> int:
    """Return how often a judge is asked at most about one question.

    A pair takes two requests where both say `same`, which places an answer, and else one.
    """
    return 2 * max_votes if anchored else (_PAIRS_PER_VOTE + 1) * max_votes


class Groups:
    """The answers to one question, in groups that say the same.

    :param anchored: whether only the writer's proposal can win: then what differs from it counts as one other
        answer, the strongest rival that it could be.
    :param max_votes: answers at most; bounds how often the judge is asked (see `most_requests`). An answer
        that is not placed by then is nobody's vote.
    """

    def __init__(self, question: Question, judge: Judge, *, anchored: bool, max_votes: int) -> None:
        self._question = question
        self._judge = judge
        self._left = _PAIRS_PER_VOTE * max_votes
        self._names: dict[str, str] = {}  # by an answer's exact text: the name of its group
        self._sizes: dict[str, int] = {}  # by name, in the order of arrival
        self._judged: set[str] = set()  # the names under which the judge put anything
        own = _exact(question.answer)
        self._anchored = anchored and own is not None
        self.proposed: str | None = None  # the name of the proposal's group
        if own is not None:
            self.proposed = self._found(own, PROPOSED if self._anchored else question.answer)

    async def votes(self, answers: Sequence[str | None]) -> list[str | None] | Answer:
        """Return the name of each answer's group; None for what is nobody's vote.

        :param answers: of all solves so far, in their order; None where nothing could be read.
        :returns: or the answer of the judge that is no response.
        """
        keys = [None if answer is None else _exact(answer) for answer in answers]
        fresh = [key for key in dict.fromkeys(keys) if key is not None and key not in self._names]
        missing = await (self._compare_with_proposal(fresh) if self._anchored else self._place(fresh))
        if missing is not None:
            return missing
        votes = [None if key is None else self._names.get(key) for key in keys]
        self._sizes = {name: votes.count(name) for name in self._sizes}
        return votes

    def judge_behind(self, name: str) -> str | None:
        """Return the judge's model if it put any answer into a group; else all are so to the letter."""
        return self._judge.model if name in self._judged else None

    async def _compare_with_proposal(self, fresh: Sequence[str]) -> Answer | None:
        answer = self._question.answer
        verdicts = await settle(self._judge.same(self._question, answer, key) for key in fresh)
        for key, same in zip(fresh, verdicts, strict=True):
            if isinstance(same, Answer):
                return same
            self._join(key, PROPOSED if same else OTHER)
        return None

    async def _place(self, fresh: Sequence[str]) -> Answer | None:
        """Put answers into groups one after another: what the next is compared with depends on it."""
        for key in fresh:
            found = await self._group_of(key)
            if isinstance(found, Answer):
                return found
            if found:
                self._join(key, found)
            elif self._left > 0:
                self._found(key, key)
        return None

    async def _group_of(self, key: str) -> str | Answer | None:
        for name in sorted(self._sizes, key=lambda n: -self._sizes[n]):
            if self._left <= 0:
                return None
            self._left -= 1
            same = await self._judge.same(self._question, name, key)
            if isinstance(same, Answer):
                return same
            if same:
                return name
        return None

    def _found(self, key: str, name: str) -> str:
        self._names[key] = name
        self._sizes.setdefault(name, 0)
        return name

    def _join(self, key: str, name: str) -> None:
        self._found(key, name)
        self._judged.add(name)
        self._sizes[name] += 1


def _exact(answer: str) -> str | None:
    return vote_key("free_text", answer)
