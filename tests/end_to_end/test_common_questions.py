"""Every common question is answered with the figures of the marts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest

from register.answers import Answer, Request, answer_question, read_vocabulary
from register.settings import PROJECT_ROOT
from tests.end_to_end.asking import INCIDENTS, INTERVIEWS, MARTS, Asker

CLOSE = 1e-8
VOCABULARY = read_vocabulary(PROJECT_ROOT / "dbt_project")
LEVELS = {"nation": None, "region": "region", "authority": "authority"} | {
    "police_force": "police-force"
}


def _wrong(published: Path, answer: Answer, level: str, population: str) -> dict[str, object]:
    """Each figure that differs from its mart, by metric, with the last such place."""
    marts = Asker(Path(), published)
    with duckdb.connect(str(published), read_only=True) as connection:
        codes: dict[str, str] = dict(
            connection.execute(
                "select area_name, area_code from bi.areas"
                " where area_level_code = ? and is_current",
                [level],
            ).fetchall()
        )
    wrong: dict[str, object] = {}
    for column in answer.columns:
        mart = MARTS.get(column.name, ("", ""))[0]
        if not mart or (mart == INTERVIEWS and level == "police_force"):
            continue
        if mart == INCIDENTS and population not in {"every_child", "looked_after"}:
            continue
        figures = marts.published_figures(level, column.name)
        for row in answer.rows:
            place = (codes[row["area_name"]], row["period_name"], population)
            here, there = row[column.name], figures.get(place)
            if column.kind == "count":
                here, there = here or 0, there or 0
            if (here is None) != (there is None) or abs((here or 0) - (there or 0)) > CLOSE:
                wrong[column.name] = (place, here, there)
    return wrong


def find_wrong_answers(
    published: Path, populations: Sequence[str]
) -> dict[tuple[str, str, str], dict[str, object]]:
    """The figures of all questions and levels that differ from their marts."""
    wrong = {}
    for name, question in VOCABULARY.questions.items():
        for population in [question.population] if question.population else populations:
            for level, way in LEVELS.items():
                asked = population.replace("_", "-")
                request = Request(name, by=[way] if way else [], population=asked)
                answer = answer_question(published, "first", VOCABULARY, request)
                found = _wrong(published, answer, level, population)
                if found:
                    wrong[name, population, level] = found
    return wrong


def test_every_answer_by_year_equals_its_mart(coarse: Path) -> None:
    """Prevents a quick answer that differs from the mart that people publish from."""
    assert find_wrong_answers(coarse, ["every_child"]) == {}


@pytest.mark.drill
def test_every_answer_equals_its_mart_in_every_population(coarse: Path) -> None:
    """Prevents a population that counts other children than the mart: a hundred questions."""
    populations = [name for name in VOCABULARY.populations if name != "unknown"]
    assert find_wrong_answers(coarse, populations) == {}


@pytest.mark.parametrize("characteristic", VOCABULARY.characteristics)
def test_every_value_of_a_characteristic_equals_its_mart(coarse: Path, characteristic: str) -> None:
    """Prevents a value under the name of another, or one without a line."""
    request = Request("children-missing-from-care", by=[characteristic])
    answer = answer_question(coarse, "first", VOCABULARY, request)
    name = f"{characteristic.replace('-', '_')}_name"
    columns = (
        "missing_children_count, in_scope_count, matched_in_scope_count,"
        " matched_share_in_scope, matched_share_in_scope_lower, matched_share_in_scope_upper"
    )
    with duckdb.connect(str(coarse), read_only=True) as connection:
        rows = connection.execute(
            f"select collection_year, value_name, {columns} from bi.children_by_characteristic"
            " where area_level_code = 'nation' and population_code = 'looked_after'"
            " and characteristic_code = ?",
            [characteristic.replace("-", "_")],
        ).fetchall()
    years = {row["period_name"] for row in answer.rows}
    published = {tuple(row[:2]): tuple(row[2:]) for row in rows if row[0] in years}
    share = "matched_share_in_scope"
    asked = ("children_missing", "episodes_in_scope", "matched_in_scope", share)
    asked += (f"{share}_lower", f"{share}_upper")
    answered = {
        (row["period_name"], row[name]): tuple(row[each] for each in asked)
        for row in answer.rows
        if row[name] != "Total"
    }
    assert published
    empty = (0, 0, 0, None, None, None)
    assert {place: published.get(place, empty) for place in answered} == answered
    assert published.keys() <= answered.keys()
