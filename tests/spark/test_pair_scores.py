"""Pairs scored on Spark are those of DuckDB: the same pairs, levels, weights and cached rows."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from register.identity.score import load_model, rescore
from register.settings import PROJECT_ROOT
from tests.identity.people import NHS, OTHER_NHS, mention, mention_table

pytestmark = [pytest.mark.drill, pytest.mark.timeout(1800)]

MODEL = load_model()
# Names that are the same, swapped, short forms, misspelt, halves, in another order. Splink's Java
# library finds the last two surnames less alike than DuckDB does, and not one family.
FORENAMES = ("Jackie", "Jacqueline", "Jaqueline", "Jackson", "J", "Flynn", "Mary-Ann", "Mary", "")
SURNAMES = ("Flynn", "Flynn-Stone", "Stone", "Stokes", "Flinn", "Jackie", "Mehari", "Merhawi")
ALIASES = ("Flynn|Ann Jackie", "Ann Jackie|Flynn", "Jackie Ann|Flynn", "Sam|Stone", "Mary|Mehari")
BIRTH_DATES = (
    [date(2010, 5, 14)],
    [date(2010, 5, 4)],
    [date(2010, 1, 1)],
    [date(2011, 5, 14)],
    [date(2010, 5, 14), date(2010, 4, 5)],
    [date(2010, 4, 5)],
    [date(2010, 5, 29)],
    [],
)
POSTCODES = ("S1 1AA", "S1 1AB", "S1 2CD", "S2 1BA", "LS1 4DY", "LS1 9DZ")
IDENTIFIERS = (
    [],
    [],
    [],
    [NHS],
    [OTHER_NHS],
    ["police|P4455667"],
    ["upn|A123456789012"],
    ["home_office|A1234567"],
)
# What dbt compiles the model to, in short: a table of Spark's is in no database.
COMPILED = (
    (PROJECT_ROOT / "dbt_project/models/identity/int_pair_score_cache.py").read_text()
    + """
class dbtObj:
    class this:
        database, schema, identifier = "None", "nation", "int_pair_score_cache"

        def __repr__(self):
            return "nation.int_pair_score_cache"

    def __init__(self, load):
        self.this = self.this()
        self.ref = lambda name: load(f"nation.{name}")

    def config(self, **settings):
        pass
"""
)
# Levels of which there is no pair among these mentions.
LEVELS_WITHOUT_PAIRS = {
    ("forename", "same_sound"),
    ("birth_date", "age_disputed"),
    ("birth_date", "another_calendar"),
}


def _mentions(count: int = 160) -> list[dict[str, Any]]:
    """Records of a few names, dates, postcodes and identifiers that agree in many ways."""
    chosen = random.Random(53)
    rows = []
    for place in range(count):
        born = chosen.choice(BIRTH_DATES)
        is_aged = not born and chosen.random() < 0.7
        aged = {"born_from": date(2009, 9, 1), "born_to": date(2010, 8, 31)} if is_aged else {}
        rows.append(
            mention(
                f"m{place:03}",
                f"{chosen.choice(FORENAMES)}|{chosen.choice(SURNAMES)}",
                *chosen.sample(ALIASES, chosen.choice((0, 0, 1))),
                source=chosen.choice(("police", "authority")),
                born=born,
                sex=chosen.choice(("male", "female", None)),
                # Those of the list are crowded; the others are of a few each.
                postcodes=chosen.sample(
                    [*POSTCODES, *(f"N{place % 9 + 1} {place % 9}XY" for _ in POSTCODES)],
                    chosen.choice((0, 1, 1, 2)),
                ),
                identifiers=chosen.choice(IDENTIFIERS),
                **aged,
            )
        )
    return rows


def _engine(spark: Any, folder: Path, most_here: int = 0) -> Any:
    from engines.spark.pair_scores import SparkScores

    return SparkScores(spark, folder, most_here)


def _listed(scores: pa.Table) -> list[dict[str, Any]]:
    """All rows in one order, weights to nine digits."""
    rows = [
        {
            name: round(value, 9) + 0.0 if isinstance(value, float) else value
            for name, value in row.items()
        }
        for row in scores.to_pylist()
    ]
    keys = ("left_mention_key", "right_mention_key", "person_key", "left_out_key")
    return sorted(rows, key=lambda row: [str(row[key]) for key in keys])


def _levels(scores: pa.Table) -> Counter[tuple[str, int]]:
    """How many pairs are on each level of each comparison."""
    pairs = scores.filter(pc.is_valid(scores["left_mention_key"]))
    return Counter(
        (name, level)
        for name in MODEL.comparison_names
        for level in pairs[f"gamma_{name}"].to_pylist()
    )


def test_spark_scores_the_pairs_of_duckdb(spark: Any, tmp_path: Path) -> None:
    """Prevents another register past the driver's limit: a condition that Spark reads otherwise."""
    from pyspark.sql import SparkSession

    mentions = mention_table(*_mentions())
    on_driver = rescore(mentions, MODEL)
    on_spark = rescore(mentions, MODEL, engine=_engine(spark, tmp_path))
    levels = {
        (name, gamma): (name, label)
        for name in MODEL.comparison_names
        for gamma, label in MODEL.level_labels(name).items()
    }
    assert {levels[level] for level in levels.keys() - _levels(on_driver)} == LEVELS_WITHOUT_PAIRS
    assert _levels(on_spark) == _levels(on_driver)
    assert on_spark.schema == on_driver.schema
    assert _listed(on_spark) == _listed(on_driver)
    # Nothing is left of it: no file of persons, no view, no other session.
    assert not list(tmp_path.iterdir())
    assert not [table for table in spark.catalog.listTables() if table.isTemporary]
    assert SparkSession.active().conf.get("spark.sql.codegen.wholeStage") == "false"
    assert not SparkSession.active().conf.get("spark.sql.optimizer.excludedRules", "")


