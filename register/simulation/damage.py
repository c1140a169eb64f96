"""How a good police file is damaged, one function per kind of damage. Which file is `dirty`."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

from register.simulation.deliveries import ZIP_TIME, zip_bytes
from register.simulation.encrypted_zip import encrypted_zip_bytes

BAD_ROW = 5  # the physical line that is damaged; the header is 1
BOMB_BYTES = 64 << 20


@dataclass(frozen=True)
class Damaged:
    """The files of a bad delivery, and the line that is bad (0: the whole file)."""

    files: dict[str, bytes]
    row_number: int = 0


@dataclass(frozen=True)
class PoliceCase:
    """A kind of damage, the layout that it needs (empty: any) and what must become of it."""

    name: str
    layout: str
    outcome: str
    rule_code: str
    damage: Callable[[str, bytes], Damaged]


def _lines(content: bytes) -> list[bytes]:
    return content.splitlines(keepends=True)


def _with_line(name: str, content: bytes, change: Callable[[bytes], bytes]) -> Damaged:
    lines = _lines(content)
    end = b"\r\n" if lines[BAD_ROW - 1].endswith(b"\r\n") else b"\n"
    lines[BAD_ROW - 1] = change(lines[BAD_ROW - 1].rstrip(b"\r\n")) + end
    return Damaged({name: b"".join(lines)}, BAD_ROW)


def _set_field(
    name: str, content: bytes, delimiter: bytes, heading: bytes, value: bytes
) -> Damaged:
    names = _lines(content)[0].lstrip(b"\xef\xbb\xbf").rstrip(b"\r\n").replace(b'"', b"")
    position = names.split(delimiter).index(heading)

    def change(line: bytes) -> bytes:
        fields = line.split(delimiter)
        quote = b'"' if fields[position].startswith(b'"') else b""
        fields[position] = quote + value + quote
        return delimiter.join(fields)

    return _with_line(name, content, change)


def _unclosed_quote(name: str, content: bytes) -> Damaged:
    def change(line: bytes) -> bytes:
        fields = line.split(b",")
        fields[4] = b'"' + fields[4].strip(b'"')
        return b",".join(fields)

    return _with_line(name, content, change)


def _swap(name: str, content: bytes) -> Damaged:
    head, end, rest = content.partition(b"\n")
    head = (
        head.replace(b"BIRTH_DT", b"\0").replace(b"OCC_URN", b"BIRTH_DT").replace(b"\0", b"OCC_URN")
    )
    return Damaged({name: head + end + rest})


def _drop_column(name: str, content: bytes, heading: bytes) -> Damaged:
    lines = [line.rstrip(b"\r\n").split(b"|") for line in _lines(content)]
    position = [field.lstrip(b"\xef\xbb\xbf") for field in lines[0]].index(heading)
    kept = [b"|".join(fields[:position] + fields[position + 1 :]) for fields in lines]
    return Damaged({name: b"\n".join(kept) + b"\n"})


def _extra_column(name: str, content: bytes) -> Damaged:
    lines = [line.rstrip(b"\r\n") for line in _lines(content)]
    added = [lines[0] + b"|OfficerShift", *[line + b"|LATE" for line in lines[1:]]]
    return Damaged({name: b"\n".join(added) + b"\n"})


def _mixed_ends(name: str, content: bytes) -> Damaged:
    lines = [line.rstrip(b"\r\n") for line in _lines(content)]
    ends = [b"\r\n" if number % 2 else b"\n" for number in range(len(lines))]
    return Damaged({name: b"".join(line + end for line, end in zip(lines, ends, strict=True))})


def _without_footer(name: str, content: bytes) -> Damaged:
    return Damaged({name: b"".join(_lines(content)[:-1])})


def _short_of_footer(name: str, content: bytes) -> Damaged:
    lines = _lines(content)
    return Damaged({name: b"".join([*lines[:-2], lines[-1]])})


def _header_only(name: str, content: bytes) -> Damaged:
    return Damaged({name: _lines(content)[0] + b"TOTAL;0\r\n"})


def _traversal(name: str, content: bytes) -> Damaged:
    del name
    return Damaged({"reports.zip": zip_bytes({"../../outside.xlsx": content})})


def _bomb(name: str, content: bytes) -> Damaged:
    del content
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        entry = zipfile.ZipInfo(name, ZIP_TIME)
        entry.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(entry, b" " * BOMB_BYTES)
    return Damaged({"reports.zip": sink.getvalue()})


def keep_share(name: str, content: bytes, share: float) -> bytes:
    """The header and the first part of the records of a delimited file."""
    lines = _lines(content)
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
    PoliceCase("swapped_columns", "niche", "rejected", "swapped_columns", _swap),
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
    PoliceCase(
        "wrong_password", "athena", "rejected", "wrong_password",
        lambda n, c: Damaged({"reports.zip": encrypted_zip_bytes({n: c}, "nobody was told")}),
    ),
    PoliceCase("path_traversal", "athena", "rejected", "path_traversal", _traversal),
    PoliceCase("zip_bomb", "athena", "rejected", "zip_bomb", _bomb),
)  # fmt: skip
# Case, feed, supplier (empty: one that exists) and period.
UNPLACED_CASES = (
    ("unknown_feed", "social_media", "", "2026-01"),
    ("unknown_supplier", "police_reports", "E23000099", "2026-01"),
    ("malformed_period", "police_reports", "", "2026-13"),
    ("future_period", "police_reports", "", "2199-01"),
)
