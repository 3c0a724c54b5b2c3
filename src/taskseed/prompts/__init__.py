"""Prompt text as files, and the parser of what models send back."""

from taskseed.prompts.axes import Axes, draw_axes, in_turn, labels
from taskseed.prompts.compose import Messages, solver_messages, styles_of, writer_messages, writer_schema
from taskseed.prompts.judge import PairVerdict, judge_messages, pair_mark, parse_verdict
from taskseed.prompts.library import PromptSet, load_prompts
from taskseed.prompts.parse import Draft, Malformed, Solved, parse_draft, parse_drafts, parse_solve
from taskseed.prompts.schema_items import parse_schema_draft

__all__ = [
    "Axes",
    "Draft",
    "Malformed",
    "Messages",
    "PairVerdict",
    "PromptSet",
    "Solved",
    "draw_axes",
    "in_turn",
    "judge_messages",
    "labels",
    "load_prompts",
    "pair_mark",
    "parse_draft",
    "parse_drafts",
    "parse_schema_draft",
    "parse_solve",
    "parse_verdict",
    "solver_messages",
    "styles_of",
    "writer_messages",
    "writer_schema",
]
