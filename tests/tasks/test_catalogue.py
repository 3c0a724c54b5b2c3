"""The catalogue of the installed harness, the built-in tasks and the user's own."""

from pathlib import Path

import pytest

from taskseed.errors import UsageError
from taskseed.tasks import BUILTIN_PATH, Catalogue, load_catalogue, task_report
from taskseed.tasks.snapshot import from_file, harness_root, parse_folder, shipped, to_bytes
from tests.run.helpers import taskseed
from tests.tasks.helpers import write_rows, write_task


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """Return the catalogue without tasks of a user."""
    return load_catalogue()


OWN = """
task: own_quiz
dataset_path: json
dataset_kwargs: {data_files: {train: train.jsonl, test: test.jsonl}}
training_split: train
test_split: test
output_type: multiple_choice
tag: [own_tag]
doc_to_text: "Question: {{question}}\\nAnswer:"
doc_to_choice: choices
doc_to_target: label
"""


def test_every_task_of_the_harness_is_listed(catalogue: Catalogue) -> None:
    """lm-eval 0.4.13 has 13,123 leaf tasks and 855 groups."""
    assert sum(e.origin == "harness" for e in catalogue.entries.values()) == 13123
    assert len(catalogue.groups) == 855


def test_gpqa_never_seeds(catalogue: Catalogue) -> None:
    """GPQA's `train` split is its test set, in every variant that declares it for training."""
    names = [n for n in catalogue.entries if "gpqa" in n and catalogue.entries[n].training_split]
    assert {catalogue.verdict(n).reason for n in names} == {"split_is_scored"}
    assert len(names) == 18


@pytest.mark.parametrize(
    ("task", "verdict", "reason"),
    [
        ("arc_easy", "seed", None),
        ("mbpp", "seed", None),
        ("qnlieu", "seed", None),
        ("mmlu_anatomy", "held_out_only", "no_training_split"),
        ("blimp_adjunct_island", "held_out_only", "no_training_split"),
        ("aime24", "refused", "split_is_scored"),
        ("gsm8k_platinum", "refused", "split_is_scored"),
        ("gsm_plus", "refused", "split_is_scored"),
        ("mgsm_direct_de", "refused", "exemplars_only"),
        ("common_voice_en", "refused", "not_text"),
        ("toxigen", "refused", "curated_out"),
        ("taskseed_maths", "seed", None),
        ("taskseed_leaky_quiz", "refused", "split_is_scored"),
        ("taskseed_exemplars", "refused", "exemplars_only"),
    ],
)
def test_verdicts(catalogue: Catalogue, task: str, verdict: str, reason: str | None) -> None:
    """Well-known tasks get the verdict that their splits deserve."""
    found = catalogue.verdict(task)
    assert (found.verdict, found.reason) == (verdict, reason)


def test_an_undeclared_training_split_states_its_evidence(catalogue: Catalogue) -> None:
    """MBPP declares no training split; the verdict says where the data set says that it has one."""
    assert catalogue.entries["mbpp"].undeclared_train is True
    assert "task ids 601-974 are for training" in catalogue.verdict("mbpp").evidence


def test_at_least_325_tasks_in_60_families_seed_by_declaration(catalogue: Catalogue) -> None:
    """After exemplars, audio and curation, 339 declared tasks in 65 families remain, classes included."""
    entries = [e for e in catalogue.entries.values() if e.origin == "harness" and not e.undeclared_train]
    seeding = [e for e in entries if catalogue.verdict(e.name).verdict == "seed"]
    assert (len(seeding), len({e.family for e in seeding})) == (339, 65)


def test_every_seeding_family_is_classified(catalogue: Catalogue) -> None:
    """The family table has a row for every family that may seed: new ones show up as `unclassified`."""
    reports = [task_report(catalogue, name) for name in catalogue.entries]
    unclassified = {r["family"] for r in reports if r["verdict"] == "seed" and r["domain"] == "unclassified"}
    assert unclassified == set()


