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
REVIEW_COLUMNS = (
    "reviewed_at",
    "reviewed_by",
    "left_mention_key",
    "right_mention_key",
    "judgement",
    "is_blind",
    "purpose",
)
CLERICAL_SAMPLE_COLUMNS = (
    "sample_id",
    "drawn_at",
    "seed",
    "review_pair_id",
    "left_mention_key",
    "right_mention_key",
    "stratum",
    "stratum_pair_count",
    "sampled_pair_count",
    "sampling_weight",
)
CHURN_DECISION_COLUMNS = ("decided_at", "decided_by", "generation_id", "reason")
RECORDING_CHANGE_COLUMNS = (
    "recorded_at",
    "recorded_by",
    "decision",
    "supplier_code",
    "changed_from",
    "category_code",
    "change_code",
    "left_out",
    "under_hours",
    "announced_by",
    "reason",
)
# Every file of people's decisions and judgements, by name, with its columns.
DECISION_FILES = {
    "deliveries.csv": DELIVERY_DECISION_COLUMNS,
    "links.csv": LINK_DECISION_COLUMNS,
    "reviews.csv": REVIEW_COLUMNS,
    "clerical_sample.csv": CLERICAL_SAMPLE_COLUMNS,
    "churn.csv": CHURN_DECISION_COLUMNS,
    "recording_changes.csv": RECORDING_CHANGE_COLUMNS,
}


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
    for name, columns in DECISION_FILES.items():
        path = settings.decisions / name
        if not path.exists():
            path.write_text(",".join(columns) + "\n", encoding="utf-8")


if __name__ == "__main__":
    prepare_home(load_settings())
