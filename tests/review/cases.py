"""A published home with a few invented children, scored by the pinned model, for review."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from register.identity.clean import MENTION_SCHEMA
from register.identity.score import links_from_scores, list_weights, load_model, score_pairs
from register.publishing import Generation, publish
from register.review.pairs import Pair
from register.settings import Settings
from tests.publishing.builds import build

BORN = date(2010, 2, 3)
RECEIVED = datetime(2026, 5, 1)  # noqa: DTZ001 - the marts hold UTC without a zone
# The suppliers of the records.
FORCE, FORCE_NAME = "E23000018", "Derbyshire Constabulary"
AUTHORITY, AUTHORITY_NAME = "370", "Barnsley"
NAMES = ("zoe", "adam", "quill", "mira", "okonkwo")


def record_key(digit: str) -> str:
    """A mention key that a reader of a failing test recognises."""
    return digit * 32


def mention_id(digit: str) -> str:
    """The published form of a mention key."""
    return "M" + digit.upper() * 24


def child_id(digit: str) -> str:
    """The id of the child that was minted from a mention."""
    return "C" + digit.upper() * 24


def pair_id(one: str, other: str) -> str:
    """The id of a pair of mentions, as the marts make it."""
    joined = "|".join(sorted((record_key(one), record_key(other))))
    return "P" + hashlib.md5(joined.encode()).hexdigest()[:16].upper()  # noqa: S324 - an id


@dataclass(frozen=True)
class Person:
    """One invented record of a source; `child` is the digit of its founder."""

    digit: str
    child: str
    source: str
    names: tuple[str, ...]
    birth_date: date | None = BORN
    postcodes: tuple[str, ...] = ("AB12CD",)
    identifiers: tuple[str, ...] = ()
    care_start: date | None = None
    adopted: date | None = None


# 1, 2 and 3 are one child: 1 and 3 agree on little, and 2 on much with both. 4 is a twin. 5 is
# like 1 but capped. 6 is somebody else altogether. 7 and 8 are one child that a person split. 2 is
# kept from 4 by the twins 1 and 4; there is no evidence for 1 and 3, which are one child through 2.
# 9 was adopted and came into care again as a.
PEOPLE = (
    Person("1", "1", "police", ("zoe|sample",)),
    Person("2", "1", "authority", ("zoe|sample", "zoe|quill"), BORN, ("AB12CD", "EF34GH")),
    Person("3", "1", "authority", ("zoe|quill",), BORN, ("EF34GH",)),
    Person("4", "4", "authority", ("adam|sample",)),
    Person("5", "5", "police", ("zoe|sample",), date(2010, 3, 2), ("XY98ZZ",)),
    Person("6", "6", "authority", ("mira|okonkwo",), date(2014, 11, 30), ("QQ11QQ",),
           care_start=date(2017, 2, 2)),
    Person("7", "7", "police", ("mira|quill",), date(2011, 6, 6), ("MN56OP",)),
    Person("8", "8", "authority", ("mira|quill",), date(2011, 6, 6), ("MN56OP",)),
    Person("9", "9", "authority", ("tamsin|oakes",), date(2015, 3, 9), ("PL44AA",),
           adopted=date(2019, 6, 1)),
    Person("a", "a", "authority", ("edith|winslow",), date(2016, 8, 21), ("CB45BB",),
           care_start=date(2021, 1, 5)),
)  # fmt: skip


CAUSE_COLUMNS = tuple(each.name for each in fields(Pair) if each.name.startswith("cause_"))


@dataclass(frozen=True)
class Fate:
    """What became of a pair, where it is not what the band says."""

    outcome_code: str
    changes: dict[str, Any] = field(default_factory=dict)


FATES = {
    ("1", "4"): Fate("guarded", {"guard_code": "conflicting_identifiers"}),
    ("2", "4"): Fate(
        "kept_apart_by_cluster",
        {
            "review_reason_code": "kept_apart_by_cluster",
            "band_code": "link",
            "capped_by": None,
            "cause_code": "guard",
            "cause_guard_code": "conflicting_identifiers",
            "cause_left_mention_id_register": mention_id("1"),
            "cause_right_mention_id_register": mention_id("4"),
        },
    ),
    ("1", "3"): Fate(
        "joined",
        {
            "cause_code": "kept_in_doubt",
            "review_reason_code": "kept_in_doubt",
            "value_of_decision": 3,
            "meeting_episode_count": 1,
            "merging_episode_count": 0,
            "merging_child_count": 1,
            "newly_known_child_count": 0,
            "sampling_stratum": None,
        },
    ),
    ("7", "8"): Fate(
        "kept_apart_by_decision",
        {
            "decision": "split",
            "decided_by": "R. Viewer",
            "decided_at": RECEIVED,
            "decision_reason": "Two cousins",
            "has_decision_conflict": True,
            "review_reason_code": "decision_conflict",
        },
    ),
}

# A pair without evidence is not scored.
KEPT = {
    **{"left_mention_key": record_key("1"), "right_mention_key": record_key("3")},
    **{"match_weight": None, "match_probability": None, "band": "none", "capped_by": None},
}


def mentions_table() -> pa.Table:
    """The invented people as cleaned mentions."""
    rows = [
        {
            "mention_key": record_key(person.digit),
            "source": person.source,
            "issuer_code": FORCE if person.source == "police" else AUTHORITY,
            "first_received_at": RECEIVED,
            "primary_name": person.names[0],
            "names": sorted(person.names),
            "birth_dates": [person.birth_date],
            "postcodes": sorted(person.postcodes),
            "postcode_districts": [],
            "identifiers": sorted(person.identifiers),
        }
        for person in PEOPLE
    ]
    return pa.Table.from_pylist(rows, schema=MENTION_SCHEMA)


def publish_cases(settings: Settings) -> Generation:
    """Publish a generation whose case lists hold the invented people and their pairs."""
    folder = build(settings, 1)
    write_case_lists(folder)
    return publish(settings, folder)


def write_case_lists(folder: Path) -> None:
    """Write the review tables of the invented people into a build."""
    model = load_model()
    mentions = mentions_table()
    scored = score_pairs(mentions, model)
    links = links_from_scores(scored, model, mentions.num_rows)
    overstated = {cap.name: cap.overstated_by for cap in model.caps}
    links = links.filter(
        pa.array(
            row["match_weight"] - overstated.get(row["capped_by"], 0) >= model.thresholds.keep
            for row in links.to_pylist()
        )
    )
    weights = [
        {**row, "review_pair_id": _id_of(row)}
        for row in list_weights(scored, model, links).to_pylist()
    ]
    tables = {
        "review_pairs": [_pair_row(row) for row in [*links.to_pylist(), KEPT]],
        "review_pair_weights": weights,
        "review_mentions": [_mention_row(person) for person in PEOPLE],
        "review_mention_fields": [row for person in PEOPLE for row in _field_rows(person)],
    }
    with duckdb.connect(str(folder / "case_lists.duckdb")) as connection:
        for name, rows in tables.items():
            connection.register("given", pa.Table.from_pylist(rows))
            connection.execute(f"create table operations.{name} as select * from given")


def _id_of(row: dict[str, Any]) -> str:
    return pair_id(row["left_mention_key"][0], row["right_mention_key"][0])


def _pair_row(row: dict[str, Any]) -> dict[str, Any]:
    left, right = row["left_mention_key"][0], row["right_mention_key"][0]
    children = {person.digit: person.child for person in PEOPLE}
    is_joined = children[left] == children[right]
    fate = FATES.get((left, right), Fate("joined" if is_joined else "for_review"))
    reason = None if is_joined else "capped" if row["capped_by"] else "review_band"
    return {
        "review_pair_id": _id_of(row),
        "left_mention_key": record_key(left),
        "right_mention_key": record_key(right),
        "left_mention_id_register": mention_id(left),
        "right_mention_id_register": mention_id(right),
        "left_child_id_register": child_id(children[left]),
        "right_child_id_register": child_id(children[right]),
        "is_joined": is_joined,
        "match_weight": row["match_weight"],
        "match_probability": row["match_probability"],
        "band_code": row["band"],
        "is_loose": None if row["match_weight"] is None else row["match_weight"] >= 0,
        "capped_by": row["capped_by"],
        "guard_code": None,
        "link_method": "sum_of_weights" if row["band"] == "link" else "evidence_only",
        "outcome_code": fate.outcome_code,
        "review_reason_code": reason,
        "is_for_review": fate.changes.get("review_reason_code", reason) is not None,
        **dict.fromkeys(("decision", "decided_by", "decision_reason", *CAUSE_COLUMNS)),
        "decided_at": None,
        "has_decision_conflict": False,
        "value_of_decision": 0 if is_joined else 11,
        "meeting_episode_count": 4,
        "merging_episode_count": 0,
        "merging_child_count": 1,
        "newly_known_child_count": 2,
        "sampling_stratum": "capped" if row["capped_by"] else "20 and over",
        **fate.changes,
    }


def _mention_row(person: Person) -> dict[str, Any]:
    return {
        "mention_id_register": mention_id(person.digit),
        "mention_key": record_key(person.digit),
        "child_id_register": child_id(person.child),
        "is_founder": person.digit == person.child,
        "source": person.source,
        "issuer_code": FORCE if person.source == "police" else AUTHORITY,
        "first_received_at": RECEIVED,
        "first_period_start": date(2026, 4, 1),
    }


def _field_rows(person: Person) -> list[dict[str, Any]]:
    values = {
        "name": list(person.names),
        "birth_date": [str(person.birth_date)],
        "postcode": list(person.postcodes),
        "identifier": list(person.identifiers),
        "care_first_start_date": [str(person.care_start)] if person.care_start else [],
        "adoption_date": [str(person.adopted)] if person.adopted else [],
    }
    return [
        {
            "mention_id_register": mention_id(person.digit),
            "field_code": name,
            "value_number": number,
            "field_value": value,
        }
        for name, listed in values.items()
        for number, value in enumerate(listed, start=1)
    ]
