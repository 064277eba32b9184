"""The HTTP application.

Knows how routes, errors and the outer shell are put together. Must not hold any rule of the domain.
"""

from api.main.app import create_app

__all__ = ["create_app"]
