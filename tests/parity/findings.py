"""What each side says of the same returns: the failing rows by the sector's validator and by us.

Both are sets of `Finding`, so that they can be compared row by row. Making returns belongs in
`returns.py` and `delivered.py`.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import duckdb

from register.settings import Settings
from tests.dbt.runs import next_folder, run_dbt
from tests.parity.returns import Row, write_module

RULE_CODES = (
    *("564", "565", "566", "567", "570", "571", "574", "575", "576", "577", "578", "580"),
    *("581", "586", "1004", "1005", "1006", "1012", "INT04", "INT13"),
)
# The collection years for which the sector has a set of rules.
FIRST_PERIOD, LAST_PERIOD = "2022-23", "2026-27"


class Finding(NamedTuple):
    """A rule that a line of a module breaks."""

    supplier_code: str
    period: str
    rule_code: str
    module: str
    line: int


@dataclass(frozen=True)
class DeliveredReturn:
    """The records of one return with the line on which each stands, in the order delivered."""

    supplier_code: str
    period: str
    modules: dict[str, list[tuple[int, Row]]]

    @property
    def year(self) -> int:
        """The year in which the collection year ends."""
        return int(self.period[:4]) + 1

    @property
    def name(self) -> str:
        """What the validator's answer calls it."""
        return f"{self.supplier_code}/{self.period}"


def findings_of_validator(
    python: Path, returns: Sequence[DeliveredReturn], folder: Path
) -> set[Finding]:
    """Every failing row by the validator, each return beside the authority's last if there is one.

    `folder` is scratch. Rules that raise are a failure: a rule that did not run finds nothing.
    """
    by_year = {(item.supplier_code, item.year): item for item in returns}
    requests = []
    for item in returns:
        if not FIRST_PERIOD <= item.period <= LAST_PERIOD:
            continue
        files = _write(item, item.modules, folder / item.name, "This year")
        last = by_year.get((item.supplier_code, item.year - 1))
        if last is not None:
            files |= _write(last, ["missing"], folder / item.name / "last", "Prev year")
        requests.append({"name": item.name, "collection_year": str(item.year), "files": files})
    answer = _ask(python, {"rule_codes": RULE_CODES, "returns": requests})
    assert answer["raised"] == []
    by_name = {item.name: item for item in returns}
    return {
        Finding(
            *found["name"].split("/"),
            found["rule_code"],
            found["module"].lower(),
            by_name[found["name"]].modules[found["module"].lower()][found["index"]][0],
        )
        for found in answer["found"]
    }


def _write(
    made: DeliveredReturn, modules: Sequence[str] | dict[str, object], folder: Path, year: str
) -> dict[str, str]:
    folder.mkdir(parents=True)
    paths = {module: folder / f"{module}.csv" for module in modules}
    for module, path in paths.items():
        write_module(module, [row for _, row in made.modules[module]], path)
    return {str(path): year for module, path in paths.items() if made.modules[module]}


def _ask(python: Path, request: dict[str, object]) -> dict[str, list[dict[str, object]]]:
    script = Path(__file__).with_name("run_validator.py")
    outcome = subprocess.run(
        [str(python), str(script)],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stderr[-4000:]
    return json.loads(outcome.stdout)


def findings_of_register(settings: Settings) -> set[Finding]:
    """Every failing row by our rules, built by dbt from what the home has landed."""
    chosen = ["--select", "+int_return_rule_breaches"]
    chosen += ["--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
    outcome = run_dbt(settings, next_folder(settings, "parity"), "build", *chosen)
    assert outcome.returncode == 0, outcome.stdout[-4000:] + outcome.stderr[-4000:]
    query = f"""
        select supplier_code, period, rule_code, table_name, _row_number
        from intermediate.int_return_rule_breaches
        where period between '{FIRST_PERIOD}' and '{LAST_PERIOD}'
    """
    with duckdb.connect(str(settings.warehouse / "warehouse.duckdb"), read_only=True) as warehouse:
        rows = [Finding(*row) for row in warehouse.execute(query).fetchall()]
    assert len(rows) == len(set(rows)), "a row is flagged twice by one rule"
    return set(rows)
