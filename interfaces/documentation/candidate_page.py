"""The report of a candidate model as one page: criteria, what would change, and weights drawn.

It is made of the report alone (`linkage_training.Candidate.as_dict`): counts, codes and
probabilities, never a value of a record. What is measured belongs to `register.identity.evaluate`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from interfaces.documentation.page_templates import render_page

SHOWN_LEVELS = 24
# Of the picture, in pixels; weights beyond the axis are drawn at its end, and written as they are.
WIDTH, LEFT, BAND, TOP = 920, 330, 24, 34
LEAST_BITS, MOST_BITS, STEP = -12, 20, 4
FIGURES = {
    "links": "Links",
    "children": "Children found",
    "expected_false_links": "Expected false links, by its own probabilities",
    "expected_true_links": "Expected true links, by its own probabilities",
    "unsure_links": "Links less likely than 0.9",
    "guarded_links": "Links that a guard forbids",
    "cannot_link_pairs": "Pairs that guards forbid",
    "review_pairs": "Pairs on the review list",
}


@dataclass(frozen=True)
class Level:
    """A level of a comparison: weights (bits) in use and of the candidate, and where drawn."""

    name: str
    before: float
    after: float
    match_count: float
    is_fixed: bool
    y: float
    before_x: float
    after_x: float

    @property
    def difference(self) -> float:
        """How many bits more the level weighs in the candidate."""
        return self.after - self.before


def candidate_page(report: Mapping[str, Any]) -> str:
    """The page of a candidate's report as HTML, whole in one file."""
    compared = report["comparison"]
    levels = _levels(report)
    drawn = [each for each in levels if not each.is_fixed][:SHOWN_LEVELS]
    return render_page(
        "candidate.html",
        title=f"Linkage model {report['version']}",
        report=report,
        training=report["training"],
        compared=compared,
        figures=[
            (words, *(_counted(compared[side][name]) for side in ("in_use", "other")))
            for name, words in FIGURES.items()
        ],
        bands=[
            (old, new, count)
            for old, counts in compared["bands"].items()
            for new, count in counts.items()
        ],
        levels=levels,
        drawn=[replace(each, y=TOP + BAND * (place + 0.5)) for place, each in enumerate(drawn)],
        ticks=[(bits, _x(bits)) for bits in range(LEAST_BITS, MOST_BITS + 1, STEP)],
        width=WIDTH,
        height=TOP + BAND * len(drawn) + 10,
        left=LEFT,
        top=TOP,
    )


def _levels(report: Mapping[str, Any]) -> list[Level]:
    """Every level, those first whose weights differ most for an average match."""
    matches = {
        (each["comparison"], each["level"]): float(each["match_count"])
        for each in report["training"]["levels"]
    }
    known: dict[str, float] = {}
    for (comparison, _), count in matches.items():
        known[comparison] = known.get(comparison, 0.0) + count
    ranked = []
    for each in report["comparison"]["levels"]:
        count = matches.get((each["comparison"], each["level"]), 0.0)
        before, after = float(each["given_weight"]), float(each["weight"])
        name = f"{each['comparison']}: {each['level']}".replace("_", " ")
        moved = abs(after - before) * count / max(known.get(each["comparison"], 0.0), 1.0)
        level = Level(name, before, after, count, bool(each["is_fixed"]), 0, _x(before), _x(after))
        ranked.append((-moved, name, level))
    return [level for *_, level in sorted(ranked, key=lambda row: row[:2])]


def _counted(value: float) -> str:
    """A count as it is, a sum of probabilities to two decimals."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"


def _x(bits: float) -> float:
    shown = min(max(bits, LEAST_BITS), MOST_BITS)
    return LEFT + (WIDTH - LEFT - 20) * (shown - LEAST_BITS) / (MOST_BITS - LEAST_BITS)
