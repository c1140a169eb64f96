"""Which columns of a relation reach anything: read backwards through the compiled SQL of models.

A column is live if a mart publishes it, or if a model that reaches a mart joins, filters, groups or
orders by it. What Python models read is not followed: all that is handed to them is live. Which
columns may reach nothing is for the test to say.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlglot import exp, parse_one
from sqlglot.errors import OptimizeError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, traverse_scope

SINKS = ("marts", "evaluation")
INLINED = "__dbt__cte__"
Node = Mapping[str, Any]
# The outputs of a query that are wanted; None is all of them.
Wanted = dict[int, set[str] | None]


@dataclass
class Reach:
    """The columns of each relation, and those of them that reach something."""

    columns: dict[str, list[str]] = field(default_factory=dict)
    live: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def dead(self, relation: str) -> set[str]:
        """The columns of a relation that reach nothing."""
        return set(self.columns[relation]) - self.live[relation]


def read_reach(manifest: Mapping[str, Any], project: Path, counting: Iterable[str]) -> Reach:
    """Follow every compiled model of a manifest backwards.

    `counting` are models that look at every column alike (how it is filled, which codes are in no
    map): what they read is not live for that.
    """
    reach = Reach()
    nodes = _in_order(manifest["nodes"])
    queries = {}
    for node in nodes:
        if node["resource_type"] == "seed":
            reach.columns[node["name"]] = _heading(project / node["original_file_path"])
        elif node["language"] == "sql":
            queries[node["name"]] = _qualified(node["compiled_code"], reach.columns)
            reach.columns[node["name"]] = _outputs(queries[node["name"]], node)
    for node in reversed(nodes):
        if node["resource_type"] == "seed" or node["name"] in counting:
            continue
        parents = [
            manifest["nodes"].get(key, {}).get("name") for key in node["depends_on"]["nodes"]
        ]
        query = queries.get(node["name"])
        if isinstance(query, exp.Query):
            wanted = None if node["fqn"][1] in SINKS else reach.live[node["name"]]
            _follow(query, wanted, reach)
        else:
            words = set(re.findall(r"\w+", query)) if query else None
            for parent in filter(None, parents):
                found = set(reach.columns.get(parent, ()))
                reach.live[parent] |= found if words is None else found & words
    return reach


def _in_order(nodes: Mapping[str, Node]) -> list[Node]:
    """Seeds and models, ephemeral ones too, parents first."""
    found: dict[str, Node] = {}

    def visit(key: str) -> None:
        node = nodes.get(key)
        if node is None or key in found or node["resource_type"] not in ("model", "seed"):
            return
        for parent in node["depends_on"].get("nodes", ()):
            visit(parent)
        found[key] = node

    for key in nodes:
        visit(key)
    return list(found.values())


def _heading(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return next(csv.reader(file))


def _qualified(sql: str, columns: Mapping[str, list[str]]) -> exp.Query | str:
    """The query with every column named by its relation; its text where files are read."""
    tree = parse_one(sql, dialect="duckdb")
    assert isinstance(tree, exp.Query)
    for part in list(tree.ctes):
        # An ephemeral model is a relation of its own here.
        if part.alias.startswith(INLINED):
            part.pop()
    for table in tree.find_all(exp.Table):
        table.set("catalog", None)
        table.set("db", None)
        if table.name.startswith(INLINED):
            alias = table.alias or table.name
            table.set("this", exp.to_identifier(table.name.removeprefix(INLINED)))
            table.set("alias", exp.TableAlias(this=exp.to_identifier(alias)))
    schema: dict[str, object] = {
        name: dict.fromkeys(found, "varchar") for name, found in columns.items() if found
    }
    try:
        found = qualify(
            tree,
            schema=schema,
            dialect="duckdb",
            validate_qualify_columns=False,
            quote_identifiers=False,
        )
    except OptimizeError:
        # A file of the home is read: its columns are not in any relation.
        return sql
    assert isinstance(found, exp.Query)
    return found


def _outputs(query: exp.Query | str, node: Node) -> list[str]:
    if isinstance(query, str):
        return sorted(set(re.findall(r"\w+", query)) & set(node["columns"]))
    names = [item.alias_or_name for item in query.selects]
    return [] if "*" in names else names


def _follow(query: exp.Query, wanted: set[str] | None, reach: Reach) -> None:
    """Mark what the wanted outputs of a query come from, and what decides about its rows."""
    scopes = list(traverse_scope(query))
    asked: Wanted = {id(scopes[-1]): None if wanted is None else set(wanted)}
    for scope in reversed(scopes):
        outputs = asked.get(id(scope), set() if scope.is_cte or scope.is_derived_table else None)
        if isinstance(scope.expression, exp.SetOperation):
            _ask_parts(scope, outputs, asked)
        else:
            _ask_sources(scope, outputs, asked, reach)


def _ask_parts(scope: Scope, outputs: set[str] | None, asked: Wanted) -> None:
    """Of the parts of a union the same outputs, by their place."""
    names = _names(scope)
    for part in scope.set_operation_scopes:
        there = _names(part)
        if outputs is None or scope.expression.args.get("distinct") or len(there) != len(names):
            _ask(asked, part, None)
        else:
            pairs = zip(names, there, strict=True)
            _ask(asked, part, {own for name, own in pairs if name in outputs})


def _names(scope: Scope) -> list[str]:
    assert isinstance(scope.expression, exp.Query)
    return [item.alias_or_name for item in scope.expression.selects]


def _ask_sources(scope: Scope, outputs: set[str] | None, asked: Wanted, reach: Reach) -> None:
    unwanted: set[int] = set()
    selects = scope.expression.selects if isinstance(scope.expression, exp.Select) else []
    if outputs is not None and not scope.expression.args.get("distinct"):
        for item in selects:
            if item.alias_or_name not in {*outputs, "*"}:
                unwanted |= {id(column) for column in item.find_all(exp.Column)}
    for column in scope.columns:
        if id(column) not in unwanted:
            _ask_source(scope.sources.get(column.table), {column.name}, asked, reach)
    if any(item.alias_or_name == "*" for item in selects):
        for source in scope.sources.values():
            _ask_source(source, outputs, asked, reach)


def _ask_source(
    source: exp.Table | Scope | None, names: set[str] | None, asked: Wanted, reach: Reach
) -> None:
    if isinstance(source, Scope):
        _ask(asked, source, names)
    elif source is not None:
        reach.live[source.name] |= (
            set(reach.columns.get(source.name, ())) if names is None else names
        )


def _ask(asked: Wanted, scope: Scope, names: set[str] | None) -> None:
    before = asked.get(id(scope), set())
    asked[id(scope)] = None if before is None or names is None else before | names
