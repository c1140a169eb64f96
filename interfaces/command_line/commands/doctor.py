"""`register doctor`: check everything that a load needs, and say how to correct faults.

There is one check for each subject. Functions that a check calls belong in the package of its
subject.
"""

from __future__ import annotations

import importlib
import logging
import os
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Annotated

import typer
from rich.table import Table

from interfaces.command_line import console
from interfaces.command_line.lazy_modules import (
    backup,
    dbt,
    decision_files,
    duckdb,
    encrypted_kinds,
    feeds,
    home_status,
    publishing,
    serving,
)
from orchestration.locks import (
    BusyError,
    WarehouseBusyError,
    command_lock,
    warehouse_lock,
)
from register.access import AccessError, check_groups, close_all, find_access_faults
from register.access_record import find_record_fault, verify_record
from register.home import prepare_home
from register.home_files import list_unknown_files
from register.key_strength import find_key_fault
from register.outside_record import (
    find_record_faults,
    read_delivered_generation,
    read_recorded_heads,
)
from register.settings import Settings, SettingsError, load_settings

LOGGER = logging.getLogger(__name__)
EXTENSIONS = ("httpfs", "encodings", "excel", "postgres_scanner", "ducklake")
# The maximum number of faults listed for each subject.
MAX_LISTED = 10


@dataclass(frozen=True)
class Finding:
    """The result of one check. `says` describes the result and, for a fault, what to do."""

    subject: str
    is_well: bool
    says: str


def doctor(
    deep: Annotated[
        bool,
        typer.Option(
            "--deep",
            help="Also read every byte of landing, published files, accounts and access record.",
        ),
    ] = False,
    close: Annotated[
        bool,
        typer.Option(
            "--close",
            help=(
                "First restrict access to files and folders of the home that too many accounts "
                "may open."
            ),
        ),
    ] = False,
    as_json: console.AsJson = False,
) -> None:
    """Check what a load needs, such as disk space, pseudonym key, layouts and dbt project.

    Exit code 1 if a check fails.
    """
    with console.stop_on(SettingsError):
        settings = load_settings()
    if close:
        console.notices.print(f"{close_all(settings):,} folders and files closed.")
    findings = run_checks(settings)
    if deep:
        findings += run_deep_checks(settings)
    show_findings(findings, as_json)


def show_findings(findings: list[Finding], as_json: bool) -> None:
    """Show findings; exit code 1 if one of them is a fault."""
    if as_json:
        console.write_json([asdict(finding) for finding in findings])
    else:
        table = Table(show_header=False, box=None)
        for finding in findings:
            mark = "[green]✓[/green]" if finding.is_well else "[red]✗[/red]"
            table.add_row(mark, finding.subject, finding.says)
        console.output.print(table)
    if not all(finding.is_well for finding in findings):
        raise typer.Exit(console.FAILED)


def run_checks(settings: Settings) -> list[Finding]:
    """Check everything that a load needs.

    Only the home is changed: missing folders and decision files are created, and other users are
    shut out.
    """
    findings = []
    try:
        prepare_home(settings)
    except OSError as error:
        findings.append(Finding("folders", False, f"cannot be made: {error.strerror}"))
    return findings + [_run_check(name, check, settings) for name, check in CHECKS.items()]


def run_deep_checks(settings: Settings) -> list[Finding]:
    """Read every byte that has a recorded hash. Nothing is changed."""
    return [
        _run_check(name, _describe_deep_check(check), settings)
        for name, check in DEEP_CHECKS.items()
    ]


def check_restored(settings: Settings, key_id: str | None) -> list[Finding]:
    """Check that a restored home is sound: its files, decisions and permissions, and the key.

    `key_id` is that of the pseudonym key which the backup needs.
    """
    is_well = key_id in (None, settings.key_id)
    needed = (
        f"its id is {settings.key_id}, and this home needs {key_id}: set REGISTER_PSEUDONYM_KEY"
    )
    key = Finding("pseudonym key", is_well, "the key of this home" if is_well else needed)
    findings = [_run_check(name, CHECKS[name], settings) for name in RESTORE_CHECKS]
    return [key, *findings, *run_deep_checks(settings)]


def _run_check(
    name: str, check: Callable[[Settings], tuple[bool, str]], settings: Settings
) -> Finding:
    """Return a check's finding. An error of the check is a finding too, and hides no other."""
    try:
        return Finding(name, *check(settings))
    except Exception as error:
        # The error's text may quote data, so only `--verbose` shows it.
        LOGGER.info("the check of %s failed", name, exc_info=True)
        reason = getattr(error, "strerror", None) or type(error).__name__
        return Finding(name, False, f"the check failed ({reason})")


def _check_python(_: Settings) -> tuple[bool, str]:
    version = ".".join(map(str, sys.version_info[:3]))
    return sys.version_info >= (3, 11), f"{version} (3.11 or later is needed)"


