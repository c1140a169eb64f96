"""Collective evidence: changes to links because of other records of the family, source or nation.

*Promotion.* A pair in review may become a link. A record without a forename may belong to a twin,
so a cap keeps its pairs in review. If one looked-after child explains both records (`households`),
no twin is possible, and the pair becomes a link. This never happens if the forenames differ.

*Holding back.* A link may go to clerical review instead, if a rule of `RULES` gives a reason. It
also goes to review if names or sexes indicate two children (`twins`), unless one looked-after child
explains both records. So does a pair of records of one authority with care at one time
(`looked_after_twice`).

Guards and decisions are applied later (`children`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from register.identity.clean import are_names_reordered, identifies_a_person, is_name_within
from register.identity.cluster.coincidences import Namesakes, count_events
from register.identity.cluster.custom_names import share_custom_alone
from register.identity.cluster.default_dates import DefaultDays
from register.identity.cluster.households import explain_same_child, find_looked_after_children
from register.identity.cluster.looked_after_twice import TWICE, find_pairs_looked_after_twice
from register.identity.cluster.name_similarity import (
    are_any_similar,
    find_shared_surnames,
    orient_forenames,
    share_a_particle_alone,
)
from register.identity.cluster.twins import TWO_CHILDREN, CommonForenames, has_two_forenames
from register.identity.score import Model, calibrated_probability, load_model

Record = dict[str, Any]
LINK_METHOD = "one_looked_after_child"
NO_LINK_METHOD = "evidence_only"
# Caps, which keep a pair in review whatever its match weight. `NO_FORENAME` marks a possible twin;
# it is lifted if one looked-after child explains both records.
NO_FORENAME = "no_forename"
NO_COMMON_ADDRESS = "authorities_without_common_address"
OTHER_SURNAME = "authorities_with_other_surname"
COMMON_NAME = "common_name_and_birth_date"
COMMON_FORENAMES = "two_common_forenames"
OTHER_NAME = "another_name_in_one_family"
ONE_EVENT = "one_event_another_forename"
PART_OF_A_FORENAME = "part_of_a_forename_another_surname"
DEFAULT_DATE = "default_date_of_birth"
NO_SURNAME = "no_surname"
OTHER_GIVEN_NAMES = "other_given_names"
CUSTOM_NAMES = "names_by_custom_alone"
EXCLUDED_BY_AGE = "age_excludes_birth_date"
CAPS = (
    NO_COMMON_ADDRESS, OTHER_SURNAME, COMMON_NAME, COMMON_FORENAMES, OTHER_NAME, ONE_EVENT,
    PART_OF_A_FORENAME, DEFAULT_DATE, NO_SURNAME, OTHER_GIVEN_NAMES, CUSTOM_NAMES, EXCLUDED_BY_AGE,
    TWO_CHILDREN, TWICE,
)  # fmt: skip
# Caps of pairs that only a reviewer makes a link: names that brothers, sisters, twins or strangers
# have in common, and care at one time, however well other records fit.
FINAL_CAPS = frozenset({NO_SURNAME, OTHER_GIVEN_NAMES, CUSTOM_NAMES, ONE_EVENT, TWICE})
ENDS = ("left_mention_key", "right_mention_key")
CHANGED = ("match_probability", "band", "link_method", "capped_by", "is_strict", "is_loose")
HELD_BACK = {
    "band": "review", "link_method": NO_LINK_METHOD, "is_strict": False, "is_loose": False,
}  # fmt: skip
ANOTHER_FORENAME = "forename=another_forename"
DEFAULT_LEVEL = "birth_date=default_day"
SAME_DATE = {"birth_date=same", "birth_date=another_date", DEFAULT_LEVEL}
EQUAL_FORENAMES = {"forename=same", ANOTHER_FORENAME}
SPELT = {f"forename={level}" for level in ("nickname", "one_letter_off", "same_sound")}
REORDERED = {"swapped_with_surname", "nearly_swapped", "same_tokens"}
NAMED = EQUAL_FORENAMES | {f"forename={level}" for level in REORDERED}
PAIRS_AT_ONCE = 100_000
AT_HOME = {"postcode=shares_postcode", "postcode=shares_postcode_and_surname"}
CROWDED = "postcode=shares_crowded"
COMPARED_COLUMNS = (
    "source", "names", "sex_code", "birth_dates", "birth_date_earliest", "birth_date_latest",
    "postcodes", "identifiers",
)  # fmt: skip
# A name and date of birth in common are too little evidence if more than this number of other
# children are expected to share them by chance. The limit is higher if both addresses are in one
# postcode area (True): there, a coincidence is thirty times rarer, and most true pairs are there.
MAX_EXPECTED = {False: 5e-4, True: 1e-2}


class Population(NamedTuple):
    """Facts from all mentions; `events` counts the police records of each police reference."""

    namesakes: Namesakes
    forenames: CommonForenames
    events: Counter[str]
    default_days: DefaultDays


class ComparedPair(NamedTuple):
    """Two records to compare, the levels on which they agree, and the population.

    A level is written `comparison=level`.
    """

    one: Record
    other: Record
    evidence: set[str]
    population: Population

    def find_shared(self, field: str) -> set[Any]:
        """Return the values of a field that both records have."""
        return set(self.one[field]) & set(self.other[field])

    @property
    def name_lists(self) -> tuple[list[str], list[str]]:
        """The lists of names of both records."""
        return self.one["names"], self.other["names"]

    @property
    def is_at_home(self) -> bool:
        """Whether the records share an address that few persons have."""
        return bool(self.evidence & AT_HOME)

    @property
    def are_surnames_unlike(self) -> bool:
        """Whether both records have surnames, but none is shared and none weighs for one child."""
        is_weighed = any(each.startswith("surname=") for each in self.evidence)
        have_both = all(map(_has_surname, (self.one, self.other)))
        return have_both and not is_weighed and not find_shared_surnames(*self.name_lists)


def promote_links(
    mentions: pa.Table, links: pa.Table, care: pa.Table, model: Model | None = None
) -> pa.Table:
    """Return `links` with collective evidence applied, in the same order.

    `mentions` is in `MENTION_SCHEMA`, `links` in `LINK_SCHEMA`, and `care` in `CARE_SCHEMA`. A
    promoted pair keeps its weight and cap. It enters band `link` by method
    `one_looked_after_child`, with the probability of this method in `model` (by default the pinned
    model). It is a link at the loose threshold but not at the strict one. A pair that is held back
    gets a cap and is in band `review`; `doubtful_pairs` then weighs it anew.
    """
    chosen = load_model() if model is None else model
    changed = _find_promoted(mentions, links, care, chosen)
    changed |= _find_held_back(mentions, links, care, chosen)
    finals = FINAL_CAPS.union(cap.name for cap in chosen.caps if cap.is_final)
    for place, row in _list_looked_after_twice(mentions, links, care).items():
        if changed.get(place, row)["capped_by"] not in finals:
            changed[place] = row | HELD_BACK | {"capped_by": TWICE}
    places = sorted(changed)
    is_changed = np.zeros(links.num_rows, dtype=bool)
    is_changed[places] = True
    for name in CHANGED:
        field = links.schema.field(name)
        values = pa.array([changed[place][name] for place in places], field.type)
        column = pc.replace_with_mask(links[name].combine_chunks(), pa.array(is_changed), values)
        links = links.set_column(links.column_names.index(name), field, column)
    return links


def _find_promoted(
    mentions: pa.Table, links: pa.Table, care: pa.Table, model: Model
) -> dict[int, Record]:
    """Return the pairs to promote, by row number: one looked-after child explains both records."""
    in_review = pc.and_(
        pc.equal(links["band"], "review"), pc.equal(links["capped_by"], NO_FORENAME)
    )
    places = np.flatnonzero(pc.fill_null(in_review, False))
    pairs = links.take(pa.array(places))
    child_of = find_looked_after_children(mentions, care, _list_ends(pairs))
    return {
        place: row
        | {
            "match_probability": calibrated_probability(row["match_weight"], LINK_METHOD, model),
            "band": "link",
            "link_method": LINK_METHOD,
            "is_loose": True,
        }
        for place, row in zip(places.tolist(), _read_rows(pairs, *CHANGED), strict=True)
        if explain_same_child(child_of, *(row[end] for end in ENDS))
    }


def _find_held_back(
    mentions: pa.Table, links: pa.Table, care: pa.Table, model: Model
) -> dict[int, Record]:
    """Return the pairs without a cap that are held back for review, by row number."""
    population = Population(
        Namesakes(mentions, model.frequencies),
        CommonForenames(mentions, model.frequencies.get("forename")),
        count_events(mentions),
        DefaultDays(mentions),
    )
    is_open = pc.and_(
        pc.is_null(links["capped_by"]),
        pc.greater_equal(links["match_weight"], model.thresholds.keep),
    )
    uncapped = np.flatnonzero(is_open)
    held_back = {}
    # Only some pairs become Python objects at a time: all pairs of a nation would take too much
    # memory.
    for start in range(0, len(uncapped), PAIRS_AT_ONCE):
        places = uncapped[start : start + PAIRS_AT_ONCE]
        pairs = links.take(pa.array(places))
        records = _read_records(mentions, pairs)
        rows = _read_rows(pairs, "evidence", *CHANGED)
        for place, row in zip(places.tolist(), rows, strict=True):
            one, other = (records[row[end]] for end in ENDS)
            pair = ComparedPair(one, other, set(row["evidence"].split("+")), population)
            cap = _find_cap(pair)
            if cap is None and population.forenames.are_twins(one, other):
                cap = TWO_CHILDREN
            if cap:
                held_back[place] = row | HELD_BACK | {"capped_by": cap}
    twins = [row for row in held_back.values() if row["capped_by"] == TWO_CHILDREN]
    ends = pa.array([row[end] for row in twins for end in ENDS], pa.string())
    child_of = find_looked_after_children(mentions, care, ends) if twins else {}
    return {
        place: row
        for place, row in held_back.items()
        if row["capped_by"] != TWO_CHILDREN
        or not explain_same_child(child_of, *(row[end] for end in ENDS))
    }


def _list_looked_after_twice(
    mentions: pa.Table, links: pa.Table, care: pa.Table
) -> dict[int, Record]:
    """Return the pairs of records of one authority with care at one time, by row number."""
    places = find_pairs_looked_after_twice(mentions, links, care)
    rows = _read_rows(links.take(pa.array(places, pa.int64())), *CHANGED)
    return dict(zip(places, rows, strict=True))


def _read_rows(pairs: pa.Table, *columns: str) -> list[Record]:
    return pairs.select([*ENDS, "match_weight", *columns]).to_pylist()


def _read_records(mentions: pa.Table, pairs: pa.Table) -> dict[str, Record]:
    """Return the compared columns of the mentions in `pairs`, by mention key."""
    compared = mentions.filter(pc.is_in(mentions["mention_key"], value_set=_list_ends(pairs)))
    rows = compared.select(list(COMPARED_COLUMNS)).to_pylist()
    return dict(zip(compared["mention_key"].to_pylist(), rows, strict=True))


def _list_ends(pairs: pa.Table) -> pa.ChunkedArray:
    chunks = [chunk for name in ENDS for chunk in pairs[name].chunks]
    return pa.chunked_array(chunks, pa.string())


def _find_cap(pair: ComparedPair) -> str | None:
    """Return the cap of a pair of records, or None if the pair may link."""
    identifiers = pair.find_shared("identifiers")
    if any(map(identifies_a_person, identifiers)):
        return None
    if identifiers:
        return _find_cap_of_one_event(pair, identifiers)
    return next(filter(None, (rule(pair) for rule in RULES)), None)


def _find_cap_of_one_event(pair: ComparedPair, references: set[str]) -> str | None:
    """Return the cap of two records of one report; the report may be about several children.

    The forename tells which child a record is about. If forenames are only similar, the date of
    birth must agree too. A record without a forename may link only if the report is about one
    child.
    """
    sides = orient_forenames(*pair.name_lists)
    is_of_several = any(pair.population.events[reference] > 1 for reference in references)
    if not all(sides):
        return ONE_EVENT if is_of_several else None
    is_named = pair.evidence & NAMED and not _check_given_names(pair)
    if is_named and not is_of_several:
        return None
    is_like = bool(pair.evidence & SAME_DATE) and are_any_similar(*sides)
    return _check_family(pair) if is_named or is_like else ONE_EVENT


def _check_authorities(pair: ComparedPair) -> str | None:
    """Hold back records of two authorities if they share no address, or if their surnames differ.

    Every authority's file lists all addresses of a child, starting with the home. A child's surname
    may change with an adoption.
    """
    if not pair.one["source"] == pair.other["source"] == "authority":
        return None
    if not pair.one["postcodes"] or not pair.other["postcodes"]:
        return None
    if not pair.find_shared("postcodes"):
        return NO_COMMON_ADDRESS
    has_common_surname = bool(find_shared_surnames(*pair.name_lists))
    return OTHER_SURNAME if all(pair.name_lists) and not has_common_surname else None


def _check_coincidence(pair: ComparedPair) -> str | None:
    """Hold back records that share only a name and date of birth, if this may be a coincidence.

    It may be one if too many other children are expected to share both (`MAX_EXPECTED`).
    """
    if pair.find_shared("postcodes"):
        return None
    areas = [set(map(_postcode_area, each["postcodes"])) for each in (pair.one, pair.other)]
    limit = MAX_EXPECTED[bool(areas[0] & areas[1])]
    expected = pair.population.namesakes.count_expected(pair.one, pair.other)
    return COMMON_NAME if expected > limit else None


def _check_surnames(pair: ComparedPair) -> str | None:
    """Hold back records that share only a part of the forename, if the surnames differ.

    Records at one home address are not held back, unless a record has only initials as forenames:
    the address may be a small hostel. Nor are records of which one name is within the other.
    """
    is_housed = pair.is_at_home and not any(map(_has_initials_alone, (pair.one, pair.other)))
    if is_housed or pair.evidence & (NAMED | SPELT) or not pair.are_surnames_unlike:
        return None
    return None if is_name_within(*pair.name_lists) else PART_OF_A_FORENAME


def _check_default_date(pair: ComparedPair) -> str | None:
    """Hold back records whose shared date of birth is a default, unless they share an address.

    In a children's home, the full forenames must agree too. Records whose surnames differ are held
    back even at one address. Default days that are a level of the model are left to the model's
    caps.
    """
    shared = pair.find_shared("birth_dates")
    if DEFAULT_LEVEL in pair.evidence or not pair.population.default_days.are_all(shared):
        return None
    is_named_resident = CROWDED in pair.evidence and bool(pair.evidence & NAMED)
    is_housed = pair.is_at_home or is_named_resident
    return DEFAULT_DATE if pair.are_surnames_unlike or not is_housed else None


def _check_missing_surname(pair: ComparedPair) -> str | None:
    """Hold back a record without a surname, unless an address or a second name agrees.

    Many children share a forename and a date of birth. A shared children's home counts as a shared
    address only if the date of birth is not a default.
    """
    if all(map(_has_surname, (pair.one, pair.other))):
        return None
    shared = pair.find_shared("birth_dates")
    has_birthday = bool(shared) and not pair.population.default_days.are_all(shared)
    is_placed = pair.is_at_home or (CROWDED in pair.evidence and has_birthday)
    return None if is_placed or is_name_within(*pair.name_lists) else NO_SURNAME


def _check_given_names(pair: ComparedPair) -> str | None:
    """Hold back records that share only the first given name, such as Ana Maria and Ana Sofia."""
    sides = orient_forenames(*pair.name_lists)
    if share_a_particle_alone(*sides):
        return OTHER_GIVEN_NAMES
    if not pair.evidence & EQUAL_FORENAMES or are_names_reordered(*pair.name_lists):
        return None
    return None if are_any_similar(*sides) else OTHER_GIVEN_NAMES


def _check_custom_names(pair: ComparedPair) -> str | None:
    """Hold back records that have only customary names in common.

    At a shared address the other names may be misspelt. There the rule applies only if the
    forenames count as equal.
    """
    if pair.find_shared("postcodes") and not pair.evidence & EQUAL_FORENAMES:
        return None
    return CUSTOM_NAMES if share_custom_alone(*pair.name_lists) else None


def _check_age(pair: ComparedPair) -> str | None:
    """Hold back records if the age in one is impossible with the date of birth in the other.

    Records at a shared address are not held back: the age may be a clerk's guess, or the year
    wrong.
    """
    if pair.is_at_home or (pair.one["birth_dates"] and pair.other["birth_dates"]):
        return None
    ones, others = _list_possible_births(pair.one), _list_possible_births(pair.other)
    is_possible = any(
        first <= other_last and other_first <= last
        for first, last in ones
        for other_first, other_last in others
    )
    return EXCLUDED_BY_AGE if ones and others and not is_possible else None


def _check_family(pair: ComparedPair) -> str | None:
    """Hold back records with one date of birth that may be of twins.

    Two different forenames that are both frequent are two names, even if they are similar. If one
    record has two quite different forenames, one of them may be the twin's.
    """
    if not pair.find_shared("birth_dates"):
        return None
    if pair.population.forenames.are_of_two(*pair.name_lists):
        return COMMON_FORENAMES
    has_two = ANOTHER_FORENAME in pair.evidence and any(map(has_two_forenames, pair.name_lists))
    return OTHER_NAME if has_two else None


# Each rule returns the cap of a pair, or None. The first rule that returns a cap counts.
RULES: tuple[Callable[[ComparedPair], str | None], ...] = (
    _check_authorities,
    _check_coincidence,
    _check_surnames,
    _check_default_date,
    _check_missing_surname,
    _check_given_names,
    _check_custom_names,
    _check_age,
    _check_family,
)


def _has_surname(record: Record) -> bool:
    return any(name.partition("|")[2] for name in record["names"])


def _has_initials_alone(record: Record) -> bool:
    words = [word for name in record["names"] for word in name.partition("|")[0].split()]
    return bool(words) and all(len(word) == 1 for word in words)


def _list_possible_births(record: Record) -> list[tuple[date, date]]:
    """Return the ranges of possible dates of birth in a record, empty if nothing is known."""
    if record["birth_dates"]:
        return [(born, born) for born in record["birth_dates"]]
    earliest, latest = record["birth_date_earliest"], record["birth_date_latest"]
    return [(earliest, latest)] if earliest and latest else []


def _postcode_area(postcode: str) -> str:
    """Return the letters with which a postcode begins."""
    return postcode[:2] if postcode[1:2].isalpha() else postcode[:1]
