"""Records of a return's XML: counted by element, each with its own position, none lost."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from defusedxml import ElementTree
from hypothesis import given, settings
from hypothesis import strategies as st

from register.feeds import Delivery, LandingFailedError, SourceFile, load_contracts
from register.feeds.readers import return_xml
from register.variables import DeliveryLimits
from tests.feeds.deliveries import AUTHORITY, YEAR, Home
from tests.feeds.real_returns import landed_counts, xml_document
from tests.feeds.test_returns import MODULES, RETURN_XML

RECORDS = {"HEADER": "header", "EPISODE": "episodes", "AMISSING": "missing"}
PERIOD = (
    "<AMISSING><MISSING>M</MISSING><MIS_START>05/05/2025</MIS_START>"
    "<MIS_END>06/05/2025</MIS_END></AMISSING>"
)


def document(*parts: str, header: str = "") -> bytes:
    """A return of one child with an episode, and what a test adds to the child or its header."""
    return (
        "<EXPSSDA903><CHILD><HEADER><CHILDID>C1</CHILDID><SEX>F</SEX><DOB>03/04/2010</DOB>"
        f"<ETHNIC>WBRI</ETHNIC>{header}</HEADER><EPISODE><DECOM>01/05/2025</DECOM></EPISODE>"
        f"{''.join(parts)}</CHILD></EXPSSDA903>"
    ).encode()


def land(home: Home, data: bytes, period: str = YEAR) -> Delivery:
    """The delivery of one document."""
    home.put_files("authority_return", AUTHORITY, period, {"return.xml": data})
    return home.land_one()


def quarantined(home: Home, delivery: Delivery) -> list[tuple[str, int, str]]:
    """Table, position and text of what was set aside."""
    assert delivery.quarantined_row_count == len(home.rows(delivery, "quarantine"))
    return [
        (row["table_name"], row["_row_number"], row["record_text"])
        for row in home.rows(delivery, "quarantine")
    ]


def test_a_record_is_found_by_the_number_of_its_element(home: Home) -> None:
    """Prevents records without a position of their own, and a breach that cannot be found."""
    delivery = land(home, RETURN_XML)
    elements = list(ElementTree.fromstring(RETURN_XML).iter())
    for tag, table in RECORDS.items():
        result = [elements[row["_row_number"] - 1] for row in home.rows(delivery, table)]
        assert [element.tag for element in result] == [tag] * len(MODULES[table])


def test_the_line_breaks_of_a_document_change_nothing(home: Home) -> None:
    """Prevents a return on one line from landing rows that cannot be told apart."""
    one_line = re.sub(rb">\s+<", b"><", RETURN_XML.partition(b"?>")[2].strip())
    assert b"\n" not in one_line
    home.put_files("authority_return", "301", YEAR, {"return.xml": RETURN_XML})
    home.put_files("authority_return", "302", YEAR, {"return.xml": one_line})
    landed = {item.supplier_code: item for item in home.load().landed}
    for table in MODULES:
        rows = [
            [{**row, "_delivery_id": ""} for row in home.rows(landed[code], table)]
            for code in ("301", "302")
        ]
        assert rows[0] == rows[1]
        assert len({row["_row_number"] for row in rows[0]}) == len(MODULES[table])


def test_every_set_in_one_element_is_a_record(home: Home) -> None:
    """Prevents the second absence in one AMISSING from taking the place of the first."""
    sets = PERIOD.replace(
        "</AMISSING>",
        "<MISSING>A</MISSING><MIS_START>07/06/2025</MIS_START>"
        "<MISSING>M</MISSING><MIS_START>08/07/2025</MIS_START></AMISSING>",
    )
    delivery = land(home, document(header=sets))
    rows = home.rows(delivery, "missing")
    assert [(row["missing"], row["mis_start"], row["mis_end"]) for row in rows] == [
        ("M", "2025-05-05", "2025-05-06"),
        ("A", "2025-06-07", None),
        ("M", "2025-07-08", None),
    ]
    assert {row["dob"] for row in rows} == {"2010-04-03"}
    assert len({row["_row_number"] for row in rows}) == 3


@pytest.mark.parametrize(
    ("table", "data"),
    [
        ("missing", document(PERIOD.replace("AMISSING", "AMISING"))),
        ("missing", document(header=PERIOD.replace("AMISSING", "MISSING_PERIOD"))),
        ("episodes", document("<EPISOD><DECOM>06/06/2025</DECOM><RNE>S</RNE></EPISOD>")),
        ("missing", document().replace(b"</EXP", f"{PERIOD}</EXP".encode())),
        ("missing", document(header=PERIOD[10:-11])),
        ("missing", document("<MIS_START>06/06/2025</MIS_START>")),
        ("header", document(header="<SEX>M</SEX>")),
        ("header", document("<ODD><THING>1</THING></ODD>")),
    ],
    ids=[
        *("misspelt", "misspelt in the header", "misspelt episode", "outside its child"),
        *("without its element", "field of the child", "header twice", "unknown"),
    ],
)
def test_what_is_misspelt_or_misplaced_is_set_aside(home: Home, table: str, data: bytes) -> None:
    """Prevents records from vanishing out of a delivery that is accepted."""
    delivery = land(home, data)
    assert delivery.outcome == "accepted_with_quarantine"
    ((result, number, text),) = quarantined(home, delivery)
    assert (result, number > 1, "=" in text) == (table, True, True)
    (line,) = home.feedback(delivery)
    assert (line["rule_code"], line["table_name"]) == ("misplaced_record", table)
    assert delivery.count_landed_rows_by_table() == {
        "header": 1,
        "episodes": 1,
        "missing": 0,
        "uasc": 0,
    }


def test_records_received_are_the_elements_of_the_document(home: Home) -> None:
    """Prevents rows received from being what the reader happened to give."""
    spoilt = (
        RETURN_XML.replace(b"<CHILDID>C2</CHILDID>", b"<CHILDID/>")
        .replace(b"</Message>", f"{PERIOD}<EPISODE/></Message>".encode())
        .replace(b"<AMISSING><MISSING>Q", b"<AMISSING/><AMISSING><MISSING>Q")
    )
    delivery = land(home, spoilt)
    counts = Counter(element.tag for element in ElementTree.fromstring(spoilt).iter())
    received = {item.table_name: item.received_row_count for item in delivery.tables}
    assert {table: received[table] for table in RECORDS.values()} == {
        table: counts[tag] for tag, table in RECORDS.items()
    }
    assert delivery.quarantined_row_count == len(quarantined(home, delivery)) == 6


def test_children_are_told_apart_whatever_is_around_them(home: Home) -> None:
    """Prevents a wrapper, a prefix or a message's own header from costing its children."""
    data = RETURN_XML.replace(b"<CHILD>", b"<s:CHILD>").replace(b"</CHILD>", b"</s:CHILD>")
    data = data.replace(
        b"<Message>", b'<Message xmlns:s="urn:x"><Header><Year>2026</Year></Header>'
    )
    data = data.replace(b"<EPISODE>", b"<EPISODES><EPISODE>")
    data = data.replace(b"</EPISODE>", b"</EPISODE></EPISODES>")
    delivery = land(home, data)
    assert delivery.count_landed_rows_by_table() == {
        name: len(rows) for name, rows in MODULES.items()
    }
    assert delivery.quarantined_row_count == 0


