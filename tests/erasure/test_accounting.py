"""dbt accounts for erased records: received are landed, quarantined and erased records together."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from register.erased_persons import ErasedPersons
from register.feeds import erase_in_landing
from register.settings import PROJECT_ROOT, Settings
from tests.dbt.part_of_project import write_part
from tests.dbt.runs import next_folder, run_dbt
from tests.feeds.deliveries import COMPACT, Home, report

TEST = "assert_every_received_row_is_landed_or_quarantined"


@pytest.mark.parametrize("has_lost_record", [False, True])
def test_a_build_counts_erased_records_and_no_lost_ones(
    settings: Settings, manifest: dict[str, Any], tmp_path: Path, has_lost_record: bool
) -> None:
    """Prevents an erasure from stopping loads, and lost records from passing as erased ones."""
    project = tmp_path / "project" / "dbt_project"
    for model in ("stg_ledger__landed_files", "stg_ledger__tables"):
        write_part(project, manifest, model)
    (project / "tests").mkdir()
    source = PROJECT_ROOT / "dbt_project" / "tests" / "ledger" / f"{TEST}.sql"
    shutil.copy(source, project / "tests")
    home = Home(settings)
    home.put_reports([report(1), report(2), report(3)])
    entry = home.land_one()
    persons = ErasedPersons.from_persons(settings.pseudonym_key, [(COMPACT, "NOM2")])
    erase_in_landing(settings, persons, step=lambda _: None)
    if has_lost_record:
        path = home.folder(entry) / "delivery.json"
        stored = json.loads(path.read_text(encoding="utf-8"))
        stored["erased_row_count"] = stored["tables"][0]["erased_row_count"] = 0
        path.write_text(json.dumps(stored), encoding="utf-8")
    outcome = run_dbt(settings, next_folder(settings, "first"), "build", project=project)
    assert outcome.returncode == int(has_lost_record), outcome.stdout[-2000:] + outcome.stderr
    assert (f"Failure in test {TEST}" in outcome.stdout) == has_lost_record
