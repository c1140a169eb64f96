"""What an expectation says, as data: the sentence, the mart, the filter and what is measured.

A spec is plain data, so that listing specs costs nothing; `expectations.suite_building` turns one
into an expectation of Great Expectations. Tolerances are not here: they are a seed.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ShareMeasure:
    """A share with an interval, scope by scope.

    `numerator` and `denominator` are SQL aggregates over the rows of the mart that the filter
    keeps; `scope` is the SQL of a scope's label. Scopes whose denominator is below
    `least_denominator` are shown and not judged. `is_numerator_good` says what a high share means.
    """

    numerator: str
    denominator: str
    numerator_name: str
    denominator_name: str
    scope: str = "'England'"
    scope_kind: str = "nation"
    least_denominator: int = 1
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
    """A column that must hold something other than null and `unknown_values`."""

    column: str
    unknown_values: tuple[str, ...] = ()

    def query(self, relation: str, condition: str) -> str:
        """One row a row of the mart: 1 where the column says something, null where not."""
        known = f"{self.column} is not null"
        if self.unknown_values:
            listed = ", ".join(f"'{value}'" for value in self.unknown_values)
            known += f" and cast({self.column} as varchar) not in ({listed})"
        return (
            f"select case when {known} then 1 end as {self.column} "
            f"from {relation} where {condition}"
        )


Measure = ShareMeasure | EqualMeasure | TotalMeasure | PresentMeasure


@dataclass(frozen=True)
class ExpectationSpec:
    """One expectation. `name` is also its tolerance's code in the seed.

    `mart` is `<schema>.<table>` as published; `relation` is what is read in its place where two
    marts must be set side by side (it names published marts only). `condition` is the filter, in
    SQL, that leads an auditor to the very rows. `trace` is the column whose value goes into
    `register trace`.
    """

    suite: str
    name: str
    sentence: str
    mart: str
    measure: Measure
    condition: str = "true"
    relation: str = ""
    trace: str = ""

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
