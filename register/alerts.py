"""Alerts: what needs somebody, sent once to a command or a web hook when it begins and ends.

What an alert is about is decided by the command `register alerts`. No alert names a child.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from register.durable import write_whole
from register.receivers import post_message, run_command
from register.settings import Settings

STATE_MODE = 0o600


class AlertError(RuntimeError):
    """Alerts could not be sent. The message never contains the address or the command."""


@dataclass(frozen=True)
class Alert:
    """A fault that a person has to act on: its kind, its subject, and what it says.

    `kind` and `subject` identify the alert, and do not change while the fault lasts.
    """

    kind: str
    subject: str
    says: str

    @property
    def key(self) -> str:
        """The identity of the alert in the file of sent alerts."""
        return f"{self.kind}: {self.subject}"


@dataclass(frozen=True)
class SentAlerts:
    """Where alerts go, and those that were sent and have not ended.

    `receivers` are in words, without addresses. `sent_at` is the time (UTC) of the last sending.
    """

    receivers: tuple[str, ...]
    keys: tuple[str, ...]
    sent_at: datetime | None


def read_sent_alerts(settings: Settings) -> SentAlerts:
    """Return where alerts go, and the alerts that were sent and have not ended."""
    watch = settings.watch
    receivers = {"a command": watch.alert_command, "a web hook": watch.alert_url}
    try:
        changed = _sent_file(settings).stat().st_mtime
    except FileNotFoundError:
        changed = None
    return SentAlerts(
        tuple(name for name, receiver in receivers.items() if receiver),
        tuple(_read_sent(settings)),
        datetime.fromtimestamp(changed, UTC) if changed else None,
    )


def send_changes(settings: Settings, alerts: Iterable[Alert]) -> tuple[list[Alert], list[str]]:
    """Send alerts that are new since the last sending, and the keys of those that have ended.

    Returns both. If nothing has changed, nothing is sent. Raises `AlertError` if no receiver is set
    or one of them fails; the next call then sends the same changes again.
    """
    now = {alert.key: alert for alert in alerts}
    sent = _read_sent(settings)
    began = [alert for key, alert in now.items() if key not in sent]
    ended = [key for key in sent if key not in now]
    if began or ended:
        _send_message(settings, _write_message(settings, began, ended))
        content = json.dumps({"sent": sorted(now)}, indent=1).encode()
        settings.warehouse.mkdir(parents=True, exist_ok=True)
        write_whole(_sent_file(settings), content, STATE_MODE)
    return began, ended


def _write_message(settings: Settings, began: list[Alert], ended: list[str]) -> bytes:
    """Return the message as JSON. Chat services show its `text`."""
    lines = [f"{alert.key}: {alert.says}" for alert in began] + [f"{key}: ended" for key in ended]
    message: Mapping[str, Any] = {
        "text": "Register of missing children\n" + "\n".join(lines),
        "environment": settings.environment,
        "sent_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "began": [asdict(alert) for alert in began],
        "ended": ended,
    }
    return json.dumps(message, ensure_ascii=False).encode()


def _send_message(settings: Settings, message: bytes) -> None:
    receivers = settings.watch
    if not receivers.alert_command and not receivers.alert_url:
        raise AlertError("no receiver: set REGISTER_ALERT_COMMAND or REGISTER_ALERT_URL")
    faults = []
    if receivers.alert_command:
        faults += run_command("REGISTER_ALERT_COMMAND", receivers.alert_command, message)
    if receivers.alert_url:
        faults += post_message("REGISTER_ALERT_URL", receivers.alert_url, message)
    if faults:
        raise AlertError("; ".join(faults))


def _read_sent(settings: Settings) -> list[str]:
    """Return the keys of the alerts that were sent and have not ended."""
    try:
        return list(json.loads(_sent_file(settings).read_bytes())["sent"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        # Without the file, all alerts are sent once more.
        return []


def _sent_file(settings: Settings) -> Path:
    return settings.warehouse / "sent_alerts.json"
