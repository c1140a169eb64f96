"""A second nation, made differently from the first, to test linkage. No model is trained on it.

    python -m simulation.external_validation --children 60000 --seed 1 --out FOLDER

The command writes three files:

- `collected.parquet`: mentions as the warehouse collects them
- `care.parquet`: periods of care with their placement type
- `truth.parquet`: the true child of each mention

Names, families and clerks' habits have nothing in common with `simulation.world` and
`simulation.sources`: neither imports the other. Nothing that trains a model imports this package.
All people are invented.
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
