"""`python -m benchmarks.authority_rates`: authorities' rates of missing children, beside England's.

`fit` computes the parameters of `simulation/england_rates.yaml` from the department's Local
Authority Interactive Tool. `measure` draws nations of all authorities in the file's years, without
writing deliveries, and compares the share of looked-after children missing, by authority and year.
`constant` has the rates of the demonstration, `england` has drawn rates, `calibrated` has the rates
of the file. For comparison, in `national` each child has the national rate of the year. Of several
seeds, the worst figure is shown.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
import typer
from scipy.optimize import least_squares

from benchmarks.measured_pages import markdown_table
from simulation import (
    SimulationPlan,
    make_nation,
    measure_rates,
    read_interactive_tool,
    read_parameters,
)

app = typer.Typer(add_completion=False)
MISSING = "looked_after_missing_percent"
SIZE = "looked_after_at_31_march"
UNACCOMPANIED = "unaccompanied_at_31_march"
# Looked-after children during a year for each of them on 31 March: England's counts, 2020 to 2024.
DURING_YEAR = 1.37
# Half of the unit in which the file's percentages are rounded, as a share.
ROUNDING = 0.005
KINDS = ("national", "constant", "england", "calibrated")
HEADINGS = {
    "mean": "mean, %",
    "spread": "standard deviation between authorities",
    "trend": "mean difference of a year's mean",
    "persistence": "correlation of successive years",
    "difference": "mean difference of an authority's year",
    "agreeing": "within sampling error",
    "rank": "rank correlation",
}
DECIMALS = {"persistence": 2, "agreeing": 3, "rank": 2}


def fit_parameters(published: pd.DataFrame) -> dict[str, Any]:
    """Return the parameters of authorities' rates, fitted to those with a rate in each year.

    A rate of 0 counts as none: in an authority of some size, it stands for data not supplied. The
    log odds of a rate are the year's mean, a part explained by size and unaccompanied children
    (least squares), a constant rest, and a rest with autocorrelation. The variance of sampling and
    rounding is subtracted.
    """
    table = published[(published[SIZE] > 0) & (published[MISSING] > 0)].reset_index()
    years = sorted(int(year) for year in table["year"].unique())
    has_all = table.groupby("authority_code")[MISSING].transform("count") == len(years)
    table = table[has_all].copy()
    rate = table[MISSING] / 100
    table["odds"] = np.log(rate / (1 - rate))
    middle = table.groupby("year")["odds"].mean()
    table["rest"] = table["odds"] - table["year"].map(middle)
    # A count that is not published is from 1 to 5.
    table["share"] = np.log((table[UNACCOMPANIED].fillna(2) + 0.5) / table[SIZE])
    table["share"] -= table["year"].map(table.groupby("year")["share"].mean())
    own = table.groupby("authority_code").agg({"rest": "mean", SIZE: "mean", "share": "mean"})
    design = np.column_stack([np.ones(len(own)), np.log(own[SIZE]), own["share"]])
    weights = np.linalg.lstsq(design, own["rest"].to_numpy(), rcond=None)[0]
    wide = table.pivot(index="authority_code", columns="year", values="rest")
    covariance = wide.sub(pd.Series(design @ weights, own.index), axis=0).cov().to_numpy()
    noise = 1 / (table[SIZE] * DURING_YEAR * rate * (1 - rate))
    noise += ROUNDING**2 / 3 / (rate * (1 - rate)) ** 2
    level, change, correlation = _fit_covariance(covariance, float(noise.mean()))
    return {
        "missing_percent": {
            year + 1: round(float(100 / (1 + np.exp(-middle[year]))), 1) for year in years
        },
        "missing_per_log_size": round(float(weights[1]), 3),
        "missing_per_log_unaccompanied": round(float(weights[2]), 3),
        "missing_level_spread": round(level, 3),
        "missing_change_spread": round(change, 3),
        "missing_change_correlation": round(correlation, 2),
        **_fit_sizes(published),
        "log_size_mean": round(float(np.log(own[SIZE]).mean()), 1),
        "unaccompanied_spread": round(float(own["share"].std()), 2),
    }


def _fit_sizes(published: pd.DataFrame) -> dict[str, Any]:
    """Return the parameters of looked-after children; sums include authorities of former years."""
    sizes = published[SIZE].unstack("year")
    totals = sizes.sum()
    base = totals[totals.index[-2]]
    growth = pd.DataFrame(np.log(sizes.where(sizes > 0))).diff(axis=1)
    deviations = (growth - growth.mean()).abs().to_numpy()
    unaccompanied = published[UNACCOMPANIED].unstack("year").sum() / totals
    middle = float(np.nanmedian(deviations))
    return {
        "looked_after_index": {
            year + 1: round(float(totals[year] / base), 3) for year in totals.index
        },
        # Robust: the standard deviation of a normal distribution with the same median.
        "size_change_spread": round(middle * 1.4826, 3),
        "unaccompanied_percent": round(float(unaccompanied.mean()) * 100, 1),
    }


def _fit_covariance(covariance: np.ndarray, noise: float) -> tuple[float, float, float]:
    """Return the spread of the level and of the change, and the correlation of the change."""
    lags = np.arange(len(covariance))
    means = np.array([np.diagonal(covariance, lag).mean() for lag in lags])
    means[0] -= noise

    def compute_misfits(values: np.ndarray) -> np.ndarray:
        return (values[0] + values[1] * values[2] ** lags - means) * np.sqrt(len(lags) - lags)

    level, change, correlation = least_squares(
        compute_misfits, [0.05, 0.07, 0.7], bounds=([0, 0, 0], [1, 1, 0.99])
    ).x
    return float(np.sqrt(level)), float(np.sqrt(change)), float(correlation)


def draw_shares(path: Path, published: pd.DataFrame, kind: str, seed: int) -> pd.DataFrame:
    """Return the looked-after children and the share missing of one nation, as `published`."""
    if kind == "national":
        size = (published[SIZE] * DURING_YEAR).round().astype(int)
        year = published.index.get_level_values("year")
        counts = size * published[MISSING]
        rate = counts.groupby(year).sum() / size.groupby(year).sum() / 100
        drawn = np.random.default_rng(seed).binomial(size, rate.loc[year].to_numpy())
        return pd.DataFrame({"size": size, "share": drawn / size})
    years = published.index.unique("year")
    plan = SimulationPlan(
        seed=seed,
        share=1,
        first_year=int(years.min()),
        year_count=len(years),
        calibration_file=path if kind == "calibrated" else None,
        authority_rates="england" if kind == "england" else "constant",
    )
    rates = measure_rates(make_nation(plan, lambda _: None))
    rates["year"] = rates["collection_year"].str[:4].astype(int)
    rates = rates.rename(columns={"authority_code_dfe": "authority_code"})
    rates = rates.set_index(["authority_code", "year"]).reindex(published.index)
    return pd.DataFrame({"size": rates["looked_after_count"], "share": rates["missing_share"]})


def compare_shares(published: pd.DataFrame, drawn: pd.DataFrame) -> dict[str, float]:
    """Return the figures of `HEADINGS`; shares are in percentage points."""
    share, rate = drawn["share"] * 100, published[MISSING]
    year = rate.index.get_level_values("year")
    wide = share.unstack("year")
    deviation = wide - wide.mean()
    pairs = [
        deviation[before].corr(deviation[after])
        for before, after in zip(wide.columns[:-1], wide.columns[1:], strict=True)
    ]
    truth = rate / 100
    error = 1.96 * np.sqrt(truth * (1 - truth) / drawn["size"]) + ROUNDING
    # Rates of 0 allow no sampling error: compare with the rate of one child.
    error = np.maximum(error, 1 / drawn["size"] + ROUNDING)
    ranks = [group.corr(rate.loc[group.index], "spearman") for _, group in share.groupby(year)]
    yearly = share.groupby(year).mean() - rate.groupby(year).mean()
    return {
        "mean": float(share.mean()),
        "spread": float(share.groupby(year).std().mean()),
        "trend": float(yearly.abs().mean()),
        "persistence": float(np.mean(pairs)),
        "difference": float((share - rate).abs().mean()),
        "agreeing": float(((drawn["share"] - truth).abs() <= error).mean()),
        "rank": float(np.nanmean(ranks)),
    }


def select_comparable(published: pd.DataFrame) -> pd.DataFrame:
    """Return the years with a rate of the authorities that a simulated nation has."""
    places = make_nation(
        SimulationPlan(share=1, year_count=1, population_scale=0.01), lambda _: None
    )
    codes = set(places.geography.places["authority_code"])
    is_simulated = published.index.get_level_values("authority_code").isin(codes)
    known = published[is_simulated & published[MISSING].notna() & (published[SIZE] > 0)]
    return known.sort_index()


def find_worst(values: list[float], goal: float) -> float:
    """Return the value farthest from what was published."""
    return max(values, key=lambda value: abs(value - goal))


@app.command("fit")
def print_parameters(
    file: Annotated[Path, typer.Argument(exists=True, help="the department's tool, as CSV")],
) -> None:
    """Fit the parameters, and print them beside those of the simulation."""
    parameters = read_parameters()
    for name, value in fit_parameters(read_interactive_tool(file)).items():
        typer.echo(f"{name}: {value} (in the simulation: {parameters[name]})")


@app.command("measure")
def print_figures(
    file: Annotated[Path, typer.Argument(exists=True, help="the department's tool, as CSV")],
    seeds: Annotated[list[int], typer.Option("--seed", help="seed; several may be given")],
) -> None:
    """Draw a nation of each kind for each seed, and print the worst figures."""
    published = select_comparable(read_interactive_tool(file))
    drawn = pd.DataFrame({"size": published[SIZE] * DURING_YEAR, "share": published[MISSING] / 100})
    goal = compare_shares(published, drawn)
    rows = [["published", *(f"{goal[name]:.{DECIMALS.get(name, 1)}f}" for name in HEADINGS)]]
    for kind in KINDS:
        figures = [
            compare_shares(published, draw_shares(file, published, kind, seed)) for seed in seeds
        ]
        worst = {name: find_worst([each[name] for each in figures], goal[name]) for name in goal}
        rows.append([kind, *(f"{worst[name]:.{DECIMALS.get(name, 1)}f}" for name in HEADINGS)])
    typer.echo(f"{len(published)} authority-years; worst of seeds {', '.join(map(str, seeds))}")
    typer.echo(markdown_table(["nation", *HEADINGS.values()], rows))


if __name__ == "__main__":
    app()
