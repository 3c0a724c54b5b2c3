"""Prompt text as files, and the parser of what models send back."""

from taskseed.prompts.compose import Messages, solver_messages, styles_of, writer_messages, writer_schema
from taskseed.prompts.library import PromptSet, load_prompts
from taskseed.prompts.parse import Draft, Malformed, Solved, parse_draft, parse_solve

__all__ = [
    "Draft",
    "Malformed",
    "Messages",
    "PromptSet",
    "Solved",
    "load_prompts",
    "parse_draft",
    "parse_solve",
    "solver_messages",
    "styles_of",
    "writer_messages",
    "writer_schema",
]
