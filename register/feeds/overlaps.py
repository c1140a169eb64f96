"""Overlaps: records and persons that deliveries of two suppliers have in common.

An overlap shows, for example, that a file is in the wrong folder. Deliveries of one feed are
compared if each supplier must deliver the feed in the other's period. Holding a delivery because of
an overlap belongs in `register.feeds.holds`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from register.data_keys import KeyRing
from register.feeds.contract import load_contracts
from register.feeds.delivery import Delivery, IdentifierKeys, Overlap, folder_in_landing
from register.feeds.seeds import is_known_supplier
from register.parquet_files import read_parquet

# Two suppliers may use the same number by chance, but hardly ever with the same minute or date of
# birth. Authorities that share a case system may both export a child who moved between them. Such
# coincidences give far less than a fifth of the smaller delivery, and a file put into the wrong
# folder gives far more (decision 30).
SHARED_SHARE = 0.2
MIN_SHARED = 3


@dataclass
class DeliveryIdentifiers:
    """Identifiers of records and persons in deliveries, read once and then cached."""

    landing: Path
    seeds: Path
    ring: KeyRing | None = field(default=None, repr=False)
    keys_by_delivery: dict[str, tuple[IdentifierKeys, ...]] = field(default_factory=dict)

    def find_overlaps(self, new: Delivery, others: Iterable[Delivery]) -> tuple[Overlap, ...]:
        """Return the overlaps with other suppliers' deliveries above the limit, in order of id."""
        overlaps = []
        for other in others:
            if other.supplier_code == new.supplier_code or not self._is_comparable(new, other):
                continue
            share = max(
                (
                    _compute_share(*pair)
                    for pair in zip(self.read_keys(new), self.read_keys(other), strict=True)
                ),
                default=0.0,
            )
            if share > SHARED_SHARE:
                overlaps.append(Overlap(delivery_id=other.delivery_id, share=round(share, 4)))
        return tuple(sorted(overlaps, key=lambda item: item.delivery_id))

    def read_keys(self, delivery: Delivery) -> tuple[IdentifierKeys, ...]:
        """Return the keys of a delivery, as `hash_identifiers` does."""
        if delivery.delivery_id not in self.keys_by_delivery:
            folder = self.landing / folder_in_landing(delivery.feed, delivery.delivery_id)
            tables = {}
            for table in load_contracts()[delivery.feed].tables:
                path = folder / f"{table.name}.parquet"
                columns = list(dict.fromkeys(chain.from_iterable(table.identifying_columns)))
                if columns and path.exists():
                    tables[table.name] = read_parquet(self.ring, path, columns)
            self.keys_by_delivery[delivery.delivery_id] = hash_identifiers(delivery.feed, tables)
        return self.keys_by_delivery[delivery.delivery_id]

    def _is_comparable(self, new: Delivery, other: Delivery) -> bool:
        """Return whether both suppliers must deliver the feed, each in the other's period."""
        pairs = ((new, other), (other, new))
        return all(
            one.period_start is not None
            and one.period_end is not None
            and is_known_supplier(
                self.seeds, two.feed, two.supplier_code, one.period_start, one.period_end
            )
            for one, two in pairs
        )


def _compute_share(one: IdentifierKeys, other: IdentifierKeys) -> float:
    shared = len(np.intersect1d(one, other, assume_unique=True))
    return shared / min(len(one), len(other)) if shared >= MIN_SHARED else 0.0


def hash_identifiers(feed: str, tables: Mapping[str, pa.Table]) -> tuple[IdentifierKeys, ...]:
    """Return the keys of each identifier in the contract, from a delivery's landed tables.

    A key is a hash of an identifier's values in one row. Keys are sorted and distinct. Rows that
    lack one of the values have no key.
    """
    return tuple(
        _hash_rows(tables[table.name].select(list(columns)))
        if table.name in tables
        else np.empty(0, dtype=np.uint64)
        for table in load_contracts()[feed].tables
        for columns in table.identifying_columns
    )


def _hash_rows(rows: pa.Table) -> IdentifierKeys:
    # No landed text contains a NUL, so it separates the values.
    texts = pc.binary_join_element_wise(*rows.columns, "\0").drop_null()
    return np.unique(pd.util.hash_array(texts.to_numpy(), categorize=False))
