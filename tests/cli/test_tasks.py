"""`taskseed tasks` and `taskseed task`, as a user starts them."""

import json
import os
import resource
from pathlib import Path

import pytest

from tests.run.helpers import taskseed
from tests.tasks.helpers import write_rows, write_task

FIELDS = [
    *("task", "family", "verdict", "reason", "evidence", "kind", "capability", "domain", "language"),
    *("license", "dataset_path", "dataset_name", "train_split", "train_rows", "loadable"),
]
HOSTILE = "[red]boo[/red] [/] \x1b[31m \x9b31m \u202e end"


@pytest.fixture(scope="module")
def everything() -> list[dict]:
    """What `tasks --all --json` prints."""
    done = taskseed("tasks", "--all", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder of a user's tasks: one of sixty rows, one broken file."""
    folder = tmp_path / "own"
    template = "task: {0}\ndataset_path: json\ndataset_kwargs:\n  data_files: {{train: {0}.jsonl}}\n"
    form = "training_split: train\ndoc_to_text: '{{question}}'\ndoc_to_target: answer\n"
    write_task(folder, "capitals", template.format("capitals") + form)
    rows = [{"question": f"{HOSTILE} {i}?", "answer": f"town {i}", "more": "x" * 5000} for i in range(60)]
    write_rows(folder / "capitals.jsonl", rows)
    write_task(folder, "broken", "task: broken\n  dataset_path: [json\n")
    return folder


def test_json_has_the_fields_of_the_contract(everything: list[dict]) -> None:
    """Each task of the catalogue is one object with the fields of the contract, in their order."""
    assert {tuple(entry)[: len(FIELDS)] for entry in everything} == {tuple(FIELDS)}
    assert {entry["verdict"] for entry in everything} == {"seed", "held_out_only", "refused"}
    assert len({entry["task"] for entry in everything}) == len(everything) > 10_000
    assert {e["reason"] for e in everything if e["verdict"] == "seed"} == {None}


def test_json_alone_lists_those_that_may_seed(everything: list[dict]) -> None:
    """Without --all, the array holds the tasks that may seed."""
    listed = json.loads(taskseed("tasks", "--json").stdout)
    assert listed == [entry for entry in everything if entry["verdict"] == "seed"]


def test_json_of_names_holds_those_names() -> None:
    """With names, the array holds what the names stand for, whatever the verdict, in catalogue order."""
    done = taskseed("tasks", "gsm8k", "arc_easy", "mmlu_anatomy", "--json")
    assert [(e["task"], e["verdict"]) for e in json.loads(done.stdout)] == [
        ("arc_easy", "seed"),
        ("gsm8k", "seed"),
        ("mmlu_anatomy", "held_out_only"),
    ]


def test_everything_as_json_takes_less_than_three_seconds() -> None:
    """Thirteen thousand tasks are judged and printed in less than three seconds of work."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    taskseed("tasks", "--all", "--json")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 3


@pytest.mark.parametrize(
    ("option", "field", "value"),
    [
        ("--capability", "capability", "knowledge"),
        ("--kind", "kind", "number"),
        ("--language", "language", "eu"),
        ("--license", "license", "MIT"),
    ],
)
def test_tasks_can_be_chosen_by_what_is_known_of_them(
    everything: list[dict], option: str, field: str, value: str
) -> None:
    """Each filter keeps the tasks with that value, whatever else is asked."""
    wanted = [e for e in everything if e[field] == value]
    assert wanted
    assert json.loads(taskseed("tasks", "--all", option, value, "--json").stdout) == wanted
    seeding = [e for e in wanted if e["verdict"] == "seed"]
    assert json.loads(taskseed("tasks", option, value, "--json").stdout) == seeding


def test_what_is_refused_can_be_listed(everything: list[dict]) -> None:
    """--refused lists them by family, one by one with --all or where they are few, or as JSON."""
    wanted = [e for e in everything if e["verdict"] == "refused"]
    assert json.loads(taskseed("tasks", "--refused", "--json").stdout) == wanted
    lines = taskseed("tasks", "--refused", "--all").stdout.splitlines()
    assert [line.split()[0] for line in lines[1 : lines.index("")]] == [e["task"] for e in wanted]
    lines = taskseed("tasks", "--refused").stdout.splitlines()
    assert [line.split()[0] for line in lines[1 : lines.index("")]] == sorted({e["family"] for e in wanted})
    few = taskseed("tasks", "--refused", "--capability", "knowledge", "gpqa").stdout
    assert "split_is_scored" in few


def test_a_value_that_no_task_has_is_a_usage_error() -> None:
    """The hint names what is near, or what there is."""
    done = taskseed("tasks", "--kind", "numbr")
    assert (done.returncode, "did you mean `number`?" in done.stderr) == (2, True)
    done = taskseed("tasks", "--capability", "zzz")
    assert (done.returncode, "known: knowledge, reasoning" in done.stderr) == (2, True)


def test_the_families_and_the_totals_agree_with_the_json(everything: list[dict]) -> None:
    """The table has each family that may seed, and the totals count every task once."""
    lines = taskseed("tasks").stdout.splitlines()
    table = lines[1 : lines.index("")]
    families = {e["family"] for e in everything if e["verdict"] == "seed"}
    assert [line.split()[0] for line in table] == sorted(families)
    count = {v: sum(e["verdict"] == v for e in everything) for v in ("seed", "held_out_only", "refused")}
    assert lines[lines.index("") + 1] == (
        f"{count['seed']:,} tasks in {len(families)} families may seed, "
        f"{count['held_out_only']:,} are held-out only, {count['refused']:,} refused"
    )
    reasons = {e["reason"]: 0 for e in everything if e["reason"]}
    for entry in everything:
        if entry["reason"]:
            reasons[entry["reason"]] += 1
    told = {
        words[1]: int(words[0].replace(",", ""))
        for words in map(str.split, lines)
        if words[1:2] and words[1] in reasons
    }
    assert told == reasons


def test_single_tasks_come_with_reason_and_evidence() -> None:
    """Named tasks are listed one by one, with what a person needs to see to agree."""
    lines = taskseed("tasks", "arc_easy", "gpqa_main_zeroshot").stdout.splitlines()
    assert lines[1].split(maxsplit=3) == [
        "arc_easy", "may", "seed", "no task holds out `train` of allenai/ai2_arc:ARC-Easy",
    ]  # fmt: skip
    assert lines[2].split(maxsplit=3)[:3] == ["gpqa_main_zeroshot", "refused", "split_is_scored"]
    assert "is the validation split of" in lines[2]


def test_all_lists_every_task_on_a_line_of_its_own(everything: list[dict]) -> None:
    """On a pipe nothing is folded or cut: one line per task, with its whole evidence."""
    lines = taskseed("tasks", "--all", COLUMNS="40").stdout.splitlines()
    listed = lines[1 : lines.index("")]
    assert [line.split()[0] for line in listed] == [entry["task"] for entry in everything]
    assert all(
        line.endswith(entry["evidence"].rstrip()) for line, entry in zip(listed, everything, strict=True)
    )


def test_many_names_are_shown_by_family() -> None:
    """What stands for sixty tasks or more is shown by family, and with --all one by one."""
    lines = taskseed("tasks", "okapi").stdout.splitlines()
    assert [line.split()[0] for line in lines[: lines.index("")]] == ["family", "okapi"]
    assert len(taskseed("tasks", "okapi", "--all").stdout.splitlines()) > 60


def test_a_broken_file_of_the_user_is_warned_of(own: Path) -> None:
    """A YAML file that cannot be read is named with its line on stderr; the rest is still listed."""
    done = taskseed("tasks", "capitals", "--include-path", str(own))
    (warning,) = done.stderr.splitlines()
    place = warning.removeprefix("warning: ").split(": ")[0]
    assert (done.returncode, place.rpartition(":")[0].endswith("broken.yaml")) == (0, True)
    assert int(place.rpartition(":")[2]) >= 1
    assert done.stdout.splitlines()[1].split()[:3] == ["capitals", "may", "seed"]


def test_a_row_is_shown_raw_and_normalised() -> None:
    """A packaged task shows a row of its training split and the seed that is made of it."""
    done = taskseed("task", "taskseed_maths")
    assert (done.returncode, done.stderr) == (0, "")
    _, _, shown = done.stdout.partition("row 0 of `train`\n")
    raw, _, made = shown.partition("the same row as a seed\n")
    assert json.loads(raw)["answer"].endswith(f"#### {json.loads(made)['answer']}")
    assert "taskseed_maths/test.jsonl (family taskseed_maths)" in done.stdout
    assert "Apache-2.0 (commercial use allowed)" in done.stdout


def test_hostile_rows_neither_steer_the_terminal_nor_flood_it(own: Path) -> None:
    """Markup of a row is printed as it is, control characters as escapes, and long values shortened."""
    shown = taskseed("task", "capitals", "--include-path", str(own)).stdout
    assert "[red]boo[/red] [/] \\u001b[31m \\u009b31m \\u202e end 0?" in shown
    assert [c for c in shown if c in "\x1b\x9b\u202e"] == []
    assert "… (+4,760 characters)" in shown


def test_without_a_mirror_the_hub_is_not_asked() -> None:
    """A data set that is not here is not fetched: the line says to give --hub."""
    done = taskseed("task", "gsm8k", HF_HUB_OFFLINE="0", HF_ENDPOINT="http://127.0.0.1:9")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == (
        "no row is shown: its data set is not on this machine; give --hub, a local mirror"
    )


def test_a_mirror_without_the_split_says_what_was_looked_for(tmp_path: Path) -> None:
    """The path that was looked for and what is there instead are named in one line."""
    write_rows(tmp_path / "openai/gsm8k/main/test.parquet", [{"question": "a", "answer": "b"}])
    done = taskseed("task", "gsm8k", "--hub", str(tmp_path))
    looked = tmp_path / "openai/gsm8k/main/train.parquet"
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == (
        f"no row is shown: load_failed: no {looked} or .jsonl; splits there: test"
    )


def test_a_damaged_mirror_file_is_one_line(tmp_path: Path) -> None:
    """A Parquet file that is none is told, without a traceback."""
    write_rows(tmp_path / "openai/gsm8k/main/x.jsonl", [])
    (tmp_path / "openai/gsm8k/main/train.parquet").write_bytes(b"not parquet")
    done = taskseed("task", "gsm8k", "--hub", str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert "no row is shown: load_failed: cannot read" in done.stdout.splitlines()[-1]


def test_a_refused_task_shows_what_it_holds_out() -> None:
    """A task that may not seed is shown with its reason and the split that it holds out."""
    lines = taskseed("task", "gpqa_main_zeroshot").stdout.splitlines()
    assert lines[0] == "gpqa_main_zeroshot: refused (split_is_scored)"
    assert [line.split()[-1] for line in lines if line.startswith("  it holds out")] == ["train"]


@pytest.mark.hub
@pytest.mark.skipif(not os.environ.get("TASKSEED_TEST_HUB"), reason="no mirror of public data")
@pytest.mark.parametrize("name", ["arc_easy", "piqa", "gsm8k", "mbpp", "boolq", "winogrande"])
def test_real_rows_are_shown(name: str) -> None:
    """Each of these tasks shows a real row and the seed that is made of it."""
    done = taskseed("task", name, "--hub", os.environ["TASKSEED_TEST_HUB"])
    _, found, made = done.stdout.partition("the same row as a seed\n")
    assert (done.returncode, found, json.loads(made)["task"]) == (0, "the same row as a seed\n", name)
