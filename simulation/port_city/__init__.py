"""A port city, a third maker of invented children, to judge linkage on other errors.

    python -m simulation.port_city --children 15000 --seed 1 --out FOLDER

One child in seven arrived alone. Names are heard and spelt anew by the sounds of their language,
dates of birth are converted from other calendars, and ages are disputed. Nothing is shared with the
other makers but the tables; nothing that trains a model imports this package. All people are
invented.
"""

from simulation.labelled_tables import write_tables
from simulation.port_city.port_city import make_port_city

__all__ = ["make_port_city", "write_tables"]
