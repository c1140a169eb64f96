"""Rule 12: values that stand for nothing."""

from __future__ import annotations

from collections.abc import Iterator

from register.statistics.screening.pair import Finding, Pair

NEVER = ("NULL", "NA")
NEVER_IN_INDICATORS = ("", "~", ":")
POOR_IN_INDICATORS = ("N/A", "..", "-", ".")


def screen_values(pair: Pair) -> Iterator[Finding]:
    """Yield the columns with a value that no file may have."""
    for name in pair.columns:
        values = {row[name].strip() for row in pair.rows}
        for value in sorted(values & set(NEVER)):
            yield pair.failure(12, f"{name} has the value {value}")
        if name not in pair.indicators:
            continue
        for value in sorted(values & set(NEVER_IN_INDICATORS)):
            yield pair.failure(12, f"the indicator {name} is blank or '{value}' somewhere")
        for value in sorted(values & set(POOR_IN_INDICATORS)):
            yield pair.warning(12, f"the indicator {name} is '{value}' somewhere")
