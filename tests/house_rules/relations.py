"""What a step of a statement gives: its columns, and the keys that no two of its rows share."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlglot import exp

Columns = frozenset[str]
Keys = frozenset[Columns]
MOST_KEYS = 12


@dataclass(frozen=True)
class Relation:
    """The keys of what a step gives; its columns, where they are known."""

    keys: Keys = frozenset()
    columns: tuple[str, ...] | None = None


@dataclass
class Rows:
    """The rows of a `from` clause: columns are `alias.column`."""

    sources: dict[str, Relation] = field(default_factory=dict)
    keys: Keys = frozenset()
    fixed: set[str] = field(default_factory=set)
    same: dict[str, str] = field(default_factory=dict)

    def name(self, column: exp.Column) -> str:
        """`alias.column`, with the alias that a statement of one source leaves out."""
        alias = column.table or self._owner(column.name)
        return self.root(f"{alias}.{column.name}")

    def root(self, name: str) -> str:
        """The first of the columns that equal this one in every row."""
        while name in self.same:
            name = self.same[name]
        return name

    def _owner(self, column: str) -> str:
        if len(self.sources) == 1:
            return next(iter(self.sources))
        owners = [name for name, found in self.sources.items() if column in (found.columns or ())]
        return owners[0] if len(owners) == 1 else "?"

    def settle(self) -> None:
        """Leave out of each key what is the same in every row."""
        settled = {frozenset(self.root(name) for name in key) - self.fixed for key in self.keys}
        self.keys = least(settled)


def least(keys: set[Columns] | frozenset[Columns]) -> Keys:
    """The keys that have no other within them, the smallest first."""
    small = sorted(keys, key=lambda key: (len(key), sorted(key)))[: 4 * MOST_KEYS]
    found: list[Columns] = []
    for key in small:
        if not any(other <= key for other in found):
            found.append(key)
    return frozenset(found[:MOST_KEYS])
