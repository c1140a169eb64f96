"""The lake: what a snapshot has, what a load writes, what a failure leaves, who reads it."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from psycopg import conninfo
from typer.testing import CliRunner

from interfaces.command_line import app
from register.publishing import Generation
from register.serving import (
    LakeError,
    remove_earlier_snapshots,
    serve_lake,
    served_generation,
)
from register.settings import Settings
from tests.publishing.test_access import _group
from tests.serving.object_store import (
    SECRET,
    ObjectStore,
    lake_in_folder,
    lake_in_store,
    reading,
    running_object_store,
)
from tests.serving.registers import KEYS, published
from tests.serving.server import Server

FORMS = ("file and folder", "PostgreSQL and object store")
MESSAGES = "select commit_message from lake.snapshots() order by snapshot_id"


@pytest.fixture(scope="module")
def store() -> Iterator[ObjectStore]:
    """A server that the tests of this module share; each has a bucket of its own."""
    with running_object_store() as running:
        yield running


@pytest.fixture
def to_lake(settings: Settings, tmp_path: Path) -> Settings:
    """Settings of an empty home with a lake in a folder."""
    return replace(settings, lake=lake_in_folder(tmp_path))


@pytest.fixture(params=FORMS)
def to_any_lake(
    request: pytest.FixtureRequest, settings: Settings, tmp_path: Path, store: ObjectStore
) -> Settings:
    """Settings of an empty home with a lake of each form."""
    lake = lake_in_folder(tmp_path)
    if request.param == FORMS[1]:
        server: Server = request.getfixturevalue("server")
        lake = lake_in_store(f"postgres:{server.database()}", store)
    return replace(settings, lake=lake)


def _rows(settings: Settings, query: str, *options: str) -> list[tuple[Any, ...]]:
    with reading(settings, *options) as connection:
        return connection.execute(query).fetchall()


def _files(settings: Settings) -> set[Path]:
    return {path for path in Path(settings.lake.data).rglob("*") if path.is_file()}


def _changes(settings: Settings) -> dict[str, list[str]]:
    """What the last snapshot changed, with the names of tables."""
    ((changes,),) = _rows(
        settings, "select changes from lake.snapshots() order by snapshot_id desc limit 1"
    )
    names = dict(
        _rows(settings, "select table_id::varchar, table_name from ducklake_table_info('lake')")
    )
    return {kind: sorted(names.get(key, key) for key in keys) for kind, keys in changes.items()}


def _differences(settings: Settings, generation: Generation, *options: str) -> list[str]:
    """The tables and views of a generation that the lake has otherwise."""
    with reading(settings, *options) as connection:
        database = generation.folder / "national_register.duckdb"
        connection.execute(f"attach '{database}' as published (read_only)")
        names = connection.execute(
            "select table_schema || '.' || table_name from information_schema.tables"
            " where table_catalog = 'published' order by all"
        ).fetchall()
        return [
            name
            for (name,) in names
            for one, other in (("lake", "published"), ("published", "lake"))
            if connection.execute(
                f"from {one}.{name} except all from {other}.{name} limit 1"
            ).fetchall()
        ]


def test_every_row_type_and_comment_is_there(to_any_lake: Settings) -> None:
    """Prevents a lake in which an analyst misses what the file has."""
    generation = published(to_any_lake, 1)
    served = serve_lake(to_any_lake, generation, KEYS)
    assert (served.table_count, served.changed_table_count) == (8, 8)
    assert _differences(to_any_lake, generation) == []
    assert served_generation(to_any_lake, "lake") == generation.generation_id
    types = "select column_name, data_type from duckdb_columns() where table_name = 'fct_episodes'"
    assert _rows(to_any_lake, types)[4:6] == [("started_at", "TIMESTAMP"), ("is_open", "BOOLEAN")]
    comments = _rows(
        to_any_lake,
        "select comment from duckdb_tables() where table_name = 'fct_episodes' union all"
        " select comment from duckdb_columns() where column_name = 'note'",
    )
    with reading(to_any_lake) as connection:
        episodes = connection.sql("from lake.register.fct_episodes order by 1")
        assert episodes.to_arrow_table()["episode_id_register"].to_pylist() == [
            "E1",
            "E2",
            "E3",
            "E4",
        ]
        assert episodes.df()["is_open"].sum() == 1
    assert comments == [("One row per episode; an author's note.",), ("Invented.",)]


def test_a_generation_is_a_snapshot_and_an_earlier_one_is_time_travel(
    to_any_lake: Settings,
) -> None:
    """Prevents two generations in one answer, and figures that nobody can ask for again."""
    first = published(to_any_lake, 1)
    earlier = serve_lake(to_any_lake, first, KEYS).snapshot
    second = published(
        to_any_lake,
        2,
        "update register.fct_episodes set note = 'corrected' where episode_id_register = 'E1'",
        "delete from register.fct_episodes where episode_id_register = 'E2'",
    )
    later = serve_lake(to_any_lake, second, KEYS)
    assert later.snapshot == earlier + 1
    assert _differences(to_any_lake, second) == []
    assert _differences(to_any_lake, first, f"snapshot_version {earlier}") == []
    told = dict(_rows(to_any_lake, "select commit_message, snapshot_id from lake.snapshots()"))
    assert told[first.generation_id] == earlier
    assert told[second.generation_id] == later.snapshot
    at_version = f"select count(*) from lake.register.fct_episodes at (version => {earlier})"
    assert _rows(to_any_lake, at_version) == [(4,)]
    ((served_at,),) = _rows(
        to_any_lake,
        f"select snapshot_time::varchar from lake.snapshots() where snapshot_id = {earlier}",
    )
    at_time = at_version.replace(f"version => {earlier}", f"timestamp => timestamptz '{served_at}'")
    assert _rows(to_any_lake, at_time) == [(4,)]


def test_only_changed_rows_are_written(to_lake: Settings) -> None:
    """Prevents a month that writes the register again."""
    many = "insert into register.fct_episodes select episodes.* replace ('N' || number as"
    many += " episode_id_register) from register.fct_episodes as episodes, range(9) as n (number)"
    many += " where episode_id_register = 'E1'"
    serve_lake(to_lake, published(to_lake, 1, many), KEYS)
    before = _files(to_lake)
    change = "update register.fct_episodes set is_open = true where episode_id_register = 'E1'"
    generation = published(to_lake, 1, many, change)
    served = serve_lake(to_lake, generation, KEYS)
    # The generation's own id is the other change: one row, so the table is written anew.
    assert (served.changed_table_count, served.written_row_count) == (2, 3)
    changes = _changes(to_lake)
    assert changes["tables_created"] == ["register.published_generation"]
    assert changes["tables_deleted_from"] == ["fct_episodes"]
    assert changes["tables_inserted_into"] == ["fct_episodes", "published_generation"]
    assert before < _files(to_lake), "no file is changed or removed"
    assert _differences(to_lake, generation) == []
    again = serve_lake(to_lake, generation, KEYS)
    assert (again.snapshot, again.written_row_count) == (served.snapshot, 0)


def test_rows_that_are_there_more_than_once_are_counted(to_lake: Settings) -> None:
    """Prevents a view without a key from losing or gaining copies of a row."""
    insert = "create or replace table register.odd as select unnest([{}]) as value from range(9)"
    for stamp, values in enumerate(("1, 1, null", "1, null, null", "1, 2, null, null", "1")):
        generation = published(to_lake, stamp, insert.format(values))
        serve_lake(to_lake, generation, KEYS)
        assert _differences(to_lake, generation) == [], values


def test_a_view_that_varies_keeps_its_rows(to_lake: Settings) -> None:
    """Prevents rows that are lost because a view gave another last digit when read again."""
    view = "create view register.odd as select range + random() * 1e-9 as value from range(9)"
    mixed = "create view register.mixed as from register.odd union all from range(99)"
    for stamp in range(3):
        serve_lake(to_lake, published(to_lake, stamp, view, mixed), KEYS)
        counts = "select count(*) from lake.register.{}"
        assert _rows(to_lake, counts.format("odd")) == [(9,)]
        assert _rows(to_lake, counts.format("mixed")) == [(108,)]


def test_a_changed_table_is_made_anew_and_a_gone_one_is_gone(to_lake: Settings) -> None:
    """Prevents an upgrade of the program from stopping the lake, or leaving old tables in it."""
    first = published(to_lake, 1, "create table register.gone as select 1 as one")
    snapshot = serve_lake(to_lake, first, KEYS).snapshot
    second = published(
        to_lake,
        1,
        "alter table register.fct_episodes add column added double default 2",
        "alter table agreement.agg_episodes_by_year alter episode_count type integer",
        "comment on table register.fct_episodes is 'Other words.'",
    )
    serve_lake(to_lake, second, KEYS)
    assert _differences(to_lake, second) == []
    assert _differences(to_lake, first, f"snapshot_version {snapshot}") == []
    names = _rows(to_lake, "select table_name from duckdb_tables() where database_name = 'lake'")
    assert ("gone",) not in names
    comment = "select comment from duckdb_tables() where table_name = 'fct_episodes'"
    assert _rows(to_lake, comment) == [("Other words.",)]
    assert _rows(to_lake, "select sum(added) from lake.register.fct_episodes") == [(8,)]


def test_a_table_keeps_few_files(to_lake: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prevents a table that reads slower with each month."""
    monkeypatch.setattr("register.serving.lake.MAX_FILES", 3)
    many = "insert into agreement.agg_episodes_by_year select 'y' || range, 0, 0 from range(99)"
    change = "update agreement.agg_episodes_by_year set stamp = 1 where collection_year in ({})"
    counts = []
    for count in range(5):
        years = ", ".join(f"'y{year}'" for year in range(count + 1))
        serve_lake(to_lake, published(to_lake, 0, many, change.format(years)), KEYS)
        listed = "ducklake_list_files('lake', 'agg_episodes_by_year', schema => 'agreement')"
        counts += _rows(to_lake, f"select count(*) from {listed}")
    assert counts == [(1,), (2,), (3,), (1,), (2,)]


