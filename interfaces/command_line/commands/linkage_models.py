"""`register identity train`, `models`, `pin`, `unpin` and `card`: models that link records."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interfaces.command_line import console
from interfaces.command_line.lazy_modules import clean, linkage_models, score
from interfaces.command_line.recorded_output import By
from interfaces.command_line.step_progress import open_step_progress
from register.choices import PSEUDO_COUNT
from register.settings import Settings, load_settings

if TYPE_CHECKING:
    from orchestration.linkage_training import Candidate

FILE = {"exists": True, "dir_okay": False, "metavar": "FILE"}
TAKES_EFFECT = "The next `register load` links by it, and may need --accept-churn."
SHOWN_LEVELS = 12
FIGURES = (
    "links",
    "children",
    "false_links_by_in_use",
    "true_links_by_in_use",
    "unsure_links",
    "guarded_links",
    "review_pairs",
)


def train(  # noqa: PLR0913, PLR0917 - every parameter is an option of the command
    mentions: Annotated[
        Path | None,
        typer.Option(
            help="Mentions (Parquet or CSV) to use instead of those of this home.", **FILE
        ),
    ] = None,
    care: Annotated[
        Path | None,
        typer.Option(
            help=(
                "Care placements of the same persons (Parquet or CSV), for the comparison with "
                "the model in use."
            ),
            **FILE,
        ),
    ] = None,
    pseudo_count: Annotated[
        float,
        typer.Option(
            min=0.0,
            help=(
                "Weight of the package's model, as a number of matching pairs; 0 ignores the model."
            ),
        ),
    ] = PSEUDO_COUNT,
    model: Annotated[
        Path | None,
        typer.Option(
            help="Instead, train a model for the package, without a starting model or a "
            "comparison, and write it to this file. Needs --mentions."
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            help="Folder for the report (JSON and one page). With --model the report has charts."
        ),
    ] = None,
    as_json: console.AsJson = False,
) -> None:
    """Train a linkage model on the records of this home, without labels.

    The model becomes a candidate, with a report that compares it with the model in use. Loads use
    it only after `register identity pin`.
    """
    if model is not None:
        if mentions is None:
            console.stop("--model needs --mentions")
        _train_package(mentions, model, report, as_json)
        return
    candidate = _train_candidate(load_settings(), mentions, care, pseudo_count)
    if report is not None:
        _write_report(report, candidate.as_dict())
    if as_json:
        console.write_json(candidate.as_dict())
    else:
        _show_candidate(candidate)


def report(
    version: Annotated[
        str,
        typer.Argument(metavar="MODEL", help="A candidate from `register identity models`."),
    ],
    out: Annotated[Path, typer.Option(help="The folder for report.json and report.html.")],
) -> None:
    """Write the report of a candidate: its criteria, what would change, and its weights."""
    with console.stop_on(linkage_models.LinkageModelError, code=console.NOT_FOUND):
        _write_report(out, linkage_models.read_report(load_settings(), version))


def models(as_json: console.AsJson = False) -> None:
    """List the candidates of this home, all pins, and the model in use."""
    settings = load_settings()
    with console.stop_on(linkage_models.LinkageModelError, score.ModelError):
        in_use = score.load_model(linkage_models.model_path(settings)).version
        reports = [
            linkage_models.read_report(settings, version)
            for version in linkage_models.list_candidates(settings)
        ]
        pins = linkage_models.read_pins(settings)
    if as_json:
        console.write_json(
            {"in_use": in_use, "candidates": reports, "pins": [asdict(each) for each in pins]}
        )
        return
    console.output.print(f"In use: {in_use}", highlight=False)
    rows = [
        [
            each["version"],
            f"{each['training']['record_count']:,}",
            each["in_use"],
            "yes" if each["may_be_pinned"] else "no",
        ]
        for each in reports
    ]
    console.show_table(
        "", ["candidate", "records", "compared with", "may be pinned"], rows, box=None
    )
    for each in pins:
        decision = f"{each.decided_at} {each.decision} {each.model_version}, {each.decided_by}"
        console.output.print(f"{decision}: {each.reason}", markup=False, highlight=False)


def pin(
    version: Annotated[
        str,
        typer.Argument(metavar="MODEL", help="A candidate from `register identity models`."),
    ],
    by: By,
    reason: console.Reason,
) -> None:
    """Use a candidate that meets its criteria to link this home, from the next load on."""
    with console.stop_on(linkage_models.LinkageModelError):
        linkage_models.pin_model(load_settings(), version, by=by, reason=reason)
    console.output.print(f"Pinned: {version}. {TAKES_EFFECT}", markup=False)


def unpin(by: By, reason: console.Reason) -> None:
    """Undo the last pin: the earlier model links from the next load on."""
    with console.stop_on(linkage_models.LinkageModelError, code=console.NOT_FOUND):
        version = linkage_models.unpin_model(load_settings(), by=by, reason=reason)
    console.output.print(f"Unpinned; in use is {version}. {TAKES_EFFECT}", markup=False)


def write_card(
    out: Annotated[Path, typer.Option(help="Where the model card is written (Markdown).")],
) -> None:
    """Write the model card of the package's model: its training data and its limits."""
    from register.identity.evaluate import model_card

    out.write_text(model_card(score.load_model()), encoding="utf-8")
    console.show_written(out)


