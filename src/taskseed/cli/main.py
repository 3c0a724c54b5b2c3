"""The `taskseed` command: its commands in order of first use, and how it ends."""

import os
import sys
from importlib import import_module
from typing import Annotated, Any, NoReturn

import typer

from taskseed import __version__

__all__ = ["app", "main"]

app = typer.Typer(
    name="taskseed",
    help=(
        "Make new, verified, enriched question-answer data from the training splits of public "
        "evaluation tasks. Start with: taskseed demo"
    ),
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"taskseed {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


Out = Annotated[str | None, typer.Option(help="The run directory. Default: runs/NAME of the recipe.")]
Limit = Annotated[int | None, typer.Option(help="Use at most this many seeds in total.")]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Override a recipe key, for example enrich.max_votes=5."),
]
Update = Annotated[
    bool,
    typer.Option("--update", help="The recipe has changed: keep all responses, redo the stages it affects."),
]
BudgetUsd = Annotated[
    float | None, typer.Option(help="Spend at most this many USD, over all runs into this directory.")
]
BudgetTokens = Annotated[
    int | None, typer.Option(help="Use at most this many tokens, input and output together.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def demo(
    out: Annotated[str, typer.Option(help="The run directory.")] = "runs/demo", quiet: Quiet = False
) -> None:
    """Walk the whole flow on built-in tasks: no key, no GPU, no network."""
    _call("demo", "demo", out=out, quiet=quiet)


@app.command()
def tasks(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME...", help="Tasks, families, groups, tags or globs.")
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="List single tasks, also those that may not seed.")
    ] = False,
    refused: Annotated[bool, typer.Option("--refused", help="List what is refused, and why.")] = False,
    capability: Annotated[str | None, typer.Option(help="Only `knowledge` or `reasoning`.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only one kind of answer, for example number.")] = None,
    language: Annotated[str | None, typer.Option(help="Only one language, for example de.")] = None,
    license: Annotated[  # noqa: A002 (the option's name)
        str | None, typer.Option(help="Only one licence (SPDX id), for example MIT.")
    ] = None,
    as_json: AsJson = False,
    include_path: Annotated[str | None, typer.Option(help="A folder of your own harness task YAMLs.")] = None,
    hub: Annotated[str | None, typer.Option(help="A local mirror: says what can be loaded from it.")] = None,
) -> None:
    """List which evaluation tasks may seed, which may not, and why."""
    facts = {"capability": capability, "kind": kind, "language": language, "license": license}
    _call(
        "tasks",
        "tasks",
        names=names or [],
        every=every,
        refused=refused,
        facts=facts,
        as_json=as_json,
        include_path=include_path,
        hub=hub,
    )


@app.command()
def task(
    name: Annotated[str, typer.Argument(help="A task.")],
    hub: Annotated[str | None, typer.Option(help="A local mirror to read a row from.")] = None,
    include_path: Annotated[str | None, typer.Option(help="A folder of your own harness task YAMLs.")] = None,
) -> None:
    """Show one task: its verdict and evidence, its guards, a row raw and normalised."""
    _call("task", "task", name=name, hub=hub, include_path=include_path)


@app.command()
def seeds(
    recipe: Annotated[str, typer.Argument(help="The recipe file.")],
    out: Out = None,
    limit: Limit = None,
    sets: Sets = None,
    update: Update = False,
    quiet: Quiet = False,
) -> None:
    """Collect and normalise the seeds of a recipe, nothing more. Asks no model."""
    _call("run", "seeds", recipe=recipe, out=out, limit=limit, sets=sets or [], update=update, quiet=quiet)


@app.command()
def plan(
    recipe: Annotated[str, typer.Argument(help="The recipe file.")],
    out: Out = None,
    pilot: Annotated[
        int | None,
        typer.Option(
            help="Take this many seeds through the run, and solve about as many blind; answers are kept."
        ),
    ] = None,
    limit: Limit = None,
    budget_usd: BudgetUsd = None,
    budget_tokens: BudgetTokens = None,
    sets: Sets = None,
    quiet: Quiet = False,
) -> None:
    """Say what a run will ask, use, cost and give, and how right its labels will be. Without --pilot it asks
    no model and tells only bounds.
    """
    _call(
        "plan",
        "plan",
        recipe=recipe,
        out=out,
        pilot=pilot,
        limit=limit,
        budget_usd=budget_usd,
        budget_tokens=budget_tokens,
        sets=sets or [],
        quiet=quiet,
    )


