"""The department's Local Authority Interactive Tool: its figures by authority and year.

The file is a CSV with one row per area, indicator and year. A value is a number or a symbol, which
means that nothing was published.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from simulation.draws import Floats
from simulation.plan import PlanError

COLUMNS = ("area_code_dfe", "indicator", "year_ending_31_march", "value")
MISSING = "looked_after_missing_percent"
LOOKED_AFTER = "looked_after_at_31_march"
UNACCOMPANIED = "unaccompanied_at_31_march"
INDICATORS = (MISSING, LOOKED_AFTER, UNACCOMPANIED)
NOT_PUBLISHED = frozenset({"-", ".", "..", ":", "c", "k", "low", "x", "z"})
FIRST_AREA_OF_SEVERAL = 970  # England and the regions have codes from here on


def is_interactive_tool(path: Path) -> bool:
    """Return whether a file has the columns of the tool's form.

    Raises `PlanError` if the file is no CSV file.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return set(COLUMNS) <= set(next(csv.reader(file), []))
    except (UnicodeDecodeError, csv.Error) as error:
        raise PlanError("the calibration file is not a CSV file in UTF-8") from error


def read_interactive_tool(path: Path) -> pd.DataFrame:
    """Return the published figures of authorities, NaN where nothing was published.

    The index is authority_code and year, the calendar year in which the collection year starts.
    There is a column for each of `INDICATORS`. Raises `PlanError` with the line of the file.
    """
    figures: dict[tuple[str, str, int], float] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            if row["indicator"] not in INDICATORS:
                continue
            key = (row["area_code_dfe"] or "", row["indicator"], _read_year(row, line))
            if not key[0].isdigit():
                raise PlanError(f"calibration file, line {line}: area_code_dfe is not a number")
            if key in figures:
                raise PlanError(
                    f"calibration file, line {line}: a second value of an area, indicator and year"
                )
            figures[key] = _read_value(row, line)
    rows = [
        (code, indicator, year, value)
        for (code, indicator, year), value in figures.items()
        if int(code) < FIRST_AREA_OF_SEVERAL
    ]
    frame = pd.DataFrame(rows, columns=["authority_code", "indicator", "year", "value"])
    published = frame.pivot(index=["authority_code", "year"], columns="indicator", values="value")
    published = published.reindex(columns=list(INDICATORS))
    if published[MISSING].isna().all():
        raise PlanError(f"the calibration file has no number of the indicator {MISSING}")
    return published


def _read_year(row: dict[str, str], line: int) -> int:
    text = row["year_ending_31_march"] or ""
    if not (text.isdigit() and len(text) == 4):
        raise PlanError(f"calibration file, line {line}: year_ending_31_march is no year")
    return int(text) - 1


def _read_value(row: dict[str, str], line: int) -> float:
    text = (row["value"] or "").strip()
    if text in NOT_PUBLISHED:
        return np.nan
    is_percent = row["indicator"] == MISSING
    if not text.replace(".", "", 1).isdigit() or (is_percent and float(text) > 100):
        expected = "a percentage from 0 to 100" if is_percent else "a number from 0"
        raise PlanError(
            f"calibration file, line {line}: the value of {row['indicator']} is neither"
            f" {expected} nor a symbol ({', '.join(sorted(NOT_PUBLISHED))})"
        )
    return float(text)


def fill_years(
    published: pd.DataFrame, names: dict[str, str], years: Sequence[int]
) -> dict[str, pd.DataFrame]:
    """Return for each authority its figures in the years, and the `source` of its rate.

    `names` are the authorities' names by code. A year without a figure lies on a straight line
    between the authority's nearest years with one, or has the figure of the nearest year
    (`interpolated`). An authority that never had a rate gets the mean of all authorities (`mean`).
    """
    absent = [name for code, name in names.items() if code not in published.index.unique(0)]
    if absent:
        raise PlanError(f"the calibration file has no row of {', '.join(sorted(absent))}")
    published_years = published.index.unique("year")
    if not set(years) & set(published_years):
        raise PlanError(
            "the calibration file has only years ending in"
            f" {published_years.min() + 1} to {published_years.max() + 1}, which are not simulated"
        )
    mean = published[MISSING].groupby(level="year").mean()
    return {
        code: _fill_authority(published.loc[[code]].droplevel(0), mean, years) for code in names
    }


def _fill_authority(published: pd.DataFrame, mean: pd.Series, years: Sequence[int]) -> pd.DataFrame:
    filled = pd.DataFrame(index=pd.Index(years, name="year"))
    for indicator in INDICATORS:
        filled[indicator] = _interpolate(published[indicator], years)
    own = published[MISSING].reindex(filled.index)
    filled["source"] = np.where(own.notna(), "published", "interpolated")
    if filled[MISSING].isna().all():
        filled[MISSING], filled["source"] = _interpolate(mean, years), "mean"
    return filled


def _interpolate(series: pd.Series, years: Sequence[int]) -> Floats:
    known = series.dropna().sort_index()
    if known.empty:
        return np.full(len(years), np.nan)
    return np.interp(years, known.index.to_numpy(dtype=float), known.to_numpy(dtype=float))
