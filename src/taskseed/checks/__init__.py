"""Pure functions over text and votes: no I/O, no model."""
