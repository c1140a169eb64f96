"""Generates small breaks of a compiled query: a comparison, join, default or literal changed.

A break is named by its place: which expression of the query's own steps it changes, counted in
the order in which they are written. So a break of a compiled model can be made again in the
compiled form of the model's unit tests, where other relations stand in the same places.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import takewhile

import sqlglot
from sqlglot import exp

# How dbt names the steps that it writes before a model's own: ephemeral models, and invented rows.
INLINED = "__dbt__cte__"
# What dbt calls the rows of a model that a unit test compares.
ACTUAL_ROWS = "_dbt_internal_unit_test_actual"
# What the macro of surrogate keys writes for null.
NULL_IN_KEY = "~"
# A function of the register, by its database and schema, which differ between homes.
PLACED_FUNCTION = re.compile(r'"\w+"\."\w+"\."(\w+)"(?=\()')
# Characters of an expression that a break shows.
MOST_SHOWN = 100
Change = Callable[[exp.Expression], exp.Expression]

# What a comparison becomes: its boundary moves, or its sense is turned.
COMPARISONS: dict[type[exp.Expression], type[exp.Expression]] = {
    exp.LT: exp.LTE,
    exp.LTE: exp.LT,
    exp.GT: exp.GTE,
    exp.GTE: exp.GT,
    exp.EQ: exp.NEQ,
    exp.NEQ: exp.EQ,
    exp.NullSafeEQ: exp.NullSafeNEQ,
    exp.NullSafeNEQ: exp.NullSafeEQ,
    exp.And: exp.Or,
    exp.Or: exp.And,
    exp.Add: exp.Sub,
    exp.Sub: exp.Add,
    exp.Mul: exp.Div,
    exp.Div: exp.Mul,
    exp.Min: exp.Max,
    exp.Max: exp.Min,
    exp.Greatest: exp.Least,
    exp.Least: exp.Greatest,
}


@dataclass(frozen=True)
class SqlBreak:
    """One break: the place of the expression among those of the query, and what is done to it.

    `step` is the CTE that has the expression; a literal is shown in the expression it stands in.
    """

    place: int
    step: str
    kind: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.step}: {self.kind}: {self.before} -> {self.after}"


class BreakableQuery:
    """A compiled model, or the compiled form of one of its unit tests, that can be broken.

    Raises `sqlglot.errors.ParseError` where the query is not DuckDB's SQL.
    """

    def __init__(self, sql: str) -> None:
        tree = sqlglot.parse_one(sql, dialect="duckdb")
        assert isinstance(tree, exp.Expression)
        self._tree = tree
        self._nodes = [node for node in _own_expressions(_model_of(tree)) if any(_changes(node))]

    def __len__(self) -> int:
        return len(self._nodes)

    def unbroken(self) -> str:
        """Return the query as it is, written as a broken one is."""
        return self._tree.sql(dialect="duckdb")

    def breaks(self) -> list[SqlBreak]:
        """Return every break of the query, in the order of its text."""
        found = []
        for place, node in enumerate(self._nodes):
            for kind, change in _changes(node):
                before, after = _describe(node, change)
                if before != after:
                    found.append(
                        SqlBreak(place, _step_of(node), kind, *_shorten_pair(before, after))
                    )
        return found

    def broken(self, sql_break: SqlBreak) -> str:
        """Return the query with one break made."""
        node = self._nodes[sql_break.place]
        change = dict(_changes(node))[sql_break.kind]
        changed = change(node.copy())
        node.replace(changed)
        try:
            return self._tree.sql(dialect="duckdb")
        finally:
            changed.replace(node)


def _model_of(tree: exp.Expression) -> exp.Expression:
    """Return the model's own query: in a unit test it stands inside what compares the rows."""
    for subquery in tree.find_all(exp.Subquery):
        if subquery.alias == ACTUAL_ROWS:
            assert isinstance(subquery.this, exp.Expression)
            return subquery.this
    return tree


