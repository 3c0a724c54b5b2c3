import os
import pickle
import resource
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from taskseed.workers import Outcome, Workers

JOBS = "tests.workers.jobs"
NOT_SENT = "cannot be sent:"
NO_JSON = "Type is not JSON serializable: set"
TOO_LONG = "more than 16777216 bytes"


@pytest.fixture(scope="module")
def workers():
    """Return two workers that have a second for each call."""
    with Workers(size=2, wall_s=1.0) as pool:
        yield pool


def test_a_call_returns_what_the_function_returns(workers):
    """The value of a named function comes back from another process."""
    assert workers.call(f"{JOBS}:add", 2, 3) == Outcome("done", 5)
    assert workers.call(f"{JOBS}:add", ["a"], ["é"]) == Outcome("done", ["a", "é"])
    assert workers.call(f"{JOBS}:chatter").value != os.getpid()


def test_a_warm_worker_is_used_again(workers):
    """Two calls one after the other are done by one process."""
    assert workers.call(f"{JOBS}:chatter") == workers.call(f"{JOBS}:chatter")


@pytest.mark.parametrize(
    ("name", "arguments", "outcome"),
    [
        ("fail", ["so"], Outcome("error", None, "ValueError: so")),
        ("fail", ["x" * 10_000], Outcome("error", None, "ValueError: " + "x" * 288)),
        ("unsendable", [], Outcome("error", None, f"the result {NOT_SENT} {NO_JSON}")),
        ("flood", [], Outcome("error", None, f"the result {NOT_SENT} {TOO_LONG}")),
        ("leave", [], Outcome("died", None, "the process ended")),
        ("segfault", [], Outcome("died", None, "the process ended")),
        ("swell", [4096], Outcome("memory", None, "more memory than it may have")),
        ("hang", [], Outcome("timeout", None, "not done after 1 s")),
        ("spin", [9], Outcome("timeout", None, "not done after 1 s")),
        ("backtrack", ["a" * 40 + "!"], Outcome("timeout", None, "not done after 1 s")),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_data(workers, name, arguments, outcome):
    """A call that raises, hangs, swells or dies says so, survives pickling, and the next call is served."""
    got = workers.call(f"{JOBS}:{name}", *arguments)
    assert pickle.loads(pickle.dumps(got)) == outcome
    assert workers.call(f"{JOBS}:add", 1, 1) == Outcome("done", 2)


@pytest.mark.parametrize(
    ("function", "arguments", "detail"),
    [
        ("no.such.module:f", [], "ModuleNotFoundError: No module named 'no'"),
        (f"{JOBS}:nothing", [], f"AttributeError: module '{JOBS}' has no attribute 'nothing'"),
        (f"{JOBS}:add", [{1}, 2], f"the arguments {NOT_SENT} {NO_JSON}"),
        (f"{JOBS}:add", ["x" * (17 << 20), ""], f"the arguments {NOT_SENT} {TOO_LONG}"),
    ],
)
def test_what_cannot_be_asked_is_an_error(workers, function, arguments, detail):
    """A function that is not there, or arguments that are not JSON, end as an error of that call."""
    got = workers.call(function, *arguments)
    assert (got.status, got.value) == ("error", None)
    assert got.detail == detail


def test_a_hanging_call_stalls_no_other(workers):
    """While one call hangs until it is killed, forty others are served by the other process."""
    for _ in range(2):
        workers.call(f"{JOBS}:add", 0, 0)
    with ThreadPoolExecutor(8) as threads:
        start = time.monotonic()
        stuck = threads.submit(workers.call, f"{JOBS}:hang")
        done = list(threads.map(lambda n: workers.call(f"{JOBS}:add", n, 1).value, range(40)))
        assert not stuck.done()
        assert stuck.result().status == "timeout"
        assert time.monotonic() - start < 4
    assert done == list(range(1, 41))


def test_memory_is_bounded():
    """A call that wants three gigabytes gets none of them, and the machine does not notice."""
    with Workers(size=1) as pool:
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        assert pool.call(f"{JOBS}:swell", 3072).status == "memory"
        assert pool.call(f"{JOBS}:swell", 64) == Outcome("done", 64 << 20)
    assert max(before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) < 1 << 20  # kilobytes


def test_secrets_stay_outside(monkeypatch):
    """A worker's environment holds no variable that could be a key."""
    monkeypatch.setenv("SOME_API_KEY", "abc")
    with Workers(size=1) as pool:
        assert "SOME_API_KEY" not in pool.call(f"{JOBS}:environment").value


def test_a_closed_pool_leaves_no_process():
    """Closing ends every process, and a call after that is told so."""
    pool = Workers(size=1)
    process = pool.call(f"{JOBS}:chatter").value
    pool.close()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    assert pool.call(f"{JOBS}:add", 1, 1) == Outcome("died", None, "the pool is closed")


def test_closing_lets_those_who_wait_go():
    """A call that waits for a process while the pool closes ends too."""
    pool = Workers(size=1, wall_s=1.0)
    pool.call(f"{JOBS}:add", 1, 1)
    ended = []
    threads = [
        threading.Thread(target=lambda: ended.append(pool.call(f"{JOBS}:hang").status)) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    time.sleep(0.2)
    pool.close()
    for thread in threads:
        thread.join(10)
    assert len(ended) == 3
    assert set(ended) <= {"timeout", "died"}