@app.command()
def run(
    recipe: Annotated[str, typer.Argument(help="The recipe file.")],
    out: Out = None,
    limit: Limit = None,
    accept: Annotated[
        int | None,
        typer.Option(help="End with the shard that reaches this many rows, and keep exactly as many."),
    ] = None,
    budget_usd: BudgetUsd = None,
    budget_tokens: BudgetTokens = None,
    sets: Sets = None,
    update: Update = False,
    quiet: Quiet = False,
) -> None:
    """Make the data set of a recipe. Run it again to go on after any interruption."""
    _call(
        "run",
        "run",
        recipe=recipe,
        out=out,
        limit=limit,
        accept=accept,
        budget_usd=budget_usd,
        budget_tokens=budget_tokens,
        sets=sets or [],
        update=update,
        quiet=quiet,
    )


@app.command()
def status(
    directory: Annotated[str, typer.Argument(metavar="DIR", help="A run directory.")], as_json: AsJson = False
) -> None:
    """Show the funnel, requests, tokens and cost of a run, also while it runs."""
    _call("run", "status", directory=directory, as_json=as_json)


@app.command()
def verify(directory: Annotated[str, typer.Argument(metavar="DIR", help="A run directory.")]) -> None:
    """Check that the files of a run directory are what the run made, and its responses are whole."""
    _call("run", "verify", directory=directory)


@app.command()
def doctor(
    recipe: Annotated[str | None, typer.Argument(help="A recipe whose tasks and endpoints to check.")] = None,
    sets: Sets = None,
) -> None:
    """Check this machine, and whether a recipe's tasks can be read and its endpoints answer."""
    _call("doctor", "doctor", recipe=recipe, sets=sets or [])


batch = typer.Typer(
    help="Ask by files instead of an endpoint: write a waiting run's requests, read their responses.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(batch, name="batch")


@batch.command("export")
def batch_export(
    directory: Annotated[
        str, typer.Argument(metavar="DIR", help="A run directory that waits (exit code 4).")
    ],
    file: Annotated[str, typer.Argument(help="The file to write; numbered where one is not enough.")],
    requests_per_file: Annotated[
        int, typer.Option(min=1, max=50_000, help="The most requests per file; OpenAI takes 50,000.")
    ] = 50_000,
) -> None:
    """Write the requests that a run waits for, in the form of OpenAI's Batch API and `vllm run-batch`."""
    _call("batch", "export_requests", directory=directory, file=file, requests_per_file=requests_per_file)


@batch.command("import")
def batch_import(
    directory: Annotated[
        str, typer.Argument(metavar="DIR", help="The run directory they were exported from.")
    ],
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="Output and error files of the batch.")],
    quiet: Quiet = False,
) -> None:
    """Read responses into a run, in any order; then the same `taskseed run` goes on."""
    _call("batch", "import_responses", directory=directory, files=files, quiet=quiet)


def _call(module: str, function: str, **arguments: Any) -> None:
    """Import a command's module only when the command is used, so that `--help` is instant."""
    code = getattr(import_module(f"taskseed.cli.{module}"), function)(**arguments)
    if code:
        raise typer.Exit(code)


# Newer versions of Typer carry a copy of click: this is `ClickException`, whoever carries it.
_CommandLineError: type[Any] = typer.BadParameter.__mro__[2]


def main() -> None:
    """Run the command line; end with the exit codes that docs/commands.md lists."""
    from taskseed.errors import TaskseedError

    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    arguments = sys.argv[1:]
    try:
        code = app(arguments or ["--help"], standalone_mode=False) or 0
    except TaskseedError as problem:
        _fail(problem)
    except _CommandLineError as problem:
        _fail(_explained(problem))
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    if code == 130:
        print("interrupted", file=sys.stderr)
    sys.exit(code if arguments else 2)


def _fail(problem: Any) -> NoReturn:
    from taskseed.cli.messages import print_error

    print_error(problem)
    sys.exit(problem.exit_code)


def _explained(problem: Any) -> Any:
    from taskseed.errors import UsageError

    context = getattr(problem, "ctx", None)
    where = context.command_path.replace("python -m ", "") if context else "taskseed"
    return UsageError(problem.format_message(), f"see: {where} --help")