def _check_extensions(_: Settings) -> tuple[bool, str]:
    loader = importlib.import_module("duckdb_extensions")
    failed = []
    for name in EXTENSIONS:
        try:
            loader.import_extension(name)
            with duckdb.connect() as connection:
                connection.execute(f"load {name}")
        except (duckdb.Error, ImportError, OSError):
            failed.append(name)
    if failed:
        return False, f"cannot load {', '.join(failed)}: install requirements.lock again"
    return True, f"{', '.join(EXTENSIONS)} load without a network"


def _check_home(settings: Settings) -> tuple[bool, str]:
    closed = [
        path.name for path in home_status.list_stores(settings) if not os.access(path, os.W_OK)
    ]
    if closed:
        return False, f"{settings.home}: cannot write {', '.join(closed)}"
    return True, str(settings.home)


def _check_access(settings: Settings) -> tuple[bool, str]:
    try:
        check_groups(settings)
    except AccessError as error:
        return False, str(error)
    faults = find_access_faults(settings)
    if faults:
        return False, f"others may open {_join_faults(faults)}: run `register doctor --close`"
    return True, "only the people who should"


def _check_disk(settings: Settings) -> tuple[bool, str]:
    disk = home_status.measure_disk(settings)
    place = f" for {disk.store}" if disk.store else ""
    advice = "" if disk.is_enough else "; free some, or keep fewer generations"
    return disk.is_enough, f"{disk.free / home_status.GIGABYTE:.0f} GB free{place}{advice}"


def _check_locks(settings: Settings) -> tuple[bool, str]:
    try:
        with command_lock(settings), warehouse_lock(settings):
            return True, "no load is running"
    except (BusyError, WarehouseBusyError):
        return True, "a load is running"


def _check_left_overs(settings: Settings) -> tuple[bool, str]:
    partials = [path for path in (settings.landing / ".partial").glob("*") if path.is_dir()]
    stale_forms = publishing.find_stale_files(settings)
    if stale_forms or partials:
        return True, (
            f"{len(partials)} partial landings and {len(stale_forms)} old builds;"
            " the next load sweeps them"
        )
    return True, "nothing left by killed loads"


def _check_unknown_files(settings: Settings) -> tuple[bool, str]:
    # Only folders are named: a file that a person put there may have a child's name.
    unknown = Counter(path.parts[0] for path in list_unknown_files(settings.home))
    places = ", ".join(f"{count:,} in {folder}" for folder, count in sorted(unknown.items()))
    return not unknown, (
        f"files that the register does not know: {places}; move them out of the home"
        if unknown
        else "every file is of a known kind"
    )


def _check_decisions(settings: Settings) -> tuple[bool, str]:
    faults = decision_files.find_decision_faults(settings)
    return not faults, _join_faults(faults) or "every row is unchanged since the last load"


def _check_key(settings: Settings) -> tuple[bool, str]:
    try:
        decision_files.check_decision_key(settings)
    except decision_files.KeyChangedError as error:
        return False, str(error)
    name = f"id {settings.key_id}, in environment '{settings.environment}'"
    fault = find_key_fault(settings.pseudonym_key)
    return settings.is_simulation or fault is None, f"{name}; {fault}" if fault else name


def _check_truth(settings: Settings) -> tuple[bool, str]:
    if settings.is_simulation:
        return True, (
            "this home is a simulation: its truth is read by evaluation alone, to measure the"
            " error of linkage, estimates and reasons; no published figure uses it"
        )
    if settings.truth.is_dir():
        why = (
            f"environment '{settings.environment}' has no simulation"
            if settings.environment == "production"
            else f"no {settings.simulation_declaration.name} of `register simulate` declares it"
        )
        return False, f"ignored: {why}; remove the folder {settings.truth.name}"
    return True, "none, as in every real home"


def _check_layouts(settings: Settings) -> tuple[bool, str]:
    faults = feeds.find_layout_faults(settings.layouts)
    return not faults, "\n".join(faults) or "every layout and assignment can be used"


def _check_dbt(settings: Settings) -> tuple[bool, str]:
    if not os.access(dbt.dbt_executable(), os.X_OK):
        return False, "dbt is not installed with this Python: install requirements.lock again"
    try:
        dbt.prepare_manifest(settings)
    except dbt.DbtError as error:
        return False, str(error)
    return True, "the project parses"


def _check_current_generation(settings: Settings) -> tuple[bool, str]:
    generation = publishing.current_generation(settings)
    if generation is None:
        return True, "nothing published yet: run `register load`"
    if not (generation.folder / "manifest.json").is_file():
        return False, (
            f"points to {generation.generation_id}, which does not exist: choose a kept one with"
            " `register generations rollback`"
        )
    return True, generation.generation_id


def _check_serving(settings: Settings) -> tuple[bool, str]:
    generation = publishing.current_generation(settings)
    if generation is None or not settings.serving_targets:
        return True, "nothing is to be served" if generation else "nothing published yet"
    faults = []
    for target in settings.serving_targets:
        try:
            served = serving.served_generation(settings, target)
        except (serving.PostgresError, serving.LakeError) as error:
            faults.append(str(error))
            continue
        if served != generation.generation_id:
            faults.append(
                f"{target} has {served or 'no generation'}: run `register serve {target}`"
            )
    return not faults, "; ".join(faults) or f"{', '.join(settings.serving_targets)}: current"


