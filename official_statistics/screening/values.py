"""Rule 12: values that stand for nothing."""

from __future__ import annotations

from collections.abc import Iterator

from official_statistics.screening.pair import Finding, Pair

NEVER = ("NULL", "Null", "null", "NA", "na")
NEVER_IN_INDICATORS = ("", "~", ":")
POOR = ("N/A", "n/a", "..", "-", ".")


def screen_values(pair: Pair) -> Iterator[Finding]:
    """Yield the columns of data and meta file with a value that no file may have."""
    for name in pair.columns:
        values = {row[name].strip() for row in pair.rows}
        for value in sorted(values & set(NEVER)):
            yield pair.failure(12, f"{name} has the value {value}")
        for value in sorted(values & set(POOR)):
            yield pair.warning(12, f"{name} is '{value}' somewhere")
        if name in pair.indicators:
            for value in sorted(values & set(NEVER_IN_INDICATORS)):
                yield pair.failure(12, f"the indicator {name} is blank or '{value}' somewhere")
    for row in pair.meta_rows:
        for column, value in row.items():
            if value in NEVER:
                yield pair.failure(12, f"the {column} of {row['col_name']} is {value}")
