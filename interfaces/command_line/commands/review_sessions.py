"""A reviewer's session at the terminal: each pair side by side, then a question about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast, get_args

import typer
from rich.table import Table
from rich.text import Text

from interfaces.command_line import console
from interfaces.command_line.lazy_modules import review
from interfaces.command_line.recorded_output import record_output
from register.access_record import Entry
from register.labels import code_to_words
from register.settings import Settings

SKIP, STOP = "skip", "stop"
DECISIONS: dict[str, review.Decision] = {
    "link": "link",
    "never_link": "never_link",
    "split": "split",
}
JUDGEMENTS: dict[str, review.Judgement] = {
    "same": "same",
    "different": "different",
    "unsure": "unsure",
}


@dataclass(frozen=True)
class Session:
    """Options of a reviewer's session.

    `is_blind` hides match weights and the outcome of each pair. `is_double` lists pairs that
    another reviewer has judged, and hides the outcome. `is_sample` lists the clerical sample.
    `view_purpose` is why the reviewer looks at children's records.
    """

    settings: Settings
    case_lists: review.CaseLists
    by: str | None
    is_blind: bool
    is_double: bool
    is_sample: bool
    cause: review.Cause | None = None
    view_purpose: str = ""

    @property
    def purpose(self) -> review.Purpose:
        """The purpose recorded with each judgement."""
        if self.is_sample:
            return "sample"
        if self.is_double:
            return "double"
        return "blind" if self.is_blind else "decision"

    @property
    def is_decisive(self) -> bool:
        """Whether answers are decisions: they are if nothing is hidden from the reviewer."""
        return not (self.is_blind or self.is_double or self.is_sample)


def list_session_pairs(session: Session) -> list[review.Pair]:
    """List the pairs of a session.

    Raises `ReviewError` for options that do not fit together, and if no clerical sample is drawn.
    """
    judged = review.first_judgements(review.read_judgements(session.settings))
    own = {keys for keys, by_reviewer in judged.items() if session.by in by_reviewer}
    if session.is_double and session.by is None:
        raise review.ReviewError(
            "--double needs --by: the reviewer who has not judged the pairs yet"
        )
    if session.cause and not session.is_decisive:
        raise review.ReviewError(
            "--cause shows the outcome of a pair: it cannot be used where outcomes are hidden"
        )
    pairs = session.case_lists.pairs_for_review(session.cause)
    if session.is_sample:
        ids = review.sampled_pair_ids(session.settings)
        if not ids:
            raise review.ReviewError("no sample is drawn: `register identity clerical-sample`")
        known = session.case_lists.pairs_by_id(ids)
        pairs = [known[pair_id] for pair_id in ids if pair_id in known]
    elif session.is_double:
        others = {keys for keys, by_reviewer in judged.items() if set(by_reviewer) - {session.by}}
        pairs = [
            pair
            for left, right in sorted(others)
            for pair in session.case_lists.pairs_between([left], [right])
        ]
    if session.is_decisive:
        return pairs
    return [pair for pair in pairs if (pair.left_mention_key, pair.right_mention_key) not in own]


def run_session(session: Session, pairs: list[review.Pair]) -> None:
    """Show each pair and record the answer, until the list ends or the reviewer stops."""
    if not pairs:
        console.output.print("Nothing to judge.")
        return
    by = session.by or typer.prompt("Your name").strip()
    for place, pair in enumerate(pairs, start=1):
        record_pair(session, pair)
        console.output.print(
            f"\nPair {place:,} of {len(pairs):,}: {pair.review_pair_id}", style="bold"
        )
        show_pair(session, pair)
        answer = _ask_for_answer(session)
        if answer == STOP:
            return
        if answer != SKIP:
            _record_answer(session, pair, answer, by)


def record_pair(session: Session, pair: review.Pair) -> None:
    """Record that the records of a pair are shown."""
    record_output(
        session.settings,
        Entry(
            "view",
            "review_pair",
            session.view_purpose,
            session.case_lists.generation_id,
            (pair.review_pair_id, pair.left_mention_id_register, pair.right_mention_id_register),
        ),
    )


def show_pair(session: Session, pair: review.Pair) -> None:
    """Show both records side by side, with weights and outcome unless they are hidden."""
    case_lists = session.case_lists
    left = case_lists.read_mention(pair.left_mention_id_register)
    right = case_lists.read_mention(pair.right_mention_id_register)
    weights = [] if session.is_blind else case_lists.read_weights(pair.review_pair_id)
    table = Table(show_lines=True)
    for heading in ("", "left", "right"):
        table.add_column(heading, overflow="fold")
    if not session.is_blind:
        table.add_column("weight in bits", overflow="fold")
    for row in review.compare_records(case_lists, left, right, weights):
        cells = [
            Text(row.title, style="bold"),
            _format_values(row, row.left),
            _format_values(row, row.right),
        ]
        weights_text = Text("\n".join(review.describe_weight(each) for each in row.weights))
        table.add_row(*cells, *([] if session.is_blind else [weights_text]))
    console.output.print(table)
    if not session.is_blind:
        _show_outcome(session, pair)


def _show_outcome(session: Session, pair: review.Pair) -> None:
    if pair.match_weight is not None:
        prior = session.case_lists.read_weights(pair.review_pair_id)[0]
        console.output.print(
            f"{review.describe_weight(prior)}; in all {pair.match_weight:+.1f} bits"
        )
    if session.is_double:
        # Show no outcome: it could reveal the other reviewer's decision.
        return
    console.output.print(
        f"{review.describe_outcome(pair)}; value of a decision {pair.value_of_decision:,}"
    )
    cause = review.describe_cause(pair)
    if cause:
        console.output.print(cause, markup=False, highlight=False)
    conflict = review.find_cause_pair(session.case_lists, pair)
    if conflict:
        _show_conflict(session.case_lists, *conflict)
    if pair.decision:
        decided = f"in force: {code_to_words(pair.decision)} by {pair.decided_by}"
        console.output.print(f"{decided}: {pair.decision_reason}", markup=False)


def _show_conflict(
    case_lists: review.CaseLists, one: review.Mention, other: review.Mention
) -> None:
    table = Table(title="What keeps them apart", show_lines=True)
    for heading in ("", one.mention_id_register, other.mention_id_register):
        table.add_column(heading, overflow="fold")
    for row in review.compare_records(case_lists, one, other, []):
        table.add_row(
            Text(row.title, style="bold"),
            _format_values(row, row.left),
            _format_values(row, row.right),
        )
    console.output.print(table)


def _format_values(row: review.Comparison, own: tuple[str, ...]) -> Text:
    shared = set(row.left) & set(row.right)
    text = Text()
    for place, value in enumerate(own):
        text.append("\n" if place else "")
        text.append(value, style="green" if value in shared and row.title != "Source" else "")
    return text


def _ask_for_answer(session: Session) -> str:
    choices = [*(DECISIONS if session.is_decisive else JUDGEMENTS), "unsure", SKIP, STOP]
    return _ask_choice(list(dict.fromkeys(choices)), default=SKIP)


def _ask_choice(choices: list[str], default: str) -> str:
    while True:
        answer = str(typer.prompt(f"{', '.join(choices)}?", default=default)).strip().lower()
        if answer in choices:
            return answer
        console.output.print(f"One of: {', '.join(choices)}")


def _record_answer(session: Session, pair: review.Pair, answer: str, by: str) -> None:
    """Record an answer, or show why it is refused. In both cases the session continues."""
    keys = (pair.left_mention_key, pair.right_mention_key)
    try:
        if answer in DECISIONS:
            if answer != "link" and not confirm_split(session.settings, session.case_lists, keys):
                console.output.print("Nothing is written.")
                return
            reason = str(typer.prompt("Your reason, in words (not published)"))
            console.output.print("The reason that is published:")
            code = cast(
                review.ReasonCode, _ask_choice(list(get_args(review.ReasonCode)), default="other")
            )
            review.record_decision(
                session.settings,
                session.case_lists,
                keys,
                DECISIONS[answer],
                by=by,
                reason=reason,
                reason_code=code,
            )
            console.output.print(f"Decided: {code_to_words(answer)}, from the next load on.")
            return
        review.record_judgement(
            session.settings,
            keys,
            JUDGEMENTS[answer],
            by=by,
            is_blind=session.is_blind,
            purpose=session.purpose,
        )
    except review.ReviewError as error:
        console.output.print(f"Refused: {error}.", markup=False)
        return
    console.output.print(f"Judged: {answer}.")


def confirm_split(
    settings: Settings,
    case_lists: review.CaseLists,
    keys: tuple[str, str],
    is_confirmed: bool = False,
) -> bool:
    """Ask whether to split a child, after showing other records that would leave the child.

    If the decision is not a split, return True without asking.
    """
    forecast = review.forecast_split(case_lists, review.decisions_in_force(settings), keys)
    if forecast is None:
        return True
    count = sum(map(len, forecast.parts))
    console.output.print(
        f"{forecast.child_id_register} has {count:,} records. By their other links, a split makes"
        f" {len(forecast.parts)} children of them:"
    )
    for place, part in enumerate(forecast.parts):
        console.output.print("  keep the key:" if place == 0 else "  leave:")
        for mention in part:
            note = ", decided" if mention.mention_key in keys else ""
            console.output.print(
                f"    {mention.mention_id_register} ({mention.source}: {mention.issuer_name}{note})"
            )
    leaving = len(forecast.list_leaving(keys))
    phrases = {0: "no other record leaves", 1: "1 other record leaves"}
    others = phrases.get(leaving, f"{leaving:,} other records leave")
    console.output.print(f"Besides these two, {others}.")
    return is_confirmed or typer.confirm("Split?")