def _own_expressions(tree: exp.Expression) -> Iterator[exp.Expression]:
    """Yield every expression but those of inlined models, invented rows and names of types."""
    for node in tree.walk(prune=_is_foreign):
        if not _is_foreign(node):
            yield node


def _is_foreign(node: exp.Expression) -> bool:
    """Whether an expression is none of the model's own rules.

    An inlined model, the earlier versions of a release (which a unit test makes up) and the macro
    that rounds published fractions have tests of their own. The order in which a sum adds up moves
    no more than its last digits.
    """
    is_inlined = isinstance(node, exp.CTE) and (
        node.alias.startswith(INLINED) or node.alias == "earlier"
    )
    is_digits = isinstance(node.parent, exp.Round) and node.arg_key == "decimals"
    is_order_of_sum = isinstance(node, exp.Ordered) and isinstance(node.parent.parent, exp.Sum)
    return is_inlined or is_digits or is_order_of_sum or isinstance(node, exp.DataType)


def _changes(node: exp.Expression) -> list[tuple[str, Change]]:
    """Return the kinds of break that an expression has, each with what makes it.

    Breaks that cannot change a row are left out: see the functions that each condition calls.
    """
    if type(node) in COMPARISONS:
        is_without_effect = _is_widening(node) or _picks_one_row(node) or _adds_zero(node)
        return [] if is_without_effect else [(type(node).__name__.lower(), _change_type)]
    for kind, is_breakable, change in OTHER_KINDS:
        if is_breakable(node):
            return [(kind, change)]
    return []


def _is_widening(node: exp.Expression) -> bool:
    """Whether an expression multiplies by one, which only makes a whole number a fraction."""
    is_product = isinstance(node, exp.Mul | exp.Div)
    return is_product and any(
        isinstance(side, exp.Literal) and not side.is_string and float(side.this) == 1
        for side in (node.this, node.expression)
    )


def _adds_zero(node: exp.Expression) -> bool:
    """Whether an expression adds nought or takes it away, as a macro's default argument does."""
    added = node.expression if isinstance(node, exp.Add | exp.Sub) else None
    return isinstance(added, exp.Literal) and added.this == "0"


def _picks_one_row(node: exp.Expression) -> bool:
    """Whether a minimum or maximum is of the one value that a condition leaves: a pivot."""
    is_case = isinstance(node.this, exp.Case) and not node.this.args.get("default")
    is_pivot = is_case or isinstance(node.parent, exp.Filter)
    return isinstance(node, exp.Min | exp.Max) and is_pivot


def _is_counted(node: exp.Expression) -> bool:
    """Whether a value is only counted: any other would be counted too."""
    branch = node.parent
    return (
        isinstance(branch, exp.If)
        and isinstance(branch.find_ancestor(exp.Case), exp.Case)
        and (isinstance(branch.parent.parent, exp.Count) and branch.args.get("true") is node)
    )


def _adds_nothing(node: exp.Case) -> bool:
    """Whether what is dropped is a zero in a sum, which adds as little as null does."""
    default = node.args["default"]
    is_zero = isinstance(default, exp.Literal) and default.this == "0"
    summed = node.parent.parent if isinstance(node.parent, exp.Order) else node.parent
    return is_zero and isinstance(summed, exp.Sum)


def _is_key_part(node: exp.Expression) -> bool:
    """Whether a default stands for null in a surrogate key; the key's macro has its own test."""
    default = node.parent if isinstance(node, exp.Literal) else node
    return (
        isinstance(default, exp.Coalesce)
        and default.expressions == [exp.Literal.string(NULL_IN_KEY)]
        and default.find_ancestor(exp.MD5) is not None
    )


def _is_word(node: exp.Expression) -> bool:
    """Whether a literal belongs to the language and is no value: a unit, a format, a type.

    How `list_sort` sorts is said by the parser where the query does not.
    """
    words = exp.Interval | exp.Cast | exp.DateTrunc | exp.TimeUnit | exp.ArraySort
    return isinstance(node.parent, words)


