"""Parts of a parsed statement, as the rule on orders asks for them."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp


def branches(node: exp.Expr) -> Iterator[exp.Expr]:
    """The selects of a union, first to last."""
    if isinstance(node, exp.Union):
        yield from branches(node.left)
        yield from branches(node.right)
    else:
        yield node


def literals(branch: exp.Expr) -> dict[int, str]:
    """What a select gives in every row, by its place."""
    return {
        place: one.unalias().sql("duckdb")
        for place, one in enumerate(branch.expressions)
        if isinstance(one.unalias(), (exp.Literal, exp.Boolean))
    }


def own(node: exp.Select, *kinds: type[exp.Expr]) -> Iterator[exp.Expr]:
    """What of these kinds stands in this select itself, and not in one inside it."""
    for found in node.find_all(*kinds):
        if found.find_ancestor(exp.Select) is node:
            yield found


def windowed(node: exp.Select) -> Iterator[exp.Expr]:
    """The aggregates of a select that are over a window."""
    for found in own(node, exp.AggFunc):
        if found.find_ancestor(exp.Window):
            yield found


def conjuncts(condition: exp.Expr | None) -> list[exp.Expr]:
    """The conditions that must all be true."""
    if condition is None:
        return []
    condition = condition.unnest()
    return list(condition.flatten()) if isinstance(condition, exp.And) else [condition]


def ordered(order: exp.Expr | None) -> list[exp.Expr]:
    """What an order is by."""
    return list(order.expressions) if order is not None else []


def partition(window: exp.Window, node: exp.Select) -> list[exp.Expr]:
    """What a window, named or not, is within."""
    named = {one.name: one for one in node.args.get("windows") or ()}
    found = named.get(window.alias, window) if window.args.get("alias") else window
    return list(found.args.get("partition_by") or ())