def test_the_shipped_snapshot_is_what_the_yaml_files_say(catalogue: Catalogue) -> None:
    """The snapshot in the package equals a fresh reading of the installed harness."""
    version, kept = from_file(shipped(), harness_root())
    fresh = parse_folder(harness_root(), "harness")
    assert version == catalogue.harness_version
    assert kept.entries == fresh.entries
    assert kept.groups == fresh.groups


def test_a_snapshot_survives_its_file(tmp_path: Path) -> None:
    """What is written as a snapshot is read back as it was."""
    parsed = parse_folder(BUILTIN_PATH, "harness")
    path = tmp_path / "catalogue.parquet"
    path.write_bytes(to_bytes(parsed, "1.2.3"))
    assert from_file(path, BUILTIN_PATH) == ("1.2.3", parsed)


def test_a_name_is_a_task_before_it_is_a_family(catalogue: Catalogue) -> None:
    """`gsm8k` is the task, not its family of two."""
    assert catalogue.names_of("gsm8k") == ("gsm8k",)


def test_groups_tags_families_and_globs_expand_to_tasks(catalogue: Catalogue) -> None:
    """A group expands through its groups, a tag and a glob to their tasks, a family to its folder."""
    assert len(catalogue.names_of("mmlu")) == 57
    assert set(catalogue.names_of("ai2_arc")) == {"arc_challenge", "arc_easy"}
    asked = ("algebra", "exemplars", "facts", "forms", "leaky_quiz", "logic", "maths", "mundo", "passages")
    more = ("physical", "python", "reading", "science", "whys")
    assert catalogue.names_of("taskseed_demo") == tuple(f"taskseed_{kind}" for kind in (*asked, *more))
    assert catalogue.names_of("arc_e?sy") == ("arc_easy",)
    assert "arc_challenge_chat" in catalogue.names_of("arc")


def test_an_unknown_name_says_what_is_near(catalogue: Catalogue) -> None:
    """A misspelt name is a usage error whose hint has the right spelling."""
    with pytest.raises(UsageError) as caught:
        catalogue.select(["arc_esay"])
    assert caught.value.message == "no task, family, group or tag is called `arc_esay`"
    assert "`arc_easy`" in caught.value.hint


def test_a_selection_keeps_catalogue_order_and_tells_named_refusals(catalogue: Catalogue) -> None:
    """Tasks come in catalogue order; a refused task is reported only where it was named exactly."""
    chosen = catalogue.select(["piqa", "arc", "gpqa_main_zeroshot", "gpqa"], exclude=["arc_challenge_chat"])
    assert [e.name for e in chosen.entries] == ["arc_challenge", "arc_easy", "piqa"]
    assert [v.task for v in chosen.named_refused] == ["gpqa_main_zeroshot"]
    assert len(chosen.considered) == 18


def test_a_familys_own_held_out_splits_guard(catalogue: Catalogue) -> None:
    """Seeds of arc_easy are guarded by the held-out splits of the whole family, each once."""
    guards = catalogue.guards_for([catalogue.entries["arc_easy"]], [], [])
    assert [g.name for g in guards] == [
        "allenai/ai2_arc:ARC-Challenge/test",
        "allenai/ai2_arc:ARC-Challenge/validation",
        "allenai/ai2_arc:ARC-Easy/test",
        "allenai/ai2_arc:ARC-Easy/validation",
    ]
    assert guards[0].reasons == ("family arc",)


def test_translations_guard_what_they_translate(catalogue: Catalogue) -> None:
    """Seeds of GSM8K are guarded by MGSM, whose test rows are GSM8K test rows in other languages."""
    guards = catalogue.guards_for([catalogue.entries["gsm8k"]], [], [])
    reasons = {g.name: g.reasons for g in guards}
    assert reasons["openai/gsm8k:main/test"] == ("family gsm8k",)
    assert reasons["juletxara/mgsm:de/test"] == ("translation of gsm8k",)


def test_suites_and_the_recipes_own_guards(catalogue: Catalogue) -> None:
    """The suite `core` has the usual benchmarks; the recipe adds its own; an unknown suite is an error."""
    core = {g.name: g.reasons for g in catalogue.guards_for([], ["core"], ["arc_easy"])}
    assert core["cais/mmlu:anatomy/test"] == ("suite core",)
    assert core["Idavidrein/gpqa:gpqa_diamond/train"] == ("suite core",)
    assert core["allenai/ai2_arc:ARC-Easy/test"] == ("suite core", "recipe")
    with pytest.raises(UsageError):
        catalogue.guards_for([], ["cores"], [])


