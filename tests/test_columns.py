"""The columns of the data set: contract, documentation and code agree."""

from pathlib import Path

from taskseed.records import Sample, schema_of

DOCS = Path(__file__).parent.parent / "docs"
CONTRACT = """
id string, question_id string, seed_id string, task string, family string, also_tasks list<string>,
capability string, domain string, language string, kind string, question string, context string?, options
list<string>, answer string, answer_index int32?, style string, enrichment string, text string, votes_for
int32, votes_total int32, votes_unparsed int32, agreement double?, p_majority double?, verifier string,
derivation string, seed_similarity double?, heldout_overlap double?, nearest_duplicate double?, license
string, model_license string?, source_dataset string, source_config string?, source_split string,
source_revision string?, source_row int64, writer_model string?, solver_model string?, writer_prompt
string?, solver_prompt string?, tokens int32
"""


def contract() -> list[tuple[str, str]]:
    """Return (column, type) as the contract has them; `?` marks what may be null."""
    name_and_type = [part.split() for part in CONTRACT.replace("\n", " ").split(",")]
    return [(name, kind) for name, kind in name_and_type]


def documented() -> list[tuple[str, str]]:
    """Return (column, type) as docs/columns.md has them."""
    lines = (DOCS / "columns.md").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.split("|")[1:3]] for line in lines if line.startswith("| ")]
    return [(name, kind.replace(", nullable", "?")) for name, kind in rows if name != "column"]


def test_the_schema_is_the_contract() -> None:
    """Names, types, nullability and order of the columns are those that others rely on."""
    schema = [
        (f.name, str(f.type).replace("list<item: string>", "list<string>") + "?" * f.nullable)
        for f in schema_of(Sample)
    ]
    assert [s for s in schema if s in contract()] == contract()
    assert schema == documented()


def test_each_column_is_documented_once() -> None:
    """No column stands in docs/columns.md twice."""
    names = [name for name, _ in documented()]
    assert sorted(set(names)) == sorted(names)
