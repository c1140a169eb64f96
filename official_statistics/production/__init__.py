"""The production of releases: drafts, their checks, publication, withdrawal and reproduction.

`orchestration` runs dbt and measures generations; it passes functions for both as `ReleaseTools`.
`orchestration.releases` records a release in Dagster.
"""

from official_statistics.papers import read_basis
from official_statistics.production.draft import (
    DraftOrder,
    ReleaseTools,
    draft_release,
    remove_unfinished_drafts,
)
from official_statistics.production.release_check import attack_files, check_release
from official_statistics.production.release_publication import (
    due_versions,
    publish_due,
    withdraw_release,
)
from official_statistics.production.reproduction import reproduce_release

__all__ = [
    "DraftOrder",
    "ReleaseTools",
    "attack_files",
    "check_release",
    "draft_release",
    "due_versions",
    "publish_due",
    "read_basis",
    "remove_unfinished_drafts",
    "reproduce_release",
    "withdraw_release",
]
