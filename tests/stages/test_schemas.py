"""Structured answers that must fit a JSON schema: from the writer's reply to the kept solve."""

import asyncio
import dataclasses
import json

import pytest

from taskseed.checks.duplicates import NearDuplicates
from taskseed.checks.structures.schemas import SchemaFit
from taskseed.checks.structures.validation import violations
from taskseed.prompts import load_prompts
from taskseed.recipe import EnrichSpec, GenerateSpec, ScreenSpec
from taskseed.stages.ballots import FITS, VIOLATES
from taskseed.stages.enrich import Solver, enrich
from taskseed.stages.filter import FilterRules, filter_solves
from taskseed.stages.generate import Writer, generate_with_model
from taskseed.stages.screen import screen
from taskseed.text import with_schema
from tests.stages.makers import Script, guards, question, seed

PROMPTS = load_prompts()
SCHEMA = json.dumps(
    {
        "type": "object",
        "properties": {"boat": {"type": "string"}, "oars": {"type": "integer", "minimum": 2}},
        "required": ["boat", "oars"],
    },
    indent=1,
)
OLD = '{"type": "object", "properties": {"tree": {"type": "string"}}, "required": ["tree"]}'
SEED = seed(kind="structured", question=with_schema("Generate a JSON object.", OLD), answer="", schema=OLD)
BOAT = '{"boat": "Ida", "oars": 4}'
ASKED = question(
    kind="structured", question=with_schema("Describe a rowing boat.", SCHEMA), answer=BOAT, schema=SCHEMA
)


def fits(schema, answers):
    """Check answers here: these schemas are no danger."""
    return [
        SchemaFit("violates", found) if found else SchemaFit("fits")
        for found in violations(schema, list(answers))
    ]


async def fits_aside(schema, answers):
    """Check answers as `enrich` wants it."""
    return fits(schema, answers)


def write(reply):
    """Return what becomes of a writer's reply to the seed."""
    writer = Writer(Script(lambda text, index: reply).ask, "writer", {}, PROMPTS, can_run_code=False)
    spec = GenerateSpec(questions_per_seed=1, attempts=1)
    return asyncio.run(generate_with_model([SEED], [SEED], writer, spec, 0))[0]


def screened(asked, check=fits):
    """Return what becomes of a question in screen."""
    owner = dataclasses.replace(SEED, seed_id=asked.seed_id)
    return screen([asked], {asked.seed_id: owner}, ScreenSpec(), guards(), NearDuplicates(0.8), None, check)[
        0
    ]


def solved(*said, check=fits_aside, **spec):
    """Return what becomes of the question with these solves."""
    script = Script(
        lambda text, index: f"A boat has a name (boat {index}).\n\nAnswer: {said[index % len(said)]}"
    )
    solver = Solver(script.ask, "solver", {}, PROMPTS, None, fits=check)
    chosen = EnrichSpec(
        **{"min_votes": 3, "max_votes": 4, "confidence": 0.9, "styles": ["reasoning"], **spec}
    )
    return asyncio.run(enrich([ASKED], solver, chosen, 0))[0]


@pytest.mark.parametrize("as_text", [False, True])
def test_a_question_carries_its_schema_and_shows_it(as_text):
    """The schema may come as an object or as text; a reader sees it below what is asked."""
    schema = SCHEMA if as_text else json.loads(SCHEMA)
    made = write(
        json.dumps({"question": "Describe a rowing boat.", "schema": schema, "answer": json.loads(BOAT)})
    )
    assert (made.kind, made.schema, json.loads(made.answer)) == ("structured", SCHEMA, json.loads(BOAT))
    assert made.question == with_schema("Describe a rowing boat.", SCHEMA)


def test_a_reply_without_a_schema_is_malformed():
    """A seed with a schema asks for one."""
    made = write(json.dumps({"question": "Describe a rowing boat.", "answer": json.loads(BOAT)}))
    assert (made.reason, made.evidence[:20]) == ("malformed", "malformed: no schema")


