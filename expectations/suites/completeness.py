"""Completeness: are the dimensions and the facts filled in, and by whom are they not.

A value that is there and cannot be understood is conformance, not completeness.
"""

from __future__ import annotations

from expectations.specs import ExpectationSpec, PresentMeasure, ShareMeasure, SuiteSpec

SUITE_NAME = "completeness"
COMPLETENESS_MART = "quality.agg_completeness_by_supplier"
UNKNOWN = ("unknown", "unmapped")
# Fields of the feeds that people rely on, in words.
SUPPLIED_FIELDS = {
    "sex": "sex",
    "ethnicity": "ethnicity",
    "dob": "date of birth",
    "found_at": "time found",
}


def _dimension(
    name: str, sentence: str, mart: str, column: str, condition: str = "true"
) -> ExpectationSpec:
    return ExpectationSpec(
        suite=SUITE_NAME,
        name=name,
        sentence=sentence,
        mart=mart,
        condition=condition,
        measure=PresentMeasure(column=column, unknown_values=UNKNOWN),
        trace="child_id_register" if mart == "register.dim_children" else "",
    )


def _supplied(field: str, words: str) -> ExpectationSpec:
    """How often each supplier fills one field of its feed."""
    return ExpectationSpec(
        suite=SUITE_NAME,
        name=f"completeness_supplied_{field}",
        sentence=f"Every supplier gives the {words} in nearly every record.",
        mart=COMPLETENESS_MART,
        condition=f"field_name = '{field}'",
        measure=ShareMeasure(
            numerator="sum(valid_count)",
            denominator="sum(row_count)",
            numerator_name=f"records with a usable {words}",
            denominator_name="records delivered",
            scope="supplier_code",
            scope_kind="supplier",
            least_denominator=20,
        ),
    )


def _episodes(
    name: str, sentence: str, words: str, condition: str, numerator: str
) -> ExpectationSpec:
    return ExpectationSpec(
        suite=SUITE_NAME,
        name=name,
        sentence=sentence,
        mart="register.fct_episodes",
        condition=condition,
        measure=ShareMeasure(
            numerator=f"count(*) filter (where {numerator})",
            denominator="count(*)",
            numerator_name=f"episodes with {words}",
            denominator_name="episodes",
            scope="collection_year",
            scope_kind="collection year",
            least_denominator=20,
        ),
        trace="episode_id_register",
    )


SUITE = SuiteSpec(
    name=SUITE_NAME,
    title="Completeness",
    introduction=(
        "Whether what the register says about children, places and absences is filled in. "
        "“Unknown” and “unmapped” count as not filled in."
    ),
    expectations=(
        _dimension(
            "completeness_authority_names",
            "Every authority has its name.",
            "register.dim_authorities",
            "authority_name",
            "authority_code_dfe <> 'unknown'",
        ),
        _dimension(
            "completeness_authority_regions",
            "Every authority lies in a region.",
            "register.dim_authorities",
            "region_code_ons",
            "authority_code_dfe <> 'unknown'",
        ),
        _dimension(
            "completeness_authority_forces",
            "Every authority has a police force.",
            "register.dim_authorities",
            "police_force_code",
            "authority_code_dfe <> 'unknown'",
        ),
        _dimension(
            "completeness_children_sex",
            "The sex of nearly every child is known.",
            "register.dim_children",
            "sex_code",
            "is_current",
        ),
        _dimension(
            "completeness_children_ethnicity",
            "The ethnic group of most children is known.",
            "register.dim_children",
            "ethnicity_group_code",
            "is_current",
        ),
        _dimension(
            "completeness_children_birth_year",
            "The year of birth of nearly every child is known.",
            "register.dim_children",
            "birth_year",
            "is_current",
        ),
        _dimension(
            "completeness_placements_type",
            "Every placement has its type.",
            "register.dim_placements",
            "placement_type_code",
        ),
        *(_supplied(field, words) for field, words in SUPPLIED_FIELDS.items()),
        _episodes(
            "completeness_episodes_duration",
            "Nearly every episode that has ended has a duration.",
            "a duration",
            "not is_open",
            "duration_days is not null",
        ),
        _episodes(
            "completeness_episodes_care_status",
            "For most episodes it is known whether the child was looked after.",
            "a known care status",
            "true",
            "care_status_code <> 'unknown'",
        ),
        _episodes(
            "completeness_episodes_host",
            "For most episodes it is known which authority's area the child went missing from.",
            "a known host authority",
            "true",
            "host_authority_code_dfe is not null and host_authority_code_dfe <> 'unknown'",
        ),
    ),
)
