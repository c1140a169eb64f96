"""Authorities' rates differ by year: drawn as England's, or as the department published them."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from register.settings import PROJECT_ROOT
from simulation import PlanError, SimulationPlan, make_nation, measure_rates
from simulation.calendar import year_start
from simulation.local_authority_tool import read_interactive_tool
from simulation.plan import DEMO_AUTHORITIES
from simulation.run import simulate
from simulation.truth import truth_file
from simulation.world.nation import Nation
from simulation.yearly_rates import count_looked_after, set_yearly_targets

HEADER = ["area_code_dfe", "area_name", "indicator", "year_ending_31_march", "value"]
MISSING = "looked_after_missing_percent"
YARDSTICK = PROJECT_ROOT.parent / "shared" / "yardsticks" / "dfe_lait_looked_after_2016_2025.csv"
# Invented rates of the years ending in 2023 to 2025, by authority; - is not published.
RATES = {code: (4.0 + index, 8.0, 20.0 - index) for index, code in enumerate(DEMO_AUTHORITIES)}
GAPS = {"370": ("5", "-", "15"), "371": ("-", "x", "c"), "372": ("0", "100", "-")}


def _write(path: Path, *changes: tuple[str, str, str, str], without: str = "") -> Path:
    """Write an invented file; a change replaces the value of an area, indicator and year."""
    values: dict[tuple[str, str, str], str] = {}
    for code, rates in RATES.items():
        if code == without:
            continue
        for place, rate in enumerate(rates):
            year = str(2023 + place)
            values[code, MISSING, year] = GAPS.get(code, {place: str(rate)})[place]
            values[code, "looked_after_at_31_march", year] = str(500 + 100 * place)
            values[code, "unaccompanied_at_31_march", year] = "150" if code == "373" else "10"
    values["970", MISSING, "2024"] = "99"
    for area, indicator, year, value in changes:
        values[area, indicator, year] = value
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(
            [area, "", what, year, value] for (area, what, year), value in values.items()
        )
    return path


def _plan(path: Path | None, years: int = 3, **others: object) -> SimulationPlan:
    plan = {"first_year": 2022, "year_count": years, "population_scale": 0.4, **others}
    return SimulationPlan(calibration_file=path, **plan)  # type: ignore[arg-type]


def _draw(plan: SimulationPlan) -> Nation:
    return make_nation(plan, lambda _: None)


@pytest.fixture(scope="module")
def calibrated(tmp_path_factory: pytest.TempPathFactory) -> Nation:
    """A nation with the rates of an invented file, which ends a year before the nation does."""
    return _draw(_plan(_write(tmp_path_factory.mktemp("file") / "rates.csv"), years=4))


def _rates_of(nation: Nation) -> pd.DataFrame:
    return measure_rates(nation).set_index(["authority_code_dfe", "collection_year"])


def test_each_authority_has_its_published_rate_in_each_year(calibrated: Nation) -> None:
    """Prevents a nation that is right on average, and wrong in every place and year."""
    found = _rates_of(calibrated)
    for code, rates in RATES.items():
        if code in GAPS:
            continue
        for year, rate in zip(("2022-23", "2023-24", "2024-25"), rates, strict=True):
            row = found.loc[code, year]
            assert row["rate_source"] == "published"
            expected = rate / 100 * row["looked_after_count"]
            assert row["missing_child_count"] == pytest.approx(expected, abs=2.5), (code, year)


def test_a_rate_that_was_not_published_is_interpolated(calibrated: Nation) -> None:
    """Prevents a suppressed rate from being simulated as none, or as a published one."""
    shares = {year: rows.set_index("place") for year, rows in calibrated.yearly_targets.items()}
    codes = calibrated.geography.places["authority_code"].tolist()

    def series(code: str) -> list[tuple[float, str]]:
        rows = [rows.loc[codes.index(code)] for rows in shares.values()]
        return [(round(row["missing_share"], 4), row["rate_source"]) for row in rows]

    assert series("370") == [
        (0.05, "published"), (0.10, "interpolated"), (0.15, "published"), (0.15, "interpolated"),
    ]  # fmt: skip
    assert series("372")[:2] == [(0.0, "published"), (1.0, "published")]
    # Without any rate: the mean of the authorities, and not the row of England.
    means = [np.mean([rates[place] for code, rates in RATES.items() if code not in GAPS])
             for place in range(3)]  # fmt: skip
    first = (means[0] * 7 + 5 + 0) / 9 / 100
    assert series("371")[0] == (round(first, 4), "mean")
    assert {source for _, source in series("371")} == {"mean"}


def test_sizes_and_unaccompanied_children_follow_the_file(calibrated: Nation) -> None:
    """Prevents the number of children, or the share of unaccompanied ones, from staying drawn."""
    rows = _rates_of(calibrated)["looked_after_count"].unstack()
    # 500 to 700 children on 31 March are 1.37 times as many in a year; 0.4 of them are simulated.
    for year, expected in (("2022-23", 274), ("2024-25", 384)):
        assert rows[year].mean() == pytest.approx(expected, rel=0.12)
    periods = calibrated.periods
    flags = calibrated.persons["is_uasc"].to_numpy()[periods["person"]]
    codes = calibrated.geography.places["authority_code"].to_numpy()[periods["place"]]
    shares = pd.Series(flags).groupby(codes).mean()
    assert shares["373"] > 1.5 * shares.drop("373").max()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("383", MISSING, "2024", "100.1"), "line 18: .* percentage from 0 to 100"),
        (("383", MISSING, "2024", "-1"), "line 18: .* percentage"),
        (("383", MISSING, "2024", "n/a"), "neither"),
        (("383", "looked_after_at_31_march", "2024", "many"), "a number from 0"),
        (("383", MISSING, "2023-24", "4"), "year_ending_31_march"),
        (("E08", MISSING, "2024", "4"), "area_code_dfe"),
    ],
)
def test_a_value_that_cannot_be_read_is_named_by_its_line(
    tmp_path: Path, change: tuple[str, str, str, str], message: str
) -> None:
    """Prevents a misspelt value from being simulated as suppressed."""
    if "line" in message:
        message = message.replace("18", str(_line_of(tmp_path, change)))
    path = _write(tmp_path / "rates.csv", change)
    with pytest.raises(PlanError, match=message):
        read_interactive_tool(path)


def _line_of(folder: Path, change: tuple[str, str, str, str]) -> int:
    text = _write(folder / "rates.csv", change).read_text(encoding="utf-8")
    wanted = ",".join((change[0], "", *change[1:]))
    return text.splitlines().index(wanted) + 1


def test_bounds_and_symbols_are_values(tmp_path: Path) -> None:
    """Prevents a rate of 0 or 100 from being refused, and a symbol from being read as 0."""
    found = read_interactive_tool(_write(tmp_path / "rates.csv"))[MISSING]
    assert found["372", 2022] == 0
    assert found["372", 2023] == 100
    assert np.isnan(found["371", 2023])
    assert "970" not in found.index.unique("authority_code")


def test_a_second_value_is_refused(tmp_path: Path) -> None:
    """Prevents the last of two values from being chosen without a word."""
    path = _write(tmp_path / "rates.csv")
    with path.open("a", encoding="utf-8") as file:
        file.write(f"383,,{MISSING},2024,9\n")
    with pytest.raises(PlanError, match="a second value"):
        read_interactive_tool(path)


def test_a_file_that_does_not_fit_the_plan_is_refused(tmp_path: Path) -> None:
    """Prevents an authority or a period without any figure from being invented."""
    with pytest.raises(PlanError, match="no row of Leeds"):
        _draw(_plan(_write(tmp_path / "gap.csv", without="383")))
    path = _write(tmp_path / "rates.csv")
    with pytest.raises(PlanError, match="2023 to 2025"):
        _draw(_plan(path, first_year=2025))
    (tmp_path / "other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(PlanError, match="neither"):
        _draw(_plan(tmp_path / "other.csv"))
    (tmp_path / "book.xlsx").write_bytes(b"PK\x03\x04\xff\xfe")
    with pytest.raises(PlanError, match="not a CSV file"):
        _draw(_plan(tmp_path / "book.xlsx"))
    text = path.read_text(encoding="utf-8").replace(MISSING, "other")
    (tmp_path / "none.csv").write_text(text, encoding="utf-8")
    with pytest.raises(PlanError, match=MISSING):
        _draw(_plan(tmp_path / "none.csv"))


def test_a_file_and_drawn_rates_exclude_each_other(tmp_path: Path) -> None:
    """Prevents published rates from being replaced by drawn ones."""
    with pytest.raises(PlanError, match="calibration file"):
        _plan(tmp_path / "any.csv", authority_rates="england")
    with pytest.raises(PlanError, match="constant or england"):
        _plan(None, authority_rates="wales")


def test_a_child_counts_in_each_year_of_their_care() -> None:
    """Prevents rates of children whose care began or ended one day outside the year."""
    first, following = year_start(2024), year_start(2025)
    periods = pd.DataFrame(
        [
            (1, first - 9, first - 1, False, 0),
            (2, first - 9, first, False, 1),
            (3, following - 1, following + 9, False, 1),
            (4, following, following + 9, False, 0),
            (5, first, first + 9, True, 0),
            (6, first, first + 9, False, 1),
            (6, first + 20, first + 29, False, 1),
        ],
        columns=["person", "start_day", "end_day", "is_short_break", "counts"],
    ).assign(place=lambda rows: rows["person"])
    expected = periods[periods["counts"] == 1].drop_duplicates("place").set_index("place")
    assert count_looked_after(periods, 2024).to_dict() == expected["counts"].to_dict()


def test_drawn_rates_change_and_constant_rates_do_not() -> None:
    """Prevents a demonstration whose rates move, and a nation of England's that stands still."""
    constant = set_yearly_targets(_plan(None), _draw(_plan(None)).geography)
    assert all(rows.equals(constant[2022]) for rows in constant.values())
    nation = _draw(_plan(None, authority_rates="england"))
    shares = pd.DataFrame(
        {year: rows["missing_share"] for year, rows in nation.yearly_targets.items()}
    )
    assert (shares.nunique(axis=1) == 3).all()
    sizes = [np.log(rows["looked_after"]) for rows in nation.yearly_targets.values()]
    assert 0.03 < (sizes[1] - sizes[0]).std() < 0.14
    assert shares.to_numpy().min() > 0.02
    assert shares.to_numpy().max() < 0.35
    again = _draw(_plan(None, authority_rates="england"))
    pd.testing.assert_frame_equal(measure_rates(nation), measure_rates(again))
    other = _draw(_plan(None, authority_rates="england", seed=2))
    assert not other.yearly_targets[2022]["missing_share"].equals(shares[2022])


