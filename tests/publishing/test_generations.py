"""Publishing, killing, choosing and pruning generations."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from register.access_record import RecordError, read_record
from register.decision_columns import DECISION_FILES
from register.hashing import hash_file
from register.publishing import generations as publishing
from register.publishing import key_log
from register.publishing.generations import (
    PublishError,
    current_generation,
    end_build,
    keep_failed,
    kept_generations,
    make_current,
    next_generation,
    publish,
    read_generation_id,
    remove_old_generations,
    sweep_dead_builds,
)
from register.publishing.manifest import note_linkage_model
from register.settings import Settings
from tests.publishing.builds import CONTENT_HASH, DELIVERY_ID, build


def _stamp(settings: Settings) -> int:
    path = settings.published / "current" / "national_register.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        return int(
            connection.execute("select max(stamp) from register.fct_reports").fetchall()[0][0]
        )


def test_a_published_build_is_what_readers_get(settings: Settings) -> None:
    """Prevents a load that ends well and changes nothing for readers."""
    generation = publish(settings, build(settings, 1))
    assert _stamp(settings) == 1
    assert current_generation(settings) == generation
    assert not list(settings.published.glob(".next-*"))


def test_a_manifest_says_what_a_generation_was_made_from(settings: Settings) -> None:
    """Prevents a published figure that cannot be made again."""
    manifest = publish(settings, build(settings, 1, rows=7)).manifest()
    assert manifest["environment"] == "test"
    assert manifest["as_known_at"] is None
    (delivery,) = manifest["deliveries"]
    assert len(delivery.pop("entry_sha256")) == 64
    assert delivery == {
        "delivery_id": DELIVERY_ID,
        "status": "current",
        "content_hash": CONTENT_HASH,
    }
    assert manifest["row_counts"]["register.fct_reports"] == 7
    assert manifest["row_counts"]["operations.case_list_children"] == 7
    assert len(manifest["model_hash"]) == 64
    assert set(manifest["files"]) == {
        "generation_id",
        "national_register.duckdb",
        "national_register_coarse.duckdb",
        "case_lists.duckdb",
        "keys.parquet",
    }
    assert manifest["code"]["package_version"]


def test_each_file_says_of_which_generation_it_is(settings: Settings) -> None:
    """Prevents names of one load beside figures of another, opened through `current` in turn."""

    def stamps(folder: Path) -> list[tuple[str, str | None]]:
        with duckdb.connect() as connection:
            for name in ("national_register", "case_lists"):
                connection.execute(f"attach '{folder / name}.duckdb' as {name} (read_only)")
            return connection.execute(
                "from national_register.register.published_generation union all"
                " from case_lists.operations.published_generation"
            ).fetchall()

    generation = publish(settings, build(settings, 1))
    assert stamps(generation.folder) == [(generation.generation_id, None)] * 2
    back = publish(settings, build(settings, 2), as_known_at="2026-01-31T23:59:59Z")
    assert stamps(back.folder) == [(back.generation_id, "2026-01-31T23:59:59Z")] * 2


def test_a_manifest_names_the_decisions_that_were_used(settings: Settings) -> None:
    """Prevents a look back that cannot tell which decisions a published figure rests on."""
    links = settings.decisions / "links.csv"
    used = {"bytes": links.stat().st_size, "sha256": hash_file(links)}
    folder = build(settings, 1)
    with links.open("a", encoding="utf-8") as file:
        file.write("a row that was appended meanwhile\n")
    manifest = publish(settings, folder).manifest()
    assert manifest["decisions"]["links.csv"] == used
    assert set(manifest["decisions"]) == set(DECISION_FILES)
    assert manifest["decisions_changed_during_build"] == ["links.csv"]


def test_a_manifest_names_the_model_that_linked_the_build(settings: Settings) -> None:
    """Prevents a generation whose links are put down to a model that was pinned since."""
    own = settings.home / "own.json"
    own.write_text('{"version": "own"}', encoding="utf-8")
    folder = build(settings, 1)
    note_linkage_model(folder, own)
    published = publish(settings, folder)
    assert published.manifest()["linkage_model"] == {"version": "own", "sha256": hash_file(own)}
    assert not [path for path in published.folder.iterdir() if path.name.startswith(".")]
    package = publish(settings, build(settings, 2)).manifest()["linkage_model"]
    assert package["version"] not in {"", "own"}


def test_published_files_cannot_be_written(settings: Settings) -> None:
    """Prevents a reader's tool from changing what the manifest's hashes vouch for."""
    folder = publish(settings, build(settings, 1)).folder
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) & 0o222 == 0, path.name


def test_every_publication_appends_its_keys(settings: Settings) -> None:
    """Prevents losing which child a mention belonged to when clusters merge or split."""
    first = publish(settings, build(settings, 1, rows=3))
    publish(settings, build(settings, 2, rows=4))
    logs = sorted((settings.published / "keys").glob("*.parquet"))
    assert [pq.read_metadata(path).num_rows for path in logs] == [3, 4]
    log = pq.read_table(key_log.log_file(settings.published, first.generation_id)).to_pydict()
    assert log == {
        "mention_id_register": ["M0", "M1", "M2"],
        "child_id_register": ["C1", "C1", "C1"],
    }


@pytest.mark.parametrize("step", ["write_key_file", "build_manifest", "flush_tree", "point_link"])
def test_a_kill_before_the_swap_leaves_readers_where_they_were(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Prevents a half-published generation from reaching a reader."""
    old = publish(settings, build(settings, 1))
    folder = build(settings, 2)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(f"register.publishing.generations.{step}", killed)
        with pytest.raises(KeyboardInterrupt):
            publish(settings, folder)
    assert current_generation(settings) == old
    assert _stamp(settings) == 1
    publish(settings, build(settings, 3))
    assert _stamp(settings) == 3


