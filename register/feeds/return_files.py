"""Recognition of the modules of a return, by file name or else by columns.

Modules that have no table are recognised too, and their records are counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from register.feeds.contract import Contract
from register.feeds.delivery import ModuleCount, SourceFile
from register.feeds.readers import TEXTS, Lines

WORD = re.compile(r"[a-z0-9]+")
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass
class ReturnFiles:
    """The files of a return: XML documents, CSV modules by table, other modules, other files."""

    documents: list[SourceFile] = field(default_factory=list)
    by_table: dict[str, list[SourceFile]] = field(default_factory=dict)
    module_counts: list[ModuleCount] = field(default_factory=list)
    other: list[SourceFile] = field(default_factory=list)


def sort_return_files(files: Iterable[SourceFile], contract: Contract) -> ReturnFiles:
    """Sort the files of a return. Tables are in the contract's order.

    A file that repeats another file of its module is under `other`.
    """
    sorted_files = ReturnFiles(by_table={name: [] for name in contract.table_by_name})
    known: set[tuple[str | None, bytes]] = set()
    for file in files:
        is_document = file.suffix == ".xml"
        module = _recognise_module(file, contract) if file.suffix in TEXTS else None
        if (module, file.data) in known or (module is None and not is_document):
            sorted_files.other.append(file)
            continue
        known.add((module, file.data))
        if module is None:
            sorted_files.documents.append(file)
        elif module in sorted_files.by_table:
            sorted_files.by_table[module].append(file)
        else:
            count = max(0, len(Lines.from_bytes(file.data)) - 1)
            sorted_files.module_counts.append(
                ModuleCount(module_name=module, file_name=file.path, row_count=count)
            )
    sorted_files.by_table = {name: group for name, group in sorted_files.by_table.items() if group}
    return sorted_files


def _recognise_module(file: SourceFile, contract: Contract) -> str | None:
    """Return the module that a file's name contains or, if none, the one that its heading fits."""
    return find_module_by_name(file.stem, contract) or _find_module_by_columns(file, contract)


def find_module_by_name(stem: str, contract: Contract) -> str | None:
    """Return the module whose name a file name contains, word for word.

    A name inside a longer name does not count: `sw_episodes` does not name `episodes`. If the file
    name contains no module's name or several, None is returned.
    """
    words = WORD.findall(stem)
    matches = sorted(
        (
            (len(name), place, tuple(name), module)
            for module, name in _list_module_names(contract)
            for place in range(len(words) - len(name) + 1)
            if words[place : place + len(name)] == name
        ),
        reverse=True,
    )
    used_places: set[int] = set()
    modules = set()
    for length, place, _, module in matches:
        if used_places.isdisjoint(range(place, place + length)):
            used_places.update(range(place, place + length))
            modules.add(module)
    return modules.pop() if len(modules) == 1 else None


def _list_module_names(contract: Contract) -> Iterator[tuple[str, list[str]]]:
    """Yield each module with all its names, each split into words."""
    for table in contract.tables:
        yield from ((table.name, WORD.findall(name)) for name in table.file_names)
    for module in contract.custom.unlanded_modules:
        yield from ((module.name, WORD.findall(name)) for name in module.file_names)


def _find_module_by_columns(file: SourceFile, contract: Contract) -> str | None:
    """Return the only module to which a file's heading can belong, or None.

    It can belong to a module if it has a column that no other module has.
    """
    lines = Lines.from_bytes(file.data)
    if not lines:
        return None
    text = lines[0].removeprefix(BYTE_ORDER_MARK).decode("utf-8", errors="replace")
    headings = {heading.strip('" ').upper() for heading in text.split(",")}
    columns = {table.name: {name.upper() for name in table.columns} for table in contract.tables}
    columns |= {module.name: set(module.fields) for module in contract.custom.unlanded_modules}
    modules = [
        module
        for module, names in columns.items()
        if headings & names.difference(*(other for key, other in columns.items() if key != module))
    ]
    return modules[0] if len(modules) == 1 else None
