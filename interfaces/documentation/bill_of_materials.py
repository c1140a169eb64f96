"""What a release consists of: its bill of materials, licences and known vulnerabilities.

`make release` runs this module on the bill that `cyclonedx-py` wrote of the installed packages. The
bill then says which components a running register needs, and which only its development.
"""

from __future__ import annotations

import argparse
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import typer
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from register.spreadsheet import format_csv

BILL, LICENCES, VULNERABILITIES = "sbom.cdx.json", "licences.csv", "vulnerabilities.csv"
# CycloneDX's words for a component that is delivered, and for one that is not.
NEEDED, DEVELOPMENT = "required", "excluded"
# Exit code if a component that is delivered has no licence, or a known vulnerability.
NEEDS_ATTENTION = 5
ECOSYSTEM = "PyPI"
LONGEST_NAME = 60


class BillError(ValueError):
    """The bill of materials or the list of advisories cannot be used; the message says why."""


@dataclass(frozen=True)
class Component:
    """An installed package. `scope` is `required` or `excluded`, in CycloneDX's words."""

    name: str
    version: str
    scope: str
    licence: str


@dataclass(frozen=True)
class Vulnerability:
    """A published advisory that concerns an installed version."""

    advisory: str
    component: Component
    summary: str


def set_scopes(bill: Mapping[str, Any]) -> dict[str, Any]:
    """Return the bill with the scope of each component, found along the graph of dependencies."""
    edges = {item["ref"]: item.get("dependsOn", []) for item in bill["dependencies"]}
    waiting, needed = [bill["metadata"]["component"]["bom-ref"]], set()
    while waiting:
        reference = waiting.pop()
        if reference not in needed:
            needed.add(reference)
            waiting.extend(edges.get(reference, []))
    components = [
        {**item, "scope": NEEDED if item["bom-ref"] in needed else DEVELOPMENT}
        for item in bill["components"]
    ]
    return {**bill, "components": components}


def list_components(bill: Mapping[str, Any]) -> list[Component]:
    """Return the components of a bill that has scopes, by name."""
    components = [
        Component(item["name"], item["version"], item["scope"], _read_licence(item))
        for item in bill["components"]
    ]
    return sorted(components, key=lambda item: item.name.casefold())


def _read_licence(component: Mapping[str, Any]) -> str:
    """Return the SPDX terms of a component's licence; if it has none, what it states instead."""
    terms, statements = [], []
    for entry in component.get("licenses", ()):
        licence = entry.get("license", {})
        terms.append(entry.get("expression") or licence.get("id"))
        text = licence.get("name", "")
        if text.startswith("declared license"):
            text = _read_short_text(licence)
        # Classifiers have the form `License :: OSI Approved :: MIT License`.
        statements.append(text.rpartition(" :: ")[2])
    texts = [text for text in terms if text] or [text for text in statements if text]
    return "; ".join(dict.fromkeys(texts))


def _read_short_text(licence: Mapping[str, Any]) -> str:
    """Return the first line of a licence's own text, which names it; empty if it is a sentence."""
    content = str(licence.get("text", {}).get("content", "")).strip()
    first_line = content.partition("\n")[0].strip()
    return first_line if len(first_line) <= LONGEST_NAME else ""


def find_vulnerabilities(
    components: Iterable[Component], advisories: Iterable[Mapping[str, Any]]
) -> list[Vulnerability]:
    """Return the advisories, in OSV's format, that concern an installed version."""
    installed = {canonicalize_name(item.name): item for item in components}
    concerned = []
    for advisory in advisories:
        if "withdrawn" in advisory:
            continue
        for affected in advisory.get("affected", ()):
            package = affected.get("package", {})
            component = installed.get(canonicalize_name(package.get("name", "")))
            if (
                component is not None
                and package.get("ecosystem") == ECOSYSTEM
                and _is_affected(component.version, affected)
            ):
                summary = str(advisory.get("summary", ""))
                concerned.append(Vulnerability(str(advisory["id"]), component, summary))
                break
    return sorted(concerned, key=lambda item: (item.component.name, item.advisory))


