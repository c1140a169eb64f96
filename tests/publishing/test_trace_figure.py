"""From a figure's mart and filter to its rows and their lines, and nowhere else."""

from __future__ import annotations

import json
import resource
import subprocess
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from interfaces.command_line import app
from register.access_record import read_record
from register.publishing import figure_process
from register.publishing.figure_process import trace_figure_apart
from register.publishing.generations import Generation, publish
from register.publishing.trace import FILTER_LIMITS, FigureError, trace_figure
from register.settings import Settings
from tests.publishing.builds import DELIVERY_ID, build

LINEAGE = (
    f"'{DELIVERY_ID}' as delivery_id, 'police_reports' as feed, 'E23000099' as supplier_code,"
    " 'reports.csv' as file_name"
)
TABLES = {
    "register.fct_reports": (
        "select 'R' || number as report_id_register, 'E' || number % 3 as episode_id_register,"
        f" 'C1' as child_id_register, {LINEAGE}, number + 2 as row_number"
        " from range(6) as numbers (number)"
    ),
    "register.fct_rule_breaches": f"select 'B1' as rule_breach_id, {LINEAGE}, 2 as row_number",
    "register.dim_suppliers": "select 'E23000099' as supplier_code, 'Police' as supplier_name",
    "register.dim_deliveries": (
        f"select '{DELIVERY_ID}' as delivery_id, 'police_reports' as feed, 'current' as status,"
        " '2026-10' as period, timestamp '2026-11-01 00:00:00' as received_at"
    ),
    "agreement.fct_agreement": (
        "select 'E' || number as agreement_id, 'E' || number as episode_id_register,"
        " 'Zebedee' as reason_code,"
        " case when number = 2 then 'both' else 'police_only' end as status"
        " from range(3) as numbers (number)"
    ),
    "agreement.agg_cells": "select '373' as authority_code_dfe, 3 as total_count",
}


