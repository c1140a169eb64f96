"""A published generation made by hand, so that one thing at a time can be broken."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from expectations.published_marts import REGISTER_FILE
from register.home import prepare_home
from register.publishing import write_coarse_form
from register.settings import Settings, load_settings
from tests.expectations.breaks import key
from tests.expectations.reading import Structure, pages

if TYPE_CHECKING:
    from expectations import MeasureSummary
    from expectations.validate.judge import Judge

GENERATION_SQL = (
    "dimensions",
    "facts",
    "measures",
    "areas",
    "times",
    "linkage",
    "people",
    "statistics",
)
GENERATION_ID = "20261124T080000-000001"
LATER_ID = "20261125T080000-000001"
PLANTED = "Zebedee-Planted"
HASH = "0f" * 32
COARSE_LEVELS = {"register.fct_episodes": {"started_at": "month", "age_at_start": "omitted"}}
# What the second generation of the site differs in: late, held, rejected, disagreeing, planted.
SITE_CHANGES = (
    "update quality.agg_supplier_coverage_by_period set is_late = true where supplier_code = '373'",
    "update agreement.fct_agreement set status = 'police_only', reason_code = 'D0' "
    "where authority_code_dfe = '373'",
    "insert into register.dim_deliveries values ('police_reports-E23000011-2025-11-ffffffffffff', "
    "'E23000011', 'police_reports', '2025-11', timestamp '2025-12-03 09:00:00', 'rejected', "
    "'rejected', 'malformed_xml', date '2025-11-01', date '2025-11-30', null)",
    "insert into register.dim_deliveries values "
    "('authority_extract-213-2026-Q1-999999999999', '213', 'authority_extract', '2026-Q1', "
    "timestamp '2026-06-10 09:00:00', 'accepted', 'current', null, date '2026-01-01', "
    "date '2026-03-31', null), "
    "('police_reports-E23000001-2025-11-888888888888', 'E23000001', 'police_reports', '2025-11', "
    "timestamp '2026-06-11 09:00:00', 'accepted', 'current', null, date '2025-11-01', "
    "date '2025-11-30', null), "
    "('authority_extract-373-2025-Q3-777777777777', '373', 'authority_extract', '2025-Q3', "
    "timestamp '2026-06-09 09:00:00', 'accepted', 'held', null, date '2025-07-01', "
    "date '2025-09-30', 'shrunk_delivery')",
    "update register.dim_deliveries set status = 'superseded' "
    "where delivery_id = 'authority_extract-213-2025-Q4-cccccccccccc'",
    f"update register.fct_reports set child_id_register = '{PLANTED}' "
    f"where report_id_register = '{key('R', 1)}'",
    "update register.dim_suppliers set supplier_name = 'North <b>&</b> South' "
    "where supplier_code = '213'",
    f"alter table register.dim_deliveries add column content_hash varchar default '{HASH}'",
)


@pytest.fixture(scope="session")
def sound_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The invented generation as a file, made once and copied by every test."""
    path = tmp_path_factory.mktemp("generation") / REGISTER_FILE
    with duckdb.connect(str(path)) as connection:
        for name in GENERATION_SQL:
            statements = Path(__file__).with_name(f"generation_{name}.sql")
            connection.execute(statements.read_text(encoding="utf-8"))
    return path


@pytest.fixture(scope="session")
def judge() -> Judge:
    """Great Expectations takes seconds to import: once for all tests."""
    from expectations.validate.judge import Judge

    return Judge()


def put_generation(settings: Settings, sound_file: Path, generation_id: str, *changes: str) -> Path:
    """Publish the invented generation, changed by SQL, as the current one."""
    folder = settings.published / generation_id
    folder.mkdir(parents=True)
    shutil.copy(sound_file, folder / REGISTER_FILE)
    with duckdb.connect(str(folder / REGISTER_FILE)) as connection:
        for change in changes:
            connection.execute(change)
    settings.warehouse.mkdir(parents=True, exist_ok=True)
    write_coarse_form(settings, folder, COARSE_LEVELS, {})
    link = settings.published / "current"
    link.unlink(missing_ok=True)
    link.symlink_to(generation_id, target_is_directory=True)
    return folder


@pytest.fixture
def published(settings: Settings, sound_file: Path) -> Callable[..., Settings]:
    """Publishes the invented generation in this test's home, with the changes it is given."""

    def publish(*changes: str, generation_id: str = GENERATION_ID) -> Settings:
        put_generation(settings, sound_file, generation_id, *changes)
        return settings

    return publish


@pytest.fixture(scope="session")
def scratch_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home that tests of results and of the built site share, and only read."""
    home = tmp_path_factory.mktemp("site") / "home"
    result = load_settings({"REGISTER_ENVIRONMENT": "test", "REGISTER_HOME": str(home)})
    prepare_home(result)
    return result


@pytest.fixture(scope="session")
def sound(scratch_settings: Settings, sound_file: Path) -> MeasureSummary:
    """What is measured of the invented generation as it is."""
    from expectations import measure

    put_generation(scratch_settings, sound_file, GENERATION_ID)
    return measure(scratch_settings)


@pytest.fixture(scope="session")
def later(scratch_settings: Settings, sound_file: Path, sound: MeasureSummary) -> MeasureSummary:
    """What is measured of an invented second generation, in which some things are broken."""
    from expectations import measure

    put_generation(scratch_settings, sound_file, LATER_ID, *SITE_CHANGES)
    return measure(scratch_settings)


@pytest.fixture(scope="session")
def site(scratch_settings: Settings, later: MeasureSummary) -> Path:
    """The site of the second generation."""
    from interfaces.quality_site import build_site

    return build_site(scratch_settings).parent


@pytest.fixture(scope="session")
def read(site: Path) -> dict[str, Structure]:
    """The pages of that site as their structure, by their paths below it."""
    return pages(site)
