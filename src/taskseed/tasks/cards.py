"""The licence on a data set's card on the Hub. `huggingface_hub` is imported here and for model files."""

import functools
import os

from taskseed.tasks.entries import TaskEntry
from taskseed.tasks.sources import is_online

__all__ = ["card_licence"]

_PATIENCE = 10.0  # seconds for one card; the run goes on without it


def card_licence(entry: TaskEntry) -> str | None:
    """Return the licence id on the card of a task's data set (`cc-by-4.0`).

    None for data that is not on the Hub, where the Hub cannot be reached, and for a card that names no
    licence, or several.
    """
    if entry.data_files or not entry.dataset_path or not is_online():
        return None
    return _stated(entry.dataset_path, entry.revision)


@functools.cache
def _stated(path: str, revision: str | None) -> str | None:
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError

    try:
        api = HfApi(endpoint=os.environ.get("HF_ENDPOINT"))
        card = api.dataset_info(path, revision=revision, timeout=_PATIENCE).card_data
    except (HfHubHTTPError, OSError, ValueError):
        return None
    found = card.get("license") if card else None
    if isinstance(found, list):
        found = found[0] if len(found) == 1 else None
    return str(found).lower() if found else None
