"""llama.cpp started by the run itself: a real one, with a tiny model of random weights."""

import asyncio
import importlib.util
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from taskseed.errors import EndpointError, UsageError
from taskseed.models.base import EngineFailure, Prompt
from taskseed.models.llamacpp import find_model, open_llamacpp
from taskseed.models.openai import Endpoint, OpenAIEngine
from taskseed.recipe import LlamacppOptions
from tests import peer

if importlib.util.find_spec("xllamacpp") is None or importlib.util.find_spec("gguf") is None:
    pytest.skip("xllamacpp or gguf is not installed", allow_module_level=True)

ENDLESS = {"max_tokens": 100_000, "extra_body": {"ignore_eos": True}}
SMALL = LlamacppOptions(context=1024, threads=1)
HOLDING = """
import asyncio, sys
from taskseed.models.llamacpp import open_llamacpp
from taskseed.recipe import LlamacppOptions

async def hold():
    async with open_llamacpp(sys.argv[1], LlamacppOptions(context=256), 1, seconds=9, tell=print):
        print("open", flush=True)
        await asyncio.sleep(60)

asyncio.run(hold())
"""


def prompt(**sampling):
    """Return a prompt with a sampling."""
    return Prompt("tiny.gguf", ({"role": "user", "content": "Say hi."},), {"max_tokens": 8, **sampling})


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """Yield the path of a tiny model."""
    path = tmp_path_factory.mktemp("model") / "tiny.gguf"
    peer.make_model(path)
    return path


def untold(name, done, total):
    """Hear of nothing."""


def asked(model, *requests, slots=2, options=SMALL):
    """Open an engine, ask all at once, return what came of each."""

    async def run():
        async with open_llamacpp(str(model), options, slots, seconds=60, tell=untold) as engine:
            tasks = [engine.complete(prompt(**sampling), n) for sampling, n in requests]
            return await asyncio.gather(*tasks, return_exceptions=True)

    return asyncio.run(run())


def servers(parent=None):
    """Return the ids of the servers that a process, else this one, has started and that still live."""
    command = ["ps", "-o", "pid=,args=", "--ppid", str(parent or os.getpid())]
    listed = subprocess.run(command, capture_output=True, text=True).stdout.splitlines()
    return [int(line.split()[0]) for line in listed if "taskseed.models.llamacpp" in line]


def port_of(pid):
    """Return the port that a process listens on, on this machine's own address alone."""
    sockets = {str(fd.readlink())[8:-1] for fd in Path(f"/proc/{pid}/fd").iterdir() if fd.is_socket()}
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    (local,) = [row[1] for row in rows if row[3] == "0A" and row[9] in sockets]
    address, port = local.split(":")
    assert address == "0100007F"
    return int(port, 16)


def test_one_sample_per_request_with_its_own_count(model):
    """However many are asked for, one comes; what is cut says so, and its tokens are counted exactly."""
    one, two = asked(model, ({"seed": 3}, 1), ({"seed": 3}, 2))
    assert [len(one), len(two)] == [1, 1]
    assert one[0].text == two[0].text != ""
    assert (one[0].finish_reason, one[0].usage.output, one[0].usage.input > 8) == ("length", 8, True)
    assert servers() == []


def test_a_prompt_that_does_not_fit_is_refused(model):
    """`context` is the room of one slot; what does not fit is a fact about that request."""
    long = Prompt("m", ({"role": "user", "content": "no " * 3000},), {"max_tokens": 8})

    async def run():
        async with open_llamacpp(str(model), SMALL, 2, seconds=60, tell=untold) as engine:
            with pytest.raises(EngineFailure) as caught:
                await engine.complete(long, 1)
            return caught.value

    failure = asyncio.run(run())
    assert failure.reason == "refused_400"
    assert "1024 tokens" in failure.detail


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="the port is looked up as Linux tells it")
def test_the_server_wants_the_key_of_this_run(model):
    """It listens on this machine alone, and another program that finds the port is refused."""

    async def run():
        async with open_llamacpp(str(model), SMALL, 1, seconds=60, tell=untold):
            base_url = f"http://127.0.0.1:{port_of(servers()[0])}/v1"
            async with OpenAIEngine(Endpoint(base_url, timeout=10.0)) as stranger:
                await stranger.complete(prompt(), 1)

    with pytest.raises(EngineFailure) as caught:
        asyncio.run(run())
    assert caught.value.reason == "http_401"


