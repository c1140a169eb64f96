"""`register status`: what needs somebody, with an exit code that a scheduler understands."""

from __future__ import annotations

import json
from typing import Any

from typer.testing import CliRunner

from interfaces.command_line import app
from register.feeds import decide_delivery
from register.load_history import mark_failure
from tests.orchestration.conftest import Place
from tests.publishing.builds import DELIVERY_ID


def _status(code: int) -> dict[str, Any]:
    result = CliRunner().invoke(app, ["status", "--json"])
    assert result.exit_code == code, result.output
    outcome: dict[str, Any] = json.loads(result.stdout)
    return outcome


def test_what_needs_somebody_is_named_and_ends_with_5(loaded: Place) -> None:
    """Prevents a held delivery, a damaged one or a failed load from waiting for weeks unseen."""
    settings = loaded.settings
    outcome = _status(5)
    assert (outcome["last_load"], outcome["held"]) == ("SUCCESS", [DELIVERY_ID])
    assert outcome["damaged"] == outcome["rejected"] == []
    assert outcome["generation"] is not None
    output = CliRunner().invoke(app, ["status"]).output
    assert "Invented Police, police reports, 2026-10" in output
    assert "E23000099" not in output
    decide_delivery(settings, DELIVERY_ID, "confirm", "A. Person", "Asked the force")
    suppliers = settings.seeds / "ref__suppliers.csv"
    suppliers.write_text(suppliers.read_text(encoding="utf-8").splitlines()[0], encoding="utf-8")
    assert _status(0)["held"] == []
    table = next(settings.landing.glob("police_reports/*/reports.parquet"))
    table.unlink()
    (damaged,) = _status(5)["damaged"]
    assert damaged == f"police_reports/{DELIVERY_ID}: reports.parquet is not there"
    output = CliRunner().invoke(app, ["status"]).output
    assert "1 damaged" in output and "0 held" in output
    mark_failure(settings, "look_back", "an invented run")
    assert _status(5)["last_load"] == "SUCCESS"
    mark_failure(settings, "load_register", "an invented run")
    assert _status(5)["last_load"] == "FAILURE"


def test_a_home_without_anything_needs_nobody(place: Place) -> None:
    """Prevents an alarm from a home that was set up a minute ago."""
    (place.settings.landing / "police_reports" / DELIVERY_ID).rename(
        place.settings.home / "elsewhere"
    )
    outcome = _status(0)
    assert (outcome["generation"], outcome["last_load"], outcome["late"]) == (None, None, [])
    assert outcome["never_delivered_count"] == 1