def _change_type(node: exp.Expression) -> exp.Expression:
    changed = COMPARISONS[type(node)](**node.args)
    return exp.paren(changed) if isinstance(changed, exp.Connector) else changed


def _change_join(node: exp.Expression) -> exp.Expression:
    if node.args.get("side"):
        node.set("side", None)
        node.set("kind", "INNER")
    else:
        node.set("kind", None)
        node.set("side", "LEFT")
    return node


def _change_literal(node: exp.Expression) -> exp.Expression:
    if node.is_string:
        return exp.Literal.string(f"{node.this}~")
    if node.is_int:
        return exp.Literal.number(int(node.this) + 1)
    return exp.Literal.number(float(node.this) + 1)


def _drop_default(node: exp.Expression) -> exp.Expression:
    node.set("default", None)
    return node


def _turn_order(node: exp.Expression) -> exp.Expression:
    node.set("desc", not node.args.get("desc"))
    return node


def _drop_distinct(node: exp.Expression) -> exp.Expression:
    node.set("this", node.this.expressions[0])
    return node


def _describe(node: exp.Expression, change: Change) -> tuple[str, str]:
    """Return the text of an expression before and after a change; of a literal, its parent's."""
    shown = node.parent if isinstance(node, exp.Literal | exp.Boolean) else node
    if isinstance(shown, exp.If) and isinstance(shown.parent, exp.Case):
        shown = shown.parent
    before = shown.sql(dialect="duckdb")
    if shown is node:
        return before, change(node.copy()).sql(dialect="duckdb")
    changed = change(node.copy())
    node.replace(changed)
    try:
        return before, shown.sql(dialect="duckdb")
    finally:
        changed.replace(node)


def _step_of(node: exp.Expression) -> str:
    step = node.find_ancestor(exp.CTE)
    return step.alias if step else "query"


def _shorten_pair(before: str, after: str) -> tuple[str, str]:
    """Cut two texts of an expression to what stands around their first difference."""
    texts = [
        " ".join(PLACED_FUNCTION.sub(lambda call: call[1].upper(), text).split())
        for text in (before, after)
    ]
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(*texts, strict=False)))
    start = max(0, same - MOST_SHOWN // 2)
    first, second = (_cut(text, start) for text in texts)
    return first, second


def _cut(text: str, start: int) -> str:
    end = start + MOST_SHOWN
    return f"{'...' if start else ''}{text[start:end]}{'...' if len(text) > end else ''}"


# Of an expression that is no comparison: its kind of break, whether it has it, and what makes it.
OTHER_KINDS: tuple[tuple[str, Callable[[exp.Expression], bool], Change], ...] = (
    (
        "default dropped",
        lambda node: isinstance(node, exp.Coalesce) and not _is_key_part(node),
        lambda node: node.this,
    ),
    (
        "null turned",
        lambda node: isinstance(node, exp.Is) and isinstance(node.expression, exp.Null),
        exp.not_,
    ),
    (
        "join kind",
        lambda node: isinstance(node, exp.Join) and (node.side or node.kind) in {"LEFT", "INNER"},
        _change_join,
    ),
    ("sign dropped", lambda node: isinstance(node, exp.Neg), lambda node: node.this),
    (
        "boolean turned",
        lambda node: isinstance(node, exp.Boolean) and not (_is_word(node) or _is_counted(node)),
        lambda node: exp.Boolean(this=not node.this),
    ),
    (
        "literal",
        lambda node: (
            isinstance(node, exp.Literal)
            and not (_is_word(node) or _is_counted(node) or _is_key_part(node))
        ),
        _change_literal,
    ),
    (
        "else dropped",
        lambda node: (
            isinstance(node, exp.Case) and node.args.get("default") and not _adds_nothing(node)
        ),
        _drop_default,
    ),
    (
        "order turned",
        lambda node: isinstance(node, exp.Ordered) and node.find_ancestor(exp.Window) is not None,
        _turn_order,
    ),
    (
        "distinct dropped",
        lambda node: isinstance(node, exp.Count) and isinstance(node.this, exp.Distinct),
        _drop_distinct,
    ),
)
