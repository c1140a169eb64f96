"""What an expectation is, as data: the sentence, the mart, the filter and what is measured.

A spec is plain data, so that listing specs costs nothing; `expectations.validate` turns one into
an expectation of Great Expectations. After the specs come the short forms in which suites write
them: rows of a mart, scopes, shares of rows. Tolerances are not here: they are a seed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

# Below this a share depends more on chance than on the records.
LEAST_RECORDS = 20


@dataclass(frozen=True)
class ShareMeasure:
    """A share with an interval, scope by scope.

    `numerator` and `denominator` are SQL aggregates over the rows of the mart that the filter
    keeps; `scope` is the SQL of a scope's label. Scopes whose denominator is below
    `least_records` are shown and not judged. `is_numerator_good`: a high share is good.
    """

    numerator: str
    denominator: str
    measured_name: str
    counted_name: str
    scope: str = "'England'"
    scope_kind: str = "nation"
    least_records: int = 1
    is_numerator_good: bool = True

    def query(self, relation: str, condition: str) -> str:
        """One row a scope: scope, numerator_count, denominator_count."""
        return (
            f"select {self.scope} as scope, cast({self.numerator} as bigint) as numerator_count, "
            f"cast({self.denominator} as bigint) as denominator_count "
            f"from {relation} where {condition} group by 1 order by 1"
        )


@dataclass(frozen=True)
class EqualMeasure:
    """Two counts that must be the same in every row; `left` and `right` are SQL expressions."""

    left: str
    right: str

    def query(self, relation: str, condition: str) -> str:
        """One row a row of the mart: left_count, right_count."""
        return (
            f"select cast({self.left} as bigint) as left_count, "
            f"cast({self.right} as bigint) as right_count from {relation} where {condition}"
        )


@dataclass(frozen=True)
class TotalMeasure:
    """One total, an SQL aggregate, that must lie within the tolerance."""

    total: str

    def query(self, relation: str, condition: str) -> str:
        """One row: total_count."""
        return (
            f"select cast({self.total} as bigint) as total_count from {relation} where {condition}"
        )


@dataclass(frozen=True)
class PresentMeasure:
    """A column that must be something other than null and `unknown_values`."""

    column: str
    unknown_values: tuple[str, ...] = ()

    def query(self, relation: str, condition: str) -> str:
        """One row a row of the mart: 1 where the column is known, null where not."""
        known = f"{self.column} is not null"
        if self.unknown_values:
            listed = ", ".join(f"'{value}'" for value in self.unknown_values)
            known += f" and cast({self.column} as varchar) not in ({listed})"
        return (
            f"select case when {known} then 1 end as {self.column} "
            f"from {relation} where {condition}"
        )


@dataclass(frozen=True)
class IntervalMeasure:
    """A share that the mart states with its interval: consistent with the tolerance or not.

    `share`, `lower`, `upper` and `records` are columns or SQL of a row; one row is one scope.
    """

    share: str
    lower: str
    upper: str
    records: str
    measured_name: str
    counted_name: str
    scope: str = "'England'"
    scope_kind: str = "nation"
    least_records: int = 1

    def query(self, relation: str, condition: str) -> str:
        """One row a scope: scope, share, share_lower, share_upper, record_count."""
        shares = (
            f"cast({column} as double) as {name}"
            for column, name in (
                (self.share, "share"),
                (self.lower, "share_lower"),
                (self.upper, "share_upper"),
            )
        )
        return (
            f"select {self.scope} as scope, {', '.join(shares)}, "
            f"cast({self.records} as bigint) as record_count "
            f"from {relation} where {condition} order by 1"
        )


@dataclass(frozen=True)
class ColumnsMeasure:
    """Two columns of codes that agree beyond chance: `coefficient` is `kappa` or `ac1`."""

    left: str
    right: str
    coefficient: str
    measured_name: str
    counted_name: str
    scope: str = "'England'"
    scope_kind: str = "nation"
    least_records: int = 1

    def query(self, relation: str, condition: str) -> str:
        """One row a scope and pair of codes: scope, left_code, right_code, record_count."""
        return (
            f"select {self.scope} as scope, {self.left} as left_code, {self.right} as right_code, "
            f"count(*) as record_count from {relation} where {condition} "
            "group by all order by all"
        )


@dataclass(frozen=True)
class TextMeasure:
    """The share of values that match a pattern, in every text column that `columns` chooses.

    `columns` is SQL about the rows of information_schema.columns. Which columns there are is known
    when the file is read; `is_match_good`: a value should match.
    """

    pattern: str
    columns: str
    measured_name: str
    is_match_good: bool = False
    counted_name: str = "values"
    scope_kind: str = "column"
    least_records: int = 1

    @property
    def is_numerator_good(self) -> bool:
        """What a high share means."""
        return self.is_match_good

    def query(self, relation: str, condition: str) -> str:
        """The columns to look into: table_name with its schema, and column_name."""
        return (
            "select table_schema || '.' || table_name as table_name, column_name "
            f"from {relation} where {condition} and {self.columns} order by all"
        )

    def values_query(self, columns: list[tuple[str, str]]) -> str:
        """One row a column: scope, numerator_count, denominator_count. Reads a table once."""
        names: dict[str, list[str]] = {}
        for table, column in columns:
            names.setdefault(table, []).append(f'"{column}"')
        return " union all ".join(
            self._values_of_table(table, ", ".join(found)) for table, found in names.items()
        )

    def _values_of_table(self, table: str, columns: str) -> str:
        return (
            f"select '{table}.' || column_name as scope, coalesce(sum(value_count) filter "
            f"(where regexp_matches(text_value, '{self.pattern}')), 0) as numerator_count, "
            "coalesce(sum(value_count) filter (where text_value is not null), 0) "
            "as denominator_count from (select column_name, text_value, count(*) as value_count "
            f"from (select {columns} from {table}) unpivot include nulls "
            f"(text_value for column_name in ({columns})) group by all) group by all"
        )


ScopedMeasure = ShareMeasure | IntervalMeasure | ColumnsMeasure | TextMeasure
Measure = ScopedMeasure | EqualMeasure | TotalMeasure | PresentMeasure


@dataclass(frozen=True)
class ExpectationSpec:
    """One expectation. `name` is also its tolerance's code in the seed.

    `mart` is `<schema>.<table>` as published; `relation` is what is read in its place where two
    marts must be set side by side (it names published marts only). `condition` is the filter, in
    SQL, that leads an auditor to the very rows. `trace` is the column whose value goes into
    `register trace`. `is_of_simulation` says that only a simulation publishes the mart.
    """

    suite: str
    name: str
    sentence: str
    mart: str
    measure: Measure
    condition: str = "true"
    relation: str = ""
    trace: str = ""
    is_of_simulation: bool = False

    @property
    def query(self) -> str:
        """The SQL that reads what this expectation judges, and no other column."""
        return self.measure.query(self.relation or self.mart, self.condition)


@dataclass(frozen=True)
class SpecSummary:
    """What is known of an expectation before any data: for lists of checks."""

    suite: str
    name: str
    description: str
    severity: str


@dataclass(frozen=True)
class SuiteSpec:
    """A suite: one concern, in the order in which it is read."""

    name: str
    title: str
    introduction: str
    expectations: tuple[ExpectationSpec, ...]


@dataclass(frozen=True)
class Rows:
    """The rows that an expectation reads; the fields are those of `ExpectationSpec`."""

    mart: str
    condition: str = "true"
    relation: str = ""
    trace: str = ""

    def where(self, condition: str) -> Rows:
        """The same rows, fewer of them."""
        if self.condition != "true":
            condition = f"{self.condition} and {condition}"
        return replace(self, condition=condition)


@dataclass(frozen=True)
class Scope:
    """What is compared with a tolerance one by one: the SQL of its label and its name in words."""

    label: str
    kind: str
    least: int = LEAST_RECORDS


NATION = Scope("'England'", "nation", 1)
FEED = Scope("feed", "feed", 1)
SUPPLIER = Scope("supplier_code", "supplier")
FEED_OF_SUPPLIER = Scope("feed || ' ' || supplier_code", "supplier")
AUTHORITY = Scope("authority_code_dfe", "authority")
COLLECTION_YEAR = Scope("collection_year", "collection year")

Expect = Callable[[str, str, Rows, Measure], ExpectationSpec]


def suite_of(name: str) -> Expect:
    """How the suite `name` makes its specs: from a short name, a sentence, rows and a measure."""

    def expect(short_name: str, sentence: str, rows: Rows, measure: Measure) -> ExpectationSpec:
        return ExpectationSpec(
            suite=name,
            name=f"{name}_{short_name}",
            sentence=sentence,
            mart=rows.mart,
            measure=measure,
            condition=rows.condition,
            relation=rows.relation,
            trace=rows.trace,
        )

    return expect


def share_of_rows(
    words: str, condition: str, of: str, scope: Scope = NATION, is_good: bool = True
) -> ShareMeasure:
    """The share of the rows, `of` in words, for which `condition` is true."""
    counts = (f"count(*) filter (where {condition})", "count(*)")
    return share_of_counts((words, of), counts, scope, is_good)


def share_of_counts(
    words: tuple[str, str], counts: tuple[str, str], scope: Scope = NATION, is_good: bool = True
) -> ShareMeasure:
    """A share of two aggregates; `words` and `counts` name the part, then the whole."""
    return ShareMeasure(
        numerator=counts[0],
        denominator=counts[1],
        measured_name=words[0],
        counted_name=words[1],
        scope=scope.label,
        scope_kind=scope.kind,
        least_records=scope.least,
        is_numerator_good=is_good,
    )
