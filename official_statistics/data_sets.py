"""The data sets of a release, read from `data_sets.yaml`: levels, filters, items and indicators.

What a count sums is said here, once, for the counting (`fct_publication_cells`), for the files and
for the ties between cells. Counting itself, protection and writing do not belong here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
    """One value of a filter, and the rows of the base that it counts.

    `codes` are codes of `column`; both are empty where every row counts (a Total). `topic` is the
    item of the grouping filter. `episodes` is the least and the most number of episodes of a child
    in the cell, where the item follows from the cell's own counts.
    """

    name: str
    column: str | None = None
    codes: tuple[str, ...] = ()
    topic: str | None = None
    divides: bool = False
    one_a_child: bool = False
    episodes: tuple[int, int | None] | None = None
    linkage: str | None = None


@dataclass(frozen=True)
class Filter:
    """One filter column of a file; the meaning of the flags is at the head of the YAML.

    For a filter with topics, the flags are those of its items: a topic divides, not the filter.
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
        """The values of the column, each once, in their order."""
        return tuple(dict.fromkeys(item.name for item in self.items))


@dataclass(frozen=True)
class Indicator:
    """One figure of a file: counted (`of`) or made from shown counts (`made`), never both."""

    name: str
    label: str
    dp: int
    unit: str = ""
    of: Unit | None = None
    where: Conditions = field(default_factory=dict)
    only: Conditions = field(default_factory=dict)
    made: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_count(self) -> bool:
        """Whether the figure is counted, and so is a cell."""
        return self.of is not None

    def exists_on(self, values: Mapping[str, str]) -> bool:
        """Return whether the indicator exists on a row with these filter values."""
        return all(values[name] in items for name, items in self.only.items())


@dataclass(frozen=True)
class Combination:
    """One combination of items: a row of every place and year of the data set's file."""

    values: Mapping[str, str]
    where: Conditions
    items: tuple[Item, ...]

    @property
    def filter_values(self) -> str:
        """The items as one text, in the order of the filters: `name=item;name=item`."""
        return ";".join(f"{name}={item}" for name, item in self.values.items())


@dataclass(frozen=True)
class DataSet:
    """One pair of files; `number` is its place in the list of the specification."""

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

    @property
    def counts(self) -> tuple[Indicator, ...]:
        """The indicators that are counted."""
        return tuple(indicator for indicator in self.indicators if indicator.is_count)

    def filter(self, name: str) -> Filter:
        """Return the filter of this name."""
        return next(item for item in self.filters if item.name == name)

    def indicator(self, name: str) -> Indicator:
        """Return the indicator of this name."""
        return next(item for item in self.indicators if item.name == name)

    def combinations(self) -> Iterator[Combination]:
        """Yield every combination of items in the order of the file's rows.

        `where` holds the conditions on the base of the data set and of each item together: two
        conditions on one column leave the codes that both have.
        """
        topics = {item.groups for item in self.filters if item.groups}
        chosen = [item for item in self.filters if item.groups is None]
        for items in product(*(item.items for item in chosen)):
            values: dict[str, str] = {}
            where = {column: tuple(codes) for column, codes in self.where.items()}
            columns = {part.name: item.column for part, item in zip(chosen, items, strict=True)}
            for part, item in zip(chosen, items, strict=True):
                if part.name in topics:
                    values[_topic_filter(self.filters, part.name)] = item.topic or TOTAL
                values[part.name] = item.name
                column = columns[part.column_of] if part.column_of else item.column
                if column is not None and item.codes:
                    known = where.get(column)
                    where[column] = tuple(
                        code for code in item.codes if known is None or code in known
                    )
            yield Combination(values, where, items)


def _topic_filter(filters: tuple[Filter, ...], grouped: str) -> str:
    return next(item.name for item in filters if item.groups == grouped)


