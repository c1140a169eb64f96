"""A delivery that is in landing and not in the ledger stops a build."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from register.feeds import land_everything
from register.settings import PROJECT_ROOT, Settings
from tests.dbt.part_of_project import write_part
from tests.dbt.runs import next_folder, run_dbt
from tests.publishing.builds import land_delivery

TEST = "assert_no_landed_file_is_unknown_to_the_ledger"


def test_a_build_stops_for_a_folder_that_has_no_entry(
    settings: Settings, manifest: dict[str, Any], tmp_path: Path
) -> None:
    """Prevents reports and keys that vanish with an entry, while every test passes."""
    project = tmp_path / "project" / "dbt_project"
    for model in ("stg_ledger__landed_files", "stg_ledger__tables"):
        write_part(project, manifest, model)
    (project / "tests").mkdir()
    shutil.copy(
        PROJECT_ROOT / "dbt_project" / "tests" / "ledger" / f"{TEST}.sql", project / "tests"
    )
    land_everything(settings)
    (land_delivery(settings) / "delivery.json").unlink()
    outcome = run_dbt(settings, next_folder(settings, "first"), "build", project=project)
    assert outcome.returncode == 1
    assert f"Failure in test {TEST}" in outcome.stdout
    assert "Got 1 result" in outcome.stdout
