"""The targets of each year: authorities that differ and change over the years.

The rate of an authority is the share of its looked-after children who have a missing incident in a
year. Rates are constant, or drawn with the parameters of `england_rates.yaml`, or those that the
department published (`local_authority_tool`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from register.yaml_file import read_yaml
from simulation.authority_sizes import LEAST_CHILDREN, set_targets
from simulation.calendar import year_start
from simulation.draws import Floats, random_stream
from simulation.geography import Geography
from simulation.local_authority_tool import (
    LOOKED_AFTER,
    MISSING,
    UNACCOMPANIED,
    fill_years,
    is_interactive_tool,
    read_interactive_tool,
)
from simulation.plan import SimulationPlan

PARAMETERS = Path(__file__).with_name("england_rates.yaml")
# Looked-after children during a year for each of them on 31 March: England's counts, 2020 to 2024.
DURING_YEAR = 1.37
# The share of unaccompanied children in a nation whose authorities do not differ.
USUAL_UNACCOMPANIED = 0.052
FOLLOWING_CHILDREN = ["missing_children", "missing_incidents", "away_children", "away_incidents"]

YearlyTargets = dict[int, pd.DataFrame]


def read_parameters() -> dict[str, Any]:
    """Return the parameters of authorities that differ as England's do."""
    parameters: dict[str, Any] = read_yaml(PARAMETERS)
    return parameters


def set_yearly_targets(plan: SimulationPlan, geography: Geography) -> YearlyTargets:
    """Return the targets of each simulated year (`authority_sizes.set_targets`).

    Further columns: `unaccompanied_factor` multiplies the chance that a child is unaccompanied;
    `missing_share` is the rate (NaN if constant); `rate_source` is constant, drawn, published,
    interpolated or mean.
    """
    targets = set_targets(plan, geography).assign(
        unaccompanied_factor=1.0, missing_share=np.nan, rate_source="constant"
    )
    path = plan.calibration_file
    if path is not None and is_interactive_tool(path):
        return _publish_rates(plan, geography, targets)
    if plan.authority_rates == "england":
        return _draw_rates(plan, targets)
    return dict.fromkeys(plan.years, targets)


def _publish_rates(
    plan: SimulationPlan, geography: Geography, targets: pd.DataFrame
) -> YearlyTargets:
    """Return targets with the rate, size and unaccompanied children that were published."""
    assert plan.calibration_file is not None
    places = geography.places.iloc[targets["place"]]
    names = dict(zip(places["authority_code"], places["name"], strict=True))
    filled = fill_years(read_interactive_tool(plan.calibration_file), names, plan.years)
    figures = pd.concat(filled)
    is_known = figures[LOOKED_AFTER] > 0
    shares = (figures[UNACCOMPANIED] / figures[LOOKED_AFTER])[is_known]
    factors = shares.groupby(level=0).mean() / USUAL_UNACCOMPANIED
    yearly: YearlyTargets = {}
    for year in plan.years:
        rows = figures.xs(year, level=1).loc[list(names)].set_index(targets.index)
        size = (rows[LOOKED_AFTER] * DURING_YEAR).clip(lower=LEAST_CHILDREN) * plan.scale
        yearly[year] = targets.assign(
            looked_after=size.where(rows[LOOKED_AFTER].notna(), targets["looked_after"]),
            unaccompanied_factor=factors.reindex(list(names)).fillna(1.0).to_numpy(),
            missing_share=rows[MISSING] / 100,
            rate_source=rows["source"],
        )
    return yearly


def _draw_rates(plan: SimulationPlan, targets: pd.DataFrame) -> YearlyTargets:
    """Return targets whose sizes and rates are drawn as England's authorities differ."""
    generator = random_stream(plan.seed, "yearly rates")
    model = read_parameters()
    count = len(targets)
    log_size = np.log(targets["looked_after"].to_numpy() / plan.scale)
    log_share = model["unaccompanied_spread"] * generator.normal(0, 1, count)
    factor = np.exp(log_share - model["unaccompanied_spread"] ** 2 / 2)
    factor *= model["unaccompanied_percent"] / 100 / USUAL_UNACCOMPANIED
    level = model["missing_per_log_size"] * (
        log_size - np.log(DURING_YEAR) - model["log_size_mean"]
    )
    level += model["missing_per_log_unaccompanied"] * log_share
    level += model["missing_level_spread"] * generator.normal(0, 1, count)
    correlation = model["missing_change_correlation"]
    change = generator.normal(0, 1, count)
    yearly: YearlyTargets = {}
    for year in plan.years:
        middle = _read_series(model["missing_percent"], year) / 100
        odds = np.log(middle / (1 - middle)) + level + model["missing_change_spread"] * change
        size = np.exp(log_size) * _read_series(model["looked_after_index"], year)
        yearly[year] = targets.assign(
            looked_after=np.maximum(size, LEAST_CHILDREN) * plan.scale,
            unaccompanied_factor=factor,
            missing_share=1 / (1 + np.exp(-odds)),
            rate_source="drawn",
        )
        step = np.sqrt(1 - correlation**2) * generator.normal(0, 1, count)
        change = correlation * change + step
        log_size = log_size + model["size_change_spread"] * generator.normal(0, 1, count)
    return yearly


def _read_series(values: dict[int, float], year: int) -> float:
    """Return the value of a collection year, or of the nearest year with a value."""
    return float(np.interp(year + 1, list(values), list(values.values())))


def count_unpublished(yearly: YearlyTargets) -> int | None:
    """Return how many rates were not published, or None if no publication gave the others."""
    sources = pd.concat(yearly.values())["rate_source"]
    if not sources.isin(["published", "interpolated", "mean"]).any():
        return None
    return int((sources != "published").sum())


def count_looked_after(periods: pd.DataFrame, year: int) -> pd.Series:
    """Return how many children each place looked after in a year, without short breaks."""
    is_in_year = (periods["start_day"] < year_start(year + 1)) & (
        periods["end_day"] >= year_start(year)
    )
    counted = periods[is_in_year & ~periods["is_short_break"].astype(bool)]
    return counted.groupby("place")["person"].nunique()


def follow_rates(
    plan: SimulationPlan, yearly: YearlyTargets, periods: pd.DataFrame
) -> YearlyTargets:
    """Return the targets with counts that follow from rates and the children who were drawn.

    If a rate was published, it is the share itself. If it was drawn, it is the chance of each
    child, so that the share differs from it at random.
    """
    generator = random_stream(plan.seed, "missing children")
    return {
        year: _follow_shares(generator, targets, count_looked_after(periods, year))
        if targets["missing_share"].notna().all()
        else targets
        for year, targets in yearly.items()
    }


def _follow_shares(
    generator: np.random.Generator, targets: pd.DataFrame, looked_after: pd.Series
) -> pd.DataFrame:
    counts = looked_after.reindex(targets["place"], fill_value=0).to_numpy()
    shares = targets["missing_share"].to_numpy()
    drawn = generator.binomial(counts, shares)
    is_drawn = (targets["rate_source"] == "drawn").to_numpy()
    children: Floats = np.where(is_drawn, drawn, counts * shares)
    factor = children / targets["missing_children"].to_numpy()
    return targets.assign(
        **{name: targets[name].to_numpy() * factor for name in FOLLOWING_CHILDREN}
    )