def test_an_attribute_is_a_field(home: Home) -> None:
    """Prevents what a system writes as attributes from vanishing."""
    data = document('<EPISODE DECOM="02/06/2025" RNE="P"><LS>C2</LS></EPISODE>')
    rows = home.rows(land(home, data), "episodes")
    assert (rows[1]["decom"], rows[1]["rne"], rows[1]["ls"]) == ("2025-06-02", "P", "C2")


def test_an_unknown_field_of_the_child_is_an_unknown_column(home: Home) -> None:
    """Prevents a system's own number on every CHILD from setting every child aside."""
    data = document("<OWN_NUMBER>7</OWN_NUMBER>").replace(b"<CHILD>", b'<CHILD SEQ="1">')
    delivery = land(home, data)
    assert delivery.quarantined_row_count == 0
    assert delivery.unknown_columns != ()
    assert {row["rule_code"] for row in home.feedback(delivery)} == {"unknown_column"}


@pytest.mark.parametrize(
    ("header", "count", "ceased"),
    [
        ("<UASC>1</UASC>", 1, None),
        ("<UASC>1</UASC><DUC>01/01/2026</DUC>", 1, "2026-01-01"),
        ("<DUC>01/01/2026</DUC>", 1, "2026-01-01"),
        ("<UASC>0</UASC><DUC/>", 0, None),
        ("<UASC/>", 0, None),
    ],
)
def test_a_mark_in_the_header_is_a_row_of_uasc(
    home: Home, header: str, count: int, ceased: str | None
) -> None:
    """Prevents an unaccompanied child whose status has not ended from being lost in XML alone."""
    delivery = land(home, document(header=header))
    rows = home.rows(delivery, "uasc")
    assert [(row["child"], row["duc"]) for row in rows] == [("C1", ceased)] * count
    assert delivery.unknown_columns == ()


