"""Words that have a twin, said to DuckDB and to Spark: the answers are equal."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest

from engines.spark import Functions, read_statements
from tests.dbt.functions import definitions, rendered

pytestmark = pytest.mark.drill

# Both hours of the night in October in which the clocks go back, the one in March that they skip,
# a fraction of a second, and the day that stands for no end.
MOMENTS = """
    select cast(moment as timestamp) as moment, cast(amount as double) as amount, grouped, words
    from (values
        ('2025-10-26 00:30:00', 0.1, 'a', 'one|two'),
        ('2025-10-26 01:30:00', 0.2, 'a', 'two'),
        ('2025-03-30 01:30:00', 0.7, 'a', ''),
        ('2025-07-01 12:00:00.25', 12.5, 'b', 'three|one'),
        ('9999-12-31 23:59:59', 3.0, 'b', null),
        (null, null, 'b', 'four')
    ) as given (moment, amount, grouped, words)
"""
# What one engine takes for a number and the other does not, and halves.
TEXTS = (
    "15", " 15 ", "15.0", "15.5", "14.5", "-0.5", "1e1", "15.", ".5", "10d", "1f", "0x1p3", "1_000",
    "inf", "NaN", "1,5", "", " ", "99999999999", "1e400", "+7", "--7", "1e", "fifteen",
)  # fmt: skip
SAID = {
    "to_utc": "select {{ london_to_utc('moment') }} as answer from moments",
    "to_london": "select {{ utc_to_london('moment') }} as answer from moments",
    "seconds": """
        select {{ seconds_between("cast('2025-01-01' as timestamp)", 'moment') }} as answer
        from moments
    """,
    "days": """
        select {{ elapsed_days("date '2025-01-01'", 'cast(moment as date)') }} as answer
        from moments
    """,
    "a_series_of_days": """
        select count(*) as answer, min(date_day) as first_day, max(date_day) as last_day
        from ({{ days_between("date '2024-02-01'", "date '2024-03-01'") }}) as days
    """,
    "sums": """
        select {{ sum_by_size('amount') }} as answer
        from moments group by grouped
    """,
    "numbers_as_text": """
        select {{ number_text('amount - 0.14') }} as answer from moments
    """,
    "means": """
        select {{ mean_of_hours('amount') }} as answer, {{ deviation_of_hours('amount') }} as wide
        from moments group by grouped
    """,
    "quantiles": """
        select {{ quantile_columns('amount', 'amount', {'p10': 0.1, 'median': 0.5}) }}
        from moments group by grouped
    """,
    "values": """
        select {{ joined_text(collected_values('words')) }} as answer
        from moments group by grouped
    """,
    "parts": "select {{ split_parts('words') }} as answer from moments where words is not null",
    "zipped": """
        select {{ zipped_rows({'name': ["'x'", 'grouped'], 'code': ['1', '2']}) }}
        from moments
    """,
    "division": """
        select
            amount / 3 as answer,
            avg(case when amount > 1 then 1.0 else 0.0 end) over () as mean
        from moments
    """,
    "formula": "select wilson_lower(3, 7) as lowest, cohens_kappa(5, 2, 1, 9) as kappa",
    "a_median": """
        select {{ quantile_of('amount', 0.5) }} as answer from moments group by grouped
    """,
    "numbers_in_texts": f"""
        select
            {{{{ number_or_null('given.text') }}}} as answer,
            {{{{ number_or_null('given.text', 'integer') }}}} as whole
        from (values {", ".join(f"('{text}')" for text in TEXTS)}) as given (text)
    """,
    "words": """
        select {{ words_of('given.text') }} as answer
        from (values ('İbrahim O''Çelik')) as given (text)
    """,
    "numbers": "select {{ number_or_null('words') }} as answer from moments",
}


@pytest.fixture(scope="module")
def functions() -> Functions:
    """The functions of the database, as Spark is told them."""
    functions = Functions()
    assert not list(read_statements(definitions("spark"), functions))
    return functions


def _answers(rows: list[Any]) -> list[tuple[str, ...]]:
    """Rows as texts that can be sorted, fractions to nine digits."""

    def text(value: Any) -> str:
        is_number = isinstance(value, int | float) or hasattr(value, "as_tuple")
        if is_number and not isinstance(value, bool) and math.isfinite(value):
            return f"{float(value):.9g}"
        return str(value)

    return sorted(tuple(text(value) for value in row) for row in rows)


def _render(template: str, engine: str) -> str:
    def insert_value(result: re.Match[str]) -> str:
        return rendered(result[1], engine)

    return f"with moments as ({MOMENTS}) {re.sub(r'{{ (.+?) }}', insert_value, template)}"


@pytest.mark.parametrize("name", SAID)
def test_both_engines_answer_the_same(
    spark: Any, functions: Functions, tmp_path: Path, name: str
) -> None:
    """Prevents an hour, a last digit or an order of values that depends on the engine."""
    from engines.spark.spark_session import run_statement

    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(definitions())
        expected = connection.execute(_render(SAID[name], "duckdb")).fetchall()
    [statement] = read_statements(_render(SAID[name], "spark"), functions)
    result = run_statement(spark, statement, tmp_path).collect()
    assert _answers(result) == _answers(expected)
    assert expected
