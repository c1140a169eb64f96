"""Queries that are too long for a text in Python: a file each in the folder `sql` of a package."""

from __future__ import annotations

from importlib.resources import files


def read_query(package: str, name: str, **words: object) -> str:
    """Return the query in `sql/<name>.sql` of a package, with `words` in place of their names.

    Without words the text is as it stands in the file.
    """
    query = files(package).joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
    return query.format(**words) if words else query
