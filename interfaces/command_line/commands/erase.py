"""`register erase`: erase a child or a supplier's person, and search the home for what is left."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from interfaces.command_line import console
from interfaces.command_line.lazy_modules import backup as backups
from interfaces.command_line.lazy_modules import releases
from register.access_record import Entry, RecordError, current_actor, record_access
from register.home import prepare_home
from register.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from register.erasure import ErasurePlan, Subject
    from register.settings import Settings

REASONS = "data_subject_request, court_order or delivered_by_mistake"
Child = Annotated[
    str,
    typer.Option("--child", metavar="KEY", help="The child's key: all persons linked to it now."),
]
Person = Annotated[
    str,
    typer.Option(
        "--person",
        metavar="SUPPLIER",
        help="A person of this supplier. The reference is asked for, or read from standard input,"
        " so that no list of processes has it.",
    ),
]
ReasonCode = Annotated[str, typer.Option("--reason", metavar="CODE", help=f"Why: {REASONS}.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be erased, by kind.")]
Inbox = Annotated[
    bool, typer.Option("--inbox", help="Remove deliveries that hold the person from the inbox too.")
]
Resume = Annotated[bool, typer.Option("--resume", help="Complete erasures that were interrupted.")]
Verify = Annotated[
    bool,
    typer.Option(
        "--verify",
        help="Search every byte of the home for words, one a line, that are asked for or read"
        " from standard input.",
    ),
]


def erase(  # noqa: PLR0913, PLR0917 - each is an option of the command
    child: Child = "",
    person: Person = "",
    reason: ReasonCode = "",
    dry_run: DryRun = False,
    inbox: Inbox = False,
    resume: Resume = False,
    verify: Verify = False,
) -> None:
    """Erase a child or a person from this home, so that no later delivery brings them back.

    A second person has to approve it. Backups keep the child until they expire.
    """
    if sum(map(bool, (child, person, resume, verify))) != 1:
        raise typer.BadParameter("give one of --child, --person, --resume and --verify")
    settings = load_settings()
    prepare_home(settings)
    if verify:
        _verify(settings)
    elif resume:
        _resume_erasures(settings)
    else:
        _erase_subject(settings, (child, person), reason, (dry_run, inbox))


def _erase_subject(
    settings: Settings, named: tuple[str, str], reason: str, choices: tuple[bool, bool]
) -> None:
    from dataclasses import replace

    from register.approvals import ApprovalError, require_approval
    from register.erasure import (
        REASON_CODES,
        ErasureError,
        find_child,
        find_person,
        make_plan,
        preview_erasure,
        read_plan,
    )

    child, supplier = named
    dry_run, inbox = choices
    if reason not in REASON_CODES:
        raise typer.BadParameter(f"say why: {REASONS}", param_hint="--reason")
    with console.stop_on(ErasureError, ApprovalError, RecordError):
        subject: Subject = (
            find_child(settings, child)
            if child
            else find_person(settings, supplier, _ask_lines("Reference")[0])
        )
        plan = make_plan(
            settings,
            subject,
            decided_by=current_actor().name,
            approved_by="",
            reason_code=reason,
        )
        plan = replace(plan, removes_from_inbox=inbox)
        if dry_run:
            show_counts("Would be erased", preview_erasure(settings, plan))
            return
        act = child or plan.erasure_id
        started = read_plan(settings, plan.erasure_id)
        if started is not None and not started.is_complete:
            plan = started
        else:
            approval = require_approval(settings, "erase", [act])
            assert approval.decided_by is not None
            plan = replace(plan, approved_by=approval.decided_by.name)
        record_access(settings, Entry("decision", "erasure", keys=(plan.erasure_id, act)))
        run_erasure(settings, plan)


def _resume_erasures(settings: Settings) -> None:
    from register.erasure import ErasureError, read_unfinished_plans

    with console.stop_on(ErasureError):
        plans = read_unfinished_plans(settings)
    if not plans:
        console.write_line("No erasure is unfinished.")
    for plan in plans:
        run_erasure(settings, plan)


def run_erasure(settings: Settings, plan: ErasurePlan) -> None:
    """Do the steps of an erasure with their load, and show what was erased."""
    from interfaces.command_line.commands.load import run_load
    from orchestration.locks import WarehouseBusyError, warehouse_lock
    from register.erased_persons import ErasureKeyError
    from register.erasure import ErasureError, ErasureTools, run_steps

    @contextmanager
    def hold_warehouse() -> Iterator[None]:
        with warehouse_lock(settings):
            yield

    with (
        console.stop_on(WarehouseBusyError, code=console.BUSY),
        console.stop_on(ErasureError, ErasureKeyError, releases.ReleaseError),
    ):
        done = run_steps(
            settings,
            plan,
            ErasureTools(
                lambda: run_load(settings, "load_register", refresh=True),
                lambda plan: _unlink_releases(settings, plan),
                hold_warehouse,
            ),
            lambda name: console.notices.print(f"Erasing: {name}", markup=False),
        )
    show_counts(f"Erasure {done.erasure_id}", dict(done.counts))
    show_backups(settings)


def _unlink_releases(settings: Settings, plan: ErasurePlan) -> int:
    if not plan.released_keys:
        return 0
    eraser = releases.Person(plan.decided_by, "erasure", f"erasure {plan.erasure_id}")
    links = releases.Links(plan.released_keys, plan.salt)
    return releases.unlink_rows(settings, links, eraser, releases.read_practice())


def show_backups(settings: Settings) -> None:
    """Show the backups that hold what was erased since, with the date on which each expires."""
    if not settings.backup.place:
        console.write_line("REGISTER_BACKUP is not set: backups made otherwise keep the child.")
        return
    try:
        stored = backups.list_backups(settings)
    except backups.BackupError as error:
        console.write_line(f"The backups keep the child and cannot be listed: {error}")
        return
    console.show_table(
        f"{len(stored)} backups keep the child until they expire",
        ["!backup", "!taken (UTC)", "!expires"],
        [
            [item.backup_id, f"{item.taken_at:%Y-%m-%d %H:%M:%S}", str(item.expires_on)]
            for item in stored
        ],
    )


def _verify(settings: Settings) -> None:
    from register.erasure import search_home

    words = _ask_lines("Word")
    try:
        hits = search_home(settings, words)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--verify") from None
    for hit in hits:
        console.write_line(f"{hit.path}: {hit.reason}")
    if hits:
        console.stop(f"{len(hits):,} places hold a word, or could not be searched.")
    console.write_line("No byte of the home holds any of the words.")


def _ask_lines(title: str) -> list[str]:
    """Return lines from standard input, or the one that a person types unseen."""
    if sys.stdin.isatty():
        return [str(typer.prompt(title, hide_input=True))]
    lines = [line.strip() for line in sys.stdin if line.strip()]
    if not lines:
        raise typer.BadParameter(f"{title.lower()}: standard input is empty")
    return lines


def show_counts(title: str, counts: dict[str, int]) -> None:
    """Show numbers by kind."""
    console.show_table(
        title, ["kind", "#number"], [[kind, f"{count:,}"] for kind, count in counts.items()]
    )
