"""Expressions: reading them, and saying exactly whether two have one value. Pure."""
