"""Every error that taskseed raises on purpose.

```
TaskseedError            the run cannot go on; the command line prints one `error:` and one `hint:` line
├── UsageError           exit 2   a flag, a recipe or a task name that the user must mend
├── RunError             exit 1   the world failed: endpoint, disk, permissions, a locked directory
│   └── EndpointError    exit 1   an endpoint cannot be used at all (down, wrong key, answers HTML)
├── StoppedShort         exit 3   a budget is spent, or the seeds ran out before `--accept`
└── WaitingForBatch      exit 4   requests are queued for a batch; import their responses and run again
Interrupted              exit 130 Ctrl-C; the run can be resumed
```

A model's bad answer is never an error: it becomes a dropped candidate.
"""

__all__ = [
    "EndpointError",
    "Interrupted",
    "RunError",
    "StoppedShort",
    "TaskseedError",
    "UsageError",
    "WaitingForBatch",
]


class TaskseedError(Exception):
    """An error that the user can read and act on.

    :param message: what went wrong, naming the value, on one line.
    :param hint: what mends it: a command or an edit, on one line.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)  # both arguments, so that the exception survives pickling
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message


class UsageError(TaskseedError):
    """The user's flag, recipe or name must be mended."""

    exit_code = 2


class RunError(TaskseedError):
    """The world failed: disk, permissions, a directory in use."""


class EndpointError(RunError):
    """A model's endpoint cannot be used."""


class StoppedShort(TaskseedError):
    """The run ended before its goal; what it made is kept."""

    exit_code = 3


class WaitingForBatch(TaskseedError):
    """Requests wait for a batch."""

    exit_code = 4


class Interrupted(TaskseedError):
    """The user interrupted the run; it can be resumed."""

    exit_code = 130
