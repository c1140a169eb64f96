"""Cleaning of names, postcodes and identifiers, one error mode a case."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from register.identity.clean import fields


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Amelia   Rose ", "amelia rose"),
        ("O'NEILL", "oneill"),
        ("O\u2019Neill", "oneill"),
        ("Smith-Jones", "smith jones"),
        ("Zo\u00eb", "zoe"),
        ("\u0141ukasz", "lukasz"),
        ("I\u015f\u0131k", "isik"),
        ("Unknown", None),
        ("N/K", None),
        ("Baby Girl", None),
        ("--", None),
        ("", None),
        (None, None),
    ],
)
def test_a_name_is_cleaned_to_plain_tokens_or_to_nothing(text, expected):
    """Prevents a hyphen from making two children of one, and 'unknown' from linking strangers."""
    assert fields.clean_name(text) == expected


@given(st.text())
def test_cleaning_a_clean_name_changes_nothing(text):
    """Prevents a name that is cleaned in two places from differing from itself."""
    once = fields.clean_name(text)
    assert fields.clean_name(once) == once


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Jack William|O'Neill", "jack william|oneill"),
        ("Jack|Unknown", "jack|"),
        ("Jackie Flynn", "jackie|flynn"),
        ("Ghost", "ghost|"),
        ("Unknown|N/K", None),
    ],
)
def test_a_persons_name_keeps_its_two_parts_and_an_alias_gains_them(text, expected):
    """Prevents an alias recorded in one piece from never matching the same name in two parts."""
    assert fields.clean_person_name(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("s1 1aa", "S11AA"),
        ("SO1 2AB", "SO12AB"),
        ("S1 IAA", "S11AA"),
        ("N1 OAA", "N10AA"),
        ("EC1A 1BB", "EC1A1BB"),
        ("SW1A", None),
        ("ZZ99 3VZ", None),
        ("not known", None),
    ],
)
def test_a_postcode_is_compact_and_its_letter_o_and_digit_0_are_corrected(text, expected):
    """Prevents one address in two spellings, and no fixed abode taken for an address."""
    assert fields.clean_postcode(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nhs|943 476 5919", "nhs|9434765919"),
        ("nhs|943 476 5918", None),
        ("nhs|0000000000", None),
        ("upn|A823432106004", None),
        ("home_office|a-1234567", "home_office|A1234567"),
        ("home_office|pending", None),
        ("police|nom/00123-26", "police|NOM0012326"),
        ("police|see file", None),
        ("passport|123456789", None),
    ],
)
def test_an_identifier_counts_only_in_a_form_it_can_have(text, expected):
    """Prevents 'not known', typed as an NHS number, from linking the children of a county."""
    assert fields.clean_identifier(text) == expected


def test_a_upn_counts_when_its_check_letter_holds():
    """Prevents a pupil number with one wrong digit from linking two pupils."""
    body = "823432106003"
    letter = fields.UPN_CHECK_LETTERS[
        sum(int(digit) * (place + 2) for place, digit in enumerate(body)) % 23
    ]
    assert fields.clean_unique_pupil_number(f"{letter}{body}") == f"{letter}{body}"
    assert fields.clean_unique_pupil_number(f"{letter}{body[:-1]}4") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("s1", "S1"),
        ("LS1 ", "LS1"),
        ("SW1A", "SW1A"),
        ("S1 1AA", None),
        ("ZZ99", None),
        ("nowhere", None),
        (None, None),
    ],
)
def test_a_postcode_cut_to_its_outward_code_is_a_district(text, expected):
    """Prevents the district in a truncated postcode from being lost."""
    assert fields.clean_district(text) == expected
