"""`register identity train`, `models`, `pin`, `unpin` and `card`: the model that links a home."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from interfaces.command_line.console import NOT_FOUND, notices, output, stop, write_json
from interfaces.command_line.lazy import lazy_module
from register.choices import PSEUDO_COUNT
from register.settings import Settings, load_settings

if TYPE_CHECKING:
    from orchestration.linkage_training import Candidate
    from register import linkage_models
    from register.identity import clean, score
else:
    clean = lazy_module("register.identity.clean")
    score = lazy_module("register.identity.score")
    linkage_models = lazy_module("register.linkage_models")

AsJson = Annotated[bool, typer.Option("--json", help="Write the figures as JSON.")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides.")]
Reason = Annotated[
    str, typer.Option("--reason", metavar="REASON", help="Why, for those who come later.")
]
FILE = {"exists": True, "dir_okay": False, "metavar": "FILE"}
TAKES_EFFECT = "It links from the next `register load` on, which may need --accept-churn."
SHOWN_LEVELS = 12


def train(  # noqa: PLR0913, PLR0917 - every parameter is an option of the command
    mentions: Annotated[
        Path | None,
        typer.Option(help="Mentions (Parquet) in place of those of this home.", **FILE),
    ] = None,
    care: Annotated[
        Path | None,
        typer.Option(help="Their care placements (Parquet), for the comparison.", **FILE),
    ] = None,
    pseudo_count: Annotated[
        float,
        typer.Option(
            min=0.0,
            help="How many matches the m of the package counts for; 0 learns from nothing.",
        ),
    ] = PSEUDO_COUNT,
    model: Annotated[
        Path | None,
        typer.Option(
            help="Learn a model of the package instead, from nothing and without a comparison, and"
            " write it here. Needs --mentions."
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(help="A folder for the report: JSON and one page; of --model with charts."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Train a linkage model on the records of this home, without labels.

    The model becomes a candidate in the home, with a report that compares it with the one in use;
    nothing links by it before `register identity pin`.
    """
    if model is not None:
        if mentions is None:
            stop("--model needs --mentions")
        _train_package(mentions, model, report, as_json)
        return
    made = _train_candidate(load_settings(), mentions, care, pseudo_count)
    if report is not None:
        _write_report(report, made.as_dict())
    if as_json:
        write_json(made.as_dict())
    else:
        _show(made)


def report(
    version: Annotated[
        str,
        typer.Argument(metavar="MODEL", help="A candidate, as `register identity models` says."),
    ],
    out: Annotated[Path, typer.Option(help="The folder that report.json and report.html go to.")],
) -> None:
    """Write the report of a candidate: its criteria, what would change, and weights drawn."""
    try:
        _write_report(out, linkage_models.read_report(load_settings(), version))
    except linkage_models.LinkageModelError as error:
        stop(str(error), NOT_FOUND)


def models(as_json: AsJson = False) -> None:
    """List the candidates of this home, every pin, and the model in use."""
    settings = load_settings()
    try:
        in_use = score.load_model(linkage_models.model_path(settings)).version
        reports = [
            linkage_models.read_report(settings, version)
            for version in linkage_models.list_candidates(settings)
        ]
        pins = linkage_models.read_pins(settings)
    except (linkage_models.LinkageModelError, score.ModelError) as error:
        stop(str(error))
    if as_json:
        write_json(
            {"in_use": in_use, "candidates": reports, "pins": [asdict(each) for each in pins]}
        )
        return
    output.print(f"In use: {in_use}", highlight=False)
    table = Table("candidate", "records", "compared with", "may be pinned", box=None)
    for each in reports:
        count = f"{each['training']['record_count']:,}"
        table.add_row(each["version"], count, each["in_use"], _yes(each["may_be_pinned"]))
    output.print(table)
    for pin_ in pins:
        said = f"{pin_.decided_at} {pin_.decision} {pin_.model_version}, {pin_.decided_by}"
        output.print(f"{said}: {pin_.reason}", markup=False, highlight=False)


def pin(
    version: Annotated[
        str,
        typer.Argument(metavar="MODEL", help="A candidate, as `register identity models` says."),
    ],
    by: By,
    reason: Reason,
) -> None:
    """Let a candidate that meets its criteria link this home, from the next load on."""
    try:
        linkage_models.pin_model(load_settings(), version, by=by, reason=reason)
    except linkage_models.LinkageModelError as error:
        stop(str(error))
    output.print(f"Pinned: {version}. {TAKES_EFFECT}", markup=False)


def unpin(by: By, reason: Reason) -> None:
    """Take the last pin back: the model before it links from the next load on."""
    try:
        version = linkage_models.unpin_model(load_settings(), by=by, reason=reason)
    except linkage_models.LinkageModelError as error:
        stop(str(error), NOT_FOUND)
    output.print(f"Taken back; in use is {version}. {TAKES_EFFECT}", markup=False)


