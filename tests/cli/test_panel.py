"""The live panel, rendered to text."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from taskseed.cli.panel import Panel
from taskseed.cli.traffic import Pace, cost_words, endpoint_words, pace_words, request_words, time_words
from taskseed.run.events import Asked, EndpointState, Event, Traffic

STAGES = [
    Event("collect", 1, 1, 3, 12),
    Event("normalize", 1, 1, 9_876, 54),
    Event("generate", 2, 5, 4_000, 12),
    Event("screen", 2, 5, 3_900, 100),
    Event("enrich", 1, 5, 1_500, 440),
    Event("filter", 1, 5, 2_950, 3_000),
]
BUSY = EndpointState("https://models.example/v1", 64, True, 60, 4, 1_200, 17)
BEFORE = Traffic(0.0, Asked())
DURING = Traffic(
    at=20.0,
    total=Asked(
        sent=812, answered=1_000, failed=17, from_store=320, input=1_234_567, output=90_000, usd=0.42
    ),
    by_role={
        "writer": Asked(answered=400, output=40_000, usd=0.2),
        "solver": Asked(answered=600, output=50_000, usd=0.22),
    },
    endpoints=(BUSY,),
    usd_before=1.0,
    units={"generate": (4_500, 9_876), "enrich": (2_000, 3_900)},
    to_come={"writer": 1_000.0, "solver": 2_000.0},
)


def shown(panel: Panel, width: int) -> list[str]:
    """Return the lines of a panel on a terminal so wide."""
    file = io.StringIO()
    Console(file=file, width=width, force_terminal=True, color_system=None).print(panel.render())
    return [line.rstrip() for line in file.getvalue().splitlines()]


def panel_of(*told: Event | Traffic, seconds: float = 754.0) -> Panel:
    """Return a panel that was told something, some seconds after it began."""
    now = iter([0.0])
    panel = Panel(lambda: next(now, seconds))
    for each in told:
        panel.take(each)
    return panel


def test_a_run_under_way_at_80_columns() -> None:
    """Stages, requests, pace, cost, time and endpoint, each on one line, projections named as such."""
    assert shown(panel_of(*STAGES, BEFORE, DURING), 80) == [
        "stage      done            kept  dropped",
        "collect    done               3       12",
        "normalize  done           9,876       54",
        "generate   2 of 5 shards  4,000       12  4,500 of 9,876 seeds",
        "screen     2 of 5 shards  3,900      100",
        "enrich     1 of 5 shards  1,500      440  2,000 of 3,900 questions",
        "filter     1 of 5 shards  2,950    3,000",
        "requests   812 sent, 60 in flight, 17 failed, 320 answers from the store",
        "pace       40.6 requests/s, 61,728 tokens/s in, 4,500 out",
        "cost       1.4200 USD so far, ~2.7 projected; now 1.23 M tokens in, 90,000 out",
        "time       0:12:34 so far; projected: ~60 s left, 30 % of the answers are there",
        "endpoint   60 of 64 at once (auto), 4 paused or stored, 1,200 waiting, 17 × 429…",
        "",
    ]


def test_at_120_columns_nothing_is_cut() -> None:
    """The endpoint's name fits."""
    assert shown(panel_of(*STAGES, BEFORE, DURING), 120)[11] == (
        "endpoint   60 of 64 at once (auto), 4 paused or stored, 1,200 waiting, 17 × 429, models.example/v1"
    )


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_each_line_is_one_line(width: int) -> None:
    """However narrow the terminal, the panel has as many lines, and none is wider."""
    lines = shown(panel_of(*STAGES, BEFORE, replace(DURING, endpoints=(BUSY, BUSY, BUSY))), width)
    assert (len(lines), max(map(len, lines)) <= width) == (15, True)


def test_before_anything_is_asked() -> None:
    """While rows are read there are no requests to speak of, and a note says what goes on."""
    panel = panel_of(Event("collect", 1, 1, 3), Event("normalize", 0, 1, note="arc_easy: 1200 rows"))
    assert shown(panel, 80)[1:] == [
        "collect    done       3        0",
        "normalize  0 of 1                 arc_easy: 1200 rows",
        "time       0:12:34",
        "",
    ]


