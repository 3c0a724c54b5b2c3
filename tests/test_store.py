"""The response store: durable, checked, one writer per segment."""

import asyncio
import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taskseed.errors import RunError
from taskseed.store import ResponseStore

KEYS = [hashlib.sha256(b"%d" % n).hexdigest() for n in range(1, 60)]


def fill(folder: Path, pairs: dict[str, bytes]) -> None:
    """Put pairs into a store."""

    async def put_all() -> None:
        store = ResponseStore(folder)
        await asyncio.gather(*(store.put([pair]) for pair in pairs.items()))
        store.close()

    asyncio.run(put_all())


def read(folder: Path) -> dict[str, bytes | None]:
    """Return what a store holds under the test's keys."""
    store = ResponseStore(folder)
    try:
        return {k: store.get(k) for k in KEYS if k in store}
    finally:
        store.close()


def test_what_was_put_is_there_after_reopening(tmp_path: Path) -> None:
    """A payload comes back byte for byte from another process's point of view."""
    pairs = {k: b'{"n": "%s"}' % k[-4:].encode() for k in KEYS}
    fill(tmp_path, pairs)
    assert read(tmp_path) == pairs


def test_each_opening_writes_its_own_segment(tmp_path: Path) -> None:
    """Two writers never share a file, and a reader sees both."""
    fill(tmp_path, {KEYS[0]: b"1"})
    fill(tmp_path, {KEYS[1]: b"2"})
    assert len(list(tmp_path.glob("*.seg"))) == 2
    assert read(tmp_path) == {KEYS[0]: b"1", KEYS[1]: b"2"}


def test_a_store_that_is_only_read_writes_nothing(tmp_path: Path) -> None:
    """Opening and reading leaves no file behind."""
    store = ResponseStore(tmp_path / "none")
    assert store.get(KEYS[0]) is None
    store.close()
    assert not (tmp_path / "none").exists()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(cut=st.integers(min_value=1, max_value=200), flips=st.lists(st.integers(0, 2000), max_size=3))
def test_damage_loses_the_damaged_records_only(
    tmp_path_factory: pytest.TempPathFactory, cut: int, flips: list[int]
) -> None:
    """After a torn tail and flipped bits, every other record is whole and no wrong payload is returned."""
    folder = tmp_path_factory.mktemp("store")
    pairs = {k: b'{"payload": "%s"}' % (k[-2:].encode() * 8) for k in KEYS[:12]}
    fill(folder, pairs)
    segment = next(folder.glob("*.seg"))
    data = bytearray(segment.read_bytes()[:-cut])
    for at in flips:
        data[at % len(data)] ^= 0x10
    lines = segment.read_bytes().split(b"\n")[:-1]
    segment.write_bytes(bytes(data))
    found = read(folder)
    assert {k: v for k, v in found.items() if pairs.get(k) != v} == {}
    touched = len(flips) + 1 + cut // min(len(line) for line in lines)
    assert len(found) >= len(pairs) - 2 * touched


def test_a_damaged_record_is_reported_with_its_place(tmp_path: Path) -> None:
    """`damaged` names segment, offset and what is wrong."""
    fill(tmp_path, {KEYS[0]: b'{"a": 1}', KEYS[1]: b'{"b": 2}'})
    segment = next(tmp_path.glob("*.seg"))
    data = segment.read_bytes()
    segment.write_bytes(data.replace(b'"a": 1', b'"a": 7')[:-3])
    store = ResponseStore(tmp_path)
    lengths = [len(line) + 1 for line in data.split(b"\n")]
    assert [(d.offset, d.why) for d in store.damaged] == [(0, "checksum"), (lengths[0], "torn")]
    store.close()


WRITER = """
import asyncio, hashlib, sys
from pathlib import Path
from taskseed.store import ResponseStore
async def main():
    store = ResponseStore(Path(sys.argv[1]))
    async def one(n):
        key = hashlib.sha256(b"%d" % n).hexdigest()
        await store.put([(key, b'{"n": %d, "pad": "%s"}' % (n, b"x" * 500))])
        print(n, flush=True)
    n = 0
    while True:
        await asyncio.gather(*(one(n + i) for i in range(50)))
        n += 50
asyncio.run(main())
"""


def test_no_acknowledged_record_is_lost_by_kill_9(tmp_path: Path) -> None:
    """Killed at five moments, the store holds every record that was reported as durable."""
    for trial in range(5):
        folder = tmp_path / str(trial)
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(folder)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        time.sleep(0.5 + 0.11 * trial)
        process.send_signal(signal.SIGKILL)
        out, _ = process.communicate()
        lines = out.split(b"\n")[:-1]
        acknowledged = [int(line) for line in lines]
        store = ResponseStore(folder)
        lost = [n for n in acknowledged if store.get(hashlib.sha256(b"%d" % n).hexdigest()) is None]
        store.close()
        assert acknowledged != []
        assert lost == []


def test_a_full_disk_is_one_clear_error_and_loses_nothing(tmp_path: Path) -> None:
    """When the disk fills up the put fails with the mend, and what was stored before is still there."""
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full here")

    async def run() -> str:
        store = ResponseStore(tmp_path)
        await store.put([(KEYS[0], b"1")])
        writer = store._writer  # the one way to fill a disk without filling a disk
        assert writer is not None
        sound, writer.handle = writer.handle, os.open(full, os.O_WRONLY)
        with pytest.raises(RunError) as caught:
            await store.put([(KEYS[1], b"2")])
        writer.handle = sound
        await store.put([(KEYS[2], b"3")])
        store.close()
        return caught.value.message

    assert "the disk is full" in asyncio.run(run())
    assert read(tmp_path) == {KEYS[0]: b"1", KEYS[2]: b"3"}
