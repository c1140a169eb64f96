"""Which records and persons two deliveries share: a file in another supplier's folder counts twice.

Compared are deliveries of one feed from two suppliers that both owe it in the same time. What
follows from an overlap is decided in `register.feeds.holds`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.parquet as pq

from register.feeds.contract import load_contracts
from register.feeds.delivery import Delivery, Overlap, folder_in_landing
from register.feeds.seeds import is_known_supplier

# Two suppliers number records and persons alike by chance, hardly ever with the same minute or date
# of birth besides; a report passed on is given a number of its own. Authorities that share one case
# system may both export a child who moved. A fifth lies far above all of these and far below a
# file in a wrong folder, or a selection left open (decisions 30 and 55).
SHARED_SHARE = 0.2
SHARED_AT_LEAST = 3

Keys = npt.NDArray[np.uint64]


@dataclass
class Identifiers:
    """The records and persons of landed deliveries, each read once."""

    landing: Path
    seeds: Path
    read: dict[str, tuple[Keys, ...]] = field(default_factory=dict)

    def overlaps(self, new: Delivery, others: Iterable[Delivery]) -> tuple[Overlap, ...]:
        """The deliveries of other suppliers of which `new` has more than a fifth, or they of it."""
        found = []
        for other in others:
            if other.supplier_code == new.supplier_code or not self._is_comparable(new, other):
                continue
            share = max(
                (_share(*pair) for pair in zip(self.of(new), self.of(other), strict=True)),
                default=0.0,
            )
            if share > SHARED_SHARE:
                found.append(Overlap(delivery_id=other.delivery_id, share=round(share, 4)))
        return tuple(sorted(found, key=lambda item: item.delivery_id))

    def of(self, delivery: Delivery) -> tuple[Keys, ...]:
        """Hashes of each identifier of the feed's contract, sorted, none twice."""
        if delivery.delivery_id not in self.read:
            folder = folder_in_landing(delivery.feed, delivery.delivery_id)
            self.read_from(self.landing / folder, delivery)
        return self.read[delivery.delivery_id]

    def read_from(self, folder: Path, delivery: Delivery) -> None:
        """Read those of a delivery from a folder that is not in its place yet."""
        self.read[delivery.delivery_id] = tuple(
            _hashes(folder / f"{table.name}.parquet", columns)
            for table in load_contracts()[delivery.feed].tables
            for columns in table.identifying_columns
        )

    def _is_comparable(self, new: Delivery, other: Delivery) -> bool:
        """Whether each supplier owes the feed in the other's period, so that none succeeded it."""
        pairs = ((new, other), (other, new))
        return all(
            one.period_start is not None
            and one.period_end is not None
            and is_known_supplier(
                self.seeds, two.feed, two.supplier_code, one.period_start, one.period_end
            )
            for one, two in pairs
        )


def _share(one: Keys, other: Keys) -> float:
    shared = len(np.intersect1d(one, other, assume_unique=True))
    return shared / min(len(one), len(other)) if shared >= SHARED_AT_LEAST else 0.0


def _hashes(path: Path, columns: tuple[str, ...]) -> Keys:
    """Of each row that has all of these columns, their hash."""
    if not path.exists():
        return np.empty(0, dtype=np.uint64)
    with pq.ParquetFile(path) as file:
        frame = file.read(columns=list(columns), use_threads=False).to_pandas().dropna()
    if frame.empty:
        return np.empty(0, dtype=np.uint64)
    return np.unique(pd.util.hash_pandas_object(frame, index=False).to_numpy())