def test_how_it_ended() -> None:
    """What is left on the screen are totals and averages: nothing in flight, nothing projected."""
    quiet = replace(BUSY, in_flight=0, held=0, waiting=0)
    panel = panel_of(*STAGES, BEFORE, replace(DURING, endpoints=(quiet,)))
    panel.end()
    assert shown(panel, 80)[7:] == [
        "requests   812 sent, 0 in flight, 17 failed, 320 answers from the store",
        "pace       40.6 requests/s, 61,728 tokens/s in, 4,500 out on average",
        "cost       1.4200 USD so far; now 1.23 M tokens in, 90,000 out",
        "time       0:12:34",
        "endpoint   up to 64 at once (auto), 17 × 429, models.example/v1",
        "",
    ]


def test_while_it_stops_nothing_is_projected() -> None:
    """After Ctrl-C the requests in flight are what is waited for."""
    stopping = replace(DURING, stopping=True)
    assert time_words(9.0, stopping, Pace()) == "0:00:09 so far; stopping: 60 requests in flight"
    assert "projected" not in cost_words(stopping)


def test_without_a_basis_nothing_is_projected() -> None:
    """Neither cost nor time."""
    early = replace(DURING, to_come=None)
    assert cost_words(early) == "1.4200 USD so far; now 1.23 M tokens in, 90,000 out"
    assert time_words(9.0, early, Pace()) == "0:00:09 so far"


def test_unknown_costs_say_why() -> None:
    """A missing price and a server that tells no tokens are two things."""
    unpriced = replace(DURING, total=replace(DURING.total, usd=None))
    assert cost_words(unpriced) == "unknown (a model has no `price`); now 1.23 M tokens in, 90,000 out"
    untold = replace(DURING, total=Asked(sent=3, answered=3))
    assert cost_words(untold) == "unknown: the server tells no token counts"


def test_pace_is_that_of_the_last_ten_seconds() -> None:
    """Told every second, 100 requests a second at first and 5 a second lately."""
    pace = Pace()
    assert pace_words(pace) == ""
    for second in range(200):
        sent = 100 * min(second, 100) + 5 * max(0, second - 100)
        pace.add(Traffic(float(second), Asked(sent=sent, answered=sent)))
    assert pace_words(pace).startswith("5.0 requests/s")
    assert pace_words(pace, ended=True).startswith("52.7 requests/s")
    assert pace.per_second("answered", 60.0) == 5.0


def test_time_is_not_projected_from_a_standstill() -> None:
    """Where nothing came in the last minute, nobody knows how long it takes."""
    pace = Pace()
    for second in range(0, 200, 10):
        pace.add(Traffic(float(second), Asked(sent=5, answered=5)))
    assert time_words(200.0, DURING, pace) == "0:03:20 so far"


@pytest.mark.parametrize(
    ("answers", "left"),
    [
        (180_000, "1.0 s"),
        (6_000, "30 s"),
        (2_000, "1.5 min"),
        (300, "10 min"),
        (30, "1.7 h"),
        (1, "2.1 days"),
    ],
)
def test_time_left_has_two_digits(answers: int, left: str) -> None:
    """3,000 answers are to come, and so many came in a minute: a projection says no more than it knows."""
    pace = Pace()
    pace.add(Traffic(0.0, Asked()))
    pace.add(Traffic(60.0, Asked(answered=answers)))
    assert time_words(60.0, DURING, pace) == (
        f"0:01:00 so far; projected: ~{left} left, 30 % of the answers are there"
    )


def test_many_endpoints_are_told_as_one() -> None:
    """Up to three have a line each; of more, the sums are told."""
    state = EndpointState("http://a/v1", 10, False, 8, 0, 2, 1, 3)
    assert endpoint_words([state]) == ["8 of 10 at once, 2 waiting, 1 × 429, 3 failed over, a/v1"]
    assert len(endpoint_words([state] * 3)) == 3
    assert endpoint_words([state] * 4) == [
        "4 endpoints: 32 of 40 at once, 8 waiting, 4 × 429, 12 failed over"
    ]


def test_request_words_leave_out_what_is_not() -> None:
    """A run without failures and without a store says only what was sent."""
    assert request_words(Traffic(0.0, Asked(sent=1))) == "1 sent, 0 in flight"
