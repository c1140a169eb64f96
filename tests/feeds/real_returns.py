"""Returns of all modules in the forms in which case systems export them, with invented values.

One XML document on one line with everything but episodes in the HEADER, or ten and more CSV files.
What a test expects of them does not belong here.
"""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from xml.etree import ElementTree

Row = dict[str, str]

VINTAGES = ("2023-24", "2024-25")
CHILDREN = 12
COLUMNS: dict[str, tuple[str, ...]] = {
    "header": ("CHILD", "SEX", "DOB", "ETHNIC", "UPN", "MOTHER", "MC_DOB"),
    "episodes": (
        *("CHILD", "DECOM", "RNE", "LS", "CIN", "PLACE", "PLACE_PROVIDER", "DEC", "REC"),
        *("REASON_PLACE_CHANGE", "HOME_POST", "PL_POST", "URN"),
    ),
    "reviews": ("CHILD", "DOB", "REVIEW", "REVIEW_CODE"),
    "uasc": ("CHILD", "SEX", "DOB", "DUC"),
    "oc2": (
        *("CHILD", "DOB", "SDQ_SCORE", "SDQ_REASON", "CONVICTED", "HEALTH_CHECK"),
        *("IMMUNISATIONS", "TEETH_CHECK", "HEALTH_ASSESSMENT", "SUBSTANCE_MISUSE"),
        *("INTERVENTION_RECEIVED", "INTERVENTION_OFFERED"),
    ),
    "oc3": ("CHILD", "DOB", "IN_TOUCH", "ACTIV", "ACCOM"),
    "ad1": (
        *("CHILD", "DOB", "DATE_INT", "DATE_MATCH", "FOSTER_CARE", "NB_ADOPTR"),
        *("SEX_ADOPTR", "LS_ADOPTR"),
    ),
    "placed_for_adoption": (
        "CHILD",
        "DOB",
        "DATE_PLACED",
        "DATE_PLACED_CEASED",
        "REASON_PLACED_CEASED",
    ),
    "previous_permanence": ("CHILD", "DOB", "PREV_PERM", "LA_PERM", "DATE_PERM"),
    "missing": ("CHILD", "DOB", "MISSING", "MIS_START", "MIS_END"),
    "sw_episodes": ("CHILD", "DOB", "SW_ID", "SW_DECOM", "SW_DEC", "SW_REASON"),
}
FILE_NAMES = {
    "header": "SSDA903_Header.csv",
    "episodes": "SSDA903_Episodes.csv",
    "reviews": "SSDA903_Reviews.csv",
    "uasc": "SSDA903_UASC.csv",
    "oc2": "SSDA903_OC2.csv",
    "oc3": "SSDA903_OC3.csv",
    "ad1": "SSDA903_AD1.csv",
    "placed_for_adoption": "SSDA903_PlacedAdoption.csv",
    "previous_permanence": "SSDA903_PrevPerm.csv",
    "missing": "SSDA903_Missing.csv",
    "sw_episodes": "SSDA903_SW_Episodes.csv",
}
LANDED = ("header", "episodes", "missing", "uasc")
# The element around each record within the HEADER; the fields of `ad1` and `oc3` have none.
ELEMENTS = {
    "reviews": "AREVIEW",
    "oc2": "OC2",
    "placed_for_adoption": "AD_PLACED",
    "previous_permanence": "PERMANENCE",
    "missing": "AMISSING",
    "sw_episodes": "SW_EPISODE",
}
SHARED = ("CHILD", "DOB", "SEX")


def modules(period: str) -> dict[str, list[Row]]:
    """The rows of every module of a return."""
    start = date(int(period[:4]), 4, 1)
    records: dict[str, list[Row]] = {name: [] for name in COLUMNS}
    for number in range(CHILDREN):
        for name, rows in _child(number, start).items():
            records[name] += [
                {column: row.get(column, "") for column in COLUMNS[name]} for row in rows
            ]
    return records


