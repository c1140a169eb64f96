"""What suppliers are told: feedback joined with what the built register found, and what is new."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from register.feeds import Breach, Delivery, fill_outbox, join_feedback
from tests.feeds.deliveries import AUTHORITY, COMPACT, YEAR, Home, report
from tests.feeds.test_returns import MODULES, RETURN_XML, csv_files


def breach(delivery: Delivery, file: str, line: int, rule: str = "574") -> Breach:
    """A breach of the missing module, as a generation publishes it."""
    return Breach(rule, delivery.delivery_id, file, line, "mis_start", "missing")


def read_sent_lines(home: Home, generation: str, supplier: str = AUTHORITY) -> list[dict[str, str]]:
    """The lines of one file of an outbox; none if there is no file."""
    path: Path = home.settings.outbox / supplier / f"{generation}.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def fill(
    home: Home, generation: str, breaches: Iterable[Breach] = (), **statuses: str
) -> dict[str, int]:
    """Fill the outbox; every delivery that landed is current unless said otherwise."""
    entries = [path.parent.name for path in home.settings.landing.glob("*/*/delivery.json")]
    return fill_outbox(
        home.settings, generation, breaches, dict.fromkeys(entries, "current") | statuses
    )


def test_a_rule_of_the_return_is_told_with_its_record(home: Home) -> None:
    """Prevents a supplier from never hearing of the rules that its return breaks."""
    home.put_files("authority_return", AUTHORITY, YEAR, csv_files())
    delivery = home.land_one()
    rows = join_feedback(home.settings, delivery, [breach(delivery, "missing.csv", 3)])
    (line,) = [row for row in rows if row["rule_code"] == "574"]
    assert (line["file"], line["line"], line["column"]) == ("missing.csv", "3", "mis_start")
    assert line["title"].startswith("A period starts while")
    assert line["what_to_fix"] == "Give the previous period its MIS_END or merge the two"
    assert line["record_id"] == MODULES["missing"][1]["child"]
    assert len(rows) == len(home.feedback(delivery)) + 1


def test_a_record_of_an_xml_file_is_told_by_its_element(home: Home) -> None:
    """Prevents the number of an element from being looked for among the lines."""
    home.put_files("authority_return", AUTHORITY, YEAR, {"return.xml": RETURN_XML})
    delivery = home.land_one()
    row = home.rows(delivery, "missing")[2]
    position = row["_row_number"]
    rows = join_feedback(home.settings, delivery, [breach(delivery, "return.xml", position)])
    (line,) = [row for row in rows if row["rule_code"] == "574"]
    assert (line["line"], line["element"]) == ("", f"(//*)[{position}]")
    assert line["record_id"] == row["child"] == "C2"
    assert {bool(item["line"]) for item in rows} == {False}


def test_what_landing_told_is_not_told_twice(home: Home) -> None:
    """Prevents two lines about one fault, from landing and from the register."""
    home.put_files("authority_return", AUTHORITY, YEAR, csv_files())
    delivery = home.land_one()
    rows = join_feedback(
        home.settings, delivery, [breach(delivery, "missing.csv", 3, "impossible_date")]
    )
    assert len(rows) == len(home.feedback(delivery))


def test_the_expected_form_is_told(home: Home) -> None:
    """Prevents a supplier from being told that a value is wrong and not what is right."""
    home.put_files("authority_return", AUTHORITY, YEAR, csv_files())
    forms = {
        (row["table_name"], row["column"]): row["expected_form"]
        for row in home.feedback(home.land_one())
    }
    assert forms["missing", "mis_start"] == "dd/mm/yyyy"
    assert forms["missing", "missing"] == "A, M"
    home.put_reports([report(last_seen_at="yesterday")])
    (row,) = [row for item in home.load().landed for row in home.feedback(item)]
    assert (row["rule_code"], row["expected_form"]) == ("impossible_date", "dd/mm/yyyy hh:mm")


def test_the_expected_form_of_a_refused_file_is_told(home: Home) -> None:
    """Prevents a refusal that leaves the supplier to guess the encoding."""
    home.put_files(
        "authority_return", AUTHORITY, YEAR, {**csv_files(), "uasc.csv": b"CHILD\r\n\xe9\r\n"}
    )
    row, *others = home.feedback(home.land_one())
    assert (row["rule_code"], row["expected_form"]) == ("wrong_encoding", "utf-8")
    # The other files are read too, and their faults are told at once.
    assert {(line["rule_code"], line["file"]) for line in others} == {
        (rule, f"{name}.csv")
        for name in ("header", "missing")
        for rule in ("impossible_date", "unmapped_code")
    }


def test_only_what_is_new_is_told(home: Home) -> None:
    """Prevents a supplier from reading the same hundred lines after every load."""
    home.put_files("authority_return", AUTHORITY, YEAR, csv_files())
    delivery = home.land_one()
    count = len(home.feedback(delivery))
    first = [breach(delivery, "missing.csv", 2)]
    assert fill(home, "g1", first) == {AUTHORITY: count + 1}
    assert [row["rule_code"] for row in read_sent_lines(home, "g1")].count("574") == 1
    assert fill(home, "g2", first) == {}
    assert read_sent_lines(home, "g2") == []
    assert fill(home, "g3", [*first, breach(delivery, "missing.csv", 4)]) == {AUTHORITY: 1}
    assert [(row["rule_code"], row["line"]) for row in read_sent_lines(home, "g3")] == [
        ("574", "4")
    ]


def test_a_supplier_is_told_of_its_own_deliveries_alone(home: Home) -> None:
    """Prevents one supplier from reading the record ids of another."""
    home.put_files("authority_return", "301", YEAR, csv_files())
    home.put_files("authority_return", "302", YEAR, csv_files())
    home.put_reports([report(sex="unheard of")])
    landed = {item.supplier_code: item for item in home.load().landed}
    fill(home, "g1", [breach(landed["301"], "missing.csv", 2)])
    owners = {
        supplier: {row["delivery_id"] for row in read_sent_lines(home, "g1", supplier)}
        for supplier in ("301", "302", COMPACT)
    }
    assert owners == {key: {item.delivery_id} for key, item in landed.items()}
    files = list(home.settings.outbox.rglob("*.*"))
    assert {path.stat().st_mode & 0o077 for path in files if path.is_file()} == {0}


def test_a_lost_feedback_file_keeps_nobody_else_from_being_told(home: Home) -> None:
    """Prevents one damaged folder of landing from silencing the register towards all suppliers."""
    home.put_files("authority_return", "301", YEAR, csv_files())
    home.put_files("authority_return", "302", YEAR, csv_files())
    landed = {item.supplier_code: item for item in home.load().landed}
    (home.folder(landed["301"]) / "feedback.csv").unlink()
    counts = fill(home, "g1", [breach(landed["301"], "missing.csv", 2)])
    assert counts == {"301": 1, "302": len(home.feedback(landed["302"]))}


def test_nothing_is_told_of_what_was_put_right(home: Home) -> None:
    """Prevents a supplier from being asked again for what it sent again since."""
    home.put_files("authority_return", AUTHORITY, YEAR, {"return.xml": RETURN_XML[:-30]})
    rejected = home.land_one()
    assert fill(home, "g1", **{rejected.delivery_id: "rejected"}) == {AUTHORITY: 3}
    assert [row["rule_code"] for row in read_sent_lines(home, "g1")] == [
        "malformed_xml",
        "impossible_date",
        "unmapped_code",
    ]
    home.put_files("authority_return", "301", YEAR, {"return.xml": RETURN_XML[:-30]})
    home.put_files("authority_return", "302", YEAR, csv_files())
    landed = {item.supplier_code: item for item in home.load().landed}
    home.put_files("authority_return", "301", YEAR, csv_files())
    home.load()
    statuses = {
        landed["301"].delivery_id: "rejected",
        landed["302"].delivery_id: "superseded",
        rejected.delivery_id: "rejected",
    }
    assert set(fill(home, "g2", **statuses)) == {"301"}
    assert "malformed_xml" not in {row["rule_code"] for row in read_sent_lines(home, "g2", "301")}


def test_a_delivery_of_nobody_known_is_told_apart(home: Home) -> None:
    """Prevents a folder of the outbox from being named by whoever filled the inbox."""
    home.put_files("authority_return", "999", YEAR, csv_files())
    assert fill(home, "g1", **{home.land_one().delivery_id: "rejected"}) == {"unknown": 1}


def test_no_cell_is_a_formula(home: Home) -> None:
    """Prevents a record's id from being run by the spreadsheet that opens the feedback."""
    files = csv_files()
    files["missing.csv"] = files["missing.csv"].replace(b"\r\nC1", b"\r\n=1+1", 1)
    home.put_files("authority_return", AUTHORITY, YEAR, files)
    delivery = home.land_one()
    fill(home, "g1", [breach(delivery, "missing.csv", 2)])
    (line,) = [row for row in read_sent_lines(home, "g1") if row["rule_code"] == "574"]
    assert line["record_id"] == "'=1+1"
