"""Fixtures that every part of the tests may ask for: real servers beside us, started once on first use."""

pytest_plugins = ["tests.servers.postgres", "tests.servers.seaweedfs", "tests.servers.softhsm"]