def write_card(
    out: Annotated[Path, typer.Option(help="Where the model card is written (Markdown).")],
) -> None:
    """Write the model card of the package's model: what it is of, and where it fails."""
    from register.identity.evaluate import model_card

    out.write_text(model_card(score.load_model()), encoding="utf-8")
    output.print(f"Written: {out}", markup=False)


def _train_package(mentions: Path, model: Path, report: Path | None, as_json: bool) -> None:
    """Learn a model from nothing and write it to a file; a failure keeps the one that is there."""
    try:
        trained, outcome = score.train_model(clean.read_person_table(mentions), model, report)
    except (clean.PersonsError, score.ModelError) as error:
        stop(str(error))
    if as_json:
        write_json({"model_version": trained.version, **asdict(outcome)})
        return
    output.print(f"{outcome.message}: model {trained.version} of {trained.record_count:,} mentions")
    if not outcome.is_trained:
        raise typer.Exit(1)


def _train_candidate(
    settings: Settings, mentions: Path | None, care: Path | None, pseudo_count: float
) -> Candidate:
    from orchestration.dagster_home import BusyError
    from orchestration.dbt import DbtError, WarehouseBusyError
    from orchestration.linkage_training import train_candidate
    from register.identity.evaluate import read_records
    from register.review import ReviewError

    try:
        given = None if mentions is None else read_records(mentions, care)
        return train_candidate(settings, pseudo_count, given)
    except (
        BusyError,
        DbtError,
        linkage_models.LinkageModelError,
        score.ModelError,
        clean.PersonsError,
        ReviewError,
        WarehouseBusyError,
    ) as error:
        stop(str(error))


def _write_report(folder: Path, facts: dict[str, Any]) -> None:
    import json

    from interfaces.documentation import candidate_page

    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "report.json": json.dumps(facts, indent=1) + "\n",
        "report.html": candidate_page(facts),
    }
    for name, text in texts.items():
        path = folder / name
        path.write_text(text, encoding="utf-8")
        notices.print(f"Written: {path}", markup=False)


def _show(made: Candidate) -> None:
    learned, compared = made.training, made.comparison
    output.print(
        f"Candidate {made.model.version}: {learned.record_count:,} records,"
        f" {learned.match_count:,.0f} expected matches, {learned.round_count} rounds",
        highlight=False,
    )
    output.print(_figures(made))
    bands = ", ".join(
        f"{old} to {new} {count:,}"
        for old, counts in compared.bands.items()
        for new, count in counts.items()
        if old != new
    )
    output.print(
        f"Pairs whose band changes: {bands or 'none'}. Children the same"
        f" {compared.same_children:,}, merged {compared.merged_children:,},"
        f" split {compared.split_children:,}.",
        highlight=False,
    )
    output.print(_levels(made))
    output.print(_criteria(made))
    if made.may_be_pinned:
        output.print(
            f"It may be pinned: `register identity pin {made.model.version} --by … --reason …`"
        )
    else:
        output.print("It may not be pinned: a criterion is not met.")


def _figures(made: Candidate) -> Table:
    sides = (made.comparison.in_use, made.comparison.other)
    table = Table("", "in use", "candidate", box=None)
    names = ("links", "children", "expected_false_links", "expected_true_links", "unsure_links",
             "guarded_links", "review_pairs")  # fmt: skip
    for name in names:
        values = (getattr(side, name) for side in sides)
        table.add_row(name.replace("_", " "), *(f"{value:,.0f}" for value in values))
    return table


def _levels(made: Candidate) -> Table:
    """The levels whose weights differ most for an average match."""
    known: dict[str, float] = {}
    for each in made.training.levels:
        known[each.comparison] = known.get(each.comparison, 0.0) + each.match_count
    ranked = sorted(
        (each for each in made.training.levels if not each.is_fixed),
        key=lambda each: -abs(each.difference) * each.match_count / max(known[each.comparison], 1),
    )
    table = Table("level", "package", "candidate", "bits more", "matches", box=None)
    for each in ranked[:SHOWN_LEVELS]:
        weights = (f"{bits:+.2f}" for bits in (each.given_weight, each.weight, each.difference))
        table.add_row(f"{each.comparison}.{each.level}", *weights, f"{each.match_count:,.0f}")
    return table


def _criteria(made: Candidate) -> Table:
    table = Table("criterion", "measured", "limit", "met", box=None)
    for each in made.criteria:
        met = "says nothing" if each.is_met is None else _yes(each.is_met)
        table.add_row(each.code, each.measured, each.limit, met)
    return table


def _yes(is_so: bool) -> str:
    return "yes" if is_so else "no"
