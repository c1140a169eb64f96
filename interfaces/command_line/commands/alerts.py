"""`register alerts`: everything that needs somebody, sent to a command or a web hook."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from interfaces.command_line import console
from interfaces.command_line.commands.doctor import run_checks
from interfaces.command_line.lazy_modules import feeds, home_status, publishing
from register.alerts import Alert, AlertError, send_changes
from register.choices import ALERTED_TASKS
from register.labels import code_to_words
from register.settings import Settings, SettingsError, load_settings
from register.storage_settings import InboxUnreachableError
from register.supplier_names import name_supplier


def alerts(
    send: Annotated[
        bool,
        typer.Option(
            "--send",
            help="Send reminders to suppliers that are late, and alerts that began or ended since"
            " the last sending to REGISTER_ALERT_COMMAND and REGISTER_ALERT_URL.",
        ),
    ] = False,
    as_json: console.AsJson = False,
) -> None:
    """Show what needs somebody, such as a failed load or a full disk; exit code 5 if anything does.

    With `--send`, the exit code is 0, or 1 if the alerts could not be sent. Run it every few
    minutes.
    """
    with console.stop_on(SettingsError):
        settings = load_settings()
    if send:
        reminders = feeds.send_reminders(settings)
        console.notices.print(f"{len(reminders):,} reminders sent to suppliers.")
    current_alerts = find_alerts(settings)
    if send:
        with console.stop_on(AlertError):
            began, ended = send_changes(settings, current_alerts)
        console.notices.print(f"{len(began):,} new and {len(ended):,} ended alerts sent.")
    if as_json:
        console.write_json([asdict(alert) for alert in current_alerts])
    elif current_alerts and not send:
        rows = [[alert.kind, alert.subject, alert.says] for alert in current_alerts]
        console.show_table("", ["!kind", "subject", "what is wrong"], rows)
    elif not send:
        console.output.print("nothing needs anybody")
    if current_alerts and not send:
        raise typer.Exit(console.ATTENTION)


def find_alerts(settings: Settings, now: datetime | None = None) -> list[Alert]:
    """Return the alerts of a home: its status, deliveries that no load takes in, and its doctor.

    They also include the number of children who need help now, by authority and force.
    """
    moment = now or datetime.now(UTC)
    status = home_status.read_home_status(settings, moment)
    active = []
    if status.has_failed:
        active.append(Alert("load", "failed", "the last load failed; its log says what to do"))
    active += [Alert("late supplier", item.subject, item.says) for item in status.late]
    active += _find_silent_suppliers(settings, moment)
    active += [
        Alert("held delivery", entry.delivery_id, "run `register deliveries confirm` or `refuse`")
        for entry in status.held_deliveries
    ]
    active += [
        Alert("rejected delivery", entry.delivery_id, "its supplier has to deliver it again")
        for entry in status.rejected
    ]
    active += [
        Alert("damaged delivery", item.partition(": ")[0], item.partition(": ")[2])
        for item in status.damaged
    ]
    active += _find_waiting(settings, moment)
    active += _find_children_to_help(settings)
    # What a check says may name a file in the inbox, and so a child: it stays on this machine.
    active += [
        Alert("doctor", finding.subject, "run `register doctor`, which says what to do")
        for finding in run_checks(settings)
        if not finding.is_well
    ]
    return active


def _find_waiting(settings: Settings, moment: datetime) -> list[Alert]:
    """Return an alert if new deliveries have waited in the inbox longer than the limit."""
    limit = (moment.timestamp() - settings.watch.load_hours * 3600) * 1e9
    try:
        new = feeds.read_inbox_state(settings, moment).new
    except InboxUnreachableError:
        # `register doctor` names this, which is an alert too.
        return []
    waiting = [
        item for item in new if item.files and max(file.changed_ns for file in item.files) <= limit
    ]
    if not waiting:
        return []
    says = (
        f"{len(waiting):,} deliveries have waited longer than"
        f" {settings.watch.load_hours:g} hours: is the schedule running?"
    )
    return [Alert("load", "overdue", says)]


def _find_silent_suppliers(settings: Settings, moment: datetime) -> list[Alert]:
    """Return an alert for each supplier and feed whose reminders were escalated in vain."""
    says: dict[str, str] = {}
    for item in feeds.list_escalations(settings, moment):
        name = name_supplier(settings.seeds, item.supplier_code)
        text = f"{item.period} was due {item.due_on}, and reminders had no effect: call them"
        says.setdefault(f"{code_to_words(item.feed)}, {name}", text)
    return [Alert("silent supplier", subject, text) for subject, text in sorted(says.items())]


def _find_children_to_help(settings: Settings) -> list[Alert]:
    """Return an alert for each authority and force with urgent tasks: counts without names.

    The subject has the day of the register's newest data, so that newer data are a new alert.
    """
    generation = publishing.current_generation(settings)
    if generation is None:
        return []
    try:
        counts = publishing.count_tasks(generation)
    except LookupError:
        return []
    counted: dict[str, list[str]] = {}
    for each in sorted(counts, key=lambda each: (each.body_code, each.task_code)):
        if each.task_code in ALERTED_TASKS:
            subject = f"{name_supplier(settings.seeds, each.body_code)}, as of {each.as_of_date}"
            says = f"{each.task_name.lower()}: {each.children_count:,}"
            counted.setdefault(subject, []).append(says)
    return [
        Alert("children to help", subject, "; ".join(says)) for subject, says in counted.items()
    ]
