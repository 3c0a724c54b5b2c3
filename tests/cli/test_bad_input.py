"""Whatever goes wrong: one `error:` line, one `hint:` line, the right exit code, no traceback."""

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from taskseed.io import lock
from tests import teacher
from tests.run.helpers import NUMERIC, commands, taskseed
from tests.servers import MockServer, Reply
from tests.tasks.helpers import write_rows

MODEL = """name: t
tasks: {{include: [taskseed_maths]}}
held_out: {{suites: []}}
models:
  writer:
    model: teacher
    base_url: {url}
{more}"""
EMPTY = Reply(action="empty")
HTML = Reply(action="html")


def complaint(done: subprocess.CompletedProcess[str], code: int) -> tuple[str, str]:
    """Return what stands behind `error:` and `hint:`, the only lines on stderr, for an exit code."""
    lines = done.stderr.splitlines()
    assert (done.returncode, [line.partition(": ")[0] for line in lines]) == (code, ["error", "hint"]), done
    assert done.stdout == ""
    return lines[0].removeprefix("error: "), lines[1].removeprefix("hint: ")


def written(path: Path, text: str) -> str:
    """Write a recipe and return its name."""
    path.write_text(text)
    return str(path)


def run(folder: Path, text: str, *more: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a recipe into `<folder>/out`."""
    recipe = written(folder / "recipe.yaml", text)
    return taskseed("run", recipe, "--out", str(folder / "out"), "--quiet", *more, **environment)


def paid_stages(folder: Path) -> list[str]:
    """Return the stages after normalize of which a run directory holds something."""
    held = sorted(p.parent.name for p in (folder / "out").glob("*/*") if p.name in ("kept", "stage.json"))
    return [stage for stage in held if stage not in ("collect", "normalize")]


def test_an_unknown_task_is_told_with_what_is_near(tmp_path: Path) -> None:
    """A misspelt task is a usage error whose hint has the right spelling."""
    error, hint = complaint(run(tmp_path, NUMERIC.replace("taskseed_maths", "taskseed_math")), 2)
    assert (error, "`taskseed_maths`" in hint) == (
        "no task, family, group or tag is called `taskseed_math`",
        True,
    )
    for command in ("tasks", "task"):
        error, hint = complaint(taskseed(command, "arc_eazy"), 2)
        assert (error, hint.split(",")[0]) == (
            "no task, family, group or tag is called `arc_eazy`",
            "did you mean `arc_easy`",
        )


def test_a_group_is_no_single_task() -> None:
    """`taskseed task` of a family says how to list it."""
    error, hint = complaint(taskseed("task", "arc"), 2)
    assert error == "`arc` stands for 3 tasks, not for one"
    assert hint.endswith("taskseed tasks 'arc'")


def test_an_unknown_key_is_told_with_its_line(tmp_path: Path) -> None:
    """A misspelt key names its line and the nearest key."""
    error, hint = complaint(run(tmp_path, NUMERIC + "enrich:\n  max_vots: 3\n"), 2)
    assert (error, hint) == (
        f"{tmp_path}/recipe.yaml, line 6: unknown key `enrich.max_vots`",
        "did you mean `max_votes`?",
    )


def test_a_key_of_set_is_checked_too(tmp_path: Path) -> None:
    """--set with an unknown key is the same error."""
    error, hint = complaint(run(tmp_path, NUMERIC, "--set", "enrich.max_vots=3"), 2)
    assert error.endswith("unknown key `enrich.max_vots`")
    assert hint == "did you mean `max_votes`?"


def test_broken_yaml_is_told_with_its_line(tmp_path: Path) -> None:
    """A YAML syntax error names the line."""
    error, _ = complaint(run(tmp_path, "name: t\ntasks: {include: [a}\n"), 2)
    assert error.startswith(f"{tmp_path}/recipe.yaml, line 2: ")


@pytest.mark.parametrize(
    "text", ["", "- a\n", "\x00", "name: t\n", "name: [t]\ntasks: 3\n", "a: &a [*a]\n", "[" * 9999]
)
def test_what_is_no_recipe_is_a_usage_error(text: str, tmp_path: Path) -> None:
    """Files that hold no recipe are usage errors."""
    complaint(run(tmp_path, text), 2)


def test_a_recipe_that_cannot_be_read_is_a_usage_error(tmp_path: Path) -> None:
    """A missing file, a folder and bytes that are no text are usage errors that name the file."""
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    for name in ("missing.yaml", ".", "bytes.yaml"):
        error, _ = complaint(taskseed("run", str(tmp_path / name)), 2)
        assert f"`{tmp_path / name}`" in error


def test_a_missing_key_variable_is_told_before_anything_is_asked(tmp_path: Path) -> None:
    """A key variable that the recipe names must be set, even where the endpoint is up."""
    with MockServer(teacher.respond) as server:
        text = MODEL.format(url=server.base_url, more="    api_key_env: MY_KEY\n")
        error, hint = complaint(run(tmp_path, text), 2)
    assert error == "models.writer: the environment variable `MY_KEY` is not set"
    assert hint.startswith("export MY_KEY=")
    assert (server.requests, server.model_requests, (tmp_path / "out").exists()) == (0, 0, False)


def test_a_remote_endpoint_wants_its_default_key(tmp_path: Path) -> None:
    """An endpoint elsewhere is not asked without the default key either."""
    error, _ = complaint(run(tmp_path, MODEL.format(url="https://models.invalid/v1", more="")), 2)
    assert error == "models.writer: the environment variable `OPENAI_API_KEY` is not set"


def test_an_endpoint_that_is_down_ends_the_run_at_its_start(tmp_path: Path) -> None:
    """It is refused before any work, and the URL is named."""
    with MockServer(teacher.respond) as gone:
        url = gone.base_url
    error, _ = complaint(run(tmp_path, MODEL.format(url=url, more="")), 1)
    assert url.removesuffix("/v1") in error
    assert paid_stages(tmp_path) == []


def test_an_endpoint_with_a_wrong_key_is_told(tmp_path: Path) -> None:
    """401 at the start ends the run with what the server said."""
    with MockServer(teacher.respond, api_key="right") as server:
        text = MODEL.format(url=server.base_url, more="    api_key_env: MY_KEY\n")
        error, _ = complaint(run(tmp_path, text, MY_KEY="wrong-key-0123"), 1)
    assert ("401" in error, "wrong-key-0123" in error) == (True, False)
    assert server.requests == 0


def test_an_endpoint_that_speaks_something_else_is_told(tmp_path: Path) -> None:
    """HTML or nothing where JSON belongs ends the run, and no candidate is called dropped for it."""

    def told(case: tuple[str, Reply | None, Reply]) -> tuple[list[str], str]:
        name, models, answer = case
        folder = tmp_path / name
        folder.mkdir()
        with MockServer(lambda *_: answer, models=models) as server:
            error, _ = complaint(run(folder, MODEL.format(url=server.base_url, more="")), 1)
        return paid_stages(folder), error

    cases = [("everywhere", HTML, HTML), ("html", None, HTML), ("empty", None, EMPTY)]
    with ThreadPoolExecutor() as pool:  # most of the time is spent on waiting between attempts
        found = list(pool.map(told, cases))
    assert [stages for stages, _ in found] == [[]] * 3
    needles = ("does not speak OpenAI's", "an HTML page instead of JSON", "an empty body")
    assert [needle in error for needle, (_, error) in zip(needles, found, strict=True)] == [True] * 3


def test_a_mirror_without_the_split_is_told(tmp_path: Path) -> None:
    """The path that was looked for and what is there are named."""
    write_rows(tmp_path / "hub/openai/gsm8k/main/test.parquet", [{"question": "a", "answer": "b"}])
    text = NUMERIC.replace("[taskseed_maths]", "[gsm8k], hub: hub")
    error, _ = complaint(run(tmp_path, text), 2)
    assert f"{tmp_path}/hub/openai/gsm8k/main/train.parquet" in error
    assert "splits there: test" in error


def test_an_unwritable_run_directory_is_told(tmp_path: Path) -> None:
    """A run directory under a file, or where the system lets nobody write, ends the run at once."""
    recipe = written(tmp_path / "recipe.yaml", NUMERIC)
    for folder in (f"{recipe}/out", "/proc/taskseed/out", recipe):
        error, _ = complaint(taskseed("run", recipe, "--quiet", "--out", folder), 1)
        assert f"`{folder}" in error


def test_a_run_directory_in_use_is_told(tmp_path: Path) -> None:
    """A second run of the same directory says who holds it."""
    with lock(tmp_path / "out"):
        error, _ = complaint(run(tmp_path, NUMERIC), 1)
    assert error == f"`{tmp_path / 'out'}` is in use by process {os.getpid()}"


def test_a_full_disk_is_told_and_the_run_goes_on_later(tmp_path: Path) -> None:
    """On a full disk the run ends with what to do; with space again the same command ends it well."""
    if not shutil.which("unshare") or os.geteuid():
        pytest.skip("only root can mount a small disk for one process")
    recipe = written(tmp_path / "recipe.yaml", NUMERIC)
    (tmp_path / "disk").mkdir()
    script = (
        'mount -t tmpfs -o size="$1" none "$2" || exit 99; shift 2; "$@" >&2; '
        'code=$?; [ "$code" = 1 ] || exit "$code"; mount -o remount,size=100m "$0"; "$@"'
    )
    command = [sys.executable, "-m", "taskseed", "run", recipe, "--quiet", "--out", f"{tmp_path}/disk/out"]
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", script, f"{tmp_path}/disk", "48k", f"{tmp_path}/disk", *command],
        env={**os.environ, "HF_HUB_OFFLINE": "1", "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode == 99 or "unshare" in done.stderr:
        pytest.skip("no private mount namespace here")
    error, hint = done.stderr.splitlines()
    assert error.startswith("error: the disk is full: cannot write `")
    assert hint.startswith("hint: free some space and run the same command again")
    assert (done.returncode, "data set: " in done.stdout) == (0, True)


def test_a_held_out_split_never_seeds(tmp_path: Path) -> None:
    """GPQA's training split is its test split: naming it as a seed is refused with the reason."""
    error, hint = complaint(run(tmp_path, NUMERIC.replace("taskseed_maths", "gpqa_main_zeroshot")), 2)
    assert error.startswith("`gpqa_main_zeroshot` may not seed: split_is_scored: `train` of ")
    assert hint.endswith("taskseed task gpqa_main_zeroshot")


@pytest.mark.parametrize("flag", ["--limit", "--accept"])
@pytest.mark.parametrize("number", ["0", "-1"])
def test_numbers_that_leave_nothing_are_refused(flag: str, number: str, tmp_path: Path) -> None:
    """--limit and --accept take numbers of 1 or more."""
    error, hint = complaint(run(tmp_path, NUMERIC, flag, number), 2)
    assert error == f"{flag} {number} leaves nothing to do"
    assert hint == f"give {flag} a number above 0"


def test_a_directory_of_another_recipe_is_told(tmp_path: Path) -> None:
    """What differs is shown, and --update is the hint."""
    assert run(tmp_path, NUMERIC).returncode == 0
    error, hint = complaint(run(tmp_path, NUMERIC + "seed: 7\n"), 2)
    assert error == f"`{tmp_path / 'out'}` was made from another recipe: seed was 0, is 7"
    assert hint.startswith("give --update ")


@pytest.mark.parametrize("command", ["status", "verify"])
def test_a_folder_that_is_no_run_directory_is_told(command: str, tmp_path: Path) -> None:
    """status and verify of another folder, or of none, are usage errors."""
    for folder in (tmp_path, tmp_path / "none"):
        error, _ = complaint(taskseed(command, str(folder)), 2)
        assert error == f"`{folder}` is not a run directory"


@pytest.mark.parametrize(
    "arguments", [("nosuch",), ("run",), ("run", "x", "--nosuch"), ("run", "x", "--limit", "ten")]
)
def test_a_wrong_command_line_is_a_usage_error(arguments: tuple[str, ...]) -> None:
    """Unknown commands and flags, and missing or unreadable values, point at --help."""
    _, hint = complaint(taskseed(*arguments), 2)
    assert hint.endswith(" --help")


def test_folders_that_are_none_are_told(tmp_path: Path) -> None:
    """--hub and --include-path must name folders."""
    for option in ("--hub", "--include-path"):
        error, _ = complaint(taskseed("tasks", option, str(tmp_path / "none")), 2)
        assert error == f"`{tmp_path / 'none'}` is not a folder"


def test_each_option_of_each_command_has_a_help_text() -> None:
    """--help of every command ends with 0, and says a word about each option and argument."""
    found = commands()
    assert {("demo",), ("tasks",), ("run",), ("status",), ("batch", "import")} - set(found) == set()
    for words in found:
        done = taskseed(*words, "--help")
        assert (done.returncode, done.stderr) == (0, "")
        head, *sections = re.split(r"^(?:Options|Arguments):\n", done.stdout, flags=re.M)
        assert head.split("\n\n")[1].strip() != ""
        options = [line for s in sections for line in s.splitlines() if re.match(r"  \S", line)]
        assert "--help" in options[-1]
        bare = [o for o in options if len(re.split(r"\s{2,}", o.strip())) < 2]
        following = [s.splitlines()[s.splitlines().index(o) + 1] for o in bare for s in sections if o in s]
        assert [line for line in following if not line.startswith("        ")] == []


def test_secrets_are_in_no_file_and_no_output(tmp_path: Path) -> None:
    """A key, a password in a URL and a header's value are sent, and never written or printed."""
    secrets = ["sk-key-4711", "pass-word-4712", "header-4713"]
    with MockServer(teacher.respond) as server:
        url = server.base_url.replace("//", f"//user:{secrets[1]}@")
        more = f"    api_key_env: MY_KEY\n    headers: {{x-token: {secrets[2]}}}\n"
        text = MODEL.format(url=url, more=more)
        done = run(tmp_path, text, "--limit", "4", MY_KEY=secrets[0])
        seen = taskseed("status", str(tmp_path / "out"), "--json", MY_KEY=secrets[0])
    assert (done.returncode, done.stderr) == (0, "")
    assert server.headers[-1]["authorization"] == f"Bearer {secrets[0]}"
    assert server.headers[-1]["x-token"] == secrets[2]
    (tmp_path / "down").mkdir()
    failed = run(tmp_path / "down", text, MY_KEY=secrets[0])
    assert failed.returncode == 1
    said = "".join(d.stdout + d.stderr for d in (done, seen, failed)).encode()
    folders = (tmp_path / "out", tmp_path / "down" / "out")
    files = [p for folder in folders for p in folder.rglob("*") if p.is_file()]
    assert "recipe.yaml" in {p.name for p in files}
    held = {str(p): [s for s in secrets if s.encode() in p.read_bytes()] for p in files}
    assert {p: found for p, found in held.items() if found} == {}
    assert [s for s in secrets if s.encode() in said] == []
