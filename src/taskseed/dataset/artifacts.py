"""The card's section on what gives right options away, from the manifest's `artifacts`."""

from collections.abc import Mapping, Sequence
from typing import Any

from taskseed.dataset.markdown import markdown

__all__ = ["artifacts_section"]

_NAMES = {
    "gold_longest": "the longest",
    "stem_overlap": "nearest the question's words",
    "most_hedged": "the most hedged",
    "top_position": "in its commonest place",
    "catch_all": "“all of the above”",
    "choices_only": "told from the options alone",
}
_WORDS = (
    "How often the right option of a multiple-choice question stands out, on the questions alone, in per "
    "cent: of what the model wrote, with its interval of 95 % · by chance · of the training rows of the "
    "same task. **▲** marks an interval that lies above both. The last column is a small classifier that "
    "sees the options and never the question, judged on questions that neither they nor their siblings "
    "were fitted to; it needs 20 of them. Of each set at most 2,000 questions are looked at, an even "
    "draw. No row is dropped for these figures: they say what a set is like."
)


def artifacts_section(artifacts: Sequence[Mapping[str, Any]]) -> str:
    """Return words and a table: one row for each task and model, and one over all tasks."""
    rows = []
    for entry in artifacts:
        asked = f"{entry['questions']} · {entry['seed_questions']}"
        figures = [_figure(entry["figures"][name]) for name in _NAMES]
        places = f"{_places(entry['positions'])} · {_places(entry['seed_positions'])}"
        rows.append((entry["task"] or "all", entry["model"], asked, *figures, places))
    head = ["task", "model", "questions · seeds", *_NAMES.values(), "times in each place · seeds"]
    return f"{_WORDS}\n\n{markdown(head, rows)}"


def _figure(figure: Mapping[str, Any]) -> str:
    made = figure["made"]
    if made is None:
        return "too few"
    mark = "▲ " if figure["above"] else ""
    return f"{mark}{_rate(made)} · {_percent(made['expected'])} · {_rate(figure['seeds'])}"


def _rate(rate: Mapping[str, float] | None) -> str:
    if rate is None:
        return "–"
    return f"{_percent(rate['value'])} ({_percent(rate['low'])}–{_percent(rate['high'])})"


def _percent(share: float) -> str:
    return f"{100 * share:.0f}"


def _places(counts: Sequence[int]) -> str:
    return " ".join(map(str, counts)) or "–"
