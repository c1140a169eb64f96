"""The stored results of measurements: one Parquet file for each generation, one row for each scope.

The files are the history of the register's quality. Their columns are defined only here.
"""

from __future__ import annotations

import io
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from register.durable import write_whole
from register.settings import Settings

# The scope of an expectation's overall result, which covers all its other scopes.
OVERALL = "all"
PASSED = "passed"
FAILED = "failed"
NOT_APPLICABLE = "not applicable"
NOT_MEASURED = "not measured"


@dataclass(frozen=True)
class Result:
    """The result of one expectation in one scope; the overall result has the scope `all`.

    `status` is passed, failed, not applicable (nothing to judge) or not measured (the mart is
    missing). `success` is None if there was nothing to judge. `observed_value` is a share (0-1), a
    count or a coefficient; `measure` says which. If the mart has an interval for it,
    `observed_lower` and `observed_upper` are its bounds. In one scope, `element_count` and
    `unexpected_count` count records. In the overall result, they count the scopes or rows that were
    judged, and those outside the tolerance.
    """

    generation: str
    suite: str
    expectation: str
    scope_kind: str
    scope: str
    sentence: str
    statement: str
    severity: str
    status: str
    success: bool | None
    measure: str
    observed_value: float | None
    observed_text: str
    minimum: float | None
    maximum: float | None
    tolerance: str
    reason: str
    owner: str
    agreed_on: str
    mart: str
    filter: str
    trace: str
    element_count: int
    unexpected_count: int
    observed_lower: float | None
    observed_upper: float | None

    @property
    def is_overall(self) -> bool:
        """Whether this is the overall result of the expectation and not a scope's result."""
        return self.scope == OVERALL


_TYPES = {
    "bool | None": pa.bool_(),
    "float | None": pa.float64(),
    "int": pa.int64(),
    "str": pa.string(),
}
SCHEMA = pa.schema([(field.name, _TYPES[str(field.type)]) for field in fields(Result)])


def results_folder(settings: Settings) -> Path:
    """Return the folder with the results of every measured generation."""
    return settings.quality / "results"


def write_results(settings: Settings, generation: str, results: list[Result]) -> Path:
    """Write the results of one generation in place of earlier ones, and return their file."""
    folder = results_folder(settings)
    folder.mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_pylist([asdict(result) for result in results], schema=SCHEMA)
    stream = io.BytesIO()
    pq.write_table(table, stream)
    path = folder / f"{generation}.parquet"
    write_whole(path, stream.getvalue())
    return path


def read_results(settings: Settings, generation: str) -> list[Result]:
    """Return the results of one generation; an empty list if it was never measured."""
    path = results_folder(settings) / f"{generation}.parquet"
    if not path.is_file():
        return []
    rows = pq.read_table(path).to_pylist()
    names = [field.name for field in fields(Result)]
    return [Result(**{name: row.get(name) for name in names}) for row in rows]


def list_measured_generations(settings: Settings) -> list[str]:
    """Return the ids of the generations that were measured, oldest first."""
    return sorted(path.stem for path in results_folder(settings).glob("*.parquet"))


def index_overall_results(results: list[Result]) -> dict[str, Result]:
    """Return the overall results by expectation name."""
    return {result.expectation: result for result in results if result.is_overall}
