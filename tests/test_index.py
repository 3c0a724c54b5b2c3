"""The index of a store: a dictionary from keys to places, only smaller."""

import random

from hypothesis import given
from hypothesis import strategies as st

from taskseed.index import KEY_BYTES, RecordIndex

# Few different first and second halves, so that keys come again, and share one half.
KEYS = st.builds(
    lambda high, low: bytes([high]) * 8 + bytes([low]) * 8, *[st.sampled_from([0, 1, 127, 255])] * 2
)
PLACES = st.tuples(
    st.integers(0, (1 << 20) - 1), st.integers(0, (1 << 44) - 1), st.integers(1, (1 << 32) - 1)
)


@given(st.lists(st.tuples(KEYS, PLACES), max_size=40), st.integers(1, 9))
def test_an_index_is_a_dictionary(entries, recent):
    """Each key has the place it was given last, none other is there, and each counts once."""
    index, expected = RecordIndex(recent), {}
    for key, place in entries:
        index.set(key, *place)
        expected[key] = place
        assert index.get(key) == place
    every = [bytes([high]) * 8 + bytes([low]) * 8 for high in (0, 1, 2, 255) for low in (0, 1, 2, 255)]
    assert [index.get(key) for key in every] == [expected.get(key) for key in every]
    assert (len(index), sorted(index)) == (len(expected), sorted(expected))


def test_keys_come_in_the_order_of_their_places():
    """Iterating yields each key once, by segment and offset, however they were set."""
    rng = random.Random(0)
    keys = [rng.randbytes(KEY_BYTES) for _ in range(1000)]
    index = RecordIndex(64)
    for number in rng.sample(range(1000), 1000):
        index.set(keys[number], number // 300, number % 300, 1)
    assert list(index) == keys
