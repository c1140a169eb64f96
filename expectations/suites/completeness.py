"""Completeness: are the dimensions and the facts filled in, and by whom are they not.

A value that is there and cannot be understood is conformance, not completeness.
"""

from __future__ import annotations

from expectations.suites.specs import (
    COLLECTION_YEAR,
    SUPPLIER,
    PresentMeasure,
    Rows,
    SuiteSpec,
    share_of_counts,
    share_of_rows,
    suite_of,
)

SUITE_NAME = "completeness"
UNKNOWN = ("unknown", "unmapped")
AUTHORITIES = Rows("register.dim_authorities", "authority_code_dfe <> 'unknown'")
CHILDREN = Rows("register.dim_children", "is_current", trace="child_id_register")
PLACEMENTS = Rows("register.dim_placements")
FIELDS = Rows("quality.agg_completeness_by_supplier")
EPISODES = Rows("register.fct_episodes", trace="episode_id_register")
# Columns of dimensions: short name, sentence, rows, column.
DIMENSIONS = (
    ("authority_names", "Every authority has its name.", AUTHORITIES, "authority_name"),
    ("authority_regions", "Every authority lies in a region.", AUTHORITIES, "region_code_ons"),
    ("authority_forces", "Every authority has a police force.", AUTHORITIES, "police_force_code"),
    ("children_sex", "The sex of nearly every child is known.", CHILDREN, "sex_code"),
    (
        "children_ethnicity",
        "The ethnic group of most children is known.",
        CHILDREN,
        "ethnicity_group_code",
    ),
    (
        "children_birth_year",
        "The year of birth of nearly every child is known.",
        CHILDREN,
        "birth_year",
    ),
    ("placements_type", "Every placement has its type.", PLACEMENTS, "placement_type_code"),
)
# Fields of the feeds that people rely on, in words.
SUPPLIED_FIELDS = {
    "sex": "sex",
    "ethnicity": "ethnicity",
    "dob": "date of birth",
    "found_at": "time found",
}
# Columns of episodes: short name, sentence, what is known in words, rows, condition.
EPISODE_FACTS = (
    (
        "duration",
        "Nearly every episode that has ended has a duration.",
        "a duration",
        EPISODES.where("not is_open"),
        "duration_days is not null",
    ),
    (
        "care_status",
        "For most episodes it is known whether the child was looked after.",
        "a known care status",
        EPISODES,
        "care_status_code <> 'unknown'",
    ),
    (
        "host",
        "For most episodes it is known which authority's area the child went missing from.",
        "a known host authority",
        EPISODES,
        "host_authority_code_dfe is not null and host_authority_code_dfe <> 'unknown'",
    ),
)
_expect = suite_of(SUITE_NAME)

SUITE = SuiteSpec(
    name=SUITE_NAME,
    title="Completeness",
    introduction=(
        "Whether what the register says about children, places and absences is filled in. "
        "“Unknown” and “unmapped” count as not filled in."
    ),
    expectations=(
        *(
            _expect(name, sentence, rows, PresentMeasure(column, UNKNOWN))
            for name, sentence, rows, column in DIMENSIONS
        ),
        *(
            _expect(
                f"supplied_{field}",
                f"Every supplier gives the {words} in nearly every record.",
                FIELDS.where(f"field_name = '{field}'"),
                share_of_counts(
                    (f"records with a usable {words}", "records delivered"),
                    ("sum(valid_count + other_count)", "sum(row_count)"),
                    SUPPLIER,
                ),
            )
            for field, words in SUPPLIED_FIELDS.items()
        ),
        *(
            _expect(
                f"episodes_{name}",
                sentence,
                rows,
                share_of_rows(f"episodes with {words}", condition, "episodes", COLLECTION_YEAR),
            )
            for name, sentence, words, rows, condition in EPISODE_FACTS
        ),
    ),
)
