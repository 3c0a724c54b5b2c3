"""How requests travel: streams, certificates, proxies, compression; against real sockets."""

import asyncio
import contextlib
import gzip
import traceback
import zlib
from dataclasses import replace

import orjson
import pytest

from taskseed.errors import EndpointError, UsageError
from taskseed.models.base import Completion, EngineFailure, Prompt, Usage
from taskseed.models.openai import Endpoint, OpenAIEngine
from tests.models.engines import PROMPT
from tests.servers import MockServer, Reply, chat, error, stream
from tests.tls import HOST, TunnelProxy, make_authority, openssl

DOWN = "http://127.0.0.1:9"  # the discard port: nothing listens


def complete(base_url, n=1, times=1, prompt=PROMPT, **options):
    """Ask an endpoint, perhaps several times; returns the last answer."""

    async def run():
        async with OpenAIEngine(Endpoint(base_url, **{"timeout": 5.0, **options})) as engine:
            for _ in range(times - 1):
                await engine.complete(prompt, n)
            return await engine.complete(prompt, n)

    return asyncio.run(run())


def failure_of(base_url, **options):
    """Return the failure that an endpoint gives."""
    with pytest.raises(EngineFailure) as caught:
        complete(base_url, **options)
    return caught.value


def streamed(reply, **options):
    """Return what a streamed request gets from a reply."""
    with MockServer(lambda request, number: reply) as server:
        return complete(server.base_url, stream=True, **options)


def event(text=None, finish=None, index=0, **more):
    """Return one event of a stream."""
    choice = {"index": index, "delta": {"content": text}, "finish_reason": finish}
    return {"choices": [choice], **more}


ANSWER = (event(), event("fo"), event("ur"), event(None, "stop"))
TOLD = {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 2}}


def test_a_stream_is_asked_for():
    """A streamed request is the plain one with `stream` and the wish for token counts."""
    with MockServer(lambda request, number: stream(*ANSWER, TOLD)) as server:
        found = complete(server.base_url, n=2, stream=True)
        with pytest.raises(EngineFailure):  # this server streams, asked or not
            complete(server.base_url, n=2)
        asked, plain = server.received
    assert found == [Completion("four", usage=Usage(9, 2))]
    assert asked == {**plain, "stream": True, "stream_options": {"include_usage": True}}


def test_several_choices_in_a_stream():
    """Choices that come interleaved come back in order, with their shares of the usage."""
    events = [event("b", index=1), event("a"), event("!", "stop", 0), event("?", "length", 1)]
    assert streamed(stream(*events, TOLD), n=2) == [
        Completion("a!", usage=Usage(9, 1)),
        Completion("b?", finish_reason="length", usage=Usage(0, 1)),
    ]


def test_a_server_that_does_not_stream():
    """A whole answer to a request for a stream is taken as it is."""
    assert streamed(chat("four")) == complete_plain(chat("four"))


def complete_plain(reply):
    """Return what a plain request gets from a reply."""
    with MockServer(lambda request, number: reply) as server:
        return complete(server.base_url)


