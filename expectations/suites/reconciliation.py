"""Reconciliation: does the register count what the department published, or give a reason.

The counting and the reasons are the mart's. What was not delivered whole is not compared.
"""

from __future__ import annotations

from expectations.suites.specs import (
    COLLECTION_YEAR,
    Rows,
    SuiteSpec,
    share_of_rows,
    suite_of,
)

SUITE_NAME = "reconciliation"
COMPARED = Rows(
    "agreement.agg_reconciliation_by_area_year",
    "area_level_code = 'authority' and statistic_code = 'count' "
    "and is_equal_within_rounding is not null and full_year_count = authority_count",
)
_expect = suite_of(SUITE_NAME)

SUITE = SuiteSpec(
    name=SUITE_NAME,
    title="Reconciliation to published statistics",
    introduction=(
        "Whether the register's own count by the department's rules is the figure that the "
        "department published, authority by authority, where the whole year was delivered."
    ),
    expectations=(
        _expect(
            "counts_equal",
            "Most counts of authorities are the published ones, but for rounding.",
            COMPARED,
            share_of_rows(
                "counts equal within rounding",
                "is_equal_within_rounding",
                "published counts of whole years",
                COLLECTION_YEAR,
            ),
        ),
        _expect(
            "counts_near",
            "Nearly every count is within a tenth, or five, of the published one.",
            COMPARED,
            share_of_rows(
                "counts within a tenth or five",
                "abs(relative_difference) <= 0.1 or abs(difference) <= 5",
                "published counts of whole years",
                COLLECTION_YEAR,
            ),
        ),
        _expect(
            "differences_explained",
            "Most differences have a reason that the register can name.",
            COMPARED.where("not is_equal_within_rounding"),
            share_of_rows(
                "differences with a reason",
                "reason_code <> 'unexplained'",
                "counts that differ",
                COLLECTION_YEAR,
            ),
        ),
    ),
)
