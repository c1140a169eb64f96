"""Generates small breaks of a Python module: a comparison, sign, condition or number changed."""

from __future__ import annotations

import ast
import copy
from dataclasses import dataclass

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
}


@dataclass(frozen=True)
class PythonBreak:
    """One break: the line, the expression before and after, and the module's whole text with it."""

    line: int
    before: str
    after: str
    text: str


def generate_python_breaks(text: str) -> list[PythonBreak]:
    """Return every break of the functions of a module, in the order of its text."""
    tree = ast.parse(text)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    places = {id(node) for function in functions for node in _body_nodes(function)}
    breaks = []
    for place, node in enumerate(ast.walk(tree)):
        if id(node) not in places or (changed := _broken_node(node)) is None:
            continue
        other = copy.deepcopy(tree)
        target = list(ast.walk(other))[place]
        for name, value in ast.iter_fields(changed):
            setattr(target, name, value)
        line = getattr(node, "lineno", 0)
        breaks.append(
            PythonBreak(line, ast.unparse(node), ast.unparse(changed), ast.unparse(other))
        )
    return sorted(breaks, key=lambda item: (item.line, item.before))


def _body_nodes(function: ast.FunctionDef) -> list[ast.AST]:
    return [node for statement in function.body for node in ast.walk(statement)]


def _broken_node(node: ast.AST) -> ast.AST | None:
    """Return the expression changed, of the same type, or None if it has no break."""
    changed = copy.deepcopy(node)
    if isinstance(changed, ast.Compare) and type(changed.ops[0]) in COMPARISONS:
        changed.ops[0] = COMPARISONS[type(changed.ops[0])]()
        return changed
    if isinstance(changed, ast.BinOp) and type(changed.op) in OPERATORS:
        changed.op = OPERATORS[type(changed.op)]()
        return changed
    if isinstance(changed, ast.BoolOp):
        changed.op = ast.Or() if isinstance(changed.op, ast.And) else ast.And()
        return changed
    if isinstance(changed, ast.Constant) and isinstance(changed.value, bool):
        changed.value = not changed.value
        return changed
    if isinstance(changed, ast.Constant) and isinstance(changed.value, int | float):
        changed.value += 1
        return changed
    return None