FAULTS = {
    "cut": (stream(*ANSWER, action="cut"), Completion("four")),  # [DONE] had come
    "no end": (stream(*ANSWER, done=False, action="cut"), ("reset", True, True)),
    "ended early": (stream(event("fo"), done=False), ("bad_body", True, True)),
    "hang": (stream(event("fo"), done=False, action="hang"), ("timeout", True, True)),
    "kept open": (stream(*ANSWER, action="hang"), Completion("four")),
    "error": (stream(event("fo"), {"error": {"code": 500, "message": "x"}}), ("http_500", True, True)),
    "no event": (Reply(b"hello"), ("bad_body", True, True)),
    "html": (Reply(action="html"), ("bad_body", True, True)),
    "empty": (Reply(action="empty"), ("bad_body", True, True)),
    "reset": (Reply(action="reset"), ("reset", True, True)),
    "429": (error(429), ("http_429", True, False)),
    "hidden 429": (Reply({"error": {"code": 429, "message": "slow"}}), ("http_429", True, False)),
    "400": (error(400), ("refused_400", False, False)),
    "502 of events": (stream({"error": "down"}, status=502), ("http_502", True, True)),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_of_a_stream_is_one_failure(fault):
    """A fault gives its reason, retryable and possibly billed as it deserves, and no half answer."""
    reply, expected = FAULTS[fault]
    try:
        (found,) = streamed(reply, timeout=0.5)
    except EngineFailure as failure:
        found = (failure.reason, failure.retryable, failure.possibly_billed)
    assert found == expected


def test_the_timeout_bounds_a_stream():
    """A stream that goes on for longer than the timeout is given up, however lively it is."""
    failure = None
    with MockServer(lambda request, number: stream(*[event("x")] * 100, pause=0.05)) as server:
        failure = failure_of(server.base_url, stream=True, timeout=0.4)
    assert (failure.reason, failure.possibly_billed) == ("timeout", True)


def test_a_wait_that_the_server_asks_for():
    """Retry-After of an answer that should have been a stream comes through."""
    with MockServer(lambda request, number: error(429, retry_after="3")) as server:
        assert failure_of(server.base_url, stream=True).retry_after == 3.0


def test_a_server_that_refuses_to_count():
    """Where the wish for token counts is refused, it is asked again without, then and later."""

    def respond(request, number):
        if "stream_options" in request:
            refusal = {"detail": [{"loc": ["body", "stream_options"], "msg": "not permitted"}]}
            return replace(error(422, refusal), delay=0.2)  # until then all three are out
        return stream(*ANSWER)

    async def run(base_url):
        async with OpenAIEngine(Endpoint(base_url, stream=True)) as engine:
            first = await asyncio.gather(
                *(engine.complete(PROMPT, 1) for _ in range(3)), return_exceptions=True
            )
            return first, await engine.complete(PROMPT, 1)

    with MockServer(respond) as server:
        first, last = asyncio.run(run(server.base_url))
        assert server.requests == 4
    assert [(f.reason, f.retryable, f.possibly_billed) for f in first] == [("http_422", True, False)] * 3
    assert last == [Completion("four")]


def test_streams_take_connections_of_their_own():
    """No request goes out on a connection that has carried a stream; plain ones share."""
    with MockServer(lambda request, number: stream(*ANSWER)) as server:
        complete(server.base_url, times=5, stream=True)
        assert server.connections == 5
    with MockServer() as server:
        complete(server.base_url, times=5)
        assert server.connections == 1


def test_secrets_stand_in_no_error_of_a_stream():
    """A server that repeats the key in the middle of a stream does not get it into our error."""
    key = "sk-very-secret-0123456789"
    reply = stream(event("fo"), {"error": {"code": 500, "message": f"bad {key}"}})
    with MockServer(lambda request, number: reply) as server:
        failure = failure_of(server.base_url, stream=True, api_key=key)
    assert failure.detail == "bad ***"
    assert key not in "".join(traceback.format_exception(failure))


@pytest.mark.parametrize("stream_it", [False, True])
def test_the_password_of_an_address_stands_in_no_error(stream_it):
    """A server that repeats the header made of user and password does not get it into our error."""
    heard = []

    def respond(request, number):
        heard.append(server.headers[-1]["authorization"])
        return error(500, {"error": f"who is {heard[0]}"})

    with MockServer(respond) as server:
        url = server.base_url.replace("://", "://me:hunter%2422@")
        failure = failure_of(url, stream=stream_it)
    assert (heard, failure.detail) == (["Basic bWU6aHVudGVyJDIy"], "500 who is Basic ***")


def test_the_second_word_of_a_header_stands_in_no_error():
    """A server that repeats the token of `Bearer TOKEN` alone does not get it into our error."""
    with MockServer(lambda request, number: error(500, {"error": "bad token-1234"})) as server:
        failure = failure_of(server.base_url, headers={"x-token": "Bearer token-1234"})
    assert failure.detail == "500 bad ***"


def test_the_query_of_an_address_is_sent():
    """A query stands after the path of each request, as Azure's api-version has to."""
    with MockServer() as server:
        for options in ({}, {"stream": True}):
            complete(server.base_url + "/deployments/a?api-version=1&b=2", **options)
        check(server.base_url + "?api-version=1")
        path = "/v1/deployments/a/chat/completions?api-version=1&b=2"
        assert server.targets == [path, path, "/v1/models?api-version=1"]


def real(seed=5, content="Größe?"):
    """Return a prompt for the real server."""
    return Prompt("any", ({"role": "user", "content": content},), {"max_tokens": 12, "seed": seed})


def test_a_real_server_streams_what_it_says_whole(real_server):
    """llama.cpp gives the same completion with and without streaming, many times in a row.

    How much of the prompt comes from its cache depends on what was asked before.
    """
    (whole,) = complete(real_server, prompt=real())
    (streamed,) = complete(real_server, times=20, prompt=real(), stream=True)
    cached = streamed.usage.cached
    assert streamed == replace(whole, usage=replace(whole.usage, cached=cached))


def test_a_real_server_streams_several_choices(real_server):
    """Three choices in a stream are what three requests give, and cost as many tokens as they."""
    together = complete(real_server, n=3, prompt=real(), stream=True)
    apart = [complete(real_server, prompt=real(seed))[0] for seed in (5, 6, 7)]
    assert [(c.text, c.finish_reason) for c in together] == [(c.text, c.finish_reason) for c in apart]
    assert sum(c.usage.output for c in together) == sum(c.usage.output for c in apart)


def test_a_real_server_refuses_a_stream(real_server):
    """A prompt beyond the context is refused in so many words, streamed or not."""
    failure = failure_of(real_server, prompt=real(content="abc " * 9000), stream=True)
    assert (failure.reason, "exceeds the available context size" in failure.detail) == ("refused_400", True)


def stored_brotli(data):
    """Return a Brotli stream (RFC 7932) of one uncompressed meta-block."""
    return ((len(data) - 1) << 4 | 1 << 20).to_bytes(3, "little") + data + b"\x03"


ENCODINGS = {"gzip": gzip.compress, "deflate": zlib.compress, "br": stored_brotli}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_compressed_answers(encoding):
    """Each encoding is asked for, and an answer, an error and a stream in it are read."""
    pack = ENCODINGS[encoding]
    headers = {"content-encoding": encoding, "content-type": "application/json"}

    def respond(request, number):
        if request.get("stream"):
            packed = pack(b"".join(stream(*ANSWER).pieces))
            pieces = [packed[:9], packed[9:]]
            return Reply(pieces=pieces, headers={"content-encoding": encoding})
        if number == 0:
            return Reply(pack(orjson.dumps(chat("four").body)), headers=headers)
        return Reply(pack(b'{"error": {"message": "why"}}'), 500, headers)

    with MockServer(respond) as server:
        assert [c.text for c in complete(server.base_url)] == ["four"]
        assert failure_of(server.base_url).detail == "500 why"
        assert [c.text for c in complete(server.base_url, stream=True)] == ["four"]
        assert encoding in server.headers[0]["accept-encoding"].split(", ")


def test_a_broken_compression_is_a_broken_answer():
    """Bytes that are not what their encoding says are asked for again, and possibly billed."""
    headers = {"content-encoding": "gzip", "content-type": "application/json"}
    with MockServer(lambda request, number: Reply(b"\x1f\x8b nonsense", headers=headers)) as server:
        failure = failure_of(server.base_url)
    assert (failure.reason, failure.retryable, failure.possibly_billed) == ("reset", True, True)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """Make an authority of one's own."""
    if openssl is None:
        pytest.skip("there is no openssl command")
    return make_authority(tmp_path_factory.mktemp("authority"))


def check(base_url, **options):
    """Check an endpoint."""

    async def run():
        async with OpenAIEngine(Endpoint(base_url, **options)) as engine:
            await engine.check()

    asyncio.run(run())


@pytest.mark.parametrize("stream_it", [False, True])
def test_an_authority_of_ones_own(authority, stream_it):
    """A server whose certificate the file's authority signed is asked, plainly and for a stream."""
    with MockServer(tls=authority.context) as server:
        found = complete(server.base_url, ca_file=authority.ca_file, stream=stream_it)
        assert ([len(c.text) > 0 for c in found], server.requests) == ([True], 1)


def test_an_authority_in_a_bundle(authority, tmp_path):
    """Of a file with several certificates each is trusted, whatever stands between them."""
    other = make_authority(tmp_path)
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(other.ca_file.read_bytes() + b"\n# ours\n" + authority.ca_file.read_bytes())
    with MockServer(tls=authority.context) as server:
        assert len(complete(server.base_url, ca_file=bundle)) == 1


@pytest.mark.parametrize("with_other", [False, True])
def test_an_authority_that_is_not_trusted(authority, tmp_path, with_other):
    """A certificate that nobody vouches for is a failed connection, and the check names ca_file."""
    ca_file = make_authority(tmp_path).ca_file if with_other else None
    with MockServer(tls=authority.context) as server:
        failure = failure_of(server.base_url, ca_file=ca_file)
        with pytest.raises(EndpointError) as caught:
            check(server.base_url, ca_file=ca_file)
        assert server.requests == 0
    assert (failure.reason, failure.possibly_billed) == ("connect", False)
    assert caught.value.hint == "name the certificate of the authority that signed the server's as ca_file"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "cannot read ca_file"),
        ("nothing here", "holds no certificate"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "cannot be used"),
        ("-----BEGIN CERTIFICATE-----\n???\n-----END CERTIFICATE-----\n", "cannot be used"),
    ],
)
def test_a_ca_file_that_is_none(tmp_path, text, said):
    """A file that is not there or holds no certificate is the user's to mend, before any request."""
    path = tmp_path / "ca.pem"
    if text is not None:
        path.write_text(text)
    with pytest.raises(UsageError, match=said):
        OpenAIEngine(Endpoint("https://host/v1", ca_file=path))


PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY")


@pytest.fixture
def environment(monkeypatch):
    """Return a function that sets the variables for proxies; others are taken away."""
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    return lambda **variables: [monkeypatch.setenv(name, value) for name, value in variables.items()]


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy"])
def test_a_proxy_of_the_environment(environment, name):
    """A request for another host goes to the proxy of the environment, with the host's name."""
    with MockServer() as proxy:
        environment(**{name: proxy.base_url.removesuffix("/v1")})
        assert len(complete(f"http://{HOST}/v1")) == 1
        assert [h["host"] for h in proxy.headers] == [HOST]


def test_a_host_that_needs_no_proxy(environment):
    """A host in NO_PROXY is asked without the proxy."""
    with MockServer() as proxy:
        environment(HTTP_PROXY=proxy.base_url.removesuffix("/v1"), NO_PROXY=f"other.invalid,{HOST}")
        failure = failure_of(f"http://{HOST}/v1", timeout=1.0)
        assert (failure.reason, proxy.requests) == ("connect", 0)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.2", "0.0.0.0"])
def test_this_machine_needs_no_proxy(environment, host):
    """A server on this machine is asked without any proxy, by whatever name it goes."""
    environment(HTTP_PROXY=DOWN, HTTPS_PROXY=DOWN, ALL_PROXY=DOWN)
    with MockServer() as server:
        url = server.base_url.replace("127.0.0.1", host)
        reached = contextlib.nullcontext()
        if host == "127.0.0.2":  # the server listens on 127.0.0.1 only, so that this is a refusal of its own
            reached = pytest.raises(EngineFailure, match="Connection refused")
        with reached:
            complete(url)
        assert server.requests == (host != "127.0.0.2")


