"""Answers to common questions: cells, deliveries, shares, areas and words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest
from statsmodels.stats.proportion import proportion_confint

from register.answers import Answer, AnswerError, Request, Vocabulary, answer_question
from tests.answers.conftest import GENERATION

CARE = "children-missing-from-care"
QUARTERS = ["2024-Q2", "2024-Q3", "2024-Q4", "2025-Q1"]
BANDS = ["Total", "Under 1", "1 to 4", "5 to 9", "10 to 15", "16 and over", "Not known"]
Ask = Any


@pytest.fixture
def ask(published: Path, vocabulary: Vocabulary) -> Ask:
    """Ask the small register; Leeds and the last year unless the test says otherwise."""

    def answer(question: str, **words: Any) -> Answer:
        request = Request(question, **{"areas": ["Leeds"], "years": 1, **words})
        return answer_question(published, GENERATION, vocabulary, request)

    return answer


def _by_cell(answer: Answer, name: str, band: str = "age_band_name") -> dict[Any, Any]:
    return {(row["period_name"], row[band]): row[name] for row in answer.rows}


def test_a_cell_without_a_child_is_zero_and_has_a_line(ask: Ask) -> None:
    """Prevents an analyst from taking a band without children for one that nobody counted."""
    answer = ask(CARE, per="quarter", by=["age-band"])
    cells = _by_cell(answer, "children_missing")
    assert list(cells) == [(quarter, band) for quarter in QUARTERS for band in BANDS]
    assert [cells["2024-Q2", band] for band in BANDS] == [2, 0, 0, 0, 1, 1, 0]
    assert [cells["2024-Q3", band] for band in BANDS] == [1, 0, 0, 0, 0, 0, 1]
    assert [cells["2024-Q4", band] for band in BANDS] == [0] * 7


def test_a_period_that_was_not_delivered_is_not_zero(ask: Ask) -> None:
    """Prevents silence of a supplier from being read as no missing children."""
    answer = ask(CARE, per="quarter", by=["age-band"])
    last = [row for row in answer.rows if row["period_name"] == "2025-Q1"]
    assert {row["delivery_name"] for row in last} == {"Not delivered"}
    assert {row["children_missing"] for row in last} == {None}
    assert {row["episodes_in_scope"] for row in last} == {None}
    assert any(note.startswith("Not delivered:") for note in answer.notes)


def test_a_count_of_a_period_that_was_not_delivered_stays(ask: Ask) -> None:
    """Prevents an absence that another supplier reported from being hidden."""
    rows = ask("children-missing", areas=["Bradford"], per="quarter").rows
    assert [row["children_missing"] for row in rows] == [0, 0, 0, 1]
    assert [row["delivery_name"] for row in rows[1:]] == [
        "Delivered by the police only",
        "Delivered by the police only",
        "Not delivered",
    ]


def test_deliveries_are_judged_by_source_and_day(ask: Ask) -> None:
    """Prevents a quarter with a missing month from being shown as delivered."""
    rows = ask("children-missing", per="month").rows
    found = [row["delivery_name"] for row in rows]
    assert found[:3] == ["Delivered", "Delivered", "Delivered by authorities only"]
    assert found[3:] == ["Delivered"] * 6 + ["Not delivered"] * 3
    rows = ask("children-missing", per="quarter").rows
    assert rows[0]["delivery_name"] == "Delivered in part"
    rows = ask("police-missing-incidents", per="month").rows
    assert rows[2]["delivery_name"] == "Not delivered"
    answer = ask("return-interviews", per="month")
    assert answer.rows[2]["delivery_name"] == "Delivered"
    note = "Delivered in part or by one source only: the number is at least this."
    assert note in ask("children-missing", per="month").notes
    assert note not in answer.notes


def test_a_delivery_covers_no_day_after_its_receipt(
    published: Path, ask: Ask, tmp_path: Path, vocabulary: Vocabulary
) -> None:
    """Prevents a file received in the middle of a month from making the month whole."""
    path = tmp_path / "early.duckdb"
    path.write_bytes(published.read_bytes())
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "update register.dim_deliveries set received_at = '2024-12-30 23:59'"
            " where feed = 'authority_extract'"
        )
    request = Request("return-interviews", ["Leeds"], "month", years=1)
    rows = answer_question(path, GENERATION, vocabulary, request).rows
    assert [row["delivery_name"] for row in rows[7:9]] == ["Delivered", "Delivered in part"]
    with duckdb.connect(str(path)) as connection:
        connection.execute("update register.dim_deliveries set received_at = '2024-12-31 00:01'")
    rows = answer_question(path, GENERATION, vocabulary, request).rows
    assert [row["delivery_name"] for row in rows[7:9]] == ["Delivered", "Delivered"]
    # In summer 23:01 UTC is the next day of the clock.
    for received, name in (("22:59", "Delivered in part"), ("23:01", "Delivered")):
        with duckdb.connect(str(path)) as connection:
            connection.execute(
                f"update register.dim_deliveries set received_at = '2024-07-30 {received}'"
            )
        rows = answer_question(path, GENERATION, vocabulary, request).rows
        assert [row["delivery_name"] for row in rows[2:5]] == ["Delivered", name, "Not delivered"]


def test_a_share_has_its_counts_and_the_interval_of_statsmodels(ask: Ask) -> None:
    """Prevents a share whose denominator or interval nobody can check."""
    row = ask(CARE).rows[0]
    part, total = row["matched_in_scope"], row["episodes_in_scope"]
    assert (row["children_missing"], part, total) == (2, 4, 5)
    name = "matched_share_in_scope"
    lower, upper = proportion_confint(part, total, method="wilson")
    assert row[name] == 0.8
    assert (row[f"{name}_lower"], row[f"{name}_upper"]) == pytest.approx((lower, upper), abs=1e-6)


def test_a_share_without_a_denominator_is_not_known(ask: Ask) -> None:
    """Prevents nothing of nothing from being published as 0 %."""
    (row,) = ask("agreement", population="home").rows
    assert (row["episodes_in_scope"], row["matched_share_in_scope"]) == (0, None)


def test_interviews_have_their_own_denominators(ask: Ask) -> None:
    """Prevents a share of interviews in time over interviews whose times say nothing."""
    row = ask("return-interviews", areas=["Leeds"]).rows[0]
    assert (row["interviews_held"], row["interviews_due"]) == (5, 6)
    assert (row["interviews_within_72_hours"], row["interviews_timed"]) == (3, 4)


def test_areas_are_named_and_divided(ask: Ask) -> None:
    """Prevents a figure of one area under the name of another."""
    names = ["England", "west yorkshire police", "Transport Police", "Yorkshire and The Humber"]
    rows = ask("children-missing", areas=names).rows
    assert [row["children_missing"] for row in rows] == [5, 4, 1, 5]
    assert rows[1]["area_name"] == "West Yorkshire Police"
    for whole in ("Yorkshire and The Humber", "West Yorkshire Police"):
        rows = ask("children-missing", areas=[whole], by=["authority"]).rows
        assert [(row["area_name"], row["children_missing"]) for row in rows] == [
            ("Bradford", 1),
            ("Leeds", 3),
        ]
    (row,) = ask("children-missing", areas=["Yorkshire and The Humber"], by=["police-force"]).rows
    assert row["area_name"] == "West Yorkshire Police"


def test_a_name_of_two_levels_is_that_of_the_wider_area(
    published: Path, tmp_path: Path, vocabulary: Vocabulary
) -> None:
    """Prevents an authority's figure where a force of the same name is meant, as in Durham."""
    path = tmp_path / "same_name.duckdb"
    path.write_bytes(published.read_bytes())
    with duckdb.connect(str(path)) as connection:
        connection.execute("update bi.areas set area_name = 'Leeds' where area_code = 'E23000010'")
    (row,) = answer_question(
        path, GENERATION, vocabulary, Request("children-missing", ["Leeds"], years=1)
    ).rows
    assert row["children_missing"] == 4