def _is_affected(version: str, affected: Mapping[str, Any]) -> bool:
    if version in affected.get("versions", ()):
        return True
    return any(
        _is_inside(Version(version), item["events"])
        for item in affected.get("ranges", ())
        if item.get("type") == "ECOSYSTEM"
    )


def _is_inside(version: Version, events: Iterable[Mapping[str, str]]) -> bool:
    """Return whether a version is between `introduced` and `fixed` or `last_affected`."""
    is_inside = False
    for event in events:
        if "introduced" in event:
            is_inside |= version >= _parse_version(event["introduced"])
        if "fixed" in event and version >= _parse_version(event["fixed"]):
            is_inside = False
        if "last_affected" in event and version > _parse_version(event["last_affected"]):
            is_inside = False
    return is_inside


def _parse_version(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion:
        raise BillError(f"an advisory has the version '{text}', which is none") from None


def read_advisories(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the advisories of a folder or zip file of OSV records.

    Raises `BillError` if there is none, so that a wrong path never looks like a clean result.
    """
    count = 0
    if path.is_dir():
        texts: Iterable[bytes] = (file.read_bytes() for file in sorted(path.rglob("*.json")))
    elif zipfile.is_zipfile(path):
        archive = zipfile.ZipFile(path)
        texts = (archive.read(name) for name in archive.namelist() if name.endswith(".json"))
    else:
        raise BillError(f"{path} is neither a folder nor a zip file of OSV records")
    for text in texts:
        count += 1
        yield json.loads(text)
    if count == 0:
        raise BillError(f"{path} has no OSV record")


def describe_release(folder: Path, advisories: Path | None, accepted: Iterable[str]) -> int:
    """Complete the bill in a folder, write licences and vulnerabilities beside it; return the code.

    The code is 5 if a component that is delivered has no licence, or a vulnerability that was not
    accepted. Without a list of advisories no file of vulnerabilities is written.
    """
    path = folder / BILL
    bill = set_scopes(json.loads(path.read_text(encoding="utf-8")))
    path.write_text(json.dumps(bill, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    components = list_components(bill)
    rows = [("name", "version", "scope", "licence"), *map(astuple, components)]
    (folder / LICENCES).write_text(format_csv(rows), encoding="utf-8")
    needed = [item for item in components if item.scope == NEEDED]
    typer.echo(f"{len(components)} components, of which a running register needs {len(needed)}")
    without_licence = [item.name for item in needed if not item.licence]
    for name in without_licence:
        typer.echo(f"{name} states no licence")
    if advisories is None:
        typer.echo(
            "vulnerabilities: not checked, because no list of advisories was given (ADVISORIES=)"
        )
        return NEEDS_ATTENTION if without_licence else 0
    concerned = find_vulnerabilities(components, read_advisories(advisories))
    rows = [
        ("advisory", "name", "version", "scope", "summary"),
        *((item.advisory, *astuple(item.component)[:3], item.summary) for item in concerned),
    ]
    (folder / VULNERABILITIES).write_text(format_csv(rows), encoding="utf-8")
    open_ones = [
        item
        for item in concerned
        if item.component.scope == NEEDED and item.advisory not in set(accepted)
    ]
    typer.echo(f"{len(concerned)} advisories concern installed versions, {len(open_ones)} are open")
    for item in open_ones:
        typer.echo(
            f"{item.advisory}: {item.component.name} {item.component.version}: {item.summary}"
        )
    return NEEDS_ATTENTION if without_licence or open_ones else 0


def main(arguments: list[str] | None = None) -> int:
    """Run on the folder of a release that has `sbom.cdx.json`; see `make release`."""
    parser = argparse.ArgumentParser(prog="bill_of_materials", description=__doc__)
    parser.add_argument("folder", type=Path, help="the folder of the release, with the bill")
    parser.add_argument(
        "--advisories", type=Path, help="a folder or zip file of OSV records, such as osv.dev's"
    )
    parser.add_argument(
        "--accept", action="append", default=[], help="an advisory that does not apply; repeatable"
    )
    options = parser.parse_args(arguments)
    try:
        return describe_release(options.folder, options.advisories, options.accept)
    except BillError as error:
        typer.echo(error, err=True)
        return 1


if __name__ == "__main__":
    raise SystemExit(main())
