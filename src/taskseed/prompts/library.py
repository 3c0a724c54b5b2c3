"""Prompt blocks as files: loaded, checked against what each may use, rendered strictly, and hashed.

A block is one Markdown file with Jinja placeholders. Values are inserted, never rendered: text of a
data set or a model cannot become a template. Beside the blocks lie the lists that steering axes are
drawn from: one entry a line, no template.
"""

import difflib
import functools
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
import jinja2.meta
import jinja2.sandbox

from taskseed.errors import UsageError
from taskseed.records import canonical_json

__all__ = ["BLOCKS", "LISTS", "PromptSet", "load_prompts"]

BLOCKS: Mapping[str, frozenset[str]] = {
    "generate/intro.md": frozenset(),
    "generate/passage.md": frozenset(),
    "generate/kind/multiple_choice.md": frozenset({"option_count"}),
    "generate/kind/boolean.md": frozenset({"answers"}),
    "generate/kind/number.md": frozenset({"kind"}),
    "generate/kind/short_answer.md": frozenset({"kind"}),
    "generate/kind/code.md": frozenset(),
    "generate/kind/schema.md": frozenset(),
    "generate/contract.md": frozenset({"kind", "has_context"}),
    "generate/several.md": frozenset({"count"}),
    "generate/examples.md": frozenset({"examples"}),
    "generate/axes.md": frozenset({"axes"}),
    "generate/seed.md": frozenset({"seed", "language"}),
    "solve/intro.md": frozenset(),
    "solve/style/direct.md": frozenset(),
    "solve/style/reasoning.md": frozenset(),
    "solve/style/knowledge.md": frozenset(),
    "solve/style/distractors.md": frozenset(),
    "solve/contract/multiple_choice.md": frozenset(),
    "solve/contract/boolean.md": frozenset({"answers"}),
    "solve/contract/number.md": frozenset({"kind"}),
    "solve/contract/short_answer.md": frozenset({"kind"}),
    "solve/contract/code.md": frozenset(),
    "solve/question.md": frozenset({"question", "context", "options"}),
    "judge/intro.md": frozenset(),
    "judge/pair.md": frozenset({"question", "context", "first", "second", "mark"}),
}
"""Every block and the variables it gets, all of which it must use."""

LISTS = tuple(
    f"axes/{name}.txt"
    for name in (
        "code",
        "dialogue",
        "ethics",
        "everyday",
        "general",
        "language",
        "medicine",
        "places",
        "reviews",
        "science",
        "texts",
        "work",
    )
)
"""Every list; `taskseed.prompts.axes` says which domain draws from which."""

_LONGEST_ENTRY = 200

SHIPPED = Path(__file__).parent / "text"
_RENDER_FAULTS = (jinja2.TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError)


@dataclass(frozen=True, slots=True)
class PromptSet:
    """The blocks and lists of a run: name (`solve/intro.md`, `axes/code.txt`) to text."""

    texts: Mapping[str, str]

    def entries(self, name: str) -> tuple[str, ...]:
        """Return the entries of a list in their order."""
        return _entries(self.texts[name])

    def render(self, name: str, **values: Any) -> str:
        """Return a block with values inserted, without white space at its ends.

        :raises UsageError: if the values are not exactly the block's variables, or it cannot be rendered.
        """
        _same_variables(name, BLOCKS[name], frozenset(values))
        try:
            return _template(self.texts[name]).render(values).strip()
        except _RENDER_FAULTS as fault:
            raise _broken(name, fault) from fault

    def is_shipped(self, name: str) -> bool:
        """Say whether a block is the shipped one."""
        return self.texts[name] == _shipped(name)

    def hash(self, names: Sequence[str]) -> str:
        """Return 16 hexadecimal digits (64 bits of sha256) of these blocks' names and texts, in order."""
        return hashlib.sha256(canonical_json([[n, self.texts[n]] for n in names])).hexdigest()[:16]


