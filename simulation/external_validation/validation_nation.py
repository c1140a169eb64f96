"""A validation nation as tables: collected mentions, periods of care and the truth."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa

from simulation.external_validation.families import Population
from simulation.external_validation.naming import Names
from simulation.external_validation.parameters import Parameters, draw_parameters
from simulation.external_validation.places import Places
from simulation.external_validation.planted import add_planted_children, planted_counts
from simulation.external_validation.records import Clerks
from simulation.labelled_tables import LabelledTables, build_tables, write_tables

LEAST_CHILDREN = 200


@dataclass(frozen=True)
class ValidationNation:
    """The tables of a nation, and the drawn parameters."""

    tables: LabelledTables
    parameters: Parameters

    @property
    def collected(self) -> pa.Table:
        """The collected mentions."""
        return self.tables.collected

    @property
    def care(self) -> pa.Table:
        """The periods of care."""
        return self.tables.care

    @property
    def truth(self) -> pa.Table:
        """The true child of each mention."""
        return self.tables.truth

    def summary(self) -> dict[str, Any]:
        """Return counts and parameters, without any data about a person."""
        truth = self.truth
        children = truth.group_by(["child_key", "group_code", "planted_class"]).aggregate([])
        per_child = Counter(truth["child_key"].to_pylist())
        return {
            "child_count": children.num_rows,
            "mention_count": truth.num_rows,
            "true_pair_count": sum(count * (count - 1) // 2 for count in per_child.values()),
            "children_by_group": dict(sorted(Counter(children["group_code"].to_pylist()).items())),
            "planted": dict(
                sorted(Counter(filter(None, children["planted_class"].to_pylist())).items())
            ),
            "parameters": asdict(self.parameters) | {"as_of": self.parameters.as_of.isoformat()},
        }


def people_of_seed(children: int, seed: int) -> tuple[Population, Clerks]:
    """Return the true children of a nation, and the clerks who will write their records.

    Raises `ValueError` if `children` is below `LEAST_CHILDREN`, the minimum for having all classes
    of planted cases.
    """
    if children < LEAST_CHILDREN:
        raise ValueError(f"a validation nation needs at least {LEAST_CHILDREN} children")
    parameters = draw_parameters(seed, children)
    streams = {
        name: Random(f"{seed}:{name}")
        for name in ("places", "names", "families", "planted", "clerks")
    }
    places = Places(streams["places"], parameters.authority_count, parameters.force_count, children)
    names = Names(streams["names"])
    population = Population(streams["families"], parameters, places, names)
    counts = planted_counts(parameters, children)
    added = sum(count for planted, count in counts.items() if planted != "sibling_alias")
    population.create_children(children - added)
    add_planted_children(streams["planted"], population, counts)
    return population, Clerks(streams["clerks"], parameters, places, names)


def make_validation_nation(children: int, seed: int) -> ValidationNation:
    """Return a nation with this many children, or a few more to complete the last family.

    The same seed and count give the same tables. Raises `ValueError` for too few children, as
    `people_of_seed` does.
    """
    population, clerks = people_of_seed(children, seed)
    clerks.write(population.children)
    return ValidationNation(
        build_tables(clerks.mentions, clerks.care, clerks.truth),
        population.parameters,
    )


def write_validation_nation(nation: ValidationNation, folder: Path) -> None:
    """Write collected.parquet, care.parquet, truth.parquet and nation.json into a folder."""
    write_tables(nation.tables, folder)
    text = json.dumps(nation.summary(), indent=1) + "\n"
    (folder / "nation.json").write_text(text, encoding="utf-8")
