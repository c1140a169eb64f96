"""What a build begins with: nothing, or the published tables as they are."""

from __future__ import annotations

import shutil
from dataclasses import replace

import dagster as dg
import pytest

from orchestration.builds import begin_build
from orchestration.dbt import threads_arguments
from register.publishing import publish
from register.settings import Settings
from tests.publishing.builds import build

FILES = ("national_register.duckdb", "case_lists.duckdb")


@pytest.fixture
def published(settings: Settings) -> Settings:
    """A home with a generation, whose tables are all large enough for parts."""
    publish(settings, build(settings, 1))
    return replace(settings, parts_from_rows=1)


def copied(settings: Settings, number: int, refresh: bool = False, **said: str | bool) -> list[str]:
    """The files that a build begins with."""
    run = dg.DagsterRun(job_name="load_register", run_id=f"{number:08d}-invented")
    folder = begin_build(settings, run, refresh, **said)  # type: ignore[arg-type]
    return [name for name in FILES if (folder / name).exists()]


def test_a_load_goes_on_from_what_is_published(published: Settings) -> None:
    """Prevents a mart that every load writes whole, and a published file that a build writes."""
    current = published.published / "current" / FILES[0]
    before = current.read_bytes()
    assert copied(published, 1, goes_on=True) == list(FILES)
    (begun,) = published.published.glob(f".next-*/{FILES[0]}")
    assert begun.read_bytes() == before
    begun.write_bytes(b"of the build alone")
    assert current.read_bytes() == before


@pytest.mark.parametrize(
    ("refresh", "said"),
    [
        (False, {}),
        (True, {"goes_on": True}),
        (False, {"goes_on": True, "known_at": "2026-01-31T00:00:00Z"}),
    ],
)
def test_a_build_of_all_begins_empty(
    published: Settings, refresh: bool, said: dict[str, str | bool]
) -> None:
    """Prevents rows of today in a look back, and old bytes after `--refresh`."""
    assert copied(published, 1, refresh, **said) == []


def test_a_build_of_other_models_begins_empty(
    published: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents tables of models that are gone, and contracts that a copy does not keep."""
    monkeypatch.setattr(
        "register.publishing.generations.model_hash", lambda settings: "of other models"
    )
    assert copied(published, 1, goes_on=True) == []


def test_a_home_that_has_truth_now_begins_empty(published: Settings) -> None:
    """Prevents tables about an invented truth beside real records, when it has none again."""
    published.truth.mkdir()
    published.simulation_declaration.write_text("{}", encoding="utf-8")
    assert published.is_simulation
    assert copied(published, 1, goes_on=True) == []


def test_a_small_register_and_a_first_load_begin_empty(
    settings: Settings, published: Settings
) -> None:
    """Prevents files that only grow, where nothing is built by parts."""
    assert copied(replace(published, parts_from_rows=1000), 1, goes_on=True) == []
    shutil.rmtree(settings.published)
    settings.published.mkdir()
    assert copied(published, 2, goes_on=True) == []


@pytest.mark.parametrize(("memory", "told"), [(0.004, []), (0.003999, ["--threads", "1"])])
def test_models_are_made_one_at_a_time_where_much_has_landed(
    settings: Settings, memory: float, told: list[str]
) -> None:
    """Prevents two large models side by side, which want the memory of both."""
    folder = settings.landing / "police_reports" / "invented"
    folder.mkdir(parents=True)
    (folder / "reports.parquet").write_bytes(bytes(1_000_000))
    # One that another run lands meanwhile: it is listed, and has gone.
    (folder / "gone.parquet").symlink_to(folder / "nowhere")
    assert threads_arguments(replace(settings, memory_gigabytes=memory)) == told
