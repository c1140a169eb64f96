"""Copies of a person's records in pages and worksheets that people work with."""

from __future__ import annotations

import re
from pathlib import Path

from register.erasure.erasure_subjects import Subject
from register.private_files import PrivateFileError, read_private
from register.settings import Settings

FOLDERS = ("audit",)


def find_copies(settings: Settings, subject: Subject) -> tuple[str, ...]:
    """Return the worksheets that show a person or have a pseudonym of theirs, relative to the home.

    A worksheet that cannot be decrypted counts as one.
    """
    paths = []
    for folder in FOLDERS:
        for path in sorted((settings.operations / folder).rglob("*")):
            if path.is_file() and _shows_person(settings, path, subject):
                paths.append(path.relative_to(settings.home).as_posix())
    return tuple(paths)


def _shows_person(settings: Settings, path: Path, subject: Subject) -> bool:
    try:
        text = read_private(settings.data_keys, path).decode("utf-8", errors="replace")
    except PrivateFileError:
        return True
    if any(pseudonym in text for pseudonym in subject.pseudonyms):
        return True
    # A reference alone may be any number, such as a year.
    return any(
        supplier in text
        and re.search(rf"(?<!\w){re.escape(person.removeprefix('report:'))}(?!\w)", text)
        for supplier, person in subject.persons
    )
