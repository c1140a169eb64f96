"""Our own expectation: a share stated with its interval is consistent with the tolerance.

An estimate from a sample is not wrong because it lies a little outside: it is when its whole
interval does. The interval is the mart's; the frame holds one row a scope: `scope`, `share`,
`share_lower`, `share_upper`, `record_count`.
"""

from __future__ import annotations

from expectations.scoped_expectation import FrameRow, MeasuredScope, ScopedExpectation


class ExpectIntervalToMeet(ScopedExpectation):
    """Expect each scope's interval to meet [minimum, maximum]; it fails only wholly outside."""

    def measure_scopes(self, rows: list[FrameRow]) -> list[MeasuredScope]:
        """The share and interval of each row of the frame."""
        return [
            MeasuredScope(
                scope=str(row["scope"]),
                value=row["share"],
                record_count=int(row["record_count"] or 0),
                lower=row["share_lower"],
                upper=row["share_upper"],
            )
            for row in rows
        ]

    def is_within(self, scope: MeasuredScope) -> bool:
        """Whether any of the interval lies within the limits; a bound not stated is the share."""
        lower = scope.value if scope.lower is None else scope.lower
        upper = scope.value if scope.upper is None else scope.upper
        assert lower is not None and upper is not None
        reaches = self.minimum is None or upper >= self.minimum
        return reaches and (self.maximum is None or lower <= self.maximum)

    def observe_together(self, rows: list[FrameRow], scopes: list[MeasuredScope]) -> float | None:
        """The mean of the shares, each counted by its records."""
        known = [scope for scope in scopes if scope.value is not None]
        total = sum(scope.record_count for scope in known)
        if not total:
            return None
        return sum((scope.value or 0) * scope.record_count for scope in known) / total

    @classmethod
    def sentence(cls) -> str:
        """What must be consistent with the limits."""
        return (
            "In every $scope_kind, the stated interval of $measured_name among $counted_name must "
            "be consistent with a share of"
        )
