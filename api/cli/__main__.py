"""`python -m api.cli`: the same as the `anso` command, for the supervisor and for trees without an install."""

from api.cli.app import main

main()