def test_the_truth_and_the_summary_say_where_rates_come_from(tmp_path: Path) -> None:
    """Prevents interpolated rates from passing for published ones."""
    plan = _plan(_write(tmp_path / "rates.csv"), years=2, population_scale=0.05)
    summary = simulate(tmp_path / "home", plan)
    rates = pd.read_parquet(truth_file(tmp_path / "home", "rates"))
    assert summary.unpublished_rate_count == 3
    assert (rates["rate_source"] != "published").sum() == 3
    assert len(rates) == 20


def test_constant_rates_are_stated_by_no_table(demo_home: Path) -> None:
    """Prevents a further file in homes whose rates do not differ by year."""
    assert not truth_file(demo_home, "rates").exists()


@pytest.fixture
def demo_home(demo: object) -> Path:
    """The home of the demonstration."""
    home: Path = demo.home  # type: ignore[attr-defined]
    return home


@pytest.mark.drill
@pytest.mark.skipif(not YARDSTICK.exists(), reason="the folder of published yardsticks is absent")
def test_rates_of_ten_years_are_those_of_the_department() -> None:
    """Prevents a nation whose authorities are not those of the department in some year."""
    plan = SimulationPlan(
        share=1, population_scale=0.5, first_year=2015, year_count=10, calibration_file=YARDSTICK
    )
    found = _rates_of(_draw(plan)).reset_index()
    found["year"] = found["collection_year"].str[:4].astype(int)
    published = read_interactive_tool(YARDSTICK)[MISSING].rename("percent").reset_index()
    rows = found.merge(
        published, left_on=["authority_code_dfe", "year"], right_on=["authority_code", "year"]
    )
    rows = rows[rows["rate_source"] == "published"]
    assert len(rows) > 1400
    rate, size = rows["percent"] / 100, rows["looked_after_count"]
    error = np.maximum(1.96 * np.sqrt(rate * (1 - rate) / size), 1 / size) + 0.005
    assert ((rows["missing_share"] - rate).abs() <= error).mean() > 0.99
    assert rows["missing_share"].corr(rate, "spearman") > 0.97
    yearly = rows.groupby("year")[["missing_share", "percent"]].mean()
    assert (yearly["missing_share"] * 100 - yearly["percent"]).abs().max() < 0.15
