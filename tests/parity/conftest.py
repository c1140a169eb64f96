"""The validator's environment, or the reason why there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.parity.environment import NO_INTERPRETER, validator_python


@pytest.fixture(scope="session")
def validator() -> Path:
    """The interpreter that runs the sector's validator."""
    python = validator_python()
    if python is None:
        pytest.skip(NO_INTERPRETER)
    return python
