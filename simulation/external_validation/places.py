"""Places of a validation nation: authorities with districts, streets, homes and a police force.

Postcodes look British but are invented. Each belongs to one authority.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

AREAS = (
    "B BD BL BN BR BS CB CH CM CO CR CT CV CW DA DE DH DL DN DT DY E EN EX FY GL GU HA HD HG HP HR"
    " HU HX IG IP KT L LA LE LN LS LU M ME MK N NE NG NN NR NW OL OX PE PL PO PR RG RH RM S SE SG"
    " SK SL SM SN SO SP SR SS ST SW SY TA TF TN TQ TR TS TW UB W WA WD WF WN WR WS WV YO"
)
INWARD_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"


@dataclass(frozen=True)
class Authority:
    """One authority: its number, force, postcode districts, homes and hostels, and its size.

    `homes` and `hostels` are postcodes. `size` is the authority's share of the nation.
    """

    number: int
    force: int
    districts: tuple[str, ...]
    homes: tuple[str, ...]
    hostels: tuple[str, ...]
    size: float

    @property
    def issuer_code(self) -> str:
        """The code under which the authority sends records."""
        return f"A{self.number:03d}"


class Places:
    """The authorities of one nation, and a source of random addresses in them."""

    def __init__(
        self, random: Random, authority_count: int, force_count: int, children: int
    ) -> None:
        self.random = random
        self.authorities: list[Authority] = []
        self.streets: list[list[str]] = []
        edges = _district_groups(random, authority_count)
        sizes = [random.lognormvariate(0.0, 0.6) for _ in edges]
        total = sum(sizes)
        for number, districts in enumerate(edges):
            share = sizes[number] / total
            homes = tuple(
                self.postcode_in(districts) for _ in range(max(1, round(children * share / 150)))
            )
            hostels = tuple(
                self.postcode_in(districts) for _ in range(max(1, round(children * share / 700)))
            )
            force = number * force_count // len(edges)
            self.authorities.append(Authority(number, force, districts, homes, hostels, share))
            count = max(20, round(children * share * 3))
            self.streets.append([self.postcode_in(districts) for _ in range(count)])
        self.codes = [force_code(number) for number in range(force_count)]

    def postcode_in(self, districts: tuple[str, ...]) -> str:
        """Return an invented postcode in one of these districts."""
        random = self.random
        inward = f"{random.randint(0, 9)}{''.join(random.choices(INWARD_LETTERS, k=2))}"
        return f"{random.choice(districts)} {inward}"

    def draw_authority(self) -> Authority:
        """Return a random authority; large ones are drawn more often."""
        return self.random.choices(self.authorities, self.sizes)[0]

    @property
    def sizes(self) -> list[float]:
        """The share of each authority in the nation."""
        return [authority.size for authority in self.authorities]

    def draw_street(self, authority: Authority) -> str:
        """Return a household's postcode; some streets are drawn much more often than others."""
        streets = self.streets[authority.number]
        return streets[int(len(streets) * self.random.random() ** 1.5)]

    def other_authority(self, authority: Authority) -> Authority:
        """Return another authority: in half of all cases a nearby one, else any in the nation."""
        random = self.random
        if random.random() < 0.5:
            step = random.choice((-2, -1, 1, 2))
            return self.authorities[(authority.number + step) % len(self.authorities)]
        return random.choice(self.authorities)


def force_code(number: int) -> str:
    """Return the code under which a police force sends records."""
    return f"P{number:02d}"


def _district_groups(random: Random, count: int) -> list[tuple[str, ...]]:
    """Return the districts of each authority; they are neighbours in one postcode area."""
    every = [f"{area}{number}" for area in AREAS.split() for number in range(1, 16)]
    width = min(12, len(every) // count)
    return [
        tuple(every[start : start + random.randint(min(3, width), width)])
        for start in range(0, count * width, width)
    ]
