"""Bad deliveries, one of each kind, with the outcome that the register must give to each.

Each kind of damage has a function that damages a good police file. The damaged files are delivered
in months after the simulated years, so that they replace no good delivery. They repeat earlier
reports, so every record in them is in the truth. Rows of a return that fail its rules are in
`sources.return_failures`.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd

from simulation.calendar import DAY, EPOCH, collection_year, year_start
from simulation.delivery_files import ZIP_TIME, Delivery, Inbox, zip_bytes
from simulation.draws import OPEN
from simulation.sources.police_files import month_text, police_files
from simulation.sources.written_layouts import layout_of
from simulation.suppliers import AuthorityPost, month_number
from simulation.world.nation import Nation

BAD_ROW = 5  # line of the file to damage (line 1 is the header)
BOMB_BYTES = 64 << 20
# Byte offsets of the flags in a zip file's local header and directory, and the flag for encryption.
LOCAL_FLAGS, DIRECTORY_FLAGS, ENCRYPTED = 6, 8, 0x1


@dataclass(frozen=True)
class Damaged:
    """The files of a bad delivery, and the number of the bad line (0 if the whole file is bad)."""

    files: dict[str, bytes]
    row_number: int = 0


@dataclass(frozen=True)
class PoliceCase:
    """A kind of damage, the layout it needs (empty: any), and the outcome that it must have."""

    name: str
    layout: str
    outcome: str
    rule_code: str
    damage: Callable[[str, bytes], Damaged]


def _split_lines(content: bytes) -> list[bytes]:
    return content.splitlines(keepends=True)


def _with_line(name: str, content: bytes, change: Callable[[bytes], bytes]) -> Damaged:
    lines = _split_lines(content)
    end = b"\r\n" if lines[BAD_ROW - 1].endswith(b"\r\n") else b"\n"
    lines[BAD_ROW - 1] = change(lines[BAD_ROW - 1].rstrip(b"\r\n")) + end
    return Damaged({name: b"".join(lines)}, BAD_ROW)


def _set_field(
    name: str, content: bytes, delimiter: bytes, heading: bytes, value: bytes
) -> Damaged:
    names = _split_lines(content)[0].lstrip(b"\xef\xbb\xbf").rstrip(b"\r\n").replace(b'"', b"")
    position = names.split(delimiter).index(heading)

    def replace_field(line: bytes) -> bytes:
        fields = line.split(delimiter)
        quote = b'"' if fields[position].startswith(b'"') else b""
        fields[position] = quote + value + quote
        return delimiter.join(fields)

    return _with_line(name, content, replace_field)


def _unclosed_quote(name: str, content: bytes) -> Damaged:
    def open_quote(line: bytes) -> bytes:
        fields = line.split(b",")
        fields[4] = b'"' + fields[4].strip(b'"')
        return b",".join(fields)

    return _with_line(name, content, open_quote)


def _swap_headings(name: str, content: bytes) -> Damaged:
    head, end, rest = content.partition(b"\n")
    head = (
        head.replace(b"BIRTH_DT", b"\0").replace(b"OCC_URN", b"BIRTH_DT").replace(b"\0", b"OCC_URN")
    )
    return Damaged({name: head + end + rest})


def _drop_column(name: str, content: bytes, heading: bytes) -> Damaged:
    lines = [line.rstrip(b"\r\n").split(b"|") for line in _split_lines(content)]
    position = [field.lstrip(b"\xef\xbb\xbf") for field in lines[0]].index(heading)
    remaining_lines = [b"|".join(fields[:position] + fields[position + 1 :]) for fields in lines]
    return Damaged({name: b"\n".join(remaining_lines) + b"\n"})


def _extra_column(name: str, content: bytes) -> Damaged:
    lines = [line.rstrip(b"\r\n") for line in _split_lines(content)]
    added = [lines[0] + b"|OfficerShift", *[line + b"|LATE" for line in lines[1:]]]
    return Damaged({name: b"\n".join(added) + b"\n"})


def _mixed_ends(name: str, content: bytes) -> Damaged:
    lines = [line.rstrip(b"\r\n") for line in _split_lines(content)]
    ends = [b"\r\n" if number % 2 else b"\n" for number in range(len(lines))]
    return Damaged({name: b"".join(line + end for line, end in zip(lines, ends, strict=True))})


def _without_footer(name: str, content: bytes) -> Damaged:
    return Damaged({name: b"".join(_split_lines(content)[:-1])})


def _short_of_footer(name: str, content: bytes) -> Damaged:
    lines = _split_lines(content)
    return Damaged({name: b"".join([*lines[:-2], lines[-1]])})


def _header_only(name: str, content: bytes) -> Damaged:
    return Damaged({name: _split_lines(content)[0] + b"TOTAL;0\r\n"})


def _traversal(name: str, content: bytes) -> Damaged:
    del name
    return Damaged({"reports.zip": zip_bytes({"../../outside.xlsx": content})})


def _mark_as_encrypted(name: str, content: bytes) -> Damaged:
    """Return a zip whose file is marked as encrypted.

    The file is not really encrypted, so no password opens it.
    """
    packed = bytearray(zip_bytes({name: content}))
    packed[LOCAL_FLAGS] |= ENCRYPTED
    packed[packed.rindex(b"PK\x01\x02") + DIRECTORY_FLAGS] |= ENCRYPTED
    return Damaged({"reports.zip": bytes(packed)})


def _build_zip_bomb(name: str, content: bytes) -> Damaged:
    del content
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        entry = zipfile.ZipInfo(name, ZIP_TIME)
        entry.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(entry, b" " * BOMB_BYTES)
    return Damaged({"reports.zip": sink.getvalue()})


def keep_share(name: str, content: bytes, share: float) -> bytes:
    """Return the heading of a delimited file, and the first `share` (0-1) of its records."""
    lines = _split_lines(content)
    if name.startswith("ssd_version") or len(lines) < 3:
        return content
    return b"".join(lines[: 1 + max(1, int((len(lines) - 1) * share))])


POLICE_CASES = (
    PoliceCase("empty_file", "compact", "rejected", "empty_file", lambda n, c: Damaged({n: b""})),
    PoliceCase("unclosed_quote", "compact", "quarantined", "unclosed_quote", _unclosed_quote),
    PoliceCase(
        "wrong_field_count", "compact", "quarantined", "wrong_field_count",
        lambda n, c: _with_line(n, c, lambda line: line + b",surplus"),
    ),
    PoliceCase(
        "unmapped_code", "compact", "flagged", "unmapped_code",
        lambda n, c: _set_field(n, c, b",", b"Case Type", b"Walkabout"),
    ),
    PoliceCase(
        "wrong_encoding", "compact", "rejected", "wrong_encoding",
        lambda n, c: Damaged({n: c.decode().encode("utf-16")}),
    ),
    PoliceCase(
        "impossible_date", "niche", "flagged", "impossible_date",
        lambda n, c: _set_field(n, c, b";", b"BIRTH_DT", b"2012-02-31"),
    ),
    PoliceCase(
        "missing_required_value", "niche", "quarantined", "missing_required_value",
        lambda n, c: _set_field(n, c, b";", b"REPORTED_DTM", b""),
    ),
    PoliceCase("swapped_columns", "niche", "rejected", "swapped_columns", _swap_headings),
    PoliceCase("missing_footer", "niche", "rejected", "missing_footer", _without_footer),
    PoliceCase("footer_mismatch", "niche", "rejected", "footer_mismatch", _short_of_footer),
    PoliceCase("header_only", "niche", "rejected", "header_only", _header_only),
    PoliceCase(
        "missing_required_column", "connect", "rejected", "missing_required_column",
        lambda n, c: _drop_column(n, c, b"ReportedDate"),
    ),
    PoliceCase("unknown_column", "connect", "accepted", "unknown_column", _extra_column),
    PoliceCase(
        "nul_bytes", "connect", "quarantined", "nul_bytes",
        lambda n, c: _with_line(n, c, lambda line: line[:20] + b"\0" + line[21:]),
    ),
    PoliceCase("mixed_line_ends", "connect", "accepted", "", _mixed_ends),
    PoliceCase(
        "truncated_zip", "athena", "rejected", "truncated_zip",
        lambda n, c: Damaged({"reports.zip": zip_bytes({n: c})[:-40]}),
    ),
    PoliceCase(
        "not_a_zip", "athena", "rejected", "not_a_zip",
        lambda n, c: Damaged({"reports.zip": b"please find attached\n" * 40}),
    ),
    PoliceCase("wrong_password", "athena", "rejected", "wrong_password", _mark_as_encrypted),
    PoliceCase("path_traversal", "athena", "rejected", "path_traversal", _traversal),
    PoliceCase("zip_bomb", "athena", "rejected", "zip_bomb", _build_zip_bomb),
)  # fmt: skip
# Each row: case, feed, supplier (empty for an existing supplier), period.
UNPLACED_CASES = (
    ("unknown_feed", "social_media", "", "2026-01"),
    ("unknown_supplier", "police_reports", "E23000099", "2026-01"),
    ("malformed_period", "police_reports", "", "2026-13"),
    ("future_period", "police_reports", "", "2199-01"),
)


COLUMNS = [
    "case",
    "feed",
    "supplier_code",
    "period",
    "outcome",
    "rule_code",
    "file_name",
    "row_number",
]
SAMPLE = 14
ENTITIES = (
    b'<?xml version="1.0"?>\n<!DOCTYPE Message [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>\n'
    b"<Message><Children><CHILD><HEADER><CHILDID>&b;</CHILDID></HEADER></CHILD></Children></Message>\n"
)
UNFINISHED = b'<?xml version="1.0"?>\n<Message><Children><CHILD><HEADER>\n'


class DirtyPost:
    """The bad deliveries: they are written into the inbox, and `rows` records each of them."""

    def __init__(self, nation: Nation, inbox: Inbox, reports: pd.DataFrame) -> None:
        self.nation, self.inbox, self.reports = nation, inbox, reports
        self.rows: list[tuple[str, str, str, str, str, str, str, int]] = []
        last = month_number(year_start(nation.plan.years[-1] + 1) - 1)
        self._next_month = dict.fromkeys(sorted(reports["force"].unique()), last + 1)

    def deliver(self, authorities: AuthorityPost) -> pd.DataFrame:
        """Write all bad deliveries for which the plan has suppliers; return one row for each."""
        for case in POLICE_CASES:
            self._deliver_month(case)
        self._unplaced()
        self._returns()
        self._deliver_shrunk_extract(authorities)
        return pd.DataFrame(self.rows, columns=COLUMNS)

    def _deliver_case(
        self, case: tuple[str, str, str], delivery: Delivery, file: str, row: int = 0
    ) -> None:
        name, outcome, rule = case
        place = (delivery.feed, delivery.supplier, delivery.period)
        if self.inbox.deliver(delivery):
            self.rows.append((name, *place, outcome, rule, file, row))

    def _deliver_month(self, case: PoliceCase) -> None:
        fitting = [
            force
            for force, month in self._next_month.items()
            if case.layout in ("", layout_of(force, f"{month_text(month)}-01"))
            and (self.reports["force"] == force).sum() >= SAMPLE
        ]
        if not fitting:
            return
        force = min(fitting, key=lambda code: (self._next_month[code], code))
        month = self._next_month[force]
        name, damaged = self._damaged(case, force, month)
        key = ("police_reports", force, month_text(month))
        when = self._choose_receipt_time(month)
        if when <= self.inbox.as_of:
            self._next_month[force] += 1
            delivery = Delivery(*key, damaged.files, when)
            self._deliver_case(
                (case.name, case.outcome, case.rule_code), delivery, name, damaged.row_number
            )

    def _damaged(self, case: PoliceCase, force: str, month: int) -> tuple[str, Damaged]:
        (name, content), *_ = police_files(force, month, self._usual_month(force, month)).items()
        damaged = case.damage(name, content)
        return next(iter(damaged.files)), damaged

    def _usual_month(self, force: str, month: int) -> pd.DataFrame:
        """Return some of a force's latest reports, about as many as a usual month has.

        With fewer reports, the register would notice a drop. Reports with an end are changed to be
        closed in this month.
        """
        known = self.reports[self.reports["force"] == force]
        months = 12 * self.nation.plan.year_count
        rows = known.tail(max(SAMPLE, round(len(known) / months * 1.2))).copy()
        closed = int(np.datetime64(month, "M").astype("datetime64[D]").astype(int)) * DAY + 10 * DAY
        rows["closed"] = np.where(rows["found"] == OPEN, rows["closed"], closed)
        return rows

    def _choose_receipt_time(self, month: int) -> datetime:
        day = np.datetime64(month + 1, "M").astype("datetime64[D]").astype(int)
        start = datetime(EPOCH.year, EPOCH.month, EPOCH.day, tzinfo=UTC)
        return start + timedelta(days=int(day) + 6, hours=10, minutes=15)

    def _unplaced(self) -> None:
        """Deliver good files under a feed, supplier or period that does not exist."""
        force = next(iter(self._next_month))
        month = month_number(year_start(self.nation.plan.years[-1] + 1) - 1)
        files = police_files(force, month, self._usual_month(force, month))
        for case, feed, supplier, period in UNPLACED_CASES:
            delivery = Delivery(
                feed, supplier or force, period, files, self._choose_receipt_time(month)
            )
            self._deliver_case((case, "rejected", case), delivery, next(iter(files)))

    def _returns(self) -> None:
        year = self.nation.plan.first_year - 1
        when = datetime(self.nation.plan.first_year, 7, 3, 9, 0, tzinfo=UTC)
        places = self.nation.geography.simulated.tolist()
        for place, case, content in zip(
            places, ("xml_entities", "malformed_xml"), (ENTITIES, UNFINISHED), strict=False
        ):
            key = ("authority_return", self.nation.authority_code(place), collection_year(year))
            self._deliver_case(
                (case, "rejected", case),
                Delivery(*key, {"return.xml": content}, when),
                "return.xml",
            )

    def _deliver_shrunk_extract(self, authorities: AuthorityPost) -> None:
        """Deliver an extract of the next quarter with 60 % of its rows missing."""
        periods = authorities.periods()
        if not periods:
            return
        text, day = periods[-1]
        year, quarter = int(text[:4]), int(text[-1])
        following = f"{year + quarter // 4}-Q{quarter % 4 + 1}"
        place = int(self.nation.geography.simulated[-1])
        when = self._choose_receipt_time(month_number(day)) + timedelta(days=40)
        files = authorities.tables.build_files(place, day, when.strftime("%Y-%m-%dT%H:%M:%S"))
        files = {name: keep_share(name, content, 0.4) for name, content in files.items()}
        key = ("authority_extract", self.nation.authority_code(place), following)
        case = ("shrunk_delivery", "held", "shrunk_delivery")
        self._deliver_case(case, Delivery(*key, files, when), "")
