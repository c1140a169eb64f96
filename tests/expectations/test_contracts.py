"""What is measured and shown is in the marts as dbt's contracts declare them."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from expectations import measure
from expectations.published_marts import REGISTER_FILE
from expectations.results import NOT_MEASURED
from interfaces.quality_site import build_site
from register.settings import Settings
from tests.expectations.conftest import GENERATION_ID, put_generation
from tests.expectations.contracts import make_empty_marts


@pytest.fixture(scope="module")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published file in which every mart is there and has no row."""
    path = tmp_path_factory.mktemp("empty") / REGISTER_FILE
    make_empty_marts(path)
    return path


@pytest.fixture
def empty(settings: Settings, empty_file: Path) -> Settings:
    """A home whose published generation has every mart and no row."""
    put_generation(settings, empty_file, GENERATION_ID)
    return settings


def test_every_expectation_finds_its_mart_and_columns(empty: Settings) -> None:
    """Prevents an expectation that is never measured because a column has another name."""
    summary = measure(empty)
    unmeasured = {
        result.expectation: result.statement
        for result in summary.overall_results
        if result.status == NOT_MEASURED
    }
    assert unmeasured == {}


def test_every_page_finds_its_marts_and_is_built_without_a_row(empty: Settings) -> None:
    """Prevents a page that calls a published mart missing, or fails without rows."""
    site = build_site(empty).parent
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert "Not measured: this generation has no table" not in text, path.name


def test_the_invented_generation_has_no_column_that_is_not_published(
    sound_file: Path, empty_file: Path
) -> None:
    """Prevents pages that are tested on columns that no real generation has."""
    query = "select table_schema, table_name, column_name from information_schema.columns"
    with duckdb.connect(str(empty_file), read_only=True) as connection:
        published = set(connection.execute(query).fetchall())
    with duckdb.connect(str(sound_file), read_only=True) as connection:
        invented = set(connection.execute(query).fetchall())
    assert invented - published == set()
