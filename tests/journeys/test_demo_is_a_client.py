"""The demo speaks HTTP and the command line only; it may not reach behind the service's back."""

import ast
from pathlib import Path

import pytest

DEMO = Path(__file__).parents[2] / "demo"
FORBIDDEN = {"api", "signing", "digitize", "vault", "sqlalchemy", "sqlite3", "psycopg", "minio", "pyhanko"}


def imported_packages(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return {name.split(".")[0] for name in names}


@pytest.mark.parametrize("path", sorted(DEMO.glob("*.py")), ids=lambda path: path.name)
def test_no_demo_module_imports_our_packages_or_a_database(path: Path) -> None:
    assert not imported_packages(path) & FORBIDDEN


@pytest.mark.parametrize("path", sorted(DEMO.glob("*.py")), ids=lambda path: path.name)
def test_no_demo_module_names_the_database_file_or_imports_dynamically(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "importlib" not in text
    assert "__import__" not in text
    assert ".db" not in text
