"""The page of deliveries: which were rejected, held, withdrawn or quarantined in part, and why."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from interfaces.quality_site.contents import Contents
from interfaces.quality_site.sections import Page

# By kind: title, explanation, and the column and code that its deliveries have.
GROUPS = {
    "rejected": (
        "Rejected",
        "Nothing of these is in the register. The supplier was told what to put right.",
        ("outcome", "rejected"),
    ),
    "held": (
        "Held",
        "Accepted, and kept from publication until a person confirms or refuses.",
        ("status", "held"),
    ),
    "withdrawn": (
        "Withdrawn",
        "Set aside by a person. Its rows are kept and counted; nothing of it is in the register.",
        ("status", "withdrawn"),
    ),
    "quarantined": (
        "Accepted with quarantined rows",
        "In the register but for the rows set aside.",
        ("outcome", "accepted_with_quarantine"),
    ),
}


def deliveries_page(contents: Contents) -> Page:
    """Deliveries that are not in the register, or not as a whole."""
    found = contents.deliveries
    groups: list[dict[str, Any]] = [
        {
            "kind": kind,
            "title": title,
            "explanation": explanation,
            "rows": [row for row in found.rows if row[column] == code],
            "source": replace(found.source, filter=f"{column} = '{code}'"),
        }
        for kind, (title, explanation, (column, code)) in GROUPS.items()
    ]
    groups.append(
        {
            "kind": "all",
            "title": "All deliveries",
            "explanation": "Everything that was received, the newest first.",
            "rows": found.rows,
            "source": found.source,
        }
    )
    path = "deliveries.html"
    return Page(path, path, "Deliveries", path, {"groups": groups})
