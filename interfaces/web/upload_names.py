"""Which names uploaded files may have: those that a load would read, below the delivery's folder.

The faults never quote a name, because it may be a child's.
"""

from __future__ import annotations

import unicodedata

from register.feeds import is_ignored, is_unfinished

LONGEST_NAME, LONGEST_PATH, DEEPEST = 200, 400, 5


def find_path_fault(path: str) -> str | None:
    """Return why a file may not have this path within a delivery; None if it may."""
    names = path.split("/")
    try:
        is_long = len(path.encode()) > LONGEST_PATH or len(names) > DEEPEST
    except UnicodeEncodeError:
        return "The name of a file has characters that no file can have."
    if is_long or any(len(name.encode()) > LONGEST_NAME for name in names):
        return "The name of a file, or of its folders, is too long."
    if any(_is_unsafe(name) for name in names):
        return "The name of a file, or of a folder, has characters that are not allowed."
    if any(map(is_ignored, names)):
        return "A load does not read hidden files, or lock files of Excel: leave them out."
    if any(map(is_unfinished, names)):
        return "The name of a file says that the file is not complete: give it its final name."
    return None


def _is_unsafe(name: str) -> bool:
    has_control = any(unicodedata.category(character) == "Cc" for character in name)
    return not name.strip() or name in {".", ".."} or "\\" in name or has_control
