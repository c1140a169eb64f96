"""The bundle for Explore Education Statistics, the department's platform for statistics.

People upload the ZIP file and the supporting files to a release there. They copy each text from a
browser into the field of the platform that has the text's name.
"""

from __future__ import annotations

import csv
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

from official_statistics.data_files import encode_csv
from official_statistics.data_sets import read_data_sets
from official_statistics.documents import (
    build_archive_entry,
    list_notes,
    read_scope,
    render_template,
)
from official_statistics.export.signed_texts import (
    read_early_access,
    read_headlines,
    read_sections,
)
from official_statistics.papers import build_release_facts, read_basis
from official_statistics.releases import Version

# The platform reads the names of data sets from this file of the ZIP file.
NAMES_FILE, NAMES_COLUMNS = "dataset_names.csv", ("file_name", "dataset_name")
# At most 160 letters, which is the platform's limit.
PUBLICATION_SUMMARY = (
    "Children who go missing in England: yearly numbers by region, local authority, police force,"
    " age, sex and ethnicity, from police and local authorities."
)
TEXTS = ("summary", "headlines", "data-guidance", "pre-release-access-list", "methodology")
SUPPORTING_ENDINGS = (".ods", ".xlsx")


@dataclass(frozen=True)
class BundledFile:
    """One data file: its name and title, the levels and years that it has, and its notes."""

    name: str
    title: str
    levels: tuple[str, ...]
    years: tuple[str, ...]
    notes: tuple[str, ...]


def write_bundle(version: Version, folder: Path) -> None:
    """Write the bundle of a version: data files, supporting files and texts."""
    facts = build_release_facts(version, read_basis(version))
    files = _read_bundled_files(version)
    folder.mkdir(parents=True)
    with zipfile.ZipFile(folder / f"{facts.publication}.zip", "w") as archive:
        names = encode_csv([NAMES_COLUMNS, *((file.name, file.title) for file in files)])
        archive.writestr(build_archive_entry(facts, NAMES_FILE), names)
        for file in files:
            for name in (f"{file.name}.csv", f"{file.name}.meta.csv"):
                content = (version.data / name).read_bytes()
                archive.writestr(build_archive_entry(facts, name), content)
    supporting = folder / "supporting-files"
    supporting.mkdir()
    for name in (f"{facts.publication}{ending}" for ending in SUPPORTING_ENDINGS):
        if (version.public / name).exists():
            shutil.copyfile(version.public / name, supporting / name)
    values: dict[str, object] = {
        "facts": facts,
        "files": files,
        "scope": read_scope(),
        "headlines": read_headlines(version),
        "early_access": read_early_access(version),
        "methodology": read_sections(version, "methodology.html"),
    }
    # Versions drafted before methodology was a page have no such text.
    for name in (name for name in TEXTS if values.get(name, True)):
        heading = name.replace("-", " ").capitalize()
        text = render_template(f"platform/{name}.html.j2", {**values, "heading": heading})
        _write_text(folder / f"{name}.html", text)
    _write_text(folder / "publication-summary.txt", f"{PUBLICATION_SUMMARY}\n")
    if facts.revision:
        _write_text(folder / "release-note.txt", f"{facts.revision}\n")


def _read_bundled_files(version: Version) -> list[BundledFile]:
    """Return the data files of a version, in the order of the data sets."""
    data_sets = {data_set.name: data_set for data_set in read_data_sets()}
    names = {path.name.removesuffix(".meta.csv") for path in version.data.glob("*.meta.csv")}
    # A version of an older release of the software can have a file that is no data set any more.
    ordered = [name for name in data_sets if name in names]
    files = []
    for name in [*ordered, *sorted(names - data_sets.keys())]:
        with (version.data / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
            rows = [(row["geographic_level"], row["time_period"]) for row in csv.DictReader(stream)]
        data_set = data_sets.get(name)
        files.append(
            BundledFile(
                name=name,
                title=data_set.title if data_set else name.replace("_", " ").capitalize(),
                levels=tuple(dict.fromkeys(level for level, _ in rows)),
                years=tuple(sorted({year for _, year in rows}, reverse=True)),
                notes=tuple(list_notes(data_set)) if data_set else (),
            )
        )
    return files


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
