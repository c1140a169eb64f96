"""The report on a candidate linkage model as one page: criteria, expected changes and weights.

The page shows only the report (`linkage_training.Candidate.as_dict`): counts, codes and
probabilities, never a value of a record. Measurements belong in `register.identity.evaluate`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from interfaces.documentation.page_templates import render_page

SHOWN_LEVELS = 24
# Sizes of the picture in pixels, and the limits of its axis in bits. A weight beyond a limit is
# drawn at the limit.
WIDTH, LEFT, BAND, TOP = 920, 330, 24, 34
MIN_BITS, MAX_BITS, STEP = -12, 20, 4
FIGURES = {
    "links": "Links",
    "children": "Children found",
    "false_links_by_in_use": "Expected false links, by the model in use",
    "true_links_by_in_use": "Expected true links, by the model in use",
    # Reports of version 1.0.0 have these instead.
    "expected_false_links": "Expected false links, by the model's own probabilities",
    "expected_true_links": "Expected true links, by the model's own probabilities",
    "unsure_links": "Links less likely than 0.9",
    "guarded_links": "Links that a guard forbids",
    "cannot_link_pairs": "Pairs that guards forbid",
    "review_pairs": "Pairs on the review list",
}


@dataclass(frozen=True)
class Level:
    """A level of a comparison: its weights (bits) in the model in use and in the candidate."""

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
        """The level's weight in the candidate minus its weight in the model in use, in bits."""
        return self.after - self.before


def build_candidate_page(report: Mapping[str, Any]) -> str:
    """Build the page of a candidate's report as HTML in one file."""
    compared = report["comparison"]
    levels = _rank_levels(report)
    drawn = [each for each in levels if not each.is_fixed][:SHOWN_LEVELS]
    return render_page(
        "candidate.html",
        title=f"Linkage model {report['version']}",
        report=report,
        training=report["training"],
        compared=compared,
        figures=[
            (words, *(_format_count(compared[side][name]) for side in ("in_use", "other")))
            for name, words in FIGURES.items()
            if name in compared["in_use"]
        ],
        bands=[
            (old, new, count)
            for old, counts in compared["bands"].items()
            for new, count in counts.items()
        ],
        levels=levels,
        drawn=[replace(each, y=TOP + BAND * (place + 0.5)) for place, each in enumerate(drawn)],
        ticks=[(bits, _find_x(bits)) for bits in range(MIN_BITS, MAX_BITS + 1, STEP)],
        width=WIDTH,
        height=TOP + BAND * len(drawn) + 10,
        left=LEFT,
        top=TOP,
    )


def _rank_levels(report: Mapping[str, Any]) -> list[Level]:
    """Rank the levels by how much their changed weights affect an average match."""
    matches = {
        (each["comparison"], each["level"]): float(each["match_count"])
        for each in report["training"]["levels"]
    }
    totals: dict[str, float] = {}
    for (comparison, _), count in matches.items():
        totals[comparison] = totals.get(comparison, 0.0) + count
    ranked = []
    for each in report["comparison"]["levels"]:
        count = matches.get((each["comparison"], each["level"]), 0.0)
        before, after = float(each["given_weight"]), float(each["weight"])
        name = f"{each['comparison']}: {each['level']}".replace("_", " ")
        weighted_change = (
            abs(after - before) * count / max(totals.get(each["comparison"], 0.0), 1.0)
        )
        level = Level(
            name, before, after, count, bool(each["is_fixed"]), 0, _find_x(before), _find_x(after)
        )
        ranked.append((-weighted_change, name, level))
    return [level for *_, level in sorted(ranked, key=lambda row: row[:2])]


def _format_count(value: float) -> str:
    """Format a count, or a sum of probabilities with two decimals."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"


def _find_x(bits: float) -> float:
    bounded_bits = min(max(bits, MIN_BITS), MAX_BITS)
    return LEFT + (WIDTH - LEFT - 20) * (bounded_bits - MIN_BITS) / (MAX_BITS - MIN_BITS)