def test_leaving_does_not_wait_for_what_is_in_flight(model):
    """Requests in flight are given up with the block: neither they nor the server are waited for."""

    async def run():
        async with open_llamacpp(
            str(model), LlamacppOptions(context=60_000), 1, seconds=60, tell=untold
        ) as engine:
            tasks = [asyncio.create_task(engine.complete(prompt(**ENDLESS), 1)) for _ in range(3)]
            await asyncio.sleep(0.3)
            for task in tasks:
                task.cancel()
            left = time.monotonic()
        return time.monotonic() - left

    assert asyncio.run(run()) < 5.0
    assert servers() == []


def test_an_ended_server_ends_the_run(model):
    """If llama.cpp dies, say of too little memory, the run ends and can be resumed."""

    async def run():
        async with open_llamacpp(str(model), SMALL, 1, seconds=60, tell=untold) as engine:
            os.kill(servers()[0], signal.SIGKILL)
            for _ in range(200):
                try:
                    await engine.complete(prompt(), 1)
                except EngineFailure:
                    await asyncio.sleep(0.02)

    with pytest.raises(EndpointError, match=r"llama\.cpp ended while it served tiny\.gguf \(signal 9\)"):
        asyncio.run(run())


def test_the_server_does_not_outlive_a_killed_run(model):
    """The server reads its standard input; kill -9 of its parent ends it."""
    parent = subprocess.Popen([sys.executable, "-c", HOLDING, str(model)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout.readline() == "open\n"
    (pid,) = servers(parent.pid)
    parent.kill()
    parent.communicate()
    until = time.monotonic() + 10
    while alive(pid) and time.monotonic() < until:
        time.sleep(0.02)
    assert not alive(pid)


def alive(pid):
    """Say whether a process runs."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_model_that_cannot_be_loaded_is_told_in_its_own_words(tmp_path, model):
    """A cut file begins like a model; what llama.cpp says about it stands in the error."""
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(model.read_bytes()[:2000])
    with pytest.raises(EndpointError, match=r"llama\.cpp cannot load cut\.gguf: .*(gguf|model)") as caught:
        asked(cut, ({}, 1))
    assert "doctor" in caught.value.hint
    assert servers() == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("none.gguf", "there is no model file"),
        ("folder/none.gguf", "there is no model file"),
        ("~/no/such/model.gguf", "there is no model file"),
        (".", "there is no model file"),
        ("text.gguf", "is not a GGUF file"),
        ("m-00001-of-00003.gguf", "cannot read the model file"),
    ],
)
def test_what_is_no_model_is_said_before_anything_is_loaded(tmp_path, monkeypatch, name, said):
    """Missing files, files of another kind and parts without the others are usage errors."""
    monkeypatch.chdir(tmp_path)
    Path("text.gguf").write_text("not a model")
    Path("m-00001-of-00003.gguf").write_bytes(b"GGUF")
    with pytest.raises(UsageError, match=said):
        find_model(name)


def test_a_model_of_several_parts_is_one_model(tmp_path):
    """The first part names it; the size is that of all."""
    names = [f"big-0000{i}-of-00003.gguf" for i in (1, 2, 3)]
    for i, name in enumerate(names):
        (tmp_path / name).write_bytes(b"GGUF" + b"x" * i)
    found = find_model(str(tmp_path / names[0]))
    assert ([p.name for p in found.paths], found.size, found.repo) == (names, 4 + 5 + 6, "")
