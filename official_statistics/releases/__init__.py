"""The life of a release: its folder, its states and events, its seal, and the release calendar.

The content of a release comes from the other parts of `official_statistics`.
"""

from official_statistics.releases.events import Event, key_note
from official_statistics.releases.lifecycle import (
    approve,
    check_step,
    give_pre_release,
    is_unfinished,
    is_withdrawal_unfinished,
    note_check,
    note_draft,
    publish,
    sign_version,
    withdraw,
)
from official_statistics.releases.practice import Practice, ReleaseError, read_practice
from official_statistics.releases.release_calendar import (
    LONDON,
    Change,
    announce,
    find_announcement,
    read_calendar,
)
from official_statistics.releases.release_erasure import Links, unlink_rows
from official_statistics.releases.seal import (
    PRE_RELEASE_LIST,
    hash_files,
    hash_public_files,
    read_manifest,
    seal_version,
)
from official_statistics.releases.signatories import Person, Withdrawal
from official_statistics.releases.verification import verify_all, verify_version
from official_statistics.releases.versions import (
    PUBLIC_STATES,
    PUBLICATION,
    Version,
    choose_next_number,
    find_newest_version,
    latest_version,
    list_known_versions,
    list_public_versions,
    list_versions,
    releases_folder,
    version_named,
)

__all__ = [
    "LONDON",
    "PRE_RELEASE_LIST",
    "PUBLICATION",
    "PUBLIC_STATES",
    "Change",
    "Event",
    "Links",
    "Person",
    "Practice",
    "ReleaseError",
    "Version",
    "Withdrawal",
    "announce",
    "approve",
    "check_step",
    "choose_next_number",
    "find_announcement",
    "find_newest_version",
    "give_pre_release",
    "hash_files",
    "hash_public_files",
    "is_unfinished",
    "is_withdrawal_unfinished",
    "key_note",
    "latest_version",
    "list_known_versions",
    "list_public_versions",
    "list_versions",
    "note_check",
    "note_draft",
    "publish",
    "read_calendar",
    "read_manifest",
    "read_practice",
    "releases_folder",
    "seal_version",
    "sign_version",
    "unlink_rows",
    "verify_all",
    "verify_version",
    "version_named",
    "withdraw",
]
