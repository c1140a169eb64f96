"""What commands print."""

from __future__ import annotations

from importlib import import_module

import pytest

console = import_module("interfaces.command_line.console")


@pytest.mark.parametrize(
    ("number", "noun", "text"),
    [
        (0, "row", "0 rows"),
        (1, "row", "1 row"),
        (2_000, "row", "2,000 rows"),
        (1, "delivery", "1 delivery"),
        (2, "delivery", "2 deliveries"),
        (2, "public key", "2 public keys"),
    ],
)
def test_a_number_has_its_noun(number: int, noun: str, text: str) -> None:
    """Prevents a table of `1 rows`."""
    assert console.format_count(number, noun) == text
