"""The shapes that suites share: rows of a mart, scopes, shares of rows, and specs made of them.

What is expected is in `expectations.suites`; here is only how briefly it can be said.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from expectations.specs import ExpectationSpec, Measure, ShareMeasure

# Below this a share says more of chance than of the records.
LEAST_RECORDS = 20


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
    """What is held to a tolerance one by one: the SQL of its label and its name in words."""

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
    """The share of the rows, `of` in words, for which `condition` holds."""
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