def test_a_kill_before_the_key_log_is_made_good_by_the_next_publication(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a gap in the one history that is never rebuilt."""
    folder = build(settings, 1, rows=3)
    calls: list[int] = []

    def killed_second_time(published: Path, folders: list[Path]) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(publishing, "complete_key_log", killed_second_time)
        with pytest.raises(KeyboardInterrupt):
            publish(settings, folder)
    assert current_generation(settings) is None
    assert not (settings.published / "keys").exists()
    publish(settings, build(settings, 2, rows=4))
    logs = sorted((settings.published / "keys").glob("*.parquet"))
    assert [pq.read_metadata(path).num_rows for path in logs] == [3, 4]


def test_a_publication_that_is_tried_again_goes_on_where_it_stopped(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a retry from failing because the first attempt had already named the build."""
    folder = build(settings, 1)

    def failing(*_: object) -> None:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(publishing, "point_link", failing)
        with pytest.raises(OSError):
            publish(settings, folder)
    assert current_generation(settings) is None
    publish(settings, folder)
    assert _stamp(settings) == 1
    assert len(kept_generations(settings)) == 1


def test_a_publication_that_is_tried_again_completes_the_key_log(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a generation that readers get and whose keys are in no history."""
    folder = build(settings, 1, rows=3)
    complete = publishing.complete_key_log
    calls: list[int] = []

    def failing_second_time(published: Path, folders: list[Path]) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise OSError
        complete(published, folders)

    with monkeypatch.context() as patch:
        patch.setattr(publishing, "complete_key_log", failing_second_time)
        with pytest.raises(OSError):
            publish(settings, folder)
    generation = publish(settings, folder)
    assert current_generation(settings) == generation
    log = key_log.log_file(settings.published, generation.generation_id)
    assert pq.read_metadata(log).num_rows == 3


def test_a_look_back_that_is_tried_again_is_the_one_put_aside(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a retry that says the build has no id, when it is put aside already."""
    folder = build(settings, 1)
    real = publishing.share_generation
    calls: list[int] = []

    def failing_second_time(settings: Settings, folder: Path) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise OSError
        real(settings, folder)

    with monkeypatch.context() as patch:
        patch.setattr(publishing, "share_generation", failing_second_time)
        with pytest.raises(OSError):
            publish(settings, folder, as_known_at="2026-01-31T23:59:59Z")
    again = publish(settings, folder, as_known_at="2026-01-31T23:59:59Z")
    assert again.folder.parent.name == "2026-01-31T235959Z"
    assert current_generation(settings) is None


def test_an_unfinished_build_is_refused(settings: Settings) -> None:
    """Prevents publishing a folder that dbt never filled or never closed."""
    empty = next_generation(settings)
    with pytest.raises(PublishError, match=r"has no national_register\.duckdb"):
        publish(settings, empty)
    unclosed = build(settings, 1)
    (unclosed / "case_lists.duckdb.wal").write_bytes(b"half")
    with pytest.raises(PublishError, match="was not closed"):
        publish(settings, unclosed)
    assert kept_generations(settings) == []


def test_a_generation_has_its_id_before_it_is_built(settings: Settings) -> None:
    """Prevents a build that cannot say of itself what later builds say of it."""
    folder = build(settings, 1)
    generation_id = read_generation_id(folder)
    assert publish(settings, folder).generation_id == generation_id


def test_a_build_without_an_id_is_refused(settings: Settings) -> None:
    """Prevents a generation that is published under another id than its rows name."""
    folder = build(settings, 1)
    (folder / "generation_id").unlink()
    with pytest.raises(PublishError, match="has no generation id"):
        publish(settings, folder)
    (folder / "generation_id").write_text("this_generation", encoding="utf-8")
    with pytest.raises(PublishError, match="has no generation id"):
        publish(settings, folder)
    assert kept_generations(settings) == []


def test_a_build_that_another_overtook_is_refused(settings: Settings) -> None:
    """Prevents keys that go on from a generation which is no longer the last."""
    overtaken = build(settings, 1)
    now = publish(settings, build(settings, 2))
    with pytest.raises(PublishError, match=f"{now.generation_id} was published after"):
        publish(settings, overtaken)
    assert current_generation(settings) == now
    # A look back is put aside, and has no keys of its own.
    assert publish(settings, overtaken, "2026-01-31T23:59:59Z").is_current is False


def test_old_generations_are_kept_by_count(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a disk that fills, and a roll-back that finds nothing to go back to."""
    monkeypatch.setattr(publishing, "READER_GRACE_SECONDS", 0.0)
    few = replace(settings, generations_kept=2)
    published = [publish(few, build(few, stamp)).generation_id for stamp in range(1, 6)]
    assert [item.generation_id for item in kept_generations(few)] == published[:1:-1]
    assert len(list((few.published / "keys").glob("*.parquet"))) == 5


def test_a_generation_that_readers_may_still_open_is_not_removed(settings: Settings) -> None:
    """Prevents removing files between a reader's look at `current` and its opening them."""
    few = replace(settings, generations_kept=1)
    for stamp in range(1, 4):
        publish(few, build(few, stamp))
    assert len(kept_generations(few)) == 3
    oldest = kept_generations(few)[-1]
    os.utime(oldest.folder, (0, 0))
    assert remove_old_generations(few) == [oldest.generation_id]


def test_the_current_generation_is_never_removed(settings: Settings) -> None:
    """Prevents a roll-back followed by a prune from taking the register away."""
    few = replace(settings, generations_kept=1)
    first = publish(few, build(few, 1))
    for stamp in range(2, 5):
        publish(few, build(few, stamp))
    make_current(few, first.generation_id)
    remove_old_generations(few, grace_seconds=0.0)
    assert first.folder.is_dir()
    assert _stamp(few) == 1


def test_a_publication_that_cannot_be_recorded_leaves_no_generation(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a generation that readers never had from counting in the history of keys."""
    publish(settings, build(settings, 1))
    second = build(settings, 2)

    def refuse_entry(*_: object) -> None:
        raise RecordError("the access record cannot be written")

    with monkeypatch.context() as patch:
        patch.setattr("register.publishing.generations.record_access", refuse_entry)
        with pytest.raises(RecordError):
            publish(settings, second)
    assert (len(kept_generations(settings)), _stamp(settings)) == (1, 1)
    assert len(list((settings.published / "keys").glob("*.parquet"))) == 1
    assert publish(settings, second).is_current, "the build is still there"


def test_readers_can_be_put_back_on_an_older_generation(settings: Settings) -> None:
    """Prevents having to rebuild when a new register turns out to be wrong."""
    first = publish(settings, build(settings, 1))
    publish(settings, build(settings, 2))
    assert make_current(settings, first.generation_id).is_current
    assert _stamp(settings) == 1
    with pytest.raises(PublishError, match="kept are"):
        make_current(settings, "20200101T000000-000000")


def test_a_look_back_is_published_aside(settings: Settings) -> None:
    """Prevents a rebuild of an old state from replacing the register or its key history."""
    now = publish(settings, build(settings, 2))
    back = publish(settings, build(settings, 1), as_known_at="2026-01-31T23:59:59Z")
    assert back.folder.parent == settings.published / "as-known-at" / "2026-01-31T235959Z"
    assert back.manifest()["as_known_at"] == "2026-01-31T23:59:59Z"
    assert back.manifest()["key_log"] is None
    assert current_generation(settings) == now
    last = list(read_record(settings))[-1]
    assert (last["kind"], last["what"]) == ("publication", "as_known_at")
    assert last["generation_id"] == back.generation_id
    assert len(list((settings.published / "keys").glob("*.parquet"))) == 1


def test_a_failed_build_is_kept_for_inspection_and_only_the_latest(settings: Settings) -> None:
    """Prevents losing the evidence of a failure, and a disk full of failures."""
    for stamp in range(3):
        aside = keep_failed(settings, build(settings, stamp))
    assert list(settings.published.glob(".failed-*")) == [aside]
    assert current_generation(settings) is None


def test_what_killed_builds_left_is_swept_once_no_run_can_own_it(settings: Settings) -> None:
    """Prevents removing a folder that another run is writing, and keeping one for ever."""
    stale, live = build(settings, 1), build(settings, 2)
    for path in (stale, *stale.iterdir()):
        os.utime(path, (0, 0))
    next_generation(settings)
    assert not stale.exists()
    assert live.exists()


def test_what_a_kill_left_is_swept_by_the_next_build(settings: Settings) -> None:
    """Prevents a disk that fills with builds and files that nobody can go on with."""
    killed, waiting = build(settings, 1), build(settings, 2)
    end_build(waiting)
    partial = settings.published / "keys" / ".partial-0123"
    partial.parent.mkdir()
    partial.touch()
    os.utime(partial, (0, 0))
    sweep_dead_builds(settings)
    next_generation(settings)
    assert not killed.exists()
    assert waiting.exists()
    assert not partial.exists()
    assert publish(settings, waiting).is_current
    assert {path.name for path in (settings.published / "current").iterdir()} == {
        "case_lists.duckdb",
        "generation_id",
        "keys.parquet",
        "manifest.json",
        "national_register.duckdb",
        "national_register_coarse.duckdb",
    }
