"""A load does what remains to be done, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest
from typer.testing import CliRunner

from interfaces.command_line import app
from orchestration.dagster_home import dagster_instance
from orchestration.defs.triggers import load_if_needed
from orchestration.delivery_partitions import feed_partitions
from register.decision_files import append_decisions
from register.feeds import decide_delivery
from register.publishing import (
    FEEDBACK,
    MEASURES,
    RemainingWork,
    current_generation,
    find_remaining_work,
    kept_generations,
    record_stage,
)
from tests.orchestration.conftest import Place
from tests.publishing.builds import DELIVERY_ID

pytestmark = pytest.mark.slow
NOTHING = RemainingWork((), ())


def _put_into_inbox(place: Place) -> None:
    folder = place.settings.inbox / "police_reports" / "E23000099" / "2026-11"
    folder.mkdir(parents=True)
    (folder / "reports.csv").write_text("invented\n", encoding="utf-8")


def _withdraw(place: Place) -> None:
    row = ["2026-11-01T09:00:00Z", "A. Person", DELIVERY_ID, "withdraw", "sent by mistake"]
    append_decisions(place.settings, "deliveries.csv", [row], ValueError)


def _rename_supplier(place: Place) -> None:
    path = place.settings.seeds / "ref__suppliers.csv"
    text = path.read_text(encoding="utf-8").replace("Invented Police", "Other Police")
    path.write_text(text, encoding="utf-8")


def _change_model(place: Place) -> None:
    path = next(place.project.rglob("models/**/*.sql"))
    path.write_text(path.read_text(encoding="utf-8") + "\n-- another word\n", encoding="utf-8")


def _damage_landing(place: Place) -> None:
    path = next(place.settings.landing.glob(f"*/{DELIVERY_ID}/*.parquet"))
    path.write_bytes(path.read_bytes() + b"!")


def _lose_published_file(place: Place) -> None:
    (place.settings.published / "current" / "case_lists.duckdb").unlink()


def _damage_manifest(place: Place) -> None:
    path = place.settings.published / "current" / "manifest.json"
    path.chmod(0o600)
    path.write_text("{", encoding="utf-8")


def _change_hold_share(place: Place) -> None:
    object.__setattr__(place.settings, "hold_shrink_share", 0.5)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_put_into_inbox, "1 new in the inbox"),
        (_withdraw, "decisions changed"),
        (_rename_supplier, "look-up tables changed"),
        (_change_model, "models changed"),
        (_damage_landing, "landing is damaged"),
        (_change_hold_share, "settings changed"),
        (_lose_published_file, "the current generation is damaged"),
        (_damage_manifest, "the current generation is damaged"),
    ],
)
def test_a_changed_input_is_a_reason_to_build(
    loaded: Place, change: Callable[[Place], None], reason: str
) -> None:
    """Prevents a load that ends at once although the register would be another one."""
    assert find_remaining_work(loaded.settings) == NOTHING
    change(loaded)
    assert reason in find_remaining_work(loaded.settings).reasons_to_build


def test_a_load_with_nothing_new_ends_at_once(loaded: Place) -> None:
    """Prevents another generation, and minutes of work, for the same register."""
    before = [item.generation_id for item in kept_generations(loaded.settings)]
    runs = _count_runs(loaded)
    result = CliRunner().invoke(app, ["load"])
    assert result.exit_code == 0, result.output
    assert "Nothing to do" in result.output
    assert [item.generation_id for item in kept_generations(loaded.settings)] == before
    assert _count_runs(loaded) == runs


def test_a_refreshed_load_builds_in_any_case(loaded: Place) -> None:
    """Prevents a warehouse that cannot be built again."""
    assert CliRunner().invoke(app, ["load", "--refresh"]).exit_code == 0
    assert len(kept_generations(loaded.settings)) == 2


def test_a_load_completes_what_an_earlier_load_did_not(loaded: Place) -> None:
    """Prevents a generation that is never measured, because its load ended too early."""
    generation = current_generation(loaded.settings)
    assert generation is not None
    record_stage(loaded.settings, MEASURES, "an earlier generation")
    assert find_remaining_work(loaded.settings) == RemainingWork((), (MEASURES,))
    result = CliRunner().invoke(app, ["load"])
    assert result.exit_code == 0, result.output
    assert "completing: measures" in result.output
    assert find_remaining_work(loaded.settings) == NOTHING
    assert current_generation(loaded.settings) == generation


def test_a_generation_chosen_again_is_served_and_measured(loaded: Place) -> None:
    """Prevents readers of Parquet and of the site who stay on a generation that was taken back."""
    assert CliRunner().invoke(app, ["load", "--refresh"]).exit_code == 0
    first = kept_generations(loaded.settings)[1]
    assert CliRunner().invoke(app, ["generations", "rollback", first.generation_id]).exit_code == 0
    stages = find_remaining_work(loaded.settings).unfinished_stages
    assert {FEEDBACK, MEASURES} <= set(stages)


def test_the_daily_load_is_left_out_if_nothing_remains(loaded: Place) -> None:
    """Prevents a run every morning that changes nothing."""
    with (
        dagster_instance(loaded.settings) as instance,
        dg.build_schedule_context(instance=instance) as context,
    ):
        assert isinstance(load_if_needed(context), dg.SkipReason)
        _put_into_inbox(loaded)
        request = load_if_needed(context)
    assert isinstance(request, dg.RunRequest)
    assert request.tags["register/reasons"] == "1 new in the inbox"


def test_a_month_becomes_due_although_nothing_is_loaded(loaded: Place) -> None:
    """Prevents a missing month from being shown only after something else arrives."""
    decide_delivery(loaded.settings, DELIVERY_ID, "confirm", "A. Person", "Asked the force")
    assert CliRunner().invoke(app, ["load"]).exit_code == 0
    name = str(feed_partitions("police_reports").name)
    with dagster_instance(loaded.settings) as instance:
        (delivered,) = instance.get_dynamic_partitions(name)
        instance.delete_dynamic_partition(name, delivered)
        with dg.build_schedule_context(instance=instance) as context:
            assert isinstance(load_if_needed(context), dg.SkipReason)
        assert instance.get_dynamic_partitions(name) == [delivered]


def _count_runs(place: Place) -> int:
    with dagster_instance(place.settings) as instance:
        return instance.get_runs_count()


def test_a_home_without_a_generation_is_built(tmp_path: Path, place: Place) -> None:
    """Prevents a first load that finds nothing to do."""
    assert find_remaining_work(place.settings).reasons_to_build == ("nothing is published yet",)