def test_https_through_a_proxy(environment, authority):
    """A request by HTTPS goes through the proxy's tunnel; the proxy sees the host and no key."""
    with MockServer(tls=authority.context) as server, TunnelProxy(server.port) as proxy:
        environment(HTTPS_PROXY=proxy.url)
        found = complete(f"https://{HOST}/v1", api_key="sk-very-secret", ca_file=authority.ca_file)
        assert (len(found), server.requests) == (1, 1)
        assert [head.splitlines()[0] for head in proxy.heads] == [f"CONNECT {HOST}:443 HTTP/1.1"]
        assert "sk-very-secret" not in "".join(proxy.heads)


def test_a_proxy_that_is_down(environment):
    """A proxy that does not answer is a failed connection, and its password is not told."""
    environment(HTTP_PROXY=DOWN.replace("//", "//me:hunter22@"))
    failure = failure_of(f"http://{HOST}/v1")
    assert (failure.reason, failure.possibly_billed) == ("connect", False)
    assert "hunter22" not in "".join(traceback.format_exception(failure))


@pytest.mark.parametrize("stream_it", [False, True])
def test_a_kept_connection_that_ends_before_the_answer(stream_it):
    """The request went out once, and is for the retry layer to send again: it may have been billed."""
    answer = stream(*ANSWER) if stream_it else chat("four")
    with MockServer(lambda request, number: Reply(action="reset") if number else answer) as server:
        failure = failure_of(server.base_url, times=2, stream=stream_it)
        assert (failure.reason, failure.possibly_billed, server.requests) == ("reset", True, 2)
        assert stream_it or failure.detail == "the connection ended before the answer"


def test_a_host_name_that_is_none():
    """A name that nobody knows is a failed connection, and says so."""
    failure = failure_of("http://no-such-host.invalid/v1")
    assert (failure.reason, "no-such-host.invalid" in failure.detail) == ("connect", True)


def test_the_systems_authorities_vouch_too(authority, tmp_path, monkeypatch):
    """What the environment names as the system's certificates is trusted, beside the recipe's own file."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca_file))
    other = make_authority(tmp_path).ca_file
    with MockServer(tls=authority.context) as server:
        assert [len(complete(server.base_url, ca_file=path)) for path in (None, other)] == [1, 1]
