"""Flags and words; no logic. The only place that prints."""
