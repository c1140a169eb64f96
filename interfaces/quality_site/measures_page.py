"""The page of measures: the old and the new one, return interviews, repeats, open now."""

from __future__ import annotations

from interfaces.quality_site.contents import Contents
from interfaces.quality_site.figures import read_nation
from interfaces.quality_site.measure_names import measure_name
from interfaces.quality_site.sections import (
    Page,
    TableSection,
    bounds,
    count_of,
    delivered_of,
    interval_of,
    possible_share,
    sections_page,
    text_of,
    words,
    words_of,
)

EVERY_AND_LOOKED_AFTER = "population_code in ('every_child', 'looked_after')"
BY_YEAR = "population_code, collection_year desc"
MEASURES = TableSection(
    "measures",
    "The old and the new measure",
    "Over 24 hours is bounded: who certainly was away for longer, and who may have been. An open "
    "record, or an entry made when work was done, makes nobody certain.",
    "The old and the new measure, England",
    {
        "Collection year": text_of("collection_year"),
        "Delivered": delivered_of,
        "Children": words_of("population_code"),
        "#Over 24 hours: children": lambda row: bounds(
            row["over_24_hours_children_count_lower"], row["over_24_hours_children_count_upper"]
        ),
        "#Over 24 hours: absences": lambda row: bounds(
            row["over_24_hours_episode_count_lower"], row["over_24_hours_episode_count_upper"]
        ),
        f"#{measure_name('children_missing')}": count_of("missing_children_count"),
        f"#{measure_name('episodes_missing')}": count_of("missing_episode_count"),
        f"#{measure_name('children_away')}": count_of("away_children_count"),
        f"#{measure_name('episodes_away')}": count_of("away_episode_count"),
        f"#{measure_name('children_no_apparent_risk')}": count_of(
            "no_apparent_risk_children_count"
        ),
        f"#{measure_name('episodes_no_apparent_risk')}": count_of("no_apparent_risk_episode_count"),
    },
)
INTERVIEWS = TableSection(
    "interviews",
    "Return interviews",
    "Of absences that ended. What is not known stays in the denominator, so that each share is the "
    "least that can be said. Within 72 hours is of interviews held whose times decide it. The "
    "hours run from the return as the police know it, or else from the authority's own end. "
    "Possible is of all.",
    "Return interviews, England",
    {
        "Collection year": text_of("collection_year"),
        "Delivered": delivered_of,
        "Children": words_of("population_code"),
        "#Absences ended": count_of("closed_count"),
        "#Offered": interval_of("offered_share"),
        "#Accepted, of offered": interval_of("accepted_share"),
        "#Held": interval_of("held_share"),
        "#Within 72 hours": interval_of("within_72_hours_share"),
        "#Possible": possible_share("within_72_hours_share"),
        "#Possible by the police": possible_share("within_72_hours_police_share"),
        "#Possible by the authority": possible_share("within_72_hours_authority_share"),
        "#Not known whether held": count_of("held_unknown_count"),
    },
)
REPEATS = TableSection(
    "repeats",
    "Repeat absences",
    "A third absence within 90 days is the trigger that areas use; a few children account for many "
    "absences.",
    "Repeat absences, England",
    {
        "Collection year": text_of("collection_year"),
        "Delivered": delivered_of,
        "Children": words_of("population_code"),
        "#Children with an absence": count_of("children_count"),
        "#More than once in the year": interval_of("repeat_children_share"),
        "#A third in 90 days": interval_of("third_children_share"),
        "#Most absences of one child": count_of("most_episode_count"),
    },
)
OPEN = TableSection(
    "open",
    "Open now",
    "Absences that no record closes by the last day that deliveries speak of; of these, who was "
    "certainly away and who may have been.",
    "Open now, England",
    {
        "Open for": words_of("open_band_code"),
        "Children": words_of("population_code"),
        "#Children open": count_of("children_count"),
        "#Certainly and possibly away": lambda row: bounds(
            row["children_count_lowest"], row["children_count_highest"]
        ),
        "#Absences": count_of("episode_count"),
        "#Known to both": count_of("both_sources_episode_count"),
        "#Most days": count_of("most_days_open"),
    },
)

FACT_WORDS = {
    "cce_flag": "Criminal exploitation suspected",
    "cse_flag": "Sexual exploitation suspected",
    "fatal_flag": "Died",
    "harm_flag": "Came to harm",
    "mental_health_flag": "Mental health a factor",
    "trafficking_flag": "Trafficking suspected",
    "risk_level": "Risk level of police missing incidents",
    "prevention_interview": "Prevention interview by the police",
    "transfer": "Handed to another force",
}
POLICE_FACTS = TableSection(
    "police-facts",
    "Harm, exploitation and how children were found",
    "What the police alone record, of absences with a police report. A share is of those of which "
    "they recorded it; what is not known is in no share.",
    "Facts of the police in {collection_year}, England",
    {
        "Fact": lambda row: FACT_WORDS.get(row["fact_code"], words(row["fact_code"])),
        "Value": words_of("value_code"),
        "#Children": count_of("children_count"),
        "#Absences": count_of("episode_count"),
        "#Of those recorded (95% interval)": interval_of("stated_share"),
    },
)


def measures_page(contents: Contents) -> Page:
    """What is counted by the old and the new measure, and what follows an absence."""
    # The section of each mart, the rows shown and their order.
    shown = (
        (
            MEASURES,
            "agg_measures_by_area_year",
            f"{EVERY_AND_LOOKED_AFTER} and basis_code = 'register'",
            BY_YEAR,
        ),
        (INTERVIEWS, "agg_return_interviews_by_area_year", EVERY_AND_LOOKED_AFTER, BY_YEAR),
        (REPEATS, "agg_repeat_absences_by_area_year", EVERY_AND_LOOKED_AFTER, BY_YEAR),
        (
            POLICE_FACTS,
            "agg_police_facts_by_area_year",
            f"population_code = 'every_child' and collection_year = '{contents.latest}'",
            "fact_code, episode_count desc, value_code",
        ),
        (OPEN, "agg_open_episodes_by_area", "is_latest", "population_code, most_days_open"),
    )
    sections = [
        section.of(read_nation(contents.published, mart, condition, order))
        for section, mart, condition, order in shown
    ]
    lead = (
        "National figures by the register's own account. The old measure counts looked-after "
        "children missing for more than 24 hours, the new one every absence. A year in progress is "
        "marked with the day up to which each source has delivered; do not compare it with others."
    )
    return sections_page("measures.html", "Measures", lead, sections)
