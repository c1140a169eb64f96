"""Zip archives, and workbooks, whose bytes depend only on their content and never on the clock."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping

# The earliest time that a zip archive can state.
EARLIEST = (1980, 1, 1, 0, 0, 0)
WORKBOOK_TIMES = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


def pack_files(files: Mapping[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    """Return a zip archive of the files, in their order."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in files.items():
            member = zipfile.ZipInfo(name, EARLIEST)
            member.compress_type = compression
            archive.writestr(member, data)
    return packed.getvalue()


def make_reproducible(workbook: bytes) -> bytes:
    """Return an Excel workbook without the time at which it was written."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    files["docProps/core.xml"] = WORKBOOK_TIMES.sub(
        rb"\g<1>1980-01-01T00:00:00Z", files["docProps/core.xml"]
    )
    return pack_files(files, zipfile.ZIP_DEFLATED)
