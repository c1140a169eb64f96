"""The statutory return: CSV modules or XML, of every collection year."""

from __future__ import annotations

from typing import Any

import pytest

from tests.feeds.deliveries import AUTHORITY, YEAR, Home, as_csv, load_layouts, table_csv

ENTITIES = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>'
FETCHED = b'<?xml version="1.0"?><!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd"><a/>'

MODULES: dict[str, list[dict[str, str]]] = {
    "header": [
        {"child": "C1", "sex": "2", "dob": "03/04/2010", "ethnic": "WBRI"},
        {"child": "C2", "sex": "1", "dob": "31/02/2011", "ethnic": "XXXX"},
    ],
    "episodes": [
        {"child": "C1", "decom": "01/05/2025", "rne": "S", "ls": "C2", "place": "U1"},
        {"child": "C2", "decom": "07/06/2025", "rne": "S", "ls": "V2", "place": "K2"},
    ],
    "missing": [
        {"child": "C1", "dob": "03/04/2010", "missing": "M", "mis_start": "05/05/2025"},
        {"child": "C1", "dob": "03/04/2010", "missing": "Q", "mis_start": "2025-06-01"},
        {"child": "C2", "dob": "31/02/2011", "missing": "A", "mis_end": "32/07/2025"},
    ],
    "uasc": [{"child": "C2", "sex": "1", "dob": "31/02/2011", "duc": "01/01/2026"}],
}

RETURN_XML = b"""<?xml version="1.0" encoding="UTF-8"?>
<Message>
<CHILD>
<HEADER><CHILDID>C1</CHILDID><SEX>2</SEX><DOB>03/04/2010</DOB><ETHNIC>WBRI</ETHNIC></HEADER>
<EPISODE><DECOM>01/05/2025</DECOM><RNE>S</RNE><LS>C2</LS><PL>U1</PL></EPISODE>
<AMISSING><MISSING>M</MISSING><MIS_START>05/05/2025</MIS_START><MIS_END/></AMISSING>
<AMISSING><MISSING>Q</MISSING><MIS_START>2025-06-01</MIS_START></AMISSING>
</CHILD>
<CHILD>
<HEADER><CHILDID>C2</CHILDID><SEX>1</SEX><DOB>31/02/2011</DOB><ETHNIC>XXXX</ETHNIC>
<DUC>01/01/2026</DUC></HEADER>
<EPISODE><DECOM>07/06/2025</DECOM><RNE>S</RNE><LS>V2</LS><PL>K2</PL></EPISODE>
<AMISSING><MISSING>A</MISSING><MIS_START/><MIS_END>32/07/2025</MIS_END></AMISSING>
</CHILD>
</Message>
"""


def csv_files(modules: dict[str, list[dict[str, str]]] = MODULES) -> dict[str, bytes]:
    """The modules as CSV files named as they are."""
    return {f"{n}.csv": table_csv("authority_return", n, rows) for n, rows in modules.items()}


