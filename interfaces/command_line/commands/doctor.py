"""`register doctor`: whether everything that a load needs is as it should be.

One check a subject, with what to do where it fails.
"""

from __future__ import annotations

import importlib
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from interfaces.command_line.console import FAILED, notices, output, stop, write_json
from interfaces.command_line.lazy import lazy_module
from register.access import AccessError, check_groups, close_all, find_access_faults
from register.home import prepare_home
from register.settings import Settings, SettingsError, find_key_fault, load_settings

if TYPE_CHECKING:
    import duckdb

    from orchestration import dagster_home, dbt
    from register import decision_files, feeds, publishing, serving
else:
    duckdb = lazy_module("duckdb")
    dagster_home = lazy_module("orchestration.dagster_home")
    dbt = lazy_module("orchestration.dbt")
    decision_files = lazy_module("register.decision_files")
    feeds = lazy_module("register.feeds")
    publishing = lazy_module("register.publishing")
    serving = lazy_module("register.serving")

EXTENSIONS = ("httpfs", "encodings", "excel", "postgres_scanner")
# Faults named of each subject.
SHOWN = 10
LEAST_FREE_BYTES = 5 * 1024**3


@dataclass(frozen=True)
class Finding:
    """The result of one check, with what to do where it failed."""

    subject: str
    is_well: bool
    says: str


