"""Safe names of delivered files, for use outside landing.

A delivered file name may contain a child's name. It is used outside landing only if all its words
are known: words of the contract or a layout, the supplier's code and the period. One number is
allowed too. Any other file is named by its position: `file_3.csv` is the delivery's third file in
the order of names. Delivered names are stored in `file_names.json` in landing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from register.data_keys import KeyRing
from register.feeds.contract import load_contracts
from register.feeds.layout import load_usable_layouts
from register.private_files import encrypt, read_private

NAMES_FILE = "file_names.json"
SUFFIXES = frozenset(
    (
        *("csv", "tsv", "txt", "dat", "json", "xml", "html", "pdf", "doc", "docx"),
        *("xlsx", "xlsm", "xlsb", "xls", "ods"),
        *("zip", "gz", "tgz", "tar", "7z", "rar", "bz2", "xz"),
        *("part", "tmp", "filepart", "partial", "crdownload"),
    )
)
WORD = re.compile(r"[A-Za-z0-9]+")
# The punctuation and spaces that a safe file name may contain.
BETWEEN = re.compile(r"[ _.,+()\-/]*")
# A safe file name may contain one number besides the period, such as a part or a year. Two numbers
# could be the day and month of a child's birth.
NUMBER = re.compile(r"\d{1,2}|20\d\d")


@dataclass(frozen=True)
class FileNames:
    """The lower-case words that are allowed in safe file names of one delivery."""

    words: frozenset[str]

    @classmethod
    def for_delivery(cls, feed: str, supplier_code: str, period: str) -> FileNames:
        """Return the words that safe names of one delivery may contain.

        These are words of the contract and its layouts, the supplier's code and the period.
        """
        contract = load_contracts().get(feed)
        if contract is None:
            return cls(frozenset())
        layouts = [item for item in load_usable_layouts() if item.feed == feed]
        names = [form.file_name for item in layouts for form in item.forms]
        forms = [re.sub(r"\{.*?\}", " ", name) for name in names]
        tables = [name for table in contract.tables for name in (table.name, *table.file_names)]
        modules = [
            name
            for item in contract.custom.unlanded_modules
            for name in (item.name, *item.file_names)
        ]
        texts = [*tables, *modules, contract.custom.file_name_words, feed, *forms]
        words = {word.casefold() for text in texts for word in WORD.findall(text)}
        words |= {word.removesuffix("s") for word in words}
        words |= {supplier_code.casefold()} | _list_written_forms(period)
        # The word `file` is reserved for names that this class makes from a file's position.
        return cls(frozenset((words | {"manifest"}) - {"file", "files"}))

    def make_safe(self, names: Sequence[str]) -> list[str]:
        """Return a safe name for each delivered name, in the same order and without duplicates."""
        order = {name: place for place, name in enumerate(sorted(names), start=1)}
        return [
            name if self._is_safe(name) else f"file_{order[name]}{_find_suffix(name).lower()}"
            for name in names
        ]

    def _is_safe(self, name: str) -> bool:
        stem = name
        while suffix := _find_suffix(stem):
            stem = stem.removesuffix(suffix)
        rest = [word for word in WORD.findall(stem) if word.casefold() not in self.words]
        is_plain = all(BETWEEN.fullmatch(part) for part in WORD.split(stem))
        is_numbered = len(rest) == 1 and _is_number(rest[0])
        return is_plain and stem != "" and (not rest or is_numbered)


def _is_number(word: str) -> bool:
    is_collection_year = len(word) == 4 and word.isdecimal() and int(word[2:]) == int(word[:2]) + 1
    return NUMBER.fullmatch(word) is not None or is_collection_year


def _find_suffix(name: str) -> str:
    """Return the name's last suffix with its dot, or an empty text if the suffix is unknown."""
    last = name.rsplit(".", 1)[-1] if "." in name else ""
    return f".{last}" if last.casefold() in SUFFIXES else ""


def _list_written_forms(period: str) -> set[str]:
    """Return the spellings of a period in file names.

    For 2026-10, these are 2026, 10, 26, 202610 and 2610.
    """
    parts = WORD.findall(period.casefold())
    years = {part[2:] for part in parts if re.fullmatch(r"20\d\d", part)}
    joined = {"".join(parts), *("".join([year, *parts[1:]]) for year in years)}
    return {*parts, *years, *joined}


def write_file_names(
    ring: KeyRing | None, folder: Path, delivery_id: str, names: Mapping[str, str]
) -> None:
    """Write the file that maps safe names to delivered names, into a delivery's landing folder."""
    content = json.dumps(names, indent=1).encode()
    (folder / NAMES_FILE).write_bytes(encrypt(ring, f"{delivery_id}/{NAMES_FILE}", content))


def find_delivered_name(ring: KeyRing | None, folder: Path, safe_name: str) -> str:
    """Return the delivered name of a file, or the safe name itself if no other name is recorded."""
    try:
        names = json.loads(read_private(ring, folder / NAMES_FILE))
    except FileNotFoundError:
        return safe_name
    return str(names.get(safe_name, safe_name))
