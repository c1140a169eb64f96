"""The page of national counts, by the old measure (over 24 hours) and the new (every absence).

It also has return interviews, repeated and open absences, and facts that the police alone record.
"""

from __future__ import annotations

from interfaces.quality_site.contents import Contents
from interfaces.quality_site.figures import Figures, read_nation
from interfaces.quality_site.sections import (
    Page,
    build_section,
    build_sections_page,
    code_to_label,
)

EVERY_AND_LOOKED_AFTER = "population_code in ('every_child', 'looked_after')"


def build_measures_page(contents: Contents) -> Page:
    """Build the page of national counts, with a section for each of five subjects."""
    by_year = "population_code, collection_year desc"
    # For each section: the mart, the condition for the rows shown, and their order.
    shown_marts = (
        (
            "measures",
            "agg_measures_by_area_year",
            f"{EVERY_AND_LOOKED_AFTER} and basis_code = 'register'",
            by_year,
        ),
        ("interviews", "agg_return_interviews_by_area_year", EVERY_AND_LOOKED_AFTER, by_year),
        ("repeats", "agg_repeat_absences_by_area_year", EVERY_AND_LOOKED_AFTER, by_year),
        (
            "police-facts",
            "agg_police_facts_by_area_year",
            f"population_code = 'every_child' and collection_year = '{contents.latest_year}'",
            "fact_code, episode_count desc, value_code",
        ),
        ("open", "agg_open_episodes_by_area", "is_latest", "population_code, most_days_open"),
    )
    sections = [
        build_section(
            f"measures.{anchor}",
            name_facts(read_nation(contents.published, mart, condition, order)),
        )
        for anchor, mart, condition, order in shown_marts
    ]
    lead = (
        "National figures, as the register counts them. The old measure counts looked-after "
        "children who were missing for more than 24 hours. The new measure counts every "
        "absence. A year in progress is marked with the day up to which each source has "
        "delivered; do not compare it with others."
    )
    return build_sections_page("measures.html", "Measures", lead, sections)


def name_facts(figures: Figures) -> Figures:
    """Add the fact's name to each row about a fact that only the police record."""
    for row in figures.rows:
        if "fact_code" in row:
            row["fact_name"] = code_to_label(row["fact_code"])
    return figures
