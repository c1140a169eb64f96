"""A second nation, unlike the first, to which linkage is held and from which nothing is trained.

    python -m simulation.external_validation --children 60000 --seed 1 --out FOLDER

makes mentions as the warehouse collects them (`collected.parquet`), periods of care with their
placement type (`care.parquet`) and who each mention is of (`truth.parquet`). Its names, families
and clerks' habits have nothing in common with `simulation.world` and `simulation.sources`: neither
imports the other, and nothing that trains a model imports this package. All people are invented.
"""

from simulation.external_validation.validation_nation import (
    ValidationNation,
    make_validation_nation,
    write_validation_nation,
)

__all__ = [
    "ValidationNation",
    "make_validation_nation",
    "write_validation_nation",
]
