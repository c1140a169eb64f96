"""A load that is asked to run on Spark: what dbt is told, and what stops it beforehand."""

from __future__ import annotations

import re

import pytest
import yaml
from typer.testing import CliRunner

from engines import spark
from interfaces.command_line import app
from orchestration.options import LoadOptions
from orchestration.spark_builds import SPILL_FOLDERS, TABLES, prepare_tables
from register.settings import PROJECT_ROOT, Settings

PROJECT = PROJECT_ROOT / "dbt_project"
MACRO = re.compile(r"{%-?\s*macro\s+(duckdb|spark)__(\w+)\(([^)]*)\)")
# What dbt itself calls to make a table, of which dbt-spark has its own.
OF_DBT = {"create_table_as", "get_select_subquery", "get_table_columns_and_constraints"}


def test_dbt_is_given_the_target_of_spark() -> None:
    """Prevents a load on Spark that runs on DuckDB, and the other way round."""
    on_spark, usual = LoadOptions(engine="spark").dbt_arguments(), LoadOptions().dbt_arguments()
    assert [word for word in on_spark if word not in usual] == ["--target", "spark"]


def test_every_word_of_duckdb_has_its_twin() -> None:
    """Prevents a macro that fails on Spark in the midst of a build, for nobody wrote its twin."""
    outcome: dict[str, dict[str, str]] = {"duckdb": {}, "spark": {}}
    for path in (PROJECT / "macros").rglob("*.sql"):
        for engine, name, arguments in MACRO.findall(path.read_text(encoding="utf-8")):
            outcome[engine][name] = arguments
    expected = {name: outcome["duckdb"][name] for name in outcome["duckdb"] if name not in OF_DBT}
    assert len(expected) > 30
    assert {name: outcome["spark"].get(name) for name in expected} == expected


def test_marts_go_into_the_files_that_a_build_on_duckdb_writes() -> None:
    """Prevents marts of Spark's that are written beside the generation."""
    profile = yaml.safe_load((PROJECT / "profiles.yml").read_text(encoding="utf-8"))
    outputs = profile["register"]["outputs"]
    files = [each for each in outputs["warehouse"]["attach"] if each["alias"] != "warehouse"]
    assert outputs["published"]["attach"] == files
    assert outputs["published"]["path"] == ":memory:"


def test_a_load_without_spark_says_what_to_install(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a traceback, and a landing that is done for a build that cannot be."""
    monkeypatch.setenv("REGISTER_HOME", str(settings.home))
    monkeypatch.setattr(spark.requirements.shutil, "which", lambda _: None)
    monkeypatch.setattr(spark.requirements, "find_spec", lambda _: None)
    folder = settings.inbox / "police_reports" / "E23000018" / "2026-02"
    folder.mkdir(parents=True)
    (folder / "reports.csv").write_text("a delivery\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["load", "--engine", "spark"])
    assert result.exit_code == 1
    output = " ".join(result.output.split())
    assert "pyspark and dbt-registerspark not installed: run `make setup-spark`" in output
    monkeypatch.setattr(spark.requirements, "find_spec", lambda _: object())
    assert "no `java` on the path" in str(spark.missing_for_spark())
    # A server of Spark Connect has its own.
    assert spark.missing_for_spark("sc://spark.example:15002") is None
    spark.check_spark("sc://spark.example:15002/;token=Hidden")


@pytest.mark.parametrize(
    "address", ["sc://spark.example:15002;token=Hidden", "spark://spark.example:7077", "sc://"]
)
def test_an_address_that_is_none_is_refused_without_its_token(address: str) -> None:
    """Prevents a traceback in a log, with the token in it."""
    with pytest.raises(spark.SparkMissingError, match="REGISTER_SPARK_REMOTE is no addr") as output:
        spark.check_spark(address)
    assert "Hidden" not in str(output.value)


def test_a_refresh_on_spark_leaves_the_warehouse_of_duckdb() -> None:
    """Prevents scores that are lost to a load which neither reads nor makes them again."""
    assert LoadOptions(refresh=True).removes_warehouse
    assert not LoadOptions(refresh=True, engine="spark").removes_warehouse
    assert not LoadOptions().removes_warehouse


def test_a_refresh_removes_the_tables(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prevents scores of an earlier load that a refresh keeps."""
    monkeypatch.setattr("orchestration.spark_builds.check_spark", lambda _: None)
    folder = settings.warehouse / TABLES
    folder.mkdir(parents=True)
    aside = [settings.warehouse / name for name in SPILL_FOLDERS]
    for each in aside:
        each.mkdir()
    prepare_tables(settings, refresh=False)
    assert folder.exists()
    assert not any(each.exists() for each in aside), "rows that a killed build had put aside"
    prepare_tables(settings, refresh=True)
    assert not folder.exists()
