"""Markdown helpers for the pages that benchmarks write from recorded figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml


def read_figures(path: Path) -> dict[str, Any]:
    """Return recorded figures; every value is a text, as it stands in the file."""
    text = path.read_text(encoding="utf-8")
    figures: dict[str, Any] = yaml.load(text, yaml.BaseLoader)  # noqa: S506 - text alone
    return figures


def markdown_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = ["| " + " | ".join(cells) + " |" for cells in (columns, *rows)]
    lines.insert(1, "|---" * len(columns) + "|")
    return "\n".join(lines)