def test_all_means_every_held_out_split(catalogue: Catalogue) -> None:
    """`tasks: [all]` guards by every split that any task holds out."""
    assert len(catalogue.guards_for([], [], ["all"])) > 4000


def test_a_users_task_is_added_and_judged_alike(tmp_path: Path) -> None:
    """A task under include_path is listed with its tags, its rows are counted, and the same rules hold."""
    write_task(tmp_path / "quiz", "own", OWN)
    write_rows(tmp_path / "quiz" / "train.jsonl", [{"question": "?"}] * 7)
    catalogue = load_catalogue(tmp_path)
    assert catalogue.names_of("own_tag") == ("own_quiz",)
    assert catalogue.entries["own_quiz"].family == "quiz"
    assert catalogue.verdict("own_quiz").reason == "exemplars_only"
    assert catalogue.verdict("own_quiz", min_train_rows=7).verdict == "seed"


def test_a_task_that_a_user_overrides_still_holds_out(tmp_path: Path) -> None:
    """Replacing the task that scores a split does not free the split."""
    config = "dataset_path: Idavidrein/gpqa\ndataset_name: gpqa_diamond\ntraining_split: train\n"
    names = [n for n in load_catalogue().entries if "gpqa_diamond" in n]
    for name in names:
        write_task(tmp_path, name, f"task: {name}\n{config}doc_to_text: q\ndoc_to_target: a\n")
    catalogue = load_catalogue(tmp_path)
    assert {catalogue.entries[n].origin for n in names} == {"user"}
    assert {catalogue.verdict(n).reason for n in names} == {"split_is_scored"}


def test_a_broken_yaml_is_a_problem_with_its_line(tmp_path: Path) -> None:
    """A broken file is reported with file and line, and the others are still listed."""
    broken = write_task(tmp_path, "broken", "task: a\ndataset_path: [x\ntest_split: test\n")
    looped = write_task(tmp_path, "looped", "include: looped.yaml\ntask: b\n")
    nameless = write_task(tmp_path, "nameless", "task: [1, 2]\ndataset_path: x\n")
    write_task(tmp_path, "whole", OWN)
    catalogue = load_catalogue(tmp_path)
    found = {Path(p.file).name: (p.line, p.message) for p in catalogue.problems}
    assert set(found) == {broken.name, looped.name, nameless.name}
    assert found["broken.yaml"][0] == 3
    assert found["looped.yaml"] == (1, "includes itself")
    assert found["nameless.yaml"] == (1, "`task` must be a name")
    assert catalogue.names_of("own_quiz") == ("own_quiz",)


def test_reading_the_catalogue_runs_no_code(tmp_path: Path) -> None:
    """A `!function` tag is read as a name; its module is not run."""
    (tmp_path / "utils.py").write_text("raise SystemExit('was run')\n")
    write_task(tmp_path, "coded", "task: coded\ndataset_path: a/b\nprocess_docs: !function utils.f\n")
    assert load_catalogue(tmp_path).entries["coded"].dataset_path == "a/b"


def test_an_include_path_that_is_no_folder_is_a_usage_error(tmp_path: Path) -> None:
    """A missing include_path is the user's to mend."""
    with pytest.raises(UsageError) as caught:
        load_catalogue(tmp_path / "missing")
    assert "is not a folder" in caught.value.message


def test_a_report_is_ready_for_json(catalogue: Catalogue) -> None:
    """`tasks --json` has these facts about a task."""
    assert task_report(catalogue, "taskseed_maths") == {
        "task": "taskseed_maths",
        "family": "taskseed_maths",
        "verdict": "seed",
        "reason": None,
        "evidence": "no task holds out `train` of train.jsonl",
        "kind": "number",
        "capability": "reasoning",
        "domain": "mathematics",
        "language": "en",
        "license": "Apache-2.0",
        "dataset_path": "json",
        "dataset_name": None,
        "train_split": "train",
        "train_rows": 60,
        "loadable": True,
        "unverifiable": False,
    }


