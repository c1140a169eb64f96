"""Codes are shown as words, the same everywhere."""

from __future__ import annotations

import pytest

from register.labels import code_to_label, code_to_words, name_population


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("cce_flag", "criminal exploitation suspected"),
        ("uasc", "unaccompanied asylum-seeking child"),
        ("dob_in_future", "date of birth in future"),
        ("one_letter_off", "one letter off"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_code_becomes_words(code: str | None, words: str) -> None:
    """Prevents *Cce flag* and *Uasc* on a page that people read."""
    assert code_to_words(code) == words
    assert code_to_label(code) == words[:1].upper() + words[1:]


def test_a_group_of_children_has_a_name_of_its_own() -> None:
    """Prevents *Home* from standing both for a place and for children who are not in care."""
    assert name_population("home") == "Not looked after"
    assert name_population("every_child") == "Every child"
    assert code_to_label("home") == "Home"
