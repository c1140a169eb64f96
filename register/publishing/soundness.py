"""Checks that published files still match their manifests.

Checking landing belongs in `register.feeds`. The command `register doctor` runs both checks.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from register.decision_history import compute_file_state
from register.feeds import ENTRY_NAME, HOLDS_FILE, is_history_derived, read_ledger
from register.hashing import hash_file
from register.publishing.former_keys import read_former_keys
from register.publishing.generations import Generation, generations_aside, kept_generations
from register.publishing.key_log import KEY_FILE, list_logged_generations, log_file
from register.publishing.manifest import MANIFEST_FILE, ManifestError, hash_ledger_entries
from register.rewritten_files import read_rewritten
from register.seals import SEAL, seal_fault
from register.settings import Settings


def find_published_faults(settings: Settings) -> list[str]:
    """Return faults of kept generations, of the latest generation's inputs, and of the key log.

    To find them, every file is hashed and every logged key is read.
    """
    generations = kept_generations(settings)
    faults = [
        fault
        for item in [*generations, *generations_aside(settings)]
        for fault in _find_file_faults(settings, item)
    ]
    latest = next(iter(generations), None)
    if latest is not None:
        try:
            faults += _find_source_faults(settings, latest.manifest())
        except (ManifestError, KeyError, TypeError):
            faults.append(f"{latest.generation_id}: landing cannot be compared with its manifest")
    return faults + _find_key_log_faults(settings)


def _find_source_faults(settings: Settings, manifest: dict[str, Any]) -> list[str]:
    """Return faults of the landed deliveries that the latest generation used."""
    landed = {entry.delivery_id for entry in read_ledger(settings)}
    entries = hash_ledger_entries(settings)
    faults = []
    for delivery in manifest["deliveries"]:
        name, stated = delivery["delivery_id"], delivery.get("entry_sha256")
        if name not in landed:
            faults.append(f"{name}: in the last generation and not in landing")
        elif stated not in (None, entries[name]):
            faults.append(f"{name}: its {ENTRY_NAME} is not what the last generation read")
    return faults + _find_hold_faults(settings, manifest.get("holds"))


def _find_hold_faults(settings: Settings, stated: dict[str, Any] | None) -> list[str]:
    path = settings.landing / HOLDS_FILE
    if not path.exists():
        return [] if stated is None else [f"{HOLDS_FILE} is not there; the next load writes it"]
    if stated == asdict(compute_file_state(path.read_bytes())) or is_history_derived(settings):
        return []
    return [f"{HOLDS_FILE} is not what entries and decisions say; the next load writes it anew"]


def _find_file_faults(settings: Settings, generation: Generation) -> list[str]:
    name = generation.generation_id
    try:
        manifest = generation.manifest()
    except ManifestError as error:
        return [str(error)]
    faults = []
    rewritten = read_rewritten(settings.data_keys, settings.landing)
    fault = seal_fault(settings, manifest)
    # Manifests of earlier program versions have neither a seal nor an entry for holds.
    if fault is not None and not manifest.keys().isdisjoint((SEAL, "holds")):
        faults.append(f"{name}: {MANIFEST_FILE}: {fault}")
    try:
        for file, stated in manifest["files"].items():
            path = generation.folder / file
            if not path.is_file():
                faults.append(f"{name}: {file} is not there")
            elif not rewritten.has_content(path, stated["sha256"]):
                faults.append(f"{name}: {file} is not the file that was published")
    except (KeyError, TypeError, AttributeError):
        faults.append(f"{name}: {MANIFEST_FILE} lacks what it should have")
    return faults


def _find_key_log_faults(settings: Settings) -> list[str]:
    faults = []
    logged = list_logged_generations(settings.published)
    for name in logged:
        try:
            pq.read_table(log_file(settings.published, name), page_checksum_verification=True)
        except (pa.ArrowException, OSError):
            faults.append(f"{name}: its key log cannot be read")
    try:
        read_former_keys(settings.published)
    except (pa.ArrowException, OSError):
        faults.append("the file of former keys cannot be read: restore it from the backup")
    for item in kept_generations(settings):
        written = item.folder / KEY_FILE
        log = log_file(settings.published, item.generation_id)
        if item.generation_id not in logged:
            faults.append(f"{item.generation_id}: not in the key log; the next load adds it")
        elif written.is_file() and hash_file(written) != hash_file(log):
            faults.append(f"{item.generation_id}: its key log is not the one that it wrote")
    return faults
