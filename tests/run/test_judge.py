"""Free text through a whole run: a judge on an endpoint of its own, counted, priced, stored and forecast."""

import json
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from taskseed.errors import StoppedShort, UsageError
from taskseed.recipe import Recipe, parse_recipe
from taskseed.run.askers import endpoints
from taskseed.run.events import unwatched
from taskseed.run.fingerprints import changes
from taskseed.run.pipeline import Spending
from taskseed.run.plan import make_plan
from tests.run.helpers import dropped, make, rows, told, unbalanced
from tests.servers import MockServer, Reply, chat
from tests.teacher import PLACES, THINGS, draw

RECIPE = """
name: t
tasks: {{include: [wmt16-de-en], hub: {hub}}}
held_out: {{suites: []}}
models:
  writer:
    model: teacher
    base_url: "{url}"
    price: {{input: 1.0, output: 2.0}}
    sampling: {{seed: 100, max_tokens: 100}}
  judge: {judge}
generate: {{questions_per_seed: 1}}
enrich: {{min_votes: 3, max_votes: 4, confidence: 0.9, styles: [reasoning]}}
"""
JUDGE = (
    '{{model: judge, base_url: "{url}", price: {{input: 10.0, output: 20.0}}, '
    "sampling: {{temperature: 0, max_tokens: 50}}}}"
)
SEEDS = 12
USAGE = {"prompt_tokens": 100, "completion_tokens": 10}


def teach(request: dict[str, Any], number: int) -> Reply:
    """Write sentences and translate them, in one of two wordings; each fourth time of another town."""
    prompt, choice = request["messages"][-1]["content"], request.get("seed") or 0
    return chat(*(_said(prompt, choice + i) for i in range(request.get("n") or 1)), usage=USAGE)


def _said(prompt: str, choice: int) -> str:
    if "# Seed" in prompt:
        d = draw(f"write {choice} {prompt}")
        town, thing, count = d.of(PLACES), d.of(THINGS), 3 + d.below(900)
        asked = f"Translate this sentence into English: In {town} liegen {count} Kisten ({thing})."
        return json.dumps({"question": asked, "answer": f"There are {count} boxes of {thing} in {town}."})
    if house := re.search(r"Das Haus Nummer (\d+) in der Gasse", prompt):  # a seed: odd houses are mistaken
        number = int(house[1]) + int(house[1]) % 2
        return f"A house.\n\nAnswer: {(f'House {number} is aged.', f'Old is House {number}.')[choice % 2]}"
    town, count, thing = re.findall(r"In (\w+) liegen (\d+) Kisten \((\w+)\)", prompt)[-1]
    town = "Oslo" if choice % 4 == 3 else town
    said = (f"In {town} there are {count} boxes of {thing}.", f"{count} boxes of {thing} lie in {town}.")
    return f"The verb is plain.\n\nAnswer: {said[choice % 2]}"


