"""Headers of a model: those that the recipe only names are taken from the environment."""

import os
import re
from collections.abc import Mapping

from taskseed.errors import UsageError

__all__ = ["resolve_headers"]

_NAMED = re.compile(r"\$\{([^}]*)\}")


def resolve_headers(role: str, headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers to send: each `${NAME}` in a value is what the variable holds.

    :param role: the model's role, for the message.
    :raises UsageError: naming a variable that is not set or is empty.
    """

    def value_of(found: re.Match[str]) -> str:
        if value := os.environ.get(found[1]):
            return value
        raise UsageError(
            f"models.{role}.headers: the environment variable `{found[1]}` is not set",
            f"export {found[1]}=..., or take the header out of the recipe",
        )

    return {name: _NAMED.sub(value_of, value) for name, value in headers.items()}
