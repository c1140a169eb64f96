"""Figures for the quality page, by the quality dimensions of the European Statistical System.

The words of the page are in `templates/quality.md.j2`.
"""

from __future__ import annotations

from collections.abc import Mapping

from official_statistics.documents.facts import Confidentiality, QualityFacts, ReleaseFacts
from official_statistics.documents.public_files import (
    NATIONAL,
    PublicFile,
    format_count,
    parse_number,
    read_place,
)

MAX_BREAKS = 40
FEEDS = {
    "police_reports": "police reports",
    "authority_extract": "case records",
    "authority_return": "annual return",
}
DIRECTIONS = {"up": "higher", "down": "lower", "unknown": "not known"}
Files = Mapping[str, PublicFile]


def describe_quality(facts: ReleaseFacts, quality: QualityFacts, files: Files) -> dict[str, object]:
    """Return the figures of the quality page, without the department's counts and hidden cells."""
    year, coverage = facts.year, files["source_coverage"]
    estimates = [
        parse_number(files["agreement_coefficients"].read_national(year, f"absence_estimate{end}"))
        for end in ("", "_lower", "_upper")
    ]
    released = facts.release_at.date() if facts.release_at else None
    return {
        "coverage": [
            row
            for row in coverage.rows
            if row["time_period"] == str(year) and row["geographic_level"] == NATIONAL
        ],
        "linkage": [
            row
            for row in files["linkage_quality"].rows
            if parse_number(row["precision_percent"]) is not None
        ],
        "unknown_sex": _read_unknown_sex(facts, files),
        "estimate": None if None in estimates else estimates,
        "days_after_year": (released - released.replace(year, 3, 31)).days if released else None,
        "late": parse_number(coverage.read_national(year, "period_late_count")),
        "breaks": quality.breaks,
        "max_breaks": MAX_BREAKS,
        "supplier_names": dict(read_place(row) for row in coverage.rows),
        "feeds": FEEDS,
        "directions": DIRECTIONS,
    }


def count_hidden_cells(confidentiality: Confidentiality) -> dict[str, float]:
    """Return the number of counts in all files, the number hidden, and the percentage."""
    cells = sum(file.cells for file in confidentiality.files.values())
    hidden = sum(file.first + file.second for file in confidentiality.files.values())
    percent = 100 * hidden / cells if cells else 0
    return {"cell_count": cells, "hidden_count": hidden, "hidden_percent": percent}


def summarise_quality(facts: ReleaseFacts, files: Files) -> list[str]:
    """Return the strengths and limits in three sentences, with the figures that are shown."""
    both = parse_number(
        files["agreement_by_area"].read_national(
            facts.year, "episode_percent", source_status="Both sources"
        )
    )
    agreement = "the share that both recorded is not shown"
    if both is not None:
        agreement = f"both recorded {both:.1f}% of episodes"
    return [
        "Every record that police forces and local authorities delivered is counted once, "
        "and is linked to one child by name, date of birth and place.",
        f"Suppliers delivered {_read_coverage(facts, files)} of the periods expected of them. "
        "What was not delivered is shown as not available (x), never as 0.",
        f"Police and local authorities differ ({agreement}), so counts from one of them alone "
        "would miss many episodes.",
    ]


def _read_coverage(facts: ReleaseFacts, files: Files) -> str:
    expected, delivered = (
        parse_number(files["source_coverage"].read_national(facts.year, f"period_{kind}_count"))
        for kind in ("expected", "delivered")
    )
    if not expected or delivered is None:
        return "an unknown number"
    share = f"{100 * delivered / expected:.1f}%"
    return f"{format_count(delivered)} of {format_count(expected)} ({share})"


def _read_unknown_sex(facts: ReleaseFacts, files: Files) -> str:
    text = files["missing_children_by_characteristic"].read_national(
        facts.year, "child_percent", breakdown_topic="Sex", breakdown="Unknown"
    )
    return f"{text}%" if parse_number(text) is not None else f"a hidden share ({text})"
