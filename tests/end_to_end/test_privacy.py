"""Nothing that names a child, or leads back to one without the key, is in the register."""

from __future__ import annotations

import pytest

from tests.end_to_end.conftest import Nation
from tests.publishing.privacy import found_in, planted_values

pytestmark = pytest.mark.slow


def test_the_register_holds_no_name_birth_date_postcode_or_reference(nation: Nation) -> None:
    """Prevents publishing a child's identity to everybody who can open the register."""
    planted = planted_values(nation.settings.landing)
    kinds = planted.execute("select kind, count(*) from distinct_planted group by kind").fetchall()
    assert {kind for kind, count in kinds if count > 100} == {
        "name",
        "date of birth",
        "reference or postcode",
    }
    assert found_in(planted, nation.built / "national_register.duckdb") == set()


def test_the_case_lists_do_name_children(nation: Nation) -> None:
    """Prevents the test above from passing because the scan no longer finds anything."""
    planted = planted_values(nation.settings.landing)
    kinds = {kind for kind, _ in found_in(planted, nation.built / "case_lists.duckdb")}
    assert "name" in kinds
