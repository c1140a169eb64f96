"""Translation of dbt's statements from DuckDB's SQL to Spark's, with sqlglot.

The functions in `dbt_project/functions` are not created in Spark: each call is replaced by the
function's expression. `engines.spark.dialect_rules` rewrites expressions that mean something else
in Spark. `engines.spark.spark_session` runs the statements.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import sqlglot
from sqlglot import ErrorLevel, exp

from engines.spark.dialect_rules import apply_dialect_rules

# dbt begins each statement with a comment, so skip comments and spaces.
LEADING = re.compile(r"(?:\s|--[^\n]*(?:\n|$)|/\*.*?\*/)*", re.DOTALL)
QUERY = re.compile(r"(?:select|with|from|values)\b|\(", re.IGNORECASE)
CREATED = re.compile(
    r"create\s+or\s+replace\s+(?P<kind>table|view)\s+(?P<name>[\w.`]+)\s+as\b(?P<query>.*)",
    re.IGNORECASE | re.DOTALL,
)
VARIABLE = re.compile(
    r"set\s+variable\s+(?P<name>\w+)\s*=\s*(?P<query>\(.*\))", re.IGNORECASE | re.DOTALL
)
FUNCTION = re.compile(r"create\s+or\s+replace\s+macro\b", re.IGNORECASE)
COPY_TO = re.compile(
    r"copy\s*(?P<query>\(.*\))\s*to\s*'(?P<path>[^']+)'", re.IGNORECASE | re.DOTALL
)
# sqlglot silently translates exact quantiles to these approximate functions, so a statement with
# one of them is refused.
APPROXIMATE = re.compile(r"\b(?:percentile_approx|approx_percentile)\b", re.IGNORECASE)
SEED = re.compile(r"copy\s+(?P<name>[\w.`]+)\s+from\b", re.IGNORECASE)


class UntranslatableError(ValueError):
    """An error: a statement has an expression without a translation. The message names it."""


class Kind(StrEnum):
    """The kinds of statements that dbt sends."""

    QUERY = "query"
    TABLE = "table"
    VIEW = "view"
    VARIABLE = "variable"
    FILE = "file"
    SEED = "seed"
    # Statements that are in Spark's SQL already: `show`, `drop`, and schema statements.
    OWN = "own"


@dataclass(frozen=True)
class Statement:
    """A statement: its kind, and the relation, variable or file that it creates.

    `query` is the parsed query in DuckDB's dialect; it may contain functions that read files. Seeds
    and statements of dbt-spark have only `text`.
    """

    kind: Kind
    text: str
    name: str = ""
    query: exp.Expr | None = None


@dataclass
class Functions:
    """The project's SQL functions by name, each with its arguments and its expression."""

    known: dict[str, tuple[tuple[str, ...], exp.Expr]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add_definitions(self, text: str) -> None:
        """Read function definitions of the form `create or replace macro f(a, b) as (…);`.

        A function must be defined after the functions that it calls.
        """
        for tree in sqlglot.parse(text, read="duckdb"):
            if not isinstance(tree, exp.Create):
                continue
            declared = tree.this
            arguments = tuple(argument.name.lower() for argument in declared.expressions)
            body = self.expand_calls(tree.expression)
            with self._lock:
                self.known[declared.this.name.lower()] = (arguments, body)

    def expand_calls(self, tree: exp.Expr) -> exp.Expr:
        """Return the query with calls of known functions replaced by the functions' expressions."""
        calls = [call for call in tree.find_all(exp.Anonymous) if call.name.lower() in self.known]
        # Inner calls go first, since a call may be the argument of another.
        for call in reversed(calls):
            arguments, body = self.known[call.name.lower()]
            if len(arguments) != len(call.expressions):
                raise UntranslatableError(
                    f"{call.name} takes {len(arguments)} arguments, not {len(call.expressions)}"
                )
            values = dict(zip(arguments, call.expressions, strict=True))
            replacement = _substitute(body, values)
            full_call = _include_schema(call)
            if full_call is tree:
                tree = replacement
            else:
                full_call.replace(replacement)
        return tree


def _include_schema(call: exp.Expr) -> exp.Expr:
    """Return the call with its schema, which sqlglot parses as the parent of a member."""
    parent = call.parent
    return parent if isinstance(parent, exp.Dot) and parent.expression is call else call


def _substitute(body: exp.Expr, values: Mapping[str, exp.Expr]) -> exp.Expr:
    """Return the body of a function with its arguments replaced by their values."""

    def insert_value(node: exp.Expr) -> exp.Expr:
        is_argument = isinstance(node, exp.Column) and not node.table
        if is_argument and node.name.lower() in values:
            value = values[node.name.lower()].copy()
            return value if isinstance(value, exp.Column | exp.Literal) else exp.paren(value)
        return node

    result = body.copy().transform(insert_value)
    return result if isinstance(result, exp.Paren) else exp.paren(result)


def read_statements(text: str, functions: Functions) -> Iterator[Statement]:
    """Yield the statement in a text from dbt, if any; add function definitions to `functions`.

    Raises `UntranslatableError` for a query that is not DuckDB's SQL.
    """
    stripped = LEADING.sub("", text, count=1).rstrip().rstrip(";").rstrip()
    if not stripped:
        return
    if FUNCTION.match(stripped):
        functions.add_definitions(stripped)
    elif created := CREATED.match(stripped):
        kind = Kind(created["kind"].lower())
        yield Statement(kind, stripped, created["name"], _parse_query(created["query"], functions))
    elif variable := VARIABLE.match(stripped):
        query = _parse_query(variable["query"], functions)
        yield Statement(Kind.VARIABLE, stripped, variable["name"], query)
    elif copy_to := COPY_TO.match(stripped):
        query = _parse_query(copy_to["query"], functions)
        yield Statement(Kind.FILE, stripped, copy_to["path"], query)
    elif seed := SEED.match(stripped):
        yield Statement(Kind.SEED, stripped, seed["name"])
    elif QUERY.match(stripped):
        yield Statement(Kind.QUERY, stripped, query=_parse_query(stripped, functions))
    else:
        yield Statement(Kind.OWN, stripped)


def write_for_spark(query: exp.Expr) -> str:
    """Return a query in Spark's SQL; functions that read files must have been replaced before.

    Raises `UntranslatableError` if sqlglot has no exact translation for a part of the query.
    """
    try:
        # The brackets keep nested CTEs in place. Without them sqlglot moves CTEs to the top, where
        # names may collide.
        written = exp.Paren(this=apply_dialect_rules(query)).sql(
            dialect="spark", pretty=True, unsupported_level=ErrorLevel.RAISE
        )
    except sqlglot.UnsupportedError as error:
        raise UntranslatableError(f"Spark has no word for a part of the query: {error}") from error
    if approximate := APPROXIMATE.search(written):
        raise UntranslatableError(
            f"Spark's {approximate[0]} is approximate, and the query is exact: use `quantile_of`"
        )
    return written


def _parse_query(text: str, functions: Functions) -> exp.Expr:
    try:
        tree = sqlglot.parse_one(text, read="duckdb")
    except sqlglot.ParseError as error:
        raise UntranslatableError(f"not a query of DuckDB's: {error}") from error
    return functions.expand_calls(tree)
