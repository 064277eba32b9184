"""What every route declares: who may call it and what for, and what it gets for one call.

`access(*roles, purpose=…)` and `public(purpose=…)` are the only two ways in; a test walks all routes and
fails on one that declares neither. Must not know any resource.
"""

from api.context.access import Access, Public, access, public
from api.context.call import JSON_BODY_BYTES, Call
from api.context.limiter import RateLimiter
from api.context.metrics import Metrics
from api.context.paging import Paging, link_next, paging, with_query
from api.context.published import Published

__all__ = [
    "JSON_BODY_BYTES",
    "Access",
    "Call",
    "Metrics",
    "Paging",
    "Public",
    "Published",
    "RateLimiter",
    "access",
    "link_next",
    "paging",
    "public",
    "with_query",
]
