"""A data file and its metadata file as texts, and findings about them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

from official_statistics.data_files import read_table

TIME_COLUMNS = ("time_period", "time_identifier")
MANDATORY = (*TIME_COLUMNS, "geographic_level", "country_code", "country_name")
# The platform's geographic levels, and the columns that rows of each level fill.
LEVEL_COLUMNS: dict[str, tuple[str, ...]] = {
    "National": (),
    "Regional": ("region_code", "region_name"),
    "Local authority": ("old_la_code", "new_la_code", "la_name"),
    "Police force area": ("pfa_code", "pfa_name"),
    "Local authority district": ("lad_code", "lad_name"),
    "Parliamentary constituency": ("pcon_code", "pcon_name"),
    "Ward": ("ward_code", "ward_name"),
}
GEOGRAPHY_COLUMNS = (
    *MANDATORY[2:],
    *(column for columns in LEVEL_COLUMNS.values() for column in columns),
)
Severity = Literal["failure", "warning"]


@dataclass(frozen=True)
class Finding:
    """A breach of a rule: the file, the rule's number in the specification, and the fault."""

    file: str
    rule: int
    severity: Severity
    text: str


@dataclass(frozen=True)
class Pair:
    """A data file and its metadata file as rows of texts; the first row has the column names."""

    name: str
    data: Sequence[Sequence[str]]
    meta: Sequence[Sequence[str]]
    path: Path | None = field(default=None, compare=False)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The names of the data file's columns."""
        return tuple(self.data[0]) if self.data else ()

    @cached_property
    def rows(self) -> list[dict[str, str]]:
        """The rows of the data file, each as values by column."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.data[1:]]

    @cached_property
    def meta_rows(self) -> list[dict[str, str]]:
        """The rows of the metadata file, each as values by column."""
        columns = list(self.meta[0]) if self.meta else []
        return [dict(zip(columns, row, strict=True)) for row in self.meta[1:]]

    def list_columns(self, col_type: str) -> list[str]:
        """Return the columns of a type (Filter or Indicator) in the metadata file."""
        return [row["col_name"] for row in self.meta_rows if row.get("col_type") == col_type]

    @property
    def filters(self) -> list[str]:
        """The filters in the metadata file that are columns of the data file."""
        return [name for name in self.list_columns("Filter") if name in self.columns]

    @property
    def indicators(self) -> list[str]:
        """The indicators in the metadata file that are columns of the data file."""
        return [name for name in self.list_columns("Indicator") if name in self.columns]

    def report_failure(self, rule: int, text: str) -> Finding:
        """Return a finding that stops a release."""
        return Finding(self.name, rule, "failure", text)

    def report_warning(self, rule: int, text: str) -> Finding:
        """Return a finding that keeps a file out of the platform's API."""
        return Finding(self.name, rule, "warning", text)


def read_pairs(folder: Path) -> Iterator[Pair]:
    """Yield every pair of files in a folder, by name. A missing file counts as without rows."""
    names = {path.name.removesuffix(".csv").removesuffix(".meta") for path in folder.glob("*.csv")}
    for name in sorted(names):
        data, meta = folder / f"{name}.csv", folder / f"{name}.meta.csv"
        yield Pair(name, read_table(data), read_table(meta), data)
