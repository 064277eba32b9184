"""Fixtures of the certificates' tests; the hierarchy itself is in `hierarchy.py`."""

from typing import Any

import pytest

from tests.signing.certificates.hierarchy import Hierarchy, Samples, make_samples, new_hierarchy, recipe_text


@pytest.fixture(scope="session")
def samples() -> Samples:
    """One certificate of every kind, issued once; tests do not change them."""
    return make_samples()


@pytest.fixture
def fresh_hierarchy() -> Hierarchy:
    """A hierarchy of the test's own."""
    return new_hierarchy()


@pytest.fixture
def recipe() -> dict[str, Any]:
    """The development recipe, to be changed at will."""
    return recipe_text()
