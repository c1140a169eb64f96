"""A figure of a public file: a number to its decimals, or a symbol that says why there is none.

Symbols: `c` confidential, `z` not applicable, `x` not available, `low` rounds to 0 but is not,
`u` of low reliability. Which figure has which symbol belongs to `derived` and `protection`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Literal

Symbol = Literal["c", "z", "x", "low", "u"]
SYMBOLS: dict[str, str] = {
    "c": "confidential: hidden so that no child can be identified",
    "z": "not applicable: this row cannot have this figure",
    "x": "not available: data for the period were not delivered (this does not mean 0)",
    "low": "rounds to 0, but is not 0",
    "u": "low reliability: calculated from a total of under 20",
}
# Where several inputs have a symbol, the first of these is the figure's.
PRECEDENCE: tuple[Symbol, ...] = ("z", "c", "x", "u")


@dataclass(frozen=True)
class Figure:
    """A number with its decimals, or a symbol; never both, never neither."""

    value: Fraction | float | int | None = None
    symbol: Symbol | None = None
    dp: int = 0

    @property
    def text(self) -> str:
        """The figure as it is in the file."""
        if self.symbol is not None:
            return self.symbol
        return rounded(self.value, self.dp)

    @property
    def count(self) -> int:
        """The number of a shown count. Raises `ValueError` where only a symbol is shown."""
        if self.value is None:
            raise ValueError("a figure that is not shown has no count")
        return int(self.value)


def first_symbol(figures: Iterable[Figure]) -> Symbol | None:
    """Return the symbol that a figure made of these has, or None where all are shown."""
    found = {figure.symbol for figure in figures}
    return next((symbol for symbol in PRECEDENCE if symbol in found), None)


def rounded(value: Fraction | float | int | None, dp: int) -> str:
    """Return a number with `dp` decimals, halves away from 0, and no sign before a 0.

    Raises `ValueError` without a number.
    """
    if value is None:
        raise ValueError("there is no number to round")
    if isinstance(value, Fraction):
        # To more digits than any file has, so that halves are exact where they can be.
        number = Decimal(value.numerator) / Decimal(value.denominator)
    else:
        number = Decimal(repr(value))
    quantum = Decimal(1).scaleb(-dp)
    text = format(number.quantize(quantum, rounding=ROUND_HALF_UP), "f")
    return text.removeprefix("-") if Decimal(text) == 0 else text


def percent_figure(value: Fraction | float, dp: int = 1) -> Figure:
    """Return a percentage: `low` where it would be shown as 0 and is not."""
    if value != 0 and Decimal(rounded(value, dp)) == 0:
        return Figure(symbol="low", dp=dp)
    return Figure(value=value, dp=dp)
