"""What a run tells of its traffic."""

from pathlib import Path

import pytest

from taskseed.errors import StoppedShort
from taskseed.run.events import Asked, Event, Traffic
from taskseed.run.local import RunOptions, run_local
from taskseed.run.pipeline import Spending
from tests import teacher
from tests.run.helpers import ALIKE, model_recipe, told
from tests.servers import MockServer, Reply, error


def watched(recipe, out: Path, **options) -> list[Event | Traffic]:
    """Run a recipe; returns everything it told."""
    heard: list[Event | Traffic] = []
    run_local(recipe, out, RunOptions(**options), heard.append)
    return heard


def traffic_of(heard: list[Event | Traffic]) -> list[Traffic]:
    """Return what was told of the traffic."""
    return [told for told in heard if isinstance(told, Traffic)]


def test_the_last_word_is_what_status_says(tmp_path: Path) -> None:
    """Totals, tokens and cost are those of the ledger, and nothing is in flight or to come."""
    with MockServer(teacher.respond) as server:
        recipe = model_recipe(server.base_url)
        heard = watched(recipe, tmp_path)
        name = server.base_url
    first, last = traffic_of(heard)[0], traffic_of(heard)[-1]
    state = told(tmp_path, recipe)
    asked, tokens = state["requests"], state["tokens"]
    names = ("sent", "answered", "failed", "from_store")
    assert first.total == Asked()
    assert [getattr(last.total, n) for n in names] == [asked[n] for n in names]
    assert (last.total.input, last.total.output) == (tokens["input"], tokens["output"])
    assert last.total.usd == state["cost_usd"] == last.projected_usd
    assert (last.in_flight, last.share, last.stopping) == (0, 1.0, False)
    assert [(e.name, e.places, e.adapts, e.too_many) for e in last.endpoints] == [(name, 8, False, 0)]
    assert last.units == {"generate": (59, 59), "enrich": (118, 118)}


def test_answers_of_429_are_counted_by_endpoint(tmp_path: Path) -> None:
    """Each 429 counts, also where the request is answered in the end."""

    def busy(request: dict, number: int) -> Reply:
        return error(429) if number in (3, 5, 6) else teacher.respond(request, number)

    with MockServer(busy) as server:
        heard = watched(model_recipe(server.base_url), tmp_path, limit=4)
    assert [e.too_many for e in traffic_of(heard)[-1].endpoints] == [3]


def test_while_it_runs_it_tells_what_is_in_flight(tmp_path: Path) -> None:
    """With two places and a slow server, two requests are out and others wait."""

    def slow(request: dict, number: int) -> Reply:
        return Reply(teacher.respond(request, number).body, delay=1.5 if number < 2 else 0.0)

    with MockServer(slow) as server:
        heard = watched(model_recipe(server.base_url, concurrency=2, sets=ALIKE), tmp_path, limit=6)
    busy = [e for told in traffic_of(heard) for e in told.endpoints if e.in_flight]
    assert [(e.in_flight, e.held, e.waiting) for e in busy][:1] == [(2, 0, 4)]


def test_a_run_that_goes_on_tells_what_is_done_and_paid_already(tmp_path: Path) -> None:
    """The stages start from the shards that are finished, the cost from what was paid before."""
    sets = ("models.writer.sampling.max_tokens=200",)
    with MockServer(teacher.respond) as server:
        recipe = model_recipe(server.base_url, sets=sets)
        with pytest.raises(StoppedShort):
            watched(recipe, tmp_path, spending=Spending(usd=0.12))
        before = told(tmp_path, recipe)
        heard = watched(recipe, tmp_path)
    shards = before["shards"]
    assert 0 < shards["filter"] < shards["total"] == 5
    events = [e for e in heard if isinstance(e, Event) and e.stage == "generate"]
    kept = next(s["kept"] for s in before["stages"] if s["stage"] == "generate")
    assert (events[0].done, events[0].total, events[0].kept) == (shards["generate"], 5, kept)
    assert [e.done for e in events] == list(range(shards["generate"], 6))
    assert {t.usd_before for t in traffic_of(heard)} == {before["cost_usd"]}


def test_the_projected_cost_takes_each_role_at_its_own_price() -> None:
    """Ten more answers of a writer at 0.1 USD and five of a solver at 0.2 USD cost 2 USD more."""
    by_role = {
        "writer": Asked(answered=10, output=1, usd=1.0),
        "solver": Asked(answered=10, from_store=90, output=1, usd=2.0),
    }
    total = Asked(answered=20, from_store=90, output=2, usd=3.0)
    traffic = Traffic(0.0, total, by_role, usd_before=0.5, to_come={"writer": 10.0, "solver": 5.0})
    assert traffic.projected_usd == pytest.approx(0.5 + 3.0 + 1.0 + 1.0)
    assert traffic.share == pytest.approx(110 / 125)


def test_no_cost_is_projected_from_nothing() -> None:
    """Without a basis, a price, token counts or an answer of the role there is no projection."""
    paid = Asked(answered=10, output=10, usd=1.0)
    left = {"writer": 10.0}
    assert Traffic(0.0, paid, {"writer": paid}).projected_usd is None
    assert Traffic(0.0, paid, {"writer": paid}, to_come=left, usd_before=None).projected_usd is None
    unpriced = Asked(answered=10, output=10, usd=None)
    assert Traffic(0.0, unpriced, {"writer": unpriced}, to_come=left).projected_usd is None
    untold = Asked(answered=10)
    assert Traffic(0.0, untold, {"writer": untold}, to_come=left).projected_usd is None
    assert Traffic(0.0, paid, {"writer": Asked()}, to_come=left).projected_usd is None
