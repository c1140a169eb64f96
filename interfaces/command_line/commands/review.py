"""`register review`: pairs that people should look at, their judgements and their decisions."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from interfaces.command_line.commands.review_sessions import (
    Session,
    is_split_wanted,
    pairs_of,
    run_session,
)
from interfaces.command_line.console import NOT_FOUND, output, stop, write_json
from interfaces.command_line.lazy import lazy_module
from register.choices import CAUSES, Cause, Decision, ReasonCode
from register.settings import Settings, load_settings

if TYPE_CHECKING:
    from register import publishing, review
else:
    publishing = lazy_module("register.publishing")
    review = lazy_module("register.review")

app = typer.Typer(
    help="List pairs of records by the value of a decision, judge them and decide on them.",
    invoke_without_command=True,
)
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides or judges.")]
Reason = Annotated[
    str,
    typer.Option("--reason", metavar="REASON", help="Why, in words. They are not published."),
]
Because = Annotated[
    ReasonCode,
    typer.Option("--reason-code", help="Why, as it is published with the history of the key."),
]

ListedFor = Annotated[
    Cause | None,
    typer.Option(metavar="CAUSE", help=f"Only pairs listed for this: {', '.join(CAUSES)}."),
]


def open_case_lists(settings: Settings) -> review.CaseLists:
    """The case lists of the current generation; ends the command where there is none."""
    generation = publishing.current_generation(settings)
    if generation is None:
        stop("nothing is published yet: run `register load`", NOT_FOUND)
    return review.CaseLists(generation)


@app.callback()
def review_pairs(  # noqa: PLR0913, PLR0917 - every parameter is an option of the command
    context: typer.Context,
    pair: Annotated[
        str | None, typer.Option(metavar="PAIR", help="Show this pair and ask about it.")
    ] = None,
    go_on: Annotated[
        bool, typer.Option("--next", help="Go through the list, asking about each pair.")
    ] = False,
    blind: Annotated[
        bool, typer.Option("--blind", help="Go through it with weights, band and fate hidden.")
    ] = False,
    double: Annotated[
        bool, typer.Option("--double", help="Judge pairs that another reviewer has judged.")
    ] = False,
    sample: Annotated[
        bool, typer.Option("--sample", help="Judge the clerical sample, blind.")
    ] = False,
    cause: ListedFor = None,
    by: Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who judges.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="List at most this many pairs.")] = 20,
    as_json: Annotated[
        bool, typer.Option("--json", help="Write the pairs, or the one, as JSON; ask nothing.")
    ] = False,
) -> None:
    """List the pairs that a person should look at, the most valuable decision first.

    With --pair, --next, --blind, --double or --sample: show pairs and ask. Open answers are
    decisions; blind, double and sample ones are judgements, which change nothing.
    """
    if context.invoked_subcommand is not None:
        return
    settings = load_settings()
    with open_case_lists(settings) as case_lists:
        session = Session(settings, case_lists, by, blind or sample, double, sample, cause)
        try:
            pairs = [case_lists.read_pair(pair)] if pair else pairs_of(session)
            if as_json:
                write_json(_as_data(case_lists, pairs, in_full=pair is not None)[:limit])
            elif pair or go_on or blind or double or sample:
                run_session(session, pairs)
            else:
                _list(pairs, limit)
        except review.ReviewError as error:
            stop(str(error), NOT_FOUND)


def _as_data(
    case_lists: review.CaseLists, pairs: list[review.Pair], in_full: bool
) -> list[dict[str, object]]:
    if not in_full:
        return [asdict(pair) for pair in pairs]
    found = []
    for pair in pairs:
        weights = case_lists.read_weights(pair.review_pair_id)
        left, right = (
            case_lists.read_mention(end)
            for end in (pair.left_mention_id_register, pair.right_mention_id_register)
        )
        rows = review.compare_records(case_lists, left, right, weights)
        found.append(
            {
                **asdict(pair),
                "fields": [asdict(row) for row in rows],
                "weights": [asdict(weight) for weight in weights],
            }
        )
    return found


def _list(pairs: list[review.Pair], limit: int) -> None:
    table = Table(title=f"{len(pairs):,} pairs for review, the most valuable decision first")
    table.add_column("pair", no_wrap=True)
    for column in ("value", "meet or part", "weight"):
        table.add_column(column, justify="right")
    table.add_column("outcome", overflow="fold")
    for pair in pairs[:limit]:
        weight = "" if pair.match_weight is None else f"{pair.match_weight:+.1f}"
        figures = (f"{pair.value_of_decision:,}", f"{pair.meeting_episode_count:,}", weight)
        table.add_row(pair.review_pair_id, *figures, review.describe_outcome(pair))
    output.print(table)
    if len(pairs) > limit:
        output.print(f"{len(pairs) - limit:,} more: --limit shows them, --next goes through them.")


@app.command("decide")
def decide_pair(  # noqa: PLR0913 - every parameter is an option of the command
    left: Annotated[
        str, typer.Argument(metavar="LEFT", help="A pair (P…), mention (M… or key) or child (C…).")
    ],
    right: Annotated[
        str | None, typer.Argument(metavar="[RIGHT]", help="The other mention or child.")
    ] = None,
    *,
    decision: Annotated[Decision, typer.Option(help="What is decided.")],
    by: By,
    reason: Reason,
    reason_code: Because = "other",
    expires_on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The last day on which it is in force."),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Split without asking, whatever leaves with it.")
    ] = False,
) -> None:
    """Decide on two records, from the next load on; a child's key names its founder.

    A decision that no load could carry out is refused. A split shows which other records of the
    child would leave with it, and asks.
    """
    settings = load_settings()
    last_day: date | None = expires_on.date() if expires_on else None
    with open_case_lists(settings) as case_lists:
        try:
            keys, found = _named(case_lists, left, right)
            _refuse_pointless(decision, found)
            if decision != "link" and not is_split_wanted(settings, case_lists, keys, yes):
                stop("nothing is written")
            review.record_decision(
                settings,
                case_lists,
                keys,
                decision,
                by=by,
                reason=reason,
                reason_code=reason_code,
                expires_on=last_day,
            )
        except review.ReviewError as error:
            stop(str(error), NOT_FOUND)
    output.print(f"Written down: {decision}. It takes effect with `register load`.")


def _named(
    case_lists: review.CaseLists, left: str, right: str | None
) -> tuple[tuple[str, str], list[review.Pair]]:
    if right is None:
        pair = case_lists.read_pair(left)
        return (pair.left_mention_key, pair.right_mention_key), [pair]
    keys = case_lists.read_mention(left).mention_key, case_lists.read_mention(right).mention_key
    return keys, case_lists.pairs_between([keys[0]], [keys[1]])


def _refuse_pointless(decision: Decision, found: list[review.Pair]) -> None:
    if decision == "split" and found and not found[0].is_joined:
        raise review.ReviewError("the two are not one child: decide never_link to keep them apart")


@app.command("undo")
def undo_decision(
    left: Annotated[str | None, typer.Argument(metavar="[LEFT]", help="As for decide.")] = None,
    right: Annotated[str | None, typer.Argument(metavar="[RIGHT]")] = None,
    *,
    by: By,
    reason: Reason,
    reason_code: Because = "decided_in_error",
) -> None:
    """Take back the last decision, or the last about a pair, by one that is void."""
    settings = load_settings()
    with open_case_lists(settings) as case_lists:
        try:
            keys = None if left is None else _named(case_lists, left, right)[0]
            taken_back = review.take_back_decision(
                settings, by=by, reason=reason, reason_code=reason_code, keys=keys
            )
        except review.ReviewError as error:
            stop(str(error), NOT_FOUND)
    output.print(
        f"Void from the next load on: {taken_back.decision}, decided by {taken_back.decided_by}"
        f" at {taken_back.decided_at}.",
        markup=False,
    )


@app.command()
def reliability(
    as_json: Annotated[bool, typer.Option("--json", help="Write the figures as JSON.")] = False,
) -> None:
    """Measure how often two reviewers, independently of each other, judge alike."""
    try:
        found = review.measure_reliability(review.read_judgements(load_settings()))
    except review.ReviewError as error:
        stop(str(error))
    if as_json:
        write_json(asdict(found))
        return
    if found.agreement_share is None:
        stop("no pair has been judged by two people: `register review --double`", NOT_FOUND)
    table = Table(show_header=False, box=None)
    table.add_row("Pairs judged twice", f"{found.pair_count:,}")
    table.add_row("Reviewers", f"{found.reviewer_count:,}")
    share, kappa = found.agreement_interval, found.kappa_interval
    assert share is not None
    agreed = f"{found.agreement_share:.1%} ({share.lower:.1%} to {share.upper:.1%})"
    table.add_row("Judged alike", agreed)
    if found.kappa is not None and kappa is not None:
        interval_text = f"{found.kappa:.2f} ({kappa.lower:.2f} to {kappa.upper:.2f})"
        table.add_row("Cohen's kappa", interval_text)
    for cell, count in found.table.items():
        table.add_row(f"  {cell}", f"{count:,}")
    output.print(table)


@app.command()
def page(
    pair: Annotated[str | None, typer.Option(metavar="PAIR", help="Only this pair.")] = None,
    cause: ListedFor = None,
    limit: Annotated[int, typer.Option(min=1, help="At most this many pages.")] = 50,
) -> None:
    """Write a page for each pair, with a waterfall of its weights, for the operator alone."""
    settings = load_settings()
    with open_case_lists(settings) as case_lists:
        try:
            chosen = (
                [case_lists.read_pair(pair)] if pair else case_lists.pairs_for_review(cause)[:limit]
            )
            folder = review.write_pages(settings, case_lists, chosen)
        except review.ReviewError as error:
            stop(str(error), NOT_FOUND)
    name = f"{pair}.html" if pair else "index.html"
    output.print(f"{len(chosen):,} pages: {folder / name}", markup=False, soft_wrap=True)
