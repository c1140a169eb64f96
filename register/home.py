"""Prepares a home: its folders and the append-only decision files, with their headers.

What goes into the folders belongs to the parts that own them.
"""

from __future__ import annotations

from register.settings import Settings, load_settings

DELIVERY_DECISION_COLUMNS = ("decided_at", "decided_by", "delivery_id", "decision", "reason")
LINK_DECISION_COLUMNS = (
    "decided_at",
    "decided_by",
    "decision",
    "left_mention_key",
    "right_mention_key",
    "reason",
    "expires_on",
)


def prepare_home(settings: Settings) -> None:
    """Create whatever a home lacks; touch nothing that is there."""
    for folder in (
        settings.inbox,
        settings.landing,
        settings.warehouse,
        settings.published,
        settings.quality,
        settings.decisions,
    ):
        folder.mkdir(parents=True, exist_ok=True)
    headers = {
        "deliveries.csv": DELIVERY_DECISION_COLUMNS,
        "links.csv": LINK_DECISION_COLUMNS,
    }
    for name, columns in headers.items():
        path = settings.decisions / name
        if not path.exists():
            path.write_text(",".join(columns) + "\n", encoding="utf-8")


if __name__ == "__main__":
    prepare_home(load_settings())
