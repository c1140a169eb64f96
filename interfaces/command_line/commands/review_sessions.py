"""A reviewer's session: one pair after the other, side by side, with a question after each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast, get_args

import typer
from rich.table import Table
from rich.text import Text

from interfaces.command_line.console import output
from interfaces.command_line.lazy import lazy_module
from register.settings import Settings

if TYPE_CHECKING:
    from register import review
else:
    review = lazy_module("register.review")

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
    """What a reviewer asked for. `is_blind` hides weights and outcome."""

    settings: Settings
    case_lists: review.CaseLists
    by: str | None
    is_blind: bool
    is_double: bool
    is_sample: bool
    cause: review.Cause | None = None

    @property
    def purpose(self) -> review.Purpose:
        """What the answers are for."""
        if self.is_sample:
            return "sample"
        if self.is_double:
            return "double"
        return "blind" if self.is_blind else "decision"

    @property
    def is_decisive(self) -> bool:
        """Whether answers are decisions: only where nothing is hidden."""
        return not (self.is_blind or self.is_double or self.is_sample)


def pairs_of(session: Session) -> list[review.Pair]:
    """The pairs of a session, in order. Raises `ReviewError` where its options do not fit."""
    judged = review.first_judgements(review.read_judgements(session.settings))
    mine = {keys for keys, by_reviewer in judged.items() if session.by in by_reviewer}
    if session.is_double and session.by is None:
        raise review.ReviewError(
            "--double needs --by: the reviewer who has not judged the pairs yet"
        )
    if session.cause and not session.is_decisive:
        raise review.ReviewError(
            "--cause shows the outcome of a pair: only where nothing is hidden"
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
    return [pair for pair in pairs if (pair.left_mention_key, pair.right_mention_key) not in mine]


def run_session(session: Session, pairs: list[review.Pair]) -> None:
    """Show each pair and take down the answer, until the list or the reviewer is done."""
    if not pairs:
        output.print("Nothing to judge.")
        return
    by = session.by or typer.prompt("Who judges").strip()
    for place, pair in enumerate(pairs, start=1):
        output.print(f"\nPair {place:,} of {len(pairs):,}: {pair.review_pair_id}", style="bold")
        show_pair(session, pair)
        answer = _ask(session)
        if answer == STOP:
            return
        if answer != SKIP:
            _record(session, pair, answer, by)


def show_pair(session: Session, pair: review.Pair) -> None:
    """Both records side by side; weights and outcome only where they are not hidden."""
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
        cells = [Text(row.title, style="bold"), _values(row, row.left), _values(row, row.right)]
        weights_text = Text("\n".join(review.describe_weight(each) for each in row.weights))
        table.add_row(*cells, *([] if session.is_blind else [weights_text]))
    output.print(table)
    if not session.is_blind:
        _show_standing(session, pair)


def _show_standing(session: Session, pair: review.Pair) -> None:
    if pair.match_weight is not None:
        prior = session.case_lists.read_weights(pair.review_pair_id)[0]
        output.print(f"{review.describe_weight(prior)}; in all {pair.match_weight:+.1f} bits")
    if session.is_double:
        # The outcome may show what the other reviewer decided.
        return
    output.print(f"{review.describe_outcome(pair)}; value of a decision {pair.value_of_decision:,}")
    cause = review.describe_cause(pair)
    if cause:
        output.print(cause, markup=False, highlight=False)
    between = review.find_cause_pair(session.case_lists, pair)
    if between:
        _show_between(session.case_lists, *between)
    if pair.decision:
        decided = f"in force: {review.code_to_words(pair.decision)} by {pair.decided_by}"
        output.print(f"{decided}: {pair.decision_reason}", markup=False)


def _show_between(case_lists: review.CaseLists, one: review.Mention, other: review.Mention) -> None:
    table = Table(title="What keeps them apart", show_lines=True)
    for heading in ("", one.mention_id_register, other.mention_id_register):
        table.add_column(heading, overflow="fold")
    for row in review.compare_records(case_lists, one, other, []):
        table.add_row(
            Text(row.title, style="bold"), _values(row, row.left), _values(row, row.right)
        )
    output.print(table)


def _values(row: review.Comparison, own: tuple[str, ...]) -> Text:
    shared = set(row.left) & set(row.right)
    text = Text()
    for place, value in enumerate(own):
        text.append("\n" if place else "")
        text.append(value, style="green" if value in shared and row.title != "Source" else "")
    return text


def _ask(session: Session) -> str:
    choices = [*(DECISIONS if session.is_decisive else JUDGEMENTS), "unsure", SKIP, STOP]
    return _choose(list(dict.fromkeys(choices)), default=SKIP)


def _choose(known: list[str], default: str) -> str:
    while True:
        answer = str(typer.prompt(f"{', '.join(known)}?", default=default)).strip().lower()
        matching = [each for each in known if each == answer]
        if matching:
            return matching[0]
        output.print(f"One of: {', '.join(known)}")


def _record(session: Session, pair: review.Pair, answer: str, by: str) -> None:
    """Take down an answer; one that is refused is told, and the session goes on."""
    keys = (pair.left_mention_key, pair.right_mention_key)
    try:
        if answer in DECISIONS:
            if answer != "link" and not is_split_wanted(session.settings, session.case_lists, keys):
                output.print("Nothing is written.")
                return
            reason = str(typer.prompt("Why, in words (they are not published)"))
            output.print("Why, as it is published:")
            code = cast(
                review.ReasonCode, _choose(list(get_args(review.ReasonCode)), default="other")
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
            output.print(f"Decided: {review.code_to_words(answer)}, from the next load on.")
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
        output.print(f"Refused: {error}.", markup=False)
        return
    output.print(f"Judged: {answer}.")


def is_split_wanted(
    settings: Settings, case_lists: review.CaseLists, keys: tuple[str, str], is_agreed: bool = False
) -> bool:
    """Show which other records of the child would leave with a split, and ask unless it is agreed.

    True for a decision that parts no child, which shows and asks nothing.
    """
    forecast = review.forecast_split(case_lists, review.decisions_in_force(settings), keys)
    if forecast is None:
        return True
    count = sum(map(len, forecast.parts))
    output.print(
        f"{forecast.child_id_register} is of {count:,} records. A split makes {len(forecast.parts)}"
        " children of them, as far as their own links tell:"
    )
    for place, part in enumerate(forecast.parts):
        output.print("  keeps the key:" if place == 0 else "  leaves:")
        for mention in part:
            named = ", decided" if mention.mention_key in keys else ""
            output.print(
                f"    {mention.mention_id_register} ({mention.source} {mention.issuer_code}{named})"
            )
    leaving = len(forecast.list_leaving(keys))
    nouns = {0: "no other record leaves", 1: "1 other record leaves"}
    along = nouns.get(leaving, f"{leaving:,} other records leave")
    output.print(f"Besides the two, {along}.")
    return is_agreed or typer.confirm("Split?")
