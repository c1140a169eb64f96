"""Soundness of what is published: whether each file still is what its manifest says.

Landing is examined by `register.feeds`; when all this is asked belongs to the doctor.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq

from register.feeds import read_ledger
from register.hashing import hash_file
from register.publishing.generations import Generation, generations_aside, kept_generations
from register.publishing.key_log import log_file, logged_generations
from register.publishing.manifest import MANIFEST_FILE
from register.settings import Settings


def published_faults(settings: Settings) -> list[str]:
    """What is wrong with kept generations and the key log: by generation and file.

    Every file is hashed and every logged key is read.
    """
    kept = kept_generations(settings)
    faults = [
        fault for item in [*kept, *generations_aside(settings)] for fault in _file_faults(item)
    ]
    current = next((item for item in kept if item.is_current), None)
    if current is not None:
        landed = {entry.delivery_id for entry in read_ledger(settings)}
        faults += [
            f"{entry['delivery_id']}: in the current generation and not in landing"
            for entry in current.manifest()["deliveries"]
            if entry["delivery_id"] not in landed
        ]
    return faults + _key_log_faults(settings)


def _file_faults(generation: Generation) -> list[str]:
    name = generation.generation_id
    if not (generation.folder / MANIFEST_FILE).is_file():
        return [f"{name}: no {MANIFEST_FILE}"]
    faults = []
    for file, stated in generation.manifest()["files"].items():
        path = generation.folder / file
        if not path.is_file():
            faults.append(f"{name}: {file} is not there")
        elif hash_file(path) != stated["sha256"]:
            faults.append(f"{name}: {file} is not the file that was published")
    return faults


def _key_log_faults(settings: Settings) -> list[str]:
    faults = []
    logged = logged_generations(settings.published)
    for name in logged:
        try:
            pq.read_table(log_file(settings.published, name), page_checksum_verification=True)
        except (pa.ArrowException, OSError):
            faults.append(f"{name}: its key log cannot be read")
    return faults + [
        f"{item.generation_id}: not in the key log; the next load adds it"
        for item in kept_generations(settings)
        if item.generation_id not in logged
    ]
