"""The methods that the register's linkage is compared with: stock Splink and exact matching.

Both read the same two tables and are evaluated by the same code.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import pyarrow as pa

from register.identity.evaluate import (
    Counts,
    Evaluation,
    Pair,
    assign_one_to_one,
    evaluate_scores,
)

SEED = 20261124
MAX_PAIRS = 4_000_000
STOCK_BLOCKS = (
    ("given_name", "surname"),
    ("given_name", "date_of_birth"),
    ("surname", "date_of_birth"),
    ("postcode", "date_of_birth"),
    ("given_name", "postcode"),
    ("surname", "postcode"),
)
# Links records with equal names, dates of birth and postcodes. A null matches nothing.
EXACT = """
select 'left|' || lhs.rec_id as left_key, 'right|' || rhs.rec_id as right_key,
    cast(0 as double) as match_weight, 'link' as band
from left_table as lhs
inner join right_table as rhs using (given_name, surname, date_of_birth, postcode)
order by left_key, right_key
"""


@dataclass(frozen=True)
class TestSet:
    """Two tables with FEBRL 4's column names, and the true pairs as `left|` and `right|` keys."""

    left: pa.Table
    right: pa.Table
    truth: set[Pair]

    @property
    def record_count(self) -> int:
        """The number of records on both sides."""
        return int(self.left.num_rows + self.right.num_rows)


def exact_matching(test_set: TestSet) -> Evaluation:
    """Link records that have the same names, date of birth and postcode."""
    with duckdb.connect(":memory:") as connection:
        connection.register("left_table", test_set.left)
        connection.register("right_table", test_set.right)
        pairs = connection.execute(EXACT).to_arrow_table()
    counts = Counts(test_set.record_count, pairs.num_rows)
    return evaluate_scores(pairs, test_set.truth, counts)


def stock_splink(test_set: TestSet, one_to_one: bool) -> Evaluation:
    """Link by Splink 5 with its own comparisons of name, date of birth and postcode.

    Its model is trained in the same way as the register's. Pairs are linked if they are more likely
    true than not (match weight 0). With `one_to_one`, only the best one-to-one links are kept.
    """
    pairs, candidates = _stock_scores(test_set)
    if one_to_one:
        pairs = assign_one_to_one(pairs)
        is_best = [each == "best" for each in pairs["assignment"].to_pylist()]
    else:
        is_best = [True] * pairs.num_rows
    bands = [
        "link" if weight >= 0 and best else "none"
        for weight, best in zip(pairs["match_weight"].to_pylist(), is_best, strict=True)
    ]
    pairs = pairs.append_column("band", pa.array(bands, pa.string()))
    return evaluate_scores(pairs, test_set.truth, Counts(test_set.record_count, candidates))


def _stock_scores(test_set: TestSet) -> tuple[pa.Table, int]:
    from splink import DuckDBAPI, Linker, block_on

    with duckdb.connect(":memory:") as connection:
        connection.execute("set threads = 1")
        database = DuckDBAPI(connection)
        tables = [
            database.register(table, dataset_display_name=name)
            for name, table in (("left_table", test_set.left), ("right_table", test_set.right))
        ]
        linker = Linker(tables, _stock_settings(), log_level=None)
        training = linker.training
        training.estimate_probability_two_random_records_match(
            [block_on("given_name", "surname", "date_of_birth")], recall=0.5
        )
        training.estimate_u_using_random_sampling(max_pairs=MAX_PAIRS, seed=SEED)
        for columns in (("date_of_birth",), ("given_name", "surname"), ("postcode",)):
            training.estimate_parameters_using_expectation_maximisation(block_on(*columns))
        predicted = linker.inference.predict(threshold_match_weight=-15)
        scored = connection.execute(
            "select replace(source_dataset_l, '_table', '|') || rec_id_l as left_key,"
            " replace(source_dataset_r, '_table', '|') || rec_id_r as right_key, match_weight"
            f" from {predicted.physical_name} order by left_key, right_key"
        ).to_arrow_table()
    return scored, scored.num_rows


def _stock_settings() -> object:
    import splink.comparison_library as library
    from splink import SettingsCreator, block_on

    return SettingsCreator(
        link_type="link_only",
        unique_id_column_name="rec_id",
        comparisons=[
            library.ForenameSurnameComparison("given_name", "surname"),
            library.DateOfBirthComparison(
                "date_of_birth", input_is_string=True, datetime_format="%Y%m%d"
            ),
            library.PostcodeComparison("postcode"),
        ],
        blocking_rules_to_generate_predictions=[block_on(*columns) for columns in STOCK_BLOCKS],
    )
