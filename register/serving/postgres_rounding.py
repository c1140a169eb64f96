"""Rounding of figures about children, for readers without the right to exact figures.

Figures are rounded once for each load. Counts are rounded as in a release of official statistics,
and are null if they are about few children. Shares, intervals and means are null, because exact
counts could be computed from them. Exact counts beside a release would reveal counts that the
release suppresses.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from register.serving.catalogue import Column, Relation
from register.serving.postgres_tables import NEXT, create_views, loading_name, quote_name
from register.settings import Settings

# Schemas with rounded figures have this prefix.
ROUNDED_PREFIX = "rounded_"
RULES = "ref__disclosure_rules.csv"
SCHEMAS_OF_FIGURES = ("agreement", "bi")
# In the schema `quality`, these relations count children. All others there count records and
# deliveries.
FIGURES_OF_QUALITY = (
    "quality.agg_case_list_accuracy_by_task",
    "quality.agg_estimates_against_truth_by_area_year",
    "quality.agg_reason_accuracy",
    "quality.agg_reason_confusion",
    "quality.agg_tasks_by_body",
)
# Relations with this prefix compare exact figures with public ones: a difference of zero would
# reveal the exact figure.
COMPARISONS = "agg_reconciliation_"
WHOLE_NUMBERS = ("BIGINT", "HUGEINT", "INTEGER", "SMALLINT", "TINYINT")
FRACTIONS = ("DOUBLE", "FLOAT", "DECIMAL")
# Whole numbers that identify or order rows, so they are not rounded.
NOT_FIGURES = ("segment_number", "sort_order", "tolerance_days")
LEVEL = "area_level_code"
LARGE_AREAS = "('nation', 'region')"
# If a table has any of these columns, its rows are about single authorities, forces or suppliers.
SMALL_AREAS = ("authority_code_dfe", "police_force_code", "supplier_code", "body_code")
CHILDREN = "children_count"


@dataclass(frozen=True)
class RoundingRules:
    """The rounding units of a release, and the largest number of children that is suppressed."""

    few_children_most: int
    unit_of_small_areas: int
    unit_of_large_areas: int


def read_rounding_rules(settings: Settings) -> RoundingRules:
    """Read the rounding rules of releases from their seed."""
    with (settings.seeds / RULES).open(encoding="utf-8", newline="") as file:
        values = {row["rule"]: row["value"] for row in csv.DictReader(file)}
    return RoundingRules(
        int(values["few_children_most"]),
        int(values["rounding_unit_authority"]),
        int(values["rounding_unit_area"]),
    )


def has_figures_of_children(table: Relation) -> bool:
    """Return whether a table of aggregates counts children or absences."""
    return table.schema in SCHEMAS_OF_FIGURES or table.full_name in FIGURES_OF_QUALITY


def is_comparison(table: Relation) -> bool:
    """Return whether a table compares exact figures with public ones. It then cannot be rounded."""
    return table.name.startswith(COMPARISONS)


def rounded_loading_name(table: Relation) -> str:
    """Return the name under which a load writes the rounded form of a relation."""
    return quote_name(ROUNDED_PREFIX + table.schema + NEXT, table.name)


def create_rounded(
    relations: Sequence[Relation], withheld: set[tuple[str, str]], rules: RoundingRules
) -> Iterator[str]:
    """Yield statements that create the rounded form of all relations except the `withheld` ones.

    Rounded figures are tables and not views, because a view's query plan could reveal exact
    figures.
    """
    for table in relations:
        if table.is_view or (table.schema, table.name) in withheld:
            continue
        if has_figures_of_children(table):
            columns = ", ".join(_round_column(table, column, rules) for column in table.columns)
            kind = "table"
        else:
            columns, kind = ", ".join(quote_name(name) for name in table.column_names), "view"
        target, source = rounded_loading_name(table), loading_name(table)
        yield f"create {kind} {target} as select {columns} from {source}"
    yield from create_views(relations, ROUNDED_PREFIX, withheld)


def _round_column(table: Relation, column: Column, rules: RoundingRules) -> str:
    """Return the SQL expression for a column in the rounded form of its table."""
    name = quote_name(column.name)
    if column.name in (*table.primary_key, *NOT_FIGURES):
        return name
    is_whole = column.data_type in WHOLE_NUMBERS
    if is_whole and "_count" in column.name:
        limit = rules.few_children_most
        bases = _find_base_counts(table, column.name)
        few = " or ".join(f"{base} between 1 and {limit}" for base in bases)
        unit = _find_rounding_unit(table, rules)
        nearest = f"(2 * {name} + {unit}) / (2 * {unit}) * {unit}"
        return f"cast(case when {few} then null else {nearest} end as bigint) as {name}"
    if is_whole or column.data_type.startswith(FRACTIONS):
        return f"cast(null as double precision) as {name}"
    return name


def _find_base_counts(table: Relation, name: str) -> list[str]:
    """Return the columns that show how many children a count is about.

    These are the count itself, the matching count of children, and the row's count of children.
    """
    counts = dict.fromkeys((name, name.replace("episode", "children"), CHILDREN))
    return [quote_name(count) for count in counts if count in table.column_names]


def _find_rounding_unit(table: Relation, rules: RoundingRules) -> str:
    small, large = rules.unit_of_small_areas, rules.unit_of_large_areas
    if LEVEL in table.column_names:
        return f"(case when {LEVEL} in {LARGE_AREAS} then {large} else {small} end)"
    is_small = set(SMALL_AREAS) & set(table.column_names)
    return str(small if is_small else large)
