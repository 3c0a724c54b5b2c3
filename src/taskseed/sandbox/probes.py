"""The self-test of a sandbox: each probe really tries to break out.

A sandbox is used only if every probe is contained, on this machine, now. That a command is installed proves
nothing: container runtimes and hardened kernels refuse parts of it.
"""

import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from taskseed.sandbox.base import Limits, Outcome, Probe, Sandbox

__all__ = ["PROBES", "self_test"]

_LIMITS = Limits(wall_s=10.0, cpu_s=5, memory_mb=256, output_bytes=200_000, disk_mb=4, processes=12)
_SHOWN = ("/usr", "/bin", "/lib", "/lib32", "/lib64")  # the system's own programs, readable by anyone
_ENVIRONMENT = frozenset({"PYTHONHASHSEED", "LD_LIBRARY_PATH", "LC_CTYPE", "PWD"})


def self_test(sandbox: Sandbox) -> list[Probe]:
    """Attempt every escape of `PROBES` in order; takes about two seconds.

    A sandbox that cannot even run a program fails at the first probe, and the others are not tried.
    """
    results: list[Probe] = []
    for probe in PROBES:
        results.append(probe(sandbox))
        if not results[0].contained:
            break
    return results


def _runs(sandbox: Sandbox) -> Probe:
    """A harmless program runs, else everything below would look contained."""
    outcome = sandbox.run("import math\nprint(math.factorial(10))", _LIMITS)
    works = outcome.status == "passed" and outcome.output.strip() == "3628800"
    return Probe("runs", works, _said(outcome))


def _secret_file(sandbox: Sandbox) -> Probe:
    """A file that the user can read, and the home folder, cannot be read."""
    secret = secrets.token_hex(16)
    with tempfile.TemporaryDirectory(prefix="probe-") as folder:
        path = Path(folder) / "secret"
        path.write_text(secret)
        tries = [str(path), f"/proc/1/root{path}", f"/proc/1/cwd{path}", f"/../..{path}"]
        outcome = sandbox.run(_READ.format(paths=tries, folders=[folder, *_own_folders(), "/home", "/root"]))
    seen = secret in outcome.output or "LISTED" in outcome.output
    return Probe("secret_file", _tried(outcome) and not seen, _said(outcome))


_READ = """
import os
for path in {paths!r}:
    try:
        print(open(path).read())
    except OSError as error:
        print(type(error).__name__)
for folder in {folders!r}:
    try:
        print("LISTED" if os.listdir(folder) else "EMPTY")
    except OSError as error:
        print(type(error).__name__)
print("TRIED")
"""


def _write_outside(sandbox: Sandbox) -> Probe:
    """Nothing can be written outside the program's own folder."""
    name = f"taskseed-probe-{secrets.token_hex(8)}"
    with tempfile.TemporaryDirectory(prefix="probe-") as folder:
        folders = [folder, *_own_folders(), "/", "/usr", "/py", "/dev", "/var/tmp"]  # noqa: S108
        outcome = sandbox.run(_WRITE.format(paths=[f"{place.rstrip('/')}/{name}" for place in folders]))
        written = [place for place in folders if _exists(Path(place) / name)]
    return Probe("write_outside", _tried(outcome) and not written, _said(outcome))


_WRITE = """
for path in {paths!r}:
    try:
        open(path, "w").write("x")
        print("WROTE", path)
    except OSError as error:
        print(type(error).__name__)
print("TRIED")
"""


def _loopback(sandbox: Sandbox) -> Probe:
    """Neither TCP nor UDP nor an abstract Unix socket of this machine can be reached."""
    name = f"\0taskseed-probe-{secrets.token_hex(8)}"
    with ExitStack() as stack:
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 0))
        unix = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        if sys.platform == "linux":
            unix.bind(name)
            unix.listen()
        ports = {"tcp": tcp.getsockname()[1], "udp": udp.getsockname()[1]}
        outcome = sandbox.run(_CONNECT.format(name=name, **ports), _LIMITS)
        udp.setblocking(False)
        try:
            reached = bool(udp.recv(100))
        except BlockingIOError:
            reached = False
    contained = _tried(outcome) and not reached and "REACHED" not in outcome.output
    return Probe("loopback", contained, _said(outcome))


_CONNECT = """
import socket
tries = (("AF_INET", "SOCK_STREAM", ("127.0.0.1", {tcp})), ("AF_UNIX", "SOCK_STREAM", {name!r}))
for family, kind, address in tries:
    try:
        with socket.socket(getattr(socket, family), getattr(socket, kind)) as peer:
            peer.settimeout(1)
            peer.connect(address)
            print("REACHED", family)
    except OSError as error:
        print(type(error).__name__)
try:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"probe", ("127.0.0.1", {udp}))
except OSError as error:
    print(type(error).__name__)
print("TRIED")
"""


