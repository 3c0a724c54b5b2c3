"""Counters on disk and what they cost."""

import struct
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskseed.models.base import Usage
from taskseed.recipe import Price
from taskseed.run.ledger import NAMES, PURPOSES, ROLES, InvocationCounters, cost, totals, used
from taskseed.run.usage import CALIBRATION, usd

EARLIER = ("sent", "answered", "failed", "from_store", "possibly_billed", "input", "output")


def counted(**amounts: int) -> dict[tuple[str, str], int]:
    """Return totals where only the writer has some."""
    none = {(role, name): 0 for role in ROLES for name in NAMES}
    return none | {("writer", name): amount for name, amount in amounts.items()}


def test_a_file_of_the_version_before_cached_tokens_is_read(tmp_path: Path) -> None:
    """Its 21 numbers count under the names that they had; what was not counted then is 0."""
    (tmp_path / "000000000000001-1-aaaa.counters").write_bytes(struct.pack("=21Q", *range(1, 22)))
    everything, last = totals(tmp_path)
    expected = dict(zip(((r, n) for r in ROLES[:3] for n in EARLIER), range(1, 22), strict=True))
    assert {slot: amount for slot, amount in everything.items() if amount} == expected
    assert last == everything


def test_a_file_of_the_version_before_calibration_is_read(tmp_path: Path) -> None:
    """Its 33 numbers count under the names that they had; what calibration took was not counted then."""
    (tmp_path / "000000000000001-1-aaaa.counters").write_bytes(struct.pack("=33Q", *range(1, 34)))
    everything, _ = totals(tmp_path)
    later = ("cached", "reasoning", "estimated_input", "estimated_output")
    slots = [(r, n) for names in (EARLIER, later) for r in ROLES[:3] for n in names]
    assert {slot: amount for slot, amount in everything.items() if amount} == dict(
        zip(slots, range(1, 34), strict=True)
    )
    assert {everything[CALIBRATION, name] for name in NAMES} == {0}


def test_a_file_of_the_version_before_voters_is_read(tmp_path: Path) -> None:
    """The last eleven of its 44 numbers are what calibration took; a voter took nothing."""
    (tmp_path / "000000000000001-1-aaaa.counters").write_bytes(struct.pack("=44Q", *range(1, 45)))
    everything, last = totals(tmp_path)
    assert [everything[CALIBRATION, name] for name in NAMES] == list(range(34, 45))
    assert [everything["voter", name] for name in NAMES] == [0] * len(NAMES)
    assert everything["judge", "estimated_output"] == 33
    assert last == everything


def test_old_and_new_files_are_summed_and_others_left_out(tmp_path: Path) -> None:
    """A run that began under an earlier version goes on under this one; a torn file counts nothing."""
    (tmp_path / "000000000000001-1-aaaa.counters").write_bytes(struct.pack("=21Q", *range(1, 22)))
    (tmp_path / "000000000000002-1-aaaa.counters").write_bytes(b"")
    (tmp_path / "000000000000003-1-aaaa.counters").write_bytes(bytes(200))
    with closing(InvocationCounters(tmp_path)) as counters:
        for number, (role, name) in enumerate((r, n) for r in PURPOSES for n in NAMES):
            counters.add(role, name, 100 + number)
        assert counters.all() == totals(tmp_path)[1]
    everything, last = totals(tmp_path)
    assert last[CALIBRATION, "sent"] == everything[CALIBRATION, "sent"] == 100
    assert everything["writer", "sent"] == last["writer", "sent"] + 1
    assert everything["writer", "cached"] == last["writer", "cached"]
    assert everything["judge", "output"] == last["judge", "output"] + 21


PRICE = Price(input=2.0, output=8.0, cached_input=0.5)


@pytest.mark.parametrize(
    ("usage", "price", "usd_per_million"),
    [
        (Usage(100, 10), PRICE, 280),
        (Usage(100, 10, cached=60, reasoning=9), PRICE, 40 * 2 + 60 * 0.5 + 80),
        (Usage(100, 10, cached=60), Price(input=2.0, output=8.0), 280),
        (Usage(100, 10, cached=100), Price(input=2.0, output=8.0, cached_input=0), 80),
        (Usage(estimated_input=100, estimated_output=10), PRICE, 280),
    ],
)
def test_what_tokens_cost(usage: Usage, price: Price, usd_per_million: float) -> None:
    """Cached input has its own price where there is one; reasoning is output; estimates cost too."""
    assert usd(usage, price) == pytest.approx(usd_per_million / 1e6)


def test_an_unknown_price_is_said_and_only_where_it_matters() -> None:
    """Tokens without a price, estimated ones too, have no cost; a model that was not asked needs no price."""
    assert cost(counted(input=5), {"writer": None}) is None
    assert cost(counted(estimated_output=5), {}) is None
    assert cost(counted(sent=5, failed=5), {"writer": None}) == 0.0
    assert cost(counted(input=10**6), {"writer": PRICE, "solver": None}) == 2.0


@given(st.lists(st.integers(0, 2**31), min_size=6, max_size=6))
def test_counted_tokens_come_back_as_a_usage(amounts: list[int]) -> None:
    """What the layers count is what is told and charged."""
    usage = Usage(*amounts)
    names = ("input", "output", "cached", "reasoning", "estimated_input", "estimated_output")
    found = counted(**dict(zip(names, amounts, strict=True)))
    assert (used(found), used(found, "writer"), used(found, "solver")) == (usage, usage, Usage())
