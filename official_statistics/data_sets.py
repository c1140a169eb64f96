"""The data sets of a release, read from `data_sets.yaml`: levels, filters, items and indicators.

Each count is defined there and nowhere else. The counting (`fct_publication_cells`), the files and
the ties between cells all use this definition.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, Literal

from register.yaml_file import read_yaml

DESCRIPTION = Path(__file__).with_name("data_sets.yaml")
TOTAL = "Total"

Unit = Literal[
    "episodes", "children", "repeat_children", "looked_after_children", "pairs", "periods"
]
CountedOn = Literal["base", "linkage", "coverage"]
Conditions = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Item:
    """One value of a filter, and the condition for the rows of the base table that it counts.

    `codes` are the counted codes of `column`; a Total has no codes and no column. `where` has the
    counted codes of further columns. `topic` is the item of the grouping filter. Some items depend
    on how many episodes a child has in the cell; `episodes` is then the smallest and the largest
    such number.
    """

    name: str
    column: str | None = None
    codes: tuple[str, ...] = ()
    topic: str | None = None
    divides: bool = False
    one_a_child: bool = False
    episodes: tuple[int, int | None] | None = None
    linkage: str | None = None
    where: Conditions = field(default_factory=dict)


@dataclass(frozen=True)
class Filter:
    """One filter column of a file. The head of `data_sets.yaml` explains the fields.

    In a filter with topics, the flags `divides` and `one_a_child` are set on the items, because
    they apply to each topic separately.
    """

    name: str
    label: str
    hint: str
    items: tuple[Item, ...]
    column: str | None = None
    column_of: str | None = None
    default: str | None = None
    groups: str | None = None
    divides: bool = False
    one_a_child: bool = False
    nests: bool = False
    in_cell: bool = False

    @property
    def item_names(self) -> tuple[str, ...]:
        """The values of the column, each once, in order."""
        return tuple(dict.fromkeys(item.name for item in self.items))


@dataclass(frozen=True)
class Indicator:
    """One figure of a file, either counted (`of`) or derived from shown counts (`derivation`).

    `same_as` has codes of another column that count the same rows as `where`.
    """

    name: str
    label: str
    dp: int
    unit: str = ""
    of: Unit | None = None
    where: Conditions = field(default_factory=dict)
    same_as: Conditions = field(default_factory=dict)
    only: Conditions = field(default_factory=dict)
    derivation: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """Whether the figure does not come from counts of children, and is never hidden."""
        return bool({"sample", "population"} & set(self.derivation))

    @property
    def is_count(self) -> bool:
        """Whether the figure is a count, and so a cell that can be hidden."""
        return self.of is not None

    def exists_on(self, values: Mapping[str, str]) -> bool:
        """Return whether the indicator exists in a row with these filter values."""
        return all(values[name] in items for name, items in self.only.items())


@dataclass(frozen=True)
class Combination:
    """One combination of filter items. A file has a row for it in every area and year."""

    values: Mapping[str, str]
    where: Conditions
    items: tuple[Item, ...]

    @property
    def filter_values(self) -> str:
        """The items in the order of the filters: `name=item;name=item`."""
        return ";".join(f"{name}={item}" for name, item in self.values.items())


@dataclass(frozen=True)
class Containment:
    """A row, and rows of a data set that count only some of its episodes, none of them twice.

    `data_set` is the file of the containing row; None is the data set itself.
    """

    total: Mapping[str, str]
    parts: tuple[Mapping[str, str], ...]
    data_set: str | None = None


@dataclass(frozen=True)
class Presumption:
    """A relation of counts that readers may presume: a row, and rows that count parts of it.

    If `is_sum`, the parts are presumed to add up to the row. Each row is of a file by its name.
    """

    total: tuple[str, Mapping[str, str]]
    parts: tuple[tuple[str, Mapping[str, str]], ...]
    is_sum: bool


@dataclass(frozen=True)
class DataSet:
    """One data file with its metadata file. `number` is its number in the specification."""

    number: int
    name: str
    title: str
    levels: tuple[str, ...]
    filters: tuple[Filter, ...]
    indicators: tuple[Indicator, ...]
    where: Conditions
    counted_on: CountedOn
    orders: tuple[tuple[str, str], ...]
    equal: tuple[tuple[Mapping[str, str], Mapping[str, str]], ...]
    contains: tuple[Containment, ...]
    presumed: tuple[Presumption, ...]

    @property
    def counts(self) -> tuple[Indicator, ...]:
        """The indicators that are counts."""
        return tuple(indicator for indicator in self.indicators if indicator.is_count)

    @property
    def columns(self) -> tuple[Filter | Indicator, ...]:
        """The filters and the indicators, in the order of the file's columns."""
        return (*self.filters, *self.indicators)

    def get_filter(self, name: str) -> Filter:
        """Return the filter with this name."""
        return next(part for part in self.filters if part.name == name)

    def get_indicator(self, name: str) -> Indicator:
        """Return the indicator with this name."""
        return next(indicator for indicator in self.indicators if indicator.name == name)

    def find_count(self, unit: str) -> str | None:
        """Return the name of the first indicator that counts a unit, or None if there is none."""
        return next((indicator.name for indicator in self.counts if indicator.of == unit), None)

    def find_grouping(self, name: str) -> str | None:
        """Return the name of the filter that groups another one; None if it is not grouped."""
        return next((part.name for part in self.filters if part.groups == name), None)

    def combinations(self) -> Iterator[Combination]:
        """Yield every combination of items, in the order of the file's rows.

        `where` joins the conditions of the data set and of each item. If two conditions restrict
        the same column, `where` has the codes that both allow.
        """
        chosen_filters = [part for part in self.filters if part.groups is None]
        for items in product(*(part.items for part in chosen_filters)):
            values: dict[str, str] = {}
            where = dict(self.where)
            pairs = list(zip(chosen_filters, items, strict=True))
            columns = {part.name: item.column for part, item in pairs}
            for part, item in pairs:
                if grouping := self.find_grouping(part.name):
                    values[grouping] = item.topic or TOTAL
                values[part.name] = item.name
                column = columns[part.column_of] if part.column_of else item.column
                own = {column: item.codes} if column is not None and item.codes else {}
                for name, codes in {**own, **item.where}.items():
                    allowed = where.get(name, codes)
                    where[name] = tuple(code for code in codes if code in allowed)
            yield Combination(values, where, items)


