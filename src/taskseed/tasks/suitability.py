"""Which tasks may seed. Pure: a verdict follows from the catalogue and the reviewed data files alone.

A training split that any task on the same data set holds out (as test or validation split) never seeds,
whatever the task at hand declares: GPQA's `train` split is its test set.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from taskseed.tasks.entries import TaskEntry
from taskseed.tasks.tables import canonical_path, curated_out, family_of, known_rows, licence_of, override_of

__all__ = ["HeldOut", "Verdict", "held_out_index", "judge", "policy_refusal", "split_keys", "with_rows"]

SplitKey = tuple[str, ...]
HeldOut = Mapping[SplitKey, tuple[str, str]]

_ANY = "*"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a task may seed.

    :param verdict: `seed`, `held_out_only` or `refused`.
    :param reason: None for `seed`, else one of `no_training_split`, `split_is_scored`,
        `exemplars_only`, `not_text`, `perplexity`, `curated_out`.
    :param evidence: what a person needs to see to agree, such as the task that scores the split.
    """

    task: str
    verdict: str
    reason: str | None
    evidence: str


def split_keys(entry: TaskEntry, split: str) -> tuple[SplitKey, ...]:
    """Return the names of a split's rows: two splits that share a name hold the same rows.

    A data set is its canonical path, config and folder. Data files stand for themselves, because `json`
    or `csv` as a path names nothing. A task without a path is its own data set.
    """
    files = entry.source.files_of(split)
    if files:
        return tuple(("file", _file_name(entry, name)) for name in files)
    if entry.data_files:
        listed = [name for _, names in entry.data_files for name in names]
        return tuple(("file of", _file_name(entry, name), split) for name in listed)
    if not entry.dataset_path:
        return (("own", entry.family, entry.loader or entry.name, entry.kwargs or "", split),)
    path = canonical_path(entry.dataset_path)
    return (("hub", path, entry.dataset_name or "default", entry.data_dir or "", split),)


def _file_name(entry: TaskEntry, name: str) -> str:
    if "://" in name or name.startswith("/"):
        return name
    return str(PurePosixPath(entry.root) / PurePosixPath(entry.yaml).parent / name)


def _with_any(key: SplitKey) -> tuple[SplitKey, ...]:
    """Return the key, and the key that stands for every config of the data set."""
    return (key, (*key[:2], _ANY, *key[3:])) if key[0] == "hub" else (key,)


def _without_config(key: SplitKey) -> tuple[SplitKey, ...]:
    if key[0] != "hub":
        return (key,)
    other = _ANY if key[2] == "default" else "default"
    return (key, (*key[:2], other, *key[3:]))


def held_out_index(entries: Iterable[TaskEntry]) -> dict[SplitKey, tuple[str, str]]:
    """Return every held-out split with the task that holds it out and how (`test split`, ...).

    A task that is scored on the split stands before one that only declares it.
    """
    found: dict[SplitKey, tuple[int, str, str]] = {}
    for entry in entries:
        for rank, split, role in _roles(entry):
            for key in (k for name in split_keys(entry, split) for k in _with_any(name)):
                if key not in found or rank < found[key][0]:
                    found[key] = (rank, entry.name, role)
    return {key: (task, role) for key, (_, task, role) in found.items()}


def _roles(entry: TaskEntry) -> list[tuple[int, str, str]]:
    roles = []
    if entry.test_split:
        roles.append((0, entry.test_split, "test split"))
    if entry.validation_split:
        rank = 1 if entry.test_split else 0
        roles.append((rank, entry.validation_split, "validation split"))
    return roles


def rows_known(entry: TaskEntry) -> tuple[int, str] | None:
    """Return the number of training rows and its evidence, where the data file of counts has it."""
    if not entry.dataset_path or not entry.training_split:
        return None
    path, table = canonical_path(entry.dataset_path), known_rows()
    exact = table.get((path, entry.dataset_name or "default", entry.training_split))
    return exact or table.get((path, _ANY, entry.training_split))


def judge(entry: TaskEntry, held_out: HeldOut, min_train_rows: int = 50) -> Verdict:
    """Return whether a task may seed.

    :param held_out: of `held_out_index`, over the whole catalogue.
    :param min_train_rows: fewer training rows than this are few-shot exemplars.
    """
    split = entry.training_split
    if split is None:
        verdict = "held_out_only" if entry.held_out_splits else "refused"
        return Verdict(entry.name, verdict, "no_training_split", "the task declares no training split")
    holder = _holder(entry, split, held_out)
    if holder:
        evidence = f"`{split}` of {_dataset(entry)} is the {holder[1]} of {holder[0]}"
        return Verdict(entry.name, "refused", "split_is_scored", evidence)
    if entry.output_type == "loglikelihood_rolling":
        return Verdict(entry.name, "refused", "perplexity", "output_type: loglikelihood_rolling")
    if entry.modality != "text":
        return Verdict(entry.name, "refused", "not_text", f"the task shows {entry.modality}")
    curated = curated_out().get(entry.name) or curated_out().get(entry.family)
    if curated:
        return Verdict(entry.name, "refused", "curated_out", curated)
    seed = Verdict(
        entry.name, "seed", None, f"no task holds out `{split}` of {_dataset(entry)}{_stated(entry)}"
    )
    known = rows_known(entry)
    return with_rows(seed, known[0], min_train_rows, known[1]) if known else seed


def _holder(entry: TaskEntry, split: str, held_out: HeldOut) -> tuple[str, str] | None:
    keys = (k for name in split_keys(entry, split) for k in _without_config(name))
    return next((held_out[key] for key in keys if key in held_out), None)


def _stated(entry: TaskEntry) -> str:
    """Return why a split that the task itself does not declare is a training split."""
    found = override_of(entry)
    return f"; {found.evidence}" if entry.undeclared_train and found else ""


def _dataset(entry: TaskEntry) -> str:
    if not entry.dataset_path:
        return entry.name
    if entry.data_files:
        return ", ".join(entry.source.files_of(entry.training_split or "")) or entry.dataset_path
    return f"{entry.dataset_path}:{entry.dataset_name}" if entry.dataset_name else entry.dataset_path


def with_rows(verdict: Verdict, rows: int, min_train_rows: int, evidence: str = "counted") -> Verdict:
    """Return the verdict in the light of a row count: a handful of exemplars does not seed."""
    if verdict.verdict != "seed" or rows >= min_train_rows:
        return verdict
    shown = f"{rows} training rows, fewer than {min_train_rows} ({evidence})"
    return Verdict(verdict.task, "refused", "exemplars_only", shown)


def policy_refusal(
    entry: TaskEntry, license_policy: str | tuple[str, ...], allow_unverifiable: bool
) -> str | None:
    """Return why a recipe's policy refuses a task that may seed: `license`, `unverifiable` or None.

    An unknown licence is not commercial, and is in no list. Of `A AND B` a list must hold both.
    """
    licence = licence_of(entry)
    if license_policy == "commercial" and not licence.commercial:
        return "license"
    if not isinstance(license_policy, str) and not set(licence.spdx.split(" AND ")) <= set(license_policy):
        return "license"
    if not allow_unverifiable and family_of(entry).unverifiable:
        return "unverifiable"
    return None
