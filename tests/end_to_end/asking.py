"""Asks metrics of the shared nation through MetricFlow, and reads the marts they must equal."""

from __future__ import annotations

import csv
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.metrics import build_metricflow_command, write_project
from tests.dbt.runs import dbt_target
from tests.end_to_end.conftest import Nation

MEASURES = "agreement.agg_measures_by_area_year"
REPEATS = "agreement.agg_repeat_absences_by_area_year"
AGREEMENT = "bi.agreement_by_area_year"
CELLS = "agreement.agg_agreement_by_area_year"
INTERVIEWS = "agreement.agg_return_interviews_by_area_year"
INCIDENTS = (
    "(select area_level_code, area_code, collection_year, population_code,"
    " sum(episode_count) as incident_count,"
    " sum(case when value_code != 'no_apparent' then episode_count else 0 end)"
    " as incident_count_above_no_apparent_risk"
    " from agreement.agg_police_facts_by_area_year where fact_code = 'risk_level' group by all)"
    " as incidents"
)
FIELDS = ("category", "start", "end", "looked_after", "placement", "birth_date")
FIELD_AGREEMENT = {
    field: (
        "(select * from agreement.agg_field_agreement_by_area_year"
        f" where field_code = '{field}' and compared_code = 'police_and_authority') as compared"
    )
    for field in FIELDS
}
# Marts that are given for every child and for looked-after children alone.
OF_TWO_POPULATIONS = {INCIDENTS, *FIELD_AGREEMENT.values()}
# Each metric, its mart and the column that it must equal.
MARTS = {
    "children_missing_or_away": (MEASURES, "children_count"),
    "children_missing": (MEASURES, "missing_children_count"),
    "children_away": (MEASURES, "away_children_count"),
    "children_no_apparent_risk": (MEASURES, "no_apparent_risk_children_count"),
    "children_category_not_known": (MEASURES, "category_not_known_children_count"),
    "children_over_24_hours_lower": (MEASURES, "over_24_hours_children_count_lower"),
    "children_over_24_hours_upper": (MEASURES, "over_24_hours_children_count_upper"),
    "children_third_in_90_days": (REPEATS, "third_children_count"),
    "children_repeat": (REPEATS, "repeat_children_count"),
    "children_missing_repeatedly": (MEASURES, "missing_repeatedly_children_count"),
    "episodes": (MEASURES, "episode_count"),
    "episodes_missing": (MEASURES, "missing_episode_count"),
    "episodes_away": (MEASURES, "away_episode_count"),
    "episodes_no_apparent_risk": (MEASURES, "no_apparent_risk_episode_count"),
    "episodes_category_not_known": (MEASURES, "category_not_known_episode_count"),
    "police_missing_incidents": (INCIDENTS, "incident_count"),
    "police_missing_incidents_above_no_apparent_risk": (
        INCIDENTS,
        "incident_count_above_no_apparent_risk",
    ),
    "episodes_over_24_hours_lower": (MEASURES, "over_24_hours_episode_count_lower"),
    "episodes_over_24_hours_upper": (MEASURES, "over_24_hours_episode_count_upper"),
    "episodes_third_in_90_days": (REPEATS, "third_episode_count"),
    "episodes_in_scope": (CELLS, "both_expected_count"),
    "matched_in_scope": (CELLS, "both_when_expected_count"),
    "police_only_in_scope": (AGREEMENT, "police_only_in_scope_count"),
    "authority_only_in_scope": (AGREEMENT, "authority_only_in_scope_count"),
    "matched_share_in_scope": (CELLS, "both_when_expected_share"),
    "police_only_share_in_scope": (AGREEMENT, "police_only_share_in_scope"),
    "authority_only_share_in_scope": (AGREEMENT, "authority_only_share_in_scope"),
    "missing_by_both": (CELLS, "missing_by_both_count"),
    "missing_by_police": (CELLS, "missing_by_police_count"),
    "missing_by_authority": (CELLS, "missing_by_authority_count"),
    "missing_by_neither": (CELLS, "missing_by_neither_count"),
    "category_kappa": (CELLS, "category_kappa"),
    "interviews_due": (INTERVIEWS, "closed_count"),
    "interviews_recorded": (INTERVIEWS, "recorded_count"),
    "interviews_offered": (INTERVIEWS, "offered_count"),
    "interviews_accepted": (INTERVIEWS, "accepted_count"),
    "interviews_held": (INTERVIEWS, "held_count"),
    "interviews_within_72_hours": (INTERVIEWS, "within_72_hours_count"),
    "interviews_timed": (INTERVIEWS, "within_72_hours_count + not_within_72_hours_count"),
    "interviews_not_within_72_hours": (INTERVIEWS, "not_within_72_hours_count"),
    "absences_with_interview_record": (INTERVIEWS, "recorded_count"),
    "absences_with_interview_held": (INTERVIEWS, "held_count"),
    "absences_with_independent_interview": (INTERVIEWS, "independent_count"),
    "independent_interview_share": (
        INTERVIEWS,
        "cast(independent_count as double) / nullif(held_count, 0)",
    ),
    "interviews_offered_share": (INTERVIEWS, "offered_share"),
    "interviews_accepted_share": (INTERVIEWS, "accepted_share"),
    "interviews_held_share": (INTERVIEWS, "held_share"),
    "interviews_within_72_hours_share": (INTERVIEWS, "within_72_hours_share"),
} | {
    f"{field}_{metric}": (mart, column)
    for field, mart in FIELD_AGREEMENT.items()
    for metric, column in (
        ("compared", "compared_count"),
        ("equal", "equal_count"),
        ("equal_share", "equal_share"),
    )
}
# Children on the register, whether or not they were ever absent: no mart by area counts them.
OF_REGISTER = ("children_registered", "children_known_to_both", "children_known_to_both_share")
# Children with several absences are counted by area: no sum over absences finds them.
OF_AREAS = ("children_repeat", "children_missing_repeatedly")
# Counts of interviews are not given by police force.
NATION = "'E92000001'"
LEVELS = {
    "nation": NATION,
    "region": "region_code_ons",
    "authority": "authority_code_dfe",
    "police_force": "police_force_code",
}
OUT_OF_AREA = (
    "{{ Dimension('episode__care_status_code') }} = 'looked_after'"
    " and {{ Dimension('episode__boundary_code') }} = 'outside'"
)
Cell = tuple[str, str, str]
Figures = dict[Cell, dict[str, float | None]]


