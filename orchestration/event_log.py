"""Dagster's event log in SQLite, whose connections stay open between events.

Dagster opens and closes a file for every event, compiles each statement anew, waits for the disk
twice and asks whether tables are there. A load has some four thousand events, for each rule is a
check of its own. The files are the same; what an event means belongs to Dagster.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from threading import get_ident
from typing import Any, Self

import sqlalchemy
from dagster import EventLogEntry
from dagster._core.errors import raise_execution_interrupts
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._serdes import ConfigurableClassData
from dagster._utils.concurrency import ConcurrencyClaimStatus

# Files whose connection stays open: the index, and the runs last written or read.
OPEN_FILES = 4
# How long a writer waits for another, as in Dagster's own storage.
BUSY_SECONDS = 30
# How long a run of a command waits before it asks again for a pool that another run holds.
POOL_SECONDS = 0.5


@dataclass
class _Batch:
    """The transactions of a batch: one of each file, in the thread that writes it."""

    thread: int
    transactions: ExitStack
    connections: dict[str, sqlalchemy.Connection] = field(default_factory=dict)


class PooledEventLogStorage(SqliteEventLogStorage):
    """The event log of a home: a file for each run and an index of all.

    `is_of_command` where the run is in this very process, as a command has it.
    """

    is_of_command = False

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: OrderedDict[str, sqlalchemy.Engine] = OrderedDict()
        self._tables: set[str] = set()
        self._batch: _Batch | None = None
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> Self:
        """The event log that `dagster.yaml` describes."""
        return cls(inst_data=inst_data, **config_value)

    def has_table(self, table_name: str) -> bool:
        """Whether the index has a table. Dagster asks at every check; what was there stays."""
        if table_name not in self._tables and super().has_table(table_name):
            self._tables.add(table_name)
        return table_name in self._tables

    def claim_concurrency_slot(
        self, concurrency_key: str, run_id: str, step_key: str, priority: int | None = None
    ) -> ConcurrencyClaimStatus:
        """Claim a pool's place. A command that has to wait for it pauses, and hears an interrupt.

        Dagster's loop in one process does neither: it asks again at once, and never looks.
        """
        status = super().claim_concurrency_slot(concurrency_key, run_id, step_key, priority)
        if status.is_claimed or not self.is_of_command:
            return status
        with raise_execution_interrupts():
            time.sleep(POOL_SECONDS)
        return status.with_sleep_interval(0.0)

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Store events in one transaction of each file: a load plans some two thousand at once."""
        with self._db_lock, ExitStack() as transactions:
            self._batch = _Batch(get_ident(), transactions)
            try:
                super().store_event_batch(events)
            finally:
                self._batch = None

    @contextmanager
    def _connect(self, shard: str) -> Iterator[sqlalchemy.Connection]:
        """A transaction on the file of a run or of the index, as Dagster's own storage has it."""
        batch = self._batch
        if batch is not None and batch.thread == get_ident():
            if shard not in batch.connections:
                opened = batch.transactions.enter_context(self._transaction(shard))
                batch.connections[shard] = opened
            yield batch.connections[shard]
            return
        with self._db_lock, self._transaction(shard) as connection:
            yield connection

    @contextmanager
    def _transaction(self, shard: str) -> Iterator[sqlalchemy.Connection]:
        engine = self._engine(shard)
        if shard not in self._initialized_dbs:
            self._initdb(engine)
            self._initialized_dbs.add(shard)
        with engine.connect() as connection, connection.begin():
            yield connection

    def _engine(self, shard: str) -> sqlalchemy.Engine:
        if shard not in self._engines:
            address = self.conn_string_for_shard(shard)
            engine = sqlalchemy.create_engine(address, connect_args={"timeout": BUSY_SECONDS})
            sqlalchemy.event.listen(engine, "connect", _wait_at_checkpoints_only)
            self._engines[shard] = engine
        self._engines.move_to_end(shard)
        while len(self._engines) > OPEN_FILES:
            self._engines.popitem(last=False)[1].dispose()
        return self._engines[shard]

    def dispose(self) -> None:
        """Close every file."""
        while self._engines:
            self._engines.popitem()[1].dispose()
        super().dispose()


def _wait_at_checkpoints_only(connection: Any, _: Any) -> None:
    """A lost current may cost the last events of a run, and never a file."""
    connection.execute("pragma synchronous = normal")
