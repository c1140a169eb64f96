"""The steps of an erasure. Each may be repeated, so a killed erasure completes when run again.

The load after the first steps builds and serves the register without the erased persons. Only then
are earlier generations removed, so readers always have one.
"""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from register.access_record import record_ledger
from register.decision_columns import DECISION_FILES
from register.decision_files import (
    append_decisions,
    hold_decisions,
    read_decision_rows,
    replace_decision_file,
)
from register.decision_history import read_decision_file
from register.durable import write_whole
from register.erased_persons import ERASURES, ErasedPersons, read_erased_persons
from register.erasure.erasure_plan import ErasurePlan, write_plan
from register.erasure.erasure_subjects import ErasureError
from register.feeds import (
    ABSENCE_LIST,
    RECEIPTS,
    erase_in_landing,
    find_in_inbox,
    remove_content,
    remove_from_inbox,
)
from register.publishing import (
    erase_former_keys,
    generations_aside,
    kept_generations,
    list_former_keys,
    remove_other_generations,
)
from register.serving import remove_earlier_snapshots
from register.settings import Settings
from register.spreadsheet import format_csv

REASON_CODES = ("data_subject_request", "court_order", "delivered_by_mistake")
# Decisions about records, which name them by pseudonyms.
RECORD_DECISIONS = ("links.csv", "reviews.csv", "clerical_sample.csv")
KEY_LOGS = "keys"
LAKE = "lake"
# What remains of killed or failed builds.
LEFT_BUILDS = (".next-*", ".failed-*", ".scratch-*", ".removed-*")
# What remains of a killed reproduction of a release.
LEFT_REBUILDS = ".rebuilt-*"
Counts = dict[str, int]
# A function that is called before each step.
Step = Callable[[str], None]


@dataclass(frozen=True)
class ErasureTools:
    """Functions of other packages.

    `load` builds and serves the register from landing anew, and raises an exception if this fails.
    `unlink_releases` replaces keys in releases of statistics, and returns the number of releases.
    `hold_warehouse` holds the lock of the warehouse, so that no load runs meanwhile.
    """

    load: Callable[[], None]
    unlink_releases: Callable[[ErasurePlan], int]
    hold_warehouse: Callable[[], AbstractContextManager[object]]


def run_steps(
    settings: Settings, plan: ErasurePlan, tools: ErasureTools, step: Step
) -> ErasurePlan:
    """Do all steps that are not done yet, and return the completed plan."""
    steps: dict[str, Callable[[], Counts]] = {
        "tombstones": lambda: _write_tombstones(settings, plan),
        "landing": lambda: _erase_landing(settings, plan, step),
        "inbox": lambda: _erase_inbox(settings, plan),
        "decisions": lambda: _erase_decisions(settings, plan),
        "key logs": lambda: _erase_key_logs(settings, plan),
        "copies": lambda: _remove_copies(settings, plan),
        "releases": lambda: {"releases": tools.unlink_releases(plan)},
        "warehouse": lambda: _remove_warehouse(settings),
        "load": lambda: _load(tools.load),
        "generations": lambda: _remove_generations(settings),
    }
    state = plan
    write_plan(settings, state)
    for name, do in steps.items():
        if name not in state.done:
            step(name)
            with nullcontext() if name == "load" else tools.hold_warehouse():
                counts = do()
            state = state.complete_step(name, counts)
            write_plan(settings, state)
    step("completion")
    state = replace(state, is_complete=True, pseudonyms=(), files=(), released_keys=(), salt="")
    write_plan(settings, state)
    return state


def preview_erasure(settings: Settings, plan: ErasurePlan) -> Counts:
    """Return how much an erasure would remove of each kind, without changing anything."""
    secret = settings.pseudonym_key
    persons = ErasedPersons(_group_codes(plan), (secret,))
    results = erase_in_landing(settings, persons, is_dry_run=True)
    others = [item for item in kept_generations(settings) if not item.is_current]
    return {
        "persons": len(plan.tombstones),
        "deliveries": len(results),
        "landed or quarantined rows": sum(item.rows_by_table.total() for item in results),
        "raw copies removed": sum(item.is_copy_removed for item in results),
        "deliveries in the inbox": len(find_in_inbox(settings, persons)),
        "decisions": sum(
            not set(plan.pseudonyms).isdisjoint(row.values())
            for name in RECORD_DECISIONS
            for row in read_decision_rows(settings, name)
        ),
        "worksheets": len(plan.files),
        "earlier generations": len(others) + len(generations_aside(settings)) + 1,
    }


def _group_codes(plan: ErasurePlan) -> dict[str, frozenset[str]]:
    codes: dict[str, frozenset[str]] = {}
    for supplier, code in plan.tombstones:
        codes[supplier] = codes.get(supplier, frozenset()) | {code}
    return codes


def _read_own_persons(settings: Settings, plan: ErasurePlan) -> ErasedPersons:
    return ErasedPersons(_group_codes(plan), read_erased_persons(settings).secrets)


def _write_tombstones(settings: Settings, plan: ErasurePlan) -> Counts:
    with hold_decisions(settings):
        written = {(r["supplier_code"], r["person_code"]) for r in _read_tombstones(settings)}
        moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        author = (moment, plan.decided_by, plan.approved_by, plan.erasure_id, plan.reason_code)
        rows = [
            (*author, *pair, settings.key_id) for pair in plan.tombstones if pair not in written
        ]
        if rows:
            append_decisions(settings, ERASURES, rows, ErasureError)
    return {"persons": len(plan.tombstones)}


