"""Progress where stderr is no terminal."""

from dataclasses import replace

import pytest

from taskseed.cli.progress import watching
from taskseed.run.events import Asked, EndpointState, Event, Traffic

ENDPOINT = EndpointState("http://a/v1", 8, False, 3, 0, 0)
ASKED = Traffic(1.0, Asked(sent=3, answered=2, input=50, output=40, usd=0.5), endpoints=(ENDPOINT,))


def test_traffic_is_one_line_in_ten_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    """Told every second, only the first is a line; before anything was sent there is none."""
    with watching(quiet=False) as watch:
        watch(Traffic(0.0, Asked()))
        for second in range(1, 9):
            watch(replace(ASKED, at=float(second)))
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "requests: 3 sent, 3 in flight; 3.0 requests/s, 50 tokens/s in, 40 out; 0.5000 USD so far; "
        "50 tokens in, 40 out; 0:00:00 so far; 3 of 8 at once, a/v1"
    ]


def test_stages_add_up_over_their_shards(capsys: pytest.CaptureFixture[str]) -> None:
    """What is kept and dropped is a sum; a line is told at first and when the stage is done."""
    with watching(quiet=False) as watch:
        watch(Event("screen", 1, 3, 10, 2))
        watch(Event("screen", 2, 3, 10, 2))
        watch(Event("screen", 3, 3, 10, 2))
    assert capsys.readouterr().err.splitlines() == [
        "screen: 1/3  kept 10, dropped 2",
        "screen: 3/3  kept 30, dropped 6",
    ]


def test_ctrl_c_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    """However often the traffic is told while the run stops."""
    with watching(quiet=False) as watch:
        for at in (1.0, 2.0):
            watch(replace(ASKED, at=at, total=Asked(), stopping=True))
    assert capsys.readouterr().err.splitlines() == [
        "finishing 3 requests in flight; press Ctrl-C again to stop at once"
    ]


def test_quiet_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is printed, not even at Ctrl-C."""
    with watching(quiet=True) as watch:
        watch(Event("screen", 3, 3, 10, 2))
        watch(replace(ASKED, stopping=True))
    assert capsys.readouterr() == ("", "")
