"""Which file of a return is which module: by what systems call it, else by its own columns.

A module that no table takes is known too: its records are counted and it is kept as delivered.
What is in the records does not belong here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from register.feeds.contract import Contract
from register.feeds.delivery import KeptCount, SourceFile
from register.feeds.readers import TEXTS, Lines

WORD = re.compile(r"[a-z0-9]+")
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass
class ReturnFiles:
    """The files of a return: XML documents, CSV modules by table, modules kept, and no module."""

    documents: list[SourceFile] = field(default_factory=list)
    by_table: dict[str, list[SourceFile]] = field(default_factory=dict)
    kept: list[KeptCount] = field(default_factory=list)
    other: list[SourceFile] = field(default_factory=list)


def sort_return_files(files: Iterable[SourceFile], contract: Contract) -> ReturnFiles:
    """Sort the files of a return, tables in the contract's order; a copy of a file is no module."""
    found = ReturnFiles(by_table={name: [] for name in contract.table_by_name})
    taken: set[tuple[str | None, bytes]] = set()
    for file in files:
        is_document = file.suffix == ".xml"
        module = _module(file, contract) if file.suffix in TEXTS else None
        if (module, file.data) in taken or (module is None and not is_document):
            found.other.append(file)
            continue
        taken.add((module, file.data))
        if module is None:
            found.documents.append(file)
        elif module in found.by_table:
            found.by_table[module].append(file)
        else:
            count = max(0, len(Lines.of(file.data)) - 1)
            found.kept.append(KeptCount(module_name=module, file_name=file.path, row_count=count))
    found.by_table = {name: group for name, group in found.by_table.items() if group}
    return found


def _module(file: SourceFile, contract: Contract) -> str | None:
    """The module that a file's name says, else the one whose own columns its heading has."""
    return module_named(file.stem, contract) or _module_of_columns(file, contract)


def module_named(stem: str, contract: Contract) -> str | None:
    """The module with the longest name in `stem`, word for word; none if names of two are in it.

    A name inside a longer one does not count: `sw_episodes` names no `episodes`.
    """
    words = WORD.findall(stem)
    found = sorted(
        (
            (len(name), place, tuple(name), module)
            for module, name in _names(contract)
            for place in range(len(words) - len(name) + 1)
            if words[place : place + len(name)] == name
        ),
        reverse=True,
    )
    taken: set[int] = set()
    modules = set()
    for length, place, _, module in found:
        if taken.isdisjoint(range(place, place + length)):
            taken.update(range(place, place + length))
            modules.add(module)
    return modules.pop() if len(modules) == 1 else None


def _names(contract: Contract) -> Iterator[tuple[str, list[str]]]:
    """Each module with each of its names, as words."""
    for table in contract.tables:
        yield from ((table.name, WORD.findall(name)) for name in table.file_names)
    for module in contract.kept_modules:
        yield from ((module.name, WORD.findall(name)) for name in module.file_names)


def _module_of_columns(file: SourceFile, contract: Contract) -> str | None:
    """The one module of which a heading has columns that no other module has."""
    lines = Lines.of(file.data)
    if not lines:
        return None
    text = lines[0].removeprefix(BYTE_ORDER_MARK).decode("utf-8", errors="replace")
    headings = {heading.strip('" ').upper() for heading in text.split(",")}
    columns = {table.name: {name.upper() for name in table.columns} for table in contract.tables}
    columns |= {module.name: set(module.fields) for module in contract.kept_modules}
    having = [
        module
        for module, names in columns.items()
        if headings & names.difference(*(other for key, other in columns.items() if key != module))
    ]
    return having[0] if len(having) == 1 else None
