"""Children whom an outsider could single out, counted in both forms of the register."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from expectations.published_marts import REGISTER_FILE, Published
from register.publishing import write_coarse_form
from register.settings import Settings
from tests.expectations.conftest import COARSE_LEVELS

# Five children of one force and month, each alone with the minute of the start. The last began in
# UTC on the last day of another month. The child of the other force is planted.
EPISODES = """
    create schema register;
    create table register.fct_episodes as
    select
        child as child_id_register, force as police_force_code, started_at,
        age as age_at_start, '10_to_15' as age_band_code, 'male' as sex_code,
        'white' as ethnicity_group_code, 'home' as care_status_code, '213' as authority_code_dfe
    from (values
        ('C1', 'F1', timestamp '2025-08-01 10:00:00', 10),
        ('C2', 'F1', timestamp '2025-08-03 10:00:00', 11),
        ('C2', 'F1', timestamp '2025-08-04 10:00:00', 11),
        ('C3', 'F1', timestamp '2025-08-05 10:00:00', 12),
        ('C4', 'F1', timestamp '2025-08-05 10:01:00', 13),
        ('C5', 'F1', timestamp '2025-07-31 23:30:00', 14),
        ('{child}', 'F2', timestamp '2025-08-05 10:00:00', 15)
    ) as rows (child, force, started_at, age)
"""


@pytest.mark.parametrize(
    ("child", "expected"),
    [
        # A child alone in another force is alone in both forms.
        ("C6", {"children_count": 6, "coarse_alone_count": 1, "coarse_few_count": 1}),
        # A child with absences in both forces is alone by one of them.
        ("C5", {"children_count": 5, "coarse_alone_count": 1, "coarse_few_count": 1}),
    ],
)
def test_a_planted_child_is_alone_and_five_who_are_alike_are_not(
    settings: Settings, tmp_path: Path, child: str, expected: dict[str, int]
) -> None:
    """Prevents a child who can be singled out from being counted as hidden among others."""
    with duckdb.connect(str(tmp_path / REGISTER_FILE)) as connection:
        connection.execute(EPISODES.format(child=child))
    write_coarse_form(settings, tmp_path, COARSE_LEVELS, {})
    with Published(tmp_path) as published:
        published.count_children_alone()
        rows = {
            row.pop("known_values"): row for row in published.read_records("from children_alone")
        }
    everybody = {"exact_alone_count": expected["children_count"]}
    everybody["exact_few_count"] = expected["children_count"]
    assert rows["force and start"] == expected | everybody
    assert rows.keys() == {"force and start", "age and sex too", "everything"}


def test_without_one_of_five_the_others_are_few(settings: Settings, tmp_path: Path) -> None:
    """Prevents a group of four from being counted as five."""
    with duckdb.connect(str(tmp_path / REGISTER_FILE)) as connection:
        connection.execute(EPISODES.format(child="C5"))
        connection.execute("delete from register.fct_episodes where child_id_register = 'C5'")
    write_coarse_form(settings, tmp_path, COARSE_LEVELS, {})
    with Published(tmp_path) as published:
        published.count_children_alone()
        (row,) = published.read_records(
            "select coarse_alone_count as alone, coarse_few_count as few from children_alone"
            " where known_values = 'force and start'"
        )
    assert row == {"alone": 0, "few": 4}