def _train_package(mentions: Path, model: Path, report: Path | None, as_json: bool) -> None:
    """Train a model without a starting model; write it to a file if training succeeds."""
    with console.stop_on(clean.PersonsError, score.ModelError), open_step_progress() as progress:
        trained, outcome = score.train_model(
            clean.read_person_table(mentions), model, report, progress.on_step
        )
    if as_json:
        console.write_json({"model_version": trained.version, **asdict(outcome)})
        return
    console.output.print(
        f"{outcome.message}: model {trained.version} of {trained.record_count:,} mentions"
    )
    if not outcome.is_trained:
        raise typer.Exit(1)


def _train_candidate(
    settings: Settings, mentions: Path | None, care: Path | None, pseudo_count: float
) -> Candidate:
    from orchestration.dbt import DbtError
    from orchestration.linkage_training import READ_RECORDS, train_candidate
    from orchestration.locks import BusyError, WarehouseBusyError
    from register.identity.evaluate import read_records
    from register.review import ReviewError

    errors = (
        BusyError,
        DbtError,
        linkage_models.LinkageModelError,
        score.ModelError,
        clean.PersonsError,
        ReviewError,
        WarehouseBusyError,
    )
    with console.stop_on(*errors), open_step_progress() as progress:
        records = None
        if mentions is not None:
            progress.on_step(READ_RECORDS)
            records = read_records(mentions, care)
        return train_candidate(settings, pseudo_count, records, progress.on_step)


def _write_report(folder: Path, facts: dict[str, Any]) -> None:
    import json

    from interfaces.documentation import build_candidate_page

    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "report.json": json.dumps(facts, indent=1) + "\n",
        "report.html": build_candidate_page(facts),
    }
    for name, text in texts.items():
        path = folder / name
        path.write_text(text, encoding="utf-8")
        console.show_written(path)


def _show_candidate(candidate: Candidate) -> None:
    training, comparison = candidate.training, candidate.comparison
    console.output.print(
        f"Candidate {candidate.model.version}: {training.record_count:,} records,"
        f" {training.match_count:,.0f} expected matches, {training.round_count} rounds",
        highlight=False,
    )
    rows = [
        [
            name.replace("_", " "),
            *(f"{getattr(side, name):,.0f}" for side in (comparison.in_use, comparison.other)),
        ]
        for name in FIGURES
    ]
    console.show_table("", ["", "in use", "candidate"], rows, box=None)
    bands = ", ".join(
        f"{old} to {new} {count:,}"
        for old, counts in comparison.bands.items()
        for new, count in counts.items()
        if old != new
    )
    console.output.print(
        f"Pairs whose band changes: {bands or 'none'}. Children unchanged"
        f" {comparison.same_children:,}, merged {comparison.merged_children:,},"
        f" split {comparison.split_children:,}.",
        highlight=False,
    )
    _show_levels(candidate)
    answers = {None: "not measured", True: "yes", False: "no"}
    criteria = [
        [each.code, each.measured, each.limit, answers[each.is_met]] for each in candidate.criteria
    ]
    console.show_table("", ["criterion", "measured", "limit", "met"], criteria, box=None)
    if candidate.may_be_pinned:
        version = candidate.model.version
        console.output.print(
            f"It may be pinned: `register identity pin {version} --by … --reason …`"
        )
    else:
        console.output.print("It may not be pinned: a criterion is not met.")


def _show_levels(candidate: Candidate) -> None:
    """Show the levels whose changed weights affect an average match the most."""
    totals: dict[str, float] = {}
    for each in candidate.training.levels:
        totals[each.comparison] = totals.get(each.comparison, 0.0) + each.match_count
    ranked = sorted(
        (each for each in candidate.training.levels if not each.is_fixed),
        key=lambda each: -abs(each.difference) * each.match_count / max(totals[each.comparison], 1),
    )
    rows = [
        [
            f"{each.comparison}.{each.level}",
            *(f"{bits:+.2f}" for bits in (each.given_weight, each.weight, each.difference)),
            f"{each.match_count:,.0f}",
        ]
        for each in ranked[:SHOWN_LEVELS]
    ]
    headings = ["level", "package", "candidate", "more bits", "matches"]
    console.show_table("", headings, rows, box=None)
