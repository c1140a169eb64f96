"""The report of a path evaluation: Markdown tables, JSON, and the reliability diagram.

The report contains only counts and shares, never a key or a person's value. `path_evaluation`
computes the figures.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

from register.identity.evaluate.calibration import draw_reliability
from register.identity.evaluate.measures import Interval, Measure, Share
from register.identity.evaluate.path_evaluation import READ_PER_1000, PathEvaluation

REPORT, FIGURES = "report.md", "evaluation.json"
DIAGRAM, DIAGRAM_FIGURES = "reliability.svg", "reliability.json"
DROPPED = {
    "records_without_key": "records without a key",
    "names": "names that cleaning cannot use",
    "birth_dates": "dates of birth outside the plausible range",
    "postcodes": "postcodes that cleaning cannot use",
    "identifiers": "identifiers that cleaning cannot use",
    "care_rows_without_key": "care placements without a key",
    "truth_rows_without_key": "rows of the truth without a key",
    "truth_rows_of_no_mention": "rows of the truth of no mention",
    "mentions_without_truth": "mentions without truth (linked, not counted)",
}
SHARES = ("right", "wrong", "missed", "precision", "recall", "F1")


class ReportTable(NamedTuple):
    """One table of the report."""

    headings: tuple[str, ...]
    rows: list[tuple[str, ...]]
    title: str


def write_report(evaluation: PathEvaluation, folder: Path) -> list[Path]:
    """Write report.md, evaluation.json, reliability.svg and reliability.json; return the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / name for name in (REPORT, FIGURES, DIAGRAM, DIAGRAM_FIGURES)]
    report, figures, diagram, diagram_figures = paths
    report.write_text(format_markdown(evaluation), encoding="utf-8")
    figures.write_text(json.dumps(evaluation.as_dict(), indent=1) + "\n", encoding="utf-8")
    drawn = {kind: asdict(each) for kind, each in evaluation.calibration.items()}
    diagram_figures.write_text(json.dumps(drawn, indent=1) + "\n", encoding="utf-8")
    draw_reliability(evaluation.calibration, diagram)
    return paths


def format_markdown(evaluation: PathEvaluation) -> str:
    """Return the report of an evaluation as Markdown."""
    parts = [
        f"{evaluation.mention_count:,} mentions ({evaluation.labelled_count:,} of known children)"
        f" of {evaluation.child_count:,} children, model {evaluation.details['model_version']}."
        " Shares with 95 % intervals: Wilson's, and for F1 a bootstrap over records."
    ]
    for headings, rows, title in report_tables(evaluation):
        parts += [f"**{title}**", _format_table(headings, rows)]
    return "\n\n".join(parts) + "\n"


