"""The Parquet package: what is in it, what never is, and what readers see when it fails."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from register.access import find_access_faults
from register.serving import UnservedTypeError, find_parquet_faults, serve_parquet
from register.settings import Settings
from tests.publishing.test_access import _group
from tests.serving.registers import KEYS, published

FRICTIONLESS_TYPES = {"boolean", "date", "datetime", "integer", "number", "string"}


def _files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*.parquet")}


def test_every_table_and_view_is_there_row_for_row(settings: Settings) -> None:
    """Prevents a package that lacks a table, a row or a value that the published file has."""
    generation = published(settings, 1)
    folder = serve_parquet(settings, generation, KEYS).folder
    with duckdb.connect() as connection:
        database = generation.folder / "national_register.duckdb"
        connection.execute(f"attach '{database}' as published (read_only)")
        tables = connection.execute(
            "select table_schema, table_name from information_schema.tables order by all"
        ).fetchall()
        assert ("register", "dim_authorities_current") in tables
        for schema, name in tables:
            theirs = f"select * from '{folder}/{schema}/{name}/**/*.parquet'"
            ours = f"select * from published.{schema}.{name}"
            for one, other in ((ours, theirs), (theirs, ours)):
                differing = connection.execute(f"{one} except all {other}").fetchall()
                assert differing == [], (schema, name)
    assert {path.name for path in folder.iterdir() if path.is_dir()} == {"agreement", "register"}


def test_facts_lie_by_collection_year_sorted_and_compressed(settings: Settings) -> None:
    """Prevents an engine from reading ten years where a question is about one."""
    folder = serve_parquet(settings, published(settings, 1), KEYS).folder
    episodes = folder / "register" / "fct_episodes"
    assert _files(episodes) == {
        "collection_year=2024-25/part-0.parquet",
        "collection_year=2025-26/part-0.parquet",
        "collection_year=__HIVE_DEFAULT_PARTITION__/part-0.parquet",
    }
    later = pq.ParquetFile(episodes / "collection_year=2025-26" / "part-0.parquet")
    assert later.read()["episode_id_register"].to_pylist() == ["E3", "E4"]
    assert later.metadata.row_group(0).column(0).compression == "ZSTD"
    with duckdb.connect() as connection:
        read = f"from read_parquet('{episodes}/**/*.parquet', hive_partitioning = true)"
        years = "select collection_year, count(*) " + read + " group by all order by all"
        result = connection.execute(years).fetchall()
    assert result == [("2024-25", 1), ("2025-26", 2), (None, 1)]


def test_the_descriptor_says_types_keys_and_descriptions(settings: Settings) -> None:
    """Prevents files of which a reader must guess what joins what."""
    generation = published(settings, 1)
    folder = serve_parquet(settings, generation, KEYS).folder
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    assert package["version"] == generation.generation_id
    resources = {resource["name"]: resource for resource in package["resources"]}
    episodes = resources["register.fct_episodes"]
    assert episodes["description"] == "One row per episode; an author's note."
    assert episodes["schema"]["primaryKey"] == ["episode_id_register"]
    assert episodes["schema"]["foreignKeys"] == [
        {
            "fields": ["authority_code_dfe"],
            "reference": {
                "resource": "register.dim_authorities_current",
                "fields": ["authority_code_dfe"],
            },
        }
    ]
    fields = {field["name"]: field for field in episodes["schema"]["fields"]}
    assert {field["type"] for field in fields.values()} <= FRICTIONLESS_TYPES
    assert fields["started_at"]["type"] == "datetime"
    assert fields["note"] == {"name": "note", "type": "string", "description": "Invented."}
    assert fields["episode_id_register"]["constraints"] == {"required": True, "unique": True}
    listed = {path for resource in package["resources"] for path in resource["path"]}
    assert listed == _files(folder)


def test_case_lists_are_never_in_it(settings: Settings) -> None:
    """Prevents names of children in files that go to every analyst."""
    generation = published(settings, 1)
    folder = serve_parquet(settings, generation).folder
    names = {path.parent.name for path in folder.rglob("*.parquet")}
    assert "fct_reports" in names
    assert not names & {"people", "case_list_children"}
    assert not (folder / "operations").exists()


def test_a_package_that_fails_leaves_readers_on_the_one_before(settings: Settings) -> None:
    """Prevents readers of Parquet from seeing half a generation, or none."""
    first = published(settings, 1)
    serve_parquet(settings, first)
    second = published(settings, 2, "create table register.odd as select interval 1 day as span")
    with pytest.raises(UnservedTypeError, match=r"register\.odd\.span"):
        serve_parquet(settings, second)
    read = (settings.published / "parquet").resolve()
    assert read == first.folder / "parquet"
    assert not list(second.folder.glob("*parquet*/")), "nothing half written is left"
    assert serve_parquet(settings, published(settings, 3)).folder.samefile(
        settings.published / "parquet"
    )


def test_a_generation_that_is_read_as_parquet_stays(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a failing target from losing the files that its readers still have."""
    monkeypatch.setattr("register.publishing.generations.READER_GRACE_SECONDS", 0.0)
    few = replace(settings, generations_kept=1)
    first = published(few, 1)
    serve_parquet(few, first)
    for stamp in (2, 3, 4):
        latest = published(few, stamp)
    assert (few.published / "parquet" / "datapackage.json").is_file()
    serve_parquet(few, latest)
    published(few, 5)
    assert not first.folder.exists()


