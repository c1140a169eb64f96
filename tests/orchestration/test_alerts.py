"""`register alerts`: faults reach a command and a web hook once, and again when they end."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from interfaces.command_line import app
from interfaces.command_line.commands import doctor
from interfaces.command_line.commands.alerts import find_alerts
from register.alerts import Alert, AlertError, send_changes
from register.feeds import list_reminders, send_reminders
from register.home_status import read_home_status
from register.load_history import clear_failure, mark_failure
from register.publishing import publish
from register.settings import Settings, SettingsError, load_settings
from register.supplier_names import name_supplier
from register.variables import WatchSettings
from tests.feeds.deliveries import COMPACT, Home, report
from tests.orchestration.conftest import Place
from tests.publishing.builds import DELIVERY_ID, build
from tests.publishing.listed_children import CHILD, OVERDUE, write_task_counts

FULL = Alert("doctor", "disk", "1 GB free")
LATE = Alert("late supplier", "police_reports E23000001", "due 2026-05-10, last was 2026-03")


@contextmanager
def web_hook(status: int = 200) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A server on this machine that keeps what is posted to it."""
    received: list[dict[str, Any]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook", received
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_an_alert_is_sent_when_it_begins_and_when_it_ends(settings: Settings) -> None:
    """Prevents a fault that nobody hears of, and one that is told every few minutes."""
    with web_hook() as (url, received):
        home = replace(settings, watch=WatchSettings(alert_url=url))
        assert send_changes(home, [FULL]) == ([FULL], [])
        assert send_changes(home, [replace(FULL, says="2 GB free")]) == ([], [])
        assert send_changes(home, [LATE]) == ([LATE], [FULL.key])
        assert send_changes(home, []) == ([], [LATE.key])
    assert [[item["subject"] for item in message["began"]] for message in received] == [
        ["disk"],
        ["police_reports E23000001"],
        [],
    ]
    assert "doctor: disk: ended" in received[1]["text"]


def test_what_could_not_be_sent_is_sent_again(settings: Settings) -> None:
    """Prevents an alert that is lost because the receiver was down for a minute."""
    with web_hook(status=503) as (url, _):
        home = replace(settings, watch=WatchSettings(alert_url=url))
        with pytest.raises(AlertError, match="status 503"):
            send_changes(home, [FULL])
    # The server is gone now.
    with pytest.raises(AlertError) as failed:
        send_changes(home, [FULL])
    assert "127.0.0.1" not in str(failed.value)
    with web_hook() as (url, received):
        assert send_changes(replace(settings, watch=WatchSettings(alert_url=url)), [FULL])[0] == [
            FULL
        ]
    assert len(received) == 1


def test_the_command_gets_the_alerts_and_no_secret(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a notifier that learns the pseudonym key from its environment."""
    monkeypatch.setenv("REGISTER_PSEUDONYM_KEY", "kept from every command that is run")
    script = tmp_path / "notify.py"
    script.write_text(
        "import os, pathlib, sys\n"
        "pathlib.Path(sys.argv[1]).write_bytes(sys.stdin.buffer.read())\n"
        "sys.exit(any(name.startswith('REGISTER_') for name in os.environ))\n"
    )
    told = tmp_path / "told.json"
    command = f"{sys.executable} {script} {told}"
    assert send_changes(replace(settings, watch=WatchSettings(alert_command=command)), [FULL])[0]
    assert json.loads(told.read_bytes())["began"][0]["says"] == "1 GB free"
    for wrong, fault in (("false", "exit code 1"), ("no-such-command", "FileNotFoundError")):
        with pytest.raises(AlertError, match=fault):
            send_changes(replace(settings, watch=WatchSettings(alert_command=wrong)), [LATE])


def test_without_a_receiver_nothing_counts_as_sent(settings: Settings) -> None:
    """Prevents a timer that believes somebody was told."""
    with pytest.raises(AlertError, match="no receiver"):
        send_changes(settings, [FULL])


def test_an_address_must_be_encrypted() -> None:
    """Prevents alerts that travel in the clear, and an error that quotes a secret address."""
    for url in ("http://example.org/token", "ftp://127.0.0.1/token", "example.org/token"):
        with pytest.raises(SettingsError) as error:
            load_settings({"REGISTER_ALERT_URL": url})
        assert "token" not in str(error.value)
    assert load_settings({"REGISTER_ALERT_URL": "https://example.org/token"}).watch.alert_url
    assert "token" not in repr(load_settings({"REGISTER_ALERT_URL": "https://example.org/token"}))


def test_what_needs_somebody_is_found(loaded: Place) -> None:
    """Prevents a failed load, a held delivery or a schedule that stopped from staying unseen."""
    settings = loaded.settings
    assert ("held delivery", DELIVERY_ID) in {(a.kind, a.subject) for a in find_alerts(settings)}
    mark_failure(settings, "load_register", "an invented run")
    assert "failed" in {a.subject for a in find_alerts(settings) if a.kind == "load"}
    clear_failure(settings)
    delivery = settings.inbox / "police_reports" / "E23000001" / "2026-04"
    delivery.mkdir(parents=True)
    (delivery / "reports.csv").write_text("anything\n")
    changed = datetime.fromtimestamp((delivery / "reports.csv").stat().st_ctime, UTC)
    for hours, is_overdue in ((25.9, False), (26.1, True)):
        found = find_alerts(settings, changed + timedelta(hours=hours))
        assert ("overdue" in {a.subject for a in found if a.kind == "load"}) == is_overdue


def test_no_alert_names_a_file(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prevents the name of a child, in the name of an open file, from reaching a chat service."""
    monkeypatch.setitem(
        doctor.CHECKS, "access", lambda _: (False, "others may open Ann Example.pdf")
    )
    (alert,) = [a for a in find_alerts(settings) if a.subject == "access"]
    assert "Ann" not in alert.says


def test_children_to_help_are_counted_for_who_can_help(settings: Settings) -> None:
    """Prevents a child who is away of whom nobody hears, and an alert that names a child."""
    assert not [alert for alert in find_alerts(settings) if alert.kind == "children to help"]
    due = {**CHILD, "task_code": "interview_due", "task_name": "Return interview due"}
    force = {"body_type_code": "police", "body_code": "E23000010"}
    folder = build(settings, 1)
    write_task_counts(folder, CHILD, CHILD, due, OVERDUE, {**OVERDUE, **force})
    publish(settings, folder)
    found = [alert for alert in find_alerts(settings) if alert.kind == "children to help"]
    assert found == [
        Alert(
            "children to help",
            "Barnsley, as of 2026-05-31",
            "away now: 2; return interview due: 1",
        )
    ]


def test_the_command_lists_and_sends(loaded: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prevents a timer whose exit code says that all is well although nobody was told."""
    result = CliRunner().invoke(app, ["alerts"])
    assert result.exit_code == 5 and "held delivery" in result.output
    assert CliRunner().invoke(app, ["alerts", "--send"]).exit_code == 1
    with web_hook() as (url, received):
        monkeypatch.setenv("REGISTER_ALERT_URL", url)
        for _ in range(2):
            result = CliRunner().invoke(app, ["alerts", "--send"])
            # A timer's log gets one line, not a table every ten minutes.
            assert result.exit_code == 0 and "held delivery" not in result.output
    assert len(received) == 1


def test_a_check_that_fails_hides_no_other(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a doctor that ends with an error where a damaged home needs it most."""

    def fail(_: Settings) -> tuple[bool, str]:
        raise OSError("Ann Example, born 2010-01-01")

    monkeypatch.setitem(doctor.CHECKS, "disk", fail)
    findings = {finding.subject: finding for finding in doctor.run_checks(settings)}
    assert set(findings) == set(doctor.CHECKS)
    assert not findings["disk"].is_well
    assert findings["disk"].says == "the check failed (OSError)"


def test_a_supplier_that_reminders_do_not_reach_is_an_alert(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a silent supplier of whom only the supplier itself hears."""
    home = Home(settings)
    home.put_reports([report(1)], period="2026-09")
    home.load()
    days = {day: datetime(2026, 12, day, 6, tzinfo=UTC) for day in (5, 6)}
    for moment in days.values():
        send_reminders(settings, moment)
    alerts = {
        day: [alert for alert in find_alerts(settings, moment) if alert.kind == "silent supplier"]
        for day, moment in days.items()
    }
    (alert,) = alerts[6]
    name = name_supplier(settings.seeds, COMPACT)
    assert alert.subject == f"police reports, {name}"
    assert alert.says.startswith("2026-10 was due 2026-11-14")
    home.put_reports([report(1)])
    assert "silent supplier" not in {alert.kind for alert in find_alerts(settings, days[6])}


def test_the_command_sends_reminders_even_without_a_receiver(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents reminders that wait for somebody to set up a web hook for alerts."""
    home = Home(settings)
    home.put_reports([report(1)], period="2024-01")
    home.load()
    monkeypatch.setenv("REGISTER_HOME", str(settings.home))
    monkeypatch.setenv("REGISTER_ENVIRONMENT", "test")
    assert CliRunner().invoke(app, ["alerts"]).exit_code == 5
    assert list_reminders(settings) == []
    result = CliRunner().invoke(app, ["alerts", "--send"])
    assert (result.exit_code, "reminders sent to suppliers" in result.output) == (1, True)
    sent = list_reminders(settings, COMPACT)
    assert {item.period for item in sent} >= {"2024-02", "2024-03"}
    (late,) = read_home_status(settings).late
    assert late.last_reminder.startswith("Escalation to the data team, ")
