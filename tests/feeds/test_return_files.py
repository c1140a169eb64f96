"""Which file of a return is which module: named as real systems name them."""

from __future__ import annotations

import pytest

from tests.feeds.deliveries import AUTHORITY, YEAR, Home, zipped
from tests.feeds.real_returns import VINTAGES, csv_modules, landed_counts, xml_document
from tests.feeds.test_returns import MODULES, RETURN_XML, csv_files

NAMES = {
    "header": ("header.csv", "SSDA903_Header_2425.csv", "903 Header.CSV", "header (1).csv"),
    "episodes": ("Episodes.csv", "373_episodes_2025-26.csv", "SSDA903-EPISODES.csv"),
    "missing": ("missing.csv", "Missing Episodes 2026.csv", "SSDA903_missing_periods.csv"),
    "uasc": ("uasc.csv", "Stockport UASC-2026.csv"),
}
KEPT = {
    "sw_episodes": ("sw_episodes.csv", "SW Episodes.csv", "SSDA903_SWEpisodes_2526.csv"),
    "oc2": ("oc2.csv", "903_OC2.csv"),
    "oc3": ("OC3 2026.csv",),
    "ad1": ("ad1.csv",),
    "reviews": ("Reviews.csv", "cla_review.csv"),
    "placed_for_adoption": ("placed_for_adoption.csv", "PlacedAdoption.csv"),
    "previous_permanence": ("previous_permanence.csv", "PrevPerm.csv", "prev_perm_2526.csv"),
    "dolo": ("DoLo.csv",),
}


@pytest.mark.parametrize(
    ("module", "name"), [(module, name) for module, names in NAMES.items() for name in names]
)
def test_a_module_is_known_by_what_systems_call_it(home: Home, module: str, name: str) -> None:
    """Prevents a return from being refused for the names its system gives to files."""
    files = csv_files()
    files[name] = files.pop(f"{module}.csv")
    home.put_files("authority_return", AUTHORITY, YEAR, files)
    delivery = home.land_one()
    assert (delivery.outcome, set(delivery.table_names)) == ("accepted", set(MODULES))
    safe_name = "file_1.csv" if "Stockport" in name else name
    assert {item.file_name for item in delivery.tables if item.table_name == module} == {safe_name}


@pytest.mark.parametrize(
    ("module", "name"), [(module, name) for module, names in KEPT.items() for name in names]
)
def test_a_module_without_a_table_is_kept_and_counted(home: Home, module: str, name: str) -> None:
    """Prevents `sw_episodes` from being read as `episodes`, and noise about what is expected."""
    home.put_files(
        "authority_return", AUTHORITY, YEAR, {**csv_files(), name: b"CHILD,DOB\r\nC1,\r\nC2,\r\n"}
    )
    delivery = home.land_one()
    assert delivery.count_landed_rows_by_table() == {
        key: len(rows) for key, rows in MODULES.items()
    }
    (module_count,) = delivery.kept_modules
    assert (module_count.module_name, module_count.file_name, module_count.row_count) == (
        module,
        name,
        2,
    )
    assert name not in {row["file"] for row in home.feedback(delivery)}
    assert (home.folder(delivery) / "raw" / name).is_file()


@pytest.mark.parametrize("name", ["export (3).csv", "header and episodes.csv", "episodes2026.csv"])
def test_a_name_that_says_no_module_leaves_it_to_the_columns(home: Home, name: str) -> None:
    """Prevents a file with a name of nobody's choosing from being lost, or taken for another."""
    files = csv_files()
    files[name] = files.pop("episodes.csv")
    home.put_files("authority_return", AUTHORITY, YEAR, files)
    assert home.land_one().count_landed_rows_by_table()["episodes"] == len(MODULES["episodes"])


def test_a_file_of_no_module_is_said(home: Home) -> None:
    """Prevents a file that nobody expected from vanishing."""
    home.put_files(
        "authority_return", AUTHORITY, YEAR, {**csv_files(), "notes.csv": b"CHILD\r\nC1\r\n"}
    )
    delivery = home.land_one()
    assert delivery.outcome == "accepted"
    assert ("unknown_file", "file_4.csv", "", "") in home.rules(delivery)


