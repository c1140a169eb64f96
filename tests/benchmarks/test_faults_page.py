"""The page of faults is written from the latest result of each fault."""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks.faults.fault_results import Result, add_result, format_page, read_results
from register.settings import PROJECT_ROOT
from tests.module_commands import unknown_words

PAGE = PROJECT_ROOT / "docs" / "reference" / "faults.md"


def test_runs_of_parts_are_combined_on_one_page(tmp_path: Path) -> None:
    """Prevents a page that forgets a fault, or still shows what was mended since."""
    file = tmp_path / "results.jsonl"
    for result in (
        Result("kills", "kill 1.1", True, "", "Publish"),
        Result("disks", "landing, disk full", False, "a traceback"),
        Result("kills", "kill 1.2", False, "a row differs", "Publish"),
        Result("clocks", "a year ahead", None, "no library"),
        Result("disks", "landing, disk full", True, "the next gave the same"),
    ):
        add_result(file, result)
    planned = {"disks": 1, "clocks": 1, "kills": 4, "together": 0, "readers": 0}
    page = format_page(read_results(file), 2, planned)
    assert "Of 3 faults that were tried, 2 left nothing lost, torn or unclear, and 1 did." in page
    assert "3 others of the plan were not tried." in page
    assert page.index("## Disks") < page.index("## Clocks") < page.index("## Kills")
    assert "a traceback" not in page
    assert "| Publish | 2 | 1 |" in page
    assert "a row differs" in page


def test_the_committed_page_names_its_command_and_no_machine() -> None:
    """Prevents figures that nobody can repeat, and paths of the machine that measured them."""
    text = PAGE.read_text(encoding="utf-8")
    (command,) = re.findall(r"`(python -m [^`]+)`", text)
    assert unknown_words(command) == []
