"""Customary names: names that identify neither the family nor the child.

Men of any family bear Singh, and women of any family bear Kaur, Begum, Bibi or Khatun. Many boys
have Mohammed before the name by which they are called. `coincidences` counts how common names are
in a register. The list of `clean.is_customary` also works in a register that is too small for such
counts.
"""

from __future__ import annotations

from collections.abc import Iterable

from register.identity.clean import is_customary


def share_custom_alone(one_names: Iterable[str], other_names: Iterable[str]) -> bool:
    """Say whether two sets of names (`forenames|surname`) have only customary names in common.

    Tokens are compared letter by letter, in either field: Harjit and Harjot are two names. The
    result is False if the sets have no name in common.
    """
    common = _list_tokens(one_names) & _list_tokens(other_names)
    return bool(common) and all(is_customary(token) for token in common)


def _list_tokens(names: Iterable[str]) -> set[str]:
    """Return all tokens of at least two letters in the names."""
    return {
        token for name in names for token in name.replace("|", " ").split(" ") if len(token) > 1
    }
