"""Access to the published marts of one generation. Only columns that a query names are read.

The warehouse is never opened. Frames contain counts, codes and keys, but no personal data.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import duckdb
import pyarrow as pa

from register.access import COARSE_FORM
from register.publishing import Generation, current_generation
from register.queries import read_query
from register.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

logger = logging.getLogger(__name__)

REGISTER_FILE = "national_register.duckdb"
CHILDREN_ALONE = read_query(__package__, "children_alone")


class NotPublishedError(RuntimeError):
    """Nothing is published yet; the message gives the command to run."""


class MartUnreadableError(RuntimeError):
    """A mart, or a column of it, is missing from the generation or cannot be read."""


def generation_to_measure(settings: Settings) -> Generation:
    """Return the current generation. Raises `NotPublishedError` if nothing is published yet."""
    generation = current_generation(settings)
    if generation is None:
        raise NotPublishedError("nothing is published yet: run `register load` first")
    return generation


class Published:
    """The published marts of one generation, open for reading within a `with` block."""

    def __init__(self, folder: Path) -> None:
        self._connection = duckdb.connect(str(folder / REGISTER_FILE), read_only=True)
        self._coarse_file = folder / COARSE_FORM

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def add_tables(self, tables: Mapping[str, pa.Table]) -> None:
        """Add in-memory tables that are not marts, so that queries can read them by these names."""
        for name, table in tables.items():
            self._connection.register(name, table)

    def count_children_alone(self) -> None:
        """Add the table `children_alone`, counted in the coarse and the exact form as served.

        Nothing is added if an earlier program version published no coarse form.
        """
        if self._coarse_file.exists():
            self._connection.execute(f"attach '{self._coarse_file}' as coarse (read_only)")
            try:
                self._connection.execute(f"create temp table children_alone as {CHILDREN_ALONE}")
            except (duckdb.CatalogException, duckdb.BinderException) as error:
                logger.error("children who are alone cannot be counted: %s", error)
            self._connection.execute("detach coarse")

    def has_relation(self, relation: str) -> bool:
        """Return whether a mart or an added table has this name."""
        try:
            self._connection.table(relation)
        except duckdb.CatalogException:
            return False
        return True

    def read_frame(self, query: str) -> pd.DataFrame:
        """Return the rows of `query` as a pandas data frame.

        Raises `MartUnreadableError`, which names the missing relation or column and no value.
        """
        # Go through Arrow, because DuckDB's own conversion to pandas damages characters beyond
        # U+FFFF.
        frame: pd.DataFrame = self._read_table(query).to_pandas()
        return frame

    def read_records(self, query: str) -> list[dict[str, Any]]:
        """Return the rows of a small `query` as dictionaries, with None for null."""
        rows: list[dict[str, Any]] = self._read_table(query).to_pylist()
        return rows

    def _read_table(self, query: str) -> pa.Table:
        try:
            return self._connection.sql(query).to_arrow_table()
        except (duckdb.CatalogException, duckdb.BinderException) as error:
            raise MartUnreadableError(str(error).splitlines()[0]) from error
        except duckdb.Error as error:
            # The error's message may quote a value of a row, so only the error's type is shown.
            raise MartUnreadableError(f"{type(error).__name__} while reading") from None