def _child(number: int, start: date) -> dict[str, list[Row]]:
    def day(offset: int) -> str:
        return f"{start + timedelta(days=offset):%d/%m/%Y}"

    sexes = ("1", "2") if start.year < 2024 else ("M", "F")
    born = f"{number + 1:02d}/0{number % 9 + 1}/{start.year - 16 + number % 6}"
    shared = {"CHILD": f"{90210 + number}", "DOB": born, "SEX": sexes[number % 2]}
    care = {"RNE": "S", "LS": "C2", "CIN": "N1", "PLACE": "U6", "PLACE_PROVIDER": "PR1"}
    later = {**care, "RNE": "P", "PLACE": "K2", "URN": "SC000001", "PL_POST": "ZZ99 3WZ"}
    ends = {"DEC": day(90), "REC": "X1", "REASON_PLACE_CHANGE": "CREQB"}
    records: dict[str, list[Row]] = {
        "header": [{"ETHNIC": "WBRI", "UPN": f"X{900000000000 + number}"}],
        "episodes": [{**care, "DECOM": day(-300), **ends}, {**later, "DECOM": day(90)}],
        "reviews": [{"REVIEW": day(40), "REVIEW_CODE": "PN1"}, {"REVIEW": day(200)}],
        "oc2": [{"SDQ_SCORE": "12", "CONVICTED": "0", "HEALTH_CHECK": "1"}],
        "sw_episodes": [{"SW_ID": "AB123456", "SW_DECOM": day(-300), "SW_REASON": "MANAGE"}],
    }
    if number % 2 == 0:
        records["missing"] = [
            {"MISSING": "M", "MIS_START": day(100 + number), "MIS_END": day(101 + number)},
            {"MISSING": "A", "MIS_START": day(200 + number), "MIS_END": day(200 + number)},
        ]
    if number % 6 == 1:
        records["uasc"] = [{"DUC": day(300) if number == 1 else ""}]
    if number == 2:
        records["previous_permanence"] = [{"PREV_PERM": "P1", "DATE_PERM": "01/01/2020"}]
        records["placed_for_adoption"] = [{"DATE_PLACED": day(20)}]
        records["ad1"] = [{"DATE_INT": day(20), "FOSTER_CARE": "0", "LS_ADOPTR": "L0"}]
    if number == 3:
        records["oc3"] = [{"IN_TOUCH": "YES", "ACTIV": "F2", "ACCOM": "Z1"}]
    return {name: [{**shared, **row} for row in rows] for name, rows in records.items()}


def landed_counts(period: str) -> dict[str, dict[str, int]]:
    """How many rows land of each table, and how many are kept of every other module."""
    counts = {name: len(rows) for name, rows in modules(period).items()}
    return {
        "landed": {name: counts[name] for name in LANDED},
        "kept": {name: count for name, count in counts.items() if name not in LANDED},
    }


def csv_modules(period: str) -> dict[str, bytes]:
    """The return as CSV files."""
    files = {}
    for name, rows in modules(period).items():
        text = io.StringIO()
        writer = csv.DictWriter(text, COLUMNS[name], lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)
        files[FILE_NAMES[name]] = text.getvalue().encode("utf-8-sig")
    return files


def xml_document(period: str) -> bytes:
    """The return as one document on one line."""
    records = modules(period)
    root = ElementTree.Element("EXPSSDA903")
    for header in records["header"]:
        child = ElementTree.SubElement(root, "CHILD")
        within = ElementTree.SubElement(child, "HEADER")
        own = {
            name: [row for row in rows if row["CHILD"] == header["CHILD"]]
            for name, rows in records.items()
        }
        _add(within, "CHILDID", header["CHILD"])
        for name in ("UPN", "SEX", "DOB", "ETHNIC"):
            _add(within, name, header[name])
        _add(within, "UASC", "1" if own["uasc"] else "")
        for row in own["uasc"]:
            _add(within, "DUC", row["DUC"])
        for name in ("MOTHER", "MC_DOB"):
            _add(within, name, header[name])
        for name in ("oc3", "ad1"):
            _add_row(within, own[name])
        for name, tag in ELEMENTS.items():
            for row in own[name]:
                _add_row(ElementTree.SubElement(within, tag), [row])
        for row in own["episodes"]:
            _add_row(ElementTree.SubElement(child, "EPISODE"), [row], {"PLACE": "PL"})
    return ElementTree.tostring(root, encoding="us-ascii", xml_declaration=True)


def _add_row(element: ElementTree.Element, rows: list[Row], names: Row | None = None) -> None:
    for row in rows:
        for name, text in row.items():
            if name not in SHARED:
                _add(element, (names or {}).get(name, name), text)


def _add(element: ElementTree.Element, tag: str, text: str) -> None:
    ElementTree.SubElement(element, tag).text = text or None
