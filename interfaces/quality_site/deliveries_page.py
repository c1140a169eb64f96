"""The page of deliveries: which were rejected, held, withdrawn or partly quarantined, and why."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from interfaces.quality_site.contents import Contents
from interfaces.quality_site.sections import Page

# For each group of deliveries: its title, its explanation, and the column and code that select it.
GROUPS = {
    "rejected": (
        "Rejected",
        (
            "No row of a rejected delivery is in the register. The supplier was told what to "
            "put right."
        ),
        ("outcome", "rejected"),
    ),
    "held": (
        "Held",
        "These deliveries were accepted, but each is published only if a person confirms it.",
        ("status", "held"),
    ),
    "withdrawn": (
        "Withdrawn",
        (
            "A person withdrew these deliveries. Their rows are kept and counted, but none is "
            "in the register."
        ),
        ("status", "withdrawn"),
    ),
    "quarantined": (
        "Accepted with quarantined rows",
        "These deliveries are in the register, except for their quarantined rows.",
        ("outcome", "accepted_with_quarantine"),
    ),
}


def build_deliveries_page(contents: Contents) -> Page:
    """Build the page of deliveries; deliveries not completely in the register come first."""
    deliveries = contents.deliveries
    groups: list[dict[str, Any]] = [
        {
            "kind": kind,
            "title": title,
            "explanation": explanation,
            "rows": [row for row in deliveries.rows if row[column] == code],
            "source": replace(deliveries.source, filter=f"{column} = '{code}'"),
        }
        for kind, (title, explanation, (column, code)) in GROUPS.items()
    ]
    groups.append(
        {
            "kind": "all",
            "title": "All deliveries",
            "explanation": "Every delivery that was received, the newest first.",
            "rows": deliveries.rows,
            "source": deliveries.source,
        }
    )
    path = "deliveries.html"
    return Page(path, path, "Deliveries", path, {"groups": groups})
