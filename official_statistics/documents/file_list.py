"""The list of a release's files for readers: what each is, and how large.

The list is made from the files in the public folder, so a file cannot be left out. Files of the
same kind, such as the pages of areas, have one line.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

INDEX = "index.html"
PRE_RELEASE_LIST = "pre_release_access.csv"
# Files that are added to a release after its pages are written. They are listed without a size.
ADDED_LATER = (PRE_RELEASE_LIST, "signatures.json")
# Patterns of paths, each with a title and what the files have in them. The data files have a list
# of their own.
FILE_WORDS = (
    ("*.ods", "Spreadsheet (OpenDocument)", "all figures, with one table on each sheet"),
    ("*.xlsx", "Spreadsheet (Excel)", "the same figures as an Excel workbook"),
    ("guidance.html", "Data guidance", "what each file has in it, and what adds up"),
    ("quality.html", "Quality", "coverage, linkage, and changes in recording"),
    ("methodology.html", "Methodology", "how records become figures"),
    ("confidentiality.html", "Confidentiality", "how children are protected, and what is hidden"),
    ("reconciliation.html", "Reconciliation", "these figures beside the department's tables"),
    ("policies/*.html", "Policies", "revisions, release practice and compliance"),
    ("areas/*.html", "Local areas", "one page for each local authority and police force"),
    ("statistical_neighbours.csv", "Statistical neighbours", "which authorities are most alike"),
    ("datapackage.json", "Data package", "the index of all data files, with each column's meaning"),
    ("parquet/*.parquet", "Parquet files", "the data files with numbers as numbers"),
    ("headlines.ipynb", "Notebook", "makes the figures of this page again from the data files"),
    ("revisions.csv", "Revisions", "what changed since the version before"),
    (PRE_RELEASE_LIST, "Pre-release access", "which roles saw the figures before release"),
    ("signatures.json", "Signatures", "in which roles people signed, to check a copy of the files"),
    ("ties.yaml", "Ties", "how counts add up, for tests of their protection"),
)
KILOBYTE, MEGABYTE = 1_000, 1_000_000


@dataclass(frozen=True)
class ListedFile:
    """One line of the list: where it links, its title, its content, number of files and size."""

    path: str
    title: str
    words: str
    count: int
    size: str


def list_files(public: Path) -> list[ListedFile]:
    """Return the files of a release other than its data files, in the order of `FILE_WORDS`.

    A file that no pattern matches comes last, under its own name.
    """
    sizes = {
        path.relative_to(public).as_posix(): path.stat().st_size
        for path in sorted(public.rglob("*"))
        if path.is_file() and path.parent.name != "data"
    }
    # The size of the page with the list is not known before the page is written.
    sizes = {name: size for name, size in sizes.items() if name not in {INDEX, *ADDED_LATER}}
    lines = []
    for pattern, title, words in FILE_WORDS:
        matches = [name for name in sizes if fnmatch(name, pattern)]
        if pattern in ADDED_LATER:
            lines.append(ListedFile(pattern, title, words, 1, "small"))
        elif matches:
            total = sum(sizes.pop(name) for name in matches)
            # The first page of a folder leads to the others.
            target = next((name for name in matches if name.endswith(INDEX)), matches[0])
            lines.append(ListedFile(target, title, words, len(matches), format_size(total)))
    lines += [ListedFile(name, name, "", 1, format_size(size)) for name, size in sizes.items()]
    return lines


def format_size(size: int) -> str:
    """Return a size in bytes as readers see it, in kilobytes or megabytes."""
    if size < KILOBYTE:
        return "under 1 KB"
    # From here on a size would round to 1,000 KB.
    if size < MEGABYTE - KILOBYTE // 2:
        return f"{size / KILOBYTE:.0f} KB"
    return f"{size / MEGABYTE:.1f} MB"
