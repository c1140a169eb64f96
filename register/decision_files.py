"""The files of people's decisions: their columns, appending to them, and their pseudonym key.

Rows are only ever appended; `register.decision_history` compares each file with its earlier
content. Decisions refer to records by pseudonyms. Under another pseudonym key, they would match no
record. The package that uses a decision defines what it means.
"""

from __future__ import annotations

import csv
import fcntl
import io
import json
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from register.access_record import RecordError
from register.decision_columns import DECISION_FILES, FORMER_FILES
from register.decision_history import (
    REPLACEMENTS,
    compute_file_state,
    find_growth_fault,
    find_lost_states,
    find_written_states_fault,
    list_published_decision_files,
    note_written,
    read_decision_file,
    read_published_key_id,
)
from register.decision_rows import find_row_fault
from register.durable import write_whole
from register.private_files import PrivateFileError, write_private
from register.settings import Settings
from register.spreadsheet import format_csv

# These files refer to records by pseudonyms, which change with the pseudonym key.
KEYED_FILES = ("links.csv", "reviews.csv", "clerical_sample.csv")
KEY_RECORD = "pseudonym_key.json"
LOCK = ".lock"
_THREADS = threading.RLock()
_depth = 0


class KeyChangedError(RuntimeError):
    """The decisions were made under another pseudonym key than that in the settings."""


class DecisionFilesError(RuntimeError):
    """Decision files lost rows or cannot be read; the message names each and says what to do."""


@contextmanager
def hold_decisions(settings: Settings) -> Iterator[None]:
    """Lock the decision files, so that no other process or thread appends during the block.

    Code that reads decisions and then appends to them must hold the lock throughout. Blocks may be
    nested within a thread.
    """
    global _depth  # noqa: PLW0603 - only the outermost block locks the file
    with _THREADS:
        if _depth:
            yield
            return
        settings.decisions.mkdir(parents=True, exist_ok=True)
        with (settings.decisions / LOCK).open("ab") as file:
            (settings.decisions / LOCK).chmod(0o600)
            fcntl.flock(file, fcntl.LOCK_EX)
            _depth += 1
            try:
                yield
            finally:
                _depth -= 1


def prepare_decisions(settings: Settings) -> None:
    """Create decision files that never existed, and add columns that a new release requires.

    A missing file that a generation used is not created again: that would hide the loss.
    """
    settings.decisions.mkdir(parents=True, exist_ok=True)
    missing = [name for name in DECISION_FILES if not (settings.decisions / name).exists()]
    known = list_published_decision_files(settings) if missing else frozenset()
    for name in missing:
        if name not in known:
            _create_file(settings, name)
    for name in DECISION_FILES:
        if name not in missing:
            _add_columns(settings, name)


def check_decision_files(settings: Settings) -> None:
    """Raise `DecisionFilesError` if a file lost or changed rows, or has an invalid row."""
    faults = find_decision_faults(settings)
    if faults:
        raise DecisionFilesError(f"decisions cannot be used: {'. '.join(faults)}")


def find_decision_faults(settings: Settings) -> list[str]:
    """Return the faults of decision files by file and line, without quoting any value.

    If a file lost rows, only this loss is reported for the file.
    """
    faults = []
    for name in sorted({*_list_known_files(), *list_published_decision_files(settings)}):
        path = settings.decisions / name
        fault = find_growth_fault(settings, name)
        if fault is None and name in _list_known_files() and path.exists():
            fault = find_decision_file_fault(settings, name)
        if fault is not None:
            faults.append(fault)
    unreadable = find_written_states_fault(settings)
    return faults if unreadable is None else [*faults, unreadable]


def accept_lost_decisions(settings: Settings, by: str, reason: str) -> list[str]:
    """Accept files that lost or changed rows, by a person's decision, and return their names.

    The former and the new state of each file are appended to `replacements.csv`. Raises
    `DecisionFilesError` if a name or reason is missing, or if no file lost rows.
    """
    by, reason = " ".join(by.split()), " ".join(reason.split())
    if not (by and reason):
        raise DecisionFilesError("an acceptance needs a name and a reason")
    with hold_decisions(settings):
        names = [name for name in _list_known_files() if find_growth_fault(settings, name)]
        if not names:
            raise DecisionFilesError("no decision file lost rows: there is nothing to accept")
        for name in names:
            path = settings.decisions / name
            if not path.exists():
                _create_file(settings, name)
            _note_replacement(settings, name, read_decision_file(settings, name), by, reason)
            note_written(settings, name)
    return names


def replace_decision_file(
    settings: Settings, name: str, content: bytes, *, by: str, reason: str
) -> None:
    """Rewrite a decision file, and record this so that it does not count as a loss of rows."""
    _note_replacement(settings, name, content, by, reason)
    _write_file(settings, name, content)
    note_written(settings, name)


def _note_replacement(settings: Settings, name: str, content: bytes, by: str, reason: str) -> None:
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    new = compute_file_state(content)
    rows = [
        [moment, by, name, former.bytes, former.sha256, new.bytes, new.sha256, reason]
        for former in find_lost_states(settings, name, content)
    ]
    if rows:
        has_only_grown = find_growth_fault(settings, REPLACEMENTS) is None
        _write_rows(settings, REPLACEMENTS, rows)
        if has_only_grown:
            note_written(settings, REPLACEMENTS)


def _list_known_files() -> dict[str, tuple[str, ...]]:
    """Return the columns of each decision file, also of files that are only read."""
    return {**FORMER_FILES, **DECISION_FILES}


def _create_file(settings: Settings, name: str) -> None:
    _write_file(settings, name, (",".join(_list_known_files()[name]) + "\n").encode())


