"""How many models a build makes side by side."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orchestration.dbt import choose_threads
from register.settings import Settings


@pytest.mark.parametrize(("memory", "arguments"), [(0.004, []), (0.003999, ["--threads", "1"])])
def test_models_are_made_one_at_a_time_where_much_has_landed(
    settings: Settings, memory: float, arguments: list[str]
) -> None:
    """Prevents two large models side by side, which want the memory of both."""
    folder = settings.landing / "police_reports" / "invented"
    folder.mkdir(parents=True)
    (folder / "reports.parquet").write_bytes(bytes(1_000_000))
    # One that another run lands meanwhile: it is listed, and has gone.
    (folder / "gone.parquet").symlink_to(folder / "nowhere")
    assert choose_threads(replace(settings, memory_gigabytes=memory)) == arguments
