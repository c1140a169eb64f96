"""Every order is total: where rows tie, nothing may depend on which of them comes first."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from tests.house_rules.orders import read_statement
from tests.house_rules.relations import Relation

# Orders that are total for a reason which no constraint states, by model and step.
ONE_FILE = "The lines of one file, in the order of the file."
TOTAL_FOR_A_REASON = {
    ("agg_identity_churn_by_generation", "decisions"): ONE_FILE,
    ("int_agreement_reasons", "contributing"): "By place, which is unique within a disagreement.",
    ("int_return_interviews", "ranked"): "By line: the number that is joined has one row a line.",
    ("int_agreement_reasons", "ranked_signs"): "A sign shows once for the record that is missed.",
    ("int_agreement_reasons", "without_evidence"): "A precedence is that of one reason.",
    ("agg_agreement_by_tolerance", "matched"): "An episode is of one place, year and care.",
    ("int_care_spells", "spells"): "An episode has one end and one status of its own.",
    ("int_care_status_periods", "spells"): "An episode has one end and one status of its own.",
    ("int_child_versions", "filled"): "The row of a person without a record is alone in rank 0.",
    ("int_key_changes", "ranked"): "Of the lives of a child one begins, and one ends, at a time.",
    ("int_episode_police_facts", "statements"): "A report has one statement of a flag.",
    ("int_episode_bounds", "ordered"): "An episode is of one child.",
    ("int_golden_record_values", "placed"): "A preference is the place of a row in one order.",
    ("int_blind_votes", "reviews"): ONE_FILE,
    ("int_linkage_pairs", "reviews"): ONE_FILE,
    ("int_linkage_pairs", "sampled"): ONE_FILE,
    ("int_published_characteristics", "ranked"): "A line has one heading and one value.",
    ("case_list_absences", "final"): "An absence has one line in the list of an organisation.",
    ("int_reason_signs", "ranked"): "A precedence is that of one reason at one strength.",
    ("int_recording_changes", "changes"): ONE_FILE,
    ("int_supplier_month_coverage", "ranked"): "A supplier has one source, a month one last day.",
    ("int_sampled_cap_pairs", "reviews"): ONE_FILE,
    ("int_sampled_cap_pairs", "sampled"): ONE_FILE,
    ("stg_decisions__churn", "decisions"): ONE_FILE,
    ("stg_decisions__clerical_sample", "sampled"): ONE_FILE,
    ("stg_decisions__links", "decisions"): ONE_FILE,
    ("stg_decisions__recording_changes", "changes"): ONE_FILE,
    ("stg_decisions__reviews", "reviews"): ONE_FILE,
    ("stg_ledger__deliveries", "decided_rows"): ONE_FILE,
    ("stg_ledger__deliveries", "judgements"): "The rows of the file are numbered.",
    ("stg_ledger__deliveries", "ranked"): "A delivery has one entry, in the folder of its id.",
}
ROWS_OF = {
    "lines": Relation(
        frozenset({frozenset({"delivery", "line"})}), ("delivery", "line", "person", "known_at")
    ),
    "people": Relation(frozenset({frozenset({"person"})}), ("person", "name")),
    "heap": Relation(frozenset(), ("person", "name")),
}


def _declared(manifest: dict[str, Any]) -> dict[str, Relation]:
    """The keys of each relation: its constraints, and the rules of its tests."""
    keys: dict[str, set[frozenset[str]]] = defaultdict(set)
    filled: dict[str, set[str]] = defaultdict(set)
    rules = []
    for node in manifest["nodes"].values():
        if node["resource_type"] in {"model", "seed"}:
            for name, column in node["columns"].items():
                kinds = {one["type"] for one in column.get("constraints") or ()}
                if "primary_key" in kinds:
                    keys[node["alias"]].add(frozenset({name}))
                if "not_null" in kinds:
                    filled[node["alias"]].add(name)
        elif (node.get("test_metadata") or {}).get("name") == "rules":
            owner = manifest["nodes"][node["attached_node"]]["alias"]
            rules.append((owner, node["test_metadata"]["kwargs"]))
    for owner, rule in rules:
        filled[owner] |= set(rule.get("not_null", ()))
        keys[owner] |= {frozenset(columns) for columns in rule.get("unique_combination", ())}
    for owner, rule in rules:
        keys[owner] |= {
            frozenset({name}) for name in rule.get("unique", ()) if name in filled[owner]
        }
    return {owner: Relation(frozenset(found)) for owner, found in keys.items()}


def _doubtful(manifest: dict[str, Any]) -> dict[tuple[str, str], list[str]]:
    """Every order of a model that may not be total, by model and step."""
    known = _declared(manifest)
    models = {
        key: node for key, node in manifest["nodes"].items() if node["resource_type"] == "model"
    }
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    done: set[str] = set()

    def read(key: str) -> None:
        if key in done or key not in models:
            return
        done.add(key)
        node = models[key]
        for parent in node["depends_on"]["nodes"]:
            read(parent)
        if node["language"] != "sql":
            return
        given, doubts = read_statement(node["compiled_code"], known)
        for step, order in doubts:
            # The step of an ephemeral model is judged where it is written.
            found[node["name"], step].append(order)
        before = known.get(node["alias"], Relation())
        known[node["alias"]] = Relation(before.keys | given.keys, given.columns)

    for key in sorted(models):
        read(key)
    return found


def test_every_order_is_total(manifest: dict[str, Any]) -> None:
    """Prevents a figure that depends on which of two equal rows is read first."""
    doubtful = _doubtful(manifest)
    assert {key: orders for key, orders in doubtful.items() if key not in TOTAL_FOR_A_REASON} == {}
    assert TOTAL_FOR_A_REASON.keys() <= doubtful.keys(), "a reason that is no longer needed"


RANKED = (
    "with last as (select *, row_number() over (partition by person order by known_at, delivery,"
    " line) as place from lines) "
)
TOTAL = {
    "a key of the relation": "select name, row_number() over (order by person) from people",
    "a key with its window's column": "select *, row_number() over (partition by delivery"
    " order by known_at, line) from lines",
    "the key of the many": "select people.name, row_number() over (partition by name order by"
    " lines.delivery, lines.line) from lines inner join people on lines.person = people.person",
    "what a rank leaves": f"{RANKED} select *, lead(known_at) over (order by person) from last"
    " where place = 1",
    "a union's parts, told apart": "with parts as (select 1 as kind, person, name from people"
    " union all select 2 as kind, person, name from people)"
    " select *, first_value(name) over (order by person, kind) from parts",
    "what is grouped by": "with counted as (select person, count(*) as n from lines"
    " group by person) select *, row_number() over (order by n desc, person) from counted",
    "a value that is fixed": "select *, row_number() over (order by line) from lines"
    " where delivery = 'one'",
    "all that is read": "select person, row_number() over (order by person) as place from heap",
    "peers, counted together": "select *, sum(line) over (order by known_at) from lines",
    "a rank that ties": "select *, rank() over (order by known_at) from lines",
    "the values themselves": "select list(name order by name) from heap",
    "values by a key": "select string_agg(name, '|' order by person) from people",
}
DOUBTFUL = {
    "a part of the key": "select *, row_number() over (partition by person order by known_at,"
    " line) from lines",
    "no key": "select line, last_value(line) over (partition by person order by known_at)"
    " from lines",
    "row by row": "select *, sum(line) over (order by known_at rows unbounded preceding)"
    " from lines",
    "a window with a name": "select *, lag(person) over by_time from lines"
    " window by_time as (order by known_at)",
    "the key of the one": "select lines.line, row_number() over (order by people.person)"
    " from people inner join lines on people.person = lines.person",
    "a union's parts": "with parts as (select person, name from people union all"
    " select person, name from people) select *, lag(name) over (order by person) from parts",
    "what a rank does not leave": f"{RANKED} select *, lead(place) over (order by person)"
    " from last",
    "a list": "select list(name) from people",
    "any": "select any_value(name) from people",
    "the one of the most": "select arg_max(name, person) from heap",
    "values by no key": "select list(line order by known_at) from lines",
    "a first row": "select person from lines order by known_at limit 1",
}


@pytest.mark.parametrize("statement", TOTAL.values(), ids=TOTAL)
def test_an_order_that_ends_in_a_key_is_total(statement: str) -> None:
    """Prevents a rule that people learn to silence."""
    assert read_statement(statement, ROWS_OF)[1] == []


@pytest.mark.parametrize("statement", DOUBTFUL.values(), ids=DOUBTFUL)
def test_an_order_in_which_rows_tie_is_found(statement: str) -> None:
    """Prevents the backfill that published nothing: two rows of one moment in another order."""
    assert len(read_statement(statement, ROWS_OF)[1]) == 1
