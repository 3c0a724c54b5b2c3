"""What the card says of how right the labels are."""

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["calibration_section"]


def calibration_section(told: Mapping[str, Any]) -> str:
    """Return the card's section on calibration, as Markdown.

    :param told: the manifest's `calibration`.
    """
    families = [*told["families"], *([told["overall"]] if len(told["families"]) > 1 else [])]
    parts = [
        "## How right the labels are",
        _labels(told["label_precision"]),
        f"{told['asked']} training rows, whose answers are known, were solved blind with the same model, "
        "prompts and votes as the questions here. All intervals are of 95 %.",
        _table(
            ["family", "seeds", "one solve is right", "votes decided", "decided votes right"],
            [_family(figures) for figures in families],
        ),
        _levels(told["overall"]["levels"]),
    ]
    if told["lost"]:
        parts.append(f"{told['lost']} of them got no response and are in no figure.")
    parts += [_place(place) for place in told["places"]]
    return "\n\n".join(parts)


def _labels(labels: Mapping[str, Any] | None) -> str:
    if labels is None:
        return "No label precision can be told: no question was kept by votes, or no seed's vote was decided."
    agreed = labels["agreement_with_writer"]
    disagreed = "" if agreed is None else f" ({1 - agreed:.1%} of the decided votes)"
    return (
        f"Expected label precision: **{labels['expected']:.1%}**, interval {labels['low']:.1%} to "
        f"{labels['high']:.1%}, of the {labels['questions']} questions here that votes decided. The low end "
        "stands for the worst case: every vote that disagreed with the writer"
        f"{disagreed} came from a question without one right answer, as many of those were kept by luck, and "
        "the writer shares each wrong vote. The high end stands for the best: the disagreements were the "
        "writer's slips and caught wrong votes. The figure between is their middle. This holds if a vote on "
        "a well-posed question is right as often as on a training row of its family with the same agreement, "
        "and if votes and writer meet no more than half of the time where no answer is right."
    )


def _family(figures: Mapping[str, Any]) -> list[str]:
    shares = (
        _share(figures[name], figures[f"{name}_low"], figures[f"{name}_high"])
        for name in ("accuracy", "coverage", "precision")
    )
    return [figures["family"], str(figures["seeds"]), *shares]


def _levels(levels: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        [
            f"{level['at_least']:.0%}{' or more' if level['at_least'] < 1 else ''}",
            str(level["votes"]),
            _share(level["precision"], level["low"], level["high"]),
        ]
        for level in levels
        if level["votes"]
    ]
    return _table(["agreement", "votes on seeds, decided or not", "right"], rows)


def _place(place: Mapping[str, Any]) -> str:
    return (
        f"Position: of {place['answers']} answers to multiple choice, `{place['model']}` chose place "
        f"{place['place'] + 1} more often than the right option stood there by {100 * place['excess']:.1f} "
        f"points ({100 * place['low']:.1f} to {100 * place['high']:.1f})."
    )


def _share(share: float | None, low: float, high: float) -> str:
    return "–" if share is None else f"{share:.1%} ({low:.1%}–{high:.1%})"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    cells = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in cells)])
