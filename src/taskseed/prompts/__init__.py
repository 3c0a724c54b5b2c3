"""Prompt text as files, and the parser of what models send back."""

from taskseed.prompts.axes import Axes, draw_axes, in_turn, labels
from taskseed.prompts.compose import Messages, solver_messages, styles_of, writer_messages, writer_schema
from taskseed.prompts.library import PromptSet, load_prompts
from taskseed.prompts.parse import Draft, Malformed, Solved, parse_draft, parse_drafts, parse_solve

__all__ = [
    "Axes",
    "Draft",
    "Malformed",
    "Messages",
    "PromptSet",
    "Solved",
    "draw_axes",
    "in_turn",
    "labels",
    "load_prompts",
    "parse_draft",
    "parse_drafts",
    "parse_solve",
    "solver_messages",
    "styles_of",
    "writer_messages",
    "writer_schema",
]
