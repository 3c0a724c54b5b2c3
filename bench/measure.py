"""What all benchmarks share: environments of peers, what processes used, the machine, tables."""

import json
import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
PEERS = Path(__file__).parent / "peers"
CACHE = ROOT / ".bench"


def environment(peer: str) -> str:
    """Return the Python of a peer's own environment, made from `peers/PEER.txt` if it is not there yet."""
    wanted = (PEERS / f"{peer}.txt").read_text()
    folder = CACHE / peer
    made = folder / "made-from.txt"
    python = folder / "bin" / "python"
    if not made.exists() or made.read_text() != wanted:
        print(f"(an environment for {peer})", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        install = [python, "-m", "pip", "install", "--quiet", "-r", PEERS / f"{peer}.txt"]
        subprocess.run(install, check=True, env=_without_project())
        made.write_text(wanted)
    return str(python)


def _without_project() -> dict[str, str]:
    """A peer gets no module and no pinned version of ours."""
    ours = ("PYTHONPATH", "PIP_CONSTRAINT", "PIP_REQUIRE_VIRTUALENV")
    return {name: value for name, value in os.environ.items() if name not in ours}


@dataclass(frozen=True)
class Used:
    """What a process and all processes that it started and waited for have used.

    :param told: what it printed on the last line of stdout, as JSON; None if nothing.
    """

    cpu: float
    seconds: float
    told: object


def run(python: str, script: Path, *arguments: object, ours: bool = False) -> Used:
    """Run a script to its end and return what it used.

    :param ours: whether it may import the project.
    :raises RuntimeError: if it fails; its output is the message.
    """
    command = [python, str(script), *map(str, arguments)]
    started = time.monotonic()
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if not ours else None,
        text=True,
        env=None if ours else {**_without_project(), "NEMO_TELEMETRY_ENABLED": "false"},
    )
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{said[-3000:]}")
    last = said.strip().rpartition("\n")[2]
    told = json.loads(last) if ours and last else None
    return Used(usage.ru_utime + usage.ru_stime, time.monotonic() - started, told)


def versions(python: str, packages: Sequence[str]) -> str:
    """Return `package version` of the packages that an environment has."""
    code = "import sys, importlib.metadata as m\nfor p in sys.argv[1:]: print(p, m.version(p))"
    lines = subprocess.check_output([python, "-c", code, *packages], text=True, env=_without_project())
    return ", ".join(lines.splitlines())


def machine() -> str:
    """Return the machine, and how busy it was a minute ago: others may share it."""
    load = Path("/proc/loadavg").read_text().split()[0]
    system = f"{platform.machine()}, {platform.system()} {platform.release()}"
    return f"{os.cpu_count()} cores, {system}, load {load}, Python {platform.python_version()}"


def memory_mb(what: str, pid: int | str = "self") -> float:
    """Return `VmRSS` (now) or `VmHWM` (peak) of a process in MB."""
    found = re.search(rf"^{what}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1]) / 1024


def table(columns: Sequence[str], rows: Sequence[Mapping[str, str] | Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [f"| {' | '.join(columns)} |", "|" + "---|" * len(columns)]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join(lines)
