import sys
import time

import pytest

from taskseed.sandbox.process import Finished, run_capped


def python(code, wall_s=5.0, output_bytes=10_000):
    """Run a piece of Python as a command."""
    return run_capped(
        [sys.executable, "-c", code], wall_s=wall_s, output_bytes=output_bytes, pass_fds=(), env={}
    )


def test_output_and_status_are_returned():
    """Both streams and the exit status of a command come back."""
    code = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(7)"
    assert python(code) == Finished("exit", 7, b"out\n", b"err\n")


def test_the_environment_and_input_are_empty():
    """A command sees no variable of this process and reads an empty input."""
    code = "import os, sys; print(sorted(set(os.environ) - {'LC_CTYPE'}), repr(sys.stdin.read()))"
    assert python(code).stdout == b"[] ''\n"


def test_a_flood_is_cut_and_ended_at_once():
    """Output without end is stopped at the limit within a moment, on either stream."""
    for stream in ("stdout", "stderr"):
        start = time.monotonic()
        finished = python(f"import sys\nwhile True: sys.{stream}.write('x' * 1000)")
        assert (finished.end, finished.returncode) == ("flooded", -9)
        assert len(finished.stdout + finished.stderr) == 10_000
        assert time.monotonic() - start < 3


def test_exactly_the_limit_is_no_flood():
    """Output of exactly the allowed size is kept whole."""
    assert python("import sys; sys.stdout.write('x' * 10_000)") == Finished("exit", 0, b"x" * 10_000, b"")


def test_a_sleeper_and_its_child_end_in_time():
    """At the wall limit the whole process group is killed, also a child that holds the output open."""
    start = time.monotonic()
    finished = python("import os, time\nos.fork()\ntime.sleep(60)", wall_s=0.5)
    assert (finished.end, finished.returncode) == ("timeout", -9)
    assert time.monotonic() - start < 3


def test_a_command_that_closes_its_output_still_ends_in_time():
    """Closing the output does not escape the wall limit."""
    start = time.monotonic()
    finished = python("import os, time\nos.close(1); os.close(2)\ntime.sleep(60)", wall_s=0.5)
    assert (finished.end, finished.returncode) == ("timeout", -9)
    assert time.monotonic() - start < 3


def test_a_command_that_is_not_there_is_an_error():
    """A command that cannot be started raises the system's error."""
    with pytest.raises(FileNotFoundError):
        run_capped(["/nonexistent/command"], wall_s=1, output_bytes=1, pass_fds=(), env={})
