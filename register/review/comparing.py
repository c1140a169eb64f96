"""Two records side by side, in words: what each source says, and what each comparison weighed."""

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
# Outcomes that do not say by themselves what clustering had to do with them.
CAUSED = frozenset({"joined", "kept_apart_by_cluster", "decision_refused"})


@dataclass(frozen=True)
class Comparison:
    """One row of two records side by side; `weights` is empty where nothing was weighed."""

    title: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    weights: tuple[Weight, ...]

    @property
    def is_shared(self) -> bool:
        """Whether some value stands on both sides."""
        return bool(set(self.left) & set(self.right))


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
    """Return what two sources say, field by field, with the weights that belong to each."""
    rows = [
        _plain("Source", in_words(left.source).capitalize(), in_words(right.source).capitalize()),
        _plain("Force or authority", left.issuer_code, right.issuer_code),
        _plain("First received", _day(left.first_received_at), _day(right.first_received_at)),
    ]
    said_left, said_right = case_lists.fields_of(left), case_lists.fields_of(right)
    for field, (title, comparisons) in FIELDS.items():
        ours = tuple(shown_value(field, value) for value in said_left.get(field, []))
        theirs = tuple(shown_value(field, value) for value in said_right.get(field, []))
        weighed = tuple(each for each in weights if each.comparison_code in comparisons)
        if ours or theirs or weighed:
            rows.append(Comparison(title, ours, theirs, weighed))
    return rows


def _plain(title: str, left: str, right: str) -> Comparison:
    return Comparison(title, (left,), (right,), ())


def _day(moment: datetime) -> str:
    return f"{moment:%d %B %Y}"


def weight_in_words(weight: Weight) -> str:
    """One comparison in words: what it found and what that weighs."""
    if weight.comparison_code == PRIOR:
        return f"how rare matches are {weight.weight:+.1f}"
    found = f"{in_words(weight.comparison_code)}: {in_words(weight.level_code)}"
    return f"{found} {weight.weight:+.1f}"


def standing(pair: Pair) -> str:
    """Where a pair stands, in a few words."""
    said = in_words(pair.outcome_code)
    cause_code = pair.cause_code if pair.outcome_code in CAUSED else None
    codes = (cause_code, pair.guard_code or pair.cause_guard_code)
    found = ": ".join(in_words(code) for code in codes if code)
    if found:
        said += f" ({found})"
    if pair.capped_by and pair.outcome_code not in CAUSED:
        said += f", held back by the cap {in_words(pair.capped_by)}"
    return said
