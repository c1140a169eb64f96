"""A draft of a release: from counted cells to protected files and the record of what made them.

Counting is dbt's and has ended; protection, files and documents are parts of their own. The same
cells, rules and versions before give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute

from official_statistics.data_files import Release, write_files
from official_statistics.data_sets import read_data_sets
from official_statistics.derived import LinkageRates
from official_statistics.formulas import Interval
from official_statistics.papers import Basis, write_basis, write_papers
from official_statistics.protection import protect
from official_statistics.release_rules import Rules
from official_statistics.releases import Version
from official_statistics.revisions import carried_years, write_revisions
from official_statistics.shown import ShownCounts, read_areas
from register.queries import read_query

CELLS = "cells.duckdb"
BASE = "base.parquet"
PROTECTED = "statistics.protected_cells"
# A supplier's feed of the level; on other levels its periods are not applicable.
FEED_LEVELS = {"Police reports": "Police force area"}
# What a version may carry over from the one before: of which models, which columns.
CARRIED = {
    "fct_publication_base": "* exclude (revision_code)",
    "fct_publication_care": "geographic_level, area_code, reporting_year, looked_after_count",
    "fct_publication_links": "*",
}
TIES = "ties.yaml"
TRUE_COUNTS = read_query(__package__, "true_counts")
Progress = Callable[[str], None]


def write_draft(
    version: Version,
    basis: Basis,
    rules: Rules,
    public: Sequence[Version],
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Write files and record of a version whose cells are counted; return the audit's figures.

    `public` are the versions that the public has, oldest first.
    """
    say = progress or (lambda _: None)
    data_sets = read_data_sets()
    cells = _read(version, "select * from statistics.fct_publication_cells order by all")
    say("protect counts")
    protected = protect(
        cells.filter(pa.compute.not_equal(cells["counted_on"], "coverage")),
        data_sets,
        rules,
        earlier=[_earlier(one, version) for one in public],
        progress=progress,
        release=version.name,
    )
    shown = pa.concat_tables([protected.cells, _whole(cells)], promote_options="default")
    _keep(version, shown)
    say("write files")
    write_files(data_sets, release_of(version, rules), version.data)
    protected.write_ties(version.public / TIES)
    write_revisions(version, public[-1] if public else None, basis.reason or basis.kind)
    audit = {**protected.audit, "files": _hidden(shown)}
    (version.internal / "audit.json").write_text(
        json.dumps(audit, indent=2, sort_keys=True, default=str) + "\n", encoding="utf-8"
    )
    ties_hash = hashlib.sha256((version.public / TIES).read_bytes()).hexdigest()
    write_basis(version, replace(basis, hashes={**basis.hashes, "ties": ties_hash}))
    say("write documents")
    write_papers(version, basis, rules, audit)
    return audit


def export_base(version: Version) -> Path:
    """Write the base of a version, by which its revisions are judged; return its path."""
    path = version.internal / BASE
    with duckdb.connect(str(version.internal / CELLS), read_only=True) as connection:
        connection.sql(
            "select * exclude (revision_code) from statistics.fct_publication_base"
            " order by episode_id_register"
        ).write_parquet(str(path))
    return path


def export_earlier(version: Version, folder: Path) -> None:
    """Write into `folder` what a later version may carry over from this one, a file a model."""
    with duckdb.connect(str(version.internal / CELLS), read_only=True) as connection:
        for model, columns in CARRIED.items():
            connection.sql(f"select {columns} from statistics.{model} order by all").write_parquet(
                str(folder / f"{model}.parquet")
            )


def release_of(version: Version, rules: Rules) -> Release:
    """Return what the files of a version are made of, from its kept cells."""
    shown = _read(version, f"select * from {PROTECTED} order by all")
    areas = _read(version, "select * from statistics.dim_publication_areas order by all")
    sample = _read(version, "select * from statistics.fct_publication_sample order by all")
    by_row = {row.pop("filter_values"): row for row in sample.to_pylist()}
    return Release(
        areas=read_areas(areas),
        counts=ShownCounts(shown.to_pylist()),
        low_denominator=int(rules["low_reliability_denominator"]),
        sample=by_row,
        rates=_rates(by_row),
    )


def _read(version: Version, query: str) -> pa.Table:
    with duckdb.connect(str(version.internal / CELLS), read_only=True) as connection:
        return connection.sql(query).to_arrow_table()


def _earlier(earlier: Version, version: Version) -> pa.Table:
    """The protected cells of a version before, with those of carried years marked."""
    cells = _read(earlier, f"select * from {PROTECTED} where counted_on != 'coverage' order by all")
    carried = carried_years(earlier, version)
    marks = [
        level == "Local authority" and (area, year) in carried
        for level, area, year in zip(
            cells["geographic_level"].to_pylist(),
            cells["area_code"].to_pylist(),
            cells["reporting_year"].to_pylist(),
            strict=True,
        )
    ]
    names = pa.array([earlier.name] * cells.num_rows, pa.string())
    return cells.append_column("release", names).append_column("is_carried", pa.array(marks))


def _hidden(shown: pa.Table) -> dict[str, dict[str, int]]:
    """Of each file, how many counts there are, and how many are hidden first and second."""
    found: dict[str, dict[str, int]] = {}
    for row in shown.to_pylist():
        counts = found.setdefault(row["dataset"], {"cells": 0, "first": 0, "second": 0})
        counts["cells"] += 1
        if row["hidden_as"]:
            counts[row["hidden_as"]] += 1
    return found


def _whole(cells: pa.Table) -> pa.Table:
    """Counts of deliveries, which are about bodies and so shown as they are."""
    of_bodies = cells.filter(pa.compute.equal(cells["counted_on"], "coverage"))
    shown, symbols = [], []
    for row in of_bodies.to_pylist():
        feed = row["filter_values"].partition("=")[2]
        level = row["geographic_level"]
        is_of_level = (
            feed == "Total"
            or level == "National"
            or (FEED_LEVELS.get(feed, "Local authority") == level)
        )
        shown.append(row["value"] if is_of_level else None)
        symbols.append(None if is_of_level else "z")
    return of_bodies.append_column("shown", pa.array(shown, pa.int64())).append_column(
        "symbol", pa.array(symbols, pa.string())
    )


def _keep(version: Version, shown: pa.Table) -> None:
    """Keep protected cells beside the true ones, for later releases and for tracing."""
    with duckdb.connect(str(version.internal / CELLS)) as connection:
        connection.register("shown_cells", shown)
        connection.execute(f"create or replace table {PROTECTED} as from shown_cells order by all")


def _rates(sample: Mapping[str, Mapping[str, float | None]]) -> LinkageRates | None:
    """Precision and recall of the whole sample; none where it does not give both."""
    whole = sample.get("breakdown_topic=Total;breakdown=Total", {})
    found = []
    for rate in ("precision", "recall"):
        ends = [whole.get(f"{rate}{end}") for end in ("", "_lower", "_upper")]
        if any(end is None for end in ends) or not ends[0]:
            return None
        found.append(Interval(*(float(end or 0.0) for end in ends)))
    return LinkageRates(*found)


def write_true_counts(version: Version, path: Path) -> Path:
    """Write the true counts of a version for the attack, in the columns that it reads."""
    with duckdb.connect(str(version.internal / CELLS), read_only=True) as connection:
        connection.sql(TRUE_COUNTS.format(release=version.name)).write_csv(str(path))
    return path
