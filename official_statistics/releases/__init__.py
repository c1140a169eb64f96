"""The life of a release: its folder, its states, who moved it, its seal and the calendar.

What is in a release belongs to the other parts of `official_statistics`.
"""

from official_statistics.releases.events import Event, key_note
from official_statistics.releases.export import export_release
from official_statistics.releases.faults import ReleaseError
from official_statistics.releases.lifecycle import (
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
from official_statistics.releases.practice import Practice, read_practice
from official_statistics.releases.release_calendar import (
    Change,
    announce,
    announcement_of,
    read_calendar,
)
from official_statistics.releases.seal import file_hashes, public_hash, seal
from official_statistics.releases.signatories import Person, Withdrawal
from official_statistics.releases.verification import verify_all, verify_version
from official_statistics.releases.versions import (
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
    "Change",
    "Event",
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
