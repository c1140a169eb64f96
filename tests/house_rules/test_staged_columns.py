"""Every staged column reaches a figure or a decision, or is listed here with the reason."""

from __future__ import annotations

import re
from typing import Any

import pytest

from register.feeds import load_contracts
from register.settings import PROJECT_ROOT
from tests.house_rules.reach import Reach, read_reach

# They look at every coded or measured column alike; none of these is used for that.
COUNTING = ("int_unmapped_codes", "int_field_counts")
# Columns that every staging model has, or that a macro makes beside another.
MADE_BESIDE = ("supplier_code", "period", "received_at", "_delivery_id", "_file", "_row_number")
MADE_BESIDE_ENDINGS = ("_source_code", "_precision")
CHECKED = "the code is checked against its map and the supplier told; no figure is made of it"
DELIVERED = "the code as delivered, beside ours, under the return's own heading"
FOR_PEOPLE = "who decided and why, for people who read the file"
BY_TESTS = "read by the tests that every received row is landed or quarantined"
HEADINGS = "part of the release's own key, by which a person finds a figure in it"
ALLOWED = {
    "stg_authority_extract__ssd_cla_episodes.need_code": CHECKED,
    "stg_authority_extract__ssd_cla_episodes.start_reason_code": CHECKED,
    "stg_authority_extract__ssd_person.upn_unknown_code": CHECKED,
    "stg_authority_return__episodes.need_code": CHECKED,
    "stg_authority_return__episodes.place_change_code": CHECKED,
    "stg_authority_return__episodes.start_reason_code": CHECKED,
    "stg_authority_return__uasc.sex_code": CHECKED,
    "stg_authority_return__episodes.cin": DELIVERED,
    "stg_authority_return__episodes.ls": DELIVERED,
    "stg_authority_return__episodes.place": DELIVERED,
    "stg_authority_return__episodes.place_provider": DELIVERED,
    "stg_authority_return__episodes.reason_place_change": DELIVERED,
    "stg_authority_return__episodes.rne": DELIVERED,
}
OF_OTHERS = {
    "stg_decisions__churn": (FOR_PEOPLE, "decided_at decided_by reason"),
    "stg_decisions__recording_changes": (FOR_PEOPLE, "announced_by reason recorded_by"),
    "stg_decisions__reviews": (FOR_PEOPLE, "purpose"),
    "stg_decisions__clerical_sample": (
        "how the sample was drawn, for people who read the file",
        "review_pair_id sampled_pair_count sampling_weight",
    ),
    "stg_ledger__deliveries": (BY_TESTS, "code_version table_names tables"),
    "stg_ledger__tables": (
        BY_TESTS,
        "delivery_id erased_row_count feed file_name landed_row_count quarantined_row_count"
        " received_row_count table_name",
    ),
    "stg_authority_extract__ssd_version": (
        "landing reads it into the ledger, where the models read it",
        "case_system extract_version extracted_at",
    ),
    "stg_published_statistics__figures": (
        HEADINGS,
        "authority_code_ons authority_name country_name region_name source_value time_identifier"
        " year_ending",
    ),
    "stg_reference__postcodes": ("the place of a postcode, for people", "postcode_district"),
    "stg_truth__records": ("what the simulation did, for people", "cause_code person_source_id"),
}
ALLOWED |= {
    f"{relation}.{column}": reason
    for relation, (reason, columns) in OF_OTHERS.items()
    for column in columns.split()
}


@pytest.fixture(scope="session")
def reach(manifest: dict[str, Any]) -> Reach:
    """What each column of each relation reaches."""
    return read_reach(manifest, PROJECT_ROOT / "dbt_project", COUNTING)


def _dead(reach: Reach) -> set[str]:
    return {
        f"{relation}.{column}"
        for relation in reach.columns
        if relation.startswith("stg_")
        for column in reach.dead(relation)
        if column not in MADE_BESIDE and not column.endswith(MADE_BESIDE_ENDINGS)
    }


def test_every_staged_column_reaches_something(reach: Reach) -> None:
    """Prevents facts that suppliers deliver, and that end in staging with nobody the wiser."""
    assert len(reach.columns) > 100
    assert sum(len(reach.live[name]) for name in reach.columns if name.startswith("stg_")) > 200
    assert _dead(reach) - ALLOWED.keys() == set()


def test_no_reason_is_given_for_a_column_that_is_used(reach: Reach) -> None:
    """Prevents a list of exceptions that outlives them."""
    assert ALLOWED.keys() - _dead(reach) == set()


@pytest.mark.parametrize("feed", ["police_reports", "authority_extract", "authority_return"])
def test_a_contract_says_which_of_its_columns_are_not_staged(
    manifest: dict[str, Any], feed: str
) -> None:
    """Prevents a column that is asked of suppliers and then dropped without a word."""
    wrong = set()
    for table in load_contracts()[feed].tables:
        staged = manifest["nodes"][f"model.national_register.stg_{feed}__{table.name}"]
        sql = staged["compiled_code"]
        for column in table.columns.values():
            is_staged = re.search(rf"landed\.{column.name}\b", sql) is not None
            if is_staged == bool(column.custom.not_staged):
                wrong.add(f"{table.name}.{column.name}")
    assert wrong == set()
