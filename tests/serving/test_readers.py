"""A drill: five loads under eight readers of each form. No error, no mix, no wait over a second."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from register.publishing import Generation
from register.serving import serve_lake, serve_parquet, serve_postgres
from register.settings import Settings
from tests.serving.object_store import lake_in_folder
from tests.serving.registers import KEYS, published

# Five publications with eight processes reading take about a minute for each form.
pytestmark = pytest.mark.drill
LOADS, READERS = 5, 8
# Each a process that knows what an analyst knows: a path, or a connection string.
LOOP = """
import json, pathlib, sys, time
{imports}

place, stop = sys.argv[1], pathlib.Path(sys.argv[2])
reads, mixes, errors, seen, longest = 0, 0, [], set(), 0.0
{before}
while not stop.exists():
    began = time.monotonic()
    try:
{look}
        mixes += len(stamps) != 1
        seen |= stamps
        reads += 1
    except Exception as error:
        errors.append(f"{{type(error).__name__}}: {{error}}")
    longest = max(longest, time.monotonic() - began)
print(json.dumps({{"reads": reads, "mixes": mixes, "errors": errors, "seen": sorted(seen),
    "longest": longest}}))
"""
DUCKDB = LOOP.format(
    imports="import duckdb",
    before="",
    look="""
        path = str(pathlib.Path(place).resolve(strict=True) / "national_register.duckdb")
        with duckdb.connect(path, read_only=True) as connection:
            stamps = set(connection.execute(
                "select stamp from register.fct_reports"
                " union select stamp from agreement.agg_episodes_by_year").fetchall())
        stamps = {stamp for stamp, in stamps}
""",
)
PARQUET = LOOP.format(
    imports="import duckdb",
    before="connection = duckdb.connect()",
    look="""
        folder = pathlib.Path(place).resolve(strict=True)
        stamps = set()
        for table in ("register/fct_reports", "agreement/agg_episodes_by_year"):
            query = f"select distinct stamp from '{folder}/{table}/*.parquet'"
            stamps |= {stamp for stamp, in connection.execute(query).fetchall()}
            time.sleep(0.01)
""",
)
# A wait for a lock of over a second is an error.
POSTGRES = LOOP.format(
    imports="import psycopg",
    before="connection = psycopg.connect(place, options='-c lock_timeout=1s')",
    look="""
        stamps = set()
        with connection.transaction():
            for table in ("register.fct_reports", "agreement.agg_episodes_by_year"):
                query = f"select distinct stamp from {table}"
                stamps |= {stamp for stamp, in connection.execute(query).fetchall()}
                time.sleep(0.01)
        joined = {stamp for pair in connection.execute(
            "select distinct one.stamp, other.stamp from register.fct_reports as one"
            " cross join agreement.agg_episodes_by_year as other").fetchall() for stamp in pair}
        connection.commit()
        mixes += len(joined) != 1
        time.sleep(0.05)
""",
)

# Two tables in two statements of one transaction: it sees one snapshot.
LAKE = LOOP.format(
    imports="import duckdb, duckdb_extensions",
    before="""
connection = duckdb.connect()
for extension in ("ducklake", "postgres_scanner"):
    duckdb_extensions.import_extension(extension)
    connection.execute("load " + extension)
""",
    look="""
        connection.execute(f"attach 'ducklake:{place}' as lake (read_only)")
        connection.execute("begin")
        stamps = set()
        for table in ("register.fct_reports", "agreement.agg_episodes_by_year"):
            query = f"select distinct stamp from lake.{table}"
            stamps |= {stamp for stamp, in connection.execute(query).fetchall()}
            time.sleep(0.01)
        connection.execute("commit")
        connection.execute("detach lake")
""",
)


def _drill(place: str, script: str, load: Callable[[int], None], folder: Path) -> None:
    load(0)
    stop = folder / "stop"
    command = [sys.executable, "-c", script, place, str(stop)]
    readers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(READERS)]
    try:
        for stamp in range(1, LOADS + 1):
            load(stamp)
    finally:
        stop.touch()
        # DuckDB may print a progress bar before the result.
        output = [reader.communicate(timeout=120)[0].splitlines()[-1] for reader in readers]
    result = [json.loads(line) for line in output]
    reads = [one["reads"] for one in result]
    longest = max(one["longest"] for one in result)
    print(f"{sum(reads):,} reads of {READERS} readers, the longest {longest:.2f} s")  # noqa: T201
    assert [error for one in result for error in one["errors"]] == []
    assert sum(one["mixes"] for one in result) == 0
    assert min(reads) > 0
    assert len({stamp for one in result for stamp in one["seen"]}) > LOADS // 2


@pytest.fixture
def few(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings that keep one old generation, and that for a short time."""
    # Generations are removed under the readers; longer than one look at this machine's busiest.
    monkeypatch.setattr("register.publishing.generations.READER_GRACE_SECONDS", 5.0)
    return replace(settings, generations_kept=1)


def test_readers_of_the_file_never_err_and_never_see_a_mix(few: Settings, tmp_path: Path) -> None:
    """Prevents BI tools failing, or joining two states of the register, while loads run."""
    _drill(str(few.published / "current"), DUCKDB, lambda stamp: _load(few, stamp), tmp_path)


def test_readers_of_parquet_never_err_and_never_see_a_mix(few: Settings, tmp_path: Path) -> None:
    """Prevents readers of files from finding none, or those of two generations."""

    def load(stamp: int) -> None:
        serve_parquet(few, _load(few, stamp), KEYS)

    _drill(str(few.published / "parquet"), PARQUET, load, tmp_path)


def test_readers_of_postgresql_never_err_wait_or_see_a_mix(
    to_postgres: Settings, tmp_path: Path
) -> None:
    """Prevents transactions of two generations, and dashboards that stand still during a swap."""

    def load(stamp: int) -> None:
        serve_postgres(to_postgres, _load(to_postgres, stamp), KEYS)

    _drill(to_postgres.postgres_dsn, POSTGRES, load, tmp_path)


@pytest.mark.parametrize("is_in_postgres", [False, True])
def test_readers_of_the_lake_never_err_and_never_see_a_mix(
    few: Settings, request: pytest.FixtureRequest, tmp_path: Path, is_in_postgres: bool
) -> None:
    """Prevents readers from being refused while a load writes, and half a generation."""
    lake = lake_in_folder(tmp_path)
    if is_in_postgres:
        database = request.getfixturevalue("server").database()
        lake = replace(lake, catalogue=f"postgres:{database}")
    served = replace(few, lake=lake)

    def load(stamp: int) -> None:
        serve_lake(served, _load(served, stamp), KEYS)

    _drill(lake.catalogue, LAKE, load, tmp_path)


def _load(settings: Settings, stamp: int) -> Generation:
    return published(settings, stamp, f"update register.fct_reports set stamp = {stamp}")
