"""The steps from counted cells to a draft: protected files, documents, and a record of all inputs.

The same cells, rules and earlier versions always give the same bytes. dbt counts the cells
beforehand.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from official_statistics.data_files import Release, write_files
from official_statistics.data_sets import read_data_sets
from official_statistics.derived_figures import LinkageRates
from official_statistics.neighbours import write_neighbours
from official_statistics.papers import Basis, write_basis, write_papers
from official_statistics.protection import protect
from official_statistics.public_figures import ShownCounts, read_areas
from official_statistics.release_rules import LEVELS, Rules, get_rounding_unit
from official_statistics.releases import Version
from official_statistics.revisions import find_carried_years, write_revisions
from register.intervals import Interval
from register.queries import read_query

PROTECTED_CELLS = "statistics.protected_cells"
# Geographic levels of suppliers, for feeds whose suppliers are not local authorities. Besides
# England, a feed's counts of periods are applicable only at the level of its suppliers.
SUPPLIER_LEVELS = {"Police reports": "Police force area"}
# For each model, the columns that a version may take over from the version before.
CARRIED_OVER = {
    "fct_publication_base": "* exclude (revision_code)",
    "fct_publication_care": "geographic_level, area_code, reporting_year, looked_after_count",
    "fct_publication_links": "*",
}
TIES_FILE = "ties.yaml"
TRUE_COUNTS = read_query(__package__, "true_counts")
Progress = Callable[[str], None]


def write_draft(
    version: Version,
    basis: Basis,
    rules: Rules,
    public: Sequence[Version],
    progress: Progress,
) -> None:
    """Write the files, documents and record of a version whose cells have been counted.

    `public` are all versions that are or were public, oldest first.
    """
    cells = _read_cells(version, "fct_publication_cells")
    is_delivery = pc.equal(cells["counted_on"], "coverage")
    progress("protect counts")
    protected = protect(
        cells.filter(pc.invert(is_delivery)),
        read_data_sets(),
        rules,
        earlier=[_read_earlier_cells(earlier, version) for earlier in public],
        progress=progress,
        release=version.name,
    )
    deliveries = _show_deliveries(cells.filter(is_delivery))
    all_cells = pa.concat_tables([protected.cells, deliveries], promote_options="default")
    with duckdb.connect(str(version.cells_file)) as connection:
        connection.register("shown_cells", all_cells)
        connection.execute(
            f"create or replace table {PROTECTED_CELLS} as from shown_cells order by all"
        )
    progress("write files")
    release = read_release(version, rules)
    write_files(read_data_sets(), release, version.data)
    ties_file = version.public / TIES_FILE
    protected.write_ties(ties_file)
    write_neighbours(version.public, release.areas)
    write_revisions(version, public[-1] if public else None, basis.reason or basis.kind)
    audit = {**read_proofs(protected.audit, public), "files": _count_hidden(all_cells)}
    (version.internal / "audit.json").write_text(
        json.dumps(audit, indent=2, sort_keys=True, default=str) + "\n", encoding="utf-8"
    )
    ties_hash = hashlib.sha256(ties_file.read_bytes()).hexdigest()
    write_basis(version, replace(basis, hashes={**basis.hashes, "ties": ties_hash}))
    progress("write documents")
    write_papers(version, basis, rules, audit)


def export_base(version: Version) -> None:
    """Write the base table of a version to a file, for comparison with later revisions."""
    with duckdb.connect(str(version.cells_file), read_only=True) as connection:
        connection.sql(
            "select * exclude (revision_code) from statistics.fct_publication_base"
            " order by episode_id_register"
        ).write_parquet(str(version.base_file))


def export_for_carrying_over(version: Version, folder: Path) -> None:
    """Write the data that a later version may take over from this one, one file for each model."""
    with duckdb.connect(str(version.cells_file), read_only=True) as connection:
        for model, columns in CARRIED_OVER.items():
            connection.sql(f"select {columns} from statistics.{model} order by all").write_parquet(
                str(folder / f"{model}.parquet")
            )


def export_true_counts(version: Version, path: Path) -> None:
    """Write the true counts of a version as the CSV file that the attack reads."""
    with duckdb.connect(str(version.cells_file), read_only=True) as connection:
        connection.sql(TRUE_COUNTS.format(release=version.name)).write_csv(str(path))


def read_release(version: Version, rules: Rules) -> Release:
    """Return the input of a version's files: areas, shown counts and the clerical sample."""
    sample = _read_cells(version, "fct_publication_sample").to_pylist()
    sample_by_row = {row.pop("filter_values"): row for row in sample}
    places = _read_cells(version, "fct_publication_populations").to_pylist()
    return Release(
        areas=read_areas(_read_cells(version, "dim_publication_areas").to_pylist()),
        counts=ShownCounts(_read_cells(version, "protected_cells").to_pylist()),
        low_denominator=int(rules["low_reliability_denominator"]),
        sample=sample_by_row,
        rates=_read_linkage_rates(sample_by_row),
        populations={
            (row["reporting_year"], row["geographic_level"], row["area_code"]): row["child_count"]
            for row in places
        },
        rounding_units={level: get_rounding_unit(rules, level) for level in LEVELS},
        smallest_shown=int(rules["few_children_most"]) + 1,
    )


