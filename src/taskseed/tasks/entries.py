"""One task of the harness as a small record, and the names of the data it points at."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from taskseed.tasks.yamlfiles import FunctionName

__all__ = ["DataSource", "TaskEntry", "entry_from_config"]

_REMOTE = ("http://", "https://", "hf://", "s3://", "gs://", "zip://")


@dataclass(frozen=True, slots=True)
class DataSource:
    """Where a task's rows are.

    :param path: the data set path as the task states it (`openai/gsm8k`), or `json`, `csv`, `parquet`.
    :param name: the data set's config, None for the default one.
    :param data_files: (split, files) pairs; the split is `*` where the task gives one list for all splits.
    :param data_dir: the folder inside the data set, where the task names one.
    :param revision: the revision that the task pins, else None.
    :param folder: the folder that relative files belong to (the YAML file's).
    :param contained: relative files must stay inside `folder`.
    """

    path: str
    name: str | None
    data_files: tuple[tuple[str, tuple[str, ...]], ...] = ()
    data_dir: str | None = None
    revision: str | None = None
    folder: Path | None = None
    contained: bool = False

    @property
    def is_packaged(self) -> bool:
        """Whether every data file lies beside the task's YAML file, so that no hub is needed."""
        names = [f for _, files in self.data_files for f in files]
        return bool(names) and not any(f.startswith(_REMOTE) or f.startswith("/") for f in names)

    def files_of(self, split: str) -> tuple[str, ...]:
        """Return the data files of one split as the task states them; empty where it states none."""
        return dict(self.data_files).get(split, ())


@dataclass(frozen=True, slots=True)
class TaskEntry:
    """One leaf task, read from its YAML file without running any of its code.

    :param family: the task's folder.
    :param origin: `harness`, `builtin` or `user`.
    :param root: the folder that `yaml` is relative to.
    :param modality: `text`, `image` or `audio`.
    :param kwargs: other loader arguments as JSON; they belong to the data set's identity.
    :param loader: the name of the task's own loading function or class, where it has one.
    :param choices: fixed choices, where the YAML file lists them.
    :param extractor: the task's own answer extraction (`filter_list`) as JSON, where it has one.
    :param equivalence: what its metrics ignore when they compare answers, as JSON, where they say so.
    :param card_license: the licence id on the data set's card on the Hub, where that was asked for.
    :param undeclared_train: the training split comes from our overrides file, not from the task.
    """

    name: str
    family: str
    origin: str
    root: str
    yaml: str
    dataset_path: str | None
    dataset_name: str | None
    data_files: tuple[tuple[str, tuple[str, ...]], ...]
    data_dir: str | None
    revision: str | None
    kwargs: str | None
    loader: str | None
    training_split: str | None
    validation_split: str | None
    test_split: str | None
    fewshot_split: str | None
    output_type: str
    modality: str
    choices: tuple[str, ...]
    tags: tuple[str, ...]
    extractor: str | None = None
    equivalence: str | None = None
    undeclared_train: bool = False
    card_license: str | None = None

    @property
    def yaml_path(self) -> Path:
        """The task's YAML file."""
        return Path(self.root) / self.yaml

    @property
    def source(self) -> DataSource:
        """Where the task's rows are."""
        folder = self.yaml_path.parent
        contained = self.origin == "builtin"
        return DataSource(
            self.dataset_path or "",
            self.dataset_name,
            self.data_files,
            self.data_dir,
            self.revision,
            folder,
            contained,
        )

    @property
    def dataset_id(self) -> str:
        """The name that seeds give as their data set: its path, or the files of a task that names files."""
        if not self.data_files:
            return self.dataset_path or self.name
        files = self.source.files_of(self.training_split or "") or self.data_files[0][1]
        return files[0] if files[0].startswith(_REMOTE) else f"{self.family}/{files[0]}"

    @property
    def held_out_splits(self) -> tuple[str, ...]:
        """The splits that the task declares as test or validation, test first."""
        found = (self.test_split, self.validation_split)
        return tuple(dict.fromkeys(s for s in found if s))


def _text(value: Any) -> str | None:
    return None if value is None or value == "" else str(value)


def _split(config: Mapping[str, Any], key: str) -> str | None:
    found = config.get(key) or None
    if not isinstance(found, str | None):
        raise ValueError(f"`{key}` must be the name of a split")  # noqa: TRY004 -- one error for a config
    return found


def _names(value: Any) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else [value]
    return tuple(str(v) for v in listed if v)


def _data_files(value: Any) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not value:
        return ()
    if isinstance(value, Mapping):
        return tuple((str(split), _names(files)) for split, files in value.items())
    return (("*", _names(value)),)


def _choices(value: Any) -> tuple[str, ...]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if not isinstance(value, Sequence) or isinstance(value, str):
        return ()
    return tuple(str(v) for v in value)


def _modality(config: Mapping[str, Any]) -> str:
    if config.get("doc_to_image"):
        return "image"
    return "audio" if config.get("doc_to_audio") else "text"


def _loader(config: Mapping[str, Any]) -> str | None:
    found = config.get("class") or config.get("custom_dataset")
    return str(found) if isinstance(found, FunctionName) else None


_IGNORED = ("ignore_case", "ignore_numbers", "ignore_punctuation", "regexes_to_ignore")


def _extractor(config: Mapping[str, Any]) -> str | None:
    """Return the filters that find an answer in a text; those that only trim or take the first do not."""
    found = [
        {**step, "name": chain.get("name")}
        for chain in config.get("filter_list") or ()
        if isinstance(chain, Mapping)
        for step in chain.get("filter") or ()
        if isinstance(step, Mapping) and step.get("function") not in ("take_first", "remove_whitespace")
    ]
    return json.dumps(found, sort_keys=True, default=str, ensure_ascii=False) if found else None


def _equivalence(config: Mapping[str, Any]) -> str | None:
    found = {
        str(metric.get("metric")): {key: metric[key] for key in _IGNORED if metric.get(key)}
        for metric in config.get("metric_list") or ()
        if isinstance(metric, Mapping) and any(metric.get(key) for key in _IGNORED)
    }
    return json.dumps(found, sort_keys=True, default=str, ensure_ascii=False) if found else None


def entry_from_config(
    config: Mapping[str, Any], *, family: str, origin: str, root: str, yaml: str
) -> TaskEntry:
    """Return the entry of one task config, as read by `yamlfiles.load_config`.

    :raises ValueError: if the task's name or a split is not text.
    """
    name = config.get("task")
    if not isinstance(name, str) or not name:
        raise ValueError("`task` must be a name")
    kwargs = dict(config.get("dataset_kwargs") or {})
    kwargs.pop("trust_remote_code", None)
    files = _data_files(kwargs.pop("data_files", None))
    data_dir, revision = _text(kwargs.pop("data_dir", None)), _text(kwargs.pop("revision", None))
    return TaskEntry(
        name=name,
        family=family,
        origin=origin,
        root=root,
        yaml=yaml,
        dataset_path=_text(config.get("dataset_path")),
        dataset_name=_text(config.get("dataset_name")),
        data_files=files,
        data_dir=data_dir,
        revision=revision,
        kwargs=json.dumps(kwargs, sort_keys=True, default=str) if kwargs else None,
        loader=_loader(config),
        output_type=str(config.get("output_type") or "generate_until"),
        modality=_modality(config),
        choices=_choices(config.get("doc_to_choice")),
        tags=_names(config.get("tag")),
        extractor=_extractor(config),
        equivalence=_equivalence(config),
        training_split=_split(config, "training_split"),
        validation_split=_split(config, "validation_split"),
        test_split=_split(config, "test_split"),
        fewshot_split=_split(config, "fewshot_split"),
    )