@cache
def read_data_sets() -> tuple[DataSet, ...]:
    """Return the data sets of a release, in the order in which they are listed.

    Raises `ValueError` where the description names a column, filter or item twice, or an item that
    no filter has.
    """
    described = read_yaml(DESCRIPTION)["data_sets"]
    found = tuple(_data_set(number, one) for number, one in enumerate(described, start=1))
    for data_set in found:
        _check(data_set)
    return found


def data_set_named(name: str) -> DataSet:
    """Return one data set. Raises `ValueError` for a name that no file has."""
    for data_set in read_data_sets():
        if data_set.name == name:
            return data_set
    raise ValueError(f"no data set is called {name}")


def _data_set(number: int, one: dict[str, Any]) -> DataSet:
    return DataSet(
        number=number,
        name=one["name"],
        title=one["title"],
        levels=tuple(one["levels"]),
        filters=tuple(_filter(name, text, one) for name, text in one["filters"].items()),
        indicators=tuple(_indicator(name, text) for name, text in one["indicators"].items()),
        where=_conditions(one.get("where")),
        counted_on=one.get("counted_on", "base"),
        orders=tuple((less, more) for less, more in one.get("orders", ())),
        equal=tuple((first, second) for first, second in one.get("equal", ())),
    )


def _filter(name: str, text: dict[str, Any], data_set: dict[str, Any]) -> Filter:
    flags = {
        flag: bool(text.get(flag, False)) for flag in ("divides", "one_a_child", "nests", "in_cell")
    }
    items = [_item(one, text) for one in text.get("items", ())]
    for topic, part in text.get("topics", {}).items():
        items += [_item(one, part, topic) for one in part["items"]]
    if groups := text.get("groups"):
        topics = data_set["filters"][groups]["topics"]
        items = [Item(TOTAL), *(Item(topic) for topic in topics)]
    return Filter(
        name=name,
        label=text["label"],
        hint=text["hint"],
        items=tuple(items),
        column=text.get("column"),
        column_of=text.get("column_of"),
        default=text.get("default"),
        groups=text.get("groups"),
        **flags,
    )


def _item(one: dict[str, Any], part: dict[str, Any], topic: str | None = None) -> Item:
    episodes = one.get("episodes")
    return Item(
        name=one["name"],
        column=one.get("column", part.get("column")),
        codes=tuple(one.get("codes", ())),
        topic=topic,
        divides=bool(part.get("divides", False)),
        one_a_child=bool(part.get("one_a_child", False)),
        episodes=(episodes[0], episodes[1]) if episodes else None,
        linkage=one.get("linkage"),
    )


def _indicator(name: str, text: dict[str, Any]) -> Indicator:
    count = text.get("count", {})
    return Indicator(
        name=name,
        label=text["label"],
        dp=text["dp"],
        unit=text.get("unit", ""),
        of=count.get("of"),
        where=_conditions(count.get("where")),
        only=_conditions(count.get("only")),
        made=text.get("made", {}),
    )


def _conditions(text: dict[str, list[str]] | None) -> Conditions:
    return {column: tuple(codes) for column, codes in (text or {}).items()}


def _check(data_set: DataSet) -> None:
    """Raise `ValueError` where a data set contradicts itself."""
    for indicator in data_set.indicators:
        if indicator.is_count == bool(indicator.made):
            raise ValueError(f"{data_set.name}: {indicator.name} is counted or made, one of both")
        for name, items in indicator.only.items():
            if missing := set(items) - set(data_set.filter(name).item_names):
                raise ValueError(f"{data_set.name}: {name} has no item {sorted(missing)}")
    for one in data_set.filters:
        keys = [(item.topic, item.name) for item in one.items]
        if len(keys) != len(set(keys)):
            raise ValueError(f"{data_set.name}: {one.name} has an item twice")
        if one.default is None and TOTAL not in one.item_names:
            raise ValueError(f"{data_set.name}: {one.name} has neither a Total nor a default")
