"""Manifests: what a supplier declares about the files of a delivery, compared with these files.

A manifest is a file `manifest.json` in the delivery, or in one of its archives, in the form of a
Frictionless data package. It lists files, and may have their sizes, hashes, numbers of records and
numbers of filled values. Any difference holds the delivery.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated

import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from register.feeds.contract import load_contracts
from register.feeds.delivery import Delivery, ManifestResult, SourceFile, SourceTables
from register.feeds.delivery_rules import MANIFEST_RULES, Finding, Rule
from register.feeds.readers import find_file_of_sheet
from register.feeds.tables import RawTable

MANIFEST_NAME = "manifest.json"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
HASH = r"^sha256:[0-9a-fA-F]{64}$"
# A place in a manifest has only these names, since any other key could be a child's name.
KNOWN_KEYS = ("resources", "path", "bytes", "hash", "rows", "totals")

Count = Annotated[int, Field(ge=0, strict=True)]


class Resource(BaseModel):
    """A file of a manifest. `totals` has the number of filled values under each heading."""

    model_config = ConfigDict(frozen=True)

    path: str = Field(min_length=1)
    bytes: Count | None = None
    hash: str | None = Field(default=None, pattern=HASH)
    rows: Count | None = None
    totals: dict[str, Count] = Field(default_factory=dict)


class Manifest(BaseModel):
    """The files that a supplier lists. Other keys of a data package are ignored."""

    model_config = ConfigDict(frozen=True)

    resources: tuple[Resource, ...]

    @field_validator("resources")
    @classmethod
    def _has_each_path_once(cls, resources: tuple[Resource, ...]) -> tuple[Resource, ...]:
        paths = [resource.path for resource in resources]
        if len(set(paths)) < len(paths):
            raise ValueError("a file is listed twice")
        return resources


@dataclass(frozen=True)
class OpenedFiles:
    """The files of a delivery as they were delivered, and with their archives opened.

    `manifests` are apart from both lists.
    """

    delivered: tuple[SourceFile, ...]
    opened: tuple[SourceFile, ...]
    manifests: tuple[SourceFile, ...]

    def list_members(self, archive: SourceFile) -> list[SourceFile]:
        """Return the files that replace a delivered file: itself, or the members of an archive."""
        if archive in self.opened:
            return [archive]
        prefix = f"{archive.delivered_path}/"
        return [file for file in self.opened if file.delivered_path.startswith(prefix)]


def separate_manifests(
    delivered: Sequence[SourceFile], opened: Iterable[SourceFile]
) -> OpenedFiles:
    """Separate the manifests from the other files. They are at the top of a delivery or archive."""
    folders = {"", *(f"{file.delivered_path}/" for file in delivered)}
    manifests: list[SourceFile] = []
    others: list[SourceFile] = []
    for file in opened:
        folder = file.delivered_path.removesuffix(file.name)
        is_manifest = file.name.casefold() == MANIFEST_NAME and folder in folders
        (manifests if is_manifest else others).append(file)
    left = tuple(file for file in delivered if file not in manifests)
    return OpenedFiles(left, tuple(others), tuple(manifests))


def compare_manifests(
    files: OpenedFiles, source: SourceTables | None, former: Delivery | None, *, is_rejected: bool
) -> tuple[ManifestResult | None, list[Finding]]:
    """Compare a delivery's manifests with its files and records; None if it has no manifest.

    If the delivery is rejected, files that could not be read are not compared by their records. A
    raw copy from which records were erased differs from its manifest, so for a copy the comparison
    of its `former` ledger entry counts.
    """
    if former is not None:
        return former.manifest, [
            Finding(rule) for rule in MANIFEST_RULES if rule.value == former.hold_rule_code
        ]
    findings: list[Finding] = []
    for file in files.manifests:
        manifest = read_manifest(file)
        if isinstance(manifest, Finding):
            findings.append(manifest)
        else:
            comparison = _Comparison(files, file, _Content.from_source(source), is_rejected)
            findings += comparison.find_differences(manifest)
    if any(finding.rule is Rule.MANIFEST_INVALID for finding in findings):
        return "invalid", findings
    result: ManifestResult = "differs" if findings else "agrees"
    return result if files.manifests else None, findings


def read_manifest(file: SourceFile) -> Manifest | Finding:
    """Read a manifest, or return the finding about its first fault."""
    try:
        return Manifest.model_validate_json(file.data.removeprefix(BYTE_ORDER_MARK))
    except ValidationError as error:
        place = _format_place(error.errors(include_input=False, include_context=False)[0]["loc"])
        return Finding(Rule.MANIFEST_INVALID, file.path, column=place)


def build_manifest(files: Sequence[SourceFile], source: SourceTables | None) -> bytes:
    """Return the manifest of a delivery's files, with their records as far as they were read."""
    content = _Content.from_source(source)
    resources = []
    for file in files:
        tables = content.find_tables_within(file.path)
        resource: dict[str, object] = {
            "path": file.delivered_path,
            "bytes": len(file.data),
            "hash": _hash(file),
        }
        if tables:
            resource["rows"] = content.count_rows([table.file for table in tables])
        if len(tables) == 1:
            resource["totals"] = dict(_count_filled(tables[0]))
        resources.append(resource)
    return json.dumps({"resources": resources}, indent=1, ensure_ascii=False).encode() + b"\n"


