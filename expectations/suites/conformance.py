"""Conformance: are values understood, are the sector's rules kept, is every row accounted for.

An unmapped code is never dropped: it is counted here, supplier by supplier.
"""

from __future__ import annotations

from dataclasses import replace

from expectations.suites.specs import (
    AUTHORITY,
    FEED_OF_SUPPLIER,
    SUPPLIER,
    EqualMeasure,
    Rows,
    SuiteSpec,
    share_of_counts,
    share_of_rows,
    suite_of,
)
from register.queries import read_query

SUITE_NAME = "conformance"
ROWS_BY_DELIVERY = Rows("quality.agg_rows_by_delivery", trace="delivery_id")
REPORTS = Rows("register.fct_reports", trace="report_id_register")
EPISODES = Rows("register.fct_episodes", trace="episode_id_register")
BROKEN_ROWS = read_query(__package__, "broken_rows")
RETURNS = Rows(
    "register.fct_rule_breaches",
    relation=f"({BROKEN_ROWS}) as returns",
    trace="delivery_id",
)
# Columns of fct_reports with a conformed code, in words.
REPORT_CODES = {
    "category_code": "category",
    "risk_initial_code": "initial risk",
    "location_type_code": "type of place",
    "looked_after_flag_code": "looked-after flag",
}
# What no episode may be: short name, sentence, words, rows, condition.
IMPOSSIBLE = (
    (
        "order",
        "No episode ends before it starts.",
        "episodes that end before they start",
        "ended_at is not null",
        # An end that is a date may be at any time of that day.
        "ended_at < started_at and not (end_precision = 'date'"
        " and ended_at + interval '1 day' > started_at)",
    ),
    (
        "age",
        "Every episode belongs to somebody who was a child when it started.",
        "episodes that start before birth or from the 18th birthday on",
        "age_at_start is not null",
        "age_at_start not between 0 and 17",
    ),
    (
        "duration_bounds",
        "The least possible duration of an episode is not above the greatest.",
        "episodes whose bounds are the wrong way round",
        "duration_hours_lower is not null and duration_hours_upper is not null",
        "duration_hours_lower > duration_hours_upper",
    ),
)
_expect = suite_of(SUITE_NAME)

SUITE = SuiteSpec(
    name=SUITE_NAME,
    title="Conformance",
    introduction=(
        "Whether what was delivered could be understood, whether it keeps the sector's rules, "
        "and whether every row delivered is accounted for."
    ),
    expectations=(
        _expect(
            "rows_conserved",
            "Every row received is either landed or quarantined: none is lost, none is added.",
            ROWS_BY_DELIVERY,
            EqualMeasure("received_row_count", "landed_file_row_count + quarantine_file_row_count"),
        ),
        _expect(
            "rows_quarantined",
            "Few of a supplier's rows have to be quarantined.",
            ROWS_BY_DELIVERY,
            share_of_counts(
                ("rows quarantined", "rows received"),
                ("sum(quarantined_row_count)", "sum(received_row_count)"),
                FEED_OF_SUPPLIER,
                is_good=False,
            ),
        ),
        *(
            _expect(
                f"unmapped_{column.removesuffix('_code')}",
                f"Every supplier's codes for the {words} are understood.",
                REPORTS.where(f"{column} is not null"),
                share_of_rows(
                    f"reports whose {words} is unmapped",
                    f"{column} = 'unmapped'",
                    "reports that give one",
                    replace(SUPPLIER, least=1),
                    is_good=False,
                ),
            )
            for column, words in REPORT_CODES.items()
        ),
        _expect(
            "return_rules",
            "Few rows of an authority's statutory return break a rule about missing periods.",
            RETURNS,
            share_of_counts(
                ("rows that break a rule", "rows of the return"),
                ("sum(broken_row_count)", "sum(landed_row_count)"),
                replace(AUTHORITY, label="supplier_code"),
                is_good=False,
            ),
        ),
        *(
            _expect(
                f"episodes_{name}",
                sentence,
                EPISODES.where(known),
                share_of_rows(words, condition, "episodes", is_good=False),
            )
            for name, sentence, words, known, condition in IMPOSSIBLE
        ),
    ),
)
