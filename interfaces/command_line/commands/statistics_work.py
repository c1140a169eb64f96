"""The draft or check that somebody ordered in `register web`, done in a process of its own."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import TYPE_CHECKING

from interfaces.command_line import console
from interfaces.command_line.lazy_modules import production, releases, web
from register.settings import load_settings

if TYPE_CHECKING:
    from interfaces.web import ReleaseWork


def run_ordered_work() -> None:
    """Do the draft or check that was ordered on the page *Releases* of `register web`."""
    # The page stops this process with SIGTERM. As an interrupt it lets each step clean up.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with console.stop_on(releases.ReleaseError):
        web.perform_work(load_settings(), _perform)


def _perform(work: ReleaseWork, progress: Callable[[str], None]) -> str:
    from orchestration.dbt import DbtError
    from orchestration.releases import release_tools, report_event

    settings, practice = load_settings(), releases.read_practice()
    person = releases.Person(work.who, "producer")
    if work.step == "check":
        version = releases.version_named(settings, work.release)
        results = production.check_release(settings, version, person, practice)
        report_event(settings, version, results)
        count = sum(result.fault_count for result in results)
        return f"{version.name} was checked: {console.format_count(count, 'fault')}"
    order = production.DraftOrder(
        int(work.release),
        kind=work.kind,
        reason=work.reason,
        provisional_reason=work.provisional_reason,
    )
    try:
        version = production.draft_release(
            settings, order, person, practice, release_tools(progress)
        )
    except DbtError as error:
        raise releases.ReleaseError(str(error)) from None
    report_event(settings, version)
    return f"{version.name} is drafted"
