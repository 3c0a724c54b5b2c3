"""Secrets go to the endpoint and nowhere else: over whole runs against a server that repeats them."""

import base64
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from taskseed.errors import UsageError
from taskseed.recipe import parse_recipe
from taskseed.run.askers import endpoints
from taskseed.run.fingerprints import changes
from tests import teacher
from tests.run.helpers import MODEL, make, taskseed
from tests.servers import MockServer, Reply, Respond, error, stream

KEY = "sk-key-41f09c77"
USER, PASSWORD = "gateway", "pa%24sword-5cc0"
TOKEN = "token-a86d5b12"
LITERAL = "literal-0d9e1f34"
BASIC = base64.b64encode(b"gateway:pa$sword-5cc0").decode()
SECRETS = (KEY, PASSWORD, "pa$sword-5cc0", BASIC, TOKEN, LITERAL)
ENVIRONMENT = {"TEACHER_KEY": KEY, "GATEWAY_TOKEN": TOKEN}
HEADERS = f"headers: {{x-token: 'Bearer ${{GATEWAY_TOKEN}}', x-literal: {LITERAL}}}"


def recipe(url: str) -> str:
    """Return a recipe with a secret in each place that takes one."""
    url = url.replace("://", f"://{USER}:{PASSWORD}@")
    text = MODEL.format(url=url, concurrency=4)
    return text.replace(
        "    model: teacher\n", f"    model: teacher\n    api_key_env: TEACHER_KEY\n    {HEADERS}\n"
    )


def leaks(out: Path, *said: str) -> list[tuple[str, str]]:
    """Return where a secret stands: in a file's name or bytes, in a Parquet file's rows, in a text."""
    texts = {f"text {i}": text for i, text in enumerate(said)}
    for path in (p for p in out.rglob("*") if p.is_file()):
        name = str(path.relative_to(out))
        texts[name] = name + path.read_bytes().decode("utf-8", "replace")
        if path.suffix == ".parquet":
            texts[name] += str(pq.read_table(path).to_pylist()) + str(pq.read_schema(path))
    return [(name, secret) for name, text in texts.items() for secret in SECRETS if secret in text]


def repeating(server: Callable[[], MockServer], status: int) -> Callable[[], Reply]:
    """Return a function that gives an error which repeats the last request's headers, and the secrets."""

    def reply() -> Reply:
        heard = f"{server().headers[-1]} {' '.join(SECRETS)}"
        return error(status, {"error": {"message": heard}}, x_heard=heard)

    return reply


def run(
    tmp_path: Path, respond: Callable[[Callable[[], MockServer]], Respond]
) -> tuple[Any, MockServer, Path]:
    """Run the recipe by the command line against a server; returns what came of it."""
    held: list[MockServer] = []
    out = tmp_path / "out"
    with MockServer(respond(lambda: held[0])) as server:
        held.append(server)
        (tmp_path / "r.yaml").write_text(recipe(server.base_url))
        done = taskseed("run", str(tmp_path / "r.yaml"), "--out", str(out), "--limit", "6", **ENVIRONMENT)
    return done, server, out


