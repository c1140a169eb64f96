"""The record outside the home: what a home held after each load, as hashes elsewhere.

A load appends them to a file, and gives them to a command or a web hook, as the settings say.

A person who can write to a home can remove its access record, decisions and generations together.
The last line of the record still says what they were. Each line is sealed with the pseudonym key.
"""

from __future__ import annotations

import hashlib
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from register.access_record import AnchorError, build_manifest_anchor, read_anchor
from register.decision_history import (
    FileState,
    begins_with_any,
    list_replacing_states,
    read_decision_file,
)
from register.durable import write_whole
from register.private_files import PrivateFileError
from register.receivers import post_message, run_command
from register.seals import seal_content, seal_fault
from register.settings import Settings

# The note of the generation that was delivered last, in the folder of the access record.
DELIVERED = "delivered.json"
RESTORE = "restore the home from the backup, and find out who changed it"


class OutsideRecordError(RuntimeError):
    """The record cannot be written or read; the message says what to do."""


def deliver_record(settings: Settings, generation_folder: Path) -> None:
    """Deliver the state of a home outside it, after a generation was published.

    It goes to the file, the command and the web hook of the settings; without any, nothing happens.
    Raises `OutsideRecordError` if one of them fails. The others have it all the same.
    """
    watch = settings.watch
    if not watch.has_outside_record:
        return
    manifest = (generation_folder / "manifest.json").read_bytes()
    content = json.loads(manifest)
    line = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "generation_id": content["generation_id"],
        "manifest_sha256": hashlib.sha256(manifest).hexdigest(),
        "access_log": build_manifest_anchor(settings),
        "decisions": content["decisions"],
        "pseudonym_key_id": settings.key_id,
    }
    text = json.dumps(seal_content(settings, line)) + "\n"
    faults = [] if watch.outside_record is None else _append_line(watch.outside_record, text)
    if watch.record_command:
        variable = "REGISTER_OUTSIDE_RECORD_COMMAND"
        faults += run_command(variable, watch.record_command, text.encode())
    if watch.record_url:
        faults += post_message("REGISTER_OUTSIDE_RECORD_URL", watch.record_url, text.encode())
    if faults:
        raise OutsideRecordError(
            f"the record outside the home cannot be written: {'; '.join(faults)}"
        )
    note = json.dumps({"generation_id": line["generation_id"]}).encode()
    write_whole(settings.access_record / DELIVERED, note, 0o600)


def _append_line(path: Path, text: str) -> list[str]:
    """Append a line to the file outside the home; return what went wrong, if anything."""
    try:
        # Only appending is needed, so the file may be append-only for this user.
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, text.encode())
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        return [f"REGISTER_OUTSIDE_RECORD failed: {error.strerror}"]
    return []


def find_record_faults(settings: Settings) -> list[str]:
    """Compare a home with the last line of its record, and return what is missing or changed."""
    if settings.watch.outside_record is None:
        return []
    try:
        last = _read_last_line(settings, settings.watch.outside_record)
    except OutsideRecordError as error:
        return [str(error)]
    if last is None:
        return []
    return [
        *_find_generation_faults(settings, last),
        *_find_log_faults(settings, last),
        *_find_decision_faults(settings, last),
    ]


def read_delivered_generation(settings: Settings) -> str | None:
    """Return the id of the generation that was delivered last to all receivers, if any."""
    try:
        note = json.loads((settings.access_record / DELIVERED).read_bytes())
        return str(note["generation_id"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def read_recorded_heads(settings: Settings) -> list[tuple[int, str]]:
    """Return the number and hash of each recorded last entry, which the access record must contain.

    Entries of a record that was lost, and that a person began anew, are left out. Lines that cannot
    be trusted are left out too: `find_record_faults` names them.
    """
    path = settings.watch.outside_record
    if path is None or not path.exists():
        return []
    heads = []
    for text in path.read_text(encoding="utf-8").splitlines():
        try:
            line: dict[str, Any] = json.loads(text)
            if seal_fault(settings, line) is None and not _is_restarted(settings, line):
                heads.append((int(line["access_log"]["number"]), str(line["access_log"]["hash"])))
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
    return [(number, noted) for number, noted in heads if number]


def _read_last_line(settings: Settings, path: Path) -> dict[str, Any] | None:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise OutsideRecordError(
            f"the record outside the home cannot be read ({error.strerror})"
        ) from None
    if not lines:
        return None
    try:
        last: dict[str, Any] = json.loads(lines[-1])
        fault = seal_fault(settings, last)
    except (ValueError, AttributeError, TypeError):
        fault = "its last line is not complete"
    if fault is not None:
        raise OutsideRecordError(f"the record outside the home cannot be trusted: {fault}")
    return last


def _find_generation_faults(settings: Settings, last: dict[str, Any]) -> list[str]:
    generation_id = last["generation_id"]
    try:
        current = (settings.published / "current").readlink().name
    except FileNotFoundError:
        return [f"no generation is published, and {generation_id} was: {RESTORE}"]
    manifest = settings.published / generation_id / "manifest.json"
    if not manifest.exists():
        return [f"generation {generation_id} is gone: {RESTORE}"] if current < generation_id else []
    if hashlib.sha256(manifest.read_bytes()).hexdigest() != last["manifest_sha256"]:
        return [f"the manifest of generation {generation_id} was changed: {RESTORE}"]
    return []


def _find_log_faults(settings: Settings, last: dict[str, Any]) -> list[str]:
    try:
        known = read_anchor(settings)
    except AnchorError as error:
        return [str(error)]
    if _is_restarted(settings, last):
        return []
    missing = int(last["access_log"]["number"]) - int(known["number"])
    is_replaced = missing == 0 and known["hash"] != last["access_log"]["hash"]
    if missing > 0:
        return [f"{missing} entries of the access record are gone: {RESTORE}"]
    return [f"the access record was replaced by another: {RESTORE}"] if is_replaced else []


def _is_restarted(settings: Settings, last: dict[str, Any]) -> bool:
    """Return whether a person began a new log, and gave a reason, after the line was recorded."""
    path = settings.decisions / "access_log.json"
    restarted = json.loads(path.read_bytes()).get("restarted") if path.exists() else None
    return restarted is not None and datetime.fromisoformat(
        restarted["at"]
    ) >= datetime.fromisoformat(last["at"])


def _find_decision_faults(settings: Settings, last: dict[str, Any]) -> list[str]:
    faults = []
    for name, recorded in last["decisions"].items():
        try:
            content = read_decision_file(settings, name)
            accepted = list_replacing_states(settings, name, FileState(**recorded))
        except FileNotFoundError:
            faults.append(f"decisions/{name} is missing: {RESTORE}")
        except PrivateFileError as error:
            faults.append(str(error))
        else:
            if not begins_with_any(content, accepted):
                faults.append(f"decisions/{name} lost or changed rows: {RESTORE}")
    return faults
