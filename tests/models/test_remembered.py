"""What was found out about endpoints outlives the process, for a while."""

import re
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taskseed.models.capabilities import Capabilities
from taskseed.models.openai import Endpoint
from taskseed.models.remembered import cache_file, recall, remember

DAY = 24 * 3600.0
FOUND = Capabilities(False, "max_completion_tokens", None, True, True, False, True)
NAME = "https://host/v1"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def test_it_is_found_again_by_endpoint_and_model(tmp_path: Path) -> None:
    """In the user's cache folder; another model or endpoint has nothing of it."""
    remember(NAME, "m", FOUND, now=5.0)
    assert recall(NAME, "m", now=6.0) == FOUND
    assert (recall(NAME, "other", now=6.0), recall("https://other/v1", "m", now=6.0)) == (None, None)
    assert cache_file(NAME, "m").parent == tmp_path / "taskseed"


def test_after_thirty_days_it_is_not_known_any_more() -> None:
    """Nor is what comes from the future: a clock was wrong."""
    remember(NAME, "m", FOUND, now=100 * DAY)
    ages = {days: recall(NAME, "m", now=(100 + days) * DAY) for days in (0, 30, 30.01, -0.01)}
    assert ages == {0: FOUND, 30: FOUND, 30.01: None, -0.01: None}


@given(st.binary())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_not_readable_is_not_known(data: bytes) -> None:
    """Whatever the file holds."""
    path = cache_file(NAME, "m")
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    assert recall(NAME, "m", now=5.0) is None


@pytest.mark.parametrize(
    "change",
    [{"n": 3}, {"n": "yes"}, {"max_tokens_field": "tokens"}, {"more": True}, {"seed": []}],
)
def test_a_file_with_other_values_is_not_readable(change: dict) -> None:
    """What a later version might write there is not taken for something else."""
    remember(NAME, "m", FOUND, now=5.0)
    path = cache_file(NAME, "m")
    entry = orjson.loads(path.read_bytes())
    path.write_bytes(orjson.dumps({**entry, "honours": {**entry["honours"], **change}}))
    assert recall(NAME, "m", now=6.0) is None


def test_no_credentials_are_written(tmp_path: Path) -> None:
    """The name that an endpoint is remembered by is its address without user, password and query."""
    endpoint = Endpoint("https://me:hunter22@host/v1?key=sk-1", api_key="sk-secret-1")
    remember(endpoint.name, "m", FOUND, now=5.0)
    (path,) = (tmp_path / "taskseed").iterdir()
    assert re.findall(b"hunter22|sk-|me:", path.read_bytes() + path.name.encode()) == []
    assert orjson.loads(path.read_bytes())["endpoint"] == NAME


def test_a_folder_that_cannot_be_written_loses_it_only(tmp_path: Path) -> None:
    """A file is in the folder's place: nothing is kept, and nothing fails."""
    (tmp_path / "taskseed").write_text("")
    remember(NAME, "m", FOUND, now=5.0)
    assert recall(NAME, "m", now=5.0) is None
