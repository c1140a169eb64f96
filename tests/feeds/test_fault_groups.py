"""Feedback is grouped for people without losing a line."""

from __future__ import annotations

from register.feeds import FeedbackLine, group_faults
from register.feeds.feedback import COLUMNS


def _line(rule_code: str, outcome: str, **more: str) -> FeedbackLine:
    return dict.fromkeys(COLUMNS, "") | {"rule_code": rule_code, "outcome": outcome, **more}


def _marked(*numbers: int, column: str = "Sex", file: str = "a.csv") -> list[FeedbackLine]:
    return [
        _line("unmapped_code", "flagged", file=file, line=str(number), column=column)
        for number in numbers
    ]


def test_files_come_before_columns_and_columns_before_records() -> None:
    """Prevents a missing file from being named below a thousand records."""
    lines = [
        *_marked(9),
        _line("unknown_column", "reported", file="a.csv", column="column 3 (4 characters)"),
        _line("missing_required_value", "quarantined", file="a.csv", line="4", column="Ref"),
        _line("missing_required_column", "rejected", file="a.csv", line="1", column="Surname"),
        _line("wrong_encoding", "rejected", file="b.csv"),
        _line("empty_column", "held", file="a.csv", column="Ref"),
    ]
    found = {
        section: [group["rule_code"] for group in groups]
        for section, groups in group_faults(lines).items()
    }
    assert list(found.items()) == [
        ("files", ["wrong_encoding"]),
        ("columns", ["missing_required_column", "empty_column"]),
        ("records", ["missing_required_value", "unmapped_code"]),
        ("notes", ["unknown_column"]),
    ]
    assert group_faults([]) == {}


def test_each_rule_and_column_is_one_group_and_the_most_frequent_comes_first() -> None:
    """Prevents one fault of a column from being told a hundred times."""
    lines = [*_marked(2, column="Age"), *_marked(3, 5, 4, 9), *_marked(7, file="b.csv")]
    sex, age = group_faults(lines)["records"]
    assert (sex["column"], len(sex.lines), age["column"]) == ("Sex", 5, "Age")
    assert sex.list_places() == ["a.csv, lines 3 to 5", "a.csv, line 9", "b.csv, line 7"]


def test_a_place_without_a_line_is_its_file_or_element() -> None:
    """Prevents an XML record without a place, and an empty item for the delivery as a whole."""
    elements = [
        _line("564", "flagged", file="r.xml", element="(//*)[7]"),
        _line("564", "flagged", file="r.xml", element="(//*)[8]"),
    ]
    (group,) = group_faults(elements)["records"]
    assert group.list_places() == ["r.xml, element (//*)[7]", "r.xml, element (//*)[8]"]
    (file,) = group_faults([_line("empty_file", "rejected", file="b.csv")])["files"]
    assert file.list_places() == ["b.csv"]
    (whole,) = group_faults([_line("malformed_period", "rejected")])["files"]
    assert whole.list_places() == []
