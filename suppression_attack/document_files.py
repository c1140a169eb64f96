"""The documents of a release: every public file except data and `ties.yaml`, whatever its format.

`attacked_documents.py` interprets what is read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from suppression_attack.description import DescriptionError
from suppression_attack.json_passages import read_json, read_notebook
from suppression_attack.page_passages import read_page
from suppression_attack.passages import Document, read_csv, read_markdown
from suppression_attack.spreadsheet_passages import read_spreadsheet
from suppression_attack.stored_tables import read_duckdb, read_parquet

# Files that are not read. The only such file is `ties.yaml`, which contains no counts.
NOT_READ = {".yaml"}


def _read_text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _read_sheets(path: Path, name: str) -> Document:
    passages, rows = read_spreadsheet(path)
    return Document(name, tuple(passages), tuple(rows))


def _read_tables(path: Path, name: str) -> Document:
    tables, passages = (read_parquet if path.suffix == ".parquet" else read_duckdb)(path)
    return Document(name, tuple(passages), tables=tuple(tables))


def _read_plain(path: Path, name: str) -> Document:
    return Document(name, tuple(read_markdown(_read_text(path))))


def _read_page(path: Path, name: str) -> Document:
    return Document(name, tuple(read_page(_read_text(path))))


READERS: dict[str, Callable[[Path, str], Document]] = {
    ".csv": lambda path, name: Document(name, tuple(read_csv(path))),
    ".json": lambda path, name: Document(name, tuple(read_json(_read_text(path), name))),
    ".ipynb": lambda path, name: Document(name, tuple(read_notebook(_read_text(path), name))),
    **dict.fromkeys((".md", ".txt", ".py", ".sql"), _read_plain),
    **dict.fromkeys((".html", ".htm", ".svg"), _read_page),
    **dict.fromkeys((".xlsx", ".ods"), _read_sheets),
    **dict.fromkeys((".parquet", ".duckdb"), _read_tables),
}


def read_documents(folder: Path, data_files: Collection[str]) -> Iterator[Document]:
    """Yield the documents in a release's folder; `data_files` are the names of its data files.

    Raises `DescriptionError` for an unreadable file, because it may contain anything.
    """
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        is_data = path.name in data_files or path.name.endswith(".meta.csv")
        if not path.is_file() or path.suffix in NOT_READ or is_data:
            continue
        if path.suffix not in READERS:
            raise DescriptionError(f"{name}: a public file of a kind that cannot be read")
        yield READERS[path.suffix](path, name)
