"""An independent look at every YAML file of the harness: no split that is scored may seed."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from taskseed.tasks import load_catalogue
from taskseed.tasks.snapshot import harness_root

Tasks = dict[str, tuple[str, dict[str, Any]]]
SAME = {
    "xnli": "facebook/xnli",
    "paws-x": "google-research-datasets/paws-x",
    "CohereForAI/Global-MMLU-Lite": "CohereLabs/Global-MMLU-Lite",
    "giovanivaldrighi/mmlu": "cais/mmlu",
}


class Loader(yaml.CSafeLoader):
    """Reads `!function` tags as texts."""


Loader.add_constructor("!function", lambda loader, node: str(loader.construct_scalar(node)))


def config(path: Path, seen: dict[Path, dict[str, Any]]) -> dict[str, Any]:
    """Return a config with what it includes."""
    path = path.resolve()
    if path not in seen:
        own = yaml.load(path.read_bytes(), Loader=Loader)
        merged: dict[str, Any] = {}
        parts = own.pop("include", [])
        for part in parts if isinstance(parts, list) else [parts]:
            merged |= config(path.parent / part, seen)
        seen[path] = merged | own
    return dict(seen[path])


@pytest.fixture(scope="module")
def tasks() -> Tasks:
    """Return every leaf task: its family and its config."""
    root, seen, found = harness_root(), {}, {}
    for path in sorted(root.rglob("*.yaml"), key=lambda p: p.as_posix()):
        read = config(path, seen)
        if "task" in read and ("class" in read or "group" not in read):
            found.setdefault(read["task"], (path.relative_to(root).parts[0], read))
    return found


def rows_of(task: dict[str, Any], split: str) -> tuple[str, ...]:
    """Return what names the rows of a split, as this test sees it."""
    path = str(task.get("dataset_path"))
    kwargs = task.get("dataset_kwargs") or {}
    files = kwargs.get("data_files")
    own = str(sorted(kwargs.items())) if task.get("custom_dataset") else ""
    named = str(files.get(split)) if isinstance(files, dict) else str(files)
    return (SAME.get(path, path), str(task.get("dataset_name")), named, own, split)


def test_no_scored_split_may_seed(tasks: Tasks) -> None:
    """Of all tasks whose training split any task holds out, none gets the verdict `seed`."""
    held_out = {
        rows_of(task, task[key])
        for _, task in tasks.values()
        for key in ("test_split", "validation_split")
        if task.get(key)
    }
    catalogue = load_catalogue()
    declaring = {name: task for name, (_, task) in tasks.items() if task.get("training_split")}
    leaking = [n for n, task in declaring.items() if rows_of(task, task["training_split"]) in held_out]
    assert {catalogue.verdict(name).reason for name in leaking} == {"split_is_scored"}
    assert (len(tasks), len(declaring), len(leaking)) == (13123, 619, 130)


def test_the_census_adds_up(tasks: Tasks) -> None:
    """619 tasks declare a training split: 130 of those are held out, 149 are exemplars, 331 may seed."""
    catalogue = load_catalogue()
    declaring = [name for name, (_, task) in tasks.items() if task.get("training_split")]
    counted = Counter(catalogue.verdict(name).reason for name in declaring)
    assert counted == {
        None: 331,
        "exemplars_only": 149,
        "split_is_scored": 130,
        "perplexity": 6,
        "curated_out": 2,
        "not_text": 1,
    }
    assert len({tasks[name][0] for name in declaring}) == 84
