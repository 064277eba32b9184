"""Fixtures for signing and checking documents: one infrastructure, made once."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

_FAKES = Path(__file__).parents[2] / "fakes"


def load_fake(name: str) -> ModuleType:
    """Loads a module of tests/fakes by path: tests are no package."""
    spec = importlib.util.spec_from_file_location(f"anso_fake_{name}", _FAKES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def small_pki() -> Any:
    """The module: `small_pki.SmallPki()` makes an infrastructure of a test's own."""
    return load_fake("small_pki")


@pytest.fixture(scope="session")
def pki(small_pki: Any) -> Any:
    """One infrastructure for every test that does not change it."""
    return small_pki.SmallPki()
