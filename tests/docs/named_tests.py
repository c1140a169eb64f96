"""Tests that pages and lists name: whether they exist, and whether they run."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import Literal

from register.settings import PROJECT_ROOT

# Attributes of pytest by which a test may be skipped; those of marks in NEVER have no condition.
SKIPS, NEVER = ("skip", "skipif", "importorskip"), ("skip", "xfail")
Runs = Literal["runs", "may be skipped", "never runs"]


def find_run_of_test(test: str) -> Runs:
    """Return whether the test of a node id runs; one that does not exist never runs."""
    path, _, name = test.partition("::")
    file = PROJECT_ROOT / path
    is_module = file.name.startswith("test_") and file.suffix == ".py" and file.exists()
    return read_tests(file).get(name, "never runs") if is_module else "never runs"


@cache
def read_tests(path: Path) -> dict[str, Runs]:
    """Return whether each function of a module runs, with its fixtures in the same module."""
    module = ast.parse(path.read_text(encoding="utf-8"))
    functions = {node.name: node for node in module.body if isinstance(node, ast.FunctionDef)}
    others = [node for node in module.body if node not in functions.values()]
    marks = [node for node in others if "pytestmark" in ast.unparse(node)]

    def may_skip(function: ast.FunctionDef) -> bool:
        fixtures = (functions.get(argument.arg) for argument in function.args.args)
        return _names(SKIPS, function) or any(may_skip(each) for each in fixtures if each)

    def judge(function: ast.FunctionDef) -> Runs:
        if _names(NEVER, *marks, *function.decorator_list):
            return "never runs"
        return "may be skipped" if _names(SKIPS, *others) or may_skip(function) else "runs"

    return {name: judge(function) for name, function in functions.items()}


def _names(attributes: tuple[str, ...], *nodes: ast.AST) -> bool:
    return any(
        isinstance(part, ast.Attribute) and part.attr in attributes
        for node in nodes
        for part in ast.walk(node)
    )
