"""Runs whose model is served by several endpoints, or by a host with limits."""

import json
import socket
import threading
import time
from pathlib import Path

import pytest

from taskseed.errors import EndpointError
from taskseed.recipe import Recipe
from tests import teacher
from tests.run.helpers import make, model_recipe, unbalanced
from tests.servers import MockServer, Reply

FEW = ("tasks.max_seeds_per_task=20",)


def served_by(*urls: str, sets: tuple[str, ...] = ()) -> Recipe:
    """Return the recipe of `model_recipe` on several endpoints."""
    return model_recipe(urls[0], sets=(*FEW, f"models.writer.base_url={json.dumps(urls)}", *sets))


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@pytest.fixture(scope="module")
def alone(tmp_path_factory) -> dict:
    """What one endpoint alone makes of the recipe."""
    with MockServer(teacher.respond) as server:
        return make(model_recipe(server.base_url, sets=FEW), tmp_path_factory.mktemp("alone"))


def test_two_endpoints_share_the_work_and_make_the_same_rows(tmp_path: Path, alone: dict) -> None:
    """Each gets a good part of the requests, nothing is asked twice, and the data set is the same."""

    def slowly(request: dict, number: int) -> Reply:
        reply = teacher.respond(request, number)
        return Reply(reply.body, reply.status, reply.headers, 0.01, reply.action)

    with MockServer(slowly) as first, MockServer(slowly) as second:
        state = make(served_by(first.base_url, second.base_url), tmp_path)
        asked = first.requests, second.requests
        assert sorted(key for server in (first, second) for key in server.bodies) == sorted(
            {*first.bodies, *second.bodies}
        )
    assert state["dataset"] == alone["dataset"]
    assert sum(asked) == state["requests"]["sent"] == alone["requests"]["sent"]
    assert min(asked) > 0.3 * sum(asked)


def test_an_endpoint_that_is_down_from_the_start_is_done_without(tmp_path: Path, alone: dict) -> None:
    """One of two is enough to begin, and the run ends as with one."""
    with MockServer(teacher.respond) as server:
        state = make(served_by(f"http://127.0.0.1:{free_port()}/v1", server.base_url), tmp_path)
    assert (state["state"], state["dataset"], unbalanced(state)) == ("done", alone["dataset"], [])


def test_a_run_needs_one_endpoint_at_least(tmp_path: Path) -> None:
    """Where none can be reached, the run is refused before any work, naming the first."""
    ports = [free_port(), free_port()]
    with pytest.raises(EndpointError, match=f"127.0.0.1:{ports[0]}/v1 cannot be reached"):
        make(served_by(*(f"http://127.0.0.1:{port}/v1" for port in ports)), tmp_path)
    assert not (tmp_path / "collect").exists()


def test_an_endpoint_that_breaks_down_is_replaced(tmp_path: Path, alone: dict) -> None:
    """One that answers 500 from its tenth request on loses its share; no question is lost to it."""

    def breaking(request: dict, number: int) -> Reply:
        if number >= 10:
            return Reply({"error": {"message": "out of memory"}}, 500)
        return teacher.respond(request, number)

    with MockServer(breaking) as bad, MockServer(teacher.respond) as good:
        state = make(served_by(bad.base_url, good.base_url), tmp_path)
        assert bad.requests < good.requests
    assert (state["state"], state["dataset"], unbalanced(state)) == ("done", alone["dataset"], [])


def test_an_endpoint_that_goes_away_is_replaced(tmp_path: Path, alone: dict) -> None:
    """One that is stopped in the middle costs no question; what it had in flight is asked of the other."""
    first = MockServer(teacher.respond)

    def slowly(request: dict, number: int) -> Reply:
        reply = teacher.respond(request, number)
        return Reply(reply.body, reply.status, reply.headers, 0.02, reply.action)

    def stop() -> None:
        while first.requests < 15:
            time.sleep(0.005)
        first.__exit__()

    with MockServer(slowly) as second:
        first.__enter__()
        stopper = threading.Thread(target=stop)
        stopper.start()
        state = make(served_by(first.base_url, second.base_url), tmp_path)
        stopper.join()
    assert (state["state"], state["dataset"], unbalanced(state)) == ("done", alone["dataset"], [])


def test_a_hosts_limit_spaces_the_requests(tmp_path: Path) -> None:
    """At 1,200 requests a minute none of any two requests comes within less than about 50 ms of the other."""
    arrived = []

    def noting(request: dict, number: int) -> Reply:
        arrived.append(time.monotonic())
        return teacher.respond(request, number)

    with MockServer(noting) as server:
        sets = ("tasks.max_seeds_per_task=6", "models.writer.requests_per_minute=1200")
        make(model_recipe(server.base_url, sets=sets), tmp_path)
    assert len(arrived) > 20
    assert arrived[-1] - arrived[0] >= 0.05 * (len(arrived) - 1) - 0.04
