"""The register is a function of landing: whatever the road, the same register."""

from __future__ import annotations

import os
import shutil
import time
from datetime import datetime
from pathlib import Path

import pytest

from register.feeds import read_ledger
from tests.end_to_end.conftest import Nation, copy_inbox, other_home
from tests.end_to_end.registers import FIGURES, build, contents, groups, land, rows

pytestmark = pytest.mark.drill


def _differences(left: Path, right: Path) -> dict[str, int]:
    one, two = contents(left), contents(right)
    assert one.keys() == two.keys()
    assert sum(found.total() for found in one.values()) > 1000
    return {
        name: ((one[name] - two[name]) + (two[name] - one[name])).total()
        for name in one
        if one[name] != two[name]
    }


def test_a_deleted_warehouse_is_rebuilt_key_for_key(nation: Nation, tmp_path: Path) -> None:
    """Prevents state that lives in the warehouse alone."""
    settings = nation.copy(tmp_path / "home").settings
    shutil.rmtree(settings.warehouse)
    settings.warehouse.mkdir()
    assert (
        _differences(nation.built, build(settings, "rebuilt", generation_id=nation.generation_id))
        == {}
    )


def test_loading_bit_by_bit_gives_the_same_register(nation: Nation, tmp_path: Path) -> None:
    """Prevents a register that depends on how many loads its landing took."""
    other = other_home(nation, tmp_path / "home")
    deliveries = sorted(path for path in nation.inbox.glob("*/*/*"))
    assert len(deliveries) > 9
    built = Path()
    for part in range(3):
        for delivery in deliveries[part::3]:
            shutil.copytree(delivery, other.inbox / delivery.relative_to(nation.inbox))
        land(other)
        # Only what links the children keeps anything from one load to the next.
        only = () if part == 2 else ("+int_child_crosswalk",)
        built = build(other, f"part-{part}", generation_id=nation.generation_id, only=only)
    assert _differences(nation.built, built) == {}


def test_another_order_of_arrival_gives_the_same_children_and_figures(
    nation: Nation, tmp_path: Path
) -> None:
    """Prevents figures that depend on which supplier was quickest."""
    other = other_home(nation, tmp_path / "home")
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
    other = other_home(nation, tmp_path / "home", known_by=middle)
    for entry in read_ledger(nation.settings):
        source = nation.inbox / entry.feed / entry.supplier_code / entry.period
        if entry.received_at <= middle and source.is_dir():
            target = other.inbox / source.relative_to(nation.inbox)
            shutil.copytree(source, target, dirs_exist_ok=True)
    land(other)
    # As it would have been built then, at that very moment.
    generation_id = datetime.fromisoformat(str(middle)).strftime("%Y%m%dT%H%M%S-%f")
    now = build(other, "then", generation_id=generation_id)
    looking_back = nation.copy(tmp_path / "looking_back").settings
    again = build(looking_back, "as-known", generation_id=generation_id, as_known_at=str(middle))
    assert _differences(now, again) == {}
