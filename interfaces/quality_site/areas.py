"""Figures by area: the nation, regions, local authorities and police forces.

Each mart is read once. Pages of areas show an area's rows. The front page and the maps show a
summary of each area in the latest complete collection year.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from expectations import Published
from interfaces.quality_site.figures import FiguresByCode, Row, Source, read_figures
from interfaces.quality_site.sections import PageLink
from interfaces.quality_site.tile_map import LEVELS, TileMap, build_tile_map, read_places
from register.spreadsheet import read_rows

BOTH_SHARE = "both_when_expected_share"
LEVEL_ORDER = ("nation", "region", "authority", "police_force")
# The measures whose rates stand beside their counts, by the first part of the count's column.
RATED_MEASURES = {"missing_children": "children_missing", "episode": "episodes_missing_or_away"}


def area_path(code: str) -> str:
    """Return the path of an area's page."""
    return f"areas/{code}.html"


@dataclass(frozen=True)
class AreaFigures:
    """The marts by area of one generation; `latest_year` is that of `Contents`."""

    published: Published
    latest_year: str
    names: dict[str, str]
    seeds: Path

    def _read_mart(
        self, mart: str, condition: str, order: str, columns: str = "*"
    ) -> FiguresByCode:
        figures = read_figures(
            self.published, Source(mart, condition), columns, f"order by area_code, {order}"
        )
        return FiguresByCode(figures, "area_code")

    def _read_years(
        self, mart: str, order: str = "collection_year desc, population_code"
    ) -> FiguresByCode:
        """Read a mart of the schema `agreement` that has a row for each year and population."""
        return self._read_mart(f"agreement.{mart}", "true", order)

    def _read_latest(self, mart: str, order: str, condition: str = "") -> FiguresByCode:
        """Read a mart's rows for the population `every_child` in the latest year."""
        latest = f"population_code = 'every_child' and collection_year = '{self.latest_year}'"
        return self._read_mart(mart, f"{latest} and {condition}" if condition else latest, order)

    @cached_property
    def measures(self) -> FiguresByCode:
        """The numbers of children and absences by year, population and basis."""
        order = "collection_year desc, population_code, basis_code"
        return self._read_years("agg_measures_by_area_year", order)

    @cached_property
    def rates(self) -> FiguresByCode:
        """The rates by year, population and measure, each with its change and similar areas."""
        order = "collection_year desc, population_code, measure_code"
        return self._read_mart("bi.rates_by_area_year", "true", order)

    @cached_property
    def _rates_by_key(self) -> dict[tuple[str, ...], Row]:
        key = ("area_code", "collection_year", "population_code", "measure_code")
        return {tuple(row[column] for column in key): row for row in self.rates.all_rows}

    def find_rate(self, code: str, year: str, population: str, measure: str) -> Row:
        """Return the rate of one measure. If there is none, the result is empty."""
        return self._rates_by_key.get((code, year, population, measure), {})

    def add_rates(self, code: str, row: Row, measures: Mapping[str, str] = RATED_MEASURES) -> Row:
        """Return a row of counts of a year and population with the rates of its counts."""
        rated = dict(row)
        for name, measure in measures.items():
            rate = self.find_rate(code, row["collection_year"], row["population_code"], measure)
            for end in ("", "_lower", "_upper"):
                rated[f"{name}_rate{end}"] = rate.get(f"rate{end}")
            rated[f"{name}_change_code"] = rate.get("change_code")
            rated["denominator_count"] = rate.get("denominator_count")
        return rated

    @cached_property
    def neighbours(self) -> dict[str, list[str]]:
        """The ten statistical neighbours of each authority, the most alike first."""
        rows = read_rows(self.seeds / "ref__statistical_neighbours.csv")
        neighbours: dict[str, list[str]] = {}
        for row in sorted(rows, key=lambda row: int(row["neighbour_rank"])):
            neighbours.setdefault(row["authority_code_dfe"], []).append(row["neighbour_code_dfe"])
        return neighbours

    @cached_property
    def agreement(self) -> FiguresByCode:
        """Agreement by year and population."""
        return self._read_years("agg_agreement_by_area_year")

    @cached_property
    def repeats(self) -> FiguresByCode:
        """Repeat absences by year and population."""
        return self._read_years("agg_repeat_absences_by_area_year")

    @cached_property
    def interviews(self) -> FiguresByCode:
        """Return interviews by year and population."""
        return self._read_years("agg_return_interviews_by_area_year")

    @cached_property
    def characteristics(self) -> FiguresByCode:
        """Children by characteristic in the latest year."""
        order = "characteristic_code, sort_order, value_code"
        return self._read_latest("bi.children_by_characteristic", order)

    @cached_property
    def police_facts(self) -> FiguresByCode:
        """Facts that the police alone record, in the latest year."""
        order = "fact_code, episode_count desc, value_code"
        return self._read_latest("agreement.agg_police_facts_by_area_year", order)

    @cached_property
    def reasons(self) -> FiguresByCode:
        """Reasons why only one source recorded an absence, in the latest year, commonest first."""
        order = "in_scope_count desc, reason_code, source_status"
        return self._read_latest("bi.reasons_by_area_year", order, "in_scope_count > 0")

    @cached_property
    def months(self) -> FiguresByCode:
        """Children and absences by month, as counted in the register."""
        return self._read_mart(
            "agreement.agg_measures_by_area_month",
            "population_code = 'every_child' and basis_code = 'register'",
            "start_month",
            "area_code, start_month, children_count, episode_count, missing_children_count, "
            "strftime(start_month, '%Y-%m') as month",
        )

    @cached_property
    def tasks(self) -> FiguresByCode:
        """The tasks of each authority and force; those with most children over 28 days first."""
        order = "over_28_days_count desc, children_count desc, task_code"
        return self._read_mart("bi.tasks_by_area", "true", order)

    def find_latest_row(self, figures: FiguresByCode, code: str, **values: str) -> Row:
        """Return an area's row for `every_child` in the latest year that has these `values`.

        If there is none, the result is empty.
        """
        expected = {"collection_year": self.latest_year, "population_code": "every_child", **values}
        for row in figures.rows_of(code):
            if all(row[column] == value for column, value in expected.items()):
                return row
        return {}

    @cached_property
    def levels(self) -> dict[str, str]:
        """The level of each area for which the register counts children, by the area's code."""
        levels = {
            str(row["area_code"]): str(row["area_level_code"])
            for row in self.measures.all_rows
            if row["area_level_code"] in LEVEL_ORDER
        }
        codes = sorted(levels, key=lambda c: (LEVEL_ORDER.index(levels[c]), self.name_area(c)))
        return {code: levels[code] for code in codes}

    @property
    def nation_code(self) -> str:
        """The code of the nation, or an empty text if nothing is counted."""
        return next((code for code, level in self.levels.items() if level == "nation"), "")

    def name_area(self, code: str) -> str:
        """Return an area's name, or its code if it has no name."""
        return self.names.get(code, "England" if code.startswith("E92") else code)

    @cached_property
    def summaries(self) -> dict[str, Row]:
        """For each area, the figures of the latest year by which areas are compared."""
        return {code: self._summarise_area(code) for code in self.levels}

    def _summarise_area(self, code: str) -> Row:
        counts = self.find_latest_row(self.measures, code, basis_code="register")
        rates = self.add_rates(code, counts) if counts else {}
        in_care = self.find_rate(code, self.latest_year, "looked_after", "children_missing")
        children = rates.get("denominator_count")
        agreement = self.find_latest_row(self.agreement, code)
        repeats = self.find_latest_row(self.repeats, code)
        interviews = self.find_latest_row(self.interviews, code)
        tasks = self.tasks.rows_of(code)
        task_count = sum(task["children_count"] for task in tasks) if tasks else None
        row: Row = {
            "area_code": code,
            "level": self.levels[code],
            "name": self.name_area(code),
            "link": PageLink(self.name_area(code), area_path(code)),
            "missing_children_count": counts.get("missing_children_count"),
            "episode_count": counts.get("episode_count"),
            "both_expected_count": agreement.get("both_expected_count"),
            "task_count": task_count,
            "task_rate": 1000 * task_count / children if task_count and children else None,
            "missing_children_change_code": rates.get("missing_children_change_code"),
        }
        for end in ("", "_lower", "_upper"):
            for name in RATED_MEASURES:
                row[f"{name}_rate{end}"] = rates.get(f"{name}_rate{end}")
            row[f"looked_after_rate{end}"] = in_care.get(f"rate{end}")
        for name, source, share in (
            ("both_share", agreement, BOTH_SHARE),
            ("repeat_share", repeats, "repeat_children_share"),
            ("held_share", interviews, "held_share"),
        ):
            for end in ("", "_lower", "_upper"):
                row[f"{name}{end}"] = source.get(f"{share}{end}")
        return row

    def summaries_of_level(self, level: str) -> list[Row]:
        """Return the summaries of areas at one level, by name."""
        return [row for row in self.summaries.values() if row["level"] == level]

    @cached_property
    def maps(self) -> list[TileMap]:
        """The two tile maps: local authorities and police forces."""
        places = read_places(self.seeds)
        return [
            build_tile_map(
                level,
                places[level],
                {row["area_code"]: row for row in self.summaries_of_level(level)},
                self.names,
            )
            for level in LEVELS
        ]


def bound_children(police: int, authority: int) -> tuple[int, int]:
    """Return the lowest and highest possible number of different children on two lists.

    The number is lowest if all children on the shorter list are also on the longer one. It is
    highest if no child is on both.
    """
    return max(police, authority), police + authority