@dataclass(frozen=True)
class Asker:
    """MetricFlow on the published file of a nation; answers are CSV."""

    project: Path
    published: Path

    @classmethod
    def of(cls, nation: Nation, folder: Path, published: Path | None = None) -> Asker:
        """Somebody who asks metrics of the shared nation; by default of its exact form."""
        published = published or nation.built / "national_register.duckdb"
        manifest = dbt_target(nation.settings) / "semantic_manifest.json"
        return cls(write_project(folder, manifest, published), published)

    def ask(self, *words: str) -> list[dict[str, str]]:
        """The rows that a query answers."""
        answer = self.project / "answer.csv"
        outcome = subprocess.run(
            build_metricflow_command(["query", *words, "--csv", str(answer)]),
            cwd=self.project,
            env={**os.environ, "DBT_PROFILES_DIR": str(self.project), "DO_NOT_TRACK": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert outcome.returncode == 0, outcome.stdout[-3000:] + outcome.stderr[-3000:]
        with answer.open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))

    def metrics(self, level: str, population: str) -> Figures:
        """Every metric of absences, by area of a level and year, for one kind of population.

        `by_care` gives the three populations by care status at once.
        """
        area = LEVELS[level]
        by = ["collection_year"] + ([] if area == NATION else [area])
        by += ["care_status_code"] if population == "by_care" else []
        words = ["--metrics", ",".join(name for name in MARTS if name not in OF_AREAS)]
        words += ["--group-by", ",".join(f"episode__{name}" for name in by)]
        words += ["--where", OUT_OF_AREA] if population == "out_of_area" else []
        found: Figures = {}
        for row in self.ask(*words):
            code = "E92000001" if area == NATION else row[f"episode__{area}"]
            of = row["episode__care_status_code"] if population == "by_care" else population
            found[code, row["episode__collection_year"], of] = _numbers(row)
        return found

    def repeated(self) -> dict[tuple[str, Cell], dict[str, float | None]]:
        """The metrics of areas, by level and area, year and population."""
        names = ("area_level_code", "area_code", "collection_year", "population_code")
        rows = self.ask(
            "--metrics",
            ",".join(OF_AREAS),
            "--group-by",
            ",".join(f"area_year__{name}" for name in names),
        )
        found = {}
        for row in rows:
            level, area, year, of = (row[f"area_year__{name}"] for name in names)
            found[level, (area, year, of)] = _numbers(row)
        return found

    def published_figures(self, level: str, metric: str) -> dict[Cell, float | None]:
        """What the mart of a metric has for each area of a level, year and population."""
        mart, column = MARTS[metric]
        basis = " and basis_code = 'register'" if mart == MEASURES else ""
        with duckdb.connect(str(self.published), read_only=True) as connection:
            rows = connection.execute(
                f"select area_code, collection_year, population_code, {column} from {mart}"
                f" where area_level_code = ?{basis}",
                [level],
            ).fetchall()
        return {(area, year, of): value for area, year, of, value in rows}


def _numbers(row: dict[str, str]) -> dict[str, float | None]:
    return {name: float(value) if value else None for name, value in row.items() if name in MARTS}
