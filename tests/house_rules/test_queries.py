"""A long query is a file of its own, where editors and linters know it as SQL."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from register.settings import PROJECT_ROOT
from tests.house_rules.test_files import PRODUCTION

MOST_LINES = 10
QUERY = re.compile(r"\bselect\b|\binsert into\b|\bcreate (or replace )?(temp )?(table|view)\b")
QUOTES_ALONE = re.compile(r"[rf]*\"*")


def _texts(tree: ast.Module) -> Iterator[ast.Constant | ast.JoinedStr]:
    """The texts of a module without docstrings; an f-string is one text."""
    passed_over = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr | ast.Expr)
        for part in ast.walk(node)
        if part is not node and (isinstance(node, ast.JoinedStr) or part is node.value)
        if isinstance(part, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) or (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in passed_over
        ):
            yield node


def _long_queries(code: str) -> list[int]:
    """Return the lines of code at which a query of more than ten lines begins."""
    found = []
    for node in _texts(ast.parse(code)):
        if (node.end_lineno or 0) - node.lineno < MOST_LINES:
            continue
        written = ast.get_source_segment(code, node) or ""
        lines = [line for line in written.splitlines() if not QUOTES_ALONE.fullmatch(line.strip())]
        if len(lines) > MOST_LINES and QUERY.search(written):
            found.append(node.lineno)
    return found


def test_a_long_query_is_found_however_it_is_written() -> None:
    """Prevents a rule that sees only one way of writing a query in Python."""
    columns = "".join(f"    column_{place},\n" for place in range(MOST_LINES))
    assert _long_queries(f'"""Docs\nselect\n{columns}"""\nSHORT = "select 1"\n') == []
    assert _long_queries(f'QUERY = """\nselect\n{columns}from rows\n"""\n') == [1]
    assert _long_queries(f'def ask(name):\n    return f"""\nselect\n{columns}{{name}}"""\n') == [2]
    joined = "".join(f'    " column_{place},"\n' for place in range(MOST_LINES))
    assert _long_queries(f'QUERY = (\n    "select "\n{joined})\n') == [2]


def test_a_query_of_more_than_ten_lines_is_a_file() -> None:
    """Prevents SQL that no editor colours and no linter reads."""
    found = {
        f"{path.relative_to(PROJECT_ROOT)}:{line}"
        for package in (*PRODUCTION, "dbt_project/models")
        for path in sorted((PROJECT_ROOT / package).rglob("*.py"))
        for line in _long_queries(path.read_text(encoding="utf-8"))
    }
    assert found == set()


def test_every_query_in_a_file_is_read() -> None:
    """Prevents a file of SQL that nothing runs."""
    unread = {
        path.relative_to(PROJECT_ROOT).as_posix()
        for package in PRODUCTION
        for path in sorted((PROJECT_ROOT / package).rglob("sql/*.sql"))
        if not any(
            re.search(rf'read_query\(\s*__package__,\s*"{path.stem}"', module.read_text("utf-8"))
            for module in path.parent.parent.glob("*.py")
        )
        # An entry of a suite names its query.
        and not any(
            f"query: {path.stem}\n" in suite.read_text("utf-8")
            for suite in path.parent.parent.glob("*.yaml")
        )
    }
    assert unread == set()
