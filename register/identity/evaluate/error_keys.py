"""The keys behind a measurement: which records were wrongly joined, and which pairs were missed.

Keys lead to children. So they are in no report, but in a file of their own that is written only if
it is asked for, and that only its owner may read.
"""

from __future__ import annotations

from pathlib import Path

from register.durable import write_whole
from register.identity.cluster import Linkage
from register.identity.evaluate.labelled_set import LabelledSet
from register.identity.evaluate.path_evaluation import find_errors
from register.spreadsheet import format_csv

PRIVATE_FILE = 0o600
MISSED = "missed pair"
HEADINGS = (
    "kind", "left_mention_key", "right_mention_key", "left_child_key", "right_child_key",
)  # fmt: skip


def write_error_keys(linkage: Linkage, labelled: LabelledSet, path: Path) -> None:
    """Write the keys of false merges and missed pairs as CSV, readable by its owner alone.

    A false merge has one row for each pair of true children, with its kind. A missed pair is two
    mentions of one child that are neither in one found child nor on the review list.
    """
    errors = find_errors(linkage, labelled)
    merges = [(each.kind, *each.mentions, *each.children) for each in errors.merges]
    missed = [
        (MISSED, *pair, *(labelled.child_of[key] for key in pair)) for pair in sorted(errors.missed)
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, format_csv([HEADINGS, *merges, *missed]).encode(), PRIVATE_FILE)
