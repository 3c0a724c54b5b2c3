"""Comparing expressions by computer algebra. It takes as long as the text wants: only for `workers/`."""

__all__ = ["equal_expressions"]


def equal_expressions(said: str, gold: str) -> str:
    """Say `equal` where math-verify proves it, else `unknown`: that it finds no proof proves nothing.

    Its own limits of time are signals, which work in no thread; they are off, and the caller has its own.

    :raises ImportError: if the extra `maths` is not installed.
    """
    # Only a worker has the time for it; the package is an extra.
    from math_verify import parse, verify

    left, right = (parse(f"${text}$", parsing_timeout=None) for text in (said, gold))
    if not left or not right:
        return "unknown"
    proved = verify(right, left, timeout_seconds=None) and verify(left, right, timeout_seconds=None)
    return "equal" if proved else "unknown"
