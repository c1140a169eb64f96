"""The stages to measure. `benchmarks.measure` starts each in its own process.

A stage does the same work as a load, through the same entry points. Its floor is in
`benchmarks.floors`.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.floors import (
    read_every_file,
    reading_engine,
    rewrite_every_file,
    run_compiled_sql,
    unpack_every_zip,
)
from benchmarks.linkage.sizes import link_ours, link_stock, make_nation
from benchmarks.model_memory import measure_models
from benchmarks.serving import (
    keys_of,
    time_parquet,
    time_parquet_floor,
    time_postgres,
    time_postgres_floor,
)
from orchestration.dbt import (
    choose_threads,
    run_dbt,
)
from orchestration.return_rules import load_return_rules
from register.feeds import check_delivery, land_everything, land_postcodes, read_ledger
from register.home import prepare_home
from register.linkage_models import place_build_model
from register.publishing import write_generation_id
from register.settings import Settings, load_settings
from simulation import SimulationPlan, simulate

GENERATION = ".next-bench"
# A stage prints the seconds of each model under a name with this prefix.
MODEL = "model:"
RETURNS = "authority_return"
Said = dict[str, float]


def simulate_nation(settings: Settings, years: str, share: str = "1") -> Said:
    """Simulate years of the whole nation into the home, without their truth.

    A fraction of a year is simulated as a share of one year; `share` multiplies this share. The
    truth is deleted: a real home has none, and the loads must not be evaluated against it.
    """
    count = float(years)
    plan = SimulationPlan(
        seed=1,
        share=min(count, 1.0) * float(share),
        first_year=2026 - max(1, round(count)),
        year_count=max(1, round(count)),
        extract_frequency="yearly" if count > 1 else "quarterly",
        has_dirty_deliveries=False,
    )
    summary = simulate(settings.home, plan)
    shutil.rmtree(settings.truth)
    return {"rows": summary.police_report_count + summary.authority_absence_count}


def land(settings: Settings) -> Said:
    """Land everything new; postcodes, as reference data, are landed before the timing starts."""
    land_postcodes(settings)
    known = _landed_rows(settings)
    began = time.perf_counter()
    land_everything(settings)
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "rows": _landed_rows(settings) - known}


def land_deliveries(settings: Settings) -> Said:
    """Land everything new in a home without postcodes, because reading these takes more memory."""
    land_everything(settings)
    return {"rows": _landed_rows(settings)}


def _landed_rows(settings: Settings) -> int:
    return sum(entry.landed_row_count for entry in read_ledger(settings))


def read_floor(settings: Settings) -> Said:
    """Measure the floor of landing: DuckDB reads the same files, unpacked, into a table."""
    with tempfile.TemporaryDirectory(dir=settings.home) as unpacked:
        unpack_every_zip(settings.inbox, Path(unpacked))
        engine = reading_engine()
        began = time.perf_counter()
        rows, unread = read_every_file(engine, settings.inbox, Path(unpacked))
        seconds = time.perf_counter() - began
    return {"seconds": seconds, "rows": rows, "unread_files": unread}


def start(settings: Settings) -> Said:
    """Do nothing: the cost is that of starting a stage."""
    del settings
    return {"rows": 0}


def land_floor(settings: Settings) -> Said:
    """Measure the floor of landing: PyArrow reads the same files and writes Parquet."""
    with tempfile.TemporaryDirectory(dir=settings.home) as scratch:
        unpacked, written = Path(scratch) / "unpacked", Path(scratch) / "written"
        written.mkdir()
        unpack_every_zip(settings.inbox, unpacked)
        rows, unread = rewrite_every_file(written, settings.inbox, unpacked)
    return {"rows": rows, "unread_files": unread}


def check(settings: Settings) -> Said:
    """Check the largest return of the inbox; the rules are compiled before the timing starts."""
    rules = load_return_rules(settings)
    place = _largest_return(settings)
    supplier, period = place.parts[-2:]
    began = time.perf_counter()
    checked = check_delivery(settings, place, RETURNS, supplier, period, datetime.now(UTC))
    lines = checked.build_feedback(rules.find_breaches(settings.seeds, checked))
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "rows": checked.received_row_count, "lines": len(lines)}


def check_floor(settings: Settings) -> Said:
    """Measure the floor of a check: DuckDB reads the same files, unpacked, into a table."""
    place = _largest_return(settings)
    with tempfile.TemporaryDirectory(dir=settings.home) as unpacked:
        unpack_every_zip(place, Path(unpacked))
        engine = reading_engine()
        began = time.perf_counter()
        rows, unread = read_every_file(engine, place, Path(unpacked))
        seconds = time.perf_counter() - began
    return {"seconds": seconds, "rows": rows, "unread_files": unread}


def _largest_return(settings: Settings) -> Path:
    """Return the largest return in a format that DuckDB reads (not XML)."""
    places = [
        place
        for place in (settings.inbox / RETURNS).glob("*/*")
        if not any(path.suffix.lower() == ".xml" for path in place.rglob("*"))
    ]
    return max(places, key=lambda place: sum(path.stat().st_size for path in place.rglob("*")))


def transform(settings: Settings) -> Said:
    """Build every seed and model into an empty warehouse with dbt, without tests."""
    shutil.rmtree(settings.warehouse)
    settings.warehouse.mkdir()
    return transform_month(settings)


def transform_month(settings: Settings) -> Said:
    """Build every model again on the existing warehouse, as a load with one more month does.

    Cached scores of pairs are used.
    """
    folder = settings.published / GENERATION
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    write_generation_id(folder)
    place_build_model(settings, None)
    target = settings.warehouse / "dbt"
    chosen = ["--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
    chosen += choose_threads(settings)
    # The debug log has the statements that ran before each model. `transform_floor` repeats these
    # statements.
    paths = ["--target-path", str(target), "--log-path", str(target), "--log-level-file", "debug"]
    run_dbt(settings, ["--quiet", "build", *chosen, *paths], folder)
    return {
        "rows": sum(entry.landed_row_count for entry in read_ledger(settings)),
        **_seconds_by_model(target),
    }


def _seconds_by_model(target: Path) -> Said:
    results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
    return {
        f"{MODEL}{result['unique_id'].split('.')[-1]}": result["execution_time"]
        for result in results
    }


def transform_floor(settings: Settings) -> Said:
    """Measure the floor of the transform: DuckDB runs the SQL that dbt compiled."""
    return run_compiled_sql(settings, settings.published / GENERATION)


def model_memory(settings: Settings) -> Said:
    """Return the peak memory of each SQL model while it is built, in bytes, by model."""
    built = settings.published / GENERATION
    costs = measure_models(settings, settings.warehouse / "dbt", built)
    return {cost.model: cost.peak_bytes for cost in costs}


def publish(settings: Settings) -> Said:
    """Publish the generation that the transform built."""
    from orchestration.dbt_manifest import list_primary_keys, load_manifest
    from register.publishing import publish as publish_generation

    keys = list_primary_keys(load_manifest(settings))
    publish_generation(settings, settings.published / GENERATION, primary_keys=keys)
    return {"rows": 0}


def measure_quality(settings: Settings) -> Said:
    """Validate the published marts and build the quality site."""
    from expectations import measure
    from interfaces.quality_site import build_site

    summary = measure(settings)
    build_site(settings)
    return {"rows": len(summary.results)}


def serve_as_parquet(settings: Settings) -> Said:
    """Serve the published generation as Parquet."""
    return time_parquet(settings, keys_of(settings))


def serve_into_postgres(settings: Settings) -> Said:
    """Serve the published generation into PostgreSQL, replacing a generation served before."""
    return time_postgres(settings, keys_of(settings))


STAGES: dict[str, Callable[..., Said]] = {
    "land_deliveries": land_deliveries,
    "simulate": simulate_nation,
    "land": land,
    "read_floor": read_floor,
    "land_floor": land_floor,
    "start": start,
    "check": check,
    "check_floor": check_floor,
    "transform": transform,
    "transform_month": transform_month,
    "transform_floor": transform_floor,
    "model_memory": model_memory,
    "publish": publish,
    "serve_parquet": serve_as_parquet,
    "parquet_floor": time_parquet_floor,
    "serve_postgres": serve_into_postgres,
    "postgres_floor": time_postgres_floor,
    "measure": measure_quality,
    "make_nation": make_nation,
    "link_ours": link_ours,
    "link_stock": link_stock,
}


def main(stage: str, home: str, *options: str) -> None:
    """Run one stage on a home and print its figures as one line of JSON."""
    settings = load_settings({**os.environ, "REGISTER_HOME": str(Path(home).resolve())})
    prepare_home(settings)
    sys.stdout.write(json.dumps(STAGES[stage](settings, *options)) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
