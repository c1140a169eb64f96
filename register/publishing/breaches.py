"""Breaches of rules and statuses of deliveries in a generation, read for feedback to suppliers.

Writing the feedback belongs in `register.feeds`.
"""

from __future__ import annotations

from register.feeds import Breach
from register.publishing.generations import Generation
from register.publishing.register_files import open_register

BREACHES = """
    select rule_code, delivery_id, file_name, row_number, column_name, table_name
    from register.fct_rule_breaches
    where $delivery_id is null or delivery_id = $delivery_id
    order by all
"""
STATUSES = "select delivery_id, status from register.dim_deliveries order by all"


def read_breaches(generation: Generation, delivery_id: str | None = None) -> list[Breach]:
    """Return the rule breaches of a generation, or of one of its deliveries."""
    with open_register(generation) as connection:
        rows = connection.execute(BREACHES, {"delivery_id": delivery_id}).fetchall()
    return [Breach(*row) for row in rows]


def read_statuses(generation: Generation) -> dict[str, str]:
    """Return the status of each delivery in a generation, by delivery id."""
    with open_register(generation) as connection:
        return dict(connection.execute(STATUSES).fetchall())
