"""Words that DuckDB and Spark both know and mean otherwise, changed in the tree of a query.

Each rule names the difference. What sqlglot translates rightly, and what a macro of
`dbt_project/macros/dialect` says in Spark's words, does not belong here.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp


def in_words_of_spark(query: exp.Expr) -> exp.Expr:
    """A copy of the query that means in Spark what it meant in DuckDB."""
    tree = query.copy()
    # From the innermost out, so that what a rule moves has been changed already.
    for node in reversed(list(tree.find_all(*RULES))):
        rule = RULES.get(type(node))
        changed = rule(node) if rule else node
        if node is tree:
            tree = changed
        elif changed is not node:
            node.replace(changed)
    return tree


def _division(node: exp.Expr) -> exp.Expr:
    """Division gives a double, also of decimals, and something by nothing is no error.

    Spark divides decimals into decimals of a few digits, and stops at a divisor of 0. What it is by
    nothing differs: infinity for DuckDB, null here (decision 45).
    """
    return exp.Anonymous(
        this="try_divide", expressions=[_double(node.this), node.expression.copy()]
    )


def _mean(node: exp.Expr) -> exp.Expr:
    """A mean is a double: Spark gives that of decimals four digits more than they have."""
    return node if _is_double(node.this) else exp.Avg(this=_double(node.this))


def _part(node: exp.Expr) -> exp.Expr:
    """Counts parts from the end too, and gives an empty text where there is none.

    sqlglot knows Spark's own function of this meaning, but not for negative parts.
    """
    return exp.Anonymous(
        this="split_part", expressions=[node.this, node.args["delimiter"], node.args["part_index"]]
    )


def _row_number(node: exp.Expr) -> exp.Expr:
    """The number of a row where no order is asked for: its place in the file that is read.

    Spark asks for an order. Files that the driver reads have one partition, whose rows have these.
    """
    # A window's name has its order elsewhere.
    has_order = any(node.args.get(part) for part in ("order", "partition_by", "alias"))
    if not isinstance(node.this, exp.RowNumber) or has_order:
        return node
    number = exp.Anonymous(this="monotonically_increasing_id")
    return exp.paren(exp.Add(this=number, expression=exp.Literal.number(1)))


def _rounding(node: exp.Expr) -> exp.Expr:
    """Rounds to as many digits as a condition says: Spark asks for a number there."""
    digits = node.args.get("decimals")
    if not isinstance(digits, exp.Case):
        return node

    def rounded(count: exp.Expr) -> exp.Expr:
        return exp.Round(this=node.this.copy(), decimals=count.copy())

    branches = [
        exp.If(this=branch.this.copy(), true=rounded(branch.args["true"]))
        for branch in digits.args["ifs"]
    ]
    return exp.Case(ifs=branches, default=rounded(digits.args["default"]))


def _extract(node: exp.Expr) -> exp.Expr:
    """The day of the week, Monday first."""
    if node.name.upper() == "ISODOW":
        node.set("this", exp.var("DAYOFWEEK_ISO"))
    return node


def _cast(node: exp.Expr) -> exp.Expr:
    """The rows of a list, cast: Spark makes rows of a list in no other expression."""
    if not isinstance(node.this, exp.Explode):
        return node
    listed = exp.DataType(
        this=exp.DataType.Type.ARRAY, expressions=[node.args["to"].copy()], nested=True
    )
    return exp.Explode(this=exp.cast(node.this.this.copy(), listed))


def _double(value: exp.Expr) -> exp.Expr:
    if _is_double(value):
        return value
    return exp.cast(value.copy(), exp.DataType.Type.DOUBLE)


def _is_double(value: exp.Expr) -> bool:
    return isinstance(value, exp.Cast) and value.to.is_type(exp.DataType.Type.DOUBLE)


RULES: dict[type[exp.Expr], Callable[[exp.Expr], exp.Expr]] = {
    exp.Div: _division,
    exp.Avg: _mean,
    exp.SplitPart: _part,
    exp.Window: _row_number,
    exp.Round: _rounding,
    exp.Extract: _extract,
    exp.Cast: _cast,
}