def _environment(sandbox: Sandbox) -> Probe:
    """No environment variable of this process, its parents or others can be seen."""
    outcome = sandbox.run(_NAMES, _LIMITS)
    lines = outcome.output.splitlines()
    names = json.loads(lines[0]) if _tried(outcome) else []
    contained = _tried(outcome) and set(names) <= _ENVIRONMENT
    return Probe("environment", contained, ", ".join(sorted(names)))


_NAMES = """
import glob, json, os
names = set(os.environ)
for path in glob.glob("/proc/*/environ"):
    try:
        entries = open(path, "rb").read().split(b"\\0")
        names |= {entry.partition(b"=")[0].decode() for entry in entries if entry}
    except OSError:
        pass
print(json.dumps(sorted(names)))
print("TRIED")
"""


def _privileges(sandbox: Sandbox) -> Probe:
    """The program has no capability, and none to gain."""
    outcome = sandbox.run(_STATUS, _LIMITS)
    held = outcome.output.split()
    contained = _tried(outcome) and held[:-1] == ["0", "0", "0", "1"]
    return Probe("privileges", contained, _said(outcome))


_STATUS = """
fields = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(*(int(fields[name], 16) for name in ("CapPrm", "CapEff", "CapAmb", "NoNewPrivs")))
print("TRIED")
"""


def _namespaces(sandbox: Sandbox) -> Probe:
    """The program cannot make a user namespace, in which it could mount memory without limit."""
    outcome = sandbox.run(_UNSHARE, _LIMITS)
    return Probe("namespaces", _tried(outcome) and "MADE" not in outcome.output, _said(outcome))


_UNSHARE = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
for call, flag in ((libc.unshare, 0x10000000), (libc.unshare, 0x10020000), (libc.mount, 0)):
    made = call(b"none", b"/tmp", b"tmpfs", 0, None) if call is libc.mount else call(flag)
    print("MADE" if made == 0 else ctypes.get_errno())
print("TRIED")
"""


def _tampering(sandbox: Sandbox) -> Probe:
    """No file's mode or times can be changed, and no process of this machine be signalled or limited."""
    with tempfile.TemporaryDirectory(prefix="probe-") as folder, _sleeping() as other:
        path = Path(folder) / "file"
        path.write_text("x")
        path.chmod(0o600)
        before = path.stat()
        outcome = sandbox.run(_TAMPER.format(path=str(path), pids=[os.getpid(), other.pid]), _LIMITS)
        after = path.stat()
        alive = other.poll() is None
    changed = (before.st_mode, before.st_mtime, before.st_size) != (
        after.st_mode,
        after.st_mtime,
        after.st_size,
    )
    contained = _tried(outcome) and alive and not changed and "DONE" not in outcome.output
    return Probe("tampering", contained, _said(outcome))


@contextmanager
def _sleeping() -> Iterator[subprocess.Popen[bytes]]:
    """Keep a process of this user that somebody might signal."""
    with subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"]) as process:
        try:
            yield process
        finally:
            process.kill()


_TAMPER = """
import os, resource, signal
path, (tester, other) = {path!r}, {pids!r}
tries = [
    (os.chmod, path, 0o777), (os.utime, path, (1, 1)), (os.truncate, path, 0), (os.unlink, path),
    (os.rename, path, path + "2"), (os.link, path, path + "3"), (os.kill, tester, 0),
    (os.kill, other, signal.SIGKILL), (resource.prlimit, other, resource.RLIMIT_CPU, (1, 1)),
    (os.setpriority, os.PRIO_PROCESS, tester, 19), (os.sched_setaffinity, tester, {{0}}),
]
for act, *arguments in tries:
    try:
        act(*arguments)
        print("DONE", act.__name__)
    except OSError as error:
        print(type(error).__name__)
print("TRIED")
"""


def _fork_bomb(sandbox: Sandbox) -> Probe:
    """The number of processes is bounded."""
    outcome = sandbox.run(_FORK, _LIMITS)
    numbers = [int(line) for line in outcome.output.splitlines() if line.isdigit()]
    made = max(numbers, default=-1)
    contained = outcome.status != "error" and 0 <= made <= _LIMITS.processes
    return Probe("fork_bomb", contained, f"{made} processes of at most {_LIMITS.processes}")


