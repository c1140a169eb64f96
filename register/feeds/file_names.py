"""How delivered files are told: by a name of the contract, else by their place in the delivery.

A file's own name may name a child, so that only a name made of the contract's words, the
supplier's code and the period leaves landing; any other file is told as `file_3.csv`, the third of
the delivery in order of name. The true names stay in landing, in `file_names.json` of the delivery.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from register.feeds.contract import load_contracts
from register.feeds.layout import usable_layouts

NAMES = "file_names.json"
SUFFIXES = frozenset(
    (
        *("csv", "tsv", "txt", "dat", "json", "xml", "html", "pdf", "doc", "docx"),
        *("xlsx", "xlsm", "xlsb", "xls", "ods"),
        *("zip", "gz", "tgz", "tar", "7z", "rar", "bz2", "xz"),
        *("part", "tmp", "filepart", "partial", "crdownload"),
    )
)
WORD = re.compile(r"[A-Za-z0-9]+")
# Whatever else a name may have: nothing that could hide a text.
BETWEEN = re.compile(r"[ _.,+()\-/]*")
# A number besides the period: of a part, or of a year. Two of them could be a day and a month.
NUMBER = re.compile(r"\d{1,2}|20\d\d")


@dataclass(frozen=True)
class FileNames:
    """The names that files of one delivery may have, as far as the contract knows them."""

    words: frozenset[str]

    @classmethod
    def of(cls, feed: str, supplier_code: str, period: str) -> FileNames:
        """The contract's words for this feed, with the supplier's code and the period."""
        contract = load_contracts().get(feed)
        if contract is None:
            return cls(frozenset())
        layouts = [item for item in usable_layouts() if item.feed == feed]
        forms = [re.sub(r"\{.*?\}", " ", item.file.file_name) for item in layouts]
        named = [name for table in contract.tables for name in (table.name, *table.file_names)]
        kept = [name for item in contract.kept_modules for name in (item.name, *item.file_names)]
        texts = [*named, *kept, contract.file_name_words, feed, *forms]
        words = {word.casefold() for text in texts for word in WORD.findall(text)}
        words |= {word.removesuffix("s") for word in words}
        words |= {supplier_code.casefold()} | _written(period)
        # `file` is kept for those that are told by their place.
        return cls(frozenset(words - {"file", "files"}))

    def told(self, names: Sequence[str]) -> list[str]:
        """How each file is told, in the order given; no two alike."""
        order = {name: place for place, name in enumerate(sorted(names), start=1)}
        return [
            name if self._is_of_the_contract(name) else f"file_{order[name]}{_suffix(name).lower()}"
            for name in names
        ]

    def _is_of_the_contract(self, name: str) -> bool:
        stem = name
        while suffix := _suffix(stem):
            stem = stem.removesuffix(suffix)
        rest = [word for word in WORD.findall(stem) if word.casefold() not in self.words]
        is_plain = all(BETWEEN.fullmatch(part) for part in WORD.split(stem))
        is_numbered = len(rest) == 1 and _is_number(rest[0])
        return is_plain and stem != "" and (not rest or is_numbered)


def _is_number(word: str) -> bool:
    is_collection_year = len(word) == 4 and word.isdecimal() and int(word[2:]) == int(word[:2]) + 1
    return NUMBER.fullmatch(word) is not None or is_collection_year


def _suffix(name: str) -> str:
    """The last suffix with its dot, if it is one that files have, or nothing."""
    last = name.rsplit(".", 1)[-1] if "." in name else ""
    return f".{last}" if last.casefold() in SUFFIXES else ""


def _written(period: str) -> set[str]:
    """The ways in which names write a period: 2026-10 as 2026, 10, 26, 202610."""
    parts = WORD.findall(period.casefold())
    years = {part[2:] for part in parts if re.fullmatch(r"20\d\d", part)}
    joined = {"".join(parts), *("".join([year, *parts[1:]]) for year in years)}
    return {*parts, *years, *joined}


def write_names(folder: Path, names: Mapping[str, str]) -> None:
    """Keep the delivered name of each told one with the delivery, in the identity zone."""
    (folder / NAMES).write_text(json.dumps(names, indent=1), encoding="utf-8")


def delivered_name(folder: Path, told: str) -> str:
    """The name under which a file was delivered; one that is not listed is told by its own."""
    try:
        names = json.loads((folder / NAMES).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return told
    return str(names.get(told, told))
