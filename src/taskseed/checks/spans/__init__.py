"""Stretches of a passage, which decides what is the same. Pure."""
