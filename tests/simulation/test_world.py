"""The nation looks like England: the shares of the definitions, within sampling error."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from register.settings import PROJECT_ROOT
from simulation import SimulationPlan
from simulation.authority_sizes import read_published
from simulation.calendar import DAY
from simulation.sources.authority_records import make_authority_records
from simulation.sources.returns import ReturnTables
from simulation.world.nation import Nation, make_nation

# A national year, and no smaller nation, has the shares of England.
pytestmark = pytest.mark.drill

YARDSTICK = PROJECT_ROOT.parent / "shared" / "yardsticks" / "dfe_la_missing_or_away_2020_2024.csv"


@pytest.fixture(scope="module")
def england() -> Nation:
    """A national year, drawn but not written."""
    return make_nation(SimulationPlan(share=1, year_count=1), lambda _: None)


def _recorded(nation: Nation, category: str) -> pd.DataFrame:
    rows = nation.absences
    return rows[rows["is_to_authority"] & (rows["category"] == category)]


def test_the_size_is_that_of_a_national_year(england: Nation) -> None:
    """Prevents benchmarks of a nation that is too small."""
    police = england.absences[england.absences["is_to_police"]]
    missing = _recorded(england, "M")
    assert len(england.geography.simulated) == 153
    assert len(police) == pytest.approx(210_000, rel=0.1)
    assert police["person"].nunique() == pytest.approx(72_000, rel=0.1)
    assert len(missing) == pytest.approx(83_920, rel=0.1)
    assert len(_recorded(england, "A")) == pytest.approx(10_780, rel=0.35)
    assert missing["person"].nunique() == pytest.approx(13_010, rel=0.1)
    held = england.periods[~england.periods["is_short_break"]]
    assert held["person"].nunique() == pytest.approx(116_420, rel=0.04)
    neither = ~england.absences["is_to_police"] & ~england.absences["is_to_authority"]
    assert neither.mean() == pytest.approx(0.64, abs=0.06)


def test_missing_incidents_have_the_published_mix(england: Nation) -> None:
    """Prevents a nation whose absences are of the wrong length, age or place."""
    rows = _recorded(england, "M")
    days = (rows["end_minute"] // DAY - rows["start_minute"] // DAY).to_numpy()
    assert (days < 1).mean() == pytest.approx(0.33, abs=0.04)
    assert ((days >= 1) & (days <= 2)).mean() == pytest.approx(0.57, abs=0.05)
    assert ((days >= 3) & (days <= 7)).mean() == pytest.approx(0.08, abs=0.03)
    dob = england.persons["dob_day"].to_numpy()[rows["person"]]
    age = (rows["start_minute"].to_numpy() // DAY - dob) / 365.25
    assert ((age >= 10) & (age < 16)).mean() == pytest.approx(0.44, abs=0.05)
    assert (age >= 16).mean() == pytest.approx(0.55, abs=0.05)
    placements = england.placements.iloc[rows["placement"]]
    kind = placements["type"]
    assert kind.str.startswith("U").mean() == pytest.approx(0.18, abs=0.06)
    assert kind.isin(["K1", "K2"]).mean() == pytest.approx(0.32, abs=0.06)
    assert kind.isin(["H5", "P2"]).mean() == pytest.approx(0.33, abs=0.06)
    assert placements["is_out"].mean() == pytest.approx(0.46, abs=0.03)


def test_a_few_children_account_for_much_of_it(england: Nation) -> None:
    """Prevents a nation in which one wrong link would move no figure."""
    rows = _recorded(england, "M")
    counts = rows.groupby("person").size().sort_values(ascending=False)
    top = counts.iloc[: int(len(counts) * 0.05)].sum() / counts.sum()
    assert top == pytest.approx(0.31, abs=0.06)
    assert (counts > 1).mean() == pytest.approx(0.63, abs=0.06)
    police = england.absences[england.absences["is_to_police"]]
    assert 1 - police["person"].nunique() / len(police) == pytest.approx(0.69, abs=0.06)
    away = _recorded(england, "A").groupby("place").size()
    without = len(england.geography.simulated) - len(away)
    assert without == pytest.approx(62, abs=20)


def test_no_child_is_at_two_places_at_once(england: Nation) -> None:
    """Prevents overlapping absences, which no source could have recorded."""
    rows = england.absences
    same = rows["person"].to_numpy()[1:] == rows["person"].to_numpy()[:-1]
    gap = rows["start_minute"].to_numpy()[1:] - rows["end_minute"].to_numpy()[:-1]
    assert gap[same].min() >= 0
    in_care = rows[rows["is_in_care"]]
    periods = england.periods.iloc[in_care["period"]]
    assert (in_care["start_minute"].to_numpy() // DAY >= periods["start_day"].to_numpy()).all()
    assert (in_care["end_minute"].to_numpy() // DAY <= periods["end_day"].to_numpy()).all()


def test_placements_cover_each_period_of_care_without_gap(england: Nation) -> None:
    """Prevents children in care who live nowhere."""
    rows = england.placements
    first = rows.groupby("period")["start_day"].min().to_numpy()
    last = rows.groupby("period")["end_day"].max().to_numpy()
    assert (first == england.periods["start_day"].to_numpy()).all()
    assert (last == england.periods["end_day"].to_numpy()).all()
    same = rows["period"].to_numpy()[1:] == rows["period"].to_numpy()[:-1]
    assert (rows["start_day"].to_numpy()[1:] == rows["end_day"].to_numpy()[:-1])[same].all()


@pytest.mark.skipif(not YARDSTICK.exists(), reason="the folder of published yardsticks is absent")
def test_calibration_reproduces_each_authority(tmp_path: Path) -> None:
    """Prevents a nation that is right on average and wrong everywhere."""
    del tmp_path
    plan = SimulationPlan(share=1, year_count=1, calibration_file=YARDSTICK)
    nation = make_nation(plan, lambda _: None)
    year, published = read_published(YARDSTICK)
    assert year == 2024
    rows = nation.absences[nation.absences["is_to_authority"]]
    codes = nation.geography.places["authority_code"].to_numpy(dtype=object)[rows["place"]]
    checked = 0
    for code, held in rows.groupby(codes):
        cells = published.get(str(code))
        if cells is None or cells["missing_incidents"].value is None:
            continue
        missing, away = (held[held["category"] == kind] for kind in ("M", "A"))
        _within_sampling_error(len(missing), cells["missing_incidents"].estimate)
        children = cells["missing_children"].estimate
        assert abs(missing["person"].nunique() - children) <= max(3, 0.04 * children)
        if cells["away_incidents"].value is not None:
            _within_sampling_error(len(away), cells["away_incidents"].estimate)
            share = cells["away_incidents"].estimate / max(
                cells["away_incidents"].estimate + cells["missing_incidents"].estimate, 1
            )
            spread = np.sqrt(share * (1 - share) / max(len(held), 1))
            assert abs(len(away) / max(len(held), 1) - share) < 4.5 * spread + 0.01
        checked += 1
    assert checked >= 148
    _returns_say_the_same(nation, rows)


def _within_sampling_error(found: int, expected: float) -> None:
    assert abs(found - expected) <= 4.5 * np.sqrt(expected) + 2, (found, expected)


def _returns_say_the_same(nation: Nation, rows: pd.DataFrame) -> None:
    """What is returned is what was recorded, less what was entered too late."""
    records = make_authority_records(nation)
    tables = ReturnTables(nation, records)
    made = [tables.cut_return(place, 2024) for place in nation.geography.simulated.tolist()]
    returned = sum(len(item.missing) for item in made if item is not None)
    assert 0.93 * len(rows) < returned < len(rows)
