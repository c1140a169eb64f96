"""Categories of absences: away is the department's, no apparent risk is the police's."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.dbt.functions import evaluated


@pytest.mark.parametrize(
    ("category", "care", "police", "counted"),
    [
        ("missing", "looked_after", "missing", "missing"),
        ("missing", "home", "no_apparent_risk", "missing"),
        ("away", "looked_after", None, "away"),
        ("away", "looked_after", "no_apparent_risk", "away"),
        ("away", "home", "no_apparent_risk", "no_apparent_risk"),
        ("away", "home", None, "not_known"),
        ("no_apparent_risk", "home", "no_apparent_risk", "no_apparent_risk"),
        ("no_apparent_risk", "looked_after", "no_apparent_risk", "no_apparent_risk"),
        ("absent", None, "absent", "no_apparent_risk"),
        ("unmapped", "looked_after", "unmapped", "not_known"),
        (None, None, None, "not_known"),
    ],
)
def test_an_absence_is_counted_under_one_category(
    category: str | None, care: str | None, police: str | None, counted: str
) -> None:
    """Prevents a code that nobody knows from being missing, and a child at home from being away."""
    cases = pd.DataFrame([{"category": category, "care": care, "police": police}], dtype="string")
    found = evaluated(cases, counted="counted_category(category, care, police)")
    assert list(found["counted"]) == [counted]


@pytest.mark.parametrize(
    ("police", "severity", "level"),
    [
        ("missing", 1, "low"),
        ("missing", 2, "medium"),
        ("missing", 3, "high"),
        ("missing", None, "unknown"),
        ("no_apparent_risk", 3, "no_apparent"),
        ("absent", 1, None),
        ("unmapped", 1, None),
        (None, None, None),
    ],
)
def test_a_police_missing_incident_has_the_risk_level_of_its_reports(
    police: str | None, severity: int | None, level: str | None
) -> None:
    """Prevents an absence that was no missing incident from being one, or one without a level."""
    cases = pd.DataFrame({"police": pd.array([police], "string"), "severity": [severity]})
    found = evaluated(cases, level="incident_risk_level(police, cast(severity as integer))")
    assert [None if pd.isna(value) else value for value in found["level"]] == [level]
