"""The kept results: one Parquet file a generation, one row an expectation and scope.

They are the history of how good the register was. Their columns are fixed here and nowhere else.
"""

from __future__ import annotations

import io
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from register.durable import write_whole
from register.settings import Settings

WHOLE = "all"
PASSED = "passed"
FAILED = "failed"
NOT_APPLICABLE = "not applicable"
NOT_MEASURED = "not measured"


@dataclass(frozen=True)
class Result:
    """One expectation in one scope; `scope` is `all` for the expectation as a whole.

    `status`: passed, failed, not applicable (nothing to judge), not measured (the mart is not
    there). `success` is None where there was nothing to judge. `observed_value` is a share (0-1),
    a count or a coefficient, as in `measure`; where the mart states an interval,
    `observed_lower` and `observed_upper` are its bounds. For a whole, `element_count` and
    `unexpected_count` count the scopes or rows judged and those outside the tolerance; for a scope,
    its records.
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
    def is_whole(self) -> bool:
        """Whether this is the expectation as a whole, not one of its scopes."""
        return self.scope == WHOLE


_TYPES = {
    "bool | None": pa.bool_(),
    "float | None": pa.float64(),
    "int": pa.int64(),
    "str": pa.string(),
}
SCHEMA = pa.schema([(field.name, _TYPES[str(field.type)]) for field in fields(Result)])


def results_folder(settings: Settings) -> Path:
    """Where the results of every generation are kept."""
    return settings.quality / "results"


def write_results(settings: Settings, generation: str, results: list[Result]) -> Path:
    """Keep the results of one generation; measuring it again replaces them as a whole."""
    folder = results_folder(settings)
    folder.mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_pylist([asdict(result) for result in results], schema=SCHEMA)
    stream = io.BytesIO()
    pq.write_table(table, stream)
    path = folder / f"{generation}.parquet"
    write_whole(path, stream.getvalue())
    return path


def read_results(settings: Settings, generation: str) -> list[Result]:
    """The results of one generation; empty where it was never measured."""
    path = results_folder(settings) / f"{generation}.parquet"
    if not path.is_file():
        return []
    kept = pq.read_table(path).to_pylist()
    names = [field.name for field in fields(Result)]
    return [Result(**{name: row.get(name) for name in names}) for row in kept]


def measured_generations(settings: Settings) -> list[str]:
    """Every generation whose results are kept, oldest first."""
    return sorted(path.stem for path in results_folder(settings).glob("*.parquet"))


def wholes(results: list[Result]) -> dict[str, Result]:
    """The results of expectations as wholes, by name."""
    return {result.expectation: result for result in results if result.is_whole}
