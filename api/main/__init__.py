"""The HTTP application.

Knows how routes, errors and the outer shell are put together. Must not hold any rule of the domain.
"""

from api.main.app import create_app, describe_api
from api.main.description import all_routes, api_routes, declaration

__all__ = ["all_routes", "api_routes", "create_app", "declaration", "describe_api"]