def report_tables(evaluation: PathEvaluation) -> list[ReportTable]:
    """Return the tables of the report in order, each with its title, headings and rows."""
    rate = evaluation.review_per_1000_children
    per_1000 = "" if rate is None else f": {rate:.1f} for every 1,000 children"
    stages = (
        ("pairs linked, before guards", evaluation.linked),
        ("pairs after closure, before guards", evaluation.closed),
        ("pairs within children", evaluation.in_children),
        ("whole clusters after closure, before guards", evaluation.closed_clusters),
        ("whole children", evaluation.clusters),
    )
    tables = [
        ReportTable(
            ("of", *SHARES),
            [(name, *_format_measure(measure)) for name, measure in stages],
            "Pairs and children",
        ),
        ReportTable(("figure", "count", "of", "share"), _list_counts(evaluation), "Counts"),
        ReportTable(
            ("kind", "pairs", "of", "share"),
            [(kind, *_format_share_row(each)) for kind, each in evaluation.merged_pairs.items()],
            "Pairs of children falsely merged, by kind",
        ),
        ReportTable(
            ("link method", "true", "links", "share true"),
            [
                (name, *_format_share_row(each))
                for name, each in evaluation.linked_by_method.items()
            ],
            "Links before guards, by method",
        ),
        ReportTable(
            ("listed because", "cap", "pairs", "true", "share true"),
            [
                (
                    each.reason_code,
                    each.capped_by or "-",
                    f"{each.pairs.of_count:,}",
                    f"{each.pairs.count:,}",
                    _format_share(each.pairs.share, each.pairs.interval),
                )
                for each in evaluation.review_by_reason
            ],
            f"Pairs on the review list{per_1000}",
        ),
        ReportTable(
            ("probability", "pairs", "mean probability", "share true"),
            [
                (
                    f"{each.lower:.1f}-{each.upper:.1f}",
                    f"{each.pair_count:,}",
                    _format_share(each.mean_probability, None),
                    _format_share(each.true_share, each.true_share_interval),
                )
                for each in evaluation.calibration["all pairs"].bins
            ],
            "Probability of a pair and share that is true",
        ),
        ReportTable(
            ("calibration error of", "pairs", "mean over pairs", "mean over bins"),
            [
                (
                    kind,
                    f"{each.pair_count:,}",
                    _format_share(each.mean_absolute_error, None),
                    _format_share(each.mean_absolute_error_of_bins, None),
                )
                for kind, each in evaluation.calibration.items()
            ],
            "Calibration error, mean absolute, ten bins",
        ),
    ]
    dropped = asdict(evaluation.dropped)
    tables.append(
        ReportTable(
            ("not used", "count"),
            [(words, f"{dropped[name]:,}") for name, words in DROPPED.items()],
            "Rows and values that were not used",
        )
    )
    if evaluation.groups:
        groups = sorted(evaluation.groups, key=lambda each: (each.grouping, each.group))
        rows = [
            (each.grouping, each.group, f"{each.child_count:,}", each.stage,
             *_format_measure(each.measure))
            for each in groups
        ]  # fmt: skip
        headings = ("grouping", "group", "children", "pairs", *SHARES)
        tables.append(ReportTable(headings, rows, "By group"))
    return tables


def _list_counts(evaluation: PathEvaluation) -> list[tuple[str, ...]]:
    """Return the report's rows about false merges, kin, the review list and missed pairs."""
    merges = evaluation.false_merges
    joined = evaluation.kin_joined.items()
    rows = [
        ("true pairs scored at the review threshold or above", evaluation.scored),
        ("children made of two or more true ones (false merges)", merges),
        *((f"pairs of children joined: {kind}", each) for kind, each in joined),
        ("pairs on the review list that are true", evaluation.review),
        ("true pairs neither linked nor listed", evaluation.missed),
        ("pairs of children on the review list that are one child", evaluation.questions),
        (f"the same, of the first {READ_PER_1000} per 1,000 children", evaluation.first_questions),
        ("true pairs whose two children the list does not ask about", evaluation.unasked),
        ("true pairs left once those first are decided", evaluation.unanswered),
    ]
    return [
        *((name, *_format_share_row(each)) for name, each in rows),
        ("false merges per 10,000 children", *_format_per_10000(merges)),
    ]


def _format_measure(measure: Measure) -> tuple[str, ...]:
    counts = (measure.true_count, measure.false_count, measure.missed_count)
    return (
        *(f"{count:,}" for count in counts),
        _format_share(measure.precision, measure.precision_interval),
        _format_share(measure.recall, measure.recall_interval),
        _format_share(measure.f1, measure.f1_interval),
    )


def _format_share_row(each: Share) -> tuple[str, ...]:
    return f"{each.count:,}", f"{each.of_count:,}", _format_share(each.share, each.interval)


def _format_per_10000(merges: Share) -> tuple[str, ...]:
    if merges.share is None or merges.interval is None:
        return "-", "-", "-"
    rates = (10_000 * rate for rate in (merges.share, *merges.interval))
    rate, lower, upper = (f"{each:.1f}" for each in rates)
    return rate, "10,000", f"{lower}-{upper}"


def _format_share(value: float | None, interval: Interval | None) -> str:
    if value is None:
        return "-"
    return f"{value:.4f}" + (f" ({interval.lower:.4f}-{interval.upper:.4f})" if interval else "")


def _format_table(headings: Iterable[str], rows: Iterable[tuple[str, ...]]) -> str:
    listed = list(headings)
    lines = [listed, ["---"] * len(listed), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
