"""The life of a release: its folder, its states, who moved it, its seal and the calendar.

What is in a release belongs to the other parts of `register.statistics`.
"""

from register.statistics.releases.calendar import (
    Announcement,
    Change,
    announce,
    announcement_of,
    read_calendar,
)
from register.statistics.releases.events import Event, key_note, read_events
from register.statistics.releases.export import export_release
from register.statistics.releases.faults import ReleaseError
from register.statistics.releases.lifecycle import (
    approve,
    check_step,
    give_pre_release,
    is_unfinished,
    is_withdrawal_unfinished,
    note_check,
    note_draft,
    publish,
    sign,
    withdraw,
)
from register.statistics.releases.practice import Practice, read_practice
from register.statistics.releases.seal import file_hashes, public_hash, seal
from register.statistics.releases.signatories import Person, Withdrawal
from register.statistics.releases.verification import Fault, verify_all, verify_version
from register.statistics.releases.versions import (
    PUBLICATION,
    Version,
    known_versions,
    latest_version,
    newest_version,
    next_number,
    public_versions,
    releases_folder,
    version_named,
    versions_of,
)

__all__ = [
    "PUBLICATION",
    "Announcement",
    "Change",
    "Event",
    "Fault",
    "Person",
    "Practice",
    "ReleaseError",
    "Version",
    "Withdrawal",
    "announce",
    "announcement_of",
    "approve",
    "check_step",
    "export_release",
    "file_hashes",
    "give_pre_release",
    "is_unfinished",
    "is_withdrawal_unfinished",
    "key_note",
    "known_versions",
    "latest_version",
    "newest_version",
    "next_number",
    "note_check",
    "note_draft",
    "public_hash",
    "public_versions",
    "publish",
    "read_calendar",
    "read_events",
    "read_practice",
    "releases_folder",
    "seal",
    "sign",
    "verify_all",
    "verify_version",
    "version_named",
    "versions_of",
    "withdraw",
]
