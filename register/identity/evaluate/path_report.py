"""The report of a path evaluation: Markdown tables, JSON, and the reliability diagram.

Counts and shares only, never a key or a value of a person. What is measured is decided in
`path_evaluation`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

from register.identity.evaluate.calibration import draw_reliability
from register.identity.evaluate.measures import Interval, Measure
from register.identity.evaluate.path_evaluation import READ_PER_1000, PathEvaluation, Share

REPORT, FIGURES = "report.md", "evaluation.json"
DIAGRAM, DIAGRAM_FIGURES = "reliability.svg", "reliability.json"
SHARES = ("right", "wrong", "missed", "precision", "recall", "F1")


class ReportTable(NamedTuple):
    """A table of the report."""

    headings: tuple[str, ...]
    rows: list[tuple[str, ...]]
    title: str


def write_report(found: PathEvaluation, folder: Path) -> list[Path]:
    """Write report.md, evaluation.json, reliability.svg and reliability.json; return the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / name for name in (REPORT, FIGURES, DIAGRAM, DIAGRAM_FIGURES)]
    report, figures, diagram, diagram_figures = paths
    report.write_text(markdown(found), encoding="utf-8")
    figures.write_text(json.dumps(found.as_dict(), indent=1) + "\n", encoding="utf-8")
    drawn = {kind: asdict(each) for kind, each in found.calibration.items()}
    diagram_figures.write_text(json.dumps(drawn, indent=1) + "\n", encoding="utf-8")
    draw_reliability(found.calibration, diagram)
    return paths


def markdown(found: PathEvaluation) -> str:
    """Return the report as Markdown."""
    parts = [
        f"{found.mention_count:,} mentions ({found.labelled_count:,} of known children) of"
        f" {found.child_count:,} children, model {found.details['model_version']}. Shares with 95 %"
        " intervals: Wilson's, and for F1 a bootstrap over records."
    ]
    for headings, rows, title in report_tables(found):
        parts += [f"**{title}**", _table(headings, rows)]
    return "\n\n".join(parts) + "\n"


def report_tables(found: PathEvaluation) -> list[ReportTable]:
    """Return the tables of the report in order: headings, rows and title of each."""
    listed = found.review_per_1000_children
    per_1000 = "" if listed is None else f": {listed:.1f} for every 1,000 children"
    tables = [
        ReportTable(("of", *SHARES), stage_rows(found), "Pairs and children"),
        ReportTable(("figure", "count", "of", "share"), count_rows(found), "Counts"),
        ReportTable(
            ("link method", "true", "links", "share true"),
            [(name, *_counted(each)) for name, each in found.linked_by_method.items()],
            "Links before guards, by method",
        ),
        ReportTable(
            ("listed because", "cap", "pairs", "true", "share true"),
            review_rows(found),
            f"Pairs on the review list{per_1000}",
        ),
        ReportTable(
            ("probability", "pairs", "mean probability", "share true"),
            reliability_rows(found),
            "Probability of a pair and share that is true",
        ),
        ReportTable(
            ("calibration error of", "pairs", "mean over pairs", "mean over bins"),
            calibration_rows(found),
            "Calibration error, mean absolute, ten bins",
        ),
    ]
    if found.groups:
        headings = ("grouping", "group", "children", "pairs", *SHARES)
        tables.append(ReportTable(headings, group_rows(found), "By group"))
    return tables


def stage_rows(found: PathEvaluation) -> list[tuple[str, ...]]:
    """Rows of pairs and clusters, before and after guards."""
    stages = (
        ("pairs linked, before guards", found.linked),
        ("pairs after closure, before guards", found.closed),
        ("pairs within children", found.in_children),
        ("whole clusters after closure, before guards", found.closed_clusters),
        ("whole children", found.clusters),
    )
    return [(name, *_measured(measure)) for name, measure in stages]


def count_rows(found: PathEvaluation) -> list[tuple[str, ...]]:
    """Rows of counts among others: false merges, kin, the review list and what is missed."""
    merges = found.false_merges
    rows = [
        ("true pairs scored at the review threshold or above", found.scored),
        ("children made of two or more true ones (false merges)", merges),
        *((f"pairs of children joined: {kind}", each) for kind, each in found.kin_joined.items()),
        ("pairs on the review list that are true", found.review),
        ("true pairs neither linked nor listed", found.missed),
        ("pairs of children on the review list that are one child", found.questions),
        (f"the same, of the first {READ_PER_1000} per 1,000 children", found.first_questions),
        ("true pairs whose two children the list does not ask about", found.unasked),
        ("true pairs left once those first are decided", found.unanswered),
    ]
    shown = [(name, *_counted(each)) for name, each in rows]
    return [*shown, ("false merges per 10,000 children", *_per_10000(merges))]


def review_rows(found: PathEvaluation) -> list[tuple[str, ...]]:
    """Rows of the review list by reason and cap."""
    return [
        (
            each.reason_code,
            each.capped_by or "-",
            f"{each.pairs.of_count:,}",
            f"{each.pairs.count:,}",
            _shown(each.pairs.share, each.pairs.interval),
        )
        for each in found.review_by_reason
    ]


def reliability_rows(found: PathEvaluation) -> list[tuple[str, ...]]:
    """Rows of the ten bins of all pairs."""
    return [
        (
            f"{each.lower:.1f}-{each.upper:.1f}",
            f"{each.pair_count:,}",
            _shown(each.mean_probability, None),
            _shown(each.true_share, each.true_share_interval),
        )
        for each in found.calibration["all pairs"].bins
    ]


def calibration_rows(found: PathEvaluation) -> list[tuple[str, ...]]:
    """Rows of the calibration error of each kind of pair."""
    return [
        (
            kind,
            f"{each.pair_count:,}",
            _shown(each.mean_absolute_error, None),
            _shown(each.mean_absolute_error_of_bins, None),
        )
        for kind, each in found.calibration.items()
    ]


def group_rows(found: PathEvaluation) -> list[tuple[str, ...]]:
    """Rows of groups, before guards and in children, the two stages of a group together."""
    ordered = sorted(found.groups, key=lambda each: (each.grouping, each.group))
    return [
        (each.grouping, each.group, f"{each.child_count:,}", each.stage, *_measured(each.measure))
        for each in ordered
    ]


def _measured(measure: Measure) -> tuple[str, ...]:
    counts = (measure.true_count, measure.false_count, measure.missed_count)
    return (
        *(f"{count:,}" for count in counts),
        _shown(measure.precision, measure.precision_interval),
        _shown(measure.recall, measure.recall_interval),
        _shown(measure.f1, measure.f1_interval),
    )


def _counted(each: Share) -> tuple[str, ...]:
    return f"{each.count:,}", f"{each.of_count:,}", _shown(each.share, each.interval)


def _per_10000(merges: Share) -> tuple[str, ...]:
    if merges.share is None or merges.interval is None:
        return "-", "-", "-"
    rates = (10_000 * rate for rate in (merges.share, *merges.interval))
    rate, lower, upper = (f"{each:.1f}" for each in rates)
    return rate, "10,000", f"{lower}-{upper}"


def _shown(value: float | None, interval: Interval | None) -> str:
    if value is None:
        return "-"
    return f"{value:.4f}" + (f" ({interval.lower:.4f}-{interval.upper:.4f})" if interval else "")


def _table(headings: Iterable[str], rows: Iterable[tuple[str, ...]]) -> str:
    listed = list(headings)
    lines = [listed, ["---"] * len(listed), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