def join_conditions(indicator: Indicator, combination: Combination) -> Conditions:
    """Return the conditions of a count. Counts of the same rows have the same conditions.

    Only the police record a risk level. So a count of some risk levels does not need the condition
    that the police recorded the episode.
    """
    where = {**combination.where, **indicator.where}
    if "none" not in where.get("police_risk_level", ("none",)):
        sources = where.get("source_status", ())
        if {"both", "police_only"} <= set(sources):
            del where["source_status"]
    return where


def list_counts(data_sets: Iterable[DataSet]) -> Iterator[tuple[DataSet, Indicator, Combination]]:
    """Yield each count of the data sets: the data set, the indicator and the row."""
    for data_set in data_sets:
        for combination in data_set.combinations():
            for indicator in data_set.counts:
                if indicator.exists_on(combination.values):
                    yield data_set, indicator, combination


@cache
def read_data_sets() -> tuple[DataSet, ...]:
    """Return the data sets of a release, in the order of `data_sets.yaml`.

    Raises `ValueError` if the file contradicts itself.
    """
    described = read_yaml(DESCRIPTION)["data_sets"]
    data_sets = tuple(_read_data_set(number, text) for number, text in enumerate(described, 1))
    for data_set in data_sets:
        _check_data_set(data_set)
    return data_sets


def data_set_named(name: str) -> DataSet:
    """Return the data set with this name. Raises `ValueError` if there is none."""
    for data_set in read_data_sets():
        if data_set.name == name:
            return data_set
    raise ValueError(f"no data set is called {name}")


