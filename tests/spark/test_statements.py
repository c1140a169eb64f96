"""DuckDB's SQL as Spark's: each kind of statement, and words that the engines take otherwise."""

from __future__ import annotations

import pytest

from engines.spark import (
    Functions,
    Kind,
    Statement,
    UntranslatableError,
    read_statements,
    write_for_spark,
)

COMMENT = '/* {"app": "dbt", "node_id": "model.national_register.any"} */\n'


def _one(text: str, functions: Functions | None = None) -> Statement:
    (statement,) = read_statements(COMMENT + text, functions or Functions())
    return statement


def _written(text: str, functions: Functions | None = None) -> str:
    statement = _one(text, functions)
    assert statement.query is not None
    words = write_for_spark(statement.query).split()
    return " ".join(words).replace("( ", "(").replace(" )", ")")


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("select 1", Kind.QUERY, ""),
        ("with one as (select 1) select * from one;", Kind.QUERY, ""),
        ("(select 1)", Kind.QUERY, ""),
        ("create or replace table register.dim_dates as (select 1 as one)", Kind.TABLE,
         "register.dim_dates"),
        ("create or replace view bi.children as (select 1 as one)", Kind.VIEW, "bi.children"),
        ("set variable landed_files = (select path from files)", Kind.VARIABLE, "landed_files"),
        ("copy (select 1 as one) to '/home/ids.parquet' (format parquet)", Kind.FILE,
         "/home/ids.parquet"),
        ("copy reference.codes from 'codes.csv' (header); create table reference.codes (code text)",
         Kind.SEED, "reference.codes"),
        ("show table extended in register like '*'", Kind.OWN, ""),
        ("drop table if exists register.dim_dates", Kind.OWN, ""),
    ],
)  # fmt: skip
def test_a_statement_is_what_it_asks_for(text: str, kind: Kind, name: str) -> None:
    """Prevents a table that is taken for a query, and words of dbt-spark's that are translated."""
    statement = _one(text)
    assert (statement.kind, statement.name) == (kind, name)
    assert (statement.query is None) == (kind in {Kind.SEED, Kind.OWN})


def test_a_text_of_comments_asks_for_nothing() -> None:
    """Prevents an error of Spark's about a statement that is empty."""
    assert not list(read_statements(f"{COMMENT} -- nothing\n;", Functions()))


def test_a_function_becomes_its_expression() -> None:
    """Prevents a call of a function that Spark has not, also of one that calls another."""
    functions = Functions()
    definitions = """
        create or replace macro half_of(amount) as (amount * 0.5e0);
        create or replace macro half_and_one(amount) as (half_of(amount) + 1);
    """
    assert not list(read_statements(COMMENT + definitions, functions))
    assert _written("select half_and_one(a + b) as x from t", functions) == (
        "(SELECT (((a + b) * 0.5e0) + 1) AS x FROM t)"
    )
    assert "half" not in _written("select half_of(half_of(a)) as x from t", functions).lower()


def test_a_function_with_too_few_arguments_is_refused() -> None:
    """Prevents a formula that is computed without one of its arguments."""
    functions = Functions()
    list(read_statements("create or replace macro sum_of(a, b) as (a + b);", functions))
    with pytest.raises(UntranslatableError, match="sum_of takes 2 arguments, not 1"):
        _one("select sum_of(1)", functions)


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        # Division gives a double, of decimals too, and nothing where the divisor is 0.
        ("a / b", "TRY_DIVIDE(CAST(a AS DOUBLE), b)"),
        ("cast(a as double) / b", "TRY_DIVIDE(CAST(a AS DOUBLE), b)"),
        ("a / b / c", "TRY_DIVIDE(CAST(TRY_DIVIDE(CAST(a AS DOUBLE), b) AS DOUBLE), c)"),
        # The mean of decimals would have four digits more than they have.
        ("avg(case when a then 1.0 else 0.0 end)",
         "AVG(CAST(CASE WHEN a THEN 1.0 ELSE 0.0 END AS DOUBLE))"),
        ("cast(a as varchar)", "CAST(a AS STRING)"),
        ("string_split(a, '|')", r"SPLIT(a, CONCAT('\\Q', '|', '\\E'))"),
        ("split_part(a, '/', -2)", "SPLIT_PART(a, '/', -2)"),
        ("regexp_replace(a, '[\\W_]+', ' ', 'g')", r"REGEXP_REPLACE(a, '[\\W_]+', ' ')"),
        ("extract(isodow from a)", "EXTRACT(DAYOFWEEK_ISO FROM a)"),
        ("round(a, case when b then 9 else 3 end)",
         "CASE WHEN b THEN ROUND(a, 9) ELSE ROUND(a, 3) END"),
        ("row_number() over ()", "(MONOTONICALLY_INCREASING_ID() + 1)"),
        ("row_number() over (order by a)", "ROW_NUMBER() OVER (ORDER BY a NULLS LAST)"),
        ("cast(unnest(a) as varchar)", "EXPLODE(CAST(a AS ARRAY<STRING>))"),
        ("a is distinct from b", "a IS DISTINCT FROM b"),
        # A kind of cast, which has no rule of its own.
        ("try_cast(a as double) is null", "TRY_CAST(a AS DOUBLE) IS NULL"),
        ("[a, b][1]", "ARRAY(a, b)[0]"),
    ],
)  # fmt: skip
def test_a_word_means_in_spark_what_it_meant(expression: str, written: str) -> None:
    """Prevents figures that differ between the engines because a word does."""
    assert _written(f"select {expression} as x from t") == f"(SELECT {written} AS x FROM t)"


def test_a_row_number_keeps_the_order_of_a_named_window() -> None:
    """Prevents ranks that are places in a file, where a window is named after the query."""
    written = _written("select row_number() over best as r from t window best as (order by a)")
    assert "ROW_NUMBER() OVER best" in written


def test_the_house_style_is_read() -> None:
    """Prevents trailing commas, left-out columns and conditions on windows that Spark refuses."""
    written = _written("""
        select
            * exclude (a),
        from t
        qualify row_number() over (partition by b order by c desc) = 1
    """)
    assert "EXCEPT (a)" in written
    assert "ORDER BY c DESC" in written
    assert "QUALIFY" not in written


def test_a_query_in_a_query_keeps_its_own_names() -> None:
    """Prevents two queries of one name, which Spark refuses, where one was in another."""
    written = _written("""
        with outer_rows as (with final as (select 1 as one) select * from final),
        final as (select * from outer_rows)
        select * from final
    """)
    assert written.startswith("(WITH outer_rows AS (WITH final AS")


def test_what_cannot_be_read_is_refused() -> None:
    """Prevents a query that reaches Spark half translated."""
    with pytest.raises(UntranslatableError, match="not a query of DuckDB's"):
        _one("select from where (")
    with pytest.raises(UntranslatableError, match="PERCENTILE_APPROX is approximate"):
        _written("select percentile_cont(0.5) within group (order by days) from absences")
    with pytest.raises(UntranslatableError, match="no word for a part"):
        _written("select * from read_parquet('a.parquet', filename = true)")