def _bare(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    bare = [tuple(value for key, value in row.items() if not key.startswith("_")) for row in rows]
    return sorted(bare, key=repr)


def test_csv_and_xml_of_the_same_return_land_the_same_rows(home: Home) -> None:
    """Prevents the form of a return from changing its children, or its rule breaches."""
    home.put_files("authority_return", "301", YEAR, csv_files())
    home.put_files("authority_return", "302", YEAR, {"return.xml": RETURN_XML})
    landed = {item.supplier_code: item for item in home.load().landed}
    for table, rows in MODULES.items():
        from_csv, from_xml = (_bare(home.rows(landed[code], table)) for code in ("301", "302"))
        assert from_csv == from_xml, table
        assert len(from_csv) == len(rows)
    flags = [_bare(home.rows(landed[code], "flags")) for code in ("301", "302")]
    assert flags[0] == flags[1]
    assert ("missing", "impossible_date", "mis_start") in flags[0]
    assert ("missing", "impossible_date", "mis_end") in flags[0]
    assert ("missing", "unmapped_code", "missing") in flags[0]
    assert (landed["301"].source_form, landed["302"].source_form) == ("csv", "xml")


@pytest.mark.parametrize(
    ("rule", "data"),
    [
        ("xml_entities", ENTITIES),
        ("xml_entities", FETCHED),
        ("malformed_xml", RETURN_XML[:-30]),
        ("malformed_xml", b"CHILD,DOB\r\n"),
        ("empty_file", b"  "),
        ("header_only", b"<Message/>"),
    ],
)
def test_xml_that_cannot_be_trusted_or_read_is_rejected(home: Home, rule: str, data: bytes) -> None:
    """Prevents entity expansion, fetching of documents, and half-read returns."""
    home.put_files("authority_return", AUTHORITY, YEAR, {"return.xml": data})
    assert home.land_one().reject_rule_code == rule


def _vintage(period: str) -> dict[str, bytes]:
    """A return with the columns and codes of its year."""
    year = int(period[:4])
    absent = {"upn"} if year < 2016 else set()
    absent |= {"reason_place_change"} if year < 2016 else set()
    absent |= {"urn"} if year < 2018 else set()
    sex = "2" if year < 2024 else "F"
    files = {}
    for name, columns in (
        ("header", ["child", "sex", "dob", "ethnic", "upn", "mother", "mc_dob"]),
        ("episodes", ["child", "decom", "rne", "ls", "cin", "place", "dec", "rec"]),
        ("missing", ["child", "dob", "missing", "mis_start", "mis_end"]),
    ):
        extra = ["reason_place_change", "urn"] if name == "episodes" else []
        present = [column for column in (*columns, *extra) if column not in absent]
        values = {"child": "C1", "sex": sex, "dob": "03/04/2010", "missing": "M", "upn": "UN1"}
        values |= {"mis_start": f"05/05/{year}", "decom": f"01/05/{year}"}
        rows = [[column.upper() for column in present], [values.get(c, "") for c in present]]
        files[f"903_{name}_{year + 1}.csv"] = as_csv(rows, load_layouts()["ssda903"])
    return files


@pytest.mark.parametrize("year", range(2014, 2027))
def test_every_vintage_of_the_return_lands(home: Home, year: int) -> None:
    """Prevents ten years of history from being refused for columns that came later."""
    period = f"{year}-{(year + 1) % 100:02d}"
    home.put_files("authority_return", AUTHORITY, period, _vintage(period))
    delivery = home.land_one()
    assert (delivery.outcome, delivery.flag_count) == ("accepted", 0)
    (row,) = home.rows(delivery, "missing")
    assert (row["child"], row["mis_start"]) == ("C1", f"{year}-05-05")
    assert home.rows(delivery, "episodes")[0]["urn"] is None


def test_a_column_of_todays_return_may_not_go_missing(home: Home) -> None:
    """Prevents the leniency for old returns from hiding a fault in a new one."""
    files = csv_files()
    episodes = table_csv("authority_return", "episodes", MODULES["episodes"], leave_out="urn")
    files["episodes.csv"] = episodes
    home.put_files("authority_return", AUTHORITY, YEAR, files)
    assert home.rules(home.land_one()) == [
        ("missing_required_column", "episodes.csv", "1", "urn"),
        # The faults of the other files, which are those of every return of these tests.
        ("impossible_date", "header.csv", "3", "dob"),
        ("unmapped_code", "header.csv", "3", "ethnic"),
        ("impossible_date", "missing.csv", "3", "mis_start"),
        ("unmapped_code", "missing.csv", "3", "missing"),
        ("impossible_date", "missing.csv", "4", "dob"),
        ("impossible_date", "missing.csv", "4", "mis_end"),
        ("impossible_date", "uasc.csv", "2", "dob"),
    ]
