"""Conformance: are values understood, are the sector's rules kept, is every row accounted for.

An unmapped code is never dropped: it is counted here, supplier by supplier.
"""

from __future__ import annotations

from expectations.specs import EqualMeasure, ExpectationSpec, ShareMeasure, SuiteSpec

SUITE_NAME = "conformance"
# Columns of fct_reports that hold a conformed code, in words.
REPORT_CODES = {
    "category_code": "category",
    "risk_initial_code": "initial risk",
    "location_type_code": "type of place",
    "looked_after_flag_code": "looked-after flag",
}


def _unmapped(column: str, words: str) -> ExpectationSpec:
    return ExpectationSpec(
        suite=SUITE_NAME,
        name=f"conformance_unmapped_{column.removesuffix('_code')}",
        sentence=f"Every supplier's codes for the {words} are understood.",
        mart="register.fct_reports",
        condition=f"{column} is not null",
        measure=ShareMeasure(
            numerator=f"count(*) filter (where {column} = 'unmapped')",
            denominator="count(*)",
            numerator_name=f"reports whose {words} is unmapped",
            denominator_name="reports that give one",
            scope="supplier_code",
            scope_kind="supplier",
            is_numerator_good=False,
        ),
        trace="report_id_register",
    )


def _episodes(
    name: str, sentence: str, words: str, condition: str, numerator: str
) -> ExpectationSpec:
    return ExpectationSpec(
        suite=SUITE_NAME,
        name=name,
        sentence=sentence,
        mart="register.fct_episodes",
        condition=condition,
        measure=ShareMeasure(
            numerator=f"count(*) filter (where {numerator})",
            denominator="count(*)",
            numerator_name=words,
            denominator_name="episodes",
        ),
        trace="episode_id_register",
    )


_ROWS_CONSERVED = ExpectationSpec(
    suite=SUITE_NAME,
    name="conformance_rows_conserved",
    sentence="Every row received is either landed or quarantined: none is lost, none is added.",
    mart="quality.agg_rows_by_delivery",
    measure=EqualMeasure(
        left="received_row_count",
        right="landed_file_row_count + quarantine_file_row_count",
    ),
    trace="delivery_id",
)
_ROWS_QUARANTINED = ExpectationSpec(
    suite=SUITE_NAME,
    name="conformance_rows_quarantined",
    sentence="Few of a supplier's rows have to be quarantined.",
    mart="quality.agg_rows_by_delivery",
    measure=ShareMeasure(
        numerator="sum(quarantined_row_count)",
        denominator="sum(received_row_count)",
        numerator_name="rows quarantined",
        denominator_name="rows received",
        scope="feed || ' ' || supplier_code",
        scope_kind="supplier",
        least_denominator=20,
        is_numerator_good=False,
    ),
    trace="delivery_id",
)
_RULES = ExpectationSpec(
    suite=SUITE_NAME,
    name="conformance_return_rules",
    sentence="Few rows of an authority's statutory return break a rule about missing periods.",
    mart="register.fct_rule_breaches",
    relation="""(
        select
            deliveries.delivery_id,
            deliveries.supplier_code,
            deliveries.landed_row_count,
            coalesce(broken.row_count, 0) as broken_row_count
        from quality.agg_rows_by_delivery as deliveries
        left join (
            select delivery_id, count(distinct concat(file_name, ':', row_number)) as row_count
            from register.fct_rule_breaches
            group by delivery_id
        ) as broken
            on deliveries.delivery_id = broken.delivery_id
        where deliveries.feed = 'authority_return'
    ) as returns""",
    measure=ShareMeasure(
        numerator="sum(broken_row_count)",
        denominator="sum(landed_row_count)",
        numerator_name="rows that break a rule",
        denominator_name="rows of the return",
        scope="supplier_code",
        scope_kind="authority",
        least_denominator=20,
        is_numerator_good=False,
    ),
    trace="delivery_id",
)

SUITE = SuiteSpec(
    name=SUITE_NAME,
    title="Conformance",
    introduction=(
        "Whether what was delivered could be understood, whether it keeps the sector's rules, "
        "and whether every row delivered is accounted for."
    ),
    expectations=(
        _ROWS_CONSERVED,
        _ROWS_QUARANTINED,
        *(_unmapped(column, words) for column, words in REPORT_CODES.items()),
        _RULES,
        _episodes(
            "conformance_episodes_order",
            "No episode ends before it starts.",
            "episodes that end before they start",
            "ended_at is not null",
            "ended_at < started_at",
        ),
        _episodes(
            "conformance_episodes_age",
            "Every episode belongs to somebody who was a child when it started.",
            "episodes that start before birth or from the 18th birthday on",
            "age_at_start is not null",
            "age_at_start not between 0 and 17",
        ),
        _episodes(
            "conformance_episodes_duration_bounds",
            "The least possible duration of an episode is not above the greatest.",
            "episodes whose bounds are the wrong way round",
            "duration_hours_lower is not null and duration_hours_upper is not null",
            "duration_hours_lower > duration_hours_upper",
        ),
    ),
)
