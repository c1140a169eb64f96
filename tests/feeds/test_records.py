"""Records that are wrong: each alone is quarantined or flagged with its line, the rest land."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from register.feeds import load_contracts, load_usable_layouts, read_ledger
from register.feeds.checks import FieldChecks
from register.feeds.layout import Layout, load_layouts
from register.feeds.seeds import read_code_meanings, read_known_codes
from register.feeds.texts import clean_texts
from tests.feeds.deliveries import COMPACT, MONTH, Home, force_of, police_csv, report

FIVE = [report(n) for n in range(1, 6)]
# FIVE in the compact layout: `zip -X -P agreed`, since no library that we use writes such a zip.
UNDER_PASSWORD = Path(__file__).parent / "reports_under_password.zip"


def _lines() -> list[bytes]:
    return police_csv("compact", FIVE).splitlines()


def _with_line(number: int, line: bytes, ending: bytes = b"\r\n") -> bytes:
    lines = _lines()
    lines[number - 1] = line
    return ending.join(lines) + ending


@pytest.mark.parametrize(
    ("rule", "damage"),
    [
        ("unclosed_quote", lambda line: line.replace(b"Testperson", b'"Testperson')),
        ("unclosed_quote", lambda line: line.replace(b"Testperson", b'"Test"person')),
        ("wrong_field_count", lambda line: line + b",surplus"),
        ("wrong_field_count", lambda line: line[:20]),
        ("wrong_field_count", lambda line: b""),
        ("nul_bytes", lambda line: line.replace(b"Testperson", b"Test\0person")),
    ],
)
def test_a_line_that_is_no_record_is_quarantined_alone(home: Home, rule: str, damage) -> None:
    """Prevents one bad line from swallowing, shifting or losing the others."""
    home.put_reports(_with_line(3, damage(_lines()[2])))
    delivery = home.land_one()
    assert delivery.outcome == "accepted_with_quarantine"
    counts = (delivery.received_row_count, delivery.landed_row_count)
    assert (*counts, delivery.quarantined_row_count) == (5, 4, 1)
    assert [row["_row_number"] for row in home.rows(delivery, "reports")] == [2, 4, 5, 6]
    ((rule_code, file, line, _),) = home.rules(delivery)
    assert (rule_code, file, line) == (rule, "reports.csv", "3")
    (record,) = home.rows(delivery, "quarantine")
    assert (record["rule_code"], record["_row_number"]) == (rule, 3)


def test_two_unclosed_quotes_do_not_close_each_other(home: Home) -> None:
    """Prevents two damaged lines from merging with every record between them."""
    lines = _lines()
    for number in (2, 4):
        lines[number] = lines[number].replace(b"Testperson", b'"Testperson')
    home.put_reports(b"\r\n".join(lines))
    delivery = home.land_one()
    assert [row["_row_number"] for row in home.rows(delivery, "quarantine")] == [3, 5]
    assert delivery.landed_row_count == 3


def test_quoted_separators_and_doubled_quotes_are_kept(home: Home) -> None:
    """Prevents a name with a comma from being cut."""
    odd = 'Test, "the" Person'
    home.put_reports([report(1, surname=odd), report(2)])
    rows = home.rows(home.land_one(), "reports")
    assert [row["surname"] for row in rows] == [odd, "Testperson"]


def test_the_strict_parse_reads_good_lines_as_the_fast_one_does(home: Home) -> None:
    """Prevents a bad line elsewhere in the file from changing what a good line says."""
    odd = report(1, surname='Test, "the" Person', aliases="Billie; Mina")
    good = police_csv("compact", [odd, *FIVE[1:]])
    home.put_reports(good)
    fast = home.land_one()
    home.put_reports(good + b'"unclosed\r\n')
    strict = home.load().landed[0]
    hidden = {"_delivery_id"}
    one, other = (
        [{k: v for k, v in row.items() if k not in hidden} for row in home.rows(d, "reports")]
        for d in (fast, strict)
    )
    assert one == other
    assert one[0]["aliases"] == "Billie|Mina"


@pytest.mark.parametrize("text", ["31/02/2026", "2026-13-01", "1/2/2026", "01/13/2026", "rubbish"])
def test_an_impossible_date_lands_as_null_with_a_flag(home: Home, text: str) -> None:
    """Prevents the 31st of February from becoming the 3rd of March."""
    data = police_csv("compact", FIVE)
    home.put_reports(data.replace(b"04/03/2012", text.encode(), 1))
    delivery = home.land_one()
    assert (delivery.outcome, delivery.flag_count) == ("accepted", 1)
    assert home.rules(delivery) == [("impossible_date", "reports.csv", "2", "Date of Birth")]
    assert [line["outcome"] for line in home.feedback(delivery)] == ["flagged"]
    assert [row["dob"] for row in home.rows(delivery, "reports")] == [None] + ["2012-03-04"] * 4
    (flag,) = home.rows(delivery, "flags")
    assert (flag["column_name"], flag["table_name"], flag["_row_number"]) == ("dob", "reports", 2)


def test_a_required_date_that_does_not_exist_quarantines_its_record(home: Home) -> None:
    """Prevents a report without a time from entering the register."""
    home.put_reports([*FIVE[:4], report(5, reported_at="32/10/2026 10:00")])
    delivery = home.land_one()
    assert home.rules(delivery) == [("impossible_date", "reports.csv", "6", "Reported")]
    assert (delivery.landed_row_count, delivery.quarantined_row_count) == (4, 1)
    assert [line["outcome"] for line in home.feedback(delivery)] == ["quarantined"]


def test_a_missing_required_value_quarantines_its_record(home: Home) -> None:
    """Prevents a report without its reference from being landed under none."""
    home.put_reports([{**report(1), "report_ref": "N/K"}, *FIVE[1:]])
    delivery = home.land_one()
    assert home.rules(delivery) == [("missing_required_value", "reports.csv", "2", "Case Ref")]


def test_a_delivery_of_which_nothing_lands_is_rejected(home: Home) -> None:
    """Prevents a file of wrong records from taking the place of last week's good one."""
    home.put_reports([{**item, "report_ref": ""} for item in FIVE])
    delivery = home.land_one()
    assert (delivery.outcome, delivery.received_row_count) == ("rejected", 0)
    assert home.rules(delivery) == [
        ("nothing_landed", "reports.csv", "2", "Case Ref"),
        *(("missing_required_value", "reports.csv", str(n), "Case Ref") for n in range(2, 7)),
    ]


