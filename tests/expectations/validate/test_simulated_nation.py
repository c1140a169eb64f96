"""A simulated nation is judged at its own size; every other home at the country's."""

from __future__ import annotations

import json

import pytest

from expectations.simulated_nation import read_simulated_nation
from expectations.suites import all_specs, read_tolerances
from register.settings import Settings

SPECS = {spec.name: spec for spec in all_specs()}
DECLARED = {"seed": 1, "suppliers": ["BTP", "213", "373"], "last_day": "2026-03-31"}


def _declare(settings: Settings, text: str) -> None:
    settings.home.mkdir(parents=True, exist_ok=True)
    settings.truth.mkdir(exist_ok=True)
    settings.simulation_declaration.write_text(text, encoding="utf-8")


def test_what_is_expected_is_of_the_suppliers_that_were_simulated(settings: Settings) -> None:
    """Prevents a verdict on ten authorities that says only that there are not 153."""
    _declare(settings, json.dumps(DECLARED))
    nation = read_simulated_nation(settings)
    assert nation is not None
    national = read_tolerances()["coverage_feeds_delivered"]
    spec, tolerance = nation.adapt_expectation(SPECS["coverage_feeds_delivered"], national)
    assert spec.condition == (
        "is_expected and supplier_code in ('213', '373', 'BTP') and period_end <= date '2026-03-31'"
    )
    assert (national.minimum, tolerance.minimum) == (0.9, 0.85)
    assert tolerance.severity == "critical"
    assert tolerance.reason.endswith(
        "This nation is simulated. Deliveries are expected from 2 authorities and 1 other "
        "suppliers, for periods to 31 March 2026. The national tolerance is at least 90%."
    )


def test_every_other_tolerance_stays_the_national_one(settings: Settings) -> None:
    """Prevents a demonstration that is judged kindly where its size is no reason."""
    _declare(settings, json.dumps(DECLARED))
    nation = read_simulated_nation(settings)
    assert nation is not None
    tolerances = read_tolerances()
    changed = {
        name
        for name, spec in SPECS.items()
        if nation.adapt_expectation(spec, tolerances[name]) != (spec, tolerances[name])
    }
    assert changed == {
        "coverage_periods_delivered",
        "coverage_periods_punctual",
        "coverage_feeds_delivered",
    }


@pytest.mark.parametrize(
    "declared",
    ["", "{}", '{"seed": 1}', '{"suppliers": ["x\' or true"], "last_day": "2026-03-31"}'],
)
def test_a_home_that_declares_no_suppliers_is_judged_as_the_country(
    settings: Settings, declared: str
) -> None:
    """Prevents an older simulation, or a broken declaration, from being judged as small."""
    _declare(settings, declared)
    assert read_simulated_nation(settings) is None


def test_a_home_that_is_no_simulation_is_judged_as_the_country(settings: Settings) -> None:
    """Prevents a real nation from the tolerances of a small one."""
    assert read_simulated_nation(settings) is None
    _declare(settings, json.dumps(DECLARED))
    settings.truth.rmdir()
    assert read_simulated_nation(settings) is None
