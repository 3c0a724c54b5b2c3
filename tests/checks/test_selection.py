"""Choosing among fit texts."""

from hypothesis import given
from hypothesis import strategies as st

from taskseed.checks.selection import TOO_ALIKE, select

RIVER = "The river rises in the hills and runs to the sea past two old towns."
RIVER_AGAIN = "The river rises in the hills and runs to the sea past three old towns."
TRADE = "Merchants met where the road from the north crosses the water, so a market grew there."


def test_styles_come_in_turn() -> None:
    """Each style is covered once before any comes twice, in the order of the turns."""
    texts = [RIVER, TRADE, "Salt was dear in those days and came by mule from the coast over the pass."]
    assert select(texts, ["a", "a", "b"], ["b", "a"], 2).chosen == (2, 0)
    assert select(texts, ["a", "a", "b"], ["b", "a"], 3).chosen == (2, 0, 1)


def test_the_text_least_like_those_chosen_comes_first() -> None:
    """Of one style the second to be chosen is the one that says something else, not the earlier one."""
    made = select([RIVER, RIVER_AGAIN, TRADE], ["a"] * 3, ["a"], 2)
    assert made.chosen == (0, 2)
    assert (made.overlaps[1] > 0.5, made.overlaps[2]) == (True, 0.0)


def test_two_that_are_too_alike_are_never_both_chosen() -> None:
    """A copy leaves its place empty."""
    long = f"{RIVER} {TRADE}"
    made = select([long, long.replace("old towns", "old ports"), long], ["a", "b", "a"], ["a", "b"], 3)
    assert (made.chosen, made.overlaps[2], made.overlaps[1] >= TOO_ALIKE) == ((0,), 1.0, True)


@given(
    st.lists(
        st.tuples(st.sampled_from(["", RIVER, RIVER_AGAIN, TRADE, "a b c d"]), st.sampled_from("ab")),
        max_size=7,
    ),
    st.integers(0, 5),
)
def test_no_more_are_chosen_than_asked_and_none_twice(candidates: list[tuple[str, str]], keep: int) -> None:
    """For any texts the choice is a set of their places, and equal texts are chosen once."""
    texts, styles = [t for t, _ in candidates], [s for _, s in candidates]
    chosen = select(texts, styles, ["b", "a"], keep).chosen
    assert len(chosen) == len(set(chosen)) <= keep
    assert len({texts[i] for i in chosen}) == len(chosen)
