"""Every kind of file in a home: what it is, whom it concerns, and what notices that it was changed.

`register doctor` names files of no kind. The page on data protection lists the kinds, and a test
changes a file of each kind. Reading and checking a kind of file belongs to the package that writes
it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

# What a file says about people. `identity`: names, dates of birth, postcodes or suppliers'
# references. `record ids`: ids of records and children, for the supplier that gave them. Such a
# list may have dates of absences. `pseudonyms`: keys that only the secret key relates to a person.
# `staff`: people who work with the register. `none`: counts and codes.
Content = Literal["identity", "record ids", "pseudonyms", "staff", "none"]


@dataclass(frozen=True)
class FileKind:
    """A kind of file in a home.

    In `pattern`, relative to the home, `*` is any text. `noticed_by` is the subject of the check of
    `register doctor --deep` that notices a changed, cut or removed file, or another command; None
    if nothing does, and then `why_unnoticed` says why nothing need.
    """

    pattern: str
    content: Content
    description: str
    noticed_by: str | None
    why_unnoticed: str = ""


DERIVED = "the next load makes it anew"
TEMPORARY = "it lasts as long as the process that wrote it"
LATER_LOADS = "later loads remove it"
SUPPLIERS_OWN = "suppliers write it; landing keeps a copy of each delivery, and compares"
NEXT_KEY = "later receipts have another key"
SIMULATED = "it is simulated"
COPIES = "it is a copy for one task"
SENT_AGAIN = "without it, suppliers get the last reminder once more"
SENT_BEFORE = "it was sent before"
LOADS_NAME_IT = "a load names its hash"
HISTORY = "Dagster keeps it for operators"
PUBLISHED, RECORD, RELEASES = (
    "published files",
    "entries of the access record",
    "statistics verify",
)
# The first pattern that fits a file decides.
KINDS = (
    FileKind("inbox/*", "identity", "files that suppliers delivered", None, SUPPLIERS_OWN),
    FileKind("resubmissions/*", "identity", "simulated deliveries for later", None, SIMULATED),
    FileKind("truth/*", "identity", "the true events of a simulated nation", None, SIMULATED),
    FileKind("simulation.json", "none", "declares the home simulated", None, SIMULATED),
    FileKind("*.lock", "none", "a lock", None, TEMPORARY),
    FileKind(
        "landing/.cache/*", "identity", "names and times of files in the inbox", None, DERIVED
    ),
    FileKind("landing/.partial/*", "identity", "a delivery that is being landed", None, TEMPORARY),
    FileKind("landing/.erased/*", "identity", "a delivery while it is rewritten", None, TEMPORARY),
    FileKind("landing/.rewritten.jsonl", "none", "hashes of files under another key", "landing"),
    FileKind("landing/schema/*", "none", "empty tables of each feed's contract", None, DERIVED),
    FileKind("landing/reference/*", "none", "postcodes with their areas", None, DERIVED),
    FileKind("landing/holds.csv", "none", "the history of held deliveries", None, DERIVED),
    FileKind("landing/*/raw/*", "identity", "a delivered file as it was received", "landing"),
    FileKind("landing/*/raw.tar", "identity", "the same, encrypted", "landing"),
    FileKind("landing/*/delivery.json", "none", "the ledger entry of a delivery", RECORD),
    FileKind("landing/*/file_names.json", "identity", "names of delivered files", "landing"),
    FileKind("landing/*/feedback.csv", "none", "broken rules, by file and line", "landing"),
    FileKind("landing/*/quarantine.parquet", "identity", "records that did not land", "landing"),
    FileKind("landing/*.parquet", "identity", "landed rows, or flags of their faults", "landing"),
    FileKind(
        "decisions/pseudonym_key.json", "none", "the id of the pseudonym key", "pseudonym key"
    ),
    FileKind("decisions/access_log.json", "none", "the access record's last hash", RECORD),
    FileKind("decisions/*", "pseudonyms", "people's decisions", "decisions"),
    FileKind("access_record/*", "staff", "who saw, decided or changed what, and why", RECORD),
    FileKind(
        "published/.*", "identity", "a build that runs, failed or was killed", None, LATER_LOADS
    ),
    FileKind("published/keys/*", "pseudonyms", "the keys of each generation", "published files"),
    FileKind(
        "published/*/case_lists.duckdb", "identity", "case lists, reviewers' tables", PUBLISHED
    ),
    FileKind("published/*/national_register*.duckdb", "pseudonyms", "the register", PUBLISHED),
    FileKind("published/*/keys.parquet", "pseudonyms", "a generation's keys", PUBLISHED),
    FileKind("published/*/generation_id", "none", "the id of a generation", PUBLISHED),
    FileKind("published/*/manifest.json", "staff", "what a generation is built from", PUBLISHED),
    FileKind("published/*/parquet*/*", "pseudonyms", "the served register", "Parquet files"),
    FileKind("warehouse/*", "identity", "warehouse, dbt's artefacts, spilled rows", None, DERIVED),
    FileKind("quality/*", "none", "results and pages of the quality site", None, DERIVED),
    FileKind("outbox/.told/reminders.json", "none", "reminders that were sent", None, SENT_AGAIN),
    FileKind("outbox/*/reminders/*", "none", "a reminder to a supplier", None, SENT_BEFORE),
    FileKind(
        "outbox/*/receipts/*", "none", "a receipt and its signature", "signatures of receipts"
    ),
    FileKind("outbox/*", "record ids", "feedback and lists for a supplier", None, DERIVED),
    FileKind("operations/*", "identity", "review pages, worksheets, erasures", None, COPIES),
    FileKind("models/*", "none", "linkage models trained here", None, LOADS_NAME_IT),
    FileKind("web/accounts.json", "staff", "accounts of the web application", "accounts"),
    FileKind("web/tokens.json", "staff", "tokens of suppliers' systems", "accounts"),
    FileKind("web/uploads/*", "identity", "files that a supplier is sending", None, SUPPLIERS_OWN),
    FileKind("web/signatory_keys.json", "staff", "signatories' keys, locked", RELEASES),
    FileKind(
        "web/receipt_key", "none", "the key that signs receipts, outside production", None, NEXT_KEY
    ),
    FileKind("web/access_log*", "staff", "the log of an earlier release", RECORD),
    FileKind(
        "web/*", "staff", "open reviews and drafts, secret of sessions", None, "sign in again"
    ),
    FileKind("statistics/*/internal/*", "pseudonyms", "counted rows of a release", RELEASES),
    FileKind("statistics/*", "none", "releases of official statistics", RELEASES),
    FileKind("dagster/*", "none", "the history of runs, without values of records", None, HISTORY),
)


def find_kind(home: Path, path: Path) -> FileKind | None:
    """Return the kind of a file in a home; None if no kind has such files."""
    name = path.relative_to(home).as_posix()
    return next((kind for kind in KINDS if fnmatchcase(name, kind.pattern)), None)


def list_unknown_files(home: Path) -> Iterator[Path]:
    """Yield the files in a home that are of no kind, relative to the home."""
    for path in sorted(home.rglob("*")):
        if path.is_file() and not path.is_symlink() and find_kind(home, path) is None:
            yield path.relative_to(home)
