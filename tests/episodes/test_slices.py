"""A model computed for some children after the others gives what it gives for all at once."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pytest

from register.episodes import compute_by_children, slices


def _numbered(rows: int) -> duckdb.DuckDBPyRelation:
    return duckdb.sql(
        f"select 'C' || number % 7 as child_id_register, number from range({rows}) as made (number)"
    )


def _by_child(numbers: pa.Table, weights: pa.Table) -> pa.Table:
    """For each child, how many numbers of the one there are and the total of the other."""
    counts = numbers.group_by("child_id_register").aggregate([("number", "count")])
    totals = weights.group_by("child_id_register").aggregate([("number", "sum")])
    return counts.join(totals, "child_id_register")


@pytest.mark.parametrize("rows_at_once", [1_000, 10, 1])
def test_slices_of_children_give_what_all_at_once_give(
    monkeypatch: pytest.MonkeyPatch, rows_at_once: int
) -> None:
    """Prevents a child whose rows are parted, taken twice, or left out."""
    monkeypatch.setattr(slices, "ROWS_AT_ONCE", rows_at_once)
    row_counts: list[int] = []

    def compute(numbers: pa.Table, weights: pa.Table) -> pa.Table:
        row_counts.append(max(len(numbers), len(weights)))
        return _by_child(numbers, weights)

    relations = _numbered(70), _numbered(35)
    in_slices = compute_by_children(compute, *relations).sort_by("child_id_register")
    at_once = _by_child(*(relation.to_arrow_table() for relation in relations))
    assert in_slices == at_once.sort_by("child_id_register")
    assert (len(row_counts) > 1) == (rows_at_once < 70)
    assert sum(row_counts) == 70


def test_no_rows_give_an_empty_table() -> None:
    """Prevents a first load without absences from having no columns."""
    in_slices = compute_by_children(_by_child, _numbered(0), _numbered(0))
    assert (len(in_slices), len(in_slices.column_names)) == (0, 3)