@dataclass(frozen=True)
class _Content:
    """What was read from the files: tables, counts of records without a table, known headings."""

    tables: Sequence[RawTable] = ()
    module_counts: Mapping[str, int] = field(default_factory=dict)
    headings: frozenset[str] = frozenset()

    @classmethod
    def from_source(cls, source: SourceTables | None) -> _Content:
        if source is None:
            return cls()
        counts: dict[str, int] = {}
        for module in source.kept_modules:
            counts[module.file_name] = counts.get(module.file_name, 0) + module.row_count
        contract = load_contracts()[source.layout.feed]
        parts = source.layout.parts
        names = {column.name for part in parts for column in part.all_columns}
        names |= {name for table in contract.tables for name in table.columns}
        return cls(source.tables, counts, frozenset(name.casefold() for name in names))

    def find_tables(self, paths: Sequence[str]) -> list[RawTable]:
        files = {find_file_of_sheet(path) for path in paths}
        return [table for table in self.tables if find_file_of_sheet(table.file) in files]

    def find_tables_within(self, path: str) -> list[RawTable]:
        return [table for table in self.tables if f"{table.file}/".startswith(f"{path}/")]

    def is_read(self, paths: Sequence[str]) -> bool:
        return bool(self.find_tables(paths)) or any(path in self.module_counts for path in paths)

    def count_rows(self, paths: Sequence[str]) -> int:
        tables = self.find_tables(paths)
        counted = sum(self.module_counts.get(path, 0) for path in paths)
        # A line that fills several tables is one record of its file, and so is a joined line.
        described = [table for table in tables if table.part]
        places = {(t.file, number) for t in described for number in t.row_numbers.tolist()}
        counted += len(places)
        counted += sum(len(t.quarantined) + t.joined_row_count for t in described)
        return counted + sum(table.received_row_count for table in tables if not table.part)


