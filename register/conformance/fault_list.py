"""The registry of faults: for each rule, how a sample delivery is made to break it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from register.conformance.sample_delivery import Sample, Setting

# Returns the bad sample of a setting; None if a delivery in this layout cannot have the fault.
FaultMaker = Callable[[Setting], Sample | None]


@dataclass(frozen=True)
class Fault:
    """A fault of one rule. If `is_of_layout`, each layout gets a sample, otherwise each feed."""

    rule_code: str
    make_sample: FaultMaker
    is_of_layout: bool


FAULTS: dict[str, Fault] = {}


def declare_fault(
    rule_code: str, *, is_of_layout: bool = True
) -> Callable[[FaultMaker], FaultMaker]:
    """Register a function that makes a sample which breaks a rule, and no other."""

    def register_fault(maker: FaultMaker) -> FaultMaker:
        FAULTS[rule_code] = Fault(rule_code, maker, is_of_layout)
        return maker

    return register_fault
