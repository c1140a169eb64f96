"""Coverage: did every supplier deliver what its calendar expects, on time, and was it usable.

What the deliveries contain is judged by the other suites.
"""

from __future__ import annotations

from dataclasses import replace

from expectations.suites.specs import (
    FEED,
    FEED_OF_SUPPLIER,
    Rows,
    SuiteSpec,
    TotalMeasure,
    share_of_rows,
    suite_of,
)

SUITE_NAME = "coverage"
EXPECTED = Rows("quality.agg_supplier_coverage_by_period", "is_expected")
DELIVERIES = Rows("register.dim_deliveries", trace="delivery_id")
EACH_SUPPLIER = replace(FEED_OF_SUPPLIER, least=1)
# Counts of the register's own, kept so that their history can be shown.
HOLDINGS = {
    "children": (
        Rows("register.dim_children", trace="child_id_register"),
        "count(distinct child_id_register)",
    ),
    "episodes": (Rows("register.fct_episodes", trace="episode_id_register"), "count(*)"),
    "reports": (Rows("register.fct_reports", trace="report_id_register"), "count(*)"),
}
_expect = suite_of(SUITE_NAME)

SUITE = SuiteSpec(
    name=SUITE_NAME,
    title="Coverage and punctuality",
    introduction=(
        "Whether the register holds what it should: which suppliers delivered which periods, "
        "when, and whether the delivery could be used."
    ),
    expectations=(
        _expect(
            "periods_delivered",
            "Every supplier delivers every period that its calendar expects.",
            EXPECTED,
            share_of_rows("periods delivered", "is_delivered", "periods expected", EACH_SUPPLIER),
        ),
        _expect(
            "periods_punctual",
            "What a supplier delivers arrives by the day on which it is due.",
            EXPECTED.where("is_delivered"),
            share_of_rows("periods on time", "not is_late", "periods delivered", EACH_SUPPLIER),
        ),
        _expect(
            "feeds_delivered",
            "Each feed covers nearly the whole country.",
            EXPECTED,
            share_of_rows("periods delivered", "is_delivered", "periods expected", FEED),
        ),
        _expect(
            "deliveries_rejected",
            "Few deliveries have to be rejected.",
            DELIVERIES,
            share_of_rows(
                "deliveries rejected",
                "outcome = 'rejected'",
                "deliveries received",
                FEED,
                is_good=False,
            ),
        ),
        _expect(
            "deliveries_held",
            "No delivery waits for a person to confirm or refuse it.",
            DELIVERIES.where("status = 'held'"),
            TotalMeasure(total="count(*)"),
        ),
        *(
            _expect(
                f"register_{things}", f"The register holds {things}.", rows, TotalMeasure(total)
            )
            for things, (rows, total) in HOLDINGS.items()
        ),
    ),
)
