"""Counts that no set of numbers fits: which ties cannot all hold, and by how much."""

from __future__ import annotations

import numpy as np

from suppression_attack.attack_programme import TOLERANCE, Integers, Programme, System


def breaches(system: System, members: Integers) -> list[tuple[int, float]]:
    """The rows that cannot all hold, with by how much, when as little as possible is broken."""
    part = system.part(members, np.zeros(len(system.lower)))
    rows = system.rows_of(np.isin(np.arange(len(system.lower)), members))
    size, count = len(members), len(rows)
    lengths = np.diff(part.starts)
    order = np.concatenate([np.full(length, at) for at, length in enumerate(lengths)]).astype(int)
    slack = np.arange(size, size + 2 * count)
    columns = np.concatenate([part.columns, slack])
    values = np.concatenate([part.values, np.ones(count), -np.ones(count)])
    owner = np.concatenate([order, np.arange(count), np.arange(count)])
    sort = np.argsort(owner, kind="stable")
    crossed = part.lower > part.upper
    elastic = System(
        np.concatenate([np.where(crossed, part.upper, part.lower), np.zeros(2 * count)]),
        np.concatenate([np.where(crossed, part.lower, part.upper), np.full(2 * count, np.inf)]),
        np.concatenate([[0], np.cumsum(lengths + 2)]),
        columns[sort],
        values[sort],
        part.row_lower,
        part.row_upper,
    )
    if not count:
        return []
    point = Programme(elastic).solve(slack, np.ones(2 * count))
    if point is None:
        return []
    broken = point[size : size + count] + point[size + count :]
    return [(int(rows[each]), float(broken[each])) for each in np.flatnonzero(broken > TOLERANCE)]
