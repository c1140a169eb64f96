"""A validation nation as tables: collected mentions, periods of care and the truth."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from simulation.external_validation.families import Population
from simulation.external_validation.naming import Names
from simulation.external_validation.parameters import Parameters, draw_parameters
from simulation.external_validation.places import Places
from simulation.external_validation.planted import add_planted_children, planted_counts
from simulation.external_validation.records import Clerks

LEAST_CHILDREN = 200
DAY, TEXTS = pa.date32(), pa.list_(pa.string())
# The columns of `int_mentions`, with values as recorded (not yet cleaned).
COLLECTED_SCHEMA = pa.schema(
    [
        ("mention_key", pa.string()),
        ("source", pa.string()),
        ("issuer_code", pa.string()),
        ("first_received_at", pa.timestamp("us")),
        ("first_period_start", DAY),
        ("primary_name", pa.string()),
        ("names", TEXTS),
        ("sex_code", pa.string()),
        ("birth_dates", pa.list_(DAY)),
        ("birth_date_earliest", DAY),
        ("birth_date_latest", DAY),
        ("postcodes", TEXTS),
        ("identifiers", TEXTS),
        ("care_first_start_date", DAY),
        ("adoption_date", DAY),
    ]
)
CARE_SCHEMA = pa.schema(
    [
        ("mention_key", pa.string()),
        ("place", pa.string()),
        ("care_start_date", DAY),
        ("care_end_date", DAY),
        ("placement_type_code", pa.string()),
    ]
)
TRUTH_SCHEMA = pa.schema(
    [
        ("mention_key", pa.string()),
        ("child_key", pa.string()),
        ("family_key", pa.string()),
        ("origin_code", pa.string()),
        ("group_code", pa.string()),
        ("is_unaccompanied", pa.bool_()),
        ("is_looked_after", pa.bool_()),
        ("is_placed_with_parents", pa.bool_()),
        ("twin_child_key", pa.string()),
        ("adoption_pair_child_key", pa.string()),
        ("is_planted_stranger", pa.bool_()),
        ("planted_class", pa.string()),
    ]
)


@dataclass(frozen=True)
class ValidationNation:
    """Collected mentions, care periods, each mention's true child, and the drawn parameters."""

    collected: pa.Table
    care: pa.Table
    truth: pa.Table
    parameters: Parameters

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
        pa.Table.from_pylist(clerks.mentions, COLLECTED_SCHEMA).sort_by("mention_key"),
        pa.Table.from_pylist(clerks.care, CARE_SCHEMA).sort_by("mention_key"),
        pa.Table.from_pylist(clerks.truth, TRUTH_SCHEMA).sort_by("mention_key"),
        population.parameters,
    )


def write_validation_nation(nation: ValidationNation, folder: Path) -> None:
    """Write collected.parquet, care.parquet, truth.parquet and nation.json into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("collected", "care", "truth"):
        pq.write_table(getattr(nation, name), folder / f"{name}.parquet")
    text = json.dumps(nation.summary(), indent=1) + "\n"
    (folder / "nation.json").write_text(text, encoding="utf-8")