@pytest.fixture
def generation(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Generation:
    """A published generation of six reports and three episodes."""
    folder = build(settings, 1)
    with duckdb.connect(str(folder / "national_register.duckdb")) as connection:
        connection.execute("create schema if not exists agreement")
        for name, query in TABLES.items():
            connection.execute(f"create or replace table {name} as {query}")
    monkeypatch.setenv("REGISTER_HOME", str(settings.home))
    monkeypatch.setenv("REGISTER_ENVIRONMENT", "test")
    return publish(settings, folder)


def test_a_figure_leads_to_its_rows_and_their_lines(generation: Generation) -> None:
    """Prevents a figure that cannot be followed to the file behind it."""
    result = trace_figure(generation, "agreement.fct_agreement", "status = 'police_only'", 10)
    assert (result.row_count, result.column) == (2, "agreement_id")
    assert [row.identifier for row in result.rows] == ["E0", "E1"]
    places = [(line.file_name, line.row_number) for line in result.rows[0].lines]
    assert places == [("reports.csv", 2), ("reports.csv", 5)]


def test_only_so_many_rows_are_followed_and_all_are_counted(generation: Generation) -> None:
    """Prevents a national figure from printing a hundred thousand lines."""
    result = trace_figure(generation, "register.fct_reports", "row_number > 2 -- not the first", 2)
    assert (result.row_count, len(result.rows)) == (5, 2)
    assert result.column == "report_id_register"


@pytest.mark.parametrize(
    ("mart", "where", "message"),
    [
        ("fct_agreement", "true", "schema.table"),
        ("operations.case_list", "true", "schema.table"),
        ("agreement.fct_nothing", "true", "not in this generation"),
        ("agreement.agg_cells", "true", "has counts and no ids"),
        ("agreement.fct_agreement", "nothing = 1", "nothing"),
        ("agreement.fct_agreement", "true); drop table register.fct_reports; select (1", "one"),
        ("agreement.fct_agreement", "true) or (", "the filter"),
        ("agreement.fct_agreement", "cast(reason_code as integer) = 1", "ConversionException"),
    ],
)
def test_what_is_not_a_figure_is_refused_without_a_value(
    mart: str, where: str, message: str, generation: Generation
) -> None:
    """Prevents a filter that does more than filter, and an error that quotes a row."""
    with pytest.raises(FigureError, match=message) as caught:
        trace_figure(generation, mart, where, 10)
    assert "Zebedee" not in str(caught.value)


def test_a_filter_reads_no_other_file(generation: Generation, tmp_path: Path) -> None:
    """Prevents a filter from reading what its user may not, or from undoing its own lock."""
    other = tmp_path / "other.csv"
    other.write_text("code\nE0\n", encoding="utf-8")
    reading = f"agreement_id in (select code from read_csv('{other}'))"
    with pytest.raises(FigureError, match="PermissionException"):
        trace_figure(generation, "agreement.fct_agreement", reading, 10)


def test_a_filter_that_takes_too_long_is_ended(
    generation: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a filter that takes the processors from a load, and a page without end."""
    monkeypatch.setattr("register.publishing.trace.FILTER_SECONDS", 1)
    endless = "(select sum(a.range * b.range) from range(100000000) as a, range(10000) as b) > 0"
    with pytest.raises(FigureError, match="longer than 1 seconds"):
        trace_figure(generation, "agreement.fct_agreement", endless, 10)


def test_a_filter_that_takes_too_much_memory_is_ended(
    generation: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a filter that takes the memory, or the disk, from a load."""
    monkeypatch.setitem(FILTER_LIMITS, "memory_limit", "50MB")
    large = "(select len(list(range)) from range(20000000)) > 0"
    with pytest.raises(FigureError, match="OutOfMemory"):
        trace_figure(generation, "agreement.fct_agreement", large, 10)


def test_the_command_takes_an_id_or_a_figure(settings: Settings, generation: Generation) -> None:
    """Prevents a refusal of the command that the site names, and a trace without an entry."""
    figure = ["trace", "--mart", "agreement.fct_agreement", "--where", "status = 'both'"]
    output = CliRunner().invoke(app, figure)
    assert output.exit_code == 0, output.output
    assert "1 row of agreement.fct_agreement where status = 'both'" in output.output
    assert f"{DELIVERY_ID} (current" in output.output
    assert "reports.csv, line 4" in output.output
    result = json.loads(CliRunner().invoke(app, [*figure, "--json"]).output)
    assert [line["row_number"] for line in result["rows"][0]["lines"]] == [4, 7]
    last = list(read_record(settings))[-1]
    assert (last["what"], last["generation_id"]) == ("trace", generation.generation_id)
    assert last["keys"] == [result["rows"][0]["identifier"]]
    for wrong in (["trace"], ["trace", "E1", *figure[1:]]):
        assert CliRunner().invoke(app, wrong).exit_code == 2


def test_a_process_of_its_own_finds_the_same_rows(generation: Generation) -> None:
    """Prevents limits that change what a figure's rows are."""
    calls = ("agreement.fct_agreement", "status = 'police_only'", 10)
    assert trace_figure_apart(generation, *calls) == trace_figure(generation, *calls)
    with pytest.raises(FigureError, match="is not in this generation"):
        trace_figure_apart(generation, "agreement.fct_nothing", "true", 10)


@pytest.mark.parametrize(
    "greedy",
    [
        "length(repeat('x', 1500000000)) > 0",
        "length(repeat(repeat('x', 150000000), 40)) > 0",
        "len(range(400000000)) > 0",
        "exists (select 1 from range(100000) a, range(100000) b, range(100000) c"
        " where hash(a.range, b.range, c.range) = 1)",
    ],
)
def test_a_process_ends_at_its_limits(
    generation: Generation, greedy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents one function of one row from taking the machine that loads run on."""
    monkeypatch.setattr(figure_process, "MAX_SECONDS", 20.0)
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    began = time.monotonic()
    with pytest.raises(FigureError, match=r"memory|longer than|cannot be applied|time"):
        trace_figure_apart(generation, "agreement.fct_agreement", greedy, 10)
    assert time.monotonic() - began < 40
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    assert most == before or most * 1024 < figure_process.MAX_BYTES


def test_a_filter_has_no_secret_in_reach(
    generation: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a filter from reading the key of the pseudonyms in its environment."""
    monkeypatch.setenv("REGISTER_PSEUDONYM_KEY", "an invented word")
    calls: dict[str, dict[str, str]] = {}
    run = subprocess.run

    def noted(*words: Any, **options: Any) -> Any:
        calls["env"] = options["env"]
        return run(*words, **options)

    monkeypatch.setattr(subprocess, "run", noted)
    trace_figure_apart(generation, "agreement.fct_agreement", "true", 1)
    assert set(calls["env"]) == {"PYTHONPATH"}
