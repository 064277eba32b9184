"""Journeys run on the same seeded installation as the application's tests."""

from tests.api.conftest import fresh_install, installation

__all__ = ["fresh_install", "installation"]
