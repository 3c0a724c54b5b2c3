"""`taskseed batch export` and `batch import`: a run's requests as files, and their responses back."""

import shlex
from pathlib import Path

from taskseed.cli.messages import human, stdout
from taskseed.cli.progress import watching
from taskseed.cli.run import stored_recipe
from taskseed.errors import UsageError
from taskseed.run.batch import BatchFile, Imported, export_batch, import_batch

__all__ = ["export_requests", "import_responses"]


def export_requests(directory: str, file: str, requests_per_file: int) -> int:
    """Write what a run waits for as batch files."""
    folder = Path(directory)
    written = export_batch(stored_recipe(folder), folder, Path(file), requests_per_file)
    console = stdout()
    for part in written[:10]:
        size = f"{part.bytes / 1e6:.1f} MB"
        console.print(
            f"{part.path}: {_count(part.requests, 'request')} to {part.model}, {size}; {_tokens(part)}",
            markup=False,
            soft_wrap=True,
        )
    if len(written) > 10:
        console.print(f"... {len(written)} files in all", soft_wrap=True)
    answers = written[0].path.with_name("responses.jsonl")
    steps = (
        "\nhave them answered, for example by OpenAI's Batch API, or on your own GPUs:",
        "  "
        + shlex.join(
            ["vllm", "run-batch", "-i", str(written[0].path), "-o", str(answers), "--model", written[0].model]
        ),
        "then:",
        "  " + shlex.join(["taskseed", "batch", "import", str(folder), str(answers)]),
    )
    for line in steps:
        console.print(line, markup=False, soft_wrap=True)
    return 0


def _tokens(part: BatchFile) -> str:
    most = "no limit on output tokens" if part.most_output is None else _at_most(part.most_output)
    return f"about {human(part.characters / 4)} input tokens (characters / 4), {most}"


def _at_most(tokens: int) -> str:
    return f"at most {human(tokens)} output tokens"


def _count(number: int, unit: str) -> str:
    return f"{human(number)} {unit}{'' if number == 1 else 's'}"


def import_responses(directory: str, files: list[str], quiet: bool) -> int:
    """Put the responses of batch files into the run's store."""
    folder = Path(directory)
    recipe = stored_recipe(folder)
    with watching(quiet) as watch:
        done = import_batch(recipe, folder, [Path(file) for file in files], watch)
    _print(done, folder)
    if done.bad:
        more = "" if done.bad == len(done.named) else f"; and {done.bad - len(done.named)} more"
        raise UsageError(
            f"{_count(done.bad, 'line')} not taken: {'; '.join(done.named)}{more}",
            "the other lines are in the store; check that these files belong to this run's last export",
        )
    return 0


def _print(done: Imported, folder: Path) -> None:
    console = stdout()
    lines = [f"{_count(done.stored, 'response')} stored"]
    if done.known:
        lines.append(f"{human(done.known)} were there already")
    if done.refused:
        lines.append(f"{_count(done.refused, 'request')} refused by the server; not asked again")
    for reason, count in done.failed.most_common():
        lines.append(f"{_count(count, 'request')} failed: {reason}")
    lines.append(f"{_count(done.left, 'request')} without a response")
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)
    if done.stored or done.known:
        console.print(
            "\nnext: the same `taskseed run` as before; it says what it still waits for",
            markup=False,
            soft_wrap=True,
        )