def load_prompts(override: Path | None = None) -> PromptSet:
    """Return the shipped files, each replaced by the file of the same name in `override`, if it is there.

    A block that the folder lacks is the shipped one, so a folder made for an earlier version goes on
    working; a block that is new since then is rendered only where the recipe asks for what it is for.

    :param override: the recipe's `prompts:` folder, laid out as the shipped `text/`.
    :raises UsageError: if the folder or a file in it cannot be read, a file has another name than a block
        or list, a block does not use exactly its variables, or a list says nothing or something twice.
    """
    texts = {name: _shipped(name) for name in (*BLOCKS, *LISTS)}
    if override is not None:
        texts |= _overrides(override)
    for name, text in texts.items():
        if name in BLOCKS:
            _check(name, text)
        else:
            _check_list(name, text)
    return PromptSet(texts)


@functools.cache
def _shipped(name: str) -> str:
    return (SHIPPED / name).read_text(encoding="utf-8")


def _overrides(folder: Path) -> dict[str, str]:
    if not folder.is_dir():
        raise UsageError(f"prompts: no folder {folder}", "name a folder that holds prompt blocks")
    texts = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = path.relative_to(folder).as_posix()
        if any(part.startswith(".") for part in Path(name).parts):
            continue
        if name not in BLOCKS and name not in LISTS:
            near = difflib.get_close_matches(name, (*BLOCKS, *LISTS), n=1, cutoff=0.0)[0]
            raise UsageError(f"prompts: {name} is not a prompt block", f"did you mean {near}?")
        try:
            texts[name] = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as fault:
            raise UsageError(f"prompts: cannot read {name}: {fault}", "save it as UTF-8 text") from fault
    return texts


def _check(name: str, text: str) -> None:
    try:
        tree = _environment().parse(text)
        foreign = next(iter(jinja2.meta.find_referenced_templates(tree)), "")
        _template(text)
    except jinja2.TemplateError as fault:
        raise _broken(name, fault) from fault
    if foreign != "":
        raise UsageError(f"prompts: {name} includes another template", "write the text into the block itself")
    _same_variables(name, frozenset(jinja2.meta.find_undeclared_variables(tree)), BLOCKS[name])


@functools.lru_cache(maxsize=64)
def _entries(text: str) -> tuple[str, ...]:
    lines = (line.strip() for line in text.splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


def _check_list(name: str, text: str) -> None:
    entries = _entries(text)
    if not entries:
        raise UsageError(f"prompts: {name} lists nothing", "write one entry a line, or leave the file out")
    seen: set[str] = set()
    for entry in entries:
        if len(entry) > _LONGEST_ENTRY:
            raise UsageError(
                f"prompts: {name}: {entry[:60]}… is too long", f"{_LONGEST_ENTRY} characters at most"
            )
        if entry.casefold() in seen:
            raise UsageError(
                f"prompts: {name} lists {entry} twice", "each entry is drawn alike: name it once"
            )
        seen.add(entry.casefold())


def _same_variables(name: str, needed: frozenset[str], given: frozenset[str]) -> None:
    has = f"{name} gets {', '.join(sorted(given)) or 'no variables'}"
    for variable in sorted(needed - given):
        raise UsageError(f"prompts: {name} needs the variable {variable}, which it does not get", has)
    for variable in sorted(given - needed):
        raise UsageError(f"prompts: {name} does not use the variable {variable}", f"{has}; it must use each")


def _broken(name: str, fault: Exception) -> UsageError:
    line = getattr(fault, "lineno", None)
    where = f"{name} line {line}" if line else name
    return UsageError(f"prompts: {where}: {fault}", "mend the Jinja template, or remove your copy of it")


@functools.cache
def _environment() -> jinja2.sandbox.SandboxedEnvironment:
    env = jinja2.sandbox.SandboxedEnvironment(
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # the output is a prompt, not HTML
        keep_trailing_newline=False,
    )
    env.globals.clear()  # a misspelt variable must not silently find a helper of Jinja's own
    return env


@functools.lru_cache(maxsize=256)
def _template(text: str) -> jinja2.Template:
    return _environment().from_string(text)
