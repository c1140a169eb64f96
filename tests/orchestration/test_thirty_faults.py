"""One check names every fault of a delivery, and the next finds none once they are mended."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from interfaces.command_line import app
from register.feeds import FeedbackLine, group_faults
from register.settings import Settings
from tests.feeds.deliveries import Home
from tests.orchestration.thirty_faults import DELIVERIES, FaultyDelivery

Write = Callable[[], FaultyDelivery]


def _check(item: FaultyDelivery, files: dict[str, bytes], folder: Path) -> list[FeedbackLine]:
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    place = ("--feed", item.feed, "--supplier", item.supplier_code, "--period", item.period)
    result = CliRunner().invoke(app, ["check", str(folder), *place, "--json"])
    lines: list[FeedbackLine] = json.loads(result.stdout)["lines"]
    assert result.exit_code == (1 if any(x["outcome"] != "reported" for x in lines) else 0)
    return lines


def _list_faults(lines: list[FeedbackLine]) -> list[tuple[str, str]]:
    sections = group_faults(lines)
    sections.pop("notes", None)
    return sorted(
        (group["rule_code"], group["column"]) for groups in sections.values() for group in groups
    )


@pytest.mark.parametrize("write", DELIVERIES)
def test_one_check_names_five_faults_and_the_next_none(
    rules_folder: Path, tmp_path: Path, write: Write
) -> None:
    """Prevents a fault that appears only after another is mended, or is named twice."""
    item = write()
    assert len(item.faults) == 5
    lines = _check(item, item.files, tmp_path / "faulty")
    assert _list_faults(lines) == sorted(item.faults)
    assert all(line["what_to_fix"] for line in lines)
    assert _list_faults(_check(item, item.mended, tmp_path / "mended")) == []


@pytest.mark.parametrize("write", DELIVERIES)
def test_a_load_names_the_same_faults(
    rules_folder: Path, tmp_path: Path, settings: Settings, write: Write
) -> None:
    """Prevents feedback on a landed delivery that knows less than the check."""
    item = write()
    home = Home(settings)
    home.put_files(item.feed, item.supplier_code, item.period, item.files)
    landed = home.feedback(home.land_one())
    checked = _check(item, item.files, tmp_path / "faulty")
    of_landing = [line for line in checked if not line["rule_code"].isdigit()]
    assert [{**line, "delivery_id": ""} for line in landed] == [
        {**line, "delivery_id": ""} for line in of_landing
    ]
