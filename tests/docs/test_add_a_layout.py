"""The page that adds a layout, followed in a copy of the layouts and the code map."""

from __future__ import annotations

from pathlib import Path

import pytest

from register.feeds import find_layout_faults
from register.settings import PROJECT_ROOT, Settings
from tests.docs.followed_pages import copy_project, read_blocks
from tests.feeds.deliveries import MONTH, Home

PAGE = PROJECT_ROOT / "docs" / "how-to" / "add-a-layout.md"
FILES_AT_MOST = 3
FORCE = "E23000004"
# A file of the page's invented system.
SAMPLE = (
    ("Ref", "Subject", "Born", "Reported", "Class", "Sub-class"),
    ("R1", "TESTPERSON, Wilhelmina", "4/3/12", "1/10/26 9:05:00.25 PM", "MP", "Abs"),
    ("R2", "SAMPLE, Zoë Ann", "30/11/10", "20/10/26 8:00:00 am", "MP", "?"),
)


def test_the_page_touches_three_files_at_most() -> None:
    """Prevents a layout from needing more places than a newcomer is told of, or than are few."""
    blocks = read_blocks(PAGE)
    assert len({block.file for block in blocks}) == FILES_AT_MOST


def test_a_layout_added_as_the_page_says_lands_its_files(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents instructions after which a force's files are rejected, or its codes unmapped."""
    project = copy_project(tmp_path / "project", "register/feeds/layouts", "seeds")
    for block in read_blocks(PAGE):
        block.apply(project)
    monkeypatch.setattr(Settings, "layouts", property(lambda _: project / "register/feeds/layouts"))
    monkeypatch.setattr(Settings, "seeds", property(lambda _: project / "seeds"))
    assert find_layout_faults(settings.layouts) == []
    home = Home(settings)
    text = "\n".join("\t".join(row) for row in SAMPLE)
    home.put_files("police_reports", FORCE, MONTH, {"misper.txt": text.encode("iso-8859-15")})
    delivery = home.land_one()
    assert (delivery.outcome, delivery.layout_name) == ("accepted", "sixth")
    assert [
        [row[name] for name in ("forenames", "dob", "reported_at", "category")]
        for row in home.rows(delivery, "reports")
    ] == [
        ["Wilhelmina", "2012-03-04", "2026-10-01T22:05:00", "MP + Abs + from 2017"],
        ["Zoë Ann", "2010-11-30", "2026-10-20T09:00:00", "MP + from 2017"],
    ]
    assert home.rules(delivery) == []