def test_snapshots_go_with_their_generations_and_files_after_readers(
    to_any_lake: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a lake that grows for ever, and files that vanish under a reader."""
    few = replace(to_any_lake, generations_kept=1)
    monkeypatch.setattr("register.publishing.generations.READER_GRACE_SECONDS", 0.0)
    ids = []
    for stamp in range(4):
        generation = published(few, stamp)
        ids.append(generation.generation_id)
        serve_lake(few, generation, KEYS)
    assert [message for (message,) in _rows(few, MESSAGES)] == ids[-2:]
    is_local = "://" not in few.lake.data
    scheduled = _rows(few, _metadata(few, "count(*)", "files_scheduled_for_deletion"))
    assert scheduled[0][0] > 0
    before = len(_files(few))
    monkeypatch.setattr("register.serving.lake.READER_GRACE_SECONDS", 0.0)
    serve_lake(few, generation, KEYS)
    assert _rows(few, _metadata(few, "count(*)", "files_scheduled_for_deletion")) == [(0,)]
    assert (len(_files(few)) < before) == is_local
    assert _differences(few, generation) == []


def test_an_erasure_leaves_only_the_latest_snapshot_and_its_files(to_any_lake: Settings) -> None:
    """Prevents rows of an erased child from remaining in an earlier snapshot or in its files."""
    for number in (1, 2, 3):
        serve_lake(to_any_lake, published(to_any_lake, number), KEYS)
    latest = _rows(to_any_lake, MESSAGES)[-1]
    remove_earlier_snapshots(to_any_lake)
    assert _rows(to_any_lake, MESSAGES) == [latest]
    scheduled = _metadata(to_any_lake, "count(*)", "files_scheduled_for_deletion")
    assert _rows(to_any_lake, scheduled) == [(0,)]


def _metadata(settings: Settings, what: str, table: str) -> str:
    schema = "public" if "postgres" in settings.lake.catalogue else "main"
    return f"select {what} from __ducklake_metadata_lake.{schema}.ducklake_{table}"


def test_files_of_a_killed_load_are_removed_later(
    to_lake: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents killed loads from filling a disk, or blocking the loads after them."""
    catalogue = Path(to_lake.lake.catalogue)
    catalogue.parent.mkdir()
    catalogue.with_name("register.ducklake.partial").write_bytes(b"half a catalogue")
    catalogue.with_name("register.ducklake.partial.wal").write_bytes(b"half")
    serve_lake(to_lake, published(to_lake, 1), KEYS)
    left = Path(to_lake.lake.data) / "register" / "fct_episodes" / "left.parquet"
    left.write_bytes(next(iter(_files(to_lake))).read_bytes())
    second = published(to_lake, 2)
    serve_lake(to_lake, second, KEYS)
    assert left.exists()
    monkeypatch.setattr("register.serving.lake.ORPHAN_SECONDS", 0.0)
    serve_lake(to_lake, second, KEYS)
    assert not left.exists()
    assert sorted(path.name for path in catalogue.parent.iterdir()) == ["data", catalogue.name]
    assert _differences(to_lake, second) == []


def test_a_load_that_fails_leaves_the_lake_that_was_there(
    to_any_lake: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents readers from losing what they had to a load that went wrong."""
    first = published(to_any_lake, 1)
    serve_lake(to_any_lake, first, KEYS)
    second = published(to_any_lake, 2)
    with monkeypatch.context() as broken:
        broken.setattr("register.serving.lake._share_data", _run_out_of_space)
        with pytest.raises(LakeError, match="serving the lake failed: no space"):
            serve_lake(to_any_lake, second, KEYS)
    assert _differences(to_any_lake, first) == []
    serve_lake(to_any_lake, second, KEYS)
    assert _differences(to_any_lake, second) == []


def test_a_catalogue_that_was_not_closed_is_not_shown(
    to_lake: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a catalogue without its last snapshot, because a full disk kept that in the log."""
    first = published(to_lake, 1)
    serve_lake(to_lake, first, KEYS)

    def leave_log(_: Settings, path: Path) -> None:
        if path.is_file():
            path.with_name(f"{path.name}.wal").touch()

    monkeypatch.setattr("register.serving.lake.share_lake", leave_log)
    with pytest.raises(LakeError, match="was not closed"):
        serve_lake(to_lake, published(to_lake, 2), KEYS)
    assert served_generation(to_lake, "lake") == first.generation_id


def _run_out_of_space(_: Settings) -> None:
    raise OSError("no space")


def test_what_is_not_the_registers_stays(to_lake: Settings, tmp_path: Path) -> None:
    """Prevents a load from removing another lake's tables or files."""
    data = Path(to_lake.lake.data)
    data.mkdir(parents=True)
    (data / "other.parquet").write_bytes(b"not ours")
    generation = published(to_lake, 1)
    with pytest.raises(LakeError, match="has files: empty that folder"):
        serve_lake(to_lake, generation, KEYS)
    (data / "other.parquet").unlink()
    catalogue = tmp_path / "theirs.ducklake"
    theirs = replace(to_lake, lake=replace(to_lake.lake, catalogue=str(catalogue)))
    with duckdb.connect() as connection:
        connection.execute("load ducklake")
        connection.execute(f"attach 'ducklake:{catalogue}' as lake (data_path '{data}')")
        connection.execute("create schema lake.their; create table lake.their.own (one integer)")
    with pytest.raises(LakeError, match="tables that the register did not write"):
        serve_lake(theirs, generation, KEYS)
    assert _rows(theirs, "from lake.their.own") == []


def test_no_error_tells_a_secret(
    settings: Settings, server: Server, store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a password of the catalogue or the store in a log or a terminal."""
    generation = published(settings, 1)
    dsn = server.database()
    wrong = conninfo.make_conninfo(dsn, password="wrong-word")
    no_dsn = ("postgres:wrong-word", "postgresql://u:wrong-word@h/db", "postgres://u:wrong-word@h/")
    for catalogue in (f"postgres:{wrong}", f"postgres:{wrong} nonsense", *no_dsn):
        lake = lake_in_store(catalogue, store)
        with pytest.raises(LakeError) as failure:
            serve_lake(replace(settings, lake=lake), generation, KEYS)
        assert "wrong-word" not in str(failure.value)
        assert failure.value.__suppress_context__ or failure.value.__context__ is None
    gone = replace(lake_in_store(f"postgres:{dsn}", store), s3_endpoint="http://127.0.0.1:1")
    with pytest.raises(LakeError) as failure:
        serve_lake(replace(settings, lake=gone), generation, KEYS)
    assert SECRET not in str(failure.value)
    for name, value in (("", f"postgres:{wrong}"), ("_DATA", "s3://a/b")):
        monkeypatch.setenv(f"REGISTER_LAKE{name}", value)
    monkeypatch.setenv("REGISTER_HOME", str(settings.home))
    monkeypatch.setattr("orchestration.dbt_manifest.load_manifest", lambda _: {"nodes": {}})
    result = CliRunner().invoke(app, ["serve", "lake"])
    assert result.exit_code == 1
    assert "password authentication failed" in " ".join(result.output.split())
    assert "wrong-word" not in result.output


def test_the_readers_group_reads_a_lake_in_a_folder(to_lake: Settings) -> None:
    """Prevents data that a group may not open, or that every user of the machine can."""
    shared = replace(to_lake, readers_group=_group())
    serve_lake(shared, published(shared, 1), KEYS)
    paths = [Path(shared.lake.catalogue), Path(shared.lake.data), *_files(shared)]
    modes = {(path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in paths}
    assert modes == {(True, 0o750), (False, 0o440)}


def test_two_loads_of_a_home_do_not_write_one_lake(to_lake: Settings) -> None:
    """Prevents an older generation from taking the place of a newer one."""
    from register.serving.lake import _hold_serving_lock

    generation = published(to_lake, 1)
    with _hold_serving_lock(to_lake), pytest.raises(LakeError, match="another process"):
        serve_lake(to_lake, generation, KEYS)


MONTHS = {"register.fct_episodes": {"started_at": "month", "duration_hours_upper": "omitted"}}


def test_a_lake_that_becomes_coarse_keeps_no_exact_row(to_lake: Settings) -> None:
    """Prevents earlier snapshots, or their files, from showing exact dates after the change."""
    exact = replace(to_lake, lake=replace(to_lake.lake, detail="exact"))
    query = "select started_at from lake.register.fct_episodes order by all"
    serve_lake(exact, published(exact, 1, levels=MONTHS))
    assert datetime.fromisoformat("2025-04-02T10:00:00") in {row[0] for row in _rows(exact, query)}
    serve_lake(to_lake, published(to_lake, 2, levels=MONTHS))
    assert {row[0].day for row in _rows(to_lake, query)} == {1}
    snapshots = _rows(to_lake, "select author from lake.snapshots()")
    assert snapshots == [("national register, coarse form",)]
