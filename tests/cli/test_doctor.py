"""`taskseed doctor`: every check really tries, and what fails says what to do."""

from pathlib import Path

import pytest

from taskseed.sandbox import available
from tests.obedient import obedient
from tests.run.helpers import taskseed
from tests.servers import MockServer, Reply, error

RECIPE = """
name: t
tasks: {{include: [{tasks}]}}
models:
  writer:
    model: teacher
    base_url: {url}
    sampling: {{temperature: 0.7, max_tokens: 4000}}
{more}
"""


def examined(
    folder: Path, url: str, tasks: str = "taskseed_maths", more: str = "", **environment: str
) -> tuple[int, dict[str, str], str]:
    """Return the exit code, each finding's state by what was checked, and the whole text."""
    recipe = folder / "recipe.yaml"
    recipe.write_text(RECIPE.format(url=url, tasks=tasks, more=more))
    done = taskseed("doctor", str(recipe), XDG_CACHE_HOME=str(folder / "cache"), **environment)
    lines = [line.split() for line in done.stdout.splitlines() if not line.startswith(" ")]
    return done.returncode, {words[1]: words[0] for words in lines}, done.stdout + done.stderr


def test_without_a_recipe_it_looks_at_the_machine() -> None:
    """Interpreter, harness, sandbox and disk; nothing is asked of anybody."""
    done = taskseed("doctor")
    assert (done.returncode, done.stderr) == (0, "")
    what = [line.split()[1] for line in done.stdout.splitlines() if not line.startswith(" ")]
    assert what == ["python", "harness", "sandbox", "disk"]
    found = available()
    assert (found.name if found else "install bubblewrap") in done.stdout


def test_a_good_endpoint_is_asked_small_questions(tmp_path: Path) -> None:
    """With the recipe's own sampling, but few tokens; roles that share a model are asked for once."""
    with MockServer(obedient()) as server:
        code, states, text = examined(tmp_path, server.base_url)
        asked = server.received
    assert code == 0
    assert states["tasks"] == states["models.writer"] == states["models.solver"] == "ok"
    assert (
        text.count("answers as teacher; honours max_tokens, n, seed, logprobs, json_schema, stop; no `price`")
        == 2
    )
    assert [r["temperature"] for r in asked] == [0.7, 1, 1, 1, 0.7, 0.7]
    assert max(r["max_tokens"] for r in asked) == 512


def test_what_is_honoured_is_kept_and_asked_anew_each_time(tmp_path: Path) -> None:
    """A file per model in the user's cache folder; the second doctor does not believe it."""
    with MockServer(obedient()) as server:
        examined(tmp_path, server.base_url)
        (kept,) = (tmp_path / "cache/taskseed").iterdir()
        before = kept.read_text()
        server.respond = obedient(ignores={"n"})
        examined(tmp_path, server.base_url)
        assert server.requests == 12
    after = kept.read_text()
    assert ['"n": true' in text for text in (before, after)] == [True, False]


def test_what_a_server_does_not_tell_is_said(tmp_path: Path) -> None:
    """One choice where two were asked, and no token counts: a run works, with less."""
    with MockServer(obedient(ignores={"n", "response_format"}, usage=False, words=3)) as server:
        code, states, text = examined(tmp_path, server.base_url)
    assert (code, states["models.writer"]) == (0, "lacks")
    said = "honours max_tokens, logprobs, stop; does not honour n, json_schema; could not be told: seed"
    assert f"{said}; tells no token counts" in text


def test_a_server_that_keeps_no_limit_lacks_something(tmp_path: Path) -> None:
    """A budget reserves what the recipe allows, and the server may write more."""
    with MockServer(obedient(ignores={"max_tokens", "max_completion_tokens"})) as server:
        code, states, text = examined(tmp_path, server.base_url)
    assert (code, states["models.writer"]) == (0, "lacks")
    assert "does not honour max_tokens, max_completion_tokens" in text
    assert "a budget may be overspent" in text


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (error(404, "no such model: teacher"), "does not answer a request to teacher"),
        (error(422, "temperature: extra fields not permitted"), "refused_422"),
        (Reply(action="html", status=200), "does not"),
    ],
)
def test_an_endpoint_that_does_not_answer_fails_with_what_it_said(
    tmp_path: Path, reply: Reply, said: str
) -> None:
    """The exit code is 1, and a line says what to look at."""
    with MockServer(lambda request, number: reply) as server:
        code, states, text = examined(tmp_path, server.base_url)
    assert (code, states["models.writer"]) == (1, "fails")
    assert said in text
    assert "→" in text


def test_a_server_that_is_not_there_and_a_missing_key_fail(tmp_path: Path) -> None:
    """Both before anything is spent; the variable's name is told, never a value."""
    code, states, text = examined(tmp_path, "http://127.0.0.1:9/v1")
    assert (code, states["models.writer"]) == (1, "fails")
    assert "start the server, or check base_url" in text
    code, states, text = examined(tmp_path, "https://api.example.com/v1", more="    api_key_env: MY_KEY")
    assert (code, states["models"]) == (1, "fails")
    assert "MY_KEY" in text


def test_tasks_that_cannot_be_used_fail(tmp_path: Path) -> None:
    """A task that holds its training split out is refused here as in a run; a queue asks no endpoint."""
    more = "responses: {on_miss: queue}"
    code, states, text = examined(tmp_path, "http://127.0.0.1:9/v1", tasks="gpqa_main_zeroshot", more=more)
    assert (code, states["tasks"], states["models"]) == (1, "fails", "ok")
    assert "split_is_scored" in text


def test_a_broken_recipe_is_a_usage_error(tmp_path: Path) -> None:
    """As for every other command."""
    assert taskseed("doctor", str(tmp_path / "none.yaml")).returncode == 2