def _read_cells(version: Version, table: str, condition: str = "true") -> pa.Table:
    """Return rows of one table in a version's database of cells, in a fixed order."""
    with duckdb.connect(str(version.cells_file), read_only=True) as connection:
        query = f"select * from statistics.{table} where {condition} order by all"
        return connection.sql(query).to_arrow_table()


def _read_earlier_cells(earlier: Version, version: Version) -> pa.Table:
    """Return the protected cells of an earlier version.

    Marks say which years of authorities the new version takes over from it.
    """
    cells = _read_cells(earlier, "protected_cells", "counted_on != 'coverage'")
    carried = find_carried_years(earlier, version)
    columns = ("geographic_level", "area_code", "reporting_year")
    is_carried = [
        level == "Local authority" and (area, year) in carried
        for level, area, year in zip(*(cells[name].to_pylist() for name in columns), strict=True)
    ]
    names = pa.array([earlier.name] * cells.num_rows, pa.string())
    return cells.append_column("release", names).append_column("is_carried", pa.array(is_carried))


def read_proofs(audit: Mapping[str, Any], public: Sequence[Version]) -> dict[str, Any]:
    """Return the audit; years that an earlier version proved have that version's figures."""
    figures: dict[tuple[str, int], Mapping[str, Any]] = {}
    for version in public:
        proofs = json.loads((version.internal / "audit.json").read_text(encoding="utf-8"))
        figures |= {(version.name, proof["year"]): proof for proof in proofs["years"]}
    years = [
        {**figures.get((year.get("proved_in"), year["year"]), {}), **year}
        for year in audit["years"]
    ]
    return {**audit, "years": years}


def _count_hidden(cells: pa.Table) -> dict[str, dict[str, int]]:
    """Return the numbers of counts in each file: all, and hidden in each of the two steps."""
    files: dict[str, Counter[str]] = {}
    for row in cells.select(["dataset", "hidden_as"]).to_pylist():
        counts = files.setdefault(row["dataset"], Counter(cells=0, first=0, second=0))
        counts["cells"] += 1
        if row["hidden_as"]:
            counts[row["hidden_as"]] += 1
    return {name: dict(counts) for name, counts in files.items()}


def _show_deliveries(cells: pa.Table) -> pa.Table:
    """Return counts of deliveries as cells. All are shown, because they are not about children."""
    is_applicable = []
    for row in cells.to_pylist():
        feed = row["filter_values"].partition("=")[2]
        own_level = SUPPLIER_LEVELS.get(feed, "Local authority")
        is_applicable.append(feed == "Total" or row["geographic_level"] in ("National", own_level))
    applicable = pa.array(is_applicable, pa.bool_())
    values = cells["value"].cast(pa.int64())
    applicable_values = pc.if_else(applicable, values, pa.scalar(None, pa.int64()))
    symbol = pc.if_else(applicable, pa.scalar(None, pa.string()), "z")
    return cells.append_column("shown", applicable_values).append_column("symbol", symbol)


def _read_linkage_rates(
    sample: Mapping[str, Mapping[str, float | None]],
) -> LinkageRates | None:
    """Return precision and recall of the full sample, or None if either is missing."""
    full_sample = sample.get("breakdown_topic=Total;breakdown=Total", {})
    intervals = []
    for rate in ("precision", "recall"):
        values = [full_sample.get(f"{rate}{end}") for end in ("", "_lower", "_upper")]
        if not values[0] or any(value is None for value in values):
            return None
        intervals.append(Interval(*(float(value or 0.0) for value in values)))
    return LinkageRates(*intervals)