_FORK = """
import os, time
made = 0
try:
    for made in range(100):
        if os.fork() == 0:
            time.sleep(60)
except OSError:
    pass
os.write(1, b"%d\\n" % made)
os._exit(0)
"""


def _memory_bomb(sandbox: Sandbox) -> Probe:
    """More memory than allowed cannot be had."""
    outcome = sandbox.run(_MEMORY.format(size=2 * _LIMITS.memory_mb), _LIMITS)
    return Probe("memory_bomb", _tried(outcome) and "GOT" not in outcome.output, _said(outcome))


_MEMORY = """
try:
    block = bytearray({size} << 20)
    print("GOT")
except MemoryError:
    print("MemoryError")
print("TRIED")
"""


def _disk_bomb(sandbox: Sandbox) -> Probe:
    """More disk than allowed cannot be had, in one file or in many."""
    outcome = sandbox.run(_DISK.format(size=4 * _LIMITS.disk_mb), _LIMITS)
    return Probe("disk_bomb", _tried(outcome) and "GOT" not in outcome.output, _said(outcome))


_DISK = """
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
try:
    for i in range({size}):
        with open("/tmp/%d" % i, "wb") as file:
            file.write(bytes(1 << 20))
    print("GOT")
except OSError as error:
    print(type(error).__name__)
print("TRIED")
"""


def _flood(sandbox: Sandbox) -> Probe:
    """Output without end is stopped at its limit, not collected."""
    start = time.monotonic()
    outcome = sandbox.run("while True:\n    print('x' * 10000)", _LIMITS)
    taken = time.monotonic() - start
    kept = len(outcome.output)
    contained = outcome.status == "flooded" and kept <= _LIMITS.output_bytes and taken < _LIMITS.wall_s / 2
    return Probe("output_flood", contained, f"{outcome.status}, kept {kept} bytes")


def _sleeper(sandbox: Sandbox) -> Probe:
    """A program that waits for ever is ended in time."""
    start = time.monotonic()
    outcome = sandbox.run("import time\ntime.sleep(60)", Limits(wall_s=0.3))
    taken = time.monotonic() - start
    return Probe("wall_time", outcome.status == "timeout" and taken < 3, _said(outcome))


def _daemon(sandbox: Sandbox) -> Probe:
    """A process that the program leaves behind dies with it."""
    sign = secrets.token_hex(16)
    outcome = sandbox.run(_DAEMON.format(sign=sign), _LIMITS)
    deadline = time.monotonic() + 2  # the kernel needs a moment to end a process namespace
    while (survives := _is_alive(sign)) and time.monotonic() < deadline:
        time.sleep(0.01)
    return Probe("daemon", _tried(outcome) and not survives, _said(outcome))


_DAEMON = """
import os, sys, time
try:
    child = os.fork()
except OSError as error:
    print(type(error).__name__)
    print("TRIED", flush=True)
    os._exit(0)
if child == 0:
    os.setsid()
    if os.fork() == 0:
        silent = os.open("/dev/null", os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(silent, descriptor)
        os.execv(sys.executable, [sys.executable, "-S", "-c", "import time; time.sleep(60)", "{sign}"])
    os._exit(0)
os.wait()
time.sleep(0.05)
print("TRIED", flush=True)
"""

# The visible list: every escape that a sandbox must contain to be used.
PROBES: tuple[Callable[[Sandbox], Probe], ...] = (
    _runs,
    _secret_file,
    _write_outside,
    _loopback,
    _environment,
    _privileges,
    _namespaces,
    _tampering,
    _fork_bomb,
    _memory_bomb,
    _disk_bomb,
    _flood,
    _sleeper,
    _daemon,
)


def _tried(outcome: Outcome) -> bool:
    """Say whether the program reached its end; an attempt that was not made proves nothing."""
    return outcome.status == "passed" and outcome.output.rstrip().endswith("TRIED")


def _said(outcome: Outcome) -> str:
    """Put how a program ended on one short line."""
    said = " ".join((outcome.detail or outcome.output).split())
    return f"{outcome.status}: {said}"[:200] if said else outcome.status


def _own_folders() -> list[str]:
    """Return the user's home and working folder, where they are not among what a program may read."""
    found: list[Path] = []
    for place in (Path.home, Path.cwd):
        with suppress(RuntimeError, OSError):
            found.append(place())
    return [str(p) for p in found if p != Path("/") and not any(p.is_relative_to(s) for s in _SHOWN)]


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except PermissionError:  # where this process may not look, it could not have written
        return False


def _is_alive(sign: str) -> bool:
    """Say whether a process of this machine has `sign` among its arguments."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it ended meanwhile
            if sign.encode() in path.read_bytes():
                return True
    return False
