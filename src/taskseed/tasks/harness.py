"""The harness's own view of a row: its `process_docs`, prompt, choices and target.

`lm_eval` is imported here alone, and only when a task is opened (several seconds). A task's functions are
other people's code: whatever they raise, `SystemExit` included, becomes a `NotLoadable` or a bad row.
"""

import contextlib
import functools
import importlib
import io
import logging
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from taskseed.tasks.entries import TaskEntry
from taskseed.tasks.shapes.base import RowProblem
from taskseed.tasks.shapes.rendered import Rendered
from taskseed.tasks.sources import NotLoadable, as_dataset, as_dataset_dict

__all__ = ["Document", "HarnessTask", "extracts_after_hashes", "open_task"]

T = TypeVar("T")

ROW = "__row__"
_SPLITS = ("training_split", "validation_split", "test_split", "fewshot_split")
_DROPPED_KEYS = (
    "metric_list",
    "filter_list",
    "fewshot_config",
    "process_results",
    "generation_kwargs",
    "class",
)


@dataclass(frozen=True, slots=True)
class Document:
    """One row after the task's `process_docs`.

    :param row: the row's place in the batch that was given.
    """

    row: int
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class HarnessTask:
    """A task object of the harness, fed with our rows."""

    task: Any

    def documents(self, rows: Sequence[dict[str, Any]]) -> list[Document]:
        """Return the rows after the task's `process_docs`; rows that it filters out are missing.

        :raises NotLoadable: if the task's code fails, or loses which row is which.
        """
        process = self.task.config.process_docs
        marked = [{**row, ROW: number} for number, row in enumerate(rows)]
        if process is None:
            return [Document(number, dict(row)) for number, row in enumerate(rows)]
        processed = _guarded(lambda: list(process(as_dataset(marked))), "process_docs")
        if all(ROW in doc for doc in processed):
            return [Document(int(doc.pop(ROW)), doc) for doc in map(dict, processed)]
        if len(processed) == len(rows):
            return [Document(number, dict(doc)) for number, doc in enumerate(processed)]
        raise NotLoadable("load_failed", "the task's process_docs loses which row is which")

    def render(self, document: Document, with_choices: bool) -> Rendered:
        """Return prompt, choices and target of one document.

        :raises RowProblem: if the task's templates or functions fail on it.
        """
        task, doc = self.task, document.fields
        try:
            return _guarded(
                lambda: Rendered(
                    task.doc_to_text(doc),
                    task.doc_to_choice(doc) if with_choices else None,
                    task.doc_to_target(doc),
                    doc,
                ),
                "doc_to_text",
            )
        except NotLoadable as problem:
            raise RowProblem("bad_row", problem.message) from problem


def open_task(entry: TaskEntry, rows: Sequence[dict[str, Any]]) -> HarnessTask:
    """Return the harness's task object of an entry.

    The task is built with the given rows standing in for every split, because the harness tries its
    templates on the first row. Tasks whose metrics need the network are built without them.

    :param rows: a few rows of the training split, at least one.
    :raises NotLoadable: `needs_extra` if a package is missing, else `load_failed`.
    """
    if not rows:
        raise NotLoadable("load_failed", f"`{entry.name}` has no rows to open it with")
    data = as_dataset(rows)
    try:
        return HarnessTask(_guarded(lambda: _whole(entry, data), entry.name))
    except NotLoadable as first:
        try:
            return HarnessTask(_guarded(lambda: _documents_only(entry, data), entry.name))
        except NotLoadable:
            raise first from None


def extracts_after_hashes(task: HarnessTask) -> bool:
    """Return whether a task's own answer extraction looks for a number after `####`."""
    config = task.task.config
    return "####" in str(config.filter_list) or "####" in str(config.metric_list)


def _split_names(entry: TaskEntry) -> list[str]:
    return [name for name in (getattr(entry, key) for key in _SPLITS) if name]


def _whole(entry: TaskEntry, data: Any) -> Any:
    tasks = importlib.import_module("lm_eval.tasks")
    _keep_compiled_templates()
    manager = tasks.TaskManager(include_path=str(entry.yaml_path.parent), include_defaults=False)
    splits = as_dataset_dict(dict.fromkeys(_split_names(entry), data))
    member = {"task": entry.name, "custom_dataset": lambda **_: splits}
    if not entry.held_out_splits:
        member["validation_split"] = entry.training_split  # the harness wants something to score
    built = manager.load({"group": "_taskseed", "task": [member]})["tasks"]
    return next(iter(built.values()))


@functools.cache
def _keep_compiled_templates() -> None:
    """Let the harness compile a template once; it does so for every row (`lm_eval.utils.apply_template`)."""
    environment = importlib.import_module("lm_eval.utils").env
    environment.from_string = functools.lru_cache(maxsize=1024)(environment.from_string)


def _documents_only(entry: TaskEntry, data: Any) -> Any:
    """Build the task from its document functions alone; metrics, filters and exemplars are left out."""
    loader = importlib.import_module("lm_eval.tasks._yaml_loader")
    api = importlib.import_module("lm_eval.api.task")
    config = loader.load_yaml(entry.yaml_path, resolve_func=False)
    for key in ("tag", "group", "task_list", *_DROPPED_KEYS):
        config.pop(key, None)
    for key in ("process_docs", "doc_to_text", "doc_to_choice", "doc_to_target"):
        value = config.get(key)
        if isinstance(value, str) and _is_function(value):
            config[key] = loader._import_fun_from_str(value)
    splits = as_dataset_dict(dict.fromkeys(_split_names(entry), data))
    config |= {"custom_dataset": lambda **_: splits, "num_fewshot": 0, "fewshot_split": None}
    if not entry.held_out_splits:
        config["validation_split"] = entry.training_split
    return api.ConfigurableTask(config=config)


def _is_function(value: str) -> bool:
    """Return whether a config value is `/folder/module.function`, as the harness writes unresolved ones."""
    module = value.rpartition(".")[0]
    return value.startswith("/") and Path(f"{module.removesuffix('.py')}.py").is_file()


def _guarded(call: Callable[[], T], what: str) -> T:
    """Run other people's code, quietly: the one place here that catches everything it may raise."""
    try:
        with _quiet():
            return call()
    except NotLoadable:
        raise
    except ImportError as missing:
        raise NotLoadable("needs_extra", f"{what}: {missing}") from missing
    except (Exception, SystemExit) as problem:  # a task's own code may raise anything
        raise NotLoadable("load_failed", f"{what}: {type(problem).__name__}: {problem}") from problem


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
