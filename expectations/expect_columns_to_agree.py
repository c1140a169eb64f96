"""Our own expectation: two columns of codes agree beyond chance, by kappa or by Gwet's AC1.

Great Expectations compares pairs one by one and has no word for agreement beyond chance. Where one
code prevails kappa is low however often the two agree, so that AC1 is judged beside it. The frame
holds one row a scope and pair of codes: `scope`, `left_code`, `right_code`, `record_count`.

Cohen (1960), Educational and Psychological Measurement 20: 37-46; Gwet (2008), British Journal of
Mathematical and Statistical Psychology 61: 29-48.
"""

from __future__ import annotations

from collections import Counter, defaultdict

from expectations.scoped_expectation import FrameRow, MeasuredScope, ScopedExpectation

Pairs = Counter[tuple[str, str]]


class ExpectColumnsToAgree(ScopedExpectation):
    """Expect the coefficient of two columns to lie within [minimum, maximum] in every scope."""

    coefficient: str = "ac1"

    def measure_scopes(self, rows: list[FrameRow]) -> list[MeasuredScope]:
        """The coefficient of each scope."""
        scopes: dict[str, Pairs] = defaultdict(Counter)
        for row in rows:
            scopes[str(row["scope"])].update(_pair(row))
        code_count = _code_count(rows)
        return [
            MeasuredScope(
                scope=scope,
                value=agreement(pairs, self.coefficient, code_count),
                record_count=pairs.total(),
                part_count=sum(count for (left, right), count in pairs.items() if left == right),
            )
            for scope, pairs in scopes.items()
        ]

    def observe_together(self, rows: list[FrameRow], scopes: list[MeasuredScope]) -> float | None:
        """The coefficient of all pairs together."""
        pairs: Pairs = Counter()
        for row in rows:
            pairs.update(_pair(row))
        return agreement(pairs, self.coefficient, _code_count(rows))

    @classmethod
    def sentence(cls) -> str:
        """What must be within the limits."""
        return (
            "In every $scope_kind, agreement beyond chance of $measured_name on $counted_name "
            "must be"
        )


def _pair(row: FrameRow) -> Pairs:
    return Counter({(str(row["left_code"]), str(row["right_code"])): int(row["record_count"])})


def _code_count(rows: list[FrameRow]) -> int:
    return len({str(row[side]) for row in rows for side in ("left_code", "right_code")})


def agreement(pairs: Pairs, coefficient: str, code_count: int) -> float | None:
    """Cohen's `kappa` or Gwet's `ac1` of counted pairs of codes; None where it is not defined.

    `code_count` is the number of codes that either side may give.
    """
    total = pairs.total()
    if not total:
        return None
    observed = sum(count for (left, right), count in pairs.items() if left == right) / total
    left_counts: Counter[str] = Counter()
    right_counts: Counter[str] = Counter()
    for (left, right), count in pairs.items():
        left_counts[left] += count
        right_counts[right] += count
    codes = left_counts.keys() | right_counts.keys()
    if coefficient == "kappa":
        by_chance = sum(left_counts[code] * right_counts[code] for code in codes) / total**2
        return None if by_chance == 1 else (observed - by_chance) / (1 - by_chance)
    if code_count < 2:
        return None
    means = [(left_counts[code] + right_counts[code]) / (2 * total) for code in codes]
    by_chance = sum(mean * (1 - mean) for mean in means) / (code_count - 1)
    return (observed - by_chance) / (1 - by_chance)
