"""Data that must fit a JSON schema through a whole run, from rows in the columns of JSONSchemaBench."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from taskseed.checks.structures.validation import violations
from taskseed.io import read_table
from taskseed.recipe import parse_recipe
from tests.run.helpers import dropped, make, rows, unbalanced
from tests.servers import MockServer, Reply, chat
from tests.teacher import PEOPLE, PLACES, THINGS, draw

SEEDS = 16
RECIPE = """
name: t
tasks: {{include: [jsonschema_bench_easy], hub: {hub}, min_train_rows: 1}}
held_out: {{suites: []}}
models: {{writer: {{model: teacher, base_url: "{url}", sampling: {{seed: 100}}}}}}
generate: {{questions_per_seed: 1, attempts: 1}}
enrich: {{min_votes: 3, max_votes: 5, confidence: 0.85, styles: [reasoning]}}
"""
BOMB = {"type": "object", "properties": {"town": {"pattern": "^(a+)+$"}}, "required": ["town"]}


def teach(request: dict[str, Any], number: int) -> Reply:
    """Write schemas, some of them bad, and answer with values, every fifth of which does not fit."""
    prompt, choice = request["messages"][-1]["content"], request.get("seed") or 0
    return chat(*(_said(prompt, choice + i) for i in range(request.get("n") or 1)))


def _said(prompt: str, choice: int) -> str:
    if "# Seed" in prompt:
        return _written(prompt.rpartition("# Seed")[2])
    schema = json.loads(prompt.rpartition("```json")[2].partition("```")[0])
    (town, kind) = list(schema["properties"])
    least = schema["properties"][kind]["minimum"]
    value = {town: "Bergen", kind: least + choice % 7} if choice % 5 else {town: "Bergen", kind: least - 1}
    return f"A market has a town and a stock of {kind}.\n\nAnswer: {json.dumps(value)}"


def _written(seed: str) -> str:
    d = draw(seed)
    town, kind, least = f"town_{d.of(PEOPLE)}", d.of(THINGS), 1 + d.below(900)
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {town: {"type": "string"}, kind: {"type": "integer", "minimum": least}},
        "required": [town, kind],
    }
    answer: dict[str, Any] = {town: d.of(PLACES), kind: least}
    if '"row_0"' in seed:
        answer = {town: 3}
    elif '"row_1"' in seed:
        del schema["required"]
    elif '"row_2"' in seed:
        schema["$ref"] = "https://example.org/elsewhere.json"
    elif '"row_3"' in seed:
        schema, answer = BOMB, {"town": "a" * 40 + "!"}
    asked = (
        f"Describe the stock of {kind} that the {town.replace('_', ' of the ')} of {d.of(PLACES)} reports."
    )
    return json.dumps({"question": asked, "schema": schema, "explanation": "It fits.", "answer": answer})


def _seed(split: str, number: int) -> dict[str, Any]:
    """Return a schema in words of its own."""
    d = draw(f"{split} {number}")
    letters = [chr(97 + n) for n in range(26)]
    told = " ".join("".join(d.of(letters) for _ in range(3)) for _ in range(12))
    fields = {f"row_{number}" if split == "train" else split: {"type": "string", "description": told}}
    return {"type": "object", "properties": fields, "required": list(fields)}


def mirror(folder: Path) -> Path:
    """Write rows as the data set's documentation has them: a schema as text, and no answer."""
    path = folder / "epfl-dlab/JSONSchemaBench/Github_easy"
    path.mkdir(parents=True)
    for split, count in (("train", SEEDS), ("val", 1), ("valid", 1), ("test", 1)):
        made = [
            {"json_schema": json.dumps(_seed(split, n)), "unique_id": f"Github_easy---o{n}"}
            for n in range(count)
        ]
        pq.write_table(pa.Table.from_pylist(made), path / f"{split}.parquet")
    return folder


def test_answers_are_verified_by_the_schema(tmp_path: Path) -> None:
    """Kept rows fit the schema in their question; bad schemas end before a solver is paid."""
    with MockServer(teach) as server:
        recipe = parse_recipe(RECIPE.format(hub=mirror(tmp_path / "hub"), url=server.base_url))
        state = make(recipe, tmp_path / "run")
        asked = server.requests
        again = make(recipe, tmp_path / "run")
        assert (again["last"]["sent"], server.requests) == (0, asked)
    assert unbalanced(state) == []
    seeds = read_table(tmp_path / "run/normalize/kept/00000.parquet").to_pylist()
    assert {(s["kind"], s["answer"], s["schema"] in s["question"]) for s in seeds} == {
        ("structured", "", True)
    }
    reasons = sorted((d["reason"], d["evidence"][:20]) for d in dropped(tmp_path / "run", "screen"))
    assert reasons == [
        ("bad_schema", "answers cannot be ch"),
        ("schema_fails", "$.town_"[:7] + reasons[1][1][7:]),
        ("schema_fails", "timeout: not done af"),
        ("weak_schema", "it is fitted by: {}"),
    ]
    kept = rows(tmp_path / "run")
    assert {(r["kind"], r["verifier"], r["derivation"]) for r in kept} == {
        ("structured", "executed", "written")
    }
    assert len({r["question_id"] for r in kept}) == SEEDS - 4
    fitting = [
        violations(r["question"].rpartition("```json")[2].removesuffix("```"), [r["answer"]]) for r in kept
    ]
    assert fitting == [[""]] * len(kept)
    minority = [d["reason"] for d in dropped(tmp_path / "run", "filter")]
    assert minority.count("minority") == SEEDS - 4  # of five solves in a row one does not fit
