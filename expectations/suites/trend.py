"""Trend: does each supplier record as it did before.

A step is found by the register's own method (`agg_recording_breaks_by_supplier`); what a break
means for agreement is a reason (D17), not judged here.
"""

from __future__ import annotations

from dataclasses import replace

from expectations.suites.specs import (
    COLLECTION_YEAR,
    FEED_OF_SUPPLIER,
    Rows,
    SuiteSpec,
    share_of_rows,
    suite_of,
)
from register.queries import read_query

SUITE_NAME = "trend"
EACH_SERIES = replace(FEED_OF_SUPPLIER, least=12)
MONTHS = Rows("agreement.agg_trends_by_supplier_month", "category_code = 'every' and is_delivered")
# Below this many reports a month, half or double is chance.
LEAST_MONTHLY = 10
FOLLOWED_YEARS = read_query(__package__, "followed_years")
YEARS = Rows(
    "agreement.agg_agreement_by_area_year",
    relation=f"({FOLLOWED_YEARS}) as followed",
)
_expect = suite_of(SUITE_NAME)

SUITE = SuiteSpec(
    name=SUITE_NAME,
    title="Trend of each supplier",
    introduction=(
        "Whether each supplier's own past would have led one to expect what it delivers now. A "
        "series that steps without an announced change is a question to the supplier."
    ),
    expectations=(
        _expect(
            "steps_announced",
            "A supplier's series steps only where definitions change or it announced a change.",
            Rows(
                "agreement.agg_trends_by_supplier_month",
                "category_code in ('every', 'brief') and is_delivered",
            ),
            share_of_rows(
                "months with an unannounced step",
                "is_break and not is_announced_break",
                "months delivered",
                EACH_SERIES,
                is_good=False,
            ),
        ),
        _expect(
            "months_like_their_stretch",
            "Monthly counts stay between half and double the mean of their stretch.",
            MONTHS.where(f"segment_month_mean >= {LEAST_MONTHLY}"),
            share_of_rows(
                "months between half and double the mean",
                "report_count between segment_month_mean / 2 and segment_month_mean * 2",
                "months delivered",
                EACH_SERIES,
            ),
        ),
        _expect(
            "agreement_like_before",
            "Most authorities agree with the police as they did the year before.",
            YEARS,
            share_of_rows(
                "authorities whose interval overlaps the one before",
                "is_like_before",
                "authorities with both years",
                replace(COLLECTION_YEAR, least=5),
            ),
        ),
    ),
)
