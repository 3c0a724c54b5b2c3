"""The engine against real sockets: a scripted server, and llama.cpp's own."""

import asyncio
import json
import pickle
import random
import socket
import time
import traceback

import pytest

from taskseed.errors import EndpointError, UsageError
from taskseed.models.base import Completion, EngineFailure, Prompt, Usage
from taskseed.models.breaker import Breaker
from taskseed.models.counted import Counted
from taskseed.models.limit import Places
from taskseed.models.openai import Endpoint, OpenAIEngine
from taskseed.models.retry import Retrying
from taskseed.models.stored import Asker
from tests.models.engines import PROMPT, MemoryStore, Totals
from tests.servers import MockServer, Reply, chat, error, server_process

KEY = "sk-very-secret-0123456789"
TOKEN = "gateway-token-1"
PASSWORD = "hunter22"
USER = f"://me:{PASSWORD}@"
DOWN = "http://127.0.0.1:9/v1"  # the discard port: nothing listens


def complete(base_url, prompt=PROMPT, n=1, **options):
    """Ask an endpoint once."""

    async def run():
        async with OpenAIEngine(Endpoint(base_url, **options)) as engine:
            return await engine.complete(prompt, n)

    return asyncio.run(run())


def failure_of(reply, **options):
    """Return the failure that a reply makes, and the requests it took."""
    with MockServer(lambda request, number: reply) as server:
        with pytest.raises(EngineFailure) as caught:
            complete(server.base_url, **{"timeout": 5.0, **options})
        return caught.value, server.requests


def check(base_url, **options):
    """Check an endpoint."""

    async def run():
        async with OpenAIEngine(Endpoint(base_url, **options)) as engine:
            await engine.check()

    asyncio.run(run())


def test_a_request_on_the_wire():
    """Model, messages and sampling are sent as stated, extra_body at the top level, and no n for one."""
    prompt = Prompt(
        "m",
        ({"role": "user", "content": "hé"},),
        {"temperature": 0.5, "stop": ["\n"], "extra_body": {"top_k": 20, "chat_template_kwargs": {"a": 1}}},
    )
    with MockServer() as server:
        complete(server.base_url, prompt)
    assert server.received == [
        {
            "model": "m",
            "messages": [{"role": "user", "content": "hé"}],
            "temperature": 0.5,
            "stop": ["\n"],
            "top_k": 20,
            "chat_template_kwargs": {"a": 1},
        }
    ]


def test_several_completions_by_one_request():
    """n is sent when above one, and the choices come back in order with their shares of the usage."""
    usage = {"prompt_tokens": 9, "completion_tokens": 7}
    with MockServer(lambda request, number: chat("a", "b", usage=usage)) as server:
        found = complete(server.base_url, n=2)
    assert server.received[0]["n"] == 2
    assert found == [Completion("a", usage=Usage(9, 4)), Completion("b", usage=Usage(0, 3))]


def test_what_would_break_the_request_is_not_sent():
    """A recipe's own n or stream is left out: samples are asked for by n, and answers are whole."""
    sampling = {"n": 5, "stream": True, "extra_body": {"stream": True, "n": 4}}
    with MockServer() as server:
        complete(server.base_url, Prompt("m", PROMPT.messages, sampling))
    assert sorted(server.received[0]) == ["messages", "model"]


def test_a_server_that_ignores_n():
    """Fewer choices than asked for are returned as they came."""
    with MockServer(lambda request, number: chat("only")) as server:
        assert [c.text for c in complete(server.base_url, n=4)] == ["only"]


def test_reasoning_and_finish_reason():
    """The server's reasoning and its finish reason come through."""
    reply = chat("4", finish_reason="length", reasoning="2+2")
    with MockServer(lambda request, number: reply) as server:
        (found,) = complete(server.base_url)
    assert (found.text, found.reasoning, found.finish_reason) == ("4", "2+2", "length")


