"""Reading of SQL files, which contain queries that are too long for a Python string."""

from __future__ import annotations

from importlib.resources import files


def read_query(package: str, name: str, **words: object) -> str:
    """Return a package's query `sql/<name>.sql`, with `words` filled in by `str.format`.

    Without words, the file's text is returned unchanged, including braces.
    """
    query = files(package).joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
    return query.format(**words) if words else query
