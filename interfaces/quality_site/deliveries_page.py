"""The page of deliveries: which were rejected, held, withdrawn or partly quarantined, and why."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from interfaces.quality_site.contents import Contents
from interfaces.quality_site.sections import Page

# By kind: title, explanation, and the column and code that its deliveries have.
GROUPS = {
    "rejected": (
        "Rejected",
        "No row of these is in the register. The supplier was told what to put right.",
        ("outcome", "rejected"),
    ),
    "held": (
        "Held",
        "Accepted, but not published until a person confirms or refuses the delivery.",
        ("status", "held"),
    ),
    "withdrawn": (
        "Withdrawn",
        "Set aside by a person. Their rows are kept and counted, and none is in the register.",
        ("status", "withdrawn"),
    ),
    "quarantined": (
        "Accepted with quarantined rows",
        "In the register, except for the rows that were set aside.",
        ("outcome", "accepted_with_quarantine"),
    ),
}


def build_deliveries_page(contents: Contents) -> Page:
    """Build the page of deliveries, first those that are not completely in the register."""
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