def test_a_copy_of_a_module_is_not_read_again(home: Home) -> None:
    """Prevents a file that was saved twice from doubling every absence of its authority."""
    files = csv_files()
    home.put_files(
        "authority_return", "301", YEAR, {**files, "missing (1).csv": files["missing.csv"]}
    )
    home.put_files("authority_return", "302", YEAR, {"a.xml": RETURN_XML, "b.xml": RETURN_XML})
    for delivery in home.load().landed:
        assert delivery.count_landed_rows_by_table() == {
            key: len(rows) for key, rows in MODULES.items()
        }
        assert [rule for rule, *_ in home.rules(delivery)].count("unknown_file") == 1


def test_csv_modules_land_with_xml_in_the_same_folder(home: Home) -> None:
    """Prevents an `.xml` in a folder from making its CSV modules vanish."""
    files = csv_files()
    missing = files.pop("missing.csv")
    without = RETURN_XML.replace(b"AMISSING", b"OC2").replace(b"MIS", b"SDQ")
    home.put_files("authority_return", "301", YEAR, {"return.xml": without, "missing.csv": missing})
    home.put_files("authority_return", "302", YEAR, {**csv_files(), "schema.xml": b"<schema/>"})
    landed = {item.supplier_code: item for item in home.load().landed}
    counts = {key: len(rows) for key, rows in MODULES.items()}
    assert {key: item.count_landed_rows_by_table() for key, item in landed.items()} == {
        "301": counts,
        "302": counts,
    }
    assert [landed[key].source_form for key in ("301", "302")] == ["mixed", "csv"]
    assert ("unknown_file", "file_4.xml", "", "") in home.rules(landed["302"])


def test_a_module_in_both_forms_is_refused(home: Home) -> None:
    """Prevents every absence from being counted twice, or one of the two from vanishing."""
    home.put_files("authority_return", AUTHORITY, YEAR, {**csv_files(), "return.xml": RETURN_XML})
    rules = home.rules(home.land_one())
    tables = ("header", "episodes", "missing", "uasc")
    assert rules[:4] == [("module_in_two_forms", f"{name}.csv", "", "") for name in tables]
    # All that is wrong is wrong in both forms, and no record counts as repeated.
    names = {rule[1] for rule in rules[4:]}
    assert names == {"return.xml", "header.csv", "missing.csv", "uasc.csv"}
    assert {rule[0] for rule in rules[4:]} == {"impossible_date", "unmapped_code"}
    assert len(rules) == 18


@pytest.mark.parametrize("period", VINTAGES)
def test_a_return_of_all_modules_is_the_same_as_csv_xml_and_zip(home: Home, period: str) -> None:
    """Prevents the form in which a real system exports a return from changing its rows."""
    forms = {
        "301": csv_modules(period),
        "302": {"SSDA903.xml": xml_document(period)},
        "303": {"return.zip": zipped(csv_modules(period))},
        "304": {"return.zip": zipped({"SSDA903.xml": xml_document(period)})},
    }
    for supplier, files in forms.items():
        home.put_files("authority_return", supplier, period, files)
    landed = {item.supplier_code: item for item in home.load().landed}
    assert {item.outcome for item in landed.values()} == {"accepted"}
    expected = landed_counts(period)
    for delivery in landed.values():
        assert delivery.count_landed_rows_by_table() == expected["landed"]
        counted = {item.module_name: item.row_count for item in delivery.kept_modules}
        assert counted == expected["kept"]
        # One return of four authorities is the same children four times.
        assert {row["rule_code"] for row in home.feedback(delivery)} <= {"overlapping_delivery"}
    for table in expected["landed"]:
        rows = [
            sorted(
                tuple(value for name, value in row.items() if not name.startswith("_"))
                for row in home.rows(delivery, table)
            )
            for delivery in landed.values()
        ]
        assert all(item == rows[0] for item in rows), table
