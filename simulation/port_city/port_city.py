"""The records of a port city as tables, with the truth."""

from __future__ import annotations

from random import Random

from simulation.labelled_tables import LabelledTables, build_tables
from simulation.port_city.city import build_authorities
from simulation.port_city.offices import Clerks
from simulation.port_city.residents import Population

ALONE_SHARE = 0.14


def make_port_city(children: int, seed: int, strangers: float = 0.0) -> LabelledTables:
    """Return the records of a city with this many children, or a few more.

    `strangers` (0 to 1) is the share of children who are planted with the name and date of birth of
    another child, in addition to those who have both by chance. The same arguments give the same
    tables.
    """
    streams = {name: Random(f"{seed}:{name}") for name in ("city", "people", "clerks")}
    authorities = build_authorities(streams["city"], children)
    population = Population(streams["people"], authorities)
    population.add_all(children, ALONE_SHARE, strangers)
    clerks = Clerks(streams["clerks"], authorities)
    clerks.write(population.children)
    return build_tables(clerks.mentions, clerks.care, clerks.truth)
