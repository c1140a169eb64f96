"""Figures about children for readers who were not granted exact ones: rounded, once, at the load.

Counts are rounded as a release of official statistics rounds them, and are empty where few children
stand behind them. What was worked out from exact counts is empty: shares, intervals, means. Exact
counts beside a release would give away counts that it hides.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from register.serving.catalogue import Column, Relation
from register.serving.postgres_tables import NEXT, create_views, place, quoted
from register.settings import Settings

# Before the name of a schema: the same relations, with figures rounded.
ROUNDED_PREFIX = "rounded_"
RULES = "ref__disclosure_rules.csv"
SCHEMAS_OF_FIGURES = ("agreement", "bi")
# In the schema of quality most counts are of records, deliveries and pairs. These are of children.
FIGURES_OF_QUALITY = (
    "quality.agg_estimates_against_truth_by_area_year",
    "quality.agg_falling_through_by_body",
    "quality.agg_reason_accuracy",
    "quality.agg_reason_confusion",
)
# Compares exact figures with public ones: that they are equal tells the exact figure.
COMPARISONS = "agg_reconciliation_"
WHOLE_NUMBERS = ("BIGINT", "HUGEINT", "INTEGER", "SMALLINT", "TINYINT")
FRACTIONS = ("DOUBLE", "FLOAT", "DECIMAL")
# Whole numbers that name or order rows.
NOT_FIGURES = ("segment_number", "sort_order", "tolerance_days")
LEVEL = "area_level_code"
LARGE_AREAS = "('nation', 'region')"
# Any of these says that a row is of one authority, force or supplier.
SMALL_AREAS = ("authority_code_dfe", "police_force_code", "supplier_code", "body_code")
CHILDREN = "children_count"


@dataclass(frozen=True)
class RoundingRules:
    """How a release rounds, and behind how many children a count is hidden."""

    few_children_most: int
    unit_of_small_areas: int
    unit_of_large_areas: int


def read_rounding_rules(settings: Settings) -> RoundingRules:
    """Return the rules of the seed that releases are made by."""
    with (settings.seeds / RULES).open(encoding="utf-8", newline="") as file:
        values = {row["rule"]: row["value"] for row in csv.DictReader(file)}
    return RoundingRules(
        int(values["few_children_most"]),
        int(values["rounding_unit_authority"]),
        int(values["rounding_unit_area"]),
    )


def has_figures_of_children(table: Relation) -> bool:
    """Whether the numbers of an aggregate tell how many children or absences there are."""
    return table.schema in SCHEMAS_OF_FIGURES or table.full_name in FIGURES_OF_QUALITY


def is_comparison(table: Relation) -> bool:
    """Whether an aggregate compares figures with public ones, so that it cannot be rounded."""
    return table.name.startswith(COMPARISONS)


def rounded_place(table: Relation) -> str:
    """Where a load writes the rounded form of a relation."""
    return quoted(ROUNDED_PREFIX + table.schema + NEXT, table.name)


def create_rounded(
    relations: Sequence[Relation], withheld: set[tuple[str, str]], rules: RoundingRules
) -> Iterator[str]:
    """Statements that make the rounded schemas' relations, but for what is `withheld` there.

    Rounded figures are tables, so that behind them there is nothing exact that a plan could tell.
    """
    for table in relations:
        if table.is_view or (table.schema, table.name) in withheld:
            continue
        if has_figures_of_children(table):
            columns = ", ".join(_rounded(table, column, rules) for column in table.columns)
            kind = "table"
        else:
            columns, kind = ", ".join(quoted(name) for name in table.column_names), "view"
        yield f"create {kind} {rounded_place(table)} as select {columns} from {place(table)}"
    yield from create_views(relations, ROUNDED_PREFIX, withheld)


def _rounded(table: Relation, column: Column, rules: RoundingRules) -> str:
    """The expression of a column in the rounded form of its table."""
    name = quoted(column.name)
    if column.name in (*table.primary_key, *NOT_FIGURES):
        return name
    is_whole = column.data_type in WHOLE_NUMBERS
    if is_whole and "_count" in column.name:
        behind = _behind(table, column.name)
        few = " or ".join(f"{each} between 1 and {rules.few_children_most}" for each in behind)
        unit = _unit(table, rules)
        nearest = f"(2 * {name} + {unit}) / (2 * {unit}) * {unit}"
        return f"cast(case when {few} then null else {nearest} end as bigint) as {name}"
    if is_whole or column.data_type.startswith(FRACTIONS):
        return f"cast(null as double precision) as {name}"
    return name


def _behind(table: Relation, name: str) -> list[str]:
    """The counts that say whether few children are behind a count: it, its children, its row's."""
    found = (name, name.replace("episode", "children"), CHILDREN)
    return [quoted(each) for each in dict.fromkeys(found) if each in table.column_names]


def _unit(table: Relation, rules: RoundingRules) -> str:
    small, large = rules.unit_of_small_areas, rules.unit_of_large_areas
    if LEVEL in table.column_names:
        return f"(case when {LEVEL} in {LARGE_AREAS} then {large} else {small} end)"
    is_small = set(SMALL_AREAS) & set(table.column_names)
    return str(small if is_small else large)