def test_windows_text_is_read_as_its_first_line_says(home: Home) -> None:
    """Prevents a return from being refused for the encoding that it declares."""
    data = b'<?xml version="1.0" encoding="windows-1252"?>' + document().replace(b"C1", b"C\xe91")
    assert home.rows(land(home, data), "header")[0]["child"] == "Cé1"


@pytest.mark.parametrize(
    ("data", "most", "most_held"),
    [
        (b"<A>" * 60 + b"</A>" * 60, 1_000, 1_000),
        (b"<A>" + b"".join(b"<A%d/>" % number for number in range(600)) + b"</A>", 1_000, 1_000),
        (document("<EPISODE/>" * 150), 1_000, 100),
        (xml_document("2024-25"), 200, 1_000),
    ],
    ids=["levels", "kinds", "elements of a child", "elements"],
)
def test_a_document_beyond_the_limits_is_refused(
    home: Home, data: bytes, most: int, most_held: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a small file from taking minutes, or the memory of the machine."""
    monkeypatch.setattr(return_xml, "MAX_IN_MEMORY", most_held)
    narrow = Home(replace(home.settings, limits=DeliveryLimits(xml_elements=most)))
    assert land(narrow, data).reject_rule_code == "xml_too_large"


@pytest.mark.parametrize("encoding", [b"no-such", b"utf-16"])
def test_an_encoding_that_is_not_the_texts_is_told_as_one(home: Home, encoding: bytes) -> None:
    """Prevents a wrong first line from being a fault of ours that stops the load."""
    data = b'<?xml version="1.0" encoding="' + encoding + b'"?>' + document()
    assert land(home, data).reject_rule_code == "wrong_encoding"


LEAVES = st.tuples(
    st.sampled_from(["CHILDID", "DOB", "MISSING", "MIS_START", "DECOM", "DUC", "REVIEW", "ODD"]),
    st.sampled_from(["", "text"]),
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.tuples(
        st.sampled_from(["CHILD", "HEADER", "EPISODE", "AMISSING", "UASC", "EPISOD", "AREVIEW"]),
        st.lists(inner, max_size=5),
    ),
    max_leaves=25,
)


def _written(tree: tuple[str, Any], numbers: Iterator[int]) -> str:
    tag, content = tree
    if isinstance(content, str):
        return f"<{tag}>{content and f'T{next(numbers)}T'}</{tag}>"
    return f"<{tag}>{''.join(_written(part, numbers) for part in content)}</{tag}>"


@given(st.lists(TREES, max_size=4))
@settings(max_examples=40)
def test_no_tree_of_elements_loses_a_record_or_its_texts(trees: list[tuple[str, Any]]) -> None:
    """Prevents a form that nobody thought of from costing a record in silence."""
    numbers = itertools.count()
    data = f"<M>{''.join(_written(tree, numbers) for tree in trees)}</M>"
    contract = load_contracts()["authority_return"]
    read = return_xml.read_return_xml(SourceFile("r.xml", data.encode()), contract, 10_000)
    elements = list(ElementTree.fromstring(data).iter())
    texts = ""
    for table in read.tables:
        positions = [*table.row_numbers, *(item.finding.line for item in table.quarantined)]
        assert len(set(positions)) == len(positions)
        records = [table.record_text(place) for place in range(len(table.row_numbers))]
        texts += "\n".join([*records, *(item.record_text for item in table.quarantined)])
    received = {table.table_name: table.received_row_count for table in read.tables}
    for tag, name in (("EPISODE", "episodes"), ("AMISSING", "missing")):
        assert received[name] >= sum(element.tag == tag for element in elements)
    own = [item.text for item in elements if item.tag in {"MIS_START", "DECOM"} and item.text]
    assert [text for text in own if text not in texts] == []


def test_portions_of_a_table_are_put_together(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prevents a return of more records than a portion from losing some, or a late column."""
    monkeypatch.setattr("register.feeds.readers.record_table.PORTION", 5)
    data = xml_document("2024-25").replace(b"<URN>", b"<LATE>x</LATE><URN>", 1)
    delivery = land(home, data, "2024-25")
    assert delivery.count_landed_rows_by_table() == landed_counts("2024-25")["landed"]
    assert delivery.unknown_columns == ("episodes.column 14 (4 characters)",)


def test_an_element_that_is_not_accounted_for_stops_its_delivery(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a fault of the reader from landing part of a return in silence."""
    monkeypatch.setattr(return_xml._Records, "_read_parts", lambda *_: None)
    home.put_files("authority_return", AUTHORITY, YEAR, {"return.xml": RETURN_XML})
    with pytest.raises(LandingFailedError, match="ElementsLostError"):
        home.load()
