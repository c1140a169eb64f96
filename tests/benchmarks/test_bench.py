"""A measurement of hours goes on where it was ended, and says before it begins what it lacks."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from benchmarks import __main__ as bench
from benchmarks.measure import Measurement, StageError
from benchmarks.stages import MODEL, simulate_nation
from register.settings import Settings
from simulation import SimulationPlan

MONTHS = ("2026-02", "2026-03")


class Stages:
    """Stands for the processes that measure: notes what was asked, and ends where it is told to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.options: dict[str, tuple[str, ...]] = {}
        self.months: dict[str, list[str]] = {}
        self.ends_at: str | None = None

    def measure(self, stage: str, home: Path, *options: str) -> Measurement:
        """Note the stage and the months that the inbox has; a month costs a quarter."""
        if stage == self.ends_at:
            raise StageError("ended")
        self.asked.append(stage)
        self.options[stage] = options
        if stage == "simulate":
            for month in MONTHS:
                (home / "inbox/police_reports/46" / month).mkdir(parents=True)
        self.months[stage] = sorted(path.name for path in home.glob("inbox/police_reports/46/*"))
        cost = 10.0 if stage == "transform_month" else 40.0
        return Measurement(cost, cost, 2**30, {"rows": 8.0, f"{MODEL}fct_reports": cost})


@pytest.fixture
def stages(monkeypatch: pytest.MonkeyPatch) -> Stages:
    """The stages, none of which takes time."""
    stages = Stages()
    monkeypatch.setattr(bench, "measure", stages.measure)
    return stages


def run(folder: Path, *more: str) -> tuple[int, str]:
    """Run the command on two national years; its exit code and what it printed."""
    arguments = ["--years", "2", "--folder", str(folder), *more]
    outcome = CliRunner().invoke(bench.app, arguments, env={"COLUMNS": "200"})
    return outcome.exit_code, outcome.output


def test_a_run_that_was_ended_goes_on_where_it_stopped(tmp_path: Path, stages: Stages) -> None:
    """Prevents hours of measuring that are lost with the last of their stages."""
    stages.ends_at = "transform_month"
    assert run(tmp_path)[0] == 1
    before = list(stages.asked)
    stages.ends_at = None
    code, said = run(tmp_path, "--output", str(tmp_path / "figures.json"))
    assert code == 0, said
    assert "years-2 goes on: simulate, " in said.replace("\n", "")
    assert stages.asked == [*before, "transform_month"]
    (month,) = [
        row
        for row in json.loads((tmp_path / "figures.json").read_text())
        if row["stage"] == "transform one more month"
    ]
    assert month["ratio"] == 0.25
    assert re.search(r"transform one more month +│ +5 ", said)
    assert not (tmp_path / "years-2").exists()


def test_the_last_month_is_landed_and_built_after_the_rest(tmp_path: Path, stages: Stages) -> None:
    """Prevents a month that is measured on a register that has it already."""
    assert run(tmp_path, "--no-floors")[0] == 0
    assert stages.months["transform"] == ["2026-02"]
    assert stages.months["transform_month"] == list(MONTHS)
    assert "transform_floor" not in stages.asked
    assert [stage for stage in stages.asked if stage == "land"] == ["land", "land"]


def test_a_disk_that_is_too_small_is_said_before_anything_is_made(
    tmp_path: Path, stages: Stages, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a disk that is full after an hour."""
    monkeypatch.setattr(bench, "DISK_GIB", 10**6)
    code, said = run(tmp_path)
    assert code == 2
    assert "2 national years take 2000000 GiB of disk" in said
    assert stages.asked == []


def test_years_of_a_part_of_the_nation(tmp_path: Path, stages: Stages) -> None:
    """Prevents growth with years that can be measured only where a whole nation fits."""
    code, said = run(tmp_path, "--no-floors", "--share", "0.05")
    assert code == 0, said
    assert stages.options["simulate"] == ("2.0", "0.05")
    assert stages.options["transform"] == ()
    assert "seconds for each year of 0.05 of the nation" in " ".join(said.split())
    assert re.search(r"transform +│ +20 ", said)


@pytest.mark.parametrize(
    ("years", "share", "of_each_authority", "year_count"),
    [("10.0", "0.05", 0.05, 10), ("0.5", "0.1", 0.05, 1), ("2.0", "1", 1.0, 2)],
)
def test_the_nation_has_so_many_years_of_such_a_part(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    *,
    years: str,
    share: str,
    of_each_authority: float,
    year_count: int,
) -> None:
    """Prevents a table of a part of the nation that was measured on the whole."""
    plans: list[SimulationPlan] = []

    monkeypatch.setattr("benchmarks.stages.simulate", noting(plans))
    assert simulate_nation(settings, years, share) == {"rows": 5}
    (plan,) = plans
    assert plan.share == pytest.approx(of_each_authority)
    assert plan.year_count == year_count
    assert not settings.is_simulation, "no load that is used is evaluated against a truth"


def noting(plans: list[SimulationPlan]) -> Callable[[Path, SimulationPlan], SimpleNamespace]:
    """A simulation that notes its plan, and declares a home with truth and no child."""

    def note(home: Path, plan: SimulationPlan) -> SimpleNamespace:
        plans.append(plan)
        (home / "truth").mkdir(exist_ok=True)
        (home / "simulation.json").write_text("{}")
        return SimpleNamespace(police_report_count=3, authority_absence_count=2)

    return note
