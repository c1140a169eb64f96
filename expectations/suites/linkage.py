"""Linkage: how sure are the links, are they as good for every group, and do keys stay.

Precision and recall are measured by the register against a clerical sample; a home without one is
not judged by a range that is assumed. In a simulation its evaluation measures them against truth.
"""

from __future__ import annotations

from dataclasses import replace

from expectations.suites.specs import (
    NATION,
    ExpectationSpec,
    IntervalMeasure,
    Rows,
    Scope,
    SuiteSpec,
    share_of_counts,
    suite_of,
)

SUITE_NAME = "linkage"
QUALITY = Rows("quality.agg_linkage_quality", "linkage = 'central' and basis = 'clerical_sample'")
TRUTH = Rows("quality.agg_linkage_accuracy_by_group", "linkage = 'central'")
ALL = "grouping = 'all'"
# Characteristics by which bias would be unfair; areas and modes of error have pages of their own.
OF_CHILDREN = (
    "unit = 'pair' and grouping in ('sex', 'ethnicity_group', 'uasc', 'age_band') "
    "and group_value <> 'unknown'"
)
EACH_UNIT = Scope("unit", "way of counting", 1)
EACH_GROUP = Scope("grouping || ' ' || group_value", "group", 50)
CHURN = Rows("quality.agg_identity_churn_by_generation", "is_this_generation")
DRIFT = Rows("quality.agg_linkage_weight_drift_by_level", "not is_fixed")
# Fewer pairs than training itself learns a level from.
EACH_COMPARISON = Scope("comparison_code", "comparison", 200)
REASONS = Rows("quality.agg_reason_confusion", "true_reason_code <> 'unknown'")
RECORDS = {
    "precision": "true_count + false_count",
    "recall": "true_count + missed_count",
}
WORDS = {
    "precision": ("right links", "links made"),
    "recall": ("links found", "true links"),
}
_expect = suite_of(SUITE_NAME)


def _stated(name: str, sentence: str, share: str, rows: Rows, scope: Scope) -> ExpectationSpec:
    measured_name, counted_name = WORDS[share]
    return _expect(
        name,
        sentence,
        rows,
        IntervalMeasure(
            share=share,
            lower=f"{share}_lower",
            upper=f"{share}_upper",
            records=f"coalesce({RECORDS[share]}, 1000)",
            measured_name=measured_name,
            counted_name=counted_name,
            scope=scope.label,
            scope_kind=scope.kind,
            least_records=scope.least,
        ),
    )


def _stated_of(quality: Rows, ending: str) -> list[ExpectationSpec]:
    whole, groups = quality.where(ALL), quality.where(OF_CHILDREN)
    return [
        _stated(f"precision{ending}", "Nearly every link is right.", "precision", whole, EACH_UNIT),
        _stated(
            f"recall{ending}", "Most links that should be there are.", "recall", whole, EACH_UNIT
        ),
        _stated(
            f"precision_of_groups{ending}",
            "Links are as right for every group of children.",
            "precision",
            groups,
            EACH_GROUP,
        ),
        _stated(
            f"recall_of_groups{ending}",
            "Links are found for every group of children.",
            "recall",
            groups,
            EACH_GROUP,
        ),
    ]


SUITE = SuiteSpec(
    name=SUITE_NAME,
    title="Linkage: error, bias and churn",
    introduction=(
        "Whether two records that the register links are of the same child, and whether records of "
        "the same child are linked, for every group alike. Whether keys stay with their children."
    ),
    expectations=(
        *_stated_of(QUALITY, ""),
        *(replace(spec, is_of_simulation=True) for spec in _stated_of(TRUTH, "_against_truth")),
        _expect(
            "churn",
            "Few records known before become another child with a load.",
            CHURN,
            share_of_counts(
                ("records that became another child", "records known before"),
                ("sum(changed_mention_count)", "sum(known_mention_count)"),
                NATION,
                is_good=False,
            ),
        ),
        _expect(
            "weight_drift",
            "The model weighs nearly every pair of one child as the records of this home would.",
            DRIFT,
            share_of_counts(
                ("pairs weighed more than a bit off", "pairs of one child expected"),
                (
                    "round(coalesce(sum(match_count) filter (where abs(drift) > 1), 0))",
                    "round(sum(match_count))",
                ),
                EACH_COMPARISON,
                is_good=False,
            ),
        ),
        replace(
            _expect(
                "reasons_right",
                "Most reasons given for a disagreement are the true ones.",
                REASONS,
                share_of_counts(
                    ("disagreements with the right reason", "disagreements whose cause is known"),
                    ("sum(row_count) filter (where is_right)", "sum(row_count)"),
                    NATION,
                ),
            ),
            is_of_simulation=True,
        ),
    ),
)
