"""Pairs in words: records side by side, what each comparison weighed, and what clustering did.

The cause of each pair is found in the warehouse; here it becomes a sentence.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from register.identity.score import PRIOR
from register.review.pairs import CaseLists, Mention, Pair, Weight

# Fields in the order in which they are shown, with the comparisons that look at them.
FIELDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "name": ("Names", ("forename", "surname")),
    "birth_date": ("Date of birth", ("birth_date",)),
    "birth_date_earliest": ("Born at the earliest", ()),
    "birth_date_latest": ("Born at the latest", ()),
    "sex": ("Sex", ("sex",)),
    "postcode": ("Postcodes", ("postcode",)),
    "postcode_district": ("Districts alone", ()),
    "identifier": ("Identifiers", ("identifier",)),
    "care_first_start_date": ("In care from", ()),
    "adoption_date": ("Adopted", ()),
}
IDENTIFIER_KINDS = {
    "nhs": "NHS number",
    "upn": "Pupil number",
    "home_office": "Home Office number",
    "police": "Police reference",
}
# Outcomes to which clustering may have been the cause.
CAUSED = frozenset({"joined", "kept_apart_by_cluster", "decision_refused"})

SENTENCES = {
    "tie": "A link as strong as theirs, of {one} and {other}, leads to another child, and the two"
    " children exclude each other: neither link was made.",
    "doubt": "There is no evidence for {one} and {other}, a record of the other child, and the link"
    " is not strong enough to bring the two together all the same.",
    "weakest_edge": "Their link is the weakest of a chain that would bring together {one} and"
    " {other}, for whom there is no evidence: the cluster was split here.",
    "guard": "It would bring together {one} and {other}, and a guard forbids that: {guard}.",
    "decision": "It would bring together {one} and {other}, and a person decided that they are"
    " not one child.",
    "kept_in_doubt": "There is no evidence for the two themselves: strong links of other records"
    " keep them together.",
}


@dataclass(frozen=True)
class Comparison:
    """One row of two records side by side; `weights` is empty where nothing was weighed."""

    title: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    weights: tuple[Weight, ...]


def in_words(code: str) -> str:
    """A code as words: `shares_postcode` becomes `shares postcode`."""
    return code.replace("_", " ")


def shown_value(field: str, value: str) -> str:
    """A value as people read it: names with a space, identifiers with their kind in words."""
    if field == "name":
        return " ".join(part for part in value.split("|") if part).title()
    if field == "identifier":
        kind, _, number = value.partition("|")
        return f"{IDENTIFIER_KINDS.get(kind, in_words(kind))} {number}"
    return value


def side_by_side(
    case_lists: CaseLists, left: Mention, right: Mention, weights: list[Weight]
) -> list[Comparison]:
    """Return the values of two sources, field by field, with the weights that belong to each."""
    rows = [
        _plain("Source", in_words(left.source).capitalize(), in_words(right.source).capitalize()),
        _plain("Force or authority", left.issuer_code, right.issuer_code),
        _plain("First received", _day(left.first_received_at), _day(right.first_received_at)),
    ]
    values_left, values_right = case_lists.fields_of(left), case_lists.fields_of(right)
    for field, (title, comparisons) in FIELDS.items():
        ours = tuple(shown_value(field, value) for value in values_left.get(field, []))
        theirs = tuple(shown_value(field, value) for value in values_right.get(field, []))
        weighed = tuple(each for each in weights if each.comparison_code in comparisons)
        if ours or theirs or weighed:
            rows.append(Comparison(title, ours, theirs, weighed))
    return rows


def _plain(title: str, left: str, right: str) -> Comparison:
    return Comparison(title, (left,), (right,), ())


def _day(moment: datetime) -> str:
    return f"{moment:%d %B %Y}"


def weight_in_words(weight: Weight) -> str:
    """One comparison in words: its level and its weight in bits."""
    if weight.comparison_code == PRIOR:
        return f"how rare matches are {weight.weight:+.1f}"
    found = f"{in_words(weight.comparison_code)}: {in_words(weight.level_code)}"
    return f"{found} {weight.weight:+.1f}"


def standing(pair: Pair) -> str:
    """The outcome of a pair, in a few words."""
    said = in_words(pair.outcome_code)
    cause_code = pair.cause_code if pair.outcome_code in CAUSED else None
    codes = (cause_code, pair.guard_code or pair.cause_guard_code)
    found = ": ".join(in_words(code) for code in codes if code)
    if found:
        said += f" ({found})"
    if pair.capped_by and pair.outcome_code not in CAUSED:
        said += f", held back by the cap {in_words(pair.capped_by)}"
    return said


def cause_in_words(pair: Pair) -> str | None:
    """Say what clustering had to do with a pair, in a sentence; None where it had nothing to.

    Also None where a person has decided on a pair that is kept: the decision is its reason.
    """
    if pair.cause_code is None or (pair.is_joined and pair.decision is not None):
        return None
    own = {
        pair.left_mention_id_register: "the left record",
        pair.right_mention_id_register: "the right record",
    }
    ends = (pair.cause_left_mention_id_register, pair.cause_right_mention_id_register)
    one, other = sorted(ends, key=lambda end: end not in own)
    return SENTENCES[pair.cause_code].format(
        one=own.get(str(one), one),
        other=own.get(str(other), other),
        guard=in_words(pair.cause_guard_code or ""),
    )


def cause_pair(case_lists: CaseLists, pair: Pair) -> tuple[Mention, Mention] | None:
    """The two records that are the cause of an undone link, if they are not the pair itself."""
    one, other = pair.cause_left_mention_id_register, pair.cause_right_mention_id_register
    if one is None or other is None:
        return None
    if {one, other} == {pair.left_mention_id_register, pair.right_mention_id_register}:
        return None
    return case_lists.mention(one), case_lists.mention(other)
