"""The rows of a small nation, from which a release is drafted in seconds: four authorities.

Every row is invented. Counting, protecting and writing are the real ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from tests.statistics.invented_generation import Rows

# Code, ONS code, name, region and its name, force and its name.
AUTHORITIES = (
    ("202", "E09000007", "Camden", "E13000001", "Inner London", "E23000001"),
    ("301", "E09000002", "Barking and Dagenham", "E13000002", "Outer London", "E23000001"),
    ("372", "E08000018", "Rotherham", "E12000003", "Yorkshire and The Humber", "E23000011"),
    ("383", "E08000035", "Leeds", "E12000003", "Yorkshire and The Humber", "E23000010"),
)
FORCES = {
    "E23000001": "Metropolitan Police Service",
    "E23000010": "West Yorkshire Police",
    "E23000011": "South Yorkshire Police",
}
CHILDREN = 360
# Three children of this authority alone were away: their counts are hidden.
FEW_AWAY = "372"
OLD = date(2009, 4, 1)
YEAR = "2025-26"
LONDON, IN_LONDON = "E12000007", "E13"
IN_CARE = 1000
RESIDENTS = 30_000
# How many links the strict threshold loses, and the loose one wins.
LINKS = 12


def rows_of_nation(moved: frozenset[str] = frozenset()) -> dict[str, Rows]:
    """Return the rows of each relation; `moved` are authorities whose durations are others."""
    episodes = list(_episodes(moved))
    return {
        "fct_publication_episodes": episodes,
        "dim_authorities": [
            {
                "authority_version_id": f"{code}-2009",
                "authority_code_dfe": code,
                "authority_code_ons": code_ons,
                "authority_name": name,
                "region_code_ons": region,
                "region_name": region_name,
                "police_force_code": force,
                "valid_from": OLD,
            }
            for code, code_ons, name, region, region_name, force in AUTHORITIES
        ],
        "dim_police_forces": [
            {"police_force_code": code, "police_force_name": name, "valid_from": OLD}
            for code, name in FORCES.items()
        ],
        "agg_supplier_coverage_by_period": list(_periods()),
        "agg_measures_by_area_year": [
            {
                "area_level_code": level,
                "area_code": area,
                "collection_year": YEAR,
                "population_code": "looked_after",
                "looked_after_children_count": count * IN_CARE,
            }
            for level, area, count in _areas()
        ],
        "agg_agreement_by_linkage": list(_links(episodes)),
        "rates_by_area_year": [
            {
                "area_level_code": level,
                "area_code": area,
                "collection_year": YEAR,
                "population_code": "every_child",
                "measure_code": "children_missing",
                "denominator_count": count * RESIDENTS,
            }
            for level, area, count in (*_areas(), *_forces())
        ],
        "areas": [
            {"area_level_code": level, "area_code": area, "area_name": area}
            for level, area, _ in _areas()
        ],
    }


def _areas() -> Iterator[tuple[str, str, int]]:
    """Level, code and number of authorities of each area."""
    yield "nation", "E92000001", len(AUTHORITIES)
    regions = [one[3] for one in AUTHORITIES]
    for region in sorted(set(regions)):
        level = "sub_region" if region.startswith(IN_LONDON) else "region"
        yield level, region, regions.count(region)
    yield "region", LONDON, sum(region.startswith(IN_LONDON) for region in regions)
    for code, *_ in AUTHORITIES:
        yield "authority", code, 1


def _forces() -> Iterator[tuple[str, str, int]]:
    """Level, code and number of authorities of each force."""
    for force in FORCES:
        yield "police_force", force, sum(one[5] == force for one in AUTHORITIES)


def _episodes(moved: frozenset[str]) -> Iterator[dict[str, Any]]:
    for place, (code, _, _, region, _, force) in enumerate(AUTHORITIES):
        for child in range(CHILDREN):
            for number in range(1 + child % 3):
                yield _episode(code, region, force, place * CHILDREN + child, number, code in moved)


def _episode(  # noqa: PLR0917 - the facts that a row follows from
    code: str, region: str, force: str, child: int, number: int, is_moved: bool
) -> dict[str, Any]:
    turn = child + number
    source = ("both", "both", "police_only", "authority_only")[turn % 4]
    is_in_care = child % 3 > 0
    each = CHILDREN // 3 if code == FEW_AWAY else 3
    by_police, by_authority = source != "authority_only", source != "police_only"
    interview = ("yes", "no", "unknown")[turn % 3]
    interview_held = ("yes", "no")[turn % 2]
    return {
        "episode_id_register": f"E{child:05}{number}",
        "child_id_register": f"C{child:05}",
        "reporting_year": 2026,
        "authority_code_dfe": code,
        "region_code": region,
        "police_force_code": force if by_police else None,
        "same_area": "yes" if by_police else None,
        "care_status": "looked_after" if is_in_care else "not_looked_after",
        "absence_category": "away" if child % each == 2 else "missing",
        "source_status": source,
        "is_expected_both": "yes" if is_in_care else "no",
        "age_group": ("10_to_15", "16_and_17")[child % 2],
        "sex": ("female", "male")[child // 2 % 2],
        "ethnicity_major": ("white", "black", "asian")[child % 3],
        "placement": ("foster", "childrens_home")[child % 2] if is_in_care else "none",
        "boundary": ("inside", "outside")[child % 2] if is_in_care else "none",
        "duration_band": "unknown" if is_moved else "under_1_day",
        "reason_code": None if source == "both" else ("D0", "D4")[turn % 2],
        "category_police": "missing" if by_police else None,
        "category_authority": "missing" if by_authority else None,
        "police_risk_level": "medium" if by_police else "none",
        "interview_offered": interview,
        "interview_accepted": interview_held if interview == "yes" else None,
        "interview_held": interview_held,
        "interview_within_72_hours": "yes" if interview_held == "yes" else None,
        "hours_band": "unknown" if is_moved else "24_to_48_hours",
        "over_24_hours_lower": "no" if is_moved else "yes",
        "over_24_hours_upper": "yes",
        "start_month": f"{1 + turn % 12:02}",
        "outcome": ("found_safe", "found", "harmed")[turn % 3],
        "legal_status": ("care_order", "accommodated")[child % 2] if is_in_care else "none",
        "unaccompanied": ("no", "no", "no", "yes")[child % 4],
        "trafficking_risk": ("no", "yes", "unknown")[turn % 3] if by_police else "none",
    }


def _periods() -> Iterator[dict[str, Any]]:
    """Every period that was expected, delivered in time."""
    ends = [date(2025, 6, 30), date(2025, 9, 30), date(2025, 12, 31), date(2026, 3, 31)]
    feeds = {"authority_extract": [one[0] for one in AUTHORITIES], "police_reports": list(FORCES)}
    for feed, suppliers in feeds.items():
        for supplier in suppliers:
            for end in ends:
                yield {
                    "supplier_code": supplier,
                    "feed": feed,
                    "period_end": end,
                    "is_expected": True,
                    "is_delivered": True,
                    "is_late": False,
                }


def _areas_of(region: str) -> set[str]:
    """The codes of the region, of what contains it, and of the nation."""
    return {"E92000001", region, LONDON if region.startswith(IN_LONDON) else region}


def _links(episodes: Rows) -> Iterator[dict[str, Any]]:
    for level, area, _ in _areas():
        if level == "authority":
            continue
        inside = [row for row in episodes if area in _areas_of(row["region_code"])]
        share = LINKS * len(inside) // len(episodes)
        counts = {
            status: sum(1 for row in inside if row["source_status"] == status)
            for status in ("both", "police_only", "authority_only")
        }
        for linkage, sign in (("strict", -1), ("loose", 1)):
            yield {
                "area_level_code": level,
                "area_code": area,
                "collection_year": YEAR,
                "population_code": "every_child",
                "linkage_code": linkage,
                "both_count": counts["both"] + sign * share,
                "police_only_count": counts["police_only"] - sign * share,
                "authority_only_count": counts["authority_only"] - sign * share,
            }