def test_a_table_that_did_not_change_is_stored_once(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a month from writing the facts of all years again, and losing what is shared."""
    monkeypatch.setattr("register.publishing.generations.READER_GRACE_SECONDS", 0.0)
    few = replace(settings, generations_kept=1)
    first = serve_parquet(few, published(few, 1)).folder
    second = serve_parquet(few, published(few, 2)).folder
    same = Path("register", "dim_authorities", "part-0.parquet")
    stamped = Path("agreement", "agg_episodes_by_year", "part-0.parquet")
    assert (first / same).samefile(second / same)
    assert not (first / stamped).samefile(second / stamped)
    published(few, 3)
    assert not first.exists()
    assert find_parquet_faults(few) == []


def test_a_damaged_file_is_not_shared(settings: Settings) -> None:
    """Prevents a generation from taking over a file that the disk changed, and its oversight."""
    first = serve_parquet(settings, published(settings, 1)).folder
    damaged = first / "register" / "dim_authorities" / "part-0.parquet"
    damaged.chmod(0o600)
    damaged.write_bytes(damaged.read_bytes()[:-1])
    serve_parquet(settings, published(settings, 2))
    assert find_parquet_faults(settings) == [
        f"{first.parent.name}: register/dim_authorities/part-0.parquet is not the file that was"
        " served"
    ]


def test_a_damaged_file_is_found_by_its_hash(settings: Settings) -> None:
    """Prevents a disk that changed a served file from being noticed by a figure alone."""
    folder = serve_parquet(settings, published(settings, 1)).folder
    assert find_parquet_faults(settings) == []
    damaged = folder / "agreement" / "agg_episodes_by_year" / "part-0.parquet"
    damaged.chmod(0o600)
    damaged.write_bytes(damaged.read_bytes()[:-1])
    (folder / "register" / "fct_reports" / "part-0.parquet").unlink()
    name = folder.parent.name
    assert find_parquet_faults(settings) == [
        f"{name}: agreement/agg_episodes_by_year/part-0.parquet is not the file that was served",
        f"{name}: register/fct_reports/part-0.parquet is not there",
    ]


def test_serving_again_changes_nothing(settings: Settings) -> None:
    """Prevents a package that changes under a reader who opened it."""
    generation = published(settings, 1)
    folder = serve_parquet(settings, generation).folder
    before = {path: path.stat().st_ino for path in folder.rglob("*")}
    assert serve_parquet(settings, generation).folder == folder
    assert {path: path.stat().st_ino for path in folder.rglob("*")} == before


def test_its_readers_list_and_open_it_and_nobody_else(settings: Settings) -> None:
    """Prevents files that a group may open and cannot find, or that others can."""
    shared = replace(settings, readers_group=_group())
    folder = serve_parquet(shared, published(shared, 1)).folder
    modes = {
        (path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in [folder, *folder.rglob("*")]
    }
    assert modes == {(True, 0o750), (False, 0o440)}
    assert find_access_faults(shared) == []
    assert find_access_faults(settings) != []
