"""The decision files and their columns. Reading and appending belong in `decision_files`."""

from __future__ import annotations

from register.decision_history import REPLACEMENT_COLUMNS, REPLACEMENTS

DELIVERY_DECISION_COLUMNS = ("decided_at", "decided_by", "delivery_id", "decision", "reason")
LINK_DECISION_COLUMNS = (
    "decided_at",
    "decided_by",
    "decision",
    "left_mention_key",
    "right_mention_key",
    "reason",
    "expires_on",
    "reason_code",
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
ACCESS_GRANTS, FORMER_GRANTS = "access_grants.csv", "serving_grants.csv"
ACCESS_GRANT_COLUMNS = (
    "decided_at",
    "decided_by",
    "decision",
    "holder",
    "level",
    "area_code",
    "expires_on",
    "reason",
)
LINKAGE_MODEL_COLUMNS = ("decided_at", "decided_by", "decision", "model_version", "reason")
AUDIT_SAMPLE_COLUMNS = (
    "sample_id",
    "generation_id",
    "collection_year",
    "seed",
    "case_count",
    "area_count",
    "frame_count",
    "both_share",
    "police_only_share",
    "authority_only_share",
)
AUDIT_RESULT_COLUMNS = (
    "entered_at",
    "entered_by",
    "sample_id",
    "case_number",
    "authority_code_dfe",
    "status",
    "reason_code",
    "weight",
    "found_status",
    "is_same_child",
    "is_same_absence",
    "is_reason_right",
)
ERASURE_COLUMNS = (
    "decided_at",
    "decided_by",
    "approved_by",
    "erasure_id",
    "reason_code",
    "supplier_code",
    "person_code",
    "key_id",
)
APPROVAL_COLUMNS = (
    "decided_at",
    "decided_by",
    "decision",
    "request_id",
    "kind",
    "subject",
    "reason",
)
DECISION_FILES = {
    REPLACEMENTS: REPLACEMENT_COLUMNS,
    "deliveries.csv": DELIVERY_DECISION_COLUMNS,
    "links.csv": LINK_DECISION_COLUMNS,
    "reviews.csv": REVIEW_COLUMNS,
    "clerical_sample.csv": CLERICAL_SAMPLE_COLUMNS,
    "churn.csv": CHURN_DECISION_COLUMNS,
    "recording_changes.csv": RECORDING_CHANGE_COLUMNS,
    ACCESS_GRANTS: ACCESS_GRANT_COLUMNS,
    "linkage_models.csv": LINKAGE_MODEL_COLUMNS,
    "audit_samples.csv": AUDIT_SAMPLE_COLUMNS,
    "audit_results.csv": AUDIT_RESULT_COLUMNS,
    "approvals.csv": APPROVAL_COLUMNS,
    "erasures.csv": ERASURE_COLUMNS,
}
# Files of earlier releases, which are read if they exist, and never created or appended to.
FORMER_FILES = {
    FORMER_GRANTS: (
        "decided_at",
        "decided_by",
        "decision",
        "member",
        "area_code",
        "expires_on",
        "reason",
    ),
}
