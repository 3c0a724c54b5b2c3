"""Where seeds come from: the catalogue of tasks, their suitability, their rows and their licences."""

from taskseed.tasks.cards import card_licence
from taskseed.tasks.catalogue import BUILTIN_PATH, Catalogue, GuardSpec, Selection, load_catalogue
from taskseed.tasks.entries import DataSource, TaskEntry
from taskseed.tasks.normalise import (
    SeedStream,
    kind_of,
    language_of,
    read_seeds,
    shape_of,
    unread_because,
)
from taskseed.tasks.reports import TaskReport, task_report
from taskseed.tasks.sources import BadRow, NotLoadable, SplitReader, is_loadable, open_split
from taskseed.tasks.suitability import Verdict, policy_refusal, with_rows
from taskseed.tasks.tables import Licence, family_of, licence_disagreement, licence_of
from taskseed.tasks.yamlfiles import Problem

__all__ = [
    "BUILTIN_PATH",
    "BadRow",
    "Catalogue",
    "DataSource",
    "GuardSpec",
    "Licence",
    "NotLoadable",
    "Problem",
    "SeedStream",
    "Selection",
    "SplitReader",
    "TaskEntry",
    "TaskReport",
    "Verdict",
    "card_licence",
    "family_of",
    "is_loadable",
    "kind_of",
    "language_of",
    "licence_disagreement",
    "licence_of",
    "load_catalogue",
    "open_split",
    "policy_refusal",
    "read_seeds",
    "shape_of",
    "task_report",
    "unread_because",
    "with_rows",
]
