"""Generations of a hierarchy: the same authorities with keys of another algorithm, chosen in the recipe's text.

The algorithm of an authority is data of its generation, never code: whoever reads a certificate takes it from there.
Knows the recipe as a mapping. Makes no key.
"""

from collections.abc import Mapping
from typing import Any, Final

from signing.errors import CeremonyRefused
from signing.profiles import AuthorityName

STANDARD: Final = "standard"


def choose_generation(text: Mapping[str, Any], generation: str = STANDARD) -> dict[str, Any]:
    """Return the recipe with the keys of one of its ``generations``; the standard one is the recipe as it stands.

    A generation that is marked ``experimental`` stays so in the recipe, and only a development hierarchy takes it.

    Raises:
        CeremonyRefused: the recipe names no such generation, or the generation names no key for an authority.
    """
    rest = {name: value for name, value in text.items() if name != "generations"}
    if generation == STANDARD:
        return rest
    try:
        chosen = text["generations"][generation]
        authorities = {
            name.value: {**text["authorities"][name.value], "key": str(chosen[name.value])} for name in AuthorityName
        }
        ocsp = {**text["ocsp"], "key": str(chosen["ocsp"])}
        is_experimental = bool(chosen.get("experimental", False))
    except (KeyError, TypeError, AttributeError) as err:
        message = f"the recipe has no complete generation {generation}"
        raise CeremonyRefused(message) from err
    return {**rest, "authorities": authorities, "ocsp": ocsp, "experimental": is_experimental}
