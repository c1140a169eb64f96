"""Particles, titles, customary names and compounds: what counts as a forename."""

from __future__ import annotations

import pytest

from register.identity.clean import build_name_sets, is_name_within
from register.identity.clean.name_forms import build_name_forms
from register.identity.clean.name_tokens import find_called_name, tokenise_name


@pytest.mark.parametrize(
    ("forenames", "called"),
    [
        ("maria ana", "maria"),
        ("ana maria", "ana"),
        ("mohammed ali", "ali"),
        ("md ali", "ali"),
        ("mohammed", "mohammed"),
        ("mohammed j", "mohammed"),
        ("mohammed abdul", "mohammed"),
        ("ali mohammed", "ali"),
        ("abdul hamid", "abdulhamid"),
        ("syed bilal", "bilal"),
        ("syed mohammed ali", "ali"),
        ("haji ali", "ali"),
        ("mst fatima", "fatima"),
        ("bibi amina", "amina"),
        ("bibi", "bibi"),
        ("gebre meskel", "gebremeskel"),
        ("gebre", "gebre"),
        ("haile kidane", "haile"),
        ("van hung", "hung"),
        ("thi thu huong", "thu"),
        ("abdul", None),
        ("syed", None),
        ("thi", None),
        ("van", None),
        ("al", None),
        ("", None),
    ],
)
def test_a_child_is_called_by_a_name_and_not_by_a_particle_or_title(
    forenames: str, called: str | None
) -> None:
    """Prevents two children from having one forename because both are Syed, Abdul or Mohammed."""
    assert find_called_name(forenames) == called


@pytest.mark.parametrize("name", ["abdul|rahimi", "syed|shah", "thi|tran", "|rahimi"])
def test_a_particle_alone_is_a_missing_forename(name: str) -> None:
    """Prevents a particle alone from agreeing with a particle alone, or with a name."""
    form = build_name_forms([name]).to_pylist()[0]
    assert [form[part] for part in ("forename", "forename_whole", "forename_sound")] == [None] * 3
    assert form["forename_roots"] == []
    assert form["name_sets"] == []


def test_an_abbreviation_is_written_in_full() -> None:
    """Prevents Md and Mohammed from being two forenames."""
    forms = build_name_forms(["md|alam", "mohammed|alam"]).to_pylist()
    assert {form["forename"] for form in forms} == {"mohammed"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("gebre medhin|haile", "gebremedhin|haile"),
        ("habte mariam|tesfay", "tesfay|habtemariam"),
        ("tesfay|gebre meskel", "tesfay gebremeskel|"),
        ("saif ullah|khan", "saifullah|khan"),
        ("salah uddin|omar", "salahuddin|omar"),
        ("noor ud din|khan", "nooruddin|khan"),
        ("jamal uddin|ahmed", "jamal|uddin"),
        ("reza|ali zadeh", "reza|alizadeh"),
        ("zia ul haq|malik", "ziaul haq|malik"),
        ("xiao ming|wang", "xiaoming|wang"),
        ("mary jane|cole", "maryjane|cole"),
        ("abdur rahman|ali", "abdulrahman|ali"),
        ("abdul|rahman ali", "abdulrahman|ali"),
        ("sean|o neill", "sean|oneill"),
        ("ana|da silva", "ana|silva"),
        ("syed bilal|shah", "bilal|shah"),
    ],
)
def test_a_name_is_found_joined_and_apart(one: str, other: str) -> None:
    """Prevents a space between the halves of a name from making two children."""
    assert is_name_within([one], [other])
    assert is_name_within([other], [one])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("gebre medhin|haile", "gebre meskel|haile"),
        ("saif ullah|khan", "saif uddin|khan"),
        ("syed|shah", "syed bilal|shah"),
        ("syed ali|shah", "syed bilal|shah"),
        # A missing half is no agreement.
        ("tesfay|", "tesfay|haile"),
        ("|haile tesfay", "tesfay|haile"),
        # Customary names alone.
        ("mohammed|singh", "mohammed zeeshan|singh"),
        ("bibi|begum", "bibi amina|begum"),
    ],
)
def test_shared_halves_and_customary_names_are_not_a_name(one: str, other: str) -> None:
    """Prevents brothers, and strangers with customary names, from passing for one child."""
    assert not is_name_within([one], [other])


def test_father_and_grandfather_may_be_recorded_in_turn() -> None:
    """Prevents a name without a family name from being two names when one part is left out."""
    assert tokenise_name("abel haile|tesfay") == tokenise_name("tesfay|abel haile")
    assert is_name_within(["abel|haile"], ["abel haile|tesfay"])
    assert set(build_name_sets(["abel|haile"])).isdisjoint(build_name_sets(["samuel|haile"]))
