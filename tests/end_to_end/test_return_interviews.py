"""A return interview says of its report what the register's own facts of that report say."""

from __future__ import annotations

from tests.end_to_end.conftest import Nation
from tests.end_to_end.registers import rows

# What both facts have, and are made without one another.
SAID = ("episode_id_register", "child_id_register", "child_version_id", "authority_version_id")


def test_an_interview_is_of_the_child_and_episode_of_its_report(nation: Nation) -> None:
    """Prevents two facts that name other children, or other versions of them, for one report."""
    differing = " or ".join(f"interviews.{name} is distinct from reports.{name}" for name in SAID)
    ((of_reports, unknown, wrong),) = rows(
        nation.built,
        f"""
        select
            count(interviews.report_id_register),
            count(case when reports.report_id_register is null then 1 end),
            count(case when {differing} then 1 end)
        from register.fct_return_interviews as interviews
        left join register.fct_reports as reports using (report_id_register)
        where interviews.report_id_register is not null
        """,
    )
    assert of_reports > 100
    assert (unknown, wrong) == (0, 0)