def judge(request: dict[str, Any], number: int) -> Reply:
    """Say `same` of two answers with the same town or house, whatever they say besides."""
    prompt = request["messages"][-1]["content"]
    mark = re.findall(r"^Verdict (\w+):", prompt, re.MULTILINE)[-1]
    said = re.findall(rf"^<(?:first|second) answer {mark}>\n(.*?)\n</", prompt, re.MULTILINE | re.DOTALL)
    about = [
        [town for town in [*PLACES, "Oslo"] if town in answer] + re.findall(r"House \d+", answer)
        for answer in said
    ]
    return chat(f"Verdict {mark}: {'same' if about[0] == about[1] else 'different'}", usage=USAGE)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mirror with sentences to translate."""
    folder = tmp_path_factory.mktemp("hub")
    pairs = [
        (f"Das Haus Nummer {n} in der Gasse ist {n * 7} Jahre alt und leer.", f"House {n} is old.")
        for n in range(SEEDS)
    ]
    for split, chosen in (("train", pairs), ("validation", []), ("test", [])):
        made = [
            {"translation": {"de": de, "en": en}} for de, en in chosen or [("Der Hund bellt.", "It barks.")]
        ]
        path = folder / f"wmt/wmt16/de-en/{split}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist(made), path)
    return folder


def recipe(hub: Path, url: str, judge_url: str | None, *sets: str) -> Recipe:
    """Return a recipe over one translation task."""
    judge = "null" if judge_url is None else JUDGE.format(url=judge_url)
    return parse_recipe(RECIPE.format(hub=hub, url=url, judge=judge), sets=("tasks.min_train_rows=1", *sets))


def test_a_judge_verifies_free_text(hub: Path, tmp_path: Path) -> None:
    """Answers in other words are kept as `judge`; what it is asked and costs is told apart."""
    with MockServer(teach) as teacher, MockServer(judge) as judging:
        chosen = recipe(hub, teacher.base_url, judging.base_url)
        state = make(chosen, tmp_path)
        kept = rows(tmp_path)
        assert {(r["kind"], r["verifier"], r["judge_model"], r["agreement"]) for r in kept} == {
            ("free_text", "judge", "judge", 1.0)
        }
        assert (len({r["question_id"] for r in kept}), unbalanced(state)) == (SEEDS, [])
        # Two wordings beside the writer's: two pairs, each asked both ways.
        assert (judging.requests, judging.repeats) == (4 * SEEDS, 0)
        used = {row["role"]: row for row in state["usage"]}
        assert [used["judge"][k] for k in ("stage", "requests", "input", "output")] == [
            "enrich", 4 * SEEDS, 400 * SEEDS, 40 * SEEDS
        ]  # fmt: skip
        assert used["judge"]["cost_usd"] == round(SEEDS * (400 * 10.0 + 40 * 20.0) / 1e6, 6)
        by_task = {row["role"]: (row["task"], row["answers"]) for row in state["usage_by_task"]}
        assert by_task["judge"] == ("wmt16-de-en", 4 * SEEDS)
        assert by_task["solver"] == ("wmt16-de-en", 3 * SEEDS)
        before = judging.requests, teacher.requests
        again = make(chosen, tmp_path)
        assert ((judging.requests, teacher.requests), again["last"]["sent"]) == (before, 0)


def test_the_judge_is_looked_at_like_the_other_models(hub: Path) -> None:
    """What doctor probes and a run checks before it asks: each role's endpoint, the judge's too."""
    chosen = recipe(hub, "http://127.0.0.1:1/v1", "http://127.0.0.1:2/v1")
    found = [(role, spec.model, served[0].base_url[-4:]) for role, spec, served in endpoints(chosen)]
    assert found == [("writer", "teacher", "1/v1"), ("solver", "teacher", "1/v1"), ("judge", "judge", "2/v1")]


def test_a_store_answers_for_the_judge_too(hub: Path, tmp_path: Path) -> None:
    """A run replayed from another's store makes the same rows and asks nobody."""
    with MockServer(teach) as teacher, MockServer(judge) as judging:
        first = make(recipe(hub, teacher.base_url, judging.base_url), tmp_path / "a")
        replay = f"responses={{store: {tmp_path / 'a/responses'}, on_miss: refuse}}"
        second = make(recipe(hub, teacher.base_url, judging.base_url, replay), tmp_path / "b")
    assert second["dataset"] == first["dataset"]
    assert second["requests"]["sent"] == 0


def test_without_a_judge_free_text_is_refused_at_collect(hub: Path, tmp_path: Path) -> None:
    """No token is paid; the error names the judge, and the rule that would let it through."""
    with MockServer(teach) as teacher:
        with pytest.raises(
            UsageError, match=r"`wmt16-de-en`: unverifiable: .* models.judge is null"
        ) as refused:
            make(recipe(hub, teacher.base_url, None), tmp_path)
        assert "tasks.allow_unverifiable" in refused.value.hint
        assert teacher.requests == 0


def test_allowed_without_a_judge_only_verbatim_answers_are_kept(hub: Path, tmp_path: Path) -> None:
    """The recipe may allow free text; two wordings are then two answers, and nothing unverified is kept."""
    with MockServer(teach) as teacher:
        state = make(recipe(hub, teacher.base_url, None, "tasks.allow_unverifiable=true"), tmp_path)
    assert rows(tmp_path) == []
    reasons = {d["reason"] for d in dropped(tmp_path, "enrich")}
    assert (reasons, unbalanced(state)) == ({"disagrees_with_writer"}, [])