def test_without_a_mirror_loadable_is_not_known(catalogue: Catalogue, tmp_path: Path) -> None:
    """Without a mirror, whether a Hub set loads is unknown; with one that lacks it, it does not."""
    assert task_report(catalogue, "arc_easy")["loadable"] is None
    assert task_report(catalogue, "arc_easy", hub=tmp_path)["loadable"] is False


def test_undeclared_splits_lead_to_the_posts_700_subtasks(catalogue: Catalogue) -> None:
    """With the splits that no task declares, each with its evidence, 672 tasks in 69 families may seed."""
    undeclared = [e for e in catalogue.entries.values() if e.undeclared_train and e.origin == "harness"]
    seeding = [e.name for e in undeclared if catalogue.verdict(e.name).verdict == "seed"]
    assert len(seeding) == 333
    assert [n for n in seeding if ";" not in catalogue.verdict(n).evidence] == []
    assert catalogue.entries["afriqa_swa_prompt_1"].undeclared_train is False  # it has no train file


CLASSES = """
class Base:
    DATASET_PATH = "a/b"

    def has_training_docs(self):
        return True

    def has_validation_docs(self):
        return bool(self.dataset)

    def training_docs(self):
        return list(map(str, self.dataset["learn"]))


class Own(Base):
    DATASET_NAME = "c"

    def has_test_docs(self):
        return True


raise SystemExit("never imported")
"""


def test_a_task_that_is_a_class_is_judged_by_its_methods(tmp_path: Path) -> None:
    """Data set and splits come from attributes and methods, of base classes too; nothing is imported."""
    (tmp_path / "task.py").write_text(CLASSES)
    write_task(tmp_path, "own", "task: own\nclass: !function task.Own\n")
    write_task(tmp_path, "lost", "task: lost\nclass: !function nowhere.Own\n")
    own, lost = (load_catalogue(tmp_path).entries[name] for name in ("own", "lost"))
    assert (own.dataset_path, own.dataset_name) == ("a/b", "c")
    assert (own.training_split, own.validation_split, own.test_split) == ("learn", None, "test")
    assert (lost.dataset_path, lost.training_split) == (None, None)


@pytest.mark.parametrize(
    ("task", "verdict", "config"),
    [("squadv2", "seed", None), ("scrolls_quality", "seed", "quality"), ("fda", "held_out_only", "default")],
)
def test_the_harness_classes_are_judged(
    catalogue: Catalogue, task: str, verdict: str, config: str | None
) -> None:
    """SQuAD v2 and SCROLLS have training rows although their YAML files say nothing; FDA has none."""
    assert catalogue.verdict(task).verdict == verdict
    assert catalogue.entries[task].dataset_name == config


def test_another_harness_version_is_read_once(tmp_path: Path) -> None:
    """A harness that no snapshot ships for is read, kept in the cache folder, and not read again."""
    write_task(
        tmp_path / "site" / "lm_eval" / "tasks",
        "new/one",
        "task: brand_new\ndataset_path: a/b\ntraining_split: train\n",
    )
    (tmp_path / "site" / "lm_eval" / "__init__.py").write_text("")
    about = tmp_path / "site" / "lm_eval-9.9.dist-info" / "METADATA"
    about.parent.mkdir()
    about.write_text("Metadata-Version: 2.1\nName: lm_eval\nVersion: 9.9\n")
    where = {"PYTHONPATH": str(tmp_path / "site"), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    first, second = (taskseed("tasks", "brand_new", **where) for _ in range(2))
    assert (first.returncode, second.returncode) == (0, 0), first.stderr
    assert "no task holds out `train` of a/b" in first.stdout
    assert second.stdout == first.stdout
    assert ("reading the harness" in first.stderr, "reading the harness" in second.stderr) == (True, False)
    (kept,) = (tmp_path / "cache" / "taskseed").iterdir()
    assert kept.name.startswith("catalogue-9.9-")
