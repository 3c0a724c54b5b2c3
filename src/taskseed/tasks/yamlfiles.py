"""The harness's YAML files, read without running anything they name.

A `!function` tag becomes a `FunctionName`, a text. Files that include one another are merged as the
harness does it (lm-eval 0.4.13, `_yaml_loader.load_yaml`): included keys first, own keys win.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

__all__ = ["FunctionName", "Problem", "YamlFiles", "yaml_files_under"]

_SKIPPED_FOLDERS = {"__pycache__", ".ipynb_checkpoints"}


class FunctionName(str):
    """The name behind a `!function` tag, such as `utils.process_docs`; never resolved here."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """A YAML file that cannot be used, and why.

    :param line: one-based; 1 where the file as a whole is meant.
    """

    file: str
    line: int
    message: str


_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc]
    pass


def _function(loader: Any, node: Any) -> FunctionName:
    return FunctionName(loader.construct_scalar(node))


_Loader.add_constructor("!function", _function)


def yaml_files_under(root: Path) -> list[Path]:
    """Return every `*.yaml` file below a folder, in the harness's order (by path)."""
    found = (p for p in root.glob("**/*.yaml") if not _SKIPPED_FOLDERS.intersection(p.parts))
    return sorted(found, key=lambda p: p.as_posix())


class BrokenYaml(Exception):
    """A file that cannot be read as a task config."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(slots=True)
class YamlFiles:
    """Configs by file, each file parsed once however many others include it."""

    _merged: dict[Path, dict[str, Any]] = field(default_factory=dict)

    def config(self, path: Path) -> dict[str, Any]:
        """Return the merged config of one file.

        :raises BrokenYaml: if this file or one it includes cannot be read.
        """
        return self._config(path.resolve(), ())

    def _config(self, path: Path, above: tuple[Path, ...]) -> dict[str, Any]:
        known = self._merged.get(path)
        if known is not None:
            return known
        if path in above:
            raise BrokenYaml(Problem(str(path), 1, "includes itself"))
        own = _parse(path)
        included = own.pop("include", None) or []
        merged: dict[str, Any] = {}
        for name in included if isinstance(included, list) else [included]:
            part = self._config((path.parent / str(name)).resolve(), (*above, path))
            merged.update({k: v for k, v in part.items() if k != "task_list"})
        merged.update(own)
        self._merged[path] = merged
        return merged


def _parse(path: Path) -> dict[str, Any]:
    try:
        config = yaml.load(path.read_bytes(), Loader=_Loader)  # noqa: S506 -- built on the safe loader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        message = getattr(error, "problem", None) or str(error)
        raise BrokenYaml(Problem(str(path), line, " ".join(message.split()))) from error
    except (OSError, UnicodeDecodeError) as error:
        raise BrokenYaml(Problem(str(path), 1, f"cannot be read: {error}")) from error
    if not isinstance(config, dict):
        raise BrokenYaml(Problem(str(path), 1, "is not a mapping of keys"))
    return config
