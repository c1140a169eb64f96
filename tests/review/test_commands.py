"""`register review` and `register explain` as a reviewer uses them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from interfaces.command_line import app
from register.review.decisions import read_decisions, read_judgements
from register.settings import Settings
from tests.review.cases import (
    AUTHORITY,
    AUTHORITY_NAME,
    FORCE,
    FORCE_NAME,
    NAMES,
    child_id,
    mention_id,
    pair_id,
    record_key,
)

CAPPED = pair_id("1", "5")
# Of the same two children and more probable: the pair that is asked about.
ASKED = pair_id("2", "5")
# What only the model says of a pair: weights have signs, bands and caps have words.
MODEL_SAYS = ("bits", "+", "capped", "guard", "review band", "held back", "value of a decision")


def _run(*arguments: str, answers: str = "", code: int = 0) -> str:
    result = CliRunner().invoke(app, list(arguments), input=answers)
    assert result.exit_code == code, result.output
    return result.output


def test_the_list_names_pairs_and_no_child(review_home: Settings) -> None:
    """Prevents a list on a shared screen from naming children."""
    listed = _run("review")
    assert ASKED in listed
    assert not any(name in listed.lower() for name in NAMES)
    pairs = json.loads(_run("review", "--json"))
    assert {pair["review_reason_code"] for pair in pairs} >= {"capped", "decision_conflict"}
    assert all(pair["is_for_review"] for pair in pairs)


def test_the_list_is_of_one_cause_where_one_is_asked_for(review_home: Settings) -> None:
    """Prevents ties, doubts and guards from lying in one heap."""
    undone, joined = pair_id("2", "4"), pair_id("1", "3")
    listed = " ".join(_run("review").split())
    assert undone in listed
    assert "linked as one child (kept together on doubtful evidence)" in listed
    for cause, expected in (
        ("guard", {undone}),
        ("kept_in_doubt", {joined}),
        ("capped", {ASKED}),
        ("tie", set()),
    ):
        pairs = json.loads(_run("review", "--cause", cause, "--json"))
        assert {pair["review_pair_id"] for pair in pairs} >= expected
        assert all(cause in (pair["cause_code"], pair["review_reason_code"]) for pair in pairs)
    people = ("--by", "A. Person")
    output = " ".join(
        _run("review", "--next", "--cause", "guard", *people, answers="stop\n").split()
    )
    assert f"join the right record and {mention_id('1')}" in output
    assert "What keeps them apart" in output
    _run("review", "--cause", "anger", code=2)
    assert "cannot be used where outcomes are hidden" in " ".join(
        _run("review", "--cause", "tie", "--blind", *people, code=3).split()
    )


def test_the_list_asks_once_about_two_children(review_home: Settings) -> None:
    """Prevents reviewers from reading three pairs where one decision answers all of them."""
    listed = {pair["review_pair_id"] for pair in json.loads(_run("review", "--json"))}
    assert ASKED in listed
    assert CAPPED not in listed
    assert "Zoe Sample" in _run("review", "--pair", CAPPED, "--by", "A. Person", answers="stop\n")


def test_two_children_that_a_decision_keeps_apart_are_not_asked_about_again(
    review_home: Settings,
) -> None:
    """Prevents a question that has been answered from coming back by another pair of records."""
    path = next(review_home.published.glob("2*")) / "case_lists.duckdb"
    path.chmod(0o644)
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "update operations.review_pairs set decision = 'never_link', is_for_review = false"
            " where review_pair_id = ?",
            [CAPPED],
        )
    listed = {pair["review_pair_id"] for pair in json.loads(_run("review", "--json"))}
    assert not listed & {ASKED, CAPPED}
    assert pair_id("7", "8") in listed, "a conflict is a question of its own"


def test_a_generation_from_before_is_said_to_be_one(review_home: Settings) -> None:
    """Prevents an error of the database where a load is all that is missing."""
    path = next(review_home.published.glob("2*")) / "case_lists.duckdb"
    path.chmod(0o644)
    with duckdb.connect(str(path)) as connection:
        connection.execute("alter table operations.review_pairs drop column cause_code")
    assert "run `register load`" in " ".join(_run("review", code=3).split())


def test_an_open_review_shows_both_sides_and_takes_a_decision(review_home: Settings) -> None:
    """Prevents a decision that does not reach the file, or a pair shown without its weights."""
    output = _run(
        "review",
        "--pair",
        CAPPED,
        "--by",
        "A. Person",
        answers="perhaps\nlink\nSame child\nsame_details\n",
    )
    assert "Zoe Sample" in output
    assert "2010-02-03" in output
    assert "2010-03-02" in output
    assert "forename: same +" in output
    assert "One of: link, never_link, split, unsure, skip, stop" in output
    (decision,) = read_decisions(review_home)
    assert (decision.decision, decision.reason) == ("link", "Same child")
    assert {decision.left_mention_key, decision.right_mention_key} == {
        record_key("1"),
        record_key("5"),
    }


def test_a_question_names_the_suppliers(review_home: Settings) -> None:
    """Prevents a reviewer from reading codes of forces and authorities, on any screen of theirs."""
    people = ("--by", "A. Person")
    split = ("review", "decide", record_key("1"), record_key("2"), "--decision", "split")
    screens = (
        _run("review", "--pair", ASKED, *people, answers="stop\n"),
        _run("review", "--next", "--cause", "guard", *people, answers="stop\n"),
        _run("review", "--blind", *people, answers="stop\n"),
        _run(*split, *people, "--reason", "Two cousins", answers="n\n", code=1),
        _run("explain", mention_id("1"), mention_id("2")),
    )
    for screen in screens:
        text = " ".join(re.sub("[│┃]", " ", screen).split())
        assert FORCE_NAME in text
        assert AUTHORITY_NAME in text
        assert FORCE not in text
        assert AUTHORITY not in text.replace(":", " ").replace(")", " ").split()


def test_a_blind_review_shows_nothing_of_the_model_and_decides_nothing(
    review_home: Settings,
) -> None:
    """Prevents a reviewer from following the machine that is being checked."""
    output = _run("review", "--blind", "--by", "A. Person", answers="same\n" * 20)
    assert "Zoe Sample" in output
    assert [word for word in MODEL_SAYS if word in output.lower()] == []
    assert read_decisions(review_home) == []
    judged = read_judgements(review_home)
    assert judged
    assert {(each.judgement, each.is_blind, each.purpose) for each in judged} == {
        ("same", True, "blind")
    }
    assert "Nothing to judge" in _run("review", "--blind", "--by", "A. Person")


def test_a_second_reviewer_does_not_see_what_the_first_decided(review_home: Settings) -> None:
    """Prevents agreement that only says that the second reviewer can read."""
    _run(
        *("review", "decide", CAPPED, "--decision", "never_link"),
        *("--by", "First Reviewer", "--reason", "A cousin"),
    )
    output = _run("review", "--double", "--by", "Second", answers="different\n")
    assert CAPPED in output
    for hidden in ("First Reviewer", "cousin", "never link", "different +", "for review"):
        assert hidden not in output
    assert "bits" in output, "weights are shown"
    assert len(read_decisions(review_home)) == 1, "a judgement decides nothing"
    figures = json.loads(_run("review", "reliability", "--json"))
    assert (figures["pair_count"], figures["agreed_count"]) == (1, 1)
    assert "needs --by" in _run("review", "--double", code=3)


def test_the_sample_is_judged_blind_in_its_own_order(review_home: Settings) -> None:
    """Prevents error from being estimated with judgements that knew the weights."""
    assert "no sample is drawn" in _run("review", "--sample", "--by", "A. Person", code=3)
    drawn = json.loads(_run("identity", "clerical-sample", "--size", "4", "--seed", "2", "--json"))
    assert sum(each["sampled_count"] for each in drawn["strata"]) == 4
    output = _run("review", "--sample", "--by", "A. Person", answers="same\nskip\nunsure\nstop\n")
    assert [word for word in MODEL_SAYS if word in output.lower()] == []
    judged = read_judgements(review_home)
    assert [each.judgement for each in judged] == ["same", "unsure"]
    assert {(each.is_blind, each.purpose) for each in judged} == {(True, "sample")}
    later = _run("review", "--sample", "--by", "A. Person", answers="stop\n")
    assert "Pair 1 of 2" in later, "two of the four are judged"


def test_decisions_by_script_and_their_undoing(review_home: Settings) -> None:
    """Prevents scripts from needing to know how the file is laid out."""
    people = ("--by", "A. Person", "--reason", "Birth certificate")
    ends = (mention_id("1"), record_key("6"))
    _run("review", "decide", *ends, "--decision", "link", *people, "--expires-on", "2999-12-31")
    _run("review", "decide", child_id("4"), child_id("6"), "--decision", "never_link", *people)
    assert "not one child" in _run(
        "review", "decide", CAPPED, "--decision", "split", *people, code=3
    )
    assert "link, decided by A. Person" in _run("review", "undo", *ends, *people)
    _run("review", "undo", *people)
    assert "no decision to take back" in _run("review", "undo", *people, code=3)
    assert [(row.decision, row.expires_on) for row in read_decisions(review_home)] == [
        ("link", "2999-12-31"),
        ("never_link", ""),
        ("void", ""),
        ("void", ""),
    ]


def test_an_impossible_decision_is_refused_by_command_and_in_a_session(
    review_home: Settings,
) -> None:
    """Prevents "written down" of a decision that every load refuses."""
    people = ("--by", "A. Person", "--reason", "Same child")
    ends = (mention_id("9"), mention_id("a"))
    output = " ".join(
        _run("review", "decide", *ends, "--decision", "link", *people, code=3).split()
    )
    assert "no decision lifts this rule (adoption)" in output
    _run("review", "decide", record_key("5"), record_key("2"), "--decision", "never_link", *people)
    _run("review", "decide", record_key("2"), record_key("1"), "--decision", "link", *people)
    answers = "link\nSame child\nsame_details\n"
    output = _run("review", "--pair", CAPPED, "--by", "A. Person", answers=answers)
    assert "Refused: a decision in force keeps" in " ".join(output.split())
    assert [row.decision for row in read_decisions(review_home)] == ["never_link", "link"]
    assert [each.judgement for each in read_judgements(review_home)] == ["different", "same"]


def test_a_split_shows_what_leaves_with_it_and_asks(review_home: Settings) -> None:
    """Prevents a split that takes away a record that nobody looked at."""
    people = ("--by", "A. Person", "--reason", "Two cousins")
    split = ("review", "decide", record_key("1"), record_key("2"), "--decision", "split", *people)
    output = _run(*split, answers="n\n", code=1)
    leaving = output[output.index("leave:") :]
    assert mention_id("2") in leaving
    assert mention_id("3") in leaving
    assert mention_id("1") not in leaving
    assert "Besides these two, 1 other record leaves." in output
    assert not any(name in output.lower() for name in NAMES)
    _run(*split, code=1)
    answers = "split\nn\n"
    output = _run("review", "--pair", pair_id("1", "3"), "--by", "A. Person", answers=answers)
    assert "Nothing is written." in output
    assert read_decisions(review_home) == []
    assert "1 other record leaves" in _run(*split, "--yes")
    assert [row.decision for row in read_decisions(review_home)] == ["split"]


def test_one_pair_is_written_for_machines_in_full(review_home: Settings) -> None:
    """Prevents a tool of another team from reading the screen to know why two are alike."""
    (pair,) = json.loads(_run("review", "--pair", ASKED, "--json"))
    assert pair["review_pair_id"] == ASKED
    assert {"fields", "weights"} <= set(pair)
    (suppliers,) = [row for row in pair["fields"] if row["title"] == "Force or authority"]
    for side, code, name in (("left", AUTHORITY, AUTHORITY_NAME), ("right", FORCE, FORCE_NAME)):
        assert (pair[f"{side}_issuer_code"], pair[f"{side}_issuer_name"]) == (code, name)
        assert suppliers[side] == [name]


def test_a_long_list_is_cut_and_says_so(review_home: Settings) -> None:
    """Prevents a list of thousands on a screen, and a short one that seems to be all."""
    listed = json.loads(_run("review", "--json"))
    assert f"{len(listed) - 1} more: --limit shows them" in _run("review", "--limit", "1")


def test_pages_are_written_for_the_operator_alone(review_home: Settings) -> None:
    """Prevents names of children on pages that others may open, and pages of every pair at once."""
    output = _run("review", "page", "--limit", "2")
    assert output.startswith("2 pages: ")
    index = Path(output.split(": ", 1)[1].strip())
    assert index.name == "index.html"
    assert index.stat().st_mode & 0o077 == 0
    alone = _run("review", "page", "--pair", ASKED)
    assert alone.startswith("1 page: ")
    assert Path(alone.split(": ", 1)[1].strip()).name == f"{ASKED}.html"
    _run("review", "page", "--pair", "P000", code=3)


def test_agreement_of_reviewers_is_told_once_two_have_judged(review_home: Settings) -> None:
    """Prevents a kappa of nobody, and figures of two reviewers that a person cannot read."""
    assert "no pair has been judged by two people" in " ".join(
        _run("review", "reliability", code=3).split()
    )
    _run("review", "--blind", "--by", "First", answers="same\n" * 20)
    _run("review", "--double", "--by", "Second", answers="same\ndifferent\n" * 10)
    output = " ".join(_run("review", "reliability").split())
    assert "Reviewers 2" in output
    assert "Same judgement" in output
    assert "same / same" in output


def test_explain_answers_in_words_and_in_data(review_home: Settings) -> None:
    """Prevents an answer that only its author can read, and a name in one."""
    output = _run("explain", mention_id("1"), mention_id("3"))
    assert "They are one child, by these links." in output
    assert pair_id("1", "2") in output
    assert not any(name in output.lower() for name in NAMES)
    capped = _run("explain", record_key("1"), record_key("5"))
    assert "the date of birth has to be the same" in " ".join(capped.split()).replace("  ", " ")
    assert "never compared" in _run("explain", record_key("1"), record_key("6"))
    assert "below the review threshold" in _run("explain", record_key("3"), record_key("4"))
    answer = json.loads(_run("explain", child_id("1"), "--json"))
    assert (answer["answer_code"], len(answer["steps"])) == ("joined", 2)
    ends = [step[side] for step in answer["steps"] for side in ("left", "right")]
    assert {(end["issuer_code"], end["issuer_name"]) for end in ends} == {
        (FORCE, FORCE_NAME),
        (AUTHORITY, AUTHORITY_NAME),
    }
    _run("explain", mention_id("f"), code=3)


def test_how_well_the_register_links_is_read_and_not_computed(review_home: Settings) -> None:
    """Prevents a command whose figures differ from what the generation publishes."""
    assert "has no figures of linkage quality" in _run("identity", "evaluate", code=3)
    database = next(review_home.published.glob("2*")) / "national_register.duckdb"
    database.chmod(0o644)
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema quality")
        connection.execute(
            "create table quality.agg_linkage_quality as select 'assumed_range' as basis,"
            " 'central' as linkage, 'pair' as unit, 'all' as grouping, 'all' as group_value,"
            " null as true_count, null as false_count, null as missed_count,"
            " null as precision, 0.8e0 as precision_lower, 0.95e0 as precision_upper,"
            " null as recall, 0.6e0 as recall_lower, 0.75e0 as recall_upper, null as f1,"
            " null as measured_on, 'An invented review' as source_name"
        )
        connection.execute(
            "create table quality.agg_linkage_accuracy_by_group as"
            " select * exclude (basis, measured_on, source_name) replace (0.9e0 as precision,"
            " 0.7e0 as recall) from quality.agg_linkage_quality"
        )
        connection.execute(
            "create table quality.agg_linkage_curve as select 3 as match_weight, 0.5e0 as recall"
        )
    without_sample = json.loads(_run("identity", "evaluate", "--json"))
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "create table quality.agg_clerical_sample_by_cap as"
            " select unnest(['other_sex', 'no_surname']) as capped_by, 60 as drawn_count,"
            " 45 as judged_count, 45 as confirmed_count, 0.9213e0 as confirmed_share_lower,"
            " unnest([true, false]) as is_supported"
        )
    output = _run("identity", "evaluate")
    assert "0.8000-0.9500" in output
    assert "Source: An invented review" in output
    assert "0.9000 (0.8000-0.9500)" in output
    caps = {line.split()[1]: line for line in output.splitlines() if "0.9213" in line}
    assert "linked" in caps["other"] and "60" in caps["other"] and "45" in caps["other"]
    assert "for review" in caps["no"]
    answer = json.loads(_run("identity", "evaluate", "--json"))
    assert [row["basis"] for row in answer["quality"]] == ["assumed_range", "simulated_truth"]
    assert answer["quality"][0]["recall"] is None
    assert answer["quality"][1]["recall"] == pytest.approx(0.7)
    assert answer["curve"] == [{"match_weight": 3, "recall": 0.5}]
    assert without_sample["sampled_caps"] == []
    assert [row["is_supported"] for row in answer["sampled_caps"]] == [False, True]
    assert "needs --left" in _run("identity", "evaluate", "--dedupe", "--left", __file__, code=1)


@pytest.mark.usefixtures("review_home")
@pytest.mark.parametrize(
    "command",
    [
        ("review",),
        ("review", "decide"),
        ("review", "undo"),
        ("review", "reliability"),
        ("review", "page"),
        ("explain",),
        ("identity", "clerical-sample"),
        ("identity", "evaluate"),
    ],
)
def test_every_command_explains_itself(command: tuple[str, ...]) -> None:
    """Prevents having to read the source to review."""
    assert len(_run(*command, "--help").splitlines()) > 5
