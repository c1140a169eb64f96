"""Rules that rewrite expressions whose meaning differs between DuckDB and Spark.

Both engines accept these expressions, and each rule states the difference. Expressions that sqlglot
translates correctly need no rule. Macros in `dbt_project/macros/dialect` handle all other
differences.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp


def apply_dialect_rules(query: exp.Expr) -> exp.Expr:
    """Return a copy of the query that gives the same results in Spark as the original in DuckDB."""
    tree = query.copy()
    # Inner expressions go first, since an outer expression contains them.
    for node in reversed(list(tree.find_all(*RULES))):
        rule = RULES.get(type(node))
        changed = rule(node) if rule else node
        if node is tree:
            tree = changed
        elif changed is not node:
            node.replace(changed)
    return tree


def _rewrite_division(node: exp.Expr) -> exp.Expr:
    """Divide as double, and return null for a divisor of 0.

    Spark gives the quotient of decimals few digits, and raises an error for a divisor of 0. In
    DuckDB the quotient is infinity instead of null (decision 45).
    """
    return exp.Anonymous(
        this="try_divide", expressions=[_cast_to_double(node.this), node.expression.copy()]
    )


def _rewrite_mean(node: exp.Expr) -> exp.Expr:
    """Compute a mean as a double: Spark rounds a mean of decimals to four more digits."""
    return node if _is_double(node.this) else exp.Avg(this=_cast_to_double(node.this))


def _rewrite_split_part(node: exp.Expr) -> exp.Expr:
    """Use Spark's `split_part`, which counts from the end for a negative index.

    sqlglot does not translate negative indexes.
    """
    return exp.Anonymous(
        this="split_part", expressions=[node.this, node.args["delimiter"], node.args["part_index"]]
    )


def _rewrite_row_number(node: exp.Expr) -> exp.Expr:
    """Number rows without an `order by` in the order of their file.

    Spark requires an order. Files that the driver reads have a single partition, in which row ids
    increase.
    """
    # A window based on a named window may have its order there, so it stays as it is.
    has_order = any(node.args.get(part) for part in ("order", "partition_by", "alias"))
    if not isinstance(node.this, exp.RowNumber) or has_order:
        return node
    number = exp.Anonymous(this="monotonically_increasing_id")
    return exp.paren(exp.Add(this=number, expression=exp.Literal.number(1)))


def _rewrite_rounding(node: exp.Expr) -> exp.Expr:
    """Translate rounding to a number of digits that depends on a condition.

    Spark requires a constant number of digits.
    """
    digits = node.args.get("decimals")
    if not isinstance(digits, exp.Case):
        return node

    def round_to(count: exp.Expr) -> exp.Expr:
        return exp.Round(this=node.this.copy(), decimals=count.copy())

    branches = [
        exp.If(this=branch.this.copy(), true=round_to(branch.args["true"]))
        for branch in digits.args["ifs"]
    ]
    return exp.Case(ifs=branches, default=round_to(digits.args["default"]))


def _rewrite_extract(node: exp.Expr) -> exp.Expr:
    """Translate the extraction of the weekday, which is numbered from Monday."""
    if node.name.upper() == "ISODOW":
        node.set("this", exp.var("DAYOFWEEK_ISO"))
    return node


def _rewrite_cast(node: exp.Expr) -> exp.Expr:
    """Cast a list before it is expanded to rows: Spark allows no expression around `explode`."""
    if not isinstance(node.this, exp.Explode):
        return node
    list_type = exp.DataType(
        this=exp.DataType.Type.ARRAY, expressions=[node.args["to"].copy()], nested=True
    )
    return exp.Explode(this=exp.cast(node.this.this.copy(), list_type))


def _cast_to_double(value: exp.Expr) -> exp.Expr:
    if _is_double(value):
        return value
    return exp.cast(value.copy(), exp.DataType.Type.DOUBLE)


def _is_double(value: exp.Expr) -> bool:
    return isinstance(value, exp.Cast) and value.to.is_type(exp.DataType.Type.DOUBLE)


RULES: dict[type[exp.Expr], Callable[[exp.Expr], exp.Expr]] = {
    exp.Div: _rewrite_division,
    exp.Avg: _rewrite_mean,
    exp.SplitPart: _rewrite_split_part,
    exp.Window: _rewrite_row_number,
    exp.Round: _rewrite_rounding,
    exp.Extract: _rewrite_extract,
    exp.Cast: _rewrite_cast,
}
