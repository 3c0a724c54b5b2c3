"""taskseed: new, verified question-answer data from the training splits of public evaluation tasks."""

__version__ = "0.1.0"
