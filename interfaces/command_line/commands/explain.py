"""`register explain`: the evidence for and against a link."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from interfaces.command_line.commands.review import open_case_lists
from interfaces.command_line.console import NOT_FOUND, output, stop, write_json
from interfaces.command_line.lazy import lazy_module
from register.settings import load_settings

if TYPE_CHECKING:
    from register import linkage_models, review
    from register.identity import score
else:
    score = lazy_module("register.identity.score")
    linkage_models = lazy_module("register.linkage_models")
    review = lazy_module("register.review")


def explain(
    left: Annotated[
        str, typer.Argument(metavar="LEFT", help="A child (C…), a mention (M…) or a mention key.")
    ],
    right: Annotated[
        str | None,
        typer.Argument(
            metavar="[RIGHT]",
            help="The other; without it: the evidence linking the records of this child.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write the answer as JSON.")] = False,
) -> None:
    """Show the evidence linking a child's records.

    With RIGHT: the evidence for and against a link of the two. No name is shown.
    """
    try:
        settings = load_settings()
        model = score.load_model(linkage_models.build_model_path(settings))
        with open_case_lists(settings) as case_lists:
            found = review.explain_link(case_lists, model, left, right)
    except (review.ReviewError, score.ModelError) as error:
        stop(str(error), NOT_FOUND)
    if as_json:
        write_json({**asdict(found), "answer": found.answer_text})
        return
    _show(found, model)


def _show(found: review.Explanation, model: score.Model) -> None:
    output.print(found.answer_text, style="bold", highlight=False)
    for step in found.steps:
        _show_step(step, model)
    if found.weights:
        output.print(
            f"\nWeighed now: {found.match_weight:+.1f} bits, below the review threshold of"
            f" {model.thresholds.review:+.1f}."
        )
        _show_weights(found.weights)


def _show_step(step: review.Step, model: score.Model) -> None:
    ends = [
        f"{end.mention_id_register} ({end.source} {end.issuer_code})"
        for end in (step.left, step.right)
    ]
    output.print(f"\n{ends[0]}\n{ends[1]}", markup=False, highlight=False)
    output.print(
        f"  {step.pair.review_pair_id}: {review.describe_outcome(step.pair)}", markup=False
    )
    if step.pair.decision:
        decided = f"{review.code_to_words(step.pair.decision)}, decided by {step.pair.decided_by}"
        output.print(f"  {decided}: {step.pair.decision_reason}", markup=False)
    cap = _cap(model, step.pair.capped_by)
    if cap is not None:
        output.print(f"  {cap.reason}", markup=False)
    if step.weights:
        _show_weights(step.weights)


def _cap(model: score.Model, name: str | None) -> score.Cap | None:
    return next((cap for cap in model.caps if cap.name == name), None)


def _show_weights(weights: tuple[review.Weight, ...]) -> None:
    table = Table(box=None, padding=(0, 2))
    table.add_column("comparison")
    table.add_column("found")
    table.add_column("bits", justify="right")
    for weight in weights:
        row = (
            review.code_to_words(weight.comparison_code),
            review.code_to_words(weight.level_code),
        )
        table.add_row(*row, f"{weight.weight:+.2f}")
    table.add_row("in all", "", f"{sum(weight.weight for weight in weights):+.2f}", style="bold")
    output.print(table)
