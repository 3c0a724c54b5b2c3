"""Which tasks may seed."""

import pytest

from taskseed.tasks.entries import TaskEntry
from taskseed.tasks.suitability import held_out_index, judge, policy_refusal, with_rows
from tests.tasks.helpers import entry


def reason(task: TaskEntry, *others: TaskEntry) -> str | None:
    """Return the reason of the verdict on a task, seen together with others."""
    return judge(task, held_out_index([task, *others])).reason


def test_a_distinct_training_split_seeds() -> None:
    """A task whose training split no task holds out may seed."""
    task = entry(dataset_path="a/b", training_split="train", test_split="test")
    assert judge(task, held_out_index([task])).verdict == "seed"


def test_a_split_that_another_task_scores_is_refused_and_names_it() -> None:
    """A split is judged across all tasks on its data set; the evidence names the task that scores it."""
    task = entry("innocent", dataset_path="a/b", training_split="train", test_split="test")
    other = entry("scorer", dataset_path="a/b", test_split="train")
    verdict = judge(task, held_out_index([task, other]))
    assert (verdict.verdict, verdict.reason) == ("refused", "split_is_scored")
    assert verdict.evidence == "`train` of a/b is the test split of scorer"


def test_a_validation_split_is_held_out_too() -> None:
    """A split that is only a validation split somewhere is held out."""
    task = entry("t", dataset_path="a/b", training_split="dev", test_split="test")
    other = entry("v", dataset_path="a/b", validation_split="dev", test_split="test")
    assert reason(task, other) == "split_is_scored"


def test_a_few_shot_split_alone_is_not_held_out() -> None:
    """`fewshot_split` does not make a split scored."""
    task = entry("t", dataset_path="a/b", training_split="train", fewshot_split="train", test_split="test")
    assert reason(task) is None


def test_an_alias_of_the_data_set_counts() -> None:
    """A split held out under one path of a data set is held out under its other paths."""
    task = entry("t", dataset_path="xnli", dataset_name="de", training_split="train")
    other = entry("o", dataset_path="facebook/xnli", dataset_name="de", test_split="train")
    assert reason(task, other) == "split_is_scored"


@pytest.mark.parametrize(("mine", "theirs"), [(None, "main"), ("main", None), ("main", "main")])
def test_a_missing_config_may_be_any_config(mine: str | None, theirs: str | None) -> None:
    """A config that one task leaves out may be the one that the other names: it counts as the same."""
    task = entry("t", dataset_path="a/b", dataset_name=mine, training_split="train")
    other = entry("o", dataset_path="a/b", dataset_name=theirs, test_split="train")
    assert reason(task, other) == "split_is_scored"


def test_another_config_is_another_data_set() -> None:
    """Configs that both tasks name differently hold different rows."""
    task = entry("t", dataset_path="a/b", dataset_name="x", training_split="train")
    other = entry("o", dataset_path="a/b", dataset_name="y", test_split="train")
    assert reason(task, other) is None


def test_the_path_json_names_nothing_by_itself() -> None:
    """Two tasks that load different files through `json` share no rows."""
    task = entry(
        "t", dataset_path="json", dataset_kwargs={"data_files": {"train": "a.jsonl"}}, training_split="train"
    )
    other = entry(
        "o", dataset_path="json", dataset_kwargs={"data_files": {"train": "b.jsonl"}}, test_split="train"
    )
    assert reason(task, other) is None


def test_one_file_under_two_split_names_is_one_split() -> None:
    """A training split whose file is also the test split's file is scored, whatever the splits are called."""
    files = {"data_files": {"train": "all.jsonl", "test": "all.jsonl"}}
    task = entry("t", dataset_path="json", dataset_kwargs=files, training_split="train", test_split="test")
    assert reason(task) == "split_is_scored"


def test_held_out_only_and_nothing_at_all() -> None:
    """Without a training split a task is held out only, or refused where it holds nothing out either."""
    scored, bare = entry("s", dataset_path="a/b", test_split="test"), entry("n", dataset_path="a/b")
    index = held_out_index([scored, bare])
    assert [judge(t, index).verdict for t in (scored, bare)] == ["held_out_only", "refused"]
    assert [judge(t, index).reason for t in (scored, bare)] == ["no_training_split"] * 2


def test_perplexity_and_images_are_refused() -> None:
    """Perplexity tasks and tasks that show images may not seed."""
    rolling = entry("r", dataset_path="a/b", training_split="train", output_type="loglikelihood_rolling")
    image = entry("i", dataset_path="a/c", training_split="train", doc_to_image="image")
    assert (reason(rolling), reason(image)) == ("perplexity", "not_text")


def test_known_row_counts_make_exemplars() -> None:
    """MGSM's training split is eight exemplars by the data file of counts, so it does not seed."""
    task = entry("m", dataset_path="juletxara/mgsm", dataset_name="de", training_split="train")
    assert judge(task, {}).reason == "exemplars_only"
    assert judge(task, {}, min_train_rows=8).verdict == "seed"


@pytest.mark.parametrize(("rows", "reason"), [(49, "exemplars_only"), (50, None)])
def test_rows_at_hand_decide_exemplars(rows: int, reason: str | None) -> None:
    """Fewer training rows than the minimum are exemplars."""
    verdict = judge(entry(dataset_path="a/b", training_split="train"), {})
    assert with_rows(verdict, rows, 50).reason == reason


@pytest.mark.parametrize(
    ("path", "config", "policy", "expected"),
    [
        ("openai/gsm8k", "main", "any", None),
        ("openai/gsm8k", "main", "commercial", None),
        ("openai/gsm8k", "main", ("MIT",), None),
        ("openai/gsm8k", "main", ("Apache-2.0",), "license"),
        ("nobody/knows", None, "commercial", "license"),
        ("nobody/knows", None, "any", None),
        ("aps/super_glue", "boolq", ("CC-BY-SA-3.0",), None),
        ("aps/super_glue", "rte", "commercial", "license"),
        ("LumiOpen/arc_challenge_mt", "da", "commercial", None),
        ("LumiOpen/arc_challenge_mt", "da", ("CC-BY-SA-4.0", "MIT", "Apache-2.0"), None),
        ("LumiOpen/arc_challenge_mt", "da", ("Apache-2.0",), "license"),
    ],
)
def test_the_licence_policy(
    path: str, config: str | None, policy: str | tuple[str, ...], expected: str | None
) -> None:
    """An unknown licence is neither commercial nor in a list; of two that both hold, a list needs both."""
    task = entry(dataset_path=path, dataset_name=config, training_split="train")
    assert policy_refusal(task, policy, allow_unverifiable=True) == expected


def test_unverifiable_families_need_the_recipe_to_allow_them() -> None:
    """Translations are refused unless the recipe allows what nothing can check."""
    task = entry("wmt16-de-en", "translation", dataset_path="wmt/wmt16", training_split="train")
    assert policy_refusal(task, "any", allow_unverifiable=False) == "unverifiable"
    assert policy_refusal(task, "any", allow_unverifiable=True) is None
