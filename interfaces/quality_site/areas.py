"""What the published marts say of every area: the nation, regions, authorities and forces.

Each mart is read once. Pages take the rows of one area; the front page and the maps take the
summary of each area in the last year that has ended.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from expectations import Published
from interfaces.quality_site.figures import FiguresBySupplier, Row, Source, read_figures
from interfaces.quality_site.tile_map import LEVELS, TileMap, read_places, tile_map

BOTH = "both_when_expected_share"
LEVEL_ORDER = ("nation", "region", "authority", "police_force")


def area_path(code: str) -> str:
    """The page of an area."""
    return f"areas/{code}.html"


@dataclass(frozen=True)
class AreaFigures:
    """The marts by area of one generation; `latest` is the last collection year that has ended."""

    published: Published
    latest: str
    names: dict[str, str]
    seeds: Path

    def _mart(self, mart: str, condition: str, order: str, columns: str = "*") -> FiguresBySupplier:
        found = read_figures(
            self.published, Source(mart, condition), columns, f"order by area_code, {order}"
        )
        return FiguresBySupplier(found, "area_code")

    @cached_property
    def measures(self) -> FiguresBySupplier:
        """Children and absences by year, population and basis."""
        order = "collection_year desc, population_code, basis_code"
        return self._mart("agreement.agg_measures_by_area_year", "true", order)

    @cached_property
    def agreement(self) -> FiguresBySupplier:
        """Agreement by year and population."""
        order = "collection_year desc, population_code"
        return self._mart("agreement.agg_agreement_by_area_year", "true", order)

    @cached_property
    def repeats(self) -> FiguresBySupplier:
        """Repeat absences by year and population."""
        order = "collection_year desc, population_code"
        return self._mart("agreement.agg_repeat_absences_by_area_year", "true", order)

    @cached_property
    def interviews(self) -> FiguresBySupplier:
        """Return interviews by year and population."""
        order = "collection_year desc, population_code"
        return self._mart("agreement.agg_return_interviews_by_area_year", "true", order)

    @cached_property
    def characteristics(self) -> FiguresBySupplier:
        """Children by characteristic in the last year, of every child."""
        condition = f"population_code = 'every_child' and collection_year = '{self.latest}'"
        order = "characteristic_code, sort_order, value_code"
        return self._mart("bi.children_by_characteristic", condition, order)

    @cached_property
    def facts(self) -> FiguresBySupplier:
        """What the police alone record, in the last year, of every child."""
        condition = f"population_code = 'every_child' and collection_year = '{self.latest}'"
        order = "fact_code, episode_count desc, value_code"
        return self._mart("agreement.agg_police_facts_by_area_year", condition, order)

    @cached_property
    def months(self) -> FiguresBySupplier:
        """Children and absences by month, as the register counts them."""
        condition = "population_code = 'every_child' and basis_code = 'register'"
        columns = "area_code, start_month, children_count, episode_count, missing_children_count"
        return self._mart(
            "agreement.agg_measures_by_area_month",
            condition,
            "start_month",
            f"{columns}, strftime(start_month, '%Y-%m') as month",
        )

    @cached_property
    def reasons(self) -> FiguresBySupplier:
        """Why one source alone recorded an absence, in the last year, the commonest first."""
        condition = (
            f"population_code = 'every_child' and collection_year = '{self.latest}' "
            "and in_scope_count > 0"
        )
        order = "in_scope_count desc, reason_code, source_status"
        return self._mart("bi.reasons_by_area_year", condition, order)

    @cached_property
    def cases(self) -> FiguresBySupplier:
        """Children who wait for a body to act, the longest waiting first."""
        condition = "list_code <> 'supplier_delivered_nothing'"
        order = "over_28_days_count desc, case_count desc, list_code, list_reason_code"
        return self._mart("bi.falling_through_by_body", condition, order)

    def of_year(self, figures: FiguresBySupplier, code: str, **values: str) -> Row | None:
        """The row of an area in the last year, of every child unless `values` says otherwise."""
        wanted = {"collection_year": self.latest, "population_code": "every_child", **values}
        for row in figures.rows(code):
            if all(row[column] == value for column, value in wanted.items()):
                return row
        return None

    @cached_property
    def levels(self) -> dict[str, str]:
        """The kind of each area that the register counts children of, by code."""
        found = {
            str(row["area_code"]): str(row["area_level_code"])
            for row in self.measures.all_rows
            if row["area_level_code"] in LEVEL_ORDER
        }
        return dict(
            sorted(found.items(), key=lambda item: (LEVEL_ORDER.index(item[1]), self.name(item[0])))
        )

    @property
    def nation(self) -> str:
        """The code of the nation; empty where nothing is counted."""
        return next((code for code, level in self.levels.items() if level == "nation"), "")

    def name(self, code: str) -> str:
        """An area's name, or its code where it has none."""
        return self.names.get(code, "England" if code.startswith("E92") else code)

    @cached_property
    def summaries(self) -> dict[str, Row]:
        """The figures of the last year by which areas are compared."""
        return {code: self._summary(code) for code in self.levels}

    def _summary(self, code: str) -> Row:
        counted = self.of_year(self.measures, code, basis_code="register") or {}
        agreed = self.of_year(self.agreement, code) or {}
        repeated = self.of_year(self.repeats, code) or {}
        held = self.of_year(self.interviews, code) or {}
        cases = self.cases.rows(code)
        row = {
            "area_code": code,
            "level": self.levels[code],
            "name": self.name(code),
            "missing_children_count": counted.get("missing_children_count"),
            "episode_count": counted.get("episode_count"),
            "both_expected_count": agreed.get("both_expected_count"),
            "case_count": sum(row["case_count"] for row in cases) if cases else None,
        }
        for name, source, share in (
            ("both_share", agreed, BOTH),
            ("repeat_share", repeated, "repeat_children_share"),
            ("held_share", held, "held_share"),
        ):
            for end in ("", "_lower", "_upper"):
                row[f"{name}{end}"] = source.get(f"{share}{end}")
        return row

    def at_level(self, level: str) -> list[Row]:
        """The summaries of areas of one kind, by name."""
        return [row for row in self.summaries.values() if row["level"] == level]

    @cached_property
    def maps(self) -> list[TileMap]:
        """A tile map of authorities and one of forces."""
        places = read_places(self.seeds)
        return [
            tile_map(
                level,
                places[level],
                {row["area_code"]: row for row in self.at_level(level)},
                self.names,
            )
            for level in LEVELS
        ]


def bounds_of_children(police: int, authority: int) -> tuple[int, int]:
    """The least and the most children there can be, however records are linked across sources.

    The least if all children of the shorter list are on the longer one, the most if none are.
    """
    return max(police, authority), police + authority
