"""Answers of several items. Pure."""
