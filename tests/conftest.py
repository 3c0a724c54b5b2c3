"""Fixtures that several rooms use."""

import contextlib
import importlib.util
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests import peer

# How long an example takes depends on what else the machine does, and is no fact about the code.
settings.register_profile("taskseed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("taskseed")


@pytest.fixture(scope="session", autouse=True)
def _cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep tests from what this machine's user found out about endpoints, and the other way round."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def real_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the base URL of a real llama.cpp server with a random model (see `tests/peer.py`)."""
    if importlib.util.find_spec("xllamacpp") is None or importlib.util.find_spec("gguf") is None:
        pytest.skip("xllamacpp or gguf is not installed")
    folder = tmp_path_factory.mktemp("peer")
    with contextlib.closing(peer.start(folder)) as server:
        yield server.base_url