@dataclass(frozen=True)
class _Comparison:
    """The comparison of one manifest with the files of its folder, or of its archive."""

    files: OpenedFiles
    manifest_file: SourceFile
    content: _Content
    is_rejected: bool

    @property
    def _folder(self) -> str:
        return self.manifest_file.delivered_path.removesuffix(self.manifest_file.name)

    def find_differences(self, manifest: Manifest) -> Iterator[Finding]:
        """Yield a finding for each difference, in the order of the manifest."""
        by_path = self._list_by_path()
        for position, resource in enumerate(manifest.resources):
            file = by_path.get(resource.path)
            if file is None:
                place = f"resources[{position}].path"
                yield Finding(Rule.MANIFEST_MISSING_FILE, self.manifest_file.path, column=place)
                continue
            yield from _compare_bytes(file, resource, position)
            yield from self._compare_records(file, resource, position)
        listed = {resource.path for resource in manifest.resources}
        matched = [file for path, file in by_path.items() if path in listed]
        for file in self._list_unlisted(matched):
            yield Finding(Rule.MANIFEST_UNLISTED_FILE, file.path)

    def _list_by_path(self) -> dict[str, SourceFile]:
        """Return the files that the manifest may list, by each path under which it may do so.

        The members of an archive may be listed with or without the archive's name.
        """
        folder, named = self._folder, {}
        if folder:
            members = [f for f in self.files.opened if f.delivered_path.startswith(folder)]
            return {file.delivered_path.removeprefix(folder): file for file in members}
        for archive in self.files.delivered:
            prefix = f"{archive.delivered_path}/"
            for member in self.files.list_members(archive):
                named[member.delivered_path.removeprefix(prefix)] = member
        named |= {file.delivered_path: file for file in self.files.opened}
        return named | {file.delivered_path: file for file in self.files.delivered}

    def _list_unlisted(self, matched: list[SourceFile]) -> list[SourceFile]:
        """Return the files that are not listed. An archive is listed itself, or by its members."""
        if self._folder:
            members = dict.fromkeys(self._list_by_path().values())
            return [file for file in members if file not in matched]
        unlisted: list[SourceFile] = []
        for file in self.files.delivered:
            missing = [m for m in self.files.list_members(file) if m not in matched]
            if file not in matched and missing:
                is_partly_listed = len(missing) < len(self.files.list_members(file))
                unlisted += missing if is_partly_listed else [file]
        return unlisted

    def _compare_records(
        self, file: SourceFile, resource: Resource, position: int
    ) -> Iterator[Finding]:
        members = [file] if file in self.files.opened else self.files.list_members(file)
        paths = [member.path for member in members]
        if self.is_rejected and not self.content.is_read(paths):
            return
        if resource.rows not in (None, self.content.count_rows(paths)):
            place = f"resources[{position}].rows"
            yield Finding(Rule.MANIFEST_ROWS, file.path, column=place)
        counts: dict[str, int] = {}
        for table in self.content.find_tables(paths):
            for heading, count in _count_filled(table):
                counts[heading.casefold()] = counts.get(heading.casefold(), 0) + count
        for heading, total in resource.totals.items():
            if total != counts.get(heading.casefold(), 0):
                is_known = heading.casefold() in self.content.headings
                place = heading if is_known else f"resources[{position}].totals"
                yield Finding(Rule.MANIFEST_TOTALS, file.path, column=place)


def _compare_bytes(file: SourceFile, resource: Resource, position: int) -> Iterator[Finding]:
    declared_hash = resource.hash and resource.hash.lower()
    pairs = (("bytes", resource.bytes, len(file.data)), ("hash", declared_hash, _hash(file)))
    for key, declared, delivered in pairs:
        if declared not in (None, delivered):
            place = f"resources[{position}].{key}"
            yield Finding(Rule.MANIFEST_CONTENT, file.path, column=place)


def _hash(file: SourceFile) -> str:
    return f"sha256:{hashlib.sha256(file.data).hexdigest()}"


def _count_filled(table: RawTable) -> Iterator[tuple[str, int]]:
    """Yield each heading of a file with the number of its values that are not empty."""
    for heading, column in zip(table.headings, table.columns, strict=True):
        trimmed = pc.utf8_trim_whitespace(column)
        count = pc.sum(pc.not_equal(trimmed, "")).as_py()
        if heading:
            yield heading, int(count or 0)


def _format_place(location: Sequence[int | str]) -> str | None:
    """Return a place in a manifest, such as `resources[0].bytes`, without names of its own."""
    place = ""
    for part in location:
        if isinstance(part, int):
            place += f"[{part}]"
        elif part in KNOWN_KEYS:
            place += f".{part}" if place else part
        else:
            break
    return place or None
