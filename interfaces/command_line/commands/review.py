"""`register review`: pairs of records that people review, and their judgements and decisions."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated

import typer

from interfaces.command_line import console
from interfaces.command_line.commands.review_sessions import (
    Session,
    confirm_split,
    list_session_pairs,
    record_pair,
    run_session,
)
from interfaces.command_line.lazy_modules import review
from interfaces.command_line.recorded_output import (
    By,
    Purpose,
    check_author,
    record_output,
    require_level,
)
from register.access_record import Entry
from register.choices import CAUSES, Cause, Decision, ReasonCode
from register.settings import Settings, load_settings

app = typer.Typer(
    help="List pairs of records for review, judge them and decide on them.",
    invoke_without_command=True,
)
Reason = Annotated[
    str,
    typer.Option("--reason", metavar="REASON", help="The reason, in words. It is not published."),
]
ReasonCodeOption = Annotated[
    ReasonCode,
    typer.Option(
        "--reason-code",
        help="The reason as a code, which is published with the history of the child's key.",
    ),
]

CauseOption = Annotated[
    Cause | None,
    typer.Option(metavar="CAUSE", help=f"Only pairs listed because of: {', '.join(CAUSES)}."),
]


def open_case_lists(settings: Settings) -> review.CaseLists:
    """Open the case lists of the current generation, or end the command if there is none."""
    return review.CaseLists(console.require_generation(settings), settings.seeds)


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
        bool,
        typer.Option(
            "--blind", help="Go through the list; weights and the register's outcome are hidden."
        ),
    ] = False,
    double: Annotated[
        bool, typer.Option("--double", help="Judge pairs that another reviewer has judged already.")
    ] = False,
    sample: Annotated[
        bool, typer.Option("--sample", help="Judge the clerical sample, blind.")
    ] = False,
    cause: CauseOption = None,
    by: Annotated[
        str | None,
        typer.Option(
            "--by", metavar="NAME", help="Name of the person who judges.", callback=check_author
        ),
    ] = None,
    purpose: Purpose = "",
    limit: Annotated[int, typer.Option(min=1, help="List at most this many pairs.")] = 20,
    as_json: console.AsJson = False,
) -> None:
    """List the pairs that a person should review, the most valuable decision first.

    With --pair, --next, --blind, --double or --sample: show pairs and ask. Answers to --pair and
    --next are decisions; the other answers are judgements, which change nothing.
    """
    if context.invoked_subcommand is not None:
        return
    settings = load_settings()
    with open_case_lists(settings) as case_lists, _stopping():
        session = Session(settings, case_lists, by, blind or sample, double, sample, cause, purpose)
        pairs = [case_lists.read_pair(pair)] if pair else list_session_pairs(session)
        if as_json:
            if pair:
                record_pair(session, pairs[0])
            console.write_json(_build_json(case_lists, pairs, in_full=pair is not None)[:limit])
        elif pair or go_on or blind or double or sample:
            run_session(session, pairs)
        else:
            _show_pairs(pairs, limit)


def _build_json(
    case_lists: review.CaseLists, pairs: list[review.Pair], in_full: bool
) -> list[dict[str, object]]:
    if not in_full:
        return [asdict(pair) for pair in pairs]
    items: list[dict[str, object]] = []
    for pair in pairs:
        weights = case_lists.read_weights(pair.review_pair_id)
        left, right = (
            case_lists.read_mention(end)
            for end in (pair.left_mention_id_register, pair.right_mention_id_register)
        )
        rows = review.compare_records(case_lists, left, right, weights)
        items.append(
            {
                **asdict(pair),
                "left_issuer_code": left.issuer_code,
                "left_issuer_name": left.issuer_name,
                "right_issuer_code": right.issuer_code,
                "right_issuer_name": right.issuer_name,
                "fields": [asdict(row) for row in rows],
                "weights": [asdict(weight) for weight in weights],
            }
        )
    return items


def _show_pairs(pairs: list[review.Pair], limit: int) -> None:
    rows = [
        [
            pair.review_pair_id,
            f"{pair.value_of_decision:,}",
            f"{pair.meeting_episode_count:,}",
            "" if pair.match_weight is None else f"{pair.match_weight:+.1f}",
            review.describe_outcome(pair),
        ]
        for pair in pairs[:limit]
    ]
    console.show_table(
        f"{console.format_count(len(pairs), 'pair')} for review, the most valuable decision first",
        ["!pair", "#rows changed", "#absences matched or parted", "#weight", "outcome"],
        rows,
    )
    if len(pairs) > limit:
        console.output.print(
            f"{len(pairs) - limit:,} more: --limit shows them, --next goes through them."
        )


@app.command("decide")
def decide_pair(  # noqa: PLR0913 - every parameter is an option of the command
    left: Annotated[
        str,
        typer.Argument(
            metavar="LEFT",
            help="A pair (P…), a mention (M…, or its internal key of 32 digits) or a child (C…).",
        ),
    ],
    right: Annotated[
        str | None,
        typer.Argument(
            metavar="[RIGHT]", help="The other mention or child; none if LEFT is a pair."
        ),
    ] = None,
    *,
    decision: Annotated[Decision, typer.Option(help="The decision.")],
    by: By,
    reason: Reason,
    reason_code: ReasonCodeOption = "other",
    expires_on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The last day on which the decision is in force."),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Split without asking, even if other records leave too.")
    ] = False,
) -> None:
    """Decide whether two records are of one child; the next load follows the decision.

    A child's key stands for the child's first record. A decision that no load could follow is
    refused. Before a split, the command lists other records that would leave the child too, and
    asks.
    """
    settings = load_settings()
    require_level(settings, "identity", "review_decision")
    last_day: date | None = expires_on.date() if expires_on else None
    with open_case_lists(settings) as case_lists, _stopping():
        keys, pairs = _find_pair(case_lists, left, right)
        if decision == "split" and pairs and not pairs[0].is_joined:
            raise review.ReviewError(
                "the two are not one child: decide never_link to keep them apart"
            )
        if decision != "link" and not confirm_split(settings, case_lists, keys, yes):
            console.stop("nothing is written")
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
    console.output.print(f"Recorded: {decision}. It takes effect with `register load`.")


def _find_pair(
    case_lists: review.CaseLists, left: str, right: str | None
) -> tuple[tuple[str, str], list[review.Pair]]:
    if right is None:
        pair = case_lists.read_pair(left)
        return (pair.left_mention_key, pair.right_mention_key), [pair]
    keys = case_lists.read_mention(left).mention_key, case_lists.read_mention(right).mention_key
    return keys, case_lists.pairs_between([keys[0]], [keys[1]])


def _stopping() -> AbstractContextManager[None]:
    return console.stop_on(review.ReviewError, code=console.NOT_FOUND)


@app.command("undo")
def undo_decision(
    left: Annotated[
        str | None,
        typer.Argument(
            metavar="[LEFT]",
            help=(
                "A pair, mention or child, as for `register review decide`; by default the last "
                "decision is undone."
            ),
        ),
    ] = None,
    right: Annotated[str | None, typer.Argument(metavar="[RIGHT]")] = None,
    *,
    by: By,
    reason: Reason,
    reason_code: ReasonCodeOption = "decided_in_error",
) -> None:
    """Undo the last decision, or the last one on a pair, by recording a void decision."""
    settings = load_settings()
    require_level(settings, "identity", "review_decision")
    with open_case_lists(settings) as case_lists, _stopping():
        keys = None if left is None else _find_pair(case_lists, left, right)[0]
        undone = review.take_back_decision(
            settings,
            by=by,
            reason=reason,
            reason_code=reason_code,
            keys=keys,
            case_lists=case_lists,
        )
    console.output.print(
        f"Void from the next load on: {undone.decision}, decided by {undone.decided_by}"
        f" at {undone.decided_at}.",
        markup=False,
    )


@app.command()
def reliability(
    as_json: console.AsJson = False,
) -> None:
    """Measure how often two reviewers independently give the same judgement."""
    with console.stop_on(review.ReviewError):
        measured = review.measure_reliability(review.read_judgements(load_settings()))
    if as_json:
        console.write_json(asdict(measured))
        return
    if measured.agreement_share is None:
        console.stop(
            "no pair has been judged by two people: `register review --double`", console.NOT_FOUND
        )
    share, kappa = measured.agreement_interval, measured.kappa_interval
    assert share is not None
    agreement = f"{measured.agreement_share:.1%} ({share.lower:.1%} to {share.upper:.1%})"
    facts = [
        ("Pairs judged twice", f"{measured.pair_count:,}"),
        ("Reviewers", f"{measured.reviewer_count:,}"),
        ("Same judgement", agreement),
    ]
    if measured.kappa is not None and kappa is not None:
        interval = f"{measured.kappa:.2f} ({kappa.lower:.2f} to {kappa.upper:.2f})"
        facts.append(("Cohen's kappa", interval))
    facts += [(f"  {cell}", f"{count:,}") for cell, count in measured.table.items()]
    console.show_facts("", facts)


@app.command("page")
def write_pages(
    pair: Annotated[str | None, typer.Option(metavar="PAIR", help="Only this pair.")] = None,
    cause: CauseOption = None,
    limit: Annotated[int, typer.Option(min=1, help="Write at most this many pages.")] = 50,
    purpose: Purpose = "",
) -> None:
    """Write a page for each pair, with a chart of its weights; only the operator may read it."""
    settings = load_settings()
    with open_case_lists(settings) as case_lists, _stopping():
        pairs = [case_lists.read_pair(pair)] if pair else case_lists.pairs_for_review(cause)[:limit]
        keys = tuple(each.review_pair_id for each in pairs)
        record_output(
            settings, Entry("export", "review_pages", purpose, case_lists.generation_id, keys)
        )
        folder = review.write_pages(settings, case_lists, pairs)
    name = f"{pair}.html" if pair else "index.html"
    console.write_line(f"{console.format_count(len(pairs), 'page')}: {folder / name}")
