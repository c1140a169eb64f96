"""Every metric of the semantic layer equals its mart, as MetricFlow answers it."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from orchestration.metrics import MetricsError, build_metricflow_command
from tests.dbt.runs import dbt_target
from tests.end_to_end.asking import (
    INTERVIEWS,
    LEVELS,
    MARTS,
    OF_AREAS,
    OF_REGISTER,
    OF_TWO_POPULATIONS,
    Asker,
    Figures,
)
from tests.end_to_end.conftest import Nation

CLOSE = 1e-8


@pytest.fixture(scope="module")
def asker(nation: Nation, coarse: Path, tmp_path_factory: pytest.TempPathFactory) -> Asker:
    """Somebody who asks metrics of the shared nation, as analysts read it."""
    return Asker.of(nation, tmp_path_factory.mktemp("metrics"), coarse)


def _wrong(asker: Asker, level: str, figures: Figures, populations: set[str]) -> dict[str, object]:
    """Each metric that differs from its mart somewhere, with the first such place."""
    wrong: dict[str, object] = {}
    for metric, (mart, _) in MARTS.items():
        if metric in OF_AREAS or (mart == INTERVIEWS and level == "police_force"):
            continue
        of = populations
        if mart in OF_TWO_POPULATIONS:
            of = populations & {"every_child", "looked_after"}
        if not of:
            continue
        published = asker.published_figures(level, metric)
        cells = {cell for cell in {*published, *figures} if cell[2] in of}
        assert cells
        for cell in sorted(cells):
            asked, there = figures.get(cell, {}).get(metric), published.get(cell)
            # A count of nothing is 0 where other metrics have a row, and no row in a mart.
            if "share" not in metric and "kappa" not in metric:
                asked, there = asked or 0, there or 0
            if (asked is None) != (there is None) or abs((asked or 0) - (there or 0)) > CLOSE:
                wrong[metric] = (cell, asked, there)
    return wrong


def test_every_metric_equals_its_mart_for_every_authority_and_year(asker: Asker) -> None:
    """Prevents a metric that answers otherwise than the mart that people publish from."""
    figures = asker.metrics("authority", "every_child")
    assert len(figures) > 8
    assert _wrong(asker, "authority", figures, {"every_child"}) == {}


@pytest.mark.drill
@pytest.mark.parametrize("level", LEVELS)
def test_every_metric_equals_its_mart_in_every_population(asker: Asker, level: str) -> None:
    """Prevents a dimension that counts another population than the mart: 12 questions, 5 s each."""
    wrong = {}
    for population in ("every_child", "by_care", "out_of_area"):
        figures = asker.metrics(level, population)
        of = {"looked_after", "home"} if population == "by_care" else {population}
        wrong |= _wrong(asker, level, figures, of)
    assert wrong == {}


@pytest.mark.drill
def test_children_with_several_absences_are_those_of_the_mart(asker: Asker) -> None:
    """Prevents a count of children that is added up over areas: one question of 5 s."""
    figures = asker.repeated()
    assert len(figures) > 50
    wrong = {}
    for level in (*LEVELS, "sub_region"):
        for metric in OF_AREAS:
            published = asker.published_figures(level, metric)
            asked = {cell: found[metric] for (at, cell), found in figures.items() if at == level}
            if asked != published:
                wrong[level, metric] = set(asked.items()) ^ set(published.items())
    assert wrong == {}


@pytest.mark.drill
def test_every_saved_query_answers_by_year(asker: Asker, nation: Nation) -> None:
    """Prevents a table of the yearly publication that cannot be made: 11 questions, 5 s each."""
    manifest = json.loads(
        (dbt_target(nation.settings) / "semantic_manifest.json").read_text(encoding="utf-8")
    )
    saved = [found["name"] for found in manifest["saved_queries"]]
    assert len(saved) > 10
    for name in saved:
        rows = asker.ask("--saved-query", name)
        assert rows, name
        assert all(row["episode__collection_year"] for row in rows), name


def test_every_metric_is_held_to_a_mart(manifest: dict[str, object]) -> None:
    """Prevents a new metric that nothing compares with a published figure."""
    held = {*MARTS, *OF_REGISTER}
    assert set(manifest["metrics"]) == {f"metric.national_register.{name}" for name in held}


def test_children_on_the_register_are_those_of_its_links(asker: Asker, coarse: Path) -> None:
    """Prevents a count of children by whether anything was ever reported about them."""
    rows = asker.ask("--metrics", ",".join(OF_REGISTER), "--group-by", "child__sex_code")
    with duckdb.connect(str(coarse), read_only=True) as connection:
        published = connection.execute(
            "with linked as (select child_id_register,"
            " count(distinct case when source = 'police' then 1 else 2 end) as sources"
            " from register.bridge_child_sources group by all)"
            " select sex_code, count(*), count(*) filter (where sources = 2)"
            " from linked inner join register.dim_children_current using (child_id_register)"
            " group by all"
        ).fetchall()
    answered = {
        (row["child__sex_code"], int(row[OF_REGISTER[0]]), int(row[OF_REGISTER[1]])) for row in rows
    }
    assert answered == set(published)
    assert len(answered) > 1
    for row in rows:
        share = int(row[OF_REGISTER[1]]) / int(row[OF_REGISTER[0]])
        assert abs(float(row[OF_REGISTER[2]]) - share) < CLOSE


def test_an_absence_lends_its_dimensions_to_its_interview_and_comparison(asker: Asker) -> None:
    """Prevents metrics of one relation that cannot be asked beside those of another."""
    rows = asker.ask(
        "--metrics",
        "children_missing,interviews_held,absences_with_interview_held,start_equal,start_compared",
        "--group-by",
        "episode__age_band_name,episode__sex_name",
    )
    assert len(rows) > 4
    for row in rows:
        held = row["absences_with_interview_held"] or "0"
        assert int(float(held)) == int(float(row["interviews_held"] or "0"))
    equal, compared = (
        sum(int(float(row[name] or "0")) for row in rows)
        for name in ("start_equal", "start_compared")
    )
    assert 0 < equal < compared


def test_without_metricflow_the_message_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prevents a traceback where only what a load needs is installed."""
    monkeypatch.setattr("orchestration.metrics.find_spec", lambda _: None)
    with pytest.raises(MetricsError, match="make setup"):
        build_metricflow_command(["list", "metrics"])


def test_the_project_of_metrics_opens_the_published_file_for_reading_alone(
    asker: Asker, tmp_path: Path
) -> None:
    """Prevents a question about metrics from locking out the load that publishes."""
    profile = (asker.project / "profiles.yml").read_text(encoding="utf-8")
    assert "read_only: true" in profile
    assert "warehouse" not in profile
