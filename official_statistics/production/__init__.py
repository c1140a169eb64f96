"""Makes releases: drafts, their checks, publication, withdrawal and reproduction.

dbt and the measuring are given as `ReleaseTools`, so nothing here runs them. What Dagster is told
of a release is `orchestration.releases`.
"""

from official_statistics.papers import read_basis
from official_statistics.production.draft import DraftOrder, draft_release
from official_statistics.production.release_check import attack_files, check_release
from official_statistics.production.release_publication import (
    due_versions,
    publish_due,
    withdraw_release,
)
from official_statistics.production.reproduction import reproduce_release
from official_statistics.production.tools import ReleaseTools

__all__ = [
    "DraftOrder",
    "ReleaseTools",
    "attack_files",
    "check_release",
    "draft_release",
    "due_versions",
    "publish_due",
    "read_basis",
    "reproduce_release",
    "withdraw_release",
]
