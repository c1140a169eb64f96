"""Person tables and the register's mentions are shaped as persons in one form."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from register.identity.clean import (
    ColumnsMap,
    PersonsError,
    encode_sound,
    persons,
    persons_from_mentions,
    read_columns_map,
    shape_persons,
    shape_tables,
    split_surname,
)
from register.identity.clean.name_forms import find_forename_roots
from register.identity.clean.person_tables import extract_district
from tests.identity.linkage_people import collected, new_person
from tests.identity.people import mention, mention_table


def shape_row(cells: dict[str, Any], **columns: Any) -> dict[str, Any]:
    """Shape a table of one row by a columns map."""
    table = pa.table({name: [value] for name, value in cells.items()} | {"ref": ["1"]})
    return shape_tables(table, None, ColumnsMap(key="ref", **columns)).to_pylist()[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("mohammed", "muhamad"),
        ("yusuf", "youssef"),
        ("zainab", "zeynab"),
        ("hussein", "husain"),
        ("qureshi", "koreishi"),
        ("sophie", "sofie"),
    ],
)
def test_spellings_of_one_name_sound_alike(one: str, other: str) -> None:
    """Prevents a transliteration from making two children of one."""
    assert encode_sound(one) == encode_sound(other)


@pytest.mark.parametrize(("one", "other"), [("aisha", "zoe"), ("liam", "noah"), ("ali", "omar")])
def test_different_names_sound_different(one: str, other: str) -> None:
    """Prevents a skeleton so coarse that strangers share it."""
    assert encode_sound(one) != encode_sound(other)


def test_nicknames_share_a_formal_name() -> None:
    """Prevents Bill and William from being strangers."""
    assert find_forename_roots("bill") & find_forename_roots("william")
    assert not find_forename_roots("bill") & find_forename_roots("aisha")


def test_halves_leave_particles_out() -> None:
    """Prevents every 'van' and 'bin' from being related."""
    assert split_surname("harlow bright") == ["bright", "harlow"]
    assert split_surname("van der harlow") == ["vanderharlow"]
    assert split_surname("da silva") == split_surname("silva") == ["silva"]
    assert split_surname("al janabi") == split_surname("aljanabi") == ["janabi"]
    assert split_surname("") == []


@pytest.mark.parametrize(
    ("one", "other"),
    [("kowalski", "kowalska"), ("nowicki", "nowicka"), ("ivanov", "ivanova"), ("petrov", "petrova"),
     ("dostoevskiy", "dostoevskaya"), ("kowalska nowak", "nowak kowalski")],
)  # fmt: skip
def test_a_brother_and_a_sister_have_one_surname(one: str, other: str) -> None:
    """Prevents an ending for women from making two families of one."""
    assert split_surname(one) == split_surname(other)
    forms = [shape_row({"family": each}, surname="family") for each in (one, other)]
    assert forms[0]["surname_parts"] == forms[1]["surname_parts"]
    if " " not in one:
        assert forms[0]["surname_sound"] == forms[1]["surname_sound"]


@pytest.mark.parametrize("surname", ["cole", "medina", "thomas", "silva", "eva", "nova"])
def test_other_surnames_keep_their_ending(surname: str) -> None:
    """Prevents a rule for Slavic surnames from changing all that end in a."""
    assert split_surname(surname) == [surname]


@pytest.mark.parametrize(
    ("text", "read"),
    [("2010-05-14", "20100514"), ("14/05/2010", "20100514"), ("20100514", "20100514"),
     ("2010-05-14T09:30:00", "20100514"), ("20104514", "20104514"), ("May 2010", None)],
)  # fmt: skip
def test_dates_are_read_in_the_usual_forms(text: str, read: str | None) -> None:
    """Prevents a date of birth with one wrong digit from being lost: it is evidence."""
    assert shape_row({"born": text}, birth_date="born")["birth_date"] == read


def test_a_stated_date_form_is_used() -> None:
    """Prevents American dates from being read as British ones."""
    row = shape_row({"born": "05/14/2010"}, birth_date="born", birth_date_format="%m/%d/%Y")
    assert row["birth_date"] == "20100514"


def test_names_come_with_every_form() -> None:
    """Prevents a hyphen, a second forename or an alias from hiding a name."""
    row = shape_row(
        {"given": "Mary-Ann", "family": "O'Harlow", "aka": "Zoé Bright|Unknown"},
        forenames="given", surname="family", aliases="aka",
    )  # fmt: skip
    assert (row["forename"], row["forename_whole"], row["surname"]) == (
        "mary",
        "maryann",
        "oharlow",
    )
    assert row["forenames"] == ["mary", "maryann", "zoe"]
    assert row["surnames"] == ["bright", "oharlow"]


def test_postcodes_of_any_form_have_a_district() -> None:
    """Prevents a truncated or foreign postcode from being thrown away."""
    row = shape_row({"now": "s1 1aa", "before": "LE2"}, postcodes=["now", "before"])
    assert (row["postcodes"], row["districts"]) == (["S11AA"], ["LE2", "S1"])
    assert row["areas"] == ["LE", "S"], "the letters alone: S1 and S11 are of one city"
    assert extract_district("2576") == "257"


def test_mentions_keep_sets_and_use_what_else_is_known() -> None:
    """Prevents a recorded age, sex or district from being left out."""
    facts = mention(
        "a",
        "Aisha|Harlow",
        "Zoe|Bright",
        primary="Zoe|Bright",
        sex="female",
        born=[],
        born_from=date(2009, 6, 1),
        born_to=date(2010, 5, 31),
        postcodes=["S1 1AA", "LE2"],
    )
    mentions = mention_table(facts)
    row = persons_from_mentions(mentions).to_pylist()[0]
    assert (row["forename"], row["surnames"]) == ("zoe", ["bright", "harlow"])
    assert (row["birth_year_least"], row["birth_year_most"], row["birth_date"]) == (
        2009,
        2010,
        None,
    )
    assert (row["sex"], row["districts"], row["postcodes_private"]) == (
        "female",
        ["LE2", "S1"],
        ["S11AA"],
    )


def test_no_event_date_is_in_the_shape() -> None:
    """Prevents linking by when children went missing, which is what the register measures."""
    row = persons_from_mentions(mention_table(mention("a", "Aisha|Harlow")))
    assert not {name for name in row.column_names if name.endswith("_at") or "start" in name}


def test_positions_follow_keys_and_keys_must_be_unique() -> None:
    """Prevents a pair from depending on the order of delivery, and two persons from one key."""
    persons = shape_persons(collected(new_person("b"), new_person("a")))
    assert persons["person_key"].to_pylist() == ["a", "b"]
    with pytest.raises(PersonsError):
        shape_persons(collected(new_person("a"), new_person("a")))


def test_a_map_that_does_not_fit_is_refused_by_name(tmp_path: Path) -> None:
    """Prevents a misspelt column from being read as missing everywhere."""
    with pytest.raises(PersonsError, match="no such column: famly"):
        shape_row({"family": "Harlow"}, surname="famly")
    path = tmp_path / "map.yaml"
    path.write_text("key: ref\nsurnme: family\n")
    with pytest.raises(PersonsError, match=r"map\.yaml.*surnme"):
        read_columns_map(path)


def test_the_right_table_may_have_other_columns() -> None:
    """Prevents two sources with their own headings from needing to be rewritten first."""
    columns = ColumnsMap(key="ref", surname="family", right={"key": "id", "surname": "last"})
    left, right = (
        pa.table({"ref": ["1"], "family": ["Harlow"]}),
        pa.table({"id": ["1"], "last": ["Bright"]}),
    )
    rows = shape_tables(left, right, columns).to_pylist()
    assert {row["person_key"]: row["surname"] for row in rows} == {
        "left|1": "harlow",
        "right|1": "bright",
    }


@pytest.mark.parametrize("kept", ["sql/shaped_persons.sql", "name_spellings.yaml"])
def test_kept_shapes_follow_the_files_that_make_them(
    kept: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents kept persons of an older query or table, which are files beside the module."""
    folder = tmp_path / "clean"
    shutil.copytree(Path(persons.__file__).parent, folder)
    monkeypatch.setattr(persons, "__file__", str(folder / "persons.py"))
    hash_whole = persons.hash_shaping_code.__wrapped__
    before = hash_whole()
    with (folder / kept).open("a") as file:
        file.write("# another\n")
    assert hash_whole() != before
