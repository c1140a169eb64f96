"""The life of a release: its folder, its states and events, its seal, and the release calendar.

The content of a release comes from the other parts of `official_statistics`.
"""

from official_statistics.releases.events import Event, key_note
from official_statistics.releases.lifecycle import (
    approve,
    check_step,
    give_pre_release,
    is_unfinished,
    note_check,
    note_draft,
    publish,
    sign_version,
)
from official_statistics.releases.practice import Practice, ReleaseError, read_practice
from official_statistics.releases.published_signatures import find_copy_faults
from official_statistics.releases.release_calendar import (
    LONDON,
    Change,
    HeadNeededError,
    announce,
    find_announcement,
    read_calendar,
    was_announced,
)
from official_statistics.releases.release_erasure import Links, unlink_rows
from official_statistics.releases.seal import (
    ADDED_LATER,
    PRE_RELEASE_LIST,
    hash_files,
    hash_public_files,
    read_manifest,
    seal_version,
)
from official_statistics.releases.signatories import Person, Withdrawal, list_public_keys
from official_statistics.releases.signed_statements import list_signers, read_signers
from official_statistics.releases.verification import (
    verify_all,
    verify_signatures,
    verify_version,
)
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
from official_statistics.releases.withdrawals import (
    is_withdrawal_unfinished,
    name_withdrawal,
    withdraw,
)

__all__ = [
    "ADDED_LATER",
    "LONDON",
    "PRE_RELEASE_LIST",
    "PUBLICATION",
    "PUBLIC_STATES",
    "Change",
    "Event",
    "HeadNeededError",
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
    "find_copy_faults",
    "find_newest_version",
    "give_pre_release",
    "hash_files",
    "hash_public_files",
    "is_unfinished",
    "is_withdrawal_unfinished",
    "key_note",
    "latest_version",
    "list_known_versions",
    "list_public_keys",
    "list_public_versions",
    "list_signers",
    "list_versions",
    "name_withdrawal",
    "note_check",
    "note_draft",
    "publish",
    "read_calendar",
    "read_manifest",
    "read_practice",
    "read_signers",
    "releases_folder",
    "seal_version",
    "sign_version",
    "unlink_rows",
    "verify_all",
    "verify_signatures",
    "verify_version",
    "version_named",
    "was_announced",
    "withdraw",
]
