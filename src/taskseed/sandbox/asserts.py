"""Whether a piece of code passes its asserts."""

import asyncio
import hashlib
import secrets
from collections.abc import Sequence
from concurrent.futures import Executor

from taskseed.sandbox.base import Limits, Outcome, Sandbox

__all__ = ["run_asserts", "run_asserts_async"]

_LONGEST = 200_000  # characters of code and asserts together

# The code runs as a module of its own, so that `if __name__ == "__main__"` stays quiet, an unclosed quote
# cannot swallow the asserts, and what it redefines does not reach this text. Only a digest of the nonce
# counts as the sign of success, so that code which prints its own source does not give it.
_PROGRAM = """
import hashlib, os, sys, types
write, digest = os.write, hashlib.sha256
module = types.ModuleType("solution")
before = set(vars(module))
sys.modules["solution"] = module
exec(compile({code}, "solution.py", "exec"), vars(module))
if set(vars(module)) <= before | {{"__builtins__", "__annotations__"}}:
    raise SystemExit("the code defines nothing")
for text in {asserts}:
    try:
        exec(compile(text, "assert", "exec"), vars(module))
    except AssertionError as error:
        raise SystemExit("AssertionError: " + (str(error) or text)) from None
sys.stdout.flush()
write(1, b"\\n" + digest(b"{nonce}").hexdigest().encode() + b"\\n")
"""


def run_asserts(
    sandbox: Sandbox,
    code: str,
    asserts: Sequence[str],
    limits: Limits = Limits(),  # noqa: B008 (frozen)
) -> Outcome:
    """Run code and then each assert, in order, in one process.

    `passed` only if the end after the last assert was really reached and the exit status is 0: code that
    exits early with status 0 has `failed`, and so has code that defines nothing or has no assert to pass.
    Code that sets out to forge the sign of success could; the sandbox protects the machine, not the label.

    :param asserts: Python statements such as `assert f(2) == 4`.
    """
    if not any(text.strip() for text in asserts):
        return Outcome("failed", "there is no assert")
    if len(code) + sum(map(len, asserts)) > _LONGEST:
        return Outcome("failed", f"code and asserts are longer than {_LONGEST} characters")
    nonce = secrets.token_hex(16)
    program = _PROGRAM.format(code=ascii(code), asserts=ascii(list(asserts)), nonce=nonce)
    outcome = sandbox.run(program, limits)
    sign = hashlib.sha256(nonce.encode()).hexdigest()
    if outcome.status == "passed" and sign not in outcome.output.splitlines():
        return Outcome("failed", "the program ended before its asserts did", outcome.output)
    return Outcome(outcome.status, outcome.detail, outcome.output.replace(f"\n{sign}\n", ""))


async def run_asserts_async(
    sandbox: Sandbox,
    code: str,
    asserts: Sequence[str],
    limits: Limits = Limits(),  # noqa: B008 (frozen)
    executor: Executor | None = None,
) -> Outcome:
    """Do the same as `run_asserts` without blocking the event loop.

    :param executor: the thread pool whose size bounds how many programs run at one time; default: the
        event loop's own.
    """
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(executor, run_asserts, sandbox, code, asserts, limits)
