"""Case lists of a generation: children at risk, and the organisation that should act.

The rows name children and are for safeguarding staff only. They must not appear on a site, in a log
or in an error message. The lists themselves are dbt models.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from register.choices import CASE_LISTS
from register.databases import open_database
from register.publishing.generations import Generation
from register.queries import read_query

CASES = read_query(__package__, "falling_through_cases")
BODIES = """
    select
        body_type_code,
        body_code,
        body_name,
        list_code,
        count(*) as case_count,
        max(age_days) as oldest_age_days,
    from operations.case_list_falling_through
    group by all
    order by body_name, body_code, list_code
"""


@dataclass(frozen=True)
class BodyCount:
    """How many cases of a list one authority or force should handle, and the age of the oldest."""

    body_type_code: str
    body_code: str
    body_name: str
    list_code: str
    case_count: int
    oldest_age_days: int


@dataclass(frozen=True)
class ListedCase:
    """A child, absence or supplier on a list: a row of `operations.case_list_falling_through`.

    A supplier has a feed and no child.
    """

    list_code: str
    reason_code: str
    age_days: int
    since_date: date
    body_type_code: str
    body_code: str
    body_name: str
    child_id_register: str | None
    episode_id_register: str | None
    forenames: str | None
    surname: str | None
    birth_date: date | None
    feed: str | None
    episode_count: int | None


@dataclass(frozen=True)
class CaseCount:
    """The number of cases of a list for one reason, and the age of the oldest case in days."""

    list_code: str
    reason_code: str
    case_count: int
    oldest_age_days: int


def read_cases(
    generation: Generation, list_code: str | None = None, body_code: str | None = None
) -> list[ListedCase]:
    """Return the cases of one list (or all lists) for one organisation (or all), oldest first.

    Raises `LookupError` for a generation published before these lists existed.
    """
    filters = {"list_code": list_code, "body_code": body_code}
    return [ListedCase(*row) for row in _query_case_lists(generation, CASES, filters)]


def count_by_body(generation: Generation) -> list[BodyCount]:
    """Count the cases by list, and by the authority or force that should act, in order of name.

    Raises `LookupError` for a generation published before these lists existed.
    """
    return [BodyCount(*row) for row in _query_case_lists(generation, BODIES, None)]


def _query_case_lists(
    generation: Generation, query: str, parameters: dict[str, str | None] | None
) -> list[tuple[Any, ...]]:
    path = generation.folder / "case_lists.duckdb"
    try:
        with open_database(generation.data_keys, path) as connection:
            return connection.execute(query, parameters).fetchall()
    except duckdb.CatalogException:
        raise LookupError(
            f"generation {generation.generation_id} has no such lists: load again"
        ) from None


def count_cases(cases: list[ListedCase]) -> list[CaseCount]:
    """Count cases by list and reason, in the order of the lists."""
    groups: dict[tuple[str, str], list[ListedCase]] = {}
    for case in cases:
        groups.setdefault((case.list_code, case.reason_code), []).append(case)
    return [
        CaseCount(list_code, reason, len(members), max(case.age_days for case in members))
        for (list_code, reason), members in sorted(
            groups.items(), key=lambda item: (CASE_LISTS.index(item[0][0]), item[0][1])
        )
    ]
