"""Sentences and labels that describe pairs to reviewers.

They show records side by side, the weight of each comparison, and the effect of clustering. The
warehouse finds the cause of each pair's outcome; this module turns it into a sentence.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from register.identity.cluster import SAMPLE_METHOD
from register.identity.score import PRIOR
from register.labels import code_to_words
from register.review.pairs import CaseLists, Mention, Pair, Weight

# Fields in the order of display, each with its title and the comparisons that use it.
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
# Outcomes that clustering, and not the pair's own weight, may have caused.
CAUSED = frozenset({"joined", "kept_apart_by_cluster", "decision_refused"})

# What context adds to the weight of a doubtful pair, in words.
CONTEXT_WORDS = {
    "discount": "deduction from the weights above, in bits",
    "cap": "pattern for which the weight is held back",
    "shared_names": "names that both have, by sound",
    "other_names": "names that only one has",
    "lead": "ahead of the next most likely record, in bits",
    "lead_at_one_end": "the same, for the record with fewer other candidates",
    "contradiction": "a third record is like only one of the two",
    "support": "a third record is like both",
    "affinity": "how often the two suppliers know the same child",
}

SENTENCES = {
    "tie": "Another link is as strong as this one: {one} and {other}. It leads to another child,"
    " and the two children cannot be one. Neither link was made.",
    "doubt": "This link is too weak to join the two children, because there is no evidence that"
    " {one} and {other} are of one child.",
    "weakest_edge": "This link is the weakest of a chain that would join {one} and {other}, and"
    " there is no evidence that these are of one child. The chain was cut here.",
    "guard": "The link would join {one} and {other}, and a rule forbids that: {guard}.",
    "decision": "The link would join {one} and {other}, and a person decided that these are not of"
    " one child.",
    "kept_in_doubt": "There is no evidence that these two records are of one child. Strong links of"
    " other records keep them together.",
}


@dataclass(frozen=True)
class Comparison:
    """One field of two records side by side. `weights` is empty if the field was not compared."""

    title: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    weights: tuple[Weight, ...]


def format_value(field: str, value: str) -> str:
    """Return a value for display: names with a space, identifiers with their kind."""
    if field == "name":
        return " ".join(part for part in value.split("|") if part).title()
    if field == "identifier":
        kind, _, number = value.partition("|")
        return f"{IDENTIFIER_KINDS.get(kind, code_to_words(kind))} {number}"
    return value


def compare_records(
    case_lists: CaseLists, left: Mention, right: Mention, weights: list[Weight]
) -> list[Comparison]:
    """Return the values of two records, field by field, with the weights of each field."""
    rows = [
        _build_row(
            "Source",
            code_to_words(left.source).capitalize(),
            code_to_words(right.source).capitalize(),
        ),
        _build_row("Force or authority", left.issuer_name, right.issuer_name),
        _build_row(
            "First received",
            _format_date(left.first_received_at),
            _format_date(right.first_received_at),
        ),
    ]
    values_left, values_right = case_lists.fields_of(left), case_lists.fields_of(right)
    for field, (title, comparisons) in FIELDS.items():
        ours = tuple(format_value(field, value) for value in values_left.get(field, []))
        theirs = tuple(format_value(field, value) for value in values_right.get(field, []))
        weighed = tuple(each for each in weights if each.comparison_code in comparisons)
        if ours or theirs or weighed:
            rows.append(Comparison(title, ours, theirs, weighed))
    return rows


def _build_row(title: str, left: str, right: str) -> Comparison:
    return Comparison(title, (left,), (right,), ())


def _format_date(moment: datetime) -> str:
    return f"{moment:%d %B %Y}"


def describe_weight(weight: Weight) -> str:
    """Return the level of a comparison and its weight in bits, in words."""
    return f"{name_comparison(weight)} {weight.weight:+.1f}"


def name_comparison(weight: Weight) -> str:
    """Return a comparison and its level in words."""
    name, level = split_comparison(weight)
    return f"{name}: {level}" if level else name


def split_comparison(weight: Weight) -> tuple[str, str]:
    """Return the words for a comparison and for its level, which is empty for the prior."""
    if weight.comparison_code == PRIOR:
        return "how rare matches are", ""
    name = CONTEXT_WORDS.get(weight.comparison_code, code_to_words(weight.comparison_code))
    return name, code_to_words(weight.level_code)


def describe_outcome(pair: Pair) -> str:
    """Return the outcome of a pair in a few words."""
    outcome = code_to_words(pair.outcome_code)
    cause_code = pair.cause_code if pair.outcome_code in CAUSED else None
    codes = (cause_code, pair.guard_code or pair.cause_guard_code)
    cause = ": ".join(code_to_words(code) for code in codes if code)
    if cause:
        outcome += f" ({cause})"
    if not pair.capped_by:
        return outcome
    cap = f"the cap “{code_to_words(pair.capped_by)}”"
    if pair.link_method == SAMPLE_METHOD:
        return f"{outcome}, a link because a clerical sample supports {cap}"
    return outcome if pair.outcome_code in CAUSED else f"{outcome}, held back by {cap}"


def describe_cause(pair: Pair) -> str | None:
    """Return a sentence about what clustering decided on a pair, or None if it decided nothing.

    It is also None for a joined pair about which a person decided, because then the decision is the
    reason.
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
        guard=code_to_words(pair.cause_guard_code or ""),
    )


def find_cause_pair(case_lists: CaseLists, pair: Pair) -> tuple[Mention, Mention] | None:
    """Return the two records because of which clustering undid a link, or None.

    It is None if there are no such records, or if they are the records of `pair` itself.
    """
    one, other = pair.cause_left_mention_id_register, pair.cause_right_mention_id_register
    if one is None or other is None:
        return None
    if {one, other} == {pair.left_mention_id_register, pair.right_mention_id_register}:
        return None
    return case_lists.read_mention(one), case_lists.read_mention(other)
