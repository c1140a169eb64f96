"""A clerical sample of a simulated home, judged by the simulation's truth instead of a reviewer.

It imitates a real home with a careful reviewer. The sample is drawn as `register identity
clerical-sample` draws it, and the judgements are saved like a person's. The next load then
estimates error rates from the judgements, and uses nothing else from the truth.
"""

from __future__ import annotations

import csv

import duckdb

from register.publishing import current_generation
from register.review import CaseLists, draw_sample, record_judgement
from register.settings import Settings

REVIEWER = "simulated reviewer"


def judge_sample(settings: Settings, size: int, seed: int = 1) -> int:
    """Draw a sample of the current generation, judge it, and return the number of judged pairs.

    Raises `ValueError` if the home is no simulation or has no generation. Pairs are left out if one
    of the mentions belongs to no simulated child.
    """
    generation = current_generation(settings)
    if not settings.is_simulation or generation is None:
        raise ValueError("judging needs a simulated home that is loaded")
    with CaseLists(generation, settings.seeds) as case_lists:
        sample = draw_sample(settings, case_lists, size, seed)
    children = _true_children(settings)
    with (settings.decisions / "clerical_sample.csv").open(encoding="utf-8", newline="") as lines:
        drawn = [row for row in csv.DictReader(lines) if row["sample_id"] == sample.sample_id]
    judged = 0
    for row in drawn:
        left, right = row["left_mention_key"], row["right_mention_key"]
        if left in children and right in children:
            same = children[left] == children[right]
            record_judgement(
                settings,
                (left, right),
                "same" if same else "different",
                by=REVIEWER,
                is_blind=True,
                purpose="sample",
            )
            judged += 1
    return judged


def _true_children(settings: Settings) -> dict[str, int]:
    warehouse = str(settings.warehouse / "warehouse.duckdb")
    with duckdb.connect(warehouse, read_only=True) as connection:
        rows = connection.execute(
            "select mention_key, person_id_truth from intermediate.int_true_mentions"
        ).fetchall()
    return dict(rows)
