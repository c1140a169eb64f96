"""A new pseudonym key: the same children under new keys, and a crosswalk from the former ones."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from orchestration.warehouse_exports import rekey_home
from register.decision_files import check_decision_key, read_decision_rows
from register.home import prepare_home
from register.publishing import publish
from register.settings import Settings
from tests.end_to_end.conftest import Nation
from tests.end_to_end.registers import build, rows
from tests.end_to_end.test_keys_over_generations import EVERYTHING, decide_link

pytestmark = pytest.mark.drill

# By area, a tie between two matches may be broken otherwise: the order of keys breaks it.
FIGURES = """
    select collection_year, source_status, count(*), count(distinct child_id_register)
    from register.fct_episodes group by all
"""
MARTS = (*EVERYTHING, "+bridge_former_keys")
KEYS = {
    "child": "select child_id_register from register.dim_child_keys where status_code = 'current'",
    "mention": "select mention_id_register from register.bridge_child_sources",
    "episode": "select episode_id_register from register.fct_episodes",
    "report": "select report_id_register from register.fct_reports",
    "placement": "select placement_id_register from register.dim_placements"
    " where placement_id_register <> 'unknown'",
    "interview": "select interview_id_register from register.fct_return_interviews"
    " where interview_id_register is not null",
}
CHILD_OF_MENTION = """
    select mention_id_register, child_id_register from register.bridge_child_sources
"""
CROSSWALK = """
    select former_id_register, current_id_register from register.bridge_former_keys
    where key_kind_code = '{kind}'
"""


def _read_crosswalk(folder: Path, kind: str) -> dict[str, str]:
    return {str(old): str(new) for old, new in rows(folder, CROSSWALK.format(kind=kind))}


def _read_column(folder: Path, query: str) -> set[str]:
    return {str(key) for (key,) in rows(folder, query)}


def test_a_new_pseudonym_key_gives_the_same_children_new_keys(
    nation: Nation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a change of the secret from ending every key, figure, decision and old extract."""
    former = replace(nation.settings, home=tmp_path / "home")
    shutil.copytree(nation.settings.landing, former.landing)
    prepare_home(former)
    build(former, "unlinked", only=MARTS)
    decide_link(former)
    check_decision_key(former)
    before = publish(former, build(former, "former", only=MARTS)).folder
    renewed = replace(
        former, pseudonym_key="the key of this year", former_pseudonym_key=former.pseudonym_key
    )

    def kill_run(_: Settings) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("register.review.rekeying.record_key_id", kill_run)
        with pytest.raises(KeyboardInterrupt):
            rekey_home(renewed)
    done = rekey_home(renewed)
    assert (done.row_count, done.unknown_row_count) == (1, 0)
    check_decision_key(renewed)
    assert len(read_decision_rows(renewed, "links.csv")) == 1

    after = publish(renewed, build(renewed, "renewed", only=MARTS)).folder
    assert rows(after, FIGURES) == rows(before, FIGURES)
    for kind, query in KEYS.items():
        old, new = _read_column(before, query), _read_column(after, query)
        crosswalk = _read_crosswalk(after, kind)
        assert old.isdisjoint(new), kind
        assert {crosswalk[key] for key in old} == new, kind
        assert len(old) == len(new), kind
    children, mentions = _read_crosswalk(after, "child"), _read_crosswalk(after, "mention")
    assert {
        (mentions[str(mention)], children[str(child)])
        for mention, child in rows(before, CHILD_OF_MENTION)
    } == set(rows(after, CHILD_OF_MENTION)), "and each mention has the child that it had"