def _read_data_set(number: int, text: dict[str, Any]) -> DataSet:
    return DataSet(
        number=number,
        name=text["name"],
        title=text["title"],
        levels=tuple(text["levels"]),
        filters=tuple(_read_filter(name, part, text) for name, part in text["filters"].items()),
        indicators=tuple(_read_indicator(name, one) for name, one in text["indicators"].items()),
        where=_read_conditions(text.get("where")),
        counted_on=text.get("counted_on", "base"),
        orders=tuple((less, more) for less, more in text.get("orders", ())),
        equal=tuple((first, second) for first, second in text.get("equal", ())),
        contains=tuple(_read_containment(one) for one in text.get("contains", ())),
        presumed=tuple(_read_presumption(one, text["name"]) for one in text.get("presumed", ())),
    )


def _read_presumption(text: dict[str, Any], own_name: str) -> Presumption:
    total, *parts = (
        (row.get("data_set", own_name), {name: row[name] for name in row if name != "data_set"})
        for row in (text["total"], *text["parts"])
    )
    return Presumption(total, tuple(parts), is_sum=text.get("adds_up", False))


def _read_containment(text: dict[str, Any]) -> Containment:
    total = dict(text["total"])
    data_set = total.pop("data_set", None)
    return Containment(total, tuple(text["parts"]), data_set)


def _read_filter(name: str, text: dict[str, Any], data_set: dict[str, Any]) -> Filter:
    items = [_read_item(item, text) for item in text.get("items", ())]
    for topic, part in text.get("topics", {}).items():
        items += [_read_item(item, part, topic) for item in part["items"]]
    if groups := text.get("groups"):
        topics = data_set["filters"][groups]["topics"]
        items = [Item(TOTAL), *(Item(topic) for topic in topics)]
    fields = {key: value for key, value in text.items() if key not in ("items", "topics")}
    return Filter(name=name, items=tuple(items), **fields)


def _read_item(text: dict[str, Any], part: dict[str, Any], topic: str | None = None) -> Item:
    episodes = text.get("episodes")
    return Item(
        name=text["name"],
        column=text.get("column", part.get("column")),
        codes=tuple(text.get("codes", ())),
        topic=topic,
        divides=part.get("divides", False),
        one_a_child=part.get("one_a_child", False),
        episodes=(episodes[0], episodes[1]) if episodes else None,
        linkage=text.get("linkage"),
        where=_read_conditions(text.get("where")),
    )


def _read_indicator(name: str, text: dict[str, Any]) -> Indicator:
    count = text.get("count", {})
    return Indicator(
        name=name,
        label=text["label"],
        dp=text["dp"],
        unit=text.get("unit", ""),
        of=count.get("of"),
        where=_read_conditions(count.get("where")),
        same_as=_read_conditions(count.get("same_as")),
        only=_read_conditions(text.get("only")),
        derivation=text.get("made", {}),
    )


def _read_conditions(text: dict[str, list[str]] | None) -> Conditions:
    return {column: tuple(codes) for column, codes in (text or {}).items()}


def _check_data_set(data_set: DataSet) -> None:
    """Raise `ValueError` if a data set contradicts itself."""
    for indicator in data_set.indicators:
        if indicator.is_count == bool(indicator.derivation):
            raise ValueError(
                f"{data_set.name}: {indicator.name} must have either `count` or `made`"
            )
        for name, items in indicator.only.items():
            if missing := set(items) - set(data_set.get_filter(name).item_names):
                raise ValueError(f"{data_set.name}: {name} has no item {sorted(missing)}")
    for part in data_set.filters:
        keys = [(item.topic, item.name) for item in part.items]
        if len(keys) != len(set(keys)):
            raise ValueError(f"{data_set.name}: {part.name} has the same item twice")
        if part.default is None and TOTAL not in part.item_names:
            raise ValueError(f"{data_set.name}: {part.name} needs an item Total or a default")
