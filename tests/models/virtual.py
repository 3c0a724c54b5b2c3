"""An event loop whose time passes only while everybody waits, at once: simulations that no load disturbs."""

import asyncio
import selectors

__all__ = ["run_virtual"]


class _NeverWaits(selectors.DefaultSelector):
    """A selector that tells how long it would have waited, in place of waiting."""

    def __init__(self):
        super().__init__()
        self.now = 0.0

    def select(self, timeout=None):
        """Return what is ready now; the time asked for has passed."""
        ready = super().select(0)
        if not ready:
            assert timeout is not None, "everybody waits for something that no timer brings"
            self.now += max(0.0, timeout)
        return ready


class _VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self):
        self._virtual = _NeverWaits()
        super().__init__(self._virtual)

    def time(self):
        """Return the seconds that have passed."""
        return self._virtual.now


def run_virtual(work):
    """Run a coroutine and return its result; `asyncio.sleep` takes no time but that of the loop."""
    with asyncio.Runner(loop_factory=_VirtualLoop) as runner:
        return runner.run(work)
