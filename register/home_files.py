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
# references. `record ids`: suppliers' ids of their records. `pseudonyms`: keys that only the secret
# key relates to a person. `staff`: people who work with the register. `none`: counts and codes.
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
TEMPORARY = "it is empty, or lasts as long as the process that wrote it"
# The first pattern that fits a file decides.
KINDS = (
    FileKind(
        "inbox/*",
        "identity",
        "files that suppliers delivered",
        None,
        "suppliers write it; landing keeps a copy of each delivery, and compares",
    ),
    FileKind(
        "resubmissions/*",
        "identity",
        "simulated deliveries that are sent later",
        None,
        "it is simulated",
    ),
    FileKind(
        "truth/*", "identity", "the true events of a simulated nation", None, "it is simulated"
    ),
    FileKind("simulation.json", "none", "declares the home simulated", "simulated truth"),
    FileKind("*.lock", "none", "a lock", None, TEMPORARY),
    FileKind("landing/.cache/*", "none", "fingerprints of the inbox's files", None, DERIVED),
    FileKind("landing/.partial/*", "identity", "a delivery that is being landed", None, TEMPORARY),
    FileKind("landing/schema/*", "none", "empty tables of each feed's contract", None, DERIVED),
    FileKind("landing/reference/*", "none", "postcodes with their areas", None, DERIVED),
    FileKind("landing/holds.csv", "none", "the history of held deliveries", "published files"),
    FileKind("landing/*/raw/*", "identity", "a delivered file as it was received", "landing"),
    FileKind("landing/*/delivery.json", "none", "the ledger entry of a delivery", "landing"),
    FileKind("landing/*/file_names.json", "identity", "the delivered files' names", "landing"),
    FileKind("landing/*/feedback.csv", "none", "broken rules, by file and line", "landing"),
    FileKind("landing/*/quarantine.parquet", "identity", "records that did not land", "landing"),
    FileKind("landing/*.parquet", "identity", "landed rows, or flags of their faults", "landing"),
    FileKind(
        "decisions/pseudonym_key.json", "none", "the id of the pseudonym key", "pseudonym key"
    ),
    FileKind(
        "decisions/access_log.json", "none", "the access log's last number and hash", "access log"
    ),
    FileKind("decisions/*", "pseudonyms", "people's decisions", "decisions"),
    FileKind("published/keys/*", "pseudonyms", "the keys of each generation", "published files"),
    FileKind(
        "published/*/case_lists.duckdb",
        "identity",
        "case lists and reviewers' tables",
        "published files",
    ),
    FileKind(
        "published/*/national_register.duckdb",
        "pseudonyms",
        "the published register",
        "published files",
    ),
    FileKind("published/*/keys.parquet", "pseudonyms", "a generation's keys", "published files"),
    FileKind("published/*/generation_id", "none", "the id of a generation", "published files"),
    FileKind(
        "published/*/manifest.json", "staff", "what a generation was built from", "published files"
    ),
    FileKind(
        "published/*/parquet/datapackage.json",
        "none",
        "describes the Parquet files",
        "Parquet files",
    ),
    FileKind("published/*/parquet/*", "pseudonyms", "the served register", "Parquet files"),
    FileKind(
        "warehouse/*", "identity", "the warehouse, dbt's artefacts and spilled rows", None, DERIVED
    ),
    FileKind(
        "quality/*", "none", "results of measurements, and pages of the quality site", None, DERIVED
    ),
    FileKind("outbox/*", "record ids", "feedback for a supplier", None, DERIVED),
    FileKind(
        "operations/*",
        "identity",
        "reviewers' pages and auditors' worksheets",
        None,
        "it is a copy for one task",
    ),
    FileKind(
        "models/*",
        "none",
        "linkage models trained here, and their reports",
        None,
        "loads name the model's hash",
    ),
    FileKind("web/accounts.json", "staff", "accounts of the web application", "accounts"),
    FileKind("web/access_log*", "staff", "who viewed which children, and why", "access record"),
    FileKind(
        "web/*",
        "staff",
        "claims of pairs, and the key of sessions",
        None,
        "people then sign in again",
    ),
    FileKind(
        "statistics/*/internal/*",
        "pseudonyms",
        "counted rows and cells of a release",
        "statistics verify",
    ),
    FileKind(
        "statistics/*",
        "none",
        "releases of official statistics and their calendar",
        "statistics verify",
    ),
    FileKind(
        "dagster/*",
        "none",
        "the history of runs, without values of records",
        None,
        "Dagster keeps it for operators",
    ),
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
