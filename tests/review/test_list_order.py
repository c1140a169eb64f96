"""In which order pairs are listed, and which of several pairs of two children is asked about."""

from __future__ import annotations

import json

import duckdb
from typer.testing import CliRunner

from interfaces.command_line import app
from register.review.decisions import read_decisions, read_judgements
from register.settings import Settings
from tests.review.cases import mention_id, pair_id, record_key

CAPPED, ASKED = pair_id("1", "5"), pair_id("2", "5")


def _list_pairs() -> list[str]:
    result = CliRunner().invoke(app, ["review", "--json"])
    assert result.exit_code == 0, result.output
    return [pair["review_pair_id"] for pair in json.loads(result.output)]


def _change(home: Settings, assignment: str, pair: str) -> None:
    path = next(home.published.glob("2*")) / "case_lists.duckdb"
    path.chmod(0o644)
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            f"update operations.review_pairs set {assignment} where review_pair_id = ?", [pair]
        )


def test_the_list_begins_with_the_value_that_is_most_likely_to_move(review_home: Settings) -> None:
    """Prevents reviewers from beginning with pairs that change little, or that never match."""
    for pair in _list_pairs():
        _change(review_home, "value_of_decision = 1", pair)
    # Other pairs of the same children are not asked about, whatever their probability.
    one, other = pair_id("7", "8"), pair_id("2", "4")
    _change(review_home, "value_of_decision = 100, match_probability = 0.4", one)
    _change(review_home, "value_of_decision = 60, match_probability = 0.7", other)
    assert _list_pairs()[:2] == [other, one], "42 rows are more than 40"
    _change(review_home, "match_probability = 0.6", other)
    assert _list_pairs()[:2] == [one, other], "36 rows are fewer than 40"


def test_the_question_about_two_children_is_of_the_pair_that_clustering_left(
    review_home: Settings,
) -> None:
    """Prevents a question that shows little of the evidence there is."""
    for pair, probability in ((CAPPED, 0.2), (ASKED, 0.3)):
        _change(review_home, f"match_probability = {probability}, cause_code = null", pair)
    assert ASKED in _list_pairs()
    assert CAPPED not in _list_pairs()
    _change(review_home, "cause_code = 'tie'", CAPPED)
    assert CAPPED in _list_pairs()
    assert ASKED not in _list_pairs()


def test_an_answer_of_a_script_is_a_decision(review_home: Settings) -> None:
    """Prevents a judgement without a reviewer who looked at the records."""
    ends = (mention_id("1"), record_key("6"))
    words = ["review", "decide", *ends, "--by", "A", "--reason", "B", "--decision"]
    assert CliRunner().invoke(app, [*words, "unsure"]).exit_code == 2
    assert read_decisions(review_home) == read_judgements(review_home) == []
    assert CliRunner().invoke(app, [*words, "never_link"]).exit_code == 0
    assert len(read_decisions(review_home)) == 1