def test_an_unmapped_code_is_flagged_and_kept(home: Home) -> None:
    """Prevents a new code from being dropped, or from passing unseen."""
    home.put_reports([report(1, sex="Feline"), report(2, sex="Female"), report(3, sex="")])
    delivery = home.land_one()
    assert delivery.outcome == "accepted"
    assert home.rules(delivery) == [("unmapped_code", "reports.csv", "2", "Sex")]
    assert [row["sex"] for row in home.rows(delivery, "reports")] == ["Feline", "Female", None]


def test_precision_is_the_length_of_the_text(home: Home) -> None:
    """Prevents a date without a time from being taken for midnight."""
    home.put_reports([report(1, last_seen_at="2026-10-01"), report(2)])
    rows = home.rows(home.land_one(), "reports")
    assert [row["last_seen_at"] for row in rows] == ["2026-10-01", "2026-10-01T20:15:00"]


def test_split_moments_are_joined_and_a_time_without_a_date_is_flagged(home: Home) -> None:
    """Prevents a time from being lost because its date column is empty."""
    layout = load_layouts()["connect"]
    data = police_csv("connect", [report(1), report(2, last_seen_at="2026-10-01"), report(3)])
    head, first, second, third = data.decode("utf-8-sig").splitlines()
    place = [column.name for column in layout.columns].index("LastSeenDate")
    fields = third.split("|")
    fields[place] = ""
    text = "\n".join([head, first, second, "|".join(fields)])
    home.put_files(
        "police_reports",
        force_of("connect"),
        MONTH,
        {"reports.txt": b"\xef\xbb\xbf" + text.encode()},
    )
    delivery = home.land_one()
    last_seen = [row["last_seen_at"] for row in home.rows(delivery, "reports")]
    assert last_seen == ["2026-10-01T20:15:00", "2026-10-01", None]
    assert home.rules(delivery) == [("impossible_date", "reports.txt", "4", "LastSeenDate")]


def test_mixed_line_endings_and_trailing_blank_lines_are_no_records(home: Home) -> None:
    """Prevents a file that passed through two systems from gaining or losing records."""
    lines = _lines()
    home.put_reports(b"\r\n".join(lines[:3]) + b"\n" + b"\n".join(lines[3:]) + b"\r\n\r\n \n")
    delivery = home.land_one()
    assert (delivery.received_row_count, delivery.landed_row_count) == (5, 5)
    assert home.rules(delivery) == []


def test_a_byte_order_mark_is_not_part_of_the_first_heading(home: Home) -> None:
    """Prevents the first column from going missing."""
    home.put_reports(b"\xef\xbb\xbf" + police_csv("compact", FIVE))
    assert home.land_one().outcome == "accepted"


