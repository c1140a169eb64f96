"""DuckDB's SQL as Spark's: what dbt sends, read statement by statement.

A query is parsed as DuckDB reads it and written as Spark reads it (sqlglot). The functions of the
database (`dbt_project/functions`) are not created in Spark: each call becomes
the function's expression, as DuckDB itself does with its macros. Where the engines disagree about a
word that both know, the tree is changed (`engines.spark.words`). Running a statement belongs
in `engines.spark.spark_session`.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import sqlglot
from sqlglot import ErrorLevel, exp

from engines.spark.words import in_words_of_spark

# Blanks and comments before a statement; dbt begins each with one.
LEADING = re.compile(r"(?:\s|--[^\n]*(?:\n|$)|/\*.*?\*/)*", re.DOTALL)
QUERY = re.compile(r"(?:select|with|from|values)\b|\(", re.IGNORECASE)
MADE = re.compile(
    r"create\s+or\s+replace\s+(?P<kind>table|view)\s+(?P<name>[\w.`]+)\s+as\b(?P<query>.*)",
    re.IGNORECASE | re.DOTALL,
)
VARIABLE = re.compile(
    r"set\s+variable\s+(?P<name>\w+)\s*=\s*(?P<query>\(.*\))", re.IGNORECASE | re.DOTALL
)
FUNCTION = re.compile(r"create\s+or\s+replace\s+macro\b", re.IGNORECASE)
COPIED = re.compile(r"copy\s*(?P<query>\(.*\))\s*to\s*'(?P<path>[^']+)'", re.IGNORECASE | re.DOTALL)
# What sqlglot writes for exact quantiles, with no word of the difference.
APPROXIMATE = re.compile(r"\b(?:percentile_approx|approx_percentile)\b", re.IGNORECASE)
SEED = re.compile(r"copy\s+(?P<name>[\w.`]+)\s+from\b", re.IGNORECASE)


class UntranslatableError(ValueError):
    """A statement uses what Spark has no word for; the message names it."""


class Kind(StrEnum):
    """What a statement asks for."""

    QUERY = "query"
    TABLE = "table"
    VIEW = "view"
    VARIABLE = "variable"
    FILE = "file"
    SEED = "seed"
    # What dbt-spark says in Spark's own words: shows, drops, schemas.
    OWN = "own"


@dataclass(frozen=True)
class Statement:
    """One statement: its kind, the relation, variable or file that it makes, its text or its tree.

    `query` is a tree of DuckDB's words, whose files are still to be found; a seed and a statement
    of dbt-spark's have only `text`.
    """

    kind: Kind
    text: str
    name: str = ""
    query: exp.Expr | None = None


@dataclass
class Functions:
    """The functions of the database by name: their arguments and their expression."""

    known: dict[str, tuple[tuple[str, ...], exp.Expr]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def define(self, text: str) -> None:
        """Take the definitions of `text`: `create or replace macro f(a, b) as (…);` and so on.

        Definitions name the functions that they call, so each must come after those.
        """
        for tree in sqlglot.parse(text, read="duckdb"):
            if not isinstance(tree, exp.Create):
                continue
            declared = tree.this
            arguments = tuple(argument.name.lower() for argument in declared.expressions)
            body = self.expanded(tree.expression)
            with self._lock:
                self.known[declared.this.name.lower()] = (arguments, body)

    def expanded(self, tree: exp.Expr) -> exp.Expr:
        """The tree with every call of a known function replaced by the function's expression."""
        calls = [call for call in tree.find_all(exp.Anonymous) if call.name.lower() in self.known]
        # From the innermost out: arguments may be calls themselves.
        for call in reversed(calls):
            arguments, body = self.known[call.name.lower()]
            if len(arguments) != len(call.expressions):
                raise UntranslatableError(
                    f"{call.name} takes {len(arguments)} arguments, not {len(call.expressions)}"
                )
            given = dict(zip(arguments, call.expressions, strict=True))
            replacement = _substituted(body, given)
            named = _with_schema(call)
            if named is tree:
                tree = replacement
            else:
                named.replace(replacement)
        return tree


def _with_schema(call: exp.Expr) -> exp.Expr:
    """A call with the schema before it, where it has one, which sqlglot reads as a member's."""
    parent = call.parent
    return parent if isinstance(parent, exp.Dot) and parent.expression is call else call


def _substituted(body: exp.Expr, given: Mapping[str, exp.Expr]) -> exp.Expr:
    """The body of a function with its arguments put in."""

    def put(node: exp.Expr) -> exp.Expr:
        is_argument = isinstance(node, exp.Column) and not node.table
        if is_argument and node.name.lower() in given:
            value = given[node.name.lower()].copy()
            return value if isinstance(value, exp.Column | exp.Literal) else exp.paren(value)
        return node

    result = body.copy().transform(put)
    return result if isinstance(result, exp.Paren) else exp.paren(result)


def read_statements(text: str, functions: Functions) -> Iterator[Statement]:
    """The statements of one text that dbt sends; definitions of functions are taken and done.

    Raises `UntranslatableError` for a query that cannot be read as DuckDB's.
    """
    stripped = text[_opening(text) :].rstrip().rstrip(";").rstrip()
    if not stripped:
        return
    if FUNCTION.match(stripped):
        functions.define(stripped)
    elif made := MADE.match(stripped):
        kind = Kind(made["kind"].lower())
        yield Statement(kind, stripped, made["name"], _query(made["query"], functions))
    elif variable := VARIABLE.match(stripped):
        query = _query(variable["query"], functions)
        yield Statement(Kind.VARIABLE, stripped, variable["name"], query)
    elif copied := COPIED.match(stripped):
        query = _query(copied["query"], functions)
        yield Statement(Kind.FILE, stripped, copied["path"], query)
    elif seed := SEED.match(stripped):
        yield Statement(Kind.SEED, stripped, seed["name"])
    elif QUERY.match(stripped):
        yield Statement(Kind.QUERY, stripped, query=_query(stripped, functions))
    else:
        yield Statement(Kind.OWN, stripped)


def written_for_spark(query: exp.Expr) -> str:
    """The text of a query in Spark's words; its files must be relations by now.

    Raises `UntranslatableError` where sqlglot knows no word for a part of it, or one that answers
    something near.
    """
    try:
        # In brackets, so that a query within another stays there: at the top, where sqlglot would
        # put both, two may have one name.
        written = exp.Paren(this=in_words_of_spark(query)).sql(
            dialect="spark", pretty=True, unsupported_level=ErrorLevel.RAISE
        )
    except sqlglot.UnsupportedError as error:
        raise UntranslatableError(f"Spark has no word for a part of the query: {error}") from error
    if near := APPROXIMATE.search(written):
        raise UntranslatableError(
            f"Spark's {near[0]} is near what the query asks for, and not it: use `quantile_of`"
        )
    return written


def _query(text: str, functions: Functions) -> exp.Expr:
    try:
        tree = sqlglot.parse_one(text, read="duckdb")
    except sqlglot.ParseError as error:
        raise UntranslatableError(f"not a query of DuckDB's: {error}") from error
    return functions.expanded(tree)


def _opening(text: str) -> int:
    found = LEADING.match(text)
    return found.end() if found else 0
