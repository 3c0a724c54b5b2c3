"""The held-out index."""

from taskseed.guards.index import GuardIndex, GuardIndexBuilder, Match

__all__ = ["GuardIndex", "GuardIndexBuilder", "Match"]
