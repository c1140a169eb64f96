"""The feedback file: what a supplier should put right, by rule, file, line and column.

It contains no value of any record, so that it can be sent by ordinary means.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from register.durable import flush
from register.feeds.layout import Layout
from register.feeds.rules import Finding
from register.feeds.seeds import load_delivery_rules

FEEDBACK_NAME = "feedback.csv"
COLUMNS = (
    "delivery_id",
    "rule_code",
    "outcome",
    "title",
    "table_name",
    "file",
    "line",
    "column",
    "what_to_fix",
)


def write_feedback(
    delivery_id: str,
    findings: Iterable[Finding],
    seeds: Path,
    layout: Layout | None,
    folder: Path,
) -> None:
    """Write one line per finding; a column is named as the supplier's layout names it."""
    rules = load_delivery_rules(seeds)
    with (folder / FEEDBACK_NAME).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for finding in findings:
            rule = rules[finding.rule.value]
            column = layout.heading_of(finding.column) if layout else finding.column
            writer.writerow(
                [
                    delivery_id,
                    rule.rule_code,
                    rule.outcome,
                    rule.title,
                    finding.table,
                    finding.file,
                    finding.line,
                    column,
                    rule.what_to_fix,
                ]
            )


def add_to_feedback(delivery_id: str, finding: Finding, seeds: Path, folder: Path) -> None:
    """Add a finding about the delivery as a whole to its feedback file."""
    rule = load_delivery_rules(seeds)[finding.rule.value]
    with (folder / FEEDBACK_NAME).open("a", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerow(
            [delivery_id, rule.rule_code, rule.outcome, rule.title, *[None] * 4, rule.what_to_fix]
        )
    flush(folder / FEEDBACK_NAME)
