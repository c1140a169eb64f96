"""Every test says which harm it prevents."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from register.settings import PROJECT_ROOT

TESTS = PROJECT_ROOT / "tests"


def _tests(path: Path) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node


def test_every_test_says_what_it_prevents() -> None:
    """Prevents a test of which nobody knows whether it may go."""
    found = [
        (f"{path.relative_to(TESTS)}: {test.name}", ast.get_docstring(test) or "")
        for path in sorted(TESTS.rglob("test_*.py"))
        for test in _tests(path)
    ]
    assert len(found) > 500
    silent = [name for name, docstring in found if not docstring.startswith("Prevents ")]
    assert silent == []
