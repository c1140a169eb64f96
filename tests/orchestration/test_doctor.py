"""`register doctor` says what is not as it should be, and what to do."""

from __future__ import annotations

from dataclasses import replace

from orchestration.commands.doctor import CHECKS
from register.settings import Settings


def test_truth_where_no_simulation_is_declared_is_said_and_ignored(settings: Settings) -> None:
    """Prevents simulated truth that is read, or lies unseen, because a folder is there."""
    check = CHECKS["simulated truth"]
    assert check(settings) == (True, "none, as in every real home")
    settings.truth.mkdir()
    is_well, said = check(settings)
    assert not is_well
    assert said.startswith("ignored: no simulation.json")
    settings.simulation_declaration.write_text("{}", encoding="utf-8")
    is_well, said = check(settings)
    assert is_well
    assert "no published figure uses it" in said
    is_well, said = check(replace(settings, environment="production"))
    assert not is_well
    assert said.startswith("ignored: environment 'production'")