FAULTS = {
    "reset": (Reply(action="reset"), "reset", True, True),
    "cut": (Reply({"choices": ["x" * 100]}, action="cut"), "reset", True, True),
    "hang": (Reply(action="hang"), "timeout", True, True),
    "truncated": (Reply({"choices": ["x" * 100]}, action="truncate"), "bad_body", True, True),
    "html": (Reply(action="html"), "bad_body", True, True),
    "empty": (Reply(action="empty"), "bad_body", True, True),
    "no choices": (Reply({"choices": []}), "bad_body", True, True),
    "hidden 429": (Reply({"error": {"code": 429, "message": "slow down"}}), "http_429", True, False),
    "hidden text": (Reply({"error": {"code": "x", "message": "?"}}), "bad_body", True, True),
    "html 502": (Reply(action="html", status=502), "http_502", True, True),
    "empty 503": (Reply(action="empty", status=503), "http_503", True, False),
    "text 500": (Reply(b"Internal Server Error", status=500), "http_500", True, False),
    "400": (error(400), "refused_400", False, False),
    "422": (error(422, {"detail": [{"msg": "bad"}]}), "refused_422", False, False),
    "404": (error(404, {"object": "error", "message": "no such model"}), "http_404", False, False),
    "401": (error(401, {"error": "wrong key"}), "http_401", False, False),
    "redirect": (Reply(b"", status=307, headers={"location": "/elsewhere"}), "http_307", False, False),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_one_failure(fault):
    """A fault gives its reason after one request, retryable and possibly billed as it deserves."""
    reply, reason, retryable, billed = FAULTS[fault]
    failure, requests = failure_of(reply, timeout=0.5 if fault == "hang" else 5.0)
    found = (failure.reason, failure.retryable, failure.possibly_billed, requests)
    assert found == (reason, retryable, billed, 1)


def test_retry_after_comes_through():
    """The server's wish to wait is on the failure."""
    assert failure_of(error(429, retry_after="3"))[0].retry_after == 3.0


def test_no_server_is_a_failed_connection():
    """A refused connection is retryable and cannot have cost anything."""
    with pytest.raises(EngineFailure) as caught:
        complete(DOWN)
    failure = caught.value
    assert (failure.reason, failure.retryable, failure.possibly_billed) == ("connect", True, False)


def test_a_connection_that_does_not_come_about():
    """A connect timeout is told from a slow answer: it cannot have cost anything."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as busy:
        port = busy.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for client in waiting:
            client.setblocking(False)
            client.connect_ex(("127.0.0.1", port))
        with pytest.raises(EngineFailure) as caught:
            complete(f"http://127.0.0.1:{port}/v1", timeout=0.5)
        for client in waiting:
            client.close()
    assert (caught.value.reason, caught.value.possibly_billed) == ("connect", False)


@pytest.mark.parametrize("status", [400, 401, 500])
def test_secrets_stand_in_no_error(status):
    """A server that repeats key, header and password in its error does not get them into ours."""
    body = {"error": {"message": f"bad key {KEY} and {TOKEN}, http{USER}host"}}
    with MockServer(lambda request, number: error(status, body)) as server:
        url = server.base_url.replace("://", USER)
        with pytest.raises(EngineFailure) as caught:
            complete(url, api_key=KEY, headers={"x-gateway": TOKEN})
    said = "".join(traceback.format_exception(caught.value)) + repr(caught.value.args)
    said += str(pickle.loads(pickle.dumps(caught.value)))
    assert [word for word in (KEY, TOKEN, PASSWORD) if word in said] == []
    assert caught.value.detail.startswith(f"{status} bad key *** and ***, http://")


def test_secrets_stand_in_no_repr():
    """Endpoint and engine show the address without credentials and query, and nothing else."""
    endpoint = Endpoint(f"http{USER}host:1/v1?k=1", api_key=KEY, headers={"a": TOKEN})
    engine = OpenAIEngine(endpoint)
    assert (repr(endpoint), repr(engine)) == (
        "Endpoint('http://host:1/v1')",
        "OpenAIEngine(Endpoint('http://host:1/v1'))",
    )
    assert repr(pickle.loads(pickle.dumps(endpoint))) == repr(endpoint)


def test_secrets_stand_in_no_connection_error():
    """A failed connection to an address with credentials names neither user nor password."""
    with pytest.raises(EngineFailure) as caught:
        complete(DOWN.replace("://", USER), api_key=KEY)
    said = "".join(traceback.format_exception(caught.value))
    assert [word for word in (KEY, PASSWORD, USER) if word in said] == []


def test_the_key_travels_in_one_header():
    """The key is sent as a bearer token and stands nowhere else in the request."""
    with MockServer(api_key=KEY) as server:
        complete(server.base_url, api_key=KEY)
    headers = server.headers[0]
    assert [name for name, value in headers.items() if KEY in value] == ["authorization"]
    assert KEY not in json.dumps(server.received)


def test_headers_of_the_recipe_are_sent():
    """Headers of the recipe go with every request."""
    with MockServer() as server:
        complete(server.base_url, headers={"X-Team": "data"})
    assert server.headers[0]["x-team"] == "data"


def test_a_header_of_the_recipe_goes_before_ours():
    """A gateway's own Authorization stands in the key's place, however it is written."""
    with MockServer() as server:
        complete(server.base_url, api_key=KEY, headers={"Authorization": f"Token {TOKEN}"})
    assert [value for name, value in server.headers[0].items() if name == "authorization"] == [
        f"Token {TOKEN}"
    ]
    assert KEY not in json.dumps(server.headers[0])


@pytest.mark.parametrize("url", ["localhost:8000/v1", "ftp://host/v1", "http://", "", "http://host:99999/v1"])
def test_an_address_that_is_none(url):
    """An address that is not HTTP is the user's to mend, before any request."""
    with pytest.raises(UsageError, match="is not an HTTP address"):
        OpenAIEngine(Endpoint(url))


def test_a_key_with_a_line_break():
    """A key that no header can carry is the user's to mend, and is not repeated."""
    with pytest.raises(UsageError) as caught:
        OpenAIEngine(Endpoint("http://host/v1", api_key=KEY + "\n"))
    assert KEY not in "".join(traceback.format_exception(caught.value))


def test_connections_are_kept_alive():
    """Forty requests, four at a time, open no more than four connections."""

    async def run(base_url):
        async with OpenAIEngine(Endpoint(base_url)) as engine:
            places = Places(4)

            async def one():
                async with places:
                    await engine.complete(PROMPT, 1)

            await asyncio.gather(*(one() for _ in range(40)))

    with MockServer(lambda request, number: Reply(chat("x").body, delay=0.002)) as server:
        asyncio.run(run(server.base_url))
        assert (server.requests, server.peak, server.connections) == (40, 4, 4)


def test_check_of_a_good_endpoint_asks_for_no_completion():
    """A server that lists its models passes, and no chat request is sent."""
    with MockServer(api_key=KEY) as server:
        check(server.base_url, api_key=KEY)
        assert (server.model_requests, server.requests) == (1, 0)


@pytest.mark.parametrize("models", [error(404, b"not here"), error(501, b"<html>"), error(500, b"no cache")])
def test_check_tolerates_a_gateway_without_models(models):
    """A server that refuses the list of models is there; nothing else is asked of it."""
    with MockServer(lambda request, number: error(500), models=models) as server:
        check(server.base_url)
        assert server.received == []


def test_check_asks_chat_where_a_page_answers():
    """Where a web page stands in place of the list of models, an error in JSON from chat will do."""
    bad = error(400, {"error": {"message": "messages missing"}})
    with MockServer(lambda request, number: bad, models=Reply(action="html")) as server:
        check(server.base_url)
        assert server.received == [{}]


@pytest.mark.parametrize("chat_reply", [Reply(action="html"), error(404, {"detail": "Not Found"})])
def test_check_of_something_else(chat_reply):
    """A web page, or JSON without such a path, is no endpoint; the hint names /v1."""
    wrong = pytest.raises(EndpointError, match="does not speak OpenAI's chat completions")
    page = Reply(action="html")
    with MockServer(lambda request, number: chat_reply, models=page) as server, wrong as caught:
        check(server.base_url)
    assert caught.value.hint == "check base_url; it usually ends in /v1"


@pytest.mark.parametrize(
    ("key", "said"), [("wrong-key-1", "refuses the API key"), (None, "wants an API key and got none")]
)
def test_check_of_the_key(key, said):
    """A refused and a missing key are told apart; the key is not repeated."""
    with MockServer(api_key=KEY) as server, pytest.raises(EndpointError) as caught:
        check(server.base_url, api_key=key)
    assert str(caught.value) == f"{server.base_url} {said} (status 401)"


def test_check_of_a_server_that_is_down():
    """A refused connection says so and hints at starting the server."""
    with pytest.raises(EndpointError) as caught:
        check(DOWN)
    assert (str(caught.value), caught.value.hint) == (
        f"{DOWN} cannot be reached: Connection refused",
        "start the server, or check base_url",
    )


def stack(engine, totals, store, concurrency=16):
    """Return the layers in the order a run uses them."""

    async def no_wait(seconds):
        await asyncio.sleep(0)

    retrying = Retrying(Counted(engine, totals, "writer"), rng=random.Random(0), sleep=no_wait)
    breaker = Breaker(retrying, "mock", patience=1.0)
    return Asker(breaker, store, "call", totals, role="writer", places=Places(concurrency))


def test_a_faulty_server_loses_nothing():
    """With one request in five failing, every sample comes, is stored once, and sent is all requests."""
    faults = [error(429), error(500), Reply(action="reset"), Reply(action="empty"), error(503)]

    def respond(request, number):
        if number % 5 == 2:
            return faults[number // 5 % len(faults)]
        return chat(*["x"] * request["n"])

    async def run(base_url, store, totals):
        async with OpenAIEngine(Endpoint(base_url, timeout=10.0)) as engine:
            asker = stack(engine, totals, store)
            prompts = [Prompt("m", ({"role": "user", "content": str(i)},)) for i in range(60)]
            return await asyncio.gather(*(asker.ask(prompt, range(3)) for prompt in prompts))

    store, totals = MemoryStore(), Totals()
    with MockServer(respond) as server:
        answers = asyncio.run(run(server.base_url, store, totals))
        assert {a.failure for group in answers for a in group} == {None}
        again = asyncio.run(run(server.base_url, store, totals))
        counted = totals.of("writer")
        assert (len(store.kept), store.puts, again) == (180, 180, answers)
        assert (counted["sent"], counted["answered"], counted["from_store"]) == (server.requests, 180, 180)
        assert counted["failed"] == server.requests - 60


def test_a_dead_server_stops_the_run():
    """When nothing listens, the run ends with the endpoint's name and what to do."""

    async def run():
        async with OpenAIEngine(Endpoint(DOWN)) as engine:
            asker = stack(engine, Totals(), MemoryStore())
            prompts = [Prompt("m", ({"role": "user", "content": str(i)},)) for i in range(30)]
            await asyncio.gather(*(asker.ask(prompt, [0]) for prompt in prompts))

    with pytest.raises(EndpointError) as caught:
        asyncio.run(run())
    assert caught.value.hint == "start the server and run the same command again: nothing is lost"


def test_a_server_process_logs_every_request(tmp_path):
    """A server in a process of its own notes each request at arrival and at its answer."""
    with server_process(tmp_path / "log.jsonl") as server:
        complete(server.base_url)
        complete(server.base_url)
        while len(server.entries("answered")) < 2:  # it is noted after the answer has gone out
            time.sleep(0.01)
        arrived, answered = server.entries("arrived"), server.entries("answered")
    assert ([e["number"] for e in arrived], [e["status"] for e in answered]) == ([0, 1], [200, 200])
    assert len({e["key"] for e in arrived}) == 1


def real(content="What is 2+2?", **sampling):
    """Return a prompt for the real server."""
    return Prompt("any", ({"role": "user", "content": content},), {"max_tokens": 8, "seed": 1, **sampling})


def test_real_server_completes(real_server):
    """A real server answers, is deterministic under a seed, and its usage is read."""
    check(real_server)
    first, second = (complete(real_server, real()) for _ in range(2))
    assert [c.text for c in first] == [c.text for c in second]
    assert (first[0].usage.input > 10, 0 < first[0].usage.output <= 8) == (True, True)


def test_real_server_honours_n_and_seed(real_server):
    """Three choices under a seed are what three requests with shifted seeds give."""
    together = complete(real_server, real(), n=3)
    apart = [complete(real_server, real(seed=seed))[0] for seed in (1, 2, 3)]
    assert [c.text for c in together] == [c.text for c in apart]


def test_real_server_refuses_a_wrong_body(real_server):
    """A body the server cannot use is a refusal with the server's own words."""
    with pytest.raises(EngineFailure) as caught:
        complete(real_server, Prompt("any", ({"role": "user", "content": "x"},), {"temperature": "hot"}))
    assert (caught.value.reason, caught.value.retryable) == ("refused_400", False)


def test_real_server_refuses_a_prompt_that_is_too_long(real_server):
    """A prompt beyond the context is a refusal that says so."""
    with pytest.raises(EngineFailure, match="exceeds the available context size") as caught:
        complete(real_server, real("abc " * 3000))
    assert (caught.value.reason, caught.value.retryable) == ("refused_400", False)


def test_real_server_reads_any_text(real_server):
    """Prompts in any script are read."""
    assert [type(c) for c in complete(real_server, real("Größe 漢字 🙂"))] == [Completion]