def _read_tombstones(settings: Settings) -> list[dict[str, str]]:
    return read_decision_rows(settings, ERASURES)


def _erase_landing(settings: Settings, plan: ErasurePlan, step: Step) -> Counts:
    if plan.deliveries:
        removed = remove_content(settings, plan.deliveries, step)
        record_ledger(settings)
        return {"deliveries": len(plan.deliveries), "received rows": removed}
    results = erase_in_landing(settings, _read_own_persons(settings, plan), step=step)
    record_ledger(settings)
    return {
        "deliveries": len(results),
        "landed or quarantined rows": sum(item.rows_by_table.total() for item in results),
        "raw copies removed": sum(item.is_copy_removed for item in results),
    }


def _erase_inbox(settings: Settings, plan: ErasurePlan) -> Counts:
    items = find_in_inbox(settings, _read_own_persons(settings, plan))
    if not plan.removes_from_inbox:
        return {"deliveries left in the inbox": len(items)}
    for item in items:
        remove_from_inbox(settings, item)
    return {"deliveries removed from the inbox": len(items)}


def _erase_decisions(settings: Settings, plan: ErasurePlan) -> Counts:
    removed = 0
    with hold_decisions(settings):
        for name in RECORD_DECISIONS:
            rows = read_decision_rows(settings, name)
            remaining = [row for row in rows if set(plan.pseudonyms).isdisjoint(row.values())]
            if len(remaining) == len(rows):
                continue
            heading = next(csv.reader(io.StringIO(read_decision_file(settings, name).decode())))
            lines = [heading, *([row[column] for column in heading] for row in remaining)]
            assert tuple(heading) == DECISION_FILES[name]
            replace_decision_file(
                settings,
                name,
                format_csv(lines).encode(),
                by=plan.decided_by,
                reason=f"erasure {plan.erasure_id}",
            )
            removed += len(rows) - len(remaining)
    return {"decisions": removed}


def _erase_key_logs(settings: Settings, plan: ErasurePlan) -> Counts:
    removed = 0
    pseudonyms = pa.array(list_former_keys(settings.published, plan.pseudonyms), pa.string())
    for path in sorted((settings.published / KEY_LOGS).glob("*.parquet")):
        rows = pq.read_table(path)
        is_erased = pc.or_(
            *(pc.is_in(rows[name], value_set=pseudonyms) for name in rows.column_names[:2])
        )
        remaining = rows.filter(pc.invert(is_erased))
        if remaining.num_rows == rows.num_rows:
            continue
        removed += rows.num_rows - remaining.num_rows
        stream = io.BytesIO()
        pq.write_table(remaining, stream, compression="zstd", write_page_checksum=True)
        write_whole(path, stream.getvalue(), path.stat().st_mode & 0o777)
    # Last, as a repeated step reads the former keys again.
    removed += erase_former_keys(settings.published, plan.pseudonyms)
    return {"rows of key logs": removed}


def _remove_copies(settings: Settings, plan: ErasurePlan) -> Counts:
    """Remove copies of records: feedback, pages, worksheets, claims, and left builds.

    The next load writes all feedback of these suppliers anew.
    """
    suppliers = [supplier for supplier, _ in plan.tombstones]
    if plan.deliveries:
        suppliers = [path.name for path in settings.outbox.glob("[!.]*")]
    outbox = [settings.outbox / name for name in (*suppliers, "unknown")]
    sent_lists = [
        path for folder in outbox for path in settings.outbox.glob(f".told/{folder.name}.*")
    ]
    paths = [
        # A receipt is about no child, and its supplier may ask for it again.
        *(path for folder in outbox for path in folder.glob("*") if path.name != RECEIPTS),
        *sent_lists,
        # The list of an authority or force may have a child whom another supplier delivered.
        *settings.outbox.glob(f"[!.]*/{ABSENCE_LIST}"),
        *(settings.operations / "review").glob("*"),
        *(settings.home / name for name in plan.files),
        settings.web_folder / "claims.json",
        *(path for pattern in LEFT_BUILDS for path in settings.published.glob(pattern)),
        *settings.home.glob(LEFT_REBUILDS),
    ]
    present = [path for path in dict.fromkeys(paths) if path.exists()]
    for path in present:
        _remove(path)
    return {"copies": len(present)}


def _remove_warehouse(settings: Settings) -> Counts:
    """Remove the warehouse; its file would keep deleted rows. The load builds it from landing."""
    for path in settings.warehouse.iterdir() if settings.warehouse.is_dir() else ():
        if path.suffix != ".lock":
            _remove(path)
    return {}


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _load(load: Callable[[], None]) -> Counts:
    load()
    return {}


def _remove_generations(settings: Settings) -> Counts:
    removed = remove_other_generations(settings)
    # An erasure that was killed while it removed a generation left half of it.
    for pattern in LEFT_BUILDS:
        for path in settings.published.glob(pattern):
            _remove(path)
    if LAKE in settings.serving_targets:
        remove_earlier_snapshots(settings)
    return {"earlier generations": len(removed)}