def test_a_footer_is_counted_and_is_no_record(home: Home) -> None:
    """Prevents a file that was cut short, or its total, from being landed."""
    complete = police_csv("niche", [report(1, forenames="Zoë"), report(2)])
    force = force_of("niche")
    home.put_files("police_reports", force, MONTH, {"n.csv": complete})
    delivery = home.land_one()
    assert (delivery.outcome, delivery.received_row_count) == ("accepted", 2)
    assert home.rows(delivery, "reports")[0]["forenames"] == "Zoë"
    home.put_files(
        "police_reports", force, MONTH, {"n.csv": complete.replace(b"TOTAL;2", b"TOTAL;3")}
    )
    assert home.load().landed[0].reject_rule_code == "footer_mismatch"
    home.put_files("police_reports", force, MONTH, {"n.csv": complete.replace(b"TOTAL;2\r\n", b"")})
    assert home.load().landed[0].reject_rule_code == "missing_footer"


def test_an_encrypted_zip_opens_with_its_suppliers_password_only(home: Home) -> None:
    """Prevents an archive from being refused for us, or opened with another's password."""
    for period, password, outcome in (
        (MONTH, "agreed", "accepted"),
        ("2026-09", "other", "wrong_password"),
    ):
        home.put_files("police_reports", COMPACT, period, {"r.zip": UNDER_PASSWORD.read_bytes()})
        (delivery,) = Home(replace(home.settings, zip_passwords={COMPACT: password})).load().landed
        assert outcome in (delivery.outcome, delivery.reject_rule_code)
    assert len(read_ledger(home.settings)) == 2


@pytest.mark.parametrize("layout_name", ["compact", "niche"])
def test_a_month_of_addresses_with_several_lines_lands_whole(home: Home, layout_name: str) -> None:
    """Prevents the children of addresses with line breaks from being quarantined line by line."""
    layout = load_layouts()[layout_name]
    codes = {
        name: sorted(read_known_codes(home.settings.seeds, layout, name))[0]
        for name in ("sex", "category")
    }
    broken = {"aliases": "Billie\nand others", "home_postcode": "ZZ99\n3WZ"}
    rows = [report(n, **codes, **broken) for n in range(1, 31)]
    data = police_csv(layout_name, [*rows, report(31)])
    home.put_files("police_reports", force_of(layout_name), MONTH, {"n.csv": data})
    delivery = home.land_one()
    counts = (delivery.received_row_count, delivery.landed_row_count)
    assert (*counts, delivery.outcome, delivery.is_held) == (31, 31, "accepted", False)
    landed = home.rows(delivery, "reports")
    assert [row["report_ref"] for row in landed] == [f"MP{n}" for n in range(1, 32)]
    assert [row["_row_number"] for row in landed] == list(range(2, 93, 3))


ODD_WAYS = {
    "lower case": str.lower,
    "upper case": str.upper,
    "zero width": lambda code: f"{code[:1]}\u200b{code[1:]}\ufeff",
    "hard spaces": lambda code: f"\u00a0{code.replace(' ', chr(0xA0))}\u202f",
    "two spaces": lambda code: code.replace(" ", "  ") + " ",
}


@pytest.mark.parametrize("write", ODD_WAYS.values(), ids=ODD_WAYS)
@pytest.mark.parametrize("layout", load_usable_layouts(), ids=lambda layout: layout.layout_name)
def test_every_code_is_mapped_in_any_case_and_with_characters_that_nobody_sees(
    home: Home, layout: Layout, write: Callable[[str], str]
) -> None:
    """Prevents a child's sex or a report's category from being unknown because of how it is typed.

    In every layout of every feed, and for every code that it has.
    """
    seeds = home.settings.seeds
    checks = FieldChecks(layout, seeds)
    for table in load_contracts()[layout.feed].tables:
        for column in table.properties:
            if not column.custom.code_map:
                continue
            codes = sorted(read_known_codes(seeds, layout, column.custom.code_map))
            texts = clean_texts(pa.array([write(code) for code in codes], pa.string()))
            checked = checks.check_column(column, texts)
            assert not checked.is_broken.any(), column.name
            meanings = read_code_meanings(seeds, layout, column.custom.code_map)
            landed = [meanings[code] for code in checked.values.to_pylist()]
            assert landed == [meanings[code] for code in codes], column.name


def test_odd_characters_are_in_no_landed_value(home: Home) -> None:
    """Prevents a reference or a date from being another because of a character that nobody sees."""
    odd = {"report_ref": "MP\u200b1", "sex": "fEMALE\u00a0", "surname": "Test\u00a0person"}
    home.put_reports(police_csv("compact", [report(1, **odd), report(2, sex="Female")]))
    delivery = home.land_one()
    assert home.rules(delivery) == []
    first, second = home.rows(delivery, "reports")
    assert (first["report_ref"], first["surname"]) == ("MP1", "Test person")
    assert first["sex"] == second["sex"] == "Female"
