"""What every route declares: who may call it and what for, and what it gets for one call.

`access(*roles, purpose=…)` and `public(purpose=…)` are the only two ways in; a test walks all routes and
fails on one that declares neither. Must not know any resource.
"""

from api.context.access import Access, Public, access, client_of, public
from api.context.call import JSON_BODY_BYTES, Call
from api.context.forms import SentFile, SentForm, media_type, read_form, read_json_body
from api.context.limiter import Presence, RateLimiter
from api.context.metrics import Metrics
from api.context.negotiation import chosen_media_type
from api.context.paging import Paging, link_next, paging, with_query
from api.context.published import Published

__all__ = [
    "JSON_BODY_BYTES",
    "Access",
    "Call",
    "Metrics",
    "Paging",
    "Presence",
    "Public",
    "Published",
    "RateLimiter",
    "SentFile",
    "SentForm",
    "access",
    "chosen_media_type",
    "client_of",
    "link_next",
    "media_type",
    "paging",
    "public",
    "read_form",
    "read_json_body",
    "with_query",
]
