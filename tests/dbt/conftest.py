"""What tests of dbt's materializations share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dbt.parts_project import Small, build_small


@pytest.fixture
def small(tmp_path: Path) -> Small:
    """The small project of tables by parts, built once."""
    return build_small(tmp_path)
