"""The attack on the department's own table, which somebody else made and described by hand."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import yaml

from register.settings import PROJECT_ROOT
from suppression_attack import attack
from suppression_attack.__main__ import main

TABLE = "shared/yardsticks/dfe_la_missing_or_away_2020_2024.csv"
LONDON = {"E13000001": "E12000007", "E13000002": "E12000007"}


def _table() -> Path:
    for folder in PROJECT_ROOT.parents:
        if (folder / TABLE).is_file():
            return folder / TABLE
    pytest.skip(f"the department's table is not here: {TABLE}")


def test_the_departments_own_table_gives_hidden_counts_away(tmp_path: Path) -> None:
    """Prevents an attack that works on our files alone, or that misses what real files tell."""
    text = _table().read_text(encoding="utf-8-sig")
    (tmp_path / "missing_or_away.csv").write_text(text, encoding="utf-8")
    (tmp_path / "missing_or_away.meta.csv").write_text(
        "col_name,col_type\nCLA_group,Filter\nnumber,Indicator\n", encoding="utf-8"
    )
    rows = list(csv.DictReader(text.splitlines()))
    parents = {row["old_la_code"]: row["region_code"] for row in rows if row["old_la_code"]}
    regions = {row["region_code"] for row in rows if row["region_code"]}
    parents |= {region: LONDON.get(region, "E92000001") for region in regions}
    description = yaml.safe_load(
        Path(__file__).with_name("department.yaml").read_text(encoding="utf-8")
    )
    description["areas"]["regions"]["parents"] = parents
    (tmp_path / "ties.yaml").write_text(yaml.safe_dump(description), encoding="utf-8")
    report = attack([tmp_path])
    assert sum(report.hidden.values()) == 948
    assert not report.of_kind("fault")
    assert not report.of_kind("contradiction"), report.of_kind("contradiction")[:3]
    # By an earlier attack on the same table: 27 exactly, 107 with fewer than five values.
    assert (len(report.exact), len(report.too_narrow)) == (27, 107)


def test_the_draft_of_the_departments_table_gives_the_same_counts_away(tmp_path: Path) -> None:
    """Prevents a draft that needs an expert before it finds anything in a real table."""
    (tmp_path / "missing_or_away.csv").write_bytes(_table().read_bytes())
    ties = tmp_path / "ties.yaml"
    assert main(["draft", str(tmp_path / "missing_or_away.csv"), "--output", str(ties)]) == 0
    description = yaml.safe_load(ties.read_text(encoding="utf-8"))
    assert len(description["ties"]) == 7
    assert len(description["derived"]) == 4
    report = attack([tmp_path])
    assert sum(report.hidden.values()) == 948
    assert not report.of_kind("fault")
    assert not report.of_kind("contradiction")
    assert (len(report.exact), len(report.too_narrow)) == (27, 107)
