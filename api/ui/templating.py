"""Renders our templates: whole pages, or only one block of a page for a request of htmx.

Knows Jinja and the static files' addresses. Must not know any page's data.
"""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2_fragments import render_block

from api.ui.messages import LANGUAGES, translator

_HERE: Final = Path(__file__).parent
STATIC: Final = _HERE / "static"


def static_version(name: str) -> str:
    """Give a few characters that change with the file, so that browsers may keep it for ever."""
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    versions: dict[str, str] = {}

    def static(name: str) -> str:
        versions.setdefault(name, static_version(name))
        return f"/static/{name}?v={versions[name]}"

    environment.globals["static"] = static
    return environment


def render(template: str, values: Mapping[str, object], *, language: str, nonce: str, block: str | None = None) -> str:
    """Give HTML; `block` names the part that a request of htmx replaces."""
    context = {
        **values,
        "t": translator(language),
        "language": language,
        "languages": LANGUAGES,
        "nonce": nonce,
    }
    if block is not None:
        return render_block(_environment(), template, block, context)
    return _environment().get_template(template).render(context)
