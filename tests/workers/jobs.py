"""Functions that workers are asked to call, good and bad."""

import os
import re
import signal
import sys
import time


def add(a, b):
    """Return the sum."""
    return a + b


def hang():
    """Never return."""
    while True:
        time.sleep(1)


def spin(digits):
    """Compute a number of very many digits."""
    return len(str(9 ** (9**digits)))


def backtrack(text):
    """Match by a pattern that backtracks without end."""
    return re.fullmatch("(a+)+", text) is not None


def swell(megabytes):
    """Take so much memory."""
    return len(bytearray(megabytes << 20))


def fail(message):
    """Raise."""
    raise ValueError(message)


def leave():
    """End the process."""
    os._exit(3)


def segfault():
    """Crash the process."""
    os.kill(os.getpid(), signal.SIGSEGV)


def chatter():
    """Write to both streams; return the process id."""
    os.write(1, b"[]")
    sys.stderr.write("noise")
    return os.getpid()


def unsendable():
    """Return what is not JSON."""
    return {1, 2}


def flood():
    """Return 17 MB."""
    return "x" * (17 << 20)


def environment():
    """Return the environment."""
    return dict(os.environ)
