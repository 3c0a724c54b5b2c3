"""What a calibration says of the labels of a data set, or of a pilot's questions."""

from collections import Counter
from collections.abc import Iterable, Sequence

import orjson
import pyarrow as pa

from taskseed.checks.calibration import level_of
from taskseed.checks.label_precision import LabelPrecision, Voted, label_precision
from taskseed.checks.votes import decide, tally
from taskseed.io import read_table
from taskseed.recipe import Recipe
from taskseed.records import Decision, Dropped, Sample
from taskseed.run.calibrate import STAGE, Calibrated
from taskseed.run.directory import RunDirectory
from taskseed.stages.ballots import rule_of

__all__ = ["KeptQuestions", "labels_of_dataset", "labels_of_pilot"]

_DISAGREES = "disagrees_with_writer"


class KeptQuestions:
    """Counts the questions of a data set whose answer votes established; each once, however many rows it has.

    :param levels: how many, by family and place of their agreement's level; see `level_of`.
    """

    def __init__(self) -> None:
        self._known: set[str] = set()  # a question's rows may stand anywhere among the others
        self.levels: Counter[tuple[str, int]] = Counter()

    def add(self, rows: pa.Table) -> None:
        """Count the questions of some rows of the data set."""
        names = ("question_id", "family", "agreement", "verifier")
        for told in zip(*(rows.column(name).to_pylist() for name in names), strict=True):
            self.count(*told)

    def count(self, question_id: str, family: str, agreement: float | None, verifier: str) -> None:
        """Count one question, unless it was, or nobody voted on it, or its answer was recomputed."""
        if agreement is not None and verifier != "recomputed" and question_id not in self._known:
            self._known.add(question_id)
            self.levels[family, level_of(agreement)] += 1


def labels_of_dataset(
    directory: RunDirectory, recipe: Recipe, kept: KeptQuestions, shards: int
) -> LabelPrecision | None:
    """Return the label precision to expect of a data set's own questions; None without a calibration.

    It is about questions whose answer votes established; recomputed ones are not in it.

    :param kept: the questions of the data set.
    :param shards: how many shards, from the first on, it was made of.
    """
    summary = directory.summary(STAGE)
    if summary is None or not recipe.enrich.calibrate:
        return None
    seen = [same for shard in range(shards) for same in _agreements(directory, shard, recipe)]
    voted = _voted(kept, seen, recipe.enrich.on_disagreement == "replace")
    return label_precision(Calibrated.read(summary.facts).figures, voted, realised=True)


def labels_of_pilot(
    calibrated: Calibrated, ended: Iterable[Decision | Dropped], samples: Iterable[Sample], recipe: Recipe
) -> LabelPrecision | None:
    """Return the label precision to expect of a whole run, from a pilot's questions.

    :param ended: every entry of enrich.
    """
    kept = KeptQuestions()
    for s in samples:
        kept.count(s.question_id, s.family, s.agreement, s.verifier)
    seen: list[bool] = []
    for entry in ended:
        if isinstance(entry, Decision):
            if entry.question.derivation == "written":
                seen.append(entry.answer == entry.question.answer)
        elif entry.reason == _DISAGREES and _arrived(entry.record, recipe):
            seen.append(False)
    voted = _voted(kept, seen, recipe.enrich.on_disagreement == "replace")
    return label_precision(calibrated.figures, voted, realised=False)


def _voted(kept: KeptQuestions, seen: Sequence[bool], replaced: bool) -> Voted:
    """Return the votes of a data set.

    :param seen: of each decided vote on a written question, whether it was for the writer's answer.
    """
    agreed = sum(seen)
    return Voted(kept.levels, agreed, len(seen) - agreed, replaced)


def _agreements(directory: RunDirectory, shard: int, recipe: Recipe) -> list[bool]:
    """Return, of each decided vote on a written question of a shard, whether it is the writer's answer."""
    kept = read_table(directory.shard_path("enrich", "kept", shard), ["question", "answer"]).to_pydict()
    seen = []
    for text, answer in zip(kept["question"], kept["answer"], strict=True):
        question = orjson.loads(text)
        if question["derivation"] == "written":
            seen.append(answer == question["answer"])
    dropped = read_table(directory.shard_path("enrich", "dropped", shard), ["reason", "record"]).to_pydict()
    records = zip(dropped["reason"], dropped["record"], strict=True)
    return seen + [False for reason, record in records if reason == _DISAGREES and _arrived(record, recipe)]


def _arrived(record: str, recipe: Recipe) -> bool:
    """Tell whether the votes on a written question arrived at the other answer that they are dropped for.

    Those that ended because the writer's answer would hardly be confirmed may not have: they count as decided
    where as many votes for the writer's answer would have been.
    """
    candidate = orjson.loads(record)
    if candidate["question"]["derivation"] != "written":
        return False
    counted = tally([solve["vote"] for solve in candidate["solves"]])
    return decide(counted, rule_of(recipe.enrich), counted.votes_for) == "agreed"
