"""Which orders in a statement are total, by the keys that the relations it reads are held to.

A key is a set of columns that no two rows share. Those of a relation are its constraints and the
rules of its tests; from them follow the keys of every step, through joins, filters, groups, unions
and ranks. An order is total when the columns that it is by, and those it is within, have a key
among them, or when rows that tie are the same in all that is read of them. What is not understood
has no key, and the order on it is reported.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import product

from sqlglot import exp, parse_one

from tests.house_rules.relations import MOST_KEYS, Columns, Keys, Relation, Rows, least
from tests.house_rules.statements import (
    branches,
    conjuncts,
    literals,
    ordered,
    own,
    partition,
    windowed,
)

# Whatever comes first among rows that tie: these have one answer for each row of a window.
BY_ROW = (
    exp.RowNumber,
    exp.Lag,
    exp.Lead,
    exp.FirstValue,
    exp.LastValue,
    exp.NthValue,
    exp.Ntile,
)
COLLECTING = (exp.ArrayAgg, exp.GroupConcat)
# Of several rows one is taken, and nothing says which.
TAKING = (exp.AnyValue, exp.First, exp.Last, exp.ArgMax, exp.ArgMin, exp.Mode)


class Orders:
    """Reads one statement, step by step; `doubtful` are its orders that may not be total."""

    def __init__(self, sql: str, known: Mapping[str, Relation]) -> None:
        self.known = known
        self.doubtful: list[tuple[str, str]] = []
        self.given = self._relation(parse_one(sql, read="duckdb"), {}, "")

    def _relation(self, node: exp.Expr, steps: dict[str, Relation], step: str) -> Relation:
        node = node.unnest() if isinstance(node, exp.Subquery) else node
        steps = dict(steps)
        with_ = node.args.get("with_") or node.args.get("with")
        is_recursive = bool(with_ and with_.args.get("recursive"))
        for cte in with_.expressions if with_ else ():
            if is_recursive:
                # A step that reads itself has the keys that its own union gives: none.
                steps[cte.alias] = Relation()
            steps[cte.alias] = self._relation(cte.this, steps, cte.alias)
        if isinstance(node, exp.Union):
            return self._union(node, steps, step)
        if isinstance(node, exp.Select):
            return self._select(node, steps, step)
        return Relation()

    def _union(self, node: exp.Union, steps: dict[str, Relation], step: str) -> Relation:
        parts = list(branches(node))
        given = [self._relation(branch, steps, step) for branch in parts]
        columns = given[0].columns
        if node.args.get("distinct"):
            return Relation(least({frozenset(columns)}) if columns else frozenset(), columns)
        if columns is None or any(len(one.columns or ()) != len(columns) for one in given):
            return Relation(columns=columns)
        marks = [literals(branch) for branch in parts]
        telling = [
            place
            for place in range(len(columns))
            if len({mark.get(place) for mark in marks} - {None}) == len(parts)
        ]
        if not telling or not all(one.keys for one in given):
            return Relation(columns=columns)
        keys = set()
        for chosen in product(*(list(one.keys)[:2] for one in given)):
            places = {
                (one.columns or ()).index(name)
                for one, key in zip(given, chosen, strict=True)
                for name in key
            }
            keys.add(frozenset(columns[place] for place in {*places, telling[0]}))
            if len(keys) >= MOST_KEYS:
                break
        return Relation(least(keys), columns)

    def _select(self, node: exp.Select, steps: dict[str, Relation], step: str) -> Relation:
        rows = self._rows(node, steps)
        for part in own(node, exp.Subquery, exp.Exists, exp.In):
            inner = part.args.get("query") or part.this
            inner = inner.unnest() if isinstance(inner, exp.Subquery) else inner
            is_read = part.find_ancestor(exp.From, exp.Join) is not None
            if isinstance(inner, exp.Select) and not is_read:
                self._relation(inner, steps, step)
        grouped = self._grouped(node, rows)
        for found in own(node, exp.Window):
            assert isinstance(found, exp.Window)
            self._judge_window(found, node, rows if grouped is None else grouped, step)
        for found in own(node, *COLLECTING, *TAKING):
            self._judge_aggregate(found, rows, step)
        if node.args.get("limit") or (node.args.get("distinct") or exp.Distinct()).args.get("on"):
            self._report(node, step)
        return self._output(node, rows, grouped)

    def _rows(self, node: exp.Select, steps: dict[str, Relation]) -> Rows:
        rows = Rows()
        source = node.args.get("from_") or node.args.get("from")
        if source is None:
            # One row; with a condition it stands for files that a home does not have yet.
            rows.keys = frozenset() if node.args.get("where") else frozenset({frozenset()})
            return rows
        self._add(rows, source.this, steps)
        where = node.args.get("where")
        conditions = conjuncts(where.this if where else None)
        absent = {
            one.this.table
            for one in conditions
            if isinstance(one, exp.Is) and isinstance(one.expression, exp.Null)
        }
        for join in node.args.get("joins") or ():
            self._join(rows, join, steps, absent)
        if any(own(node, exp.Unnest, exp.Explode)) or node.args.get("laterals"):
            rows.keys = frozenset()
        self._equate(rows, where.this if where else None)
        rows.settle()
        return rows

    def _add(self, rows: Rows, source: exp.Expr, steps: dict[str, Relation]) -> Keys:
        alias = source.alias_or_name or "?"
        found = self._source(source, steps)
        rows.sources[alias] = found
        keys = frozenset(frozenset(f"{alias}.{name}" for name in key) for key in found.keys)
        if len(rows.sources) == 1:
            rows.keys = keys
        return keys

    def _source(self, source: exp.Expr, steps: dict[str, Relation]) -> Relation:
        if isinstance(source, exp.Subquery):
            return self._relation(source.this, steps, source.alias)
        if isinstance(source, exp.Table) and isinstance(source.this, exp.Identifier):
            if not source.db and source.name in steps:
                return steps[source.name]
            return self.known.get(source.name, Relation())
        return Relation()

    def _join(
        self, rows: Rows, join: exp.Join, steps: dict[str, Relation], absent: set[str]
    ) -> None:
        before = rows.keys
        added = self._add(rows, join.this, steps)
        alias = join.this.alias_or_name
        if join.side == "LEFT" and alias in absent:
            # What is joined only to be left out adds no row.
            rows.keys = before
            return
        condition = join.args.get("on")
        bound = dict(_bound(rows, condition, alias))
        kept: set[Columns] = set()
        if any(all(name in bound for name in key) for key in added) and join.side != "FULL":
            kept |= before
        for one, other in product(before, added):
            kept.add(one | {bound.get(name) or name for name in other if bound.get(name) != ""})
        if join.side == "":
            matched = set(bound.values())
            if any(key <= matched for key in before):
                kept |= added
            self._equate(rows, condition)
        rows.keys = least(kept)

    def _equate(self, rows: Rows, condition: exp.Expr | None) -> None:
        for part in conjuncts(condition):
            if not isinstance(part, exp.EQ):
                if isinstance(part, exp.Column):
                    rows.fixed.add(rows.name(part))
                continue
            one, other = part.this, part.expression
            if isinstance(one, exp.Column) and isinstance(other, exp.Column):
                left, right = rows.name(one), rows.name(other)
                if left != right:
                    rows.same[right] = left
            elif isinstance(one, exp.Column) and not other.find(exp.Column):
                rows.fixed.add(rows.name(one))
            elif isinstance(other, exp.Column) and not one.find(exp.Column):
                rows.fixed.add(rows.name(other))

    def _grouped(self, node: exp.Select, rows: Rows) -> Rows | None:
        """The rows after grouping; None where there is none. A key is what is grouped by."""
        group = node.args.get("group")
        if group is None:
            if any(own(node, exp.AggFunc)) and not any(windowed(node)):
                return Rows(rows.sources, frozenset({frozenset()}), rows.fixed, rows.same)
            return None
        if group.args.get("all"):
            by = [one.unalias() for one in node.expressions if not one.find(exp.AggFunc)]
        else:
            by = list(group.expressions)
        names = set()
        for part in by:
            aliased = next(
                (one.unalias() for one in node.expressions if one.alias_or_name == part.name), part
            )
            plain = part if isinstance(part, exp.Column) and part.table else aliased
            names.add(rows.name(plain) if isinstance(plain, exp.Column) else plain.sql("duckdb"))
        grouped = Rows(rows.sources, frozenset({frozenset(names)}), rows.fixed, rows.same)
        grouped.settle()
        return grouped

    def _judge_window(self, found: exp.Window, node: exp.Select, rows: Rows, step: str) -> None:
        named = {one.name: one for one in node.args.get("windows") or ()}
        window = named.get(found.alias, found) if found.args.get("alias") else found
        order, frame = window.args.get("order"), window.args.get("spec")
        function = found.this
        while isinstance(function, (exp.IgnoreNulls, exp.RespectNulls, exp.Filter)):
            function = function.this
        by_row = isinstance(function, BY_ROW)
        in_rows = frame is not None and frame.args.get("kind", "").upper() == "ROWS"
        if not by_row and not (order and in_rows):
            return
        by = [*(window.args.get("partition_by") or ()), *(one.this for one in ordered(order))]
        names = _names(rows, by) | rows.fixed | {one.sql("duckdb") for one in by}
        if not any(key <= names for key in rows.keys) and not _all_read(node, rows, names, by):
            self._report(found, step)

    def _judge_aggregate(self, found: exp.Expr, rows: Rows, step: str) -> None:
        if found.find_ancestor(exp.Window) and isinstance(found.parent, exp.Window):
            return
        order = found.find(exp.Order)
        if isinstance(found, TAKING) or order is None:
            self._report(found, step)
            return
        by = [one.this for one in ordered(order)]
        value = order.this.unnest() if order.this is not None else found.this
        value = value.expressions[0] if isinstance(value, exp.Distinct) else value
        names = _names(rows, by) | rows.fixed
        if value.sql() not in {one.sql() for one in by} and not any(
            key <= names for key in rows.keys
        ):
            self._report(found, step)

    def _report(self, found: exp.Expr, step: str) -> None:
        self.doubtful.append((step, found.sql("duckdb")[:160]))

    def _output(self, node: exp.Select, rows: Rows, grouped: Rows | None) -> Relation:
        names: dict[str, str] = {}
        columns: list[str] | None = []
        ranks = set()
        for one in node.expressions:
            plain = one.unalias()
            if one.is_star:
                passed = self._starred(one, rows)
                columns = None if columns is None or passed is None else columns + passed[1]
                for name, alias in (passed or ({}, []))[0].items():
                    names.setdefault(name, alias)
                continue
            given = one.alias_or_name
            columns = None if columns is None else [*columns, given]
            if isinstance(plain, exp.Column):
                names.setdefault(rows.name(plain), given)
            else:
                names.setdefault(plain.sql("duckdb"), given)
            if isinstance(plain, exp.Window) and isinstance(plain.this, exp.RowNumber):
                within = partition(plain, node)
                columns_within = [part for part in within if isinstance(part, exp.Column)]
                if len(columns_within) == len(within):
                    ranks.add(
                        frozenset({given, *(f"<{rows.name(part)}" for part in columns_within)})
                    )
        settled = rows if grouped is None else grouped
        keys = {frozenset(names.get(name, "?") for name in key) for key in settled.keys}
        for rank in ranks:
            keys.add(
                frozenset(
                    names.get(name[1:], "?") if name.startswith("<") else name for name in rank
                )
            )
        if any(own(node, exp.Unnest, exp.Explode)):
            keys = set()
        if isinstance(node.args.get("distinct"), exp.Distinct) and columns is not None:
            keys.add(frozenset(columns))
        kept = {key for key in keys if "?" not in key}
        return Relation(least(kept), None if columns is None else tuple(columns))

    def _starred(self, one: exp.Expr, rows: Rows) -> tuple[dict[str, str], list[str]] | None:
        alias = one.table if isinstance(one, exp.Column) else ""
        star = one.this if isinstance(one, exp.Column) else one
        left_out = {
            part.alias_or_name
            for kind in ("except_", "except", "replace")
            for part in star.args.get(kind) or ()
        }
        passed: dict[str, str] = {}
        columns: list[str] = []
        is_known = True
        for name, found in rows.sources.items():
            if alias not in ("", name):
                continue
            is_known &= found.columns is not None
            of_keys = {column for key in found.keys for column in key}
            for column in [*(found.columns or ()), *sorted(of_keys)]:
                if column not in left_out:
                    passed.setdefault(rows.root(f"{name}.{column}"), column)
            columns += list(found.columns or ())
        return (passed, columns) if is_known else (passed, [])


def read_statement(
    sql: str, known: Mapping[str, Relation]
) -> tuple[Relation, list[tuple[str, str]]]:
    """What a statement gives, and its orders that may not be total, each with its step."""
    read = Orders(sql, known)
    return read.given, read.doubtful


def _bound(rows: Rows, condition: exp.Expr | None, alias: str) -> Iterator[tuple[str, str]]:
    """Columns of the joined relation that a condition sets, each with the one or "" for a value."""
    for part in conjuncts(condition):
        if not isinstance(part, exp.EQ):
            continue
        for one, other in ((part.this, part.expression), (part.expression, part.this)):
            if not isinstance(one, exp.Column) or one.table != alias:
                continue
            if isinstance(other, exp.Column) and other.table != alias:
                yield f"{alias}.{one.name}", rows.name(other)
            elif not other.find(exp.Column):
                yield f"{alias}.{one.name}", ""


def _names(rows: Rows, parts: list[exp.Expr]) -> set[str]:
    return {rows.name(part) for part in parts if isinstance(part, exp.Column)}


def _all_read(node: exp.Select, rows: Rows, names: set[str], by: list[exp.Expr]) -> bool:
    """Whether rows that tie are the same in every column that the select reads.

    What they are ordered by (`by`) is the same in them, and so is all of a source whose key is.
    """
    judged = {id(column) for one in by for column in one.find_all(exp.Column)}
    read: dict[str, set[str] | None] = defaultdict(set)
    for one in node.expressions:
        for column in one.find_all(exp.Column):
            if id(column) not in judged and not column.is_star:
                alias, name = rows.name(column).split(".", 1)
                found = read[alias]
                read[alias] = None if found is None else found | {name}
        if one.is_star:
            alias = one.table if isinstance(one, exp.Column) else ""
            for source in [alias] if alias else rows.sources:
                columns = rows.sources[source].columns
                found = read[source]
                read[source] = None if columns is None or found is None else found | {*columns}
    return all(_is_same(rows, alias, columns, names) for alias, columns in read.items())


def _is_same(rows: Rows, alias: str, columns: set[str] | None, names: set[str]) -> bool:
    def known(wanted: Columns | set[str]) -> bool:
        return {rows.root(f"{alias}.{name}") for name in wanted} <= names

    source = rows.sources.get(alias, Relation())
    return any(known(key) for key in source.keys) or (columns is not None and known(columns))
