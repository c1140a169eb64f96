"""The files of people's decisions: their columns, how they are appended to, and under which key.

Each file is only appended to. Decisions about records name them by keys made with the pseudonym
key: under another one they would be about nobody. What a decision means belongs to its own part.
"""

from __future__ import annotations

import csv
import fcntl
import io
import json
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from register.durable import flush, write_whole
from register.settings import Settings
from register.spreadsheet import safe_row

DELIVERY_DECISION_COLUMNS = ("decided_at", "decided_by", "delivery_id", "decision", "reason")
LINK_DECISION_COLUMNS = (
    "decided_at",
    "decided_by",
    "decision",
    "left_mention_key",
    "right_mention_key",
    "reason",
    "expires_on",
    "reason_code",
)
REVIEW_COLUMNS = (
    "reviewed_at",
    "reviewed_by",
    "left_mention_key",
    "right_mention_key",
    "judgement",
    "is_blind",
    "purpose",
)
CLERICAL_SAMPLE_COLUMNS = (
    "sample_id",
    "drawn_at",
    "seed",
    "review_pair_id",
    "left_mention_key",
    "right_mention_key",
    "stratum",
    "stratum_pair_count",
    "sampled_pair_count",
    "sampling_weight",
)
CHURN_DECISION_COLUMNS = ("decided_at", "decided_by", "generation_id", "reason")
RECORDING_CHANGE_COLUMNS = (
    "recorded_at",
    "recorded_by",
    "decision",
    "supplier_code",
    "changed_from",
    "category_code",
    "change_code",
    "left_out",
    "under_hours",
    "announced_by",
    "reason",
)
SERVING_GRANT_COLUMNS = (
    "decided_at",
    "decided_by",
    "decision",
    "member",
    "area_code",
    "expires_on",
    "reason",
)
LINKAGE_MODEL_COLUMNS = ("decided_at", "decided_by", "decision", "model_version", "reason")
# Every file of people's decisions and judgements, by name, with its columns.
DECISION_FILES = {
    "deliveries.csv": DELIVERY_DECISION_COLUMNS,
    "links.csv": LINK_DECISION_COLUMNS,
    "reviews.csv": REVIEW_COLUMNS,
    "clerical_sample.csv": CLERICAL_SAMPLE_COLUMNS,
    "churn.csv": CHURN_DECISION_COLUMNS,
    "recording_changes.csv": RECORDING_CHANGE_COLUMNS,
    "serving_grants.csv": SERVING_GRANT_COLUMNS,
    "linkage_models.csv": LINKAGE_MODEL_COLUMNS,
}
# Those that name records by keys made with the pseudonym key.
KEYED_FILES = ("links.csv", "reviews.csv", "clerical_sample.csv")
KEY_RECORD = "pseudonym_key.json"
LOCK = ".lock"
_THREADS = threading.RLock()
_depth = 0


class KeyChangedError(RuntimeError):
    """Decisions were made under another pseudonym key than that of the settings."""


@contextmanager
def hold_decisions(settings: Settings) -> Iterator[None]:
    """Let no other process or thread append a decision until the end of the block.

    Whoever reads decisions, judges by them and appends holds them meanwhile, so that nothing is
    judged by what is no longer so. May be nested within a thread.
    """
    global _depth  # noqa: PLW0603 - the file is locked once, by the outermost block
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
    """Create the files that are not there, with their headers."""
    settings.decisions.mkdir(parents=True, exist_ok=True)
    for name, columns in DECISION_FILES.items():
        path = settings.decisions / name
        if not path.exists():
            path.write_text(",".join(columns) + "\n", encoding="utf-8")
        _add_columns(path, columns)


def check_decision_key(settings: Settings) -> None:
    """Raise `KeyChangedError` where decisions were made under another pseudonym key.

    The key's id is written down where it is not yet: with no decision, or by a former release.
    """
    known = recorded_key_id(settings)
    if known == settings.key_id:
        return
    if known is not None and has_keyed_decisions(settings):
        raise KeyChangedError(
            f"the decisions of this home were made under another pseudonym key (its id is {known},"
            f" that of the settings is {settings.key_id}). Give the former key back. Where"
            " the key is to change, set REGISTER_PSEUDONYM_KEY_BEFORE to the former one and run"
            " `register identity rekey-decisions`"
        )
    record_key_id(settings)


def recorded_key_id(settings: Settings) -> str | None:
    """The id of the key under which decisions were made; None where none is written down."""
    path = settings.decisions / KEY_RECORD
    return str(json.loads(path.read_bytes())["key_id"]) if path.exists() else None


def record_key_id(settings: Settings) -> None:
    """Write down that decisions are made under the key of the settings."""
    text = json.dumps({"key_id": settings.key_id}) + "\n"
    write_whole(settings.decisions / KEY_RECORD, text.encode(), 0o600)


def has_keyed_decisions(settings: Settings) -> bool:
    """Whether anything was decided or judged about records, or drawn for it."""
    return any(
        len(path.read_text(encoding="utf-8").splitlines()) > 1
        for path in (settings.decisions / name for name in KEYED_FILES)
        if path.exists()
    )


def _add_columns(path: Path, columns: tuple[str, ...]) -> None:
    """Give a file of an earlier release the columns that came at its end since, blank."""
    with path.open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        header = tuple(next(lines, ()))
        if not header or header == columns or columns[: len(header)] != header:
            return
        rows = list(lines)
    text = io.StringIO()
    added = [""] * (len(columns) - len(header))
    csv.writer(text, lineterminator="\n").writerows([columns, *(row + added for row in rows)])
    write_whole(path, text.getvalue().encode(), 0o600)


def append_decisions(
    settings: Settings,
    name: str,
    rows: Iterable[Sequence[str]],
    refusal: Callable[[str], Exception],
) -> None:
    """Append rows to a file of decisions; they are on the disk when this returns.

    Raises what `refusal` makes of the reason where the file is not as it should be.
    """
    with hold_decisions(settings):
        _append(settings, name, rows, refusal)


def _append(
    settings: Settings,
    name: str,
    rows: Iterable[Sequence[str]],
    refusal: Callable[[str], Exception],
) -> None:
    prepare_decisions(settings)
    if name in KEYED_FILES:
        try:
            check_decision_key(settings)
        except KeyChangedError as error:
            raise refusal(str(error)) from None
    path = settings.decisions / name
    fault = decision_file_fault(path)
    if fault is not None:
        raise refusal(fault)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(map(safe_row, rows))
    with path.open("r+b") as file:
        # A person's editor may leave the last line without its end.
        file.seek(-1, os.SEEK_END)
        is_ended = file.read(1) == b"\n"
        file.write((("" if is_ended else "\n") + text.getvalue()).encode())
    flush(path)


def decision_file_fault(path: Path) -> str | None:
    """What is wrong with a file of decisions, by line and never by value; None if nothing."""
    columns = DECISION_FILES[path.name]
    with path.open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        if tuple(next(lines, ())) != columns:
            return f"{path.name} does not have the columns that it should"
        for row in lines:
            if row and len(row) != len(columns):
                return (
                    f"{path.name}, line {lines.line_num}: {len(row)} fields, not {len(columns)}."
                    " Take the line out if it was cut short, or restore the file from the backup"
                )
    return None
