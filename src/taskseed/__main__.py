"""`python -m taskseed`."""

from taskseed.cli.main import main

main()
