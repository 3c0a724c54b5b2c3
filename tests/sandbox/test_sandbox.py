import asyncio
import functools
import json
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from taskseed.sandbox import (
    RUNGS,
    Limits,
    Outcome,
    available,
    bubblewrap,
    run_asserts,
    run_asserts_async,
    self_test,
    why_unavailable,
)
from taskseed.sandbox.probes import PROBES

DOUBLE = "def double(x):\n    return 2 * x\n"


class Unconfined:
    """A sandbox that is none: it runs programs as they are, to show that the probes can tell."""

    name = "unconfined"

    def run(self, program, limits=Limits()):  # noqa: B008
        """Run a program with all that this process may do."""
        with subprocess.Popen(
            [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as process:
            try:
                output, _ = process.communicate(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                return Outcome("timeout")
        return Outcome("failed" if process.returncode else "passed", "", output)


class Refusing:
    """A sandbox that starts nothing, as where a container runtime forbids namespaces."""

    name = "refusing"

    def run(self, program, limits=Limits()):  # noqa: B008
        """Start nothing."""
        return Outcome("error", "setting up uid map: Permission denied")


@functools.cache
def usable(name):
    """Return a sandbox of the list that passes its self-test here, and else why there is none."""
    found = dict(RUNGS)[name](None)
    escaped = [] if found is None else [probe for probe in self_test(found) if not probe.contained]
    return (None, f"no {name} here: {escaped}") if found is None or escaped else (found, "")


@pytest.fixture(scope="session", params=[name for name, _ in RUNGS])
def sandbox(request):
    """Each sandbox of the list that this machine has."""
    found, why = usable(request.param)
    if found is None:
        pytest.skip(why)
    return found


@pytest.fixture(scope="session")
def roomy():
    """Bubblewrap, which gives a program processes, threads and a folder of its own."""
    found, why = usable("bwrap")
    if found is None:
        pytest.skip(why)
    return found


def test_a_linux_machine_of_these_days_has_a_sandbox():
    """With Landlock in the kernel nothing has to be installed to run code."""
    if usable("landlock")[0] is None:
        pytest.skip(usable("landlock")[1])
    assert available("/nowhere").name == "landlock"
    assert why_unavailable("/nowhere") == ""


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.__name__.strip("_"))
def test_every_escape_is_contained(sandbox, probe):
    """The sandbox in use contains each attempt of the self-test."""
    result = probe(sandbox)
    assert (result.contained, result.detail) == (True, result.detail)


def test_probes_tell_a_sandbox_from_none():
    """Run without any sandbox, the harmless probes that only look do escape."""
    names = {"secret_file", "loopback", "environment", "memory_bomb"}
    chosen = [probe for probe in PROBES if probe.__name__.strip("_") in names]
    assert [probe(Unconfined()).contained for probe in chosen] == [False] * 4


def test_a_sandbox_that_starts_nothing_fails_the_self_test():
    """Where nothing runs nothing is contained, and the reason is kept."""
    (only,) = self_test(Refusing())
    assert (only.name, only.contained) == ("runs", False)
    assert only.detail == "error: setting up uid map: Permission denied"


def test_without_any_means_there_is_no_sandbox(monkeypatch):
    """Where neither the command nor the kernel's own means are there nothing runs, and the reason is said."""
    monkeypatch.setattr(sys, "platform", "darwin")
    assert available("/not a folder") is None
    assert why_unavailable("/not a folder") == "bwrap: not found, landlock: not found"


@pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap is for Linux")
def test_a_broken_command_is_no_sandbox(tmp_path):
    """A `bwrap` that fails, as under a strict container, is not used, and its words are the reason."""
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    fake.chmod(0o755)
    (runs,) = self_test(bubblewrap.find(str(tmp_path)))
    assert (runs.contained, runs.detail) == (False, "error: bwrap: No permissions to create new namespace")
    assert getattr(available(str(tmp_path)), "name", "") != "bwrap"


@pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap is for Linux")
def test_a_command_that_does_not_confine_is_no_sandbox(tmp_path):
    """A `bwrap` that runs the program as it is does not pass for a sandbox."""
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\nexit 0\n")
    fake.chmod(0o755)
    assert getattr(available(str(tmp_path)), "name", "") != "bwrap"


def test_the_first_that_contains_everything_is_used():
    """The list is in order of preference, and where there is a sandbox there is nothing to explain."""
    names = [name for name, _ in RUNGS if usable(name)[0] is not None]
    if not names:
        pytest.skip("no sandbox on this machine")
    assert (available().name, why_unavailable()) == (names[0], "")
    assert [usable(name)[0].name for name in names] == names


@pytest.mark.parametrize(
    ("program", "status", "detail"),
    [
        ("print('hello')", "passed", ""),
        ("1 / 0", "failed", "ZeroDivisionError: division by zero"),
        ("import sys; sys.exit(3)", "failed", ""),
        ("def f(:", "failed", "SyntaxError: invalid syntax"),
        ("import ctypes; ctypes.string_at(1)", "killed", ""),
        ("import os; os.abort()", "killed", ""),
        ("import numpy", "failed", "ModuleNotFoundError: No module named 'numpy'"),
        ("import taskseed", "failed", "ModuleNotFoundError: No module named 'taskseed'"),
        ("x = '\udc80'", "error", "the program is not text: surrogates not allowed"),
    ],
)
def test_outcomes(sandbox, program, status, detail):
    """How a program ended is told by its status and the last line it wrote on stderr."""
    outcome = sandbox.run(program)
    assert (outcome.status, outcome.detail) == (status, detail)


def test_cpu_time_is_limited(sandbox):
    """A busy loop ends at its CPU limit, before the wall limit."""
    start = time.monotonic()
    assert sandbox.run("while True: pass", Limits(wall_s=15, cpu_s=1)).status == "timeout"
    assert time.monotonic() - start < 10


def test_wall_time_is_limited(roomy):
    """A busy loop over processes ends at the wall limit."""
    start = time.monotonic()
    assert roomy.run("import os\nos.fork()\nwhile True: pass", Limits(wall_s=0.5)).status == "timeout"
    assert time.monotonic() - start < 5


def test_threads_count_as_processes(roomy):
    """Threads beyond the limit cannot be started."""
    program = (
        "import threading, time\nfor _ in range(50): threading.Thread(target=time.sleep, args=(1,)).start()"
    )
    assert roomy.run(program, Limits(processes=10)).status != "passed"


def test_landlock_gives_neither_threads_nor_processes_nor_files():
    """What a calculation does not need is refused, with an error that the program can see."""
    found, why = usable("landlock")
    if found is None:
        pytest.skip(why)
    for act in ("os.fork()", "os.execv('/bin/true', ['true'])", "os.mkdir('/tmp/x')"):
        outcome = found.run(f"import os\ntry:\n    print({act})\nexcept PermissionError:\n    print('no')")
        assert outcome.output == "no\n", act
    outcome = found.run("import threading\nthreading.Thread(target=print).start()")
    assert outcome == Outcome("failed", "RuntimeError: can't start new thread", "")
    assert (
        found.run("open('/dev/null', 'w')").detail
        == "PermissionError: [Errno 13] Permission denied: '/dev/null'"
    )


def test_output_is_kept_up_to_the_limit(sandbox):
    """A program that prints a little too much is flooded, and what is kept is bounded."""
    outcome = sandbox.run("print('x' * 5000)", Limits(output_bytes=1000))
    assert (outcome.status, len(outcome.output)) == ("flooded", 1000)


def test_runs_leave_nothing_to_each_other(roomy):
    """What one program writes is gone for the next, and the home folder is not there."""
    assert roomy.run("open('/tmp/left', 'w').write('x')").status == "passed"
    assert roomy.run("import os; print(os.listdir('/tmp'))").output == "[]\n"


def test_set_order_is_the_same_in_every_run(sandbox):
    """Hashes are not salted, so that an assert cannot pass in one run and fail in the next."""
    outputs = {sandbox.run("print(set('abcdefgh'))").output for _ in range(3)}
    assert len(outputs) == 1


def test_new_namespaces_give_no_way_to_the_files(roomy):
    """Neither mounting nor chroot nor tracing nor changing the user is possible."""
    program = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
tries = [libc.mount(b"none", b"/tmp", b"tmpfs", 0, None), libc.chroot(b"/tmp"), libc.ptrace(16, 1, 0, 0)]
for act, args in ((os.setuid, [0]), (os.setgid, [0]), (os.kill, [1, 9]), (os.mknod, ["/tmp/x", 0o60600, 1])):
    try:
        act(*args)
        tries.append(0)
    except OSError:
        tries.append(-1)
print(tries)
"""
    outcome = roomy.run(program)
    assert outcome.status == "passed"
    tries = json.loads(outcome.output)
    # In a user namespace the program already is its only user, and signals to process 1 are ignored.
    assert [tries[i] for i in (0, 1, 6)] == [-1, -1, -1]


def test_many_at_once_do_not_disturb_each_other(roomy):
    """Programs in parallel, each near its limit of processes, all pass."""
    program = (
        "import threading, time\nts = [threading.Thread(target=time.sleep, args=(0.2,)) for _ in range(10)]\n"
        "[t.start() for t in ts]\n[t.join() for t in ts]"
    )
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda _: roomy.run(program, Limits(processes=20)), range(16)))
    assert [outcome.status for outcome in outcomes] == ["passed"] * 16


def test_no_descriptor_is_left_open(sandbox):
    """A hundred runs leave no file open in this process."""
    fds = Path("/proc/self/fd")
    sandbox.run("")
    before = len(list(fds.iterdir()))
    for _ in range(10):
        sandbox.run("print(1)")
    assert len(list(fds.iterdir())) == before


def test_right_code_passes(sandbox):
    """Code that meets its asserts passes, and what it printed is kept."""
    outcome = run_asserts(sandbox, DOUBLE + "print('hi')", ["assert double(2) == 4", "assert double(0) == 0"])
    assert outcome == Outcome("passed", "", "hi\n")


@pytest.mark.parametrize(
    ("code", "asserts", "status", "detail"),
    [
        (DOUBLE, ["assert double(2) == 5"], "failed", "AssertionError: assert double(2) == 5"),
        (DOUBLE, ["assert double(2) == 4", "assert double(2) == 6, 'six'"], "failed", "AssertionError: six"),
        (DOUBLE, ["assert quintuple(2)"], "failed", "NameError: name 'quintuple' is not defined"),
        (DOUBLE, [], "failed", "there is no assert"),
        (DOUBLE, ["  "], "failed", "there is no assert"),
        ("", ["assert True"], "failed", "the code defines nothing"),
        ("# nothing", ["assert True"], "failed", "the code defines nothing"),
        ("'''a text'''", ["assert True"], "failed", "the code defines nothing"),
        (DOUBLE + "x = '''", ["assert True"], "failed", None),
        (DOUBLE + "if False:", ["    assert False"], "failed", None),
        (
            DOUBLE + "import sys; sys.exit(0)",
            ["assert False"],
            "failed",
            "the program ended before its asserts did",
        ),
        (
            DOUBLE + "import os; os._exit(0)",
            ["assert False"],
            "failed",
            "the program ended before its asserts did",
        ),
        ("def double(x):\n    raise SystemExit(0)", ["assert double(2) == 4"], "failed", None),
        ("def double(x):\n    quit()", ["assert double(2) == 4"], "failed", None),
        (DOUBLE + "import atexit, os\natexit.register(os._exit, 1)", ["assert double(1) == 2"], "failed", ""),
        (DOUBLE + "__builtins__['AssertionError'] = KeyError", ["assert double(2) == 5"], "failed", None),
        (
            "import sys, os\nprint(sys.orig_argv, flush=True)\nos._exit(0)",
            ["assert False"],
            "failed",
            "the program ended before its asserts did",
        ),
        (
            "import os\nprint(open('/program.py').read(), flush=True)\nos._exit(0)",
            ["assert False"],
            "failed",
            None,  # under Landlock there is no such file
        ),
        ("def double(x):\n    while True: pass", ["assert double(2) == 4"], "timeout", ""),
        ("def double(x):\n    return x\n\0", ["assert True"], "failed", None),
        ("x = '\udc80'", ["assert x"], "failed", None),
        ("x" * 300_000, ["assert True"], "failed", "code and asserts are longer than 200000 characters"),
    ],
)
def test_wrong_code_does_not_pass(sandbox, code, asserts, status, detail):
    """Code that is wrong, empty, ends early or tries to swallow its asserts never passes."""
    outcome = run_asserts(sandbox, code, asserts, Limits(cpu_s=1))
    assert outcome.status == status
    assert detail in (None, outcome.detail)


@pytest.mark.parametrize(
    "code",
    [
        "from __future__ import annotations\n" + DOUBLE,
        DOUBLE + "if __name__ == '__main__':\n    print(double(int(input())))\n",
        DOUBLE + "def print(*a): raise ValueError\ndef exec(*a): raise ValueError\n",
        "import dataclasses\n@dataclasses.dataclass\nclass P:\n    x: 'int'\ndouble = lambda x: P(2 * x).x",
        "import re, math, collections, heapq, itertools, functools, datetime\ndouble = lambda x: x * 2",
        DOUBLE + "# ünïcödé ' \" \\ {braces} %s\n",
        "double = 2 .__mul__",
        DOUBLE.replace("\n", "\r\n"),
    ],
)
def test_ordinary_code_is_not_disturbed(sandbox, code):
    """Main guards, future imports, redefined builtins and odd characters do no harm to right code."""
    assert run_asserts(sandbox, code, ["assert double(2) == 4"]) == Outcome("passed", "", "")


def test_async_runs_in_parallel_within_the_pool(sandbox):
    """The event loop goes on while programs run, at most as many at once as the pool has threads."""

    async def main():
        code = DOUBLE + "import time; time.sleep(0.5)"
        with ThreadPoolExecutor(4) as pool:
            runs = [
                asyncio.create_task(
                    run_asserts_async(sandbox, code, ["assert double(2) == 4"], Limits(), pool)
                )
                for _ in range(4)
            ]
            await asyncio.sleep(0.01)
            done = sum(run.done() for run in runs)
            return done, [outcome.status for outcome in await asyncio.gather(*runs)]

    start = time.monotonic()
    assert asyncio.run(main()) == (0, ["passed"] * 4)
    assert time.monotonic() - start < 1.9  # one after the other they would take two seconds


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize("name", [name for name, _ in RUNGS])
def test_an_ordinary_user_is_as_safe(name):
    """Run by an unprivileged user, each sandbox contains every probe too."""
    program = (
        "import json, os, dataclasses, tempfile\n"
        "from taskseed.sandbox import RUNGS, self_test\n"
        "import asyncio, socket, glob, concurrent.futures.thread\n"
        "os.setgroups([]); os.setresgid(65534, 65534, 65534); os.setresuid(65534, 65534, 65534)\n"
        f"found = dict(RUNGS)[{name!r}](None)\n"
        "print(json.dumps([dataclasses.astuple(p) for p in self_test(found)] if found else []))\n"
    )
    environment = {**os.environ, "HOME": "/tmp", "TMPDIR": "/tmp"}
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env=environment,
        cwd="/tmp",
        check=True,
    )
    probes = json.loads(done.stdout)
    if not probes or probes[0][1] is False:
        pytest.skip(f"an unprivileged user has no {name} here: {probes}")
    assert [(name, detail) for name, contained, detail in probes if not contained] == []
    assert len(probes) == len(PROBES)


def test_a_caller_in_a_short_lived_thread_gets_its_outcome(sandbox):
    """A run started from a thread that is not the main one ends as any other."""
    outcomes = []
    thread = threading.Thread(target=lambda: outcomes.append(sandbox.run("print(1)")))
    thread.start()
    thread.join()
    assert outcomes == [Outcome("passed", "", "1\n")]