def test_a_judge_is_in_the_budget(hub: Path, tmp_path: Path) -> None:
    """A budget that writer and solver keep is passed by the judge: the run stops short of it."""
    with MockServer(teach) as teacher, MockServer(judge) as judging:
        chosen = recipe(hub, teacher.base_url, judging.base_url, "models.judge.concurrency=1")
        with pytest.raises(StoppedShort):
            make(chosen, tmp_path, spending=Spending(usd=0.03))
        state = told(tmp_path, chosen)
    assert state["cost_usd"] <= 0.03
    assert {row["role"] for row in state["usage"]} == {"writer", "solver", "judge"}


def test_a_plan_forecasts_the_judge(hub: Path, tmp_path: Path) -> None:
    """The bounds hold the most that a judge can be asked, and a pilot of all seeds tells what it is asked."""
    with MockServer(teach) as teacher, MockServer(judge) as judging:
        chosen = recipe(hub, teacher.base_url, judging.base_url)
        bounds = make_plan(chosen, tmp_path, 0, None, Spending(), unwatched).figures["answers"]
        pilot = make_plan(chosen, tmp_path, SEEDS, None, Spending(), unwatched).figures["answers"]
    # One question a seed: three tries of the writer, four votes, and one pair for each, asked both ways.
    assert (bounds.low, bounds.high) == (SEEDS, SEEDS * (3 + 4 + 8))
    assert pilot.pilot == SEEDS * (1 + 3 + 4)


def test_another_judge_judges_the_same_solves(hub: Path, tmp_path: Path) -> None:
    """Only the stages from `enrich` on are made again, and nothing is asked but the new judge."""
    with MockServer(teach) as teacher, MockServer(judge) as judging:
        chosen = recipe(hub, teacher.base_url, judging.base_url)
        make(chosen, tmp_path)
        other = recipe(hub, teacher.base_url, judging.base_url, "models.judge.model=other")
        assert {(c.key, c.stage) for c in changes(chosen, other)} == {("models.judge.model", "enrich")}
        asked = teacher.requests
        make(other, tmp_path, update=True)
        assert (teacher.requests, {r["judge_model"] for r in rows(tmp_path)}) == (asked, {"other"})


def test_seeds_of_free_text_are_calibrated_with_the_judge(hub: Path, tmp_path: Path) -> None:
    """Answers in other words than the gold one are right if the judge says so; both models' share is told."""
    with MockServer(teach) as teacher, MockServer(judge) as judging:
        chosen = recipe(hub, teacher.base_url, judging.base_url, f"enrich.calibrate={SEEDS}")
        bounds = make_plan(chosen, tmp_path, 0, None, Spending(), unwatched).figures["answers"]
        pilot = make_plan(chosen, tmp_path, SEEDS, None, Spending(), unwatched)
        state = make(chosen, tmp_path)
    assert bounds.high == SEEDS * (3 + 4 + 8) + SEEDS * (4 + 12)
    found = state["calibration"]["overall"]
    assert (found["seeds"], found["decided"], found["right"]) == (SEEDS, SEEDS, SEEDS // 2)
    assert (found["accuracy"], unbalanced(state)) == (0.5, [])
    took = {row["role"]: row for row in state["usage_by_task"] if row["stage"] == "calibrate"}
    solved, judged = state["calibration"]["took"], state["calibration"]["judged"]
    assert {role: row["answers"] for role, row in took.items()} == {
        "solver": solved["answers"],
        "judge": judged["answers"],
    }
    assert solved["answers"] == 3 * SEEDS
    assert pilot.calibration["took"] == {
        name: pytest.approx(sum(row[key] for row in took.values()))
        for name, key in (
            ("answers", "answers"),
            ("input", "input"),
            ("output", "output"),
            ("usd", "cost_usd"),
        )
    }
    assert state["calibration"]["label_precision"]["questions"] == SEEDS


def test_without_a_judge_seeds_of_free_text_are_not_calibrated(hub: Path, tmp_path: Path) -> None:
    """Allowed free text is written, but no vote on its seeds could be judged, so that none is asked for."""
    with MockServer(teach) as teacher:
        allowed = ("tasks.allow_unverifiable=true", f"enrich.calibrate={SEEDS}")
        state = make(recipe(hub, teacher.base_url, None, *allowed), tmp_path)
        prompts = [request["messages"][-1]["content"] for request in teacher.received]
    assert (state["calibration"]["asked"], state["calibration"]["families"]) == (0, [])
    assert sum("# Seed" not in p and "Das Haus Nummer" in p for p in prompts) == 0
