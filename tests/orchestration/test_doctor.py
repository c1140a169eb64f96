"""`register doctor` says what is not as it should be, and what to do."""

from __future__ import annotations

from dataclasses import replace

from orchestration.commands.doctor import CHECKS
from register.settings import Settings


def test_truth_in_a_production_home_is_said_and_ignored(settings: Settings) -> None:
    """Prevents simulated truth that lies in a production home without anybody being told."""
    check = CHECKS["simulated truth"]
    assert check(settings) == (True, "none, as in every real home")
    settings.truth.mkdir()
    assert check(settings)[0]
    is_well, said = check(replace(settings, environment="production"))
    assert not is_well
    assert said.startswith("ignored")