def test_spark_scores_what_has_changed(spark: Any, tmp_path: Path) -> None:
    """Prevents a second load that scores another set of pairs than the first would have."""
    rows = _mentions(120)
    stored = rescore(mention_table(*rows[:100]), MODEL)
    mentions = mention_table(*rows[5:])
    on_driver = rescore(mentions, MODEL, stored)
    on_spark = rescore(mentions, MODEL, stored, _engine(spark, tmp_path))
    assert _listed(on_spark) == _listed(on_driver)


def test_the_driver_scores_what_it_can(spark_runs: None, tmp_path: Path) -> None:
    """Prevents a small load that waits for Spark to plan."""
    mentions = mention_table(*_mentions(20))
    on_spark = rescore(mentions, MODEL, engine=_engine(None, tmp_path, most_here=20))
    assert _listed(on_spark) == _listed(rescore(mentions, MODEL))


def test_the_model_of_a_load_scores_on_spark(
    spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a setting that no model of a load follows."""
    from engines.spark import driver_models, files, pair_scores, spark_tables

    folders = []
    write = pair_scores._write_inputs
    monkeypatch.setattr(
        pair_scores,
        "_write_inputs",
        lambda *arguments: (folders.append(arguments[2]), write(*arguments)),
    )
    monkeypatch.setattr(spark_tables.CATALOGUE, "_known", set())
    monkeypatch.setenv("REGISTER_HOME", str(tmp_path))
    mentions = mention_table(*_mentions(40))
    spark.sql(f"create schema nation location '{tmp_path}/nation.db'")
    spark_tables.replace_table(
        spark, "nation.int_clean_mentions", files.create_frame(spark, mentions), tmp_path
    )
    parameters = {
        "spark.sql.warehouse.dir": str(tmp_path),
        driver_models.LIMIT: "100",
        driver_models.MAX_COMPARED: "0",
    }
    model = driver_models.DriverModel(
        {"schema": "nation", "alias": "int_pair_score_cache"},
        SimpleNamespace(server_side_parameters=parameters),
    )
    model.submit(COMPILED)
    assert folders == [tmp_path / "pair_scores"]
    # The next load finds what this one left, and has nothing to score.
    model.submit(COMPILED)
    assert folders == [tmp_path / "pair_scores"]
    created = files.read_frame(spark.table("nation.int_pair_score_cache"))
    stored = rescore(mentions, MODEL)
    assert _levels(created) == _levels(stored)
    assert set(created["person_key"].to_pylist()) == set(stored["person_key"].to_pylist())


def test_rows_in_chunks_all_reach_spark(spark: Any) -> None:
    """Prevents lost rows: pyspark keeps none of what follows an empty chunk."""
    from engines.spark import files

    rows = pa.table({"place": list(range(93))})
    chunks = [rows.slice(0, 90), rows.slice(0, 0), rows.slice(90)]
    result = files.read_frame(files.create_frame(spark, pa.concat_tables(chunks)))
    assert sorted(result["place"].to_pylist()) == list(range(93))
