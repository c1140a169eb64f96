"""Places of a port city: the city, the county around it, authorities far away, and their forces."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

# The authority's name, its force, its postcode area, and its share of the children.
AUTHORITIES = (
    ("city", "port", "QH", 0.58),
    ("county", "port", "QJ", 0.22),
    ("inland", "inland", "QK", 0.08),
    ("capital_east", "capital", "QL", 0.05),
    ("capital_west", "capital", "QM", 0.04),
    ("north", "north", "QN", 0.03),
)
LETTERS = "ABDEFGHJLNPQRSTUWXYZ"


@dataclass(frozen=True)
class Authority:
    """One authority: its force, its share of the children, its streets and shared addresses.

    All addresses are postcodes. `carers` are foster homes, each with a few children who are no kin.
    """

    code: str
    force: str
    share: float
    streets: tuple[str, ...]
    homes: tuple[str, ...]
    hotels: tuple[str, ...]
    carers: tuple[str, ...]


def build_authorities(random: Random, children: int) -> list[Authority]:
    """Return the authorities of a city with this many children."""
    return [
        Authority(
            code,
            force,
            share,
            streets=_postcodes(random, area, max(40, round(children * share * 1.6))),
            homes=_postcodes(random, area, max(2, round(children * share / 160))),
            hotels=_postcodes(random, area, max(1, round(children * share / 1500))),
            carers=_postcodes(random, area, max(8, round(children * share / 9))),
        )
        for code, force, area, share in AUTHORITIES
    ]


def draw_authority(random: Random, authorities: list[Authority]) -> Authority:
    """Return a random authority; large ones are drawn more often."""
    return random.choices(authorities, [each.share for each in authorities])[0]


def draw_street(random: Random, authority: Authority) -> str:
    """Return the postcode of a household; dense streets are drawn more often."""
    return authority.streets[int(len(authority.streets) * random.random() ** 1.3)]


def _postcodes(random: Random, area: str, count: int) -> tuple[str, ...]:
    def draw() -> str:
        inward = f"{random.randint(0, 9)}{''.join(random.choices(LETTERS, k=2))}"
        return f"{area}{random.randint(1, 24)} {inward}"

    return tuple(draw() for _ in range(count))
