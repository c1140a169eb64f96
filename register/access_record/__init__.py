"""The access record: who saw identifying data, decided, signed in or changed access, and when.

Entries form a chain that is sealed with a key outside the home, so no entry can be removed or
changed unseen. Pages and commands write their entries with `record_access` before they show or do
what the entry says.
"""

from register.access_record.actors import (
    Actor,
    Authentication,
    acting_as,
    current_actor,
    set_actor,
)
from register.access_record.record_anchor import (
    IN_MANIFEST,
    AnchorError,
    build_manifest_anchor,
    read_anchor,
)
from register.access_record.record_entries import Entry
from register.access_record.record_file import (
    RecordError,
    find_record_fault,
    read_record,
    read_sealed_entries,
    record_access,
    record_ledger,
    restart_record,
)
from register.access_record.record_verification import verify_record
from register.access_record.recorded_states import read_state, read_states

__all__ = [
    "IN_MANIFEST",
    "Actor",
    "AnchorError",
    "Authentication",
    "Entry",
    "RecordError",
    "acting_as",
    "build_manifest_anchor",
    "current_actor",
    "find_record_fault",
    "read_anchor",
    "read_record",
    "read_sealed_entries",
    "read_state",
    "read_states",
    "record_access",
    "record_ledger",
    "restart_record",
    "set_actor",
    "verify_record",
]
