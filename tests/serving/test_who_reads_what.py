"""Every published relation is decided on: who reads it, and of whom an area sees it."""

from __future__ import annotations

from typing import Any

from register.serving import (
    Column,
    Relation,
    has_figures_of_children,
    is_about_a_child,
    select_own_rows,
)

# Events of a key name another child's key, and words of whoever decided: no area reads them.
WITHHELD_FROM_AREAS = {"register.fct_identity_events"}
COUNTS_OF_CHILDREN = ("child_count", "children_count", "episode_count", "case_count", "total_count")
# Children that linkage was measured on, in an invented nation.
NOT_OF_THE_REGISTER = {"quality.agg_linkage_held_out_by_group"}
# Reference data, methods and national figures: nothing in them differs by area.
SAME_FOR_EVERY_AREA = {
    "agreement.agg_reconciliation_by_characteristic_year",
    "quality.agg_case_list_accuracy_by_task",
    "quality.agg_clerical_sample_by_cap",
    "quality.agg_identity_churn_by_generation",
    "quality.agg_linkage_accuracy_by_group",
    "quality.agg_linkage_curve",
    "quality.agg_linkage_held_out_by_group",
    "quality.agg_linkage_quality",
    "quality.agg_linkage_weight_drift_by_level",
    "quality.agg_reason_accuracy",
    "quality.agg_reason_confusion",
}


def _relations(manifest: dict[str, Any]) -> list[Relation]:
    return [
        Relation(
            schema=node["schema"],
            name=node["name"],
            is_view=node["config"]["materialized"] == "view",
            comment="",
            definition="",
            rows=0,
            columns=tuple(Column(name, "VARCHAR", True, "") for name in node["columns"]),
            primary_key=(),
            foreign_keys=(),
        )
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["database"] == "national_register"
    ]


def test_an_area_reads_of_every_table_with_children_its_own_rows(manifest: dict[str, Any]) -> None:
    """Prevents a mart that comes with a child's key from being withheld, or given, by accident."""
    tables = [table for table in _relations(manifest) if not table.is_view]
    about = [table for table in tables if is_about_a_child(table)]
    assert len(about) > 10
    withheld = {table.full_name for table in about if select_own_rows(table) is None}
    assert withheld == WITHHELD_FROM_AREAS
    assert {table.full_name for table in about if select_own_rows(table) == "true"} == set()


def test_what_every_area_reads_whole_is_listed(manifest: dict[str, Any]) -> None:
    """Prevents an aggregate by area from being read by every area because of how it names it."""
    full = {
        table.full_name
        for table in _relations(manifest)
        if not table.is_view and select_own_rows(table) == "true"
    }
    assert {name for name in full if ".dim_" not in name} == SAME_FOR_EVERY_AREA


def test_every_table_that_counts_children_has_a_rounded_form(manifest: dict[str, Any]) -> None:
    """Prevents a new aggregate with exact counts for readers who were not granted them."""
    counting = {
        table.full_name: has_figures_of_children(table)
        for table in _relations(manifest)
        if not table.is_view
        and not is_about_a_child(table)
        and any(name.endswith(COUNTS_OF_CHILDREN) for name in table.column_names)
    }
    assert len(counting) > 15
    assert {name for name, is_rounded in counting.items() if not is_rounded} == NOT_OF_THE_REGISTER
