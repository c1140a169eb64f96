"""Coverage: did every supplier deliver what its calendar expects, on time, and was it usable.

What the deliveries contain is judged by the other suites.
"""

from __future__ import annotations

from expectations.specs import ExpectationSpec, ShareMeasure, SuiteSpec, TotalMeasure

SUITE_NAME = "coverage"
COVERAGE_MART = "quality.agg_supplier_coverage_by_period"
SUPPLIER_FEED = "feed || ' ' || supplier_code"

_DELIVERED = ExpectationSpec(
    suite=SUITE_NAME,
    name="coverage_periods_delivered",
    sentence="Every supplier delivers every period that its calendar expects.",
    mart=COVERAGE_MART,
    condition="is_expected",
    measure=ShareMeasure(
        numerator="count(*) filter (where is_delivered)",
        denominator="count(*)",
        numerator_name="periods delivered",
        denominator_name="periods expected",
        scope=SUPPLIER_FEED,
        scope_kind="supplier",
    ),
)
_PUNCTUAL = ExpectationSpec(
    suite=SUITE_NAME,
    name="coverage_periods_punctual",
    sentence="What a supplier delivers arrives by the day on which it is due.",
    mart=COVERAGE_MART,
    condition="is_expected and is_delivered",
    measure=ShareMeasure(
        numerator="count(*) filter (where not is_late)",
        denominator="count(*)",
        numerator_name="periods on time",
        denominator_name="periods delivered",
        scope=SUPPLIER_FEED,
        scope_kind="supplier",
    ),
)
_FEEDS = ExpectationSpec(
    suite=SUITE_NAME,
    name="coverage_feeds_delivered",
    sentence="Each feed covers nearly the whole country.",
    mart=COVERAGE_MART,
    condition="is_expected",
    measure=ShareMeasure(
        numerator="count(*) filter (where is_delivered)",
        denominator="count(*)",
        numerator_name="periods delivered",
        denominator_name="periods expected",
        scope="feed",
        scope_kind="feed",
    ),
)
_REJECTED = ExpectationSpec(
    suite=SUITE_NAME,
    name="coverage_deliveries_rejected",
    sentence="Few deliveries have to be rejected.",
    mart="register.dim_deliveries",
    measure=ShareMeasure(
        numerator="count(*) filter (where outcome = 'rejected')",
        denominator="count(*)",
        numerator_name="deliveries rejected",
        denominator_name="deliveries received",
        scope="feed",
        scope_kind="feed",
        is_numerator_good=False,
    ),
    trace="delivery_id",
)
_HELD = ExpectationSpec(
    suite=SUITE_NAME,
    name="coverage_deliveries_held",
    sentence="No delivery waits for a person to confirm or refuse it.",
    mart="register.dim_deliveries",
    condition="status = 'held'",
    measure=TotalMeasure(total="count(*)"),
    trace="delivery_id",
)


def _held_by_register(
    name: str, sentence: str, mart: str, total: str, trace: str
) -> ExpectationSpec:
    """A count of the register's own, kept so that its history can be shown."""
    return ExpectationSpec(
        suite=SUITE_NAME,
        name=name,
        sentence=sentence,
        mart=mart,
        measure=TotalMeasure(total=total),
        trace=trace,
    )


SUITE = SuiteSpec(
    name=SUITE_NAME,
    title="Coverage and punctuality",
    introduction=(
        "Whether the register holds what it should: which suppliers delivered which periods, "
        "when, and whether the delivery could be used."
    ),
    expectations=(
        _DELIVERED,
        _PUNCTUAL,
        _FEEDS,
        _REJECTED,
        _HELD,
        _held_by_register(
            "coverage_register_children",
            "The register holds children.",
            "register.dim_children",
            "count(distinct child_id_register)",
            "child_id_register",
        ),
        _held_by_register(
            "coverage_register_episodes",
            "The register holds episodes.",
            "register.fct_episodes",
            "count(*)",
            "episode_id_register",
        ),
        _held_by_register(
            "coverage_register_reports",
            "The register holds reports.",
            "register.fct_reports",
            "count(*)",
            "report_id_register",
        ),
    ),
)
