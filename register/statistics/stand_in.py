"""Rules D1 to D3 alone, behind the door of `protection`, until that is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa


@dataclass(frozen=True)
class Protected:
    """Protected cells."""

    cells: pa.Table
    audit: dict[str, Any] = field(default_factory=dict)

    def write_ties(self, path: Path) -> None:
        """Write nothing of use."""
        path.write_text("{}\n", encoding="utf-8")


def protect(cells: pa.Table, data_sets: Any, rules: Mapping[str, float], **_: Any) -> Protected:
    """Hide and round each cell by itself."""
    shown, symbols, hidden = [], [], []
    for row in cells.to_pylist():
        is_small = row["value"] > 0 and row["child_count"] <= rules["few_children_most"]
        is_dominated = (row["top_two_share"] or 0) >= rules["dominance_share"]
        symbol = "c" if is_small or is_dominated else None
        symbol = symbol if row["is_available"] else "x"
        unit = int(
            rules["rounding_unit_authority"]
            if row["geographic_level"] in ("Local authority", "Police force area")
            else rules["rounding_unit_area"]
        )
        shown.append(None if symbol else (2 * row["value"] + unit) // (2 * unit) * unit)
        symbols.append(symbol)
        hidden.append("first" if symbol == "c" else None)
    table = (
        cells.append_column("shown", pa.array(shown, pa.int64()))
        .append_column("symbol", pa.array(symbols, pa.string()))
        .append_column("hidden_as", pa.array(hidden, pa.string()))
    )
    return Protected(table)
