"""The invented published generation, from which small samples are drawn."""

from __future__ import annotations

from pathlib import Path

import pytest

from register.publishing import Generation, current_generation
from register.settings import Settings
from tests.expectations.conftest import GENERATION_ID, put_generation, sound_file

__all__ = ["sound_file"]


@pytest.fixture
def generation(
    settings: Settings,
    sound_file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Generation:
    """The invented generation, current in this test's home, which commands use too."""
    put_generation(settings, sound_file, GENERATION_ID)
    monkeypatch.setenv("REGISTER_HOME", str(settings.home))
    monkeypatch.setenv("REGISTER_ENVIRONMENT", "test")
    result = current_generation(settings)
    assert result is not None
    return result
