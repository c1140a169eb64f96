"""`register explain`: the evidence for and against a link between records."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from interfaces.command_line import console
from interfaces.command_line.commands.review import open_case_lists
from interfaces.command_line.lazy_modules import linkage_models, review, score
from interfaces.command_line.recorded_output import Purpose, record_output
from register.access_record import Entry
from register.labels import code_to_words
from register.settings import load_settings


def explain(
    left: Annotated[
        str,
        typer.Argument(
            metavar="LEFT",
            help="A child (C…) or a mention (M…, or its internal key of 32 digits).",
        ),
    ],
    right: Annotated[
        str | None,
        typer.Argument(
            metavar="[RIGHT]",
            help="The other child or mention. Without RIGHT, the command shows what links LEFT's"
            " records.",
        ),
    ] = None,
    purpose: Purpose = "",
    as_json: console.AsJson = False,
) -> None:
    """Show the evidence that links a child's records.

    With RIGHT: the evidence for and against a link of LEFT and RIGHT. No child is named.
    """
    with console.stop_on(review.ReviewError, score.ModelError, code=console.NOT_FOUND):
        settings = load_settings()
        model = score.load_model(linkage_models.build_model_path(settings))
        with open_case_lists(settings) as case_lists:
            explanation = review.explain_link(case_lists, model, left, right)
            keys = tuple(key for key in (left, right) if key)
            record_output(
                settings, Entry("view", "explanation", purpose, case_lists.generation_id, keys)
            )
    if as_json:
        console.write_json({**asdict(explanation), "answer": explanation.answer_text})
    else:
        _show_explanation(explanation, model)


def _show_explanation(explanation: review.Explanation, model: score.Model) -> None:
    console.output.print(explanation.answer_text, style="bold", highlight=False)
    for step in explanation.steps:
        _show_step(step, model)
    if explanation.weights:
        console.output.print(
            f"\nMatch weight now: {explanation.match_weight:+.1f} bits, below the review threshold"
            f" of {model.thresholds.review:+.1f}."
        )
        _show_weights(explanation.weights)


def _show_step(step: review.Step, model: score.Model) -> None:
    ends = [
        f"{end.mention_id_register} ({end.source}: {end.issuer_name})"
        for end in (step.left, step.right)
    ]
    console.output.print(f"\n{ends[0]}\n{ends[1]}", markup=False, highlight=False)
    console.output.print(
        f"  {step.pair.review_pair_id}: {review.describe_outcome(step.pair)}", markup=False
    )
    if step.pair.decision:
        decided = f"{code_to_words(step.pair.decision)}, decided by {step.pair.decided_by}"
        console.output.print(f"  {decided}: {step.pair.decision_reason}", markup=False)
    for cap in model.caps:
        if cap.name == step.pair.capped_by:
            console.output.print(f"  {cap.reason}", markup=False)
    if step.weights:
        _show_weights(step.weights)


def _show_weights(weights: tuple[review.Weight, ...]) -> None:
    rows = [[*review.split_comparison(weight), f"{weight.weight:+.2f}"] for weight in weights]
    total = f"{sum(weight.weight for weight in weights):+.2f}"
    headings = ["comparison", "level of agreement", "#bits"]
    console.show_table("", headings, [*rows, ["total", "", total]], box=None, padding=(0, 2))
