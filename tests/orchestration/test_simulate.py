"""`register simulate` makes the nation of the profile that was asked for."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import simulation
from interfaces.command_line import app
from register.settings import PROJECT_ROOT
from simulation import SimulationPlan, SimulationSummary


@pytest.mark.parametrize(
    ("options", "profile"),
    [
        ((), "standard"),
        (("--profile", "standard"), "standard"),
        (("--profile", "harder"), "harder"),
        (("--harder",), "harder"),
    ],
)
def test_the_profile_is_an_option(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, options: tuple[str, ...], profile: str
) -> None:
    """Prevents the short form from making the standard nation, or the standard from moving."""
    calls: list[SimulationPlan] = []

    def simulate(home: Path, plan: SimulationPlan, *others: object) -> SimulationSummary:
        del home, others
        calls.append(plan)
        return SimulationSummary(plan.processes.name, plan.seed, *[0] * 10, 0.0)

    monkeypatch.setattr(simulation, "simulate", simulate)
    monkeypatch.setenv("REGISTER_HOME", str(tmp_path))
    monkeypatch.setenv("REGISTER_ENVIRONMENT", "test")
    result = CliRunner().invoke(app, ["simulate", "--seed", "5", "--json", *options])
    assert result.exit_code == 0, result.output
    assert json.loads(result.output)["profile"] == profile
    (plan,) = calls
    assert (plan.processes.name, plan.seed) == (profile, 5)
    assert plan == SimulationPlan(seed=5, profile=profile)  # type: ignore[arg-type]


def test_rates_are_those_that_the_options_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Prevents an option for rates that changes nothing, and a traceback for a wrong file."""
    calls: list[SimulationPlan] = []

    def simulate(home: Path, plan: SimulationPlan, *others: object) -> SimulationSummary:
        del home, others
        calls.append(plan)
        return SimulationSummary(plan.processes.name, plan.seed, *[0] * 10, 0.0)

    monkeypatch.setattr(simulation, "simulate", simulate)
    monkeypatch.setenv("REGISTER_HOME", str(tmp_path))
    monkeypatch.setenv("REGISTER_ENVIRONMENT", "test")
    file = tmp_path / "rates.csv"
    file.write_text("area_code_dfe,indicator,year_ending_31_march,value\n", encoding="utf-8")
    for options in ((), ("--rates", "england"), ("--calibrate", str(file))):
        result = CliRunner().invoke(app, ["simulate", *options])
        assert result.exit_code == 0, result.output
        assert "unpublished" not in result.output
    assert calls == [
        SimulationPlan(),
        SimulationPlan(authority_rates="england"),
        SimulationPlan(calibration_file=file),
    ]
    result = CliRunner().invoke(app, ["simulate", "--rates", "england", "--calibrate", str(file)])
    assert result.exit_code == 1
    assert "do not ask for others" in result.output


def test_an_unknown_profile_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Prevents a misspelt profile from silently making the standard nation."""
    monkeypatch.setenv("REGISTER_HOME", str(tmp_path))
    result = CliRunner().invoke(app, ["simulate", "--profile", "hader"])
    assert result.exit_code == 2
    assert not (tmp_path / "truth").exists()


def test_an_installation_without_the_simulation_says_where_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Prevents a traceback where the wheel was installed, which has no simulation."""
    monkeypatch.setattr("interfaces.command_line.commands.simulate.PROJECT_ROOT", tmp_path)
    monkeypatch.setitem(sys.modules, "simulation", None)
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setenv("REGISTER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("REGISTER_ENVIRONMENT", "test")
    result = CliRunner().invoke(app, ["simulate"])
    assert result.exit_code == 3
    assert "checkout" in result.output
    assert not (tmp_path / "home").exists()


def test_the_installed_command_simulates_from_a_checkout() -> None:
    """Prevents a checkout whose installed command does not find the simulation beside it."""
    code = (
        "import sys; sys.path = [each for each in sys.path if each not in ('', sys.argv[1])];"
        "from interfaces.command_line.commands.simulate import require_simulation;"
        "require_simulation(); import simulation"
    )
    subprocess.run(
        [sys.executable, "-c", code, str(PROJECT_ROOT)], check=True, cwd=PROJECT_ROOT / "docs"
    )
