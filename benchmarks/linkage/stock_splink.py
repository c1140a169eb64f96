"""Stock Splink: Splink's own comparisons of name, date of birth and postcode, trained by EM.

The register is compared with it on a simulated nation and on public test sets.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb
import pyarrow as pa

SEED = 20261124
MAX_PAIRS = 4_000_000
# Without postcodes, every pair of the three other fields is still a blocking rule.
BLOCKS = (
    ("forename", "surname"),
    ("forename", "birth_date"),
    ("surname", "birth_date"),
    ("postcode", "birth_date"),
    ("forename", "postcode"),
    ("surname", "postcode"),
)
TRAINING_BLOCKS = (("birth_date",), ("forename", "surname"), ("postcode",))
# Splink counts the pairs that satisfy such rules, and takes them for half of all true pairs.
PRIOR_RULES = (("forename", "surname", "birth_date"),)
PRIOR_RECALL = 0.5


def score_by_stock_splink(
    tables: Sequence[pa.Table],
    min_weight: float,
    prior_rules: Sequence[Sequence[str]] = PRIOR_RULES,
) -> pa.Table:
    """Train stock Splink on one or two tables, and return the pairs that it scores.

    The tables have a unique_id, forename, surname, birth_date (yyyy-mm-dd) and possibly a postcode.
    Pairs of one table, or between two tables, have a left_key (the lower one), a right_key and a
    match_weight (bits) of at least `min_weight`. From pairs that agree by `prior_rules`, Splink
    estimates the number of true pairs.
    """
    from splink import DuckDBAPI, Linker, block_on

    columns = set(tables[0].column_names)
    with duckdb.connect(":memory:") as connection:
        connection.execute("set threads = 1")
        database = DuckDBAPI(connection)
        registered = [
            database.register(table, dataset_display_name=f"table_{number}")
            for number, table in enumerate(tables)
        ]
        linker = Linker(registered, _build_settings(columns, len(tables)), log_level=None)
        training = linker.training
        training.estimate_probability_two_random_records_match(
            [block_on(*rule) for rule in prior_rules], recall=PRIOR_RECALL
        )
        training.estimate_u_using_random_sampling(max_pairs=MAX_PAIRS, seed=SEED)
        for block in _keep_present(TRAINING_BLOCKS, columns):
            training.estimate_parameters_using_expectation_maximisation(block_on(*block))
        predicted = linker.inference.predict(threshold_match_weight=min_weight)
        return connection.execute(
            "select least(unique_id_l, unique_id_r) as left_key,"
            " greatest(unique_id_l, unique_id_r) as right_key, match_weight"
            f" from {predicted.physical_name} order by left_key, right_key"
        ).to_arrow_table()


def _build_settings(columns: set[str], table_count: int) -> Any:
    import splink.comparison_library as library
    from splink import SettingsCreator, block_on

    comparisons: list[Any] = [
        library.ForenameSurnameComparison("forename", "surname"),
        library.DateOfBirthComparison("birth_date", input_is_string=True),
    ]
    if "postcode" in columns:
        comparisons.append(library.PostcodeComparison("postcode"))
    return SettingsCreator(
        link_type="dedupe_only" if table_count == 1 else "link_only",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=[
            block_on(*block) for block in _keep_present(BLOCKS, columns)
        ],
    )


def _keep_present(blocks: Sequence[tuple[str, ...]], columns: set[str]) -> list[tuple[str, ...]]:
    """Return the blocks whose columns the tables have."""
    return [block for block in blocks if columns.issuperset(block)]
