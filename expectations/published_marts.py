"""Reads the published marts of one generation: read-only, only the columns asked for.

Never the warehouse, and never a value of a person: the frames contain counts, codes and keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import duckdb
import pyarrow as pa

from register.publishing import Generation, current_generation
from register.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

REGISTER_FILE = "national_register.duckdb"


class NotPublishedError(RuntimeError):
    """There is no generation to measure; the message gives the command to run."""


class MartUnreadableError(RuntimeError):
    """A mart, or a column of it, is not in the generation or is not what it should be."""


def generation_to_measure(settings: Settings) -> Generation:
    """The current generation; raises `NotPublishedError` before the first."""
    generation = current_generation(settings)
    if generation is None:
        raise NotPublishedError("nothing is published yet: run `register load` first")
    return generation


class Published:
    """One generation's `national_register.duckdb`, open for reading within a `with`."""

    def __init__(self, folder: Path) -> None:
        self._connection = duckdb.connect(str(folder / REGISTER_FILE), read_only=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def put_beside(self, tables: Mapping[str, pa.Table]) -> None:
        """Let queries read relations that are no marts, in memory, by these names."""
        for name, table in tables.items():
            self._connection.register(name, table)

    def has(self, relation: str) -> bool:
        """Return whether there is a relation of this name."""
        try:
            self._connection.table(relation)
        except duckdb.CatalogException:
            return False
        return True

    def frame(self, query: str) -> pd.DataFrame:
        """The rows of `query` as pandas, through Arrow: DuckDB's own conversion breaks pairs.

        Raises `MartUnreadableError`, which names what is missing and no value.
        """
        frame: pd.DataFrame = self._table(query).to_pandas()
        return frame

    def records(self, query: str) -> list[dict[str, Any]]:
        """The rows of a small `query` as dictionaries, null as None."""
        rows: list[dict[str, Any]] = self._table(query).to_pylist()
        return rows

    def _table(self, query: str) -> pa.Table:
        try:
            return self._connection.sql(query).to_arrow_table()
        except (duckdb.CatalogException, duckdb.BinderException) as error:
            raise MartUnreadableError(str(error).splitlines()[0]) from error
        except duckdb.Error as error:
            # Its message may contain a value of a row: only its kind may be shown.
            raise MartUnreadableError(f"{type(error).__name__} while reading") from None
