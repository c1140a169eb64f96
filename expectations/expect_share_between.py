"""Our own expectation: a share that lies within an interval, for every scope of a frame.

Great Expectations has no word for "of the periods expected, the share delivered, supplier by
supplier". The frame holds one row a scope: `scope`, `numerator_count`, `denominator_count`.
"""

from __future__ import annotations

from expectations.scoped_expectation import FrameRow, MeasuredScope, ScopedExpectation


class ExpectShareBetween(ScopedExpectation):
    """Expect numerator ÷ denominator to lie within [minimum, maximum] in every scope."""

    def measure_scopes(self, rows: list[FrameRow]) -> list[MeasuredScope]:
        """The share of each row of the frame."""
        return [
            _measured(
                str(row["scope"]),
                int(row["numerator_count"] or 0),
                int(row["denominator_count"] or 0),
            )
            for row in rows
        ]

    def observe_together(self, rows: list[FrameRow], scopes: list[MeasuredScope]) -> float | None:
        """The share of the sums."""
        total = sum(scope.record_count for scope in scopes)
        return sum(scope.part_count or 0 for scope in scopes) / total if total else None

    @classmethod
    def sentence(cls) -> str:
        """What must be within the limits."""
        return "In every $scope_kind, of $counted_name the share of $measured_name must be"


def _measured(scope: str, numerator: int, denominator: int) -> MeasuredScope:
    return MeasuredScope(
        scope=scope,
        value=numerator / denominator if denominator else None,
        record_count=denominator,
        part_count=numerator,
    )