def doctor(
    deep: Annotated[
        bool,
        typer.Option(
            "--deep",
            help="Also read landing, published files and key log to their last byte.",
        ),
    ] = False,
    close: Annotated[
        bool,
        typer.Option(
            "--close", help="First close whatever in the home more people may open than should."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write the findings as JSON.")] = False,
) -> None:
    """Check Python, extensions, home, locks, disk, decisions, key, layouts, models, symlink."""
    try:
        settings = load_settings()
    except SettingsError as error:
        stop(str(error), FAILED)
    if close:
        notices.print(f"{close_all(settings):,} folders and files closed.")
    findings = run_checks(settings)
    if deep:
        findings += [_deep_finding(name, check(settings)) for name, check in DEEP_CHECKS.items()]
    if as_json:
        write_json([asdict(finding) for finding in findings])
    else:
        table = Table(show_header=False, box=None)
        for finding in findings:
            mark = "[green]✓[/green]" if finding.is_well else "[red]✗[/red]"
            table.add_row(mark, finding.subject, finding.says)
        output.print(table)
    if not all(finding.is_well for finding in findings):
        raise typer.Exit(FAILED)


def run_checks(settings: Settings) -> list[Finding]:
    """Check everything that a load needs; nothing is changed except that the home is prepared."""
    prepare_home(settings)
    return [Finding(name, *check(settings)) for name, check in CHECKS.items()]


def _python(_: Settings) -> tuple[bool, str]:
    version = ".".join(map(str, sys.version_info[:3]))
    return sys.version_info >= (3, 11), f"{version} (3.11 or later is needed)"


def _extensions(_: Settings) -> tuple[bool, str]:
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


def _home(settings: Settings) -> tuple[bool, str]:
    folders = (settings.landing, settings.warehouse, settings.published, settings.quality)
    closed = [folder.name for folder in folders if not os.access(folder, os.W_OK)]
    if closed:
        return False, f"{settings.home}: cannot write {', '.join(closed)}"
    return True, str(settings.home)


def _access(settings: Settings) -> tuple[bool, str]:
    try:
        check_groups(settings)
    except AccessError as error:
        return False, str(error)
    faults = find_access_faults(settings)
    if faults:
        return False, f"others may open {_listed(faults)}: run `register doctor --close`"
    return True, "nobody but who may"


def _disk(settings: Settings) -> tuple[bool, str]:
    free = shutil.disk_usage(settings.home).free
    is_well = free >= LEAST_FREE_BYTES
    advice = "" if is_well else "; free some, or keep fewer generations"
    return is_well, f"{free / 1024**3:.0f} GB free{advice}"


def _locks(settings: Settings) -> tuple[bool, str]:
    try:
        with dagster_home.command_lock(settings), dbt.warehouse_lock(settings):
            return True, "no load is running"
    except (dagster_home.BusyError, dbt.WarehouseBusyError):
        return True, "a load is running"


def _left_overs(settings: Settings) -> tuple[bool, str]:
    partials = [path for path in (settings.landing / ".partial").glob("*") if path.is_dir()]
    stale = publishing.find_stale_files(settings)
    if stale or partials:
        return True, (
            f"{len(partials)} partial landings and {len(stale)} old builds;"
            " the next load sweeps them"
        )
    return True, "nothing left by killed loads"


def _decisions(settings: Settings) -> tuple[bool, str]:
    faults = decision_files.find_decision_faults(settings)
    return not faults, _listed(faults) or "every row is as it was at the last load"


def _key(settings: Settings) -> tuple[bool, str]:
    try:
        decision_files.check_decision_key(settings)
    except decision_files.KeyChangedError as error:
        return False, str(error)
    where = f"id {settings.key_id}, in environment '{settings.environment}'"
    fault = find_key_fault(settings.pseudonym_key)
    return settings.is_simulation or fault is None, f"{where}; {fault}" if fault else where


def _truth(settings: Settings) -> tuple[bool, str]:
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


def _layouts(settings: Settings) -> tuple[bool, str]:
    faults = feeds.find_layout_faults(settings.layouts)
    return not faults, "\n".join(faults) or "every layout and assignment can be used"


def _dbt(settings: Settings) -> tuple[bool, str]:
    if not os.access(dbt.dbt_executable(), os.X_OK):
        return False, "dbt is not installed with this Python: install requirements.lock again"
    try:
        dbt.prepare_manifest(settings)
    except dbt.DbtError as error:
        return False, str(error)
    return True, "the project parses"


def _current(settings: Settings) -> tuple[bool, str]:
    generation = publishing.current_generation(settings)
    if generation is None:
        return True, "nothing published yet: run `register load`"
    if not (generation.folder / "manifest.json").is_file():
        return False, (
            f"points at {generation.generation_id}, which is not there: choose a kept one with"
            " `register generations rollback`"
        )
    return True, generation.generation_id


def _serving(settings: Settings) -> tuple[bool, str]:
    generation = publishing.current_generation(settings)
    if generation is None or not settings.serving_targets:
        return True, "nothing is to be served" if generation else "nothing published yet"
    faults = []
    for target in settings.serving_targets:
        try:
            served = serving.served_generation(settings, target)
        except serving.PostgresError as error:
            faults.append(str(error))
            continue
        if served != generation.generation_id:
            faults.append(
                f"{target} has {served or 'no generation'}: run `register serve {target}`"
            )
    return not faults, "; ".join(faults) or f"{', '.join(settings.serving_targets)}: current"


def _deep_finding(subject: str, faults: list[str]) -> Finding:
    return Finding(subject, not faults, _listed(faults) or "every byte is as it was written")


def _listed(faults: list[str]) -> str:
    more = f"; and {len(faults) - SHOWN:,} more" if len(faults) > SHOWN else ""
    return "; ".join(faults[:SHOWN]) + more


def _landing_faults(settings: Settings) -> list[str]:
    damaged = feeds.examine_landing(settings.landing, is_deep=True).damaged
    return [
        f"{damage.folder}: {damage.reason}; `register load` lands it again" for damage in damaged
    ]


def _published_faults(settings: Settings) -> list[str]:
    try:
        return publishing.find_published_faults(settings)
    except feeds.LedgerError as error:
        return [str(error)]


def _parquet_faults(settings: Settings) -> list[str]:
    return serving.find_parquet_faults(settings)


def _account_faults(settings: Settings) -> list[str]:
    from interfaces.web import accounts_fault

    fault = accounts_fault(settings)
    return [] if fault is None else [fault]


def _access_log_faults(settings: Settings) -> list[str]:
    from interfaces.web import verify_log

    fault = verify_log(settings).fault
    return [] if fault is None else [f"{fault}: restore `web/` from the backup"]


DEEP_CHECKS: dict[str, Callable[[Settings], list[str]]] = {
    "landing": _landing_faults,
    "published files": _published_faults,
    "Parquet files": _parquet_faults,
    "accounts": _account_faults,
    "access log": _access_log_faults,
}
CHECKS: dict[str, Callable[[Settings], tuple[bool, str]]] = {
    "Python": _python,
    "DuckDB extensions": _extensions,
    "home": _home,
    "access": _access,
    "disk": _disk,
    "locks": _locks,
    "left-overs": _left_overs,
    "decisions": _decisions,
    "pseudonym key": _key,
    "simulated truth": _truth,
    "layouts": _layouts,
    "dbt project": _dbt,
    "current generation": _current,
    "serving": _serving,
}
