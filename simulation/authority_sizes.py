"""The number of children and absences of each authority, from a DfE file or a seeded draw.

A target is the number that an authority records in a collection year. Rates of errors and of
reporting are in `plan`.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from simulation.draws import random_stream
from simulation.geography import POSTCODES_OF_ENGLAND, Geography
from simulation.local_authority_tool import is_interactive_tool
from simulation.plan import PlanError, SimulationPlan

NATIONAL_LOOKED_AFTER = 116_420
NATIONAL_HOME_CHILDREN = 59_000
LEAST_CHILDREN = 8  # looked after by an authority, however small
SUPPRESSED = 3  # assumed in place of a suppressed count, which is from 1 to 5
AWAY = "away from placement without authorisation"
MEASURES = {
    "looked_after": "Children looked after during the year",
    "missing_children": "Children who had a missing incident during the year",
    "missing_incidents": "Number of missing incidents during the year",
    "away_children": f"Children who were {AWAY} during the year",
    "away_incidents": f"Number of {AWAY} incidents during the year",
    "missing_average": "Average number of missing incidents per looked after child"
    " who went missing",
    "away_average": f"Average number of {AWAY} incidents per looked after child",
}


@dataclass(frozen=True)
class PublishedCount:
    """A published cell: its value, or the reason why it has no value."""

    value: float | None
    symbol: str

    @property
    def estimate(self) -> float:
        """The value; without one, the middle of the possible range if suppressed, otherwise 0."""
        if self.value is not None:
            return self.value
        return float(SUPPRESSED) if self.symbol == "c" else 0.0


def read_published(
    path: Path, year: int | None = None
) -> tuple[int, dict[str, dict[str, PublishedCount]]]:
    """Read a DfE authority file: its year, and cells by authority code and short measure name."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if not {"geographic_level", "time_period", "old_la_code"} <= set(reader.fieldnames or ()):
            raise PlanError(
                "the calibration file has neither the columns of the statistics by authority nor"
                " those of the Local Authority Interactive Tool"
            )
        rows = [row for row in reader if row["geographic_level"] == "Local authority"]
    if not rows:
        raise PlanError("the calibration file holds no rows at authority level")
    value_column = list(rows[0])[-1]
    measure_column = list(rows[0])[-2]
    chosen = year or max(int(row["time_period"]) for row in rows)
    names = {title: short for short, title in MEASURES.items()}
    counts_by_authority: dict[str, dict[str, PublishedCount]] = {}
    for row in rows:
        short = names.get(row[measure_column])
        if int(row["time_period"]) != chosen or short is None:
            continue
        text = row[value_column].strip()
        is_number = text.replace(".", "", 1).isdigit()
        cell = PublishedCount(float(text) if is_number else None, "" if is_number else text)
        counts_by_authority.setdefault(row["old_la_code"], {})[short] = cell
    if not counts_by_authority:
        raise PlanError("the calibration file holds no rows of the year asked for")
    return chosen, counts_by_authority


def set_targets(plan: SimulationPlan, geography: Geography) -> pd.DataFrame:
    """Return one row for each simulated authority, with yearly counts scaled to the plan.

    Columns: place, looked_after, missing_children, missing_incidents, away_children,
    away_incidents, home_children.
    """
    targets = _drawn_targets(plan, geography)
    if plan.calibration_file is not None and not is_interactive_tool(plan.calibration_file):
        _, published = read_published(plan.calibration_file, plan.calibration_year)
        codes = geography.places["authority_code"].iloc[targets["place"]].to_list()
        for row, code in zip(targets.index, codes, strict=True):
            if code in published and published[code]["looked_after"].value:
                for name, value in _from_cells(published[code]).items():
                    targets.loc[row, name] = value
    counts = targets.columns.drop("place")
    targets[counts] = targets[counts].astype(float) * plan.scale
    return targets


def _from_cells(cells: dict[str, PublishedCount]) -> dict[str, float]:
    """Return targets from published cells; suppressed cells are estimated from the others."""
    estimates = {name: cells[name].estimate for name in MEASURES if not name.endswith("average")}
    for kind in ("missing", "away"):
        incidents, children = cells[f"{kind}_incidents"], cells[f"{kind}_children"]
        average = cells[f"{kind}_average"].value
        if incidents.value is None and incidents.symbol == "c":
            estimates[f"{kind}_incidents"] = max(children.estimate * (average or 1.0), 1.0)
        elif children.value is None and children.symbol == "c" and incidents.value:
            guess = incidents.value / average if average else SUPPRESSED
            estimates[f"{kind}_children"] = float(np.clip(round(guess), 1, min(5, incidents.value)))
        if estimates[f"{kind}_incidents"] == 0:
            estimates[f"{kind}_children"] = 0.0
    return estimates


def _drawn_targets(plan: SimulationPlan, geography: Geography) -> pd.DataFrame:
    generator = random_stream(plan.seed, "targets")
    share = (
        geography.places["postcode_count"].to_numpy()[geography.simulated] / POSTCODES_OF_ENGLAND
    )
    count = len(share)
    looked_after = np.maximum(
        NATIONAL_LOOKED_AFTER * share * np.exp(generator.normal(0, 0.2, count)), LEAST_CHILDREN
    )
    missing_share = np.clip(generator.beta(9, 70, count), 0.04, 0.23)
    missing_children = looked_after * missing_share
    average = np.clip(generator.gamma(5, 6.5 / 5, count), 2.4, 14.3)
    without_away = generator.random(count) < plan.reporting_rates.authorities_without_away
    away_share = np.where(without_away, 0.0, np.exp(generator.normal(-2.5, 1.1, count)))
    away_share = np.minimum(away_share, 1.6)
    missing_incidents = missing_children * average
    away_incidents = missing_incidents * away_share
    return pd.DataFrame(
        {
            "place": geography.simulated,
            "looked_after": looked_after,
            "missing_children": missing_children,
            "missing_incidents": missing_incidents,
            "away_children": np.minimum(away_incidents / 3.0, missing_children * 0.8),
            "away_incidents": away_incidents,
            "home_children": NATIONAL_HOME_CHILDREN * share,
        }
    )