def test_the_server_gets_the_secrets_and_no_file_does(tmp_path: Path) -> None:
    """A run through errors that repeat every header, resets and refusals leaves no secret anywhere."""

    def respond(server: Callable[[], MockServer]) -> Respond:
        failing, refusing = repeating(server, 500), repeating(server, 400)

        def answer(request: dict[str, Any], number: int) -> Reply:
            if number % 5 == 4:
                return (failing(), refusing(), Reply(action="reset"))[number // 5 % 3]
            return teacher.respond(request, number)

        return answer

    done, server, out = run(tmp_path, respond)
    assert (done.returncode, (out / "dataset/README.md").exists()) == (0, True)
    sent = [h for h in server.headers if "content-length" in h]
    assert {(h["x-token"], h["x-literal"]) for h in sent} == {(f"Bearer {TOKEN}", LITERAL)}
    assert {h["authorization"] for h in sent} == {f"Bearer {KEY}"}
    status = taskseed("status", str(out), "--json")
    assert '"failed": 0' not in status.stdout
    refused = b"".join(p.read_bytes() for p in (out / "responses").glob("*.seg"))
    # a refusal is stored in the server's words
    assert re.search(rb"400 \{[^}]*'authorization': 'Bearer \*\*\*'", refused) is not None
    assert leaks(out, done.stdout, done.stderr, status.stdout, status.stderr) == []


@pytest.mark.parametrize(("status", "code", "word"), [(401, 1, "http_401"), (400, 1, "refused_400")])
def test_a_run_that_fails_tells_no_secret(tmp_path: Path, status: int, code: int, word: str) -> None:
    """Where every answer is an error that repeats every header, the run's own error has none."""

    def respond(server: Callable[[], MockServer]) -> Respond:
        failing = repeating(server, status)
        return lambda request, number: failing()

    done, _, out = run(tmp_path, respond)
    assert (done.returncode, word in done.stderr, "***" in done.stderr) == (code, True, True)
    assert leaks(out, done.stdout, done.stderr) == []


def test_doctor_tells_no_secret(tmp_path: Path) -> None:
    """`taskseed doctor` shows what a server says against the request without what is secret in it."""
    held: list[MockServer] = []
    failing = repeating(lambda: held[0], 500)
    with MockServer(lambda request, number: failing()) as server:
        held.append(server)
        (tmp_path / "r.yaml").write_text(recipe(server.base_url))
        done = taskseed("doctor", str(tmp_path / "r.yaml"), **ENVIRONMENT)
    assert ("http_500" in done.stdout, "***" in done.stdout) == (True, True)
    (tmp_path / "r.yaml").unlink()
    assert leaks(tmp_path, done.stdout, done.stderr) == []


def test_a_header_whose_variable_is_not_set(tmp_path: Path) -> None:
    """A header that names a variable that is not set ends the run before anything is asked, and names it."""
    with MockServer(teacher.respond) as server:
        (tmp_path / "r.yaml").write_text(recipe(server.base_url))
        done = taskseed("run", str(tmp_path / "r.yaml"), "--out", str(tmp_path / "out"), TEACHER_KEY=KEY)
        assert (done.returncode, server.requests, server.model_requests) == (2, 0, 0)
    error, hint = done.stderr.strip().splitlines()[-2:]
    assert error == "error: models.writer.headers: the environment variable `GATEWAY_TOKEN` is not set"
    assert hint.startswith("hint: export GATEWAY_TOKEN=...")


@pytest.mark.parametrize(
    ("value", "sent"),
    [("${A_NAME}", "found"), ("x ${A_NAME}y", "x foundy"), ("$A_NAME", "$A_NAME"), ("$", "$")],
)
def test_what_a_header_takes_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, value: str, sent: str
) -> None:
    """`${NAME}` anywhere in a value is what the variable holds; anything else is sent as it stands."""
    monkeypatch.setenv("A_NAME", "found")
    sets = [f"models.writer.headers={{x-a: '{value}'}}"]
    (_, _, (endpoint,)), *_ = endpoints(
        parse_recipe(MODEL.format(url="http://localhost/v1", concurrency=1), sets=sets)
    )
    assert dict(endpoint.headers) == {"x-a": sent}


@pytest.mark.parametrize("value", ["${}", "${A NAME}", "${A_NAME_THAT_IS_EMPTY}"])
def test_a_header_that_names_no_variable(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """Braces around what is no variable, or an empty one, are an error and not sent."""
    monkeypatch.setenv("A_NAME_THAT_IS_EMPTY", "")
    sets = [f"models.writer.headers={{x-a: '{value}'}}"]
    with pytest.raises(UsageError, match="is not set"):
        endpoints(parse_recipe(MODEL.format(url="http://localhost/v1", concurrency=1), sets=sets))


def test_how_a_model_is_reached_changes_nothing_that_is_made(tmp_path: Path) -> None:
    """With `stream` and `ca_file` the endpoint is reached otherwise, and no stage is to be done again."""
    sets = ["models.writer.stream=true", f"models.writer.ca_file={tmp_path / 'ca.pem'}"]
    text = MODEL.format(url="http://localhost/v1", concurrency=1)
    plain, other = parse_recipe(text), parse_recipe(text, sets=sets)
    assert changes(plain, other) == []
    assert [(e.stream, e.ca_file) for _, _, (e,) in endpoints(other)] == [(True, tmp_path / "ca.pem")] * 2


def test_a_streamed_run_is_the_plain_run(tmp_path: Path) -> None:
    """A run over streams makes the rows and counts of a plain one, which is answered by its store."""

    def respond(request: dict[str, Any], number: int) -> Reply:
        whole = teacher.respond(request, number)
        return as_stream(whole) if request.get("stream") else whole

    with MockServer(respond) as server:
        text = MODEL.format(url=server.base_url, concurrency=4)
        plain, other = parse_recipe(text), parse_recipe(text, sets=["models.writer.stream=true"])
        told = [make(r, tmp_path / n, limit=6) for r, n in ((plain, "plain"), (other, "other"))]
        assert [bool(request.get("stream")) for request in server.received[:: server.requests - 1]] == [
            False,
            True,
        ]
        asked = server.requests
        assert make(plain, tmp_path / "other", limit=6)["dataset"] == told[0]["dataset"]
        assert (server.requests, told[0]["dataset"]["rows"] > 0) == (asked, True)
    assert [told[0][k] for k in ("stages", "tokens", "dataset")] == [
        told[1][k] for k in ("stages", "tokens", "dataset")
    ]


def as_stream(whole: Reply) -> Reply:
    """Return a whole answer as a stream: each text in two deltas, the choices in turn, then the usage."""
    events: list[dict[str, Any]] = []
    for half in (0, 1):
        for choice in whole.body["choices"]:
            text = choice["message"]["content"]
            part = text[len(text) // 2 :] if half else text[: len(text) // 2]
            reason = choice["finish_reason"] if half else None
            events.append(
                {"choices": [{"index": choice["index"], "delta": {"content": part}, "finish_reason": reason}]}
            )
    return stream(*events, {"choices": [], "usage": whole.body["usage"]})