def test_deliveries_are_those_of_the_suppliers_of_the_area(ask: Ask) -> None:
    """Prevents a former authority, or one elsewhere, from making a whole region late."""
    for name in ("Yorkshire and The Humber", "West Yorkshire Police", "Leeds"):
        rows = ask("return-interviews", areas=[name], per="month").rows
        assert [row["delivery_name"] for row in rows][:9] == ["Delivered"] * 9, name
    rows = ask("return-interviews", areas=["England"], per="month").rows
    assert [row["delivery_name"] for row in rows][1:3] == ["Delivered", "Delivered in part"]
    rows = ask("police-missing-incidents", areas=["Transport Police"], per="month").rows
    assert [row["delivery_name"] for row in rows][:2] == ["Delivered", "Not delivered"]


def test_a_value_that_says_little_has_a_line_only_where_an_absence_has_it(ask: Ask) -> None:
    """Prevents every answer from ending in lines of unknown codes that nobody recorded."""
    rows = ask(CARE, by=["sex"]).rows
    assert [row["sex_name"] for row in rows] == ["Total", "Female", "Male"]


def test_interviews_that_no_extract_has_are_not_known(ask: Ask) -> None:
    """Prevents an authority without an extract from being shown as offering no interview."""
    (row,) = ask("return-interviews", areas=["Bradford"]).rows
    assert (row["interviews_due"], row["interviews_offered_share"]) == (1, None)


def test_years_end_with_the_last_absence(ask: Ask) -> None:
    """Prevents two years that begin with the calendar's instead of the register's."""
    rows = ask("children-missing", years=2).rows
    assert [row["period_name"] for row in rows] == ["2023-24", "2024-25"]
    assert [str(row["period_end"]) for row in rows] == ["2024-03-31", "2025-03-31"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"areas": ["Leads"]}, 'no area is named "Leads". Did you mean Leeds?'),
        ({"areas": ["Paris"]}, "All names are in the view bi.areas, such as England, "),
        ({"by": ["age"]}, "Did you mean age-band?"),
        ({"by": ["shoe"]}, "Choose one of: age-band, sex, "),
        ({"per": "week"}, "Choose one of: month, quarter, year"),
        ({"by": ["age-band", "sex"]}, "one characteristic, one area level, or both"),
        ({"by": ["authority"]}, "Leeds: not divided by authority"),
        ({"population": "home"}, "is about one population: looked after"),
        ({"population": "hom"}, "Did you mean home?"),
        ({"areas": ["Not known"]}, "no area is named"),
        ({"areas": ["Former Borough"]}, "no area is named"),
    ],
)
def test_a_wrong_word_is_answered_with_the_right_ones(
    ask: Ask, words: dict[str, Any], message: str
) -> None:
    """Prevents a misspelt name from ending in an empty table or a traceback."""
    with pytest.raises(AnswerError) as caught:
        ask(CARE, **words)
    assert message in str(caught.value)


def test_an_unknown_question_has_close_ones(ask: Ask) -> None:
    """Prevents somebody from giving up because of one letter."""
    with pytest.raises(AnswerError, match="Did you mean return-interviews"):
        ask("return-interview")


def test_every_question_is_answered_in_every_way(ask: Ask, vocabulary: Vocabulary) -> None:
    """Prevents a question whose expression or name no longer exists."""
    for name in vocabulary.questions:
        assert ask(name, per="quarter", by=["sex", "authority"], areas=["England"]).rows, name
