"""What every reader gives: texts under the file's own headings, with their physical lines.

No value is changed here; trimming, dates and codes belong in `register.feeds.normalising`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from register.feeds.landed_files import QuarantinedRecord
from register.feeds.rules import Finding, Rule


@dataclass(frozen=True)
class SourceFile:
    """One file of a delivery: its path within the delivery and its bytes."""

    path: str
    data: bytes

    @property
    def name(self) -> str:
        """The file's name without folders."""
        return self.path.rsplit("/", 1)[-1]

    @property
    def stem(self) -> str:
        """The name without its suffix, in lower case."""
        return self.name.rsplit(".", 1)[0].lower()

    @property
    def suffix(self) -> str:
        """The suffix with its dot, in lower case, or nothing."""
        return "." + self.name.rsplit(".", 1)[1].lower() if "." in self.name else ""


@dataclass(frozen=True)
class RawTable:
    """The records of one file.

    `columns` are parallel to `headings`; `row_numbers` are physical lines; `record_text` gives a
    record as delivered by its position. `is_sparse`: the form leaves out what is empty (XML), so
    that a missing column is no fault. received = rows here + `quarantined`.
    """

    file: str
    table_name: str
    headings: list[str]
    columns: list[pa.Array]
    row_numbers: npt.NDArray[np.int64]
    record_text: Callable[[int], str]
    quarantined: list[QuarantinedRecord] = field(default_factory=list)
    is_sparse: bool = False

    @property
    def received_row_count(self) -> int:
        """Physical records in the file."""
        return len(self.row_numbers) + len(self.quarantined)

    def finding(self, rule: Rule, line: int | None = None, column: str | None = None) -> Finding:
        """A finding about this file."""
        return Finding(rule, self.file, line, column, self.table_name)
