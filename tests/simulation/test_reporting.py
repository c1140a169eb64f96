"""Who records what: thresholds, lumping and children of other nations, each at its own rate."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from simulation import ErrorRates, ReportingRates, SimulationPlan
from simulation.sources.authority_records import MOST, SOON, make_authority_records
from simulation.truth import difference_causes
from simulation.world.nation import Nation, make_nation
from simulation.world.reporting import THRESHOLD, threshold_places

RECORDED = ["missing", "away"]


def _with(**rates: float) -> Nation:
    plan = SimulationPlan(
        population_scale=0.5,
        error_rates=ErrorRates().keep_modes(),
        reporting_rates=replace(ReportingRates(), **rates),
    )
    return make_nation(plan, lambda _: None)


def test_an_authority_with_a_threshold_records_nothing_brief(flawless: Nation) -> None:
    """Prevents a reason, too short to be recorded, that is visible in no supplier's durations."""
    rows = flawless.absences
    places = threshold_places(flawless.plan, flawless.geography.simulated)
    assert len(places) == round(0.25 * len(flawless.geography.simulated))
    brief = rows["end_minute"] - rows["start_minute"] < THRESHOLD
    own = rows["place"].isin(places)
    recorded = rows["kind"].isin(RECORDED)
    # A few end early, where the child goes again at once.
    assert brief[own & recorded].mean() < 0.02
    assert brief[~own & recorded].mean() > 0.1
    short = rows["kind"] == "short"
    assert brief[short].all()
    assert own[short].all()
    assert set(rows.loc[short, "authority_cause"]) == {"D10"}


def test_absences_that_follow_soon_are_written_as_one_where_authorities_lump() -> None:
    """Prevents a count by another unit that joins what lies weeks apart, or loses an absence."""
    nation = _with(authorities_lumping=1.0, lumped_absences=1.0)
    records = make_authority_records(nation)
    told = set(nation.absences.index[nation.absences["is_to_authority"]])
    assert set(records.missing["absence"]) | set(records.lumped["absence"]) == told
    assert not set(records.missing["absence"]) & set(records.lumped["absence"])
    assert set(records.lumped["into"]) <= set(records.missing["absence"])
    assert len(records.lumped) > 100
    size = records.lumped.groupby("into").size()
    assert size.max() == MOST - 1
    last = nation.absences.loc[records.lumped["absence"], "start_minute"].to_numpy()
    ends = records.missing.set_index("absence").loc[records.lumped["into"], "true_end"].to_numpy()
    assert (last < ends).all()
    assert (ends - last < SOON + 400 * 1440).all()
    nobody = make_authority_records(_with(authorities_lumping=0.0))
    assert nobody.lumped.empty
    assert not (nobody.missing["cause"] == "D9").any()


def test_children_from_outside_england_come_at_their_rate(flawless: Nation) -> None:
    """Prevents a nation without the children of other nations, or full of them."""
    count = (flawless.persons["kind"] == "outside").sum()
    wanted = flawless.targets["looked_after"].sum() * 0.006 * flawless.plan.year_count
    assert count == pytest.approx(wanted, rel=0.2)
    assert not (_with(placed_from_outside=0.0).persons["kind"] == "outside").any()


def test_the_gravest_report_decides_whether_the_category_differs() -> None:
    """Prevents a true difference of category that the compared episode does not have."""
    records = pd.DataFrame(
        {
            "absence_id": [0, 0, 1, 2, 2],
            "causes": ["D2", "D14", "", "D6|D2", ""],
            "errors": ["", "", "open_record", "", ""],
            "category": ["no_apparent_risk", "missing", "missing", "no_apparent_risk", None],
        }
    )
    found = difference_causes(records, np.array([True, False, True]))
    assert found.tolist() == ["D14", "D2|D11", "D2|D6"]