def _check_access_record(settings: Settings) -> tuple[bool, str]:
    fault = find_record_fault(settings)
    return fault is None, fault or "its last entry is the one that was written last"


def _check_outside_record(settings: Settings) -> tuple[bool, str]:
    if not settings.watch.has_outside_record:
        advice = "none: set REGISTER_OUTSIDE_RECORD, so that a removed access record is noticed"
        return settings.environment != "production", advice
    faults = find_record_faults(settings)
    generation = publishing.current_generation(settings)
    delivered = read_delivered_generation(settings) or ""
    if not faults and generation and delivered < generation.generation_id:
        faults = [
            f"the hashes of generation {generation.generation_id} were not delivered: run"
            " `register access deliver`"
        ]
    return not faults, _join_faults(faults) or "the home has everything that was recorded"


def _check_backup(settings: Settings) -> tuple[bool, str]:
    if not settings.backup.place:
        return True, "none: set REGISTER_BACKUP, and run `register backup` each night"
    fault = backup.find_backup_fault(settings)
    return fault is None, fault or "verified, and not too old"


def _check_receipts(settings: Settings) -> tuple[bool, str]:
    fault = feeds.find_receipt_fault(settings)
    return fault is None, fault or "every landed delivery has one"


def _find_receipt_faults(settings: Settings) -> list[str]:
    advice = "add the former key to REGISTER_RECEIPT_KEY, or remove the receipt"
    try:
        changed = feeds.find_changed_receipts(settings)
    except feeds.ReceiptKeyError as error:
        return [str(error)]
    return [f"{name}: it is not what was signed: {advice}, and load" for name in changed]


def _describe_deep_check(
    find_faults: Callable[[Settings], list[str]],
) -> Callable[[Settings], tuple[bool, str]]:
    """Return a check that describes the faults which `find_faults` returns."""

    def check(settings: Settings) -> tuple[bool, str]:
        faults = find_faults(settings)
        return not faults, _join_faults(faults) or "every byte is unchanged"

    return check


def _join_faults(faults: list[str]) -> str:
    more = f"; and {len(faults) - MAX_LISTED:,} more" if len(faults) > MAX_LISTED else ""
    return "; ".join(faults[:MAX_LISTED]) + more


def _find_landing_faults(settings: Settings) -> list[str]:
    damaged = feeds.examine_landing(settings.landing, is_deep=True, ring=settings.data_keys).damaged
    landed, copied = "`register load` lands it again", "restore it from the backup"
    return [
        f"{each.folder}: {each.reason}; {copied if each.reason == feeds.COPY_FAULT else landed}"
        for each in damaged
    ]


def _find_published_faults(settings: Settings) -> list[str]:
    try:
        return publishing.find_published_faults(settings)
    except feeds.LedgerError as error:
        return [str(error)]


def _find_account_faults(settings: Settings) -> list[str]:
    from interfaces.web import find_accounts_fault

    fault = find_accounts_fault(settings)
    return [] if fault is None else [fault]


def _find_access_record_faults(settings: Settings) -> list[str]:
    return list(verify_record(settings, read_recorded_heads(settings)).faults)


def _check_encryption(settings: Settings) -> tuple[bool, str]:
    if settings.data_keys is None:
        return True, "the settings have no data keys: files are not encrypted"
    plain = [
        path.relative_to(settings.home).as_posix()
        for path in encrypted_kinds.find_plain_files(settings)
    ]
    advice = "if the home has just received its keys, run `register keys rotate`; otherwise"
    advice += " somebody replaced the file: restore it from the backup"
    return not plain, f"not encrypted: {_join_faults(plain)}; {advice}" if plain else (
        "every file that names children is encrypted"
    )


DEEP_CHECKS: dict[str, Callable[[Settings], list[str]]] = {
    "landing": _find_landing_faults,
    "published files": _find_published_faults,
    # A lambda, so that the module is imported only when the check runs.
    "Parquet files": lambda settings: serving.find_parquet_faults(settings),  # noqa: PLW0108
    "signatures of receipts": _find_receipt_faults,
    "accounts": _find_account_faults,
    "entries of the access record": _find_access_record_faults,
}
CHECKS: dict[str, Callable[[Settings], tuple[bool, str]]] = {
    "Python": _check_python,
    "DuckDB extensions": _check_extensions,
    "home": _check_home,
    "access": _check_access,
    "disk": _check_disk,
    "locks": _check_locks,
    "left-overs": _check_left_overs,
    "unknown files": _check_unknown_files,
    "decisions": _check_decisions,
    "pseudonym key": _check_key,
    "encryption": _check_encryption,
    "access record": _check_access_record,
    "outside record": _check_outside_record,
    "simulated truth": _check_truth,
    "layouts": _check_layouts,
    "inbox": lambda settings: home_status.check_inbox(settings),  # noqa: PLW0108 - lazy
    "dbt project": _check_dbt,
    "current generation": _check_current_generation,
    "serving": _check_serving,
    "receipts": _check_receipts,
    "backup": _check_backup,
}
# Checks of a restored home, besides the deep ones.
RESTORE_CHECKS = ("access", "decisions", "current generation")
