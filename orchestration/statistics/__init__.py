"""Makes releases of official statistics: counts by dbt, drafts, checks, and what Dagster is told.

What is in a release and how it lives is `register.statistics`; commands are in
`interfaces.command_line.commands.statistics`.
"""

from orchestration.statistics.check import attack_files, check_release
from orchestration.statistics.draft import DraftOrder, draft_release
from orchestration.statistics.events import RELEASE_KEY, as_check_result, report_event
from orchestration.statistics.publication import due_versions, publish_due, withdraw_release
from orchestration.statistics.reproduction import Reproduction, reproduce_release

__all__ = [
    "RELEASE_KEY",
    "DraftOrder",
    "Reproduction",
    "as_check_result",
    "attack_files",
    "check_release",
    "draft_release",
    "due_versions",
    "publish_due",
    "report_event",
    "reproduce_release",
    "withdraw_release",
]