def test_the_writer_sees_the_seeds_schema_as_json():
    """The seed's item has its schema under `schema` and no empty answer."""
    script = Script(lambda text, index: "no")
    writer = Writer(script.ask, "writer", {}, PROMPTS, can_run_code=False)
    asyncio.run(
        generate_with_model([SEED], [SEED], writer, GenerateSpec(questions_per_seed=1, attempts=1), 0)
    )
    shown = script.asked[0][0].partition("# Seed\n\n")[2].partition("\n\nNow write")[0]
    assert json.loads(shown) == {"question": "Generate a JSON object.", "schema": json.loads(OLD)}


@pytest.mark.parametrize(
    ("change", "reason", "evidence"),
    [
        ({}, None, ""),
        ({"answer": '{"boat": "Ida", "oars": 1}'}, "schema_fails", "$.oars: 1 is less than the minimum of 2"),
        ({"answer": "a boat"}, "bad_schema", "no vote could mean this answer"),
        ({"answer": f"Here it is: {BOAT}"}, "schema_fails", "not one JSON value"),
        ({"schema": '{"type": "object"}', "answer": "{}"}, "weak_schema", "it is fitted by: {}"),
        (
            {"schema": '{"$ref": "#"}'},
            "bad_schema",
            "answers cannot be checked against its JSON schema: `$ref`",
        ),
        ({"schema": "{"}, "bad_schema", "answers cannot be checked against its JSON schema: not one"),
    ],
)
def test_a_schema_is_tried_before_a_solver_is_paid(change, reason, evidence):
    """The proposed answer must fit, what says nothing must not, and what cannot be bounded is refused."""
    made = screened(dataclasses.replace(ASKED, **change))
    assert (getattr(made, "reason", None), getattr(made, "evidence", "")[: len(evidence)]) == (
        reason,
        evidence,
    )


@pytest.mark.parametrize(
    "check", [None, lambda schema, answers: [SchemaFit("unknown", "timeout: 3 s")] * len(answers)]
)
def test_what_cannot_be_checked_is_not_kept(check):
    """Without a checker, and where it gives up, the question is dropped before it is paid for."""
    assert screened(ASKED, check).reason == "schema_fails"


def test_a_schema_that_may_be_weak_is_dropped():
    """A trivial value of which nobody can tell whether it fits counts as one that does."""

    def tired(schema, answers):
        return [SchemaFit("fits"), *[SchemaFit("unknown", "timeout")] * (len(answers) - 1)]

    assert screened(ASKED, tired).reason == "weak_schema"


def test_solves_are_right_by_the_schema_and_keep_their_own_answers():
    """Different values that fit are votes for the same; each kept row has its own solve's value."""
    said = ('{"boat": "Ada", "oars": 2}', '{"oars": 6, "boat": "Eva"}', BOAT)
    made = solved(*said)
    assert (made.winner, made.verifier, made.votes_for, made.agreement) == (FITS, "executed", 3, 1.0)
    rules = FilterRules(contamination=0.5, keep_per_question=3, styles=("reasoning",), licenses={})
    owner = dataclasses.replace(SEED, seed_id=ASKED.seed_id)
    kept = filter_solves([made], {owner.seed_id: owner}, rules, guards())
    assert [(sample.answer, sample.verifier) for sample in kept] == [(text, "executed") for text in said]


def test_solves_that_do_not_fit_are_votes_against():
    """What violates the schema, is no JSON, or could not be checked, never wins."""
    wrong = solved('{"boat": "Ada"}', "a boat with oars")
    assert (wrong.reason, wrong.evidence.partition(";")[0]) == (
        "disagrees_with_writer",
        f"{BOAT} / {VIOLATES}",
    )

    async def tired(schema, answers):
        return [SchemaFit("unknown", "timeout")]

    assert [solved(BOAT, check=check).reason for check in (tired, None)] == ["undecided", "undecided"]


def test_a_violation_is_never_put_in_the_proposals_place():
    """`on_disagreement: replace` replaces answers, and what does not fit is none."""
    assert solved("{}", on_disagreement="replace").reason == "disagrees_with_writer"
