"""The page of agreement: how much, where least, why, and how sure."""

from __future__ import annotations

from expectations.site import charts
from expectations.site.agreement_areas import least_section, regions_section, why_section
from expectations.site.agreement_time import (
    breaks_section,
    durations_section,
    lags_section,
    trend_section,
    unseen_section,
)
from expectations.site.contents import Contents
from expectations.site.rendering import Page, counted, percent, words
from expectations.site.sections import (
    Chart,
    Section,
    Table,
    absent,
    interval,
    number,
    sections_page,
)
from expectations.site.sources import Figures, Row

SHARE = "both_when_expected_share"


def agreement_page(contents: Contents) -> Page:
    """Where do the sources agree least and why, and how sure are we."""
    found = contents.statistics
    sections = [
        children_section(contents),
        _years(contents),
        _populations(found.populations),
        least_section(contents),
        regions_section(contents),
        why_section(contents),
        lags_section(found.lags),
        durations_section(found.durations),
        trend_section(contents),
        breaks_section(contents),
        unseen_section(found.unseen),
    ]
    path = "agreement.html"
    lead = (
        "Of the absences that both the police and an authority should hold, how many both do hold. "
        "An absence from home is not counted against an authority, which need not hold it."
    )
    return sections_page(path, "Agreement", lead, sections)


def children_section(contents: Contents) -> Section:
    """How many children went missing, by each source and by both."""
    figures = contents.statistics.children
    title = "How many children went missing, by each source and by both"
    if not figures.rows:
        return absent("children", title, figures)
    counts: dict[tuple[str, str], dict[str, Row]] = {}
    for row in figures.rows:
        key = (row["collection_year"], row["population_code"])
        counts.setdefault(key, {})[row["basis_code"]] = row
    rows = [
        [year, words(population), *_known(bases)] for (year, population), bases in counts.items()
    ]
    headings = [
        "Collection year",
        "Children",
        "#Known to the police",
        "#Known to an authority",
        "#Known to both",
        "#In the register",
        "#Absences in the register",
    ]
    text = (
        "Each child once, with at least one absence in the year. Known to both: those of each "
        "source less those of the register, which holds every child once."
    )
    table = Table("Children by the source that reported an absence", headings, rows)
    return Section("children", title, (text,), tables=(table,), sources=(figures.source,))


def _known(bases: dict[str, Row]) -> list[str]:
    police, authority, register = (
        bases[basis]["children_count"] if basis in bases else 0
        for basis in ("police", "authority", "register")
    )
    episodes = bases["register"]["episode_count"] if "register" in bases else None
    return [
        counted(value)
        for value in (police, authority, police + authority - register, register, episodes)
    ]


def _years(contents: Contents) -> Section:
    figures = contents.agreement
    drawn = charts.agreement_shares(figures.rows, "collection_year")
    rows = [
        [
            row["collection_year"],
            *(
                counted(row[f"{name}_count"])
                for name in ("both", "police_only", "authority_only", "total")
            ),
            percent(row["both_count"] / row["total_count"]),
        ]
        for row in figures.rows
    ]
    headings = ["Collection year", "#Both", "#Police only", "#Authority only", "#Absences"]
    return Section(
        "years",
        "Both, police only, authority only",
        charts=(Chart("Absences that both should hold, by who holds them", drawn),),
        tables=(Table("Agreement by collection year", [*headings, "#Share both"], rows),),
        sources=(contents.sampled(figures.source, "nation"),),
    )


def _populations(figures: Figures) -> Section:
    title = "From care, from home, out of area"
    if not figures.rows:
        return absent("populations", title, figures)
    rows = [
        [
            words(row["population_code"]),
            counted(row["both_expected_count"]),
            interval(row, SHARE),
            interval(row, "category_equal_share"),
            number(row["positive_agreement"]),
            number(row["category_kappa"]),
            number(row["category_ac1"]),
        ]
        for row in figures.rows
    ]
    headings = [
        "Absences of",
        "#Both should hold",
        "#Both do (95% interval)",
        "#Same category (95% interval)",
        "#Positive agreement",
        "#Kappa",
        "#AC1",
    ]
    text = (
        "Positive agreement is twice what both hold over what each holds. Kappa and AC1 compare "
        "missing with away beyond chance; where one prevails kappa is low however well they agree."
    )
    year = figures.rows[0]["collection_year"]
    table = Table(f"Agreement in {year} by whose absences they are", headings, rows)
    return Section("populations", title, (text,), tables=(table,), sources=(figures.source,))
