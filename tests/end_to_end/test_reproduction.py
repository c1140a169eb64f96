"""The register is a function of landing: whatever the road, the same register."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import replace
from pathlib import Path

import pytest

from register.feeds import land_postcodes, read_ledger
from register.home import prepare_home
from register.recording_changes import CHANGES
from register.settings import Settings
from tests.conftest import put_postcodes
from tests.end_to_end.conftest import Nation, copy_inbox
from tests.end_to_end.registers import build, contents, groups, land, rows

pytestmark = pytest.mark.drill

FIGURES = """
    select collection_year, source_status, category_code, care_status_code,
        placing_authority_code_dfe, police_force_code, is_open, count(*),
        count(distinct child_id_register)
    from register.fct_episodes
    group by all
"""


def _other_home(nation: Nation, folder: Path, known_by: str = "9999") -> Settings:
    other = replace(nation.settings, home=folder)
    prepare_home(other)
    # What suppliers had announced by then is known in the other home too.
    announced = (nation.settings.decisions / CHANGES).read_text(encoding="utf-8").splitlines()
    known = [line for line in announced[1:] if line.split(",")[0] <= known_by]
    text = "\n".join([announced[0], *known]) + "\n"
    (other.decisions / CHANGES).write_text(text, encoding="utf-8")
    put_postcodes(land_postcodes(nation.settings), other)
    # What is measured against the truth is the same only beside the same truth.
    shutil.copytree(nation.settings.home / "truth", folder / "truth")
    return other


def _differences(left: Path, right: Path) -> dict[str, int]:
    one, two = contents(left), contents(right)
    assert one.keys() == two.keys()
    assert sum(found.total() for found in one.values()) > 1000
    return {
        name: ((one[name] - two[name]) + (two[name] - one[name])).total()
        for name in one
        if one[name] != two[name]
    }


def test_loading_twice_changes_nothing(nation: Nation, tmp_path: Path) -> None:
    """Prevents a second load that doubles, drops or renames anything."""
    settings = nation.copy(tmp_path / "home").settings
    before = len(read_ledger(settings))
    land(settings)
    assert len(read_ledger(settings)) == before
    assert _differences(nation.built, build(settings, "again")) == {}


def test_a_deleted_warehouse_is_rebuilt_key_for_key(nation: Nation, tmp_path: Path) -> None:
    """Prevents state that lives in the warehouse alone."""
    settings = nation.copy(tmp_path / "home").settings
    shutil.rmtree(settings.warehouse)
    settings.warehouse.mkdir()
    assert _differences(nation.built, build(settings, "rebuilt")) == {}


def test_loading_bit_by_bit_gives_the_same_register(nation: Nation, tmp_path: Path) -> None:
    """Prevents a register that depends on how many loads its landing took."""
    other = _other_home(nation, tmp_path / "home")
    deliveries = sorted(path for path in nation.inbox.glob("*/*/*"))
    assert len(deliveries) > 9
    built = Path()
    for part in range(3):
        for delivery in deliveries[part::3]:
            shutil.copytree(delivery, other.inbox / delivery.relative_to(nation.inbox))
        land(other)
        # Only what links the children keeps anything from one load to the next.
        built = build(other, f"part-{part}", only=() if part == 2 else ("+int_child_crosswalk",))
    assert _differences(nation.built, built) == {}


def test_another_order_of_arrival_gives_the_same_children_and_figures(
    nation: Nation, tmp_path: Path
) -> None:
    """Prevents figures that depend on which supplier was quickest."""
    other = _other_home(nation, tmp_path / "home")
    copy_inbox(nation.inbox, other)
    _turn_arrivals_round(other.inbox)
    land(other)
    built = build(other, "turned", only=("+fct_reports", "+fct_episodes"))
    for key in ("child_id_register", "episode_id_register"):
        assert groups(nation.built, key) == groups(built, key)
    assert rows(nation.built, FIGURES) == rows(built, FIGURES)


def _turn_arrivals_round(inbox: Path) -> None:
    """Reverse the order in which suppliers arrived, all of it yesterday; a supplier's own stays."""
    suppliers: dict[str, list[Path]] = {}
    for delivery in inbox.glob("*/*/*"):
        suppliers.setdefault(f"{delivery.parent.parent.name}/{delivery.parent.name}", []).append(
            delivery
        )
    moment = int(time.time()) - 86_400
    for supplier in sorted(suppliers, reverse=True):
        arrivals = sorted(suppliers[supplier], key=lambda found: (_arrived(found), found.name))
        for delivery in arrivals:
            moment += 10
            for file in [delivery, *delivery.rglob("*")]:
                os.utime(file, (moment, moment))


def _arrived(delivery: Path) -> float:
    return max(file.stat().st_mtime for file in [delivery, *delivery.rglob("*")] if file.is_file())


def test_the_register_as_known_then_can_be_built_now(nation: Nation, tmp_path: Path) -> None:
    """Prevents a published figure that can never be reproduced."""
    arrivals = sorted({entry.received_at for entry in read_ledger(nation.settings)})
    middle = arrivals[len(arrivals) // 2]
    other = _other_home(nation, tmp_path / "home", known_by=middle)
    for entry in read_ledger(nation.settings):
        source = nation.inbox / entry.feed / entry.supplier_code / entry.period
        if entry.received_at <= middle and source.is_dir():
            target = other.inbox / source.relative_to(nation.inbox)
            shutil.copytree(source, target, dirs_exist_ok=True)
    land(other)
    now = build(other, "then")
    looking_back = nation.copy(tmp_path / "looking_back").settings
    again = build(looking_back, "as-known", as_known_at=str(middle))
    assert _differences(now, again) == {}
