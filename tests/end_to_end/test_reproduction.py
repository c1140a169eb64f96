"""The register is a function of landing: whatever the road, the same register."""

from __future__ import annotations

import os
import shutil
import time
from datetime import datetime
from pathlib import Path

import pytest

from register.feeds import read_ledger
from register.identity.score import Model, load_model
from register.linkage_models import pin_model, place_build_model, save_candidate
from register.settings import Settings
from tests.end_to_end.conftest import Nation, copy_inbox, other_home
from tests.end_to_end.registers import FIGURES, build, contents, groups, land, rows

pytestmark = pytest.mark.drill
# The tables whose keys follow from which records are one child.
KEYED = ("+fct_reports", "+fct_episodes", "+dim_children")


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


def _pin_a_cautious_model(settings: Settings) -> Model:
    """Pin a model under which far fewer records link than under that of the package."""
    package = load_model()
    cautious = package.thresholds.model_copy(update={"link": 16.0, "strict": 20.0})
    model = package.model_copy(update={"thresholds": cautious}).with_version()
    met = [{"code": "converged", "is_met": True, "measured": "at rest", "limit": "at rest"}]
    save_candidate(settings, model, {"in_use": package.version, "criteria": met})
    pin_model(settings, model.version, by="An Operator", reason="fewer links")
    return model


def test_landing_and_decisions_under_a_pinned_model_make_the_same_register(
    nation: Nation, tmp_path: Path
) -> None:
    """Prevents a rebuild by another model than the one that a home has pinned."""
    pinned = nation.copy(tmp_path / "pinned").settings
    model = _pin_a_cautious_model(pinned)
    assert place_build_model(pinned) == model
    # Over the warehouse that the model of the package left, as the next load does.
    built = build(pinned, "pinned", generation_id=nation.generation_id, only=KEYED)
    of_package, of_home = (groups(each, "child_id_register") for each in (nation.built, built))
    assert len(of_home) > len(of_package)
    # In another home, which has nothing but what a backup keeps.
    restored = other_home(nation, tmp_path / "restored")
    for kept in ("landing", "decisions"):
        shutil.copytree(pinned.home / kept, restored.home / kept, dirs_exist_ok=True)
    assert place_build_model(restored) == model
    rebuilt = build(restored, "rebuilt", generation_id=nation.generation_id, only=KEYED)
    assert _differences(built, rebuilt) == {}


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