def _write_file(settings: Settings, name: str, content: bytes) -> None:
    write_private(settings.data_keys, settings.decisions / name, content)


def check_decision_key(settings: Settings) -> None:
    """Raise `KeyChangedError` if decisions were made under another pseudonym key.

    If no key id is recorded, or no decision names records yet, the id of the key in the settings is
    recorded.
    """
    known = read_key_id(settings)
    if known == settings.key_id:
        return
    if known is not None and has_keyed_decisions(settings):
        raise KeyChangedError(
            f"the decisions of this home were made under another pseudonym key (its id is {known},"
            f" that of the settings is {settings.key_id}). Give the former key back. Where"
            " the key is to change, set REGISTER_PSEUDONYM_KEY_BEFORE to the former one and run"
            " `register keys rotate-pseudonyms`"
        )
    record_key_id(settings)


def read_key_id(settings: Settings) -> str | None:
    """Return the id of the key under which decisions were made; None if it is not recorded.

    If its file is gone, it is the key of the last generation. Raises `KeyChangedError` if the file
    is damaged.
    """
    path = settings.decisions / KEY_RECORD
    if not path.exists():
        return read_published_key_id(settings)
    try:
        return str(json.loads(path.read_bytes())["key_id"])
    except (ValueError, KeyError, TypeError):
        raise KeyChangedError(
            f"decisions/{KEY_RECORD} is damaged: restore it from the backup"
        ) from None


def record_key_id(settings: Settings) -> None:
    """Record that decisions are made under the pseudonym key in the settings."""
    text = json.dumps({"key_id": settings.key_id}) + "\n"
    write_whole(settings.decisions / KEY_RECORD, text.encode(), 0o600)


def has_keyed_decisions(settings: Settings) -> bool:
    """Return whether any file that names records by key has a row."""
    return any(read_decision_rows(settings, name) for name in KEYED_FILES)


def _add_columns(settings: Settings, name: str) -> None:
    """Add the columns that a file of an earlier release lacks. They are empty and come last."""
    columns = DECISION_FILES[name]
    try:
        lines = csv.reader(_open_decision_file(settings, name))
    except PrivateFileError:
        # The checks of decision files report a file that cannot be read.
        return
    header = tuple(next(lines, ()))
    if not header or header == columns or columns[: len(header)] != header:
        return
    rows = list(lines)
    if find_growth_fault(settings, name) is not None:
        # Do not rewrite a file that has lost rows: that would hide the loss.
        return
    added = [""] * (len(columns) - len(header))
    content = format_csv([columns, *(row + added for row in rows)]).encode()
    replace_decision_file(settings, name, content, by="register", reason="columns were added")


def append_decisions(
    settings: Settings,
    name: str,
    rows: Iterable[Sequence[object]],
    refusal: Callable[[str], Exception],
) -> None:
    """Append rows durably to a decision file.

    If the file is invalid, its rows were made under another pseudonym key, or the access record
    cannot be written, raises the exception that `refusal` makes from the reason.
    """
    with hold_decisions(settings):
        prepare_decisions(settings)
        if name in KEYED_FILES:
            try:
                check_decision_key(settings)
            except KeyChangedError as error:
                raise refusal(str(error)) from None
        fault = find_growth_fault(settings, name) or find_decision_file_fault(settings, name)
        if fault is not None:
            raise refusal(fault)
        former = read_decision_file(settings, name)
        _write_rows(settings, name, rows)
        try:
            note_written(settings, name)
        except RecordError as error:
            _write_file(settings, name, former)
            raise refusal(str(error)) from None


def read_author(by: str, reason: str, refusal: Callable[[str], Exception]) -> tuple[str, str]:
    """Return a decision's author and reason, each on a single line.

    If either is empty, raises the exception that `refusal` makes from the message.
    """
    by, reason = " ".join(by.split()), " ".join(reason.split())
    if not (by and reason):
        raise refusal("a decision needs a name and a reason")
    return by, reason


def _write_rows(settings: Settings, name: str, rows: Iterable[Sequence[object]]) -> None:
    content = read_decision_file(settings, name)
    # An editor may have left out the line break after the last line.
    line_break = b"" if content.endswith(b"\n") else b"\n"
    _write_file(settings, name, content + line_break + format_csv(rows).encode())


def _open_decision_file(settings: Settings, name: str) -> io.TextIOWrapper:
    content = io.BytesIO(read_decision_file(settings, name))
    return io.TextIOWrapper(content, encoding="utf-8", newline="")


def read_decision_rows(settings: Settings, name: str) -> list[dict[str, str]]:
    """Return the rows of a decision file, each as a dictionary of texts; none without a file."""
    if not (settings.decisions / name).exists():
        return []
    return list(csv.DictReader(_open_decision_file(settings, name)))


def find_decision_file_fault(settings: Settings, name: str) -> str | None:
    """Return the first fault of a decision file, by line and without values, or None."""
    columns = _list_known_files()[name]
    try:
        lines = csv.reader(_open_decision_file(settings, name), strict=True)
    except PrivateFileError as error:
        return str(error)
    line_number = 0
    try:
        if tuple(next(lines, ())) != columns:
            return f"{name} does not have the columns that it should"
        line_number = lines.line_num
        for row in lines:
            line_number = lines.line_num
            fault = find_row_fault(name, columns, row) if row else None
            if fault is not None:
                return (
                    f"{name}, line {line_number}: {fault}. Complete the line, take it"
                    " out if it was cut short, or restore the file from the backup"
                )
    except (csv.Error, UnicodeDecodeError):
        return (
            f"{name}, line {line_number + 1}: the line is no CSV in UTF-8. Correct it,"
            " or restore the file from the backup"
        )
    return None
