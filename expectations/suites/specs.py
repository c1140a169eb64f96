"""Expectations as plain data: their sentence, mart, filter and measure.

Each measure builds the SQL that reads the data it judges. `expectations.validate` turns a spec into
an expectation of Great Expectations. The tolerances are in a seed
(`expectations.suites.tolerances`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ShareMeasure:
    """The share of records with a property, measured in each scope.

    `numerator` and `denominator` are SQL aggregates over the filtered rows of the mart; `scope` is
    the SQL expression of a scope's label. A scope whose denominator is below `least_records` is
    listed but not judged. If `is_numerator_good`, a high share is good; otherwise a low share is.
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
        """Return SQL with a row for each scope: scope, numerator_count, denominator_count."""
        return (
            f"select {self.scope} as scope, cast({self.numerator} as bigint) as numerator_count, "
            f"cast({self.denominator} as bigint) as denominator_count "
            f"from {relation} where {condition} group by 1 order by 1"
        )


@dataclass(frozen=True)
class EqualMeasure:
    """Two counts that must be equal in every row; `left` and `right` are SQL expressions."""

    left: str
    right: str

    def query(self, relation: str, condition: str) -> str:
        """Return SQL that gives left_count and right_count for each row of the mart."""
        return (
            f"select cast({self.left} as bigint) as left_count, "
            f"cast({self.right} as bigint) as right_count from {relation} where {condition}"
        )


@dataclass(frozen=True)
class TotalMeasure:
    """A single total, given as an SQL aggregate, that must lie within the tolerance."""

    total: str

    def query(self, relation: str, condition: str) -> str:
        """Return SQL that gives a single total_count."""
        return (
            f"select cast({self.total} as bigint) as total_count from {relation} where {condition}"
        )


@dataclass(frozen=True)
class PresentMeasure:
    """A column that must not be null or contain one of `unknown_values`."""

    column: str
    unknown_values: tuple[str, ...] = ()

    def query(self, relation: str, condition: str) -> str:
        """Return SQL with a row for each row of the mart: 1 if the column is known, else null."""
        known = f"{self.column} is not null"
        if self.unknown_values:
            codes = ", ".join(f"'{value}'" for value in self.unknown_values)
            known += f" and cast({self.column} as varchar) not in ({codes})"
        return (
            f"select case when {known} then 1 end as {self.column} "
            f"from {relation} where {condition}"
        )


@dataclass(frozen=True)
class IntervalMeasure:
    """A share whose interval, given by the mart, must overlap the tolerance.

    `share`, `lower`, `upper` and `records` are columns or SQL expressions. Each row of the mart is
    one scope.
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
        """Return SQL with a row for each scope: scope, share, its two bounds, record_count."""
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
    """Agreement of two code columns beyond chance; `coefficient` is `kappa` or `ac1`."""

    left: str
    right: str
    coefficient: str
    measured_name: str
    counted_name: str
    scope: str = "'England'"
    scope_kind: str = "nation"
    least_records: int = 1

    def query(self, relation: str, condition: str) -> str:
        """Return SQL with a row for each scope and pair of codes, and its record_count."""
        return (
            f"select {self.scope} as scope, {self.left} as left_code, {self.right} as right_code, "
            f"count(*) as record_count from {relation} where {condition} "
            "group by all order by all"
        )


@dataclass(frozen=True)
class TextMeasure:
    """The share of values that match a pattern, in each text column that `columns` selects.

    `columns` is a condition on information_schema.columns of the published file. If
    `is_match_good`, values should match the pattern; otherwise they should not.
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
        """Whether a high share is good."""
        return self.is_match_good

    def query(self, relation: str, condition: str) -> str:
        """Return SQL that lists the columns to read: table_name (with schema) and column_name."""
        return (
            "select table_schema || '.' || table_name as table_name, column_name "
            f"from {relation} where {condition} and {self.columns} order by all"
        )

    def values_query(self, columns: list[tuple[str, str]]) -> str:
        """Return SQL with a row for each column: scope, numerator_count, denominator_count.

        Each table is read only once.
        """
        names: dict[str, list[str]] = {}
        for table, column in columns:
            names.setdefault(table, []).append(f'"{column}"')
        return " union all ".join(
            self._query_table(table, ", ".join(columns_of_table))
            for table, columns_of_table in names.items()
        )

    def _query_table(self, table: str, columns: str) -> str:
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
    """One expectation. `name` is also the code of its tolerance in the seed.

    `mart` is `<schema>.<table>` as published. An expectation that compares published marts reads
    the SQL in `relation` instead. `condition` is the SQL filter with which an auditor finds the
    same rows. `trace` is the column whose values `register trace` accepts. `is_of_simulation` says
    that only a simulation publishes the mart. Without a delivery of each source in `needs`, nothing
    is judged; `any` means the police or an authority.
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
    needs: tuple[str, ...] = ()

    @property
    def query(self) -> str:
        """The SQL that reads the data that this expectation judges."""
        return self.measure.query(self.relation or self.mart, self.condition)


@dataclass(frozen=True)
class SuiteSpec:
    """The expectations about one concern, in the order in which the site shows them."""

    name: str
    title: str
    introduction: str
    expectations: tuple[ExpectationSpec, ...]
